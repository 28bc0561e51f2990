"""Synthetic sweeps: the tidy table that runs would produce, from formulas instead of a model."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from cpsim.draws import generator

Draw = Callable[[str], np.random.Generator]
"""Gives the generator of a key, such as `children`, for one outcome with one seed; the same in every arm."""

Formula = Callable[[pd.DataFrame, Draw], object]


def build_runs(points: pd.DataFrame, seeds: int, arms: Mapping[str, Mapping[str, Formula]]) -> pd.DataFrame:
    """Build the table of runs; a formula gives an outcome of an arm at all points for the children of one seed."""
    rows = []
    for arm, outcomes in arms.items():
        for seed in range(1, seeds + 1):
            outcomes_of_run = {
                name: formula(points, _key_draws(seed, name)) for name, formula in outcomes.items()
            }
            rows.append(points.reset_index().assign(arm=arm, seed=seed, **outcomes_of_run))
    runs = pd.concat(rows, ignore_index=True)
    runs["arm"] = pd.Categorical(runs["arm"], categories=list(arms))
    runs = runs.assign(status="done", stage=None, error=None, scenario_hash="0", version="0")
    runs = runs.sort_values(["arm", "point", "seed"], ignore_index=True)
    runs.insert(0, "run_id", [f"{number:016x}" for number in range(len(runs))])
    return runs


def draw_points(number: int, settings: list[str], seed: int = 0) -> pd.DataFrame:
    """Draw points from the unit cube, each setting by its own key."""
    cells = {setting: generator(seed, setting).random(number) for setting in settings}
    return pd.DataFrame(cells, index=pd.RangeIndex(number, name="point"))


def draw_chance(points: pd.DataFrame, draw: Draw, arm_number: int, children: float, own: float) -> pd.Series:
    """Draw chance: of the children, which all arms and points share, and of the arm at each point."""
    shared = draw("children").normal(0, children)
    return shared + pd.Series(draw(f"arm {arm_number}").normal(0, own, len(points)), points.index)


def build_table(points: pd.DataFrame, seeds: int, formula: Formula) -> pd.DataFrame:
    """Build the table of one outcome, shape (points, seeds)."""
    columns = {seed: formula(points, _key_draws(seed, "outcome")) for seed in range(1, seeds + 1)}
    return pd.DataFrame(columns, index=points.index)


def _key_draws(seed: int, outcome: str) -> Draw:
    return lambda key: generator(seed, f"{outcome} {key}")
