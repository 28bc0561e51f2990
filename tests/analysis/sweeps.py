"""Synthetic sweeps: the tidy table that runs would produce, from formulas instead of a model."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

Formula = Callable[[pd.DataFrame, np.random.Generator], object]


def build_runs(
    points: pd.DataFrame, seeds: int, arms: Mapping[str, Mapping[str, Formula]], noise_seed: int = 0
) -> pd.DataFrame:
    """Build the table of runs; a formula gives an outcome of an arm at all points for the children of one seed."""
    rows = []
    for arm, outcomes in arms.items():
        for seed in range(1, seeds + 1):
            outcomes_of_run = {
                name: formula(points, np.random.default_rng([noise_seed, seed]))
                for name, formula in outcomes.items()
            }
            rows.append(points.reset_index().assign(arm=arm, seed=seed, **outcomes_of_run))
    runs = pd.concat(rows, ignore_index=True)
    runs["arm"] = pd.Categorical(runs["arm"], categories=list(arms))
    runs = runs.assign(status="done", stage=None, error=None, scenario_hash="0", version="0")
    runs = runs.sort_values(["arm", "point", "seed"], ignore_index=True)
    runs.insert(0, "run_id", [f"{number:016x}" for number in range(len(runs))])
    return runs


def draw_points(number: int, settings: list[str], seed: int = 0) -> pd.DataFrame:
    """Draw points from the unit cube."""
    cells = np.random.default_rng(seed).random((number, len(settings)))
    return pd.DataFrame(cells, columns=settings, index=pd.RangeIndex(number, name="point"))


def build_table(points: pd.DataFrame, seeds: int, formula: Formula) -> pd.DataFrame:
    """Build the table of one outcome, shape (points, seeds)."""
    columns = {seed: formula(points, np.random.default_rng([7, seed])) for seed in range(1, seeds + 1)}
    return pd.DataFrame(columns, index=points.index)
