"""Regret: how much worse each arm is than the best arm, across plausible worlds.

Every point is a plausible world, and every arm is a choice. The regret of a choice in a plausible world is how much
worse it is there than the best choice for it (Savage 1951). Chance makes some arm seem best everywhere, so estimated
regret is never below zero, and somewhat too high if seeds are few.

In the examples, `runs` are the runs of a sweep with the arms `as_it_was`, `asked` and `bound`, eight points and four
seeds, as `cpsim.load_sweep` returns them.
"""

from functools import reduce

import numpy as np
import pandas as pd

from cpsim.analysis.tables import list_arms, outcome_table
from cpsim.arrays import Floats
from cpsim.inference import CONFIDENCE, find_rounding_error
from cpsim.measures.outcomes import sign_of_worse

__all__ = ["regret", "regret_by_world"]

_RESAMPLES = 500


def regret_by_world(runs: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Compute the regret of each arm at each point, from means over seeds.

    Args:
        runs: tidy table of a sweep with at least two arms.
        outcome: one of its outcomes with a known better direction.

    Returns:
        Regret, shape (points, arms); points with a gap are left out.

    Raises:
        ValueError: the outcome has no known better direction.

    At every point some arm has no regret:

    >>> regret_by_world(runs, "missed_risk_rate").min(axis=1).unique().tolist()
    [0.0]
    """
    values, points, arms = _select_values(runs, outcome)
    return pd.DataFrame(_compute_regret(values.mean(axis=2)).T, index=points, columns=arms)


def regret(runs: pd.DataFrame, outcome: str, *, seed: int = 1) -> pd.DataFrame:
    """Sum up each arm's regret over all points.

    Args:
        runs: tidy table of a sweep with at least two arms.
        outcome: one of its outcomes with a known better direction.
        seed: seed of the bootstrap samples of seeds.

    Returns:
        A row for each arm, the smallest `max` first: `arm`, `max`, `mean` (in units of the outcome), `best`, the share
        of points at which no arm is better, each with `_low` and `_high` (95%, percentiles of the bootstrap over seeds;
        NaN with one seed), and `worlds`, the number of points.

    Raises:
        ValueError: the outcome has no known better direction.

    Under the duty more families are assessed with neither at every point, so it is nowhere the best arm for them:

    >>> found = regret(runs, "assessed_neither_per_10k_year").set_index("arm")
    >>> float(found.loc["bound", "best"]), found.index[-1]
    (0.0, 'bound')
    """
    values, points, arms = _select_values(runs, outcome)
    if not len(points):
        return pd.DataFrame()
    found = _summarise_regret(values.mean(axis=2))
    low, high = _bootstrap_summary(values, seed)
    columns = {"arm": arms}
    for place, name in enumerate(("max", "mean", "best")):
        columns |= {name: found[place], f"{name}_low": low[place], f"{name}_high": high[place]}
    return (
        pd.DataFrame(columns).assign(worlds=len(points)).sort_values("max", kind="stable", ignore_index=True)
    )


def _select_values(runs: pd.DataFrame, outcome: str) -> tuple[Floats, pd.Index, list[str]]:
    """Return how bad each arm is, shape (arms, points, seeds), the points and the arms.

    Seeds that an arm has not run yet are left out, and then the points at which a run is missing.
    """
    sign = sign_of_worse(outcome)
    if not sign:
        raise ValueError(f"{outcome} has no known better direction; choose an outcome with one")
    arms = list_arms(runs)
    tables = [outcome_table(runs, arm, outcome) for arm in arms]
    seeds = reduce(pd.Index.intersection, (table.columns for table in tables))
    tables = [table[seeds] for table in tables]
    complete = pd.concat(tables, axis=1).dropna().index if len(seeds) else pd.Index([])
    return sign * np.stack([table.loc[complete].to_numpy() for table in tables]), complete, arms


def _compute_regret(bad: Floats) -> Floats:
    """Compute regret from how bad each arm is, shape (arms, points)."""
    regrets: Floats = bad - bad.min(axis=0)
    return regrets


def _summarise_regret(bad: Floats) -> Floats:
    """Return maximum and mean regret and the share of points where an arm is best (ties count), shape (3, arms)."""
    regrets = _compute_regret(bad)
    is_best = regrets <= find_rounding_error(bad)
    return np.array([regrets.max(axis=1), regrets.mean(axis=1), is_best.mean(axis=1)])


def _bootstrap_summary(values: Floats, seed: int) -> tuple[Floats, Floats]:
    arms, _, seeds = values.shape
    if seeds < 2:
        return np.full((3, arms), np.nan), np.full((3, arms), np.nan)
    generator = np.random.default_rng(seed)
    picks = generator.integers(seeds, size=(_RESAMPLES, seeds))
    resampled = np.array([_summarise_regret(values[:, :, pick].mean(axis=2)) for pick in picks])
    low, high = np.quantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return low, high
