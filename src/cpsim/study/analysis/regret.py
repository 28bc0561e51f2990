"""How much each arm is worse than the best, across the worlds that could be.

Every point is a plausible world, and every arm is a choice. The regret of a choice in a world is how much worse it is
there than the best choice for that world (Savage 1951). Chance makes some arm look best in every world, so that regret
is never below zero and somewhat too high where seeds are few.
"""

import numpy as np
import pandas as pd

from cpsim.results.directions import sign_of_worse
from cpsim.study.analysis.inference import CONFIDENCE, Numbers
from cpsim.study.analysis.tables import arms_of, outcome_table

_RESAMPLES = 500


def regret_by_world(runs: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Regret of each arm in each world [points, arms], of means over seeds; worlds with a gap are left out.

    Raises:
        ValueError: of the outcome nobody can say which way it is better.
    """
    values, points, arms = _values(runs, outcome)
    return pd.DataFrame(_regret(values.mean(axis=2)).T, index=points, columns=arms)


def regret(runs: pd.DataFrame, outcome: str, *, seed: int = 1) -> pd.DataFrame:
    """Each arm's regret over all worlds.

    Args:
        runs: tidy table of a sweep with at least two arms.
        outcome: one of its outcomes of which a better direction is known.
        seed: draws the bootstrap samples of seeds.

    Returns:
        A row an arm, the smallest `max` first: `arm`, `max`, `mean` (in units of the outcome), `best`, the share of
        worlds in which no arm is better, each with `_low` and `_high` (95 %, percentiles of the bootstrap over seeds;
        not a number with one seed), and `worlds`.

    Raises:
        ValueError: of the outcome nobody can say which way it is better.
    """
    values, points, arms = _values(runs, outcome)
    if not len(points):
        return pd.DataFrame()
    found = _summary(values.mean(axis=2))
    low, high = _interval(values, seed)
    columns = {"arm": arms}
    for place, name in enumerate(("max", "mean", "best")):
        columns |= {name: found[place], f"{name}_low": low[place], f"{name}_high": high[place]}
    return (
        pd.DataFrame(columns).assign(worlds=len(points)).sort_values("max", kind="stable", ignore_index=True)
    )


def _values(runs: pd.DataFrame, outcome: str) -> tuple[Numbers, pd.Index, list[str]]:
    """How bad each arm is [arms, worlds, seeds], the worlds and the arms."""
    sign = sign_of_worse(outcome)
    if not sign:
        raise ValueError(f"which way is {outcome} better?")
    arms = arms_of(runs)
    tables = [outcome_table(runs, arm, outcome) for arm in arms]
    whole = pd.concat(tables, axis=1).dropna().index
    return sign * np.stack([table.loc[whole].to_numpy() for table in tables]), whole, arms


def _regret(bad: Numbers) -> Numbers:
    """[arms, worlds] from how bad each is there."""
    regrets: Numbers = bad - bad.min(axis=0)
    return regrets


def _summary(bad: Numbers) -> Numbers:
    """Largest and mean regret, and the share of worlds where an arm is best [3, arms]; ties are best together."""
    regrets = _regret(bad)
    return np.array([regrets.max(axis=1), regrets.mean(axis=1), (regrets == 0).mean(axis=1)])


def _interval(values: Numbers, seed: int) -> tuple[Numbers, Numbers]:
    arms, _, seeds = values.shape
    if seeds < 2:
        return np.full((3, arms), np.nan), np.full((3, arms), np.nan)
    draws = np.random.default_rng(seed)
    picks = draws.integers(seeds, size=(_RESAMPLES, seeds))
    resampled = np.array([_summary(values[:, :, pick].mean(axis=2)) for pick in picks])
    low, high = np.quantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return low, high
