"""Differences between arms, at each point and over all points: paired where the arms have the same children.

In the examples, `runs` are the runs of a sweep with the arms `as_it_was`, `asked` and `bound`, eight points and four
seeds, as `cpsim.load_sweep` returns them.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd

from cpsim.analysis.families import count_tests_over_seeds, join_estimates, tabulate_family
from cpsim.analysis.tables import difference_table, drop_gaps, list_arms, outcome_table
from cpsim.arrays import Floats
from cpsim.inference import Estimates, estimate_means, fit_crossed, subtract_estimates

__all__ = ["differences_by_point", "differences_over_all"]


def differences_by_point(
    runs: pd.DataFrame, outcome: str, *, reference: str | None = None, unpaired: Collection[str] = ()
) -> pd.DataFrame:
    """Compute the difference of each arm from the reference in one outcome, at each point, over seeds.

    Args:
        runs: tidy table of a sweep.
        outcome: one of its outcomes.
        reference: the arm that the others are compared with; the first if None.
        unpaired: arms with other children than the reference; their intervals are Welch's.

    Returns:
        A row for each arm and point: `arm`, `point`, `difference` (its mean over seeds), `low` and `high` (Student's
        interval at the level of the family, which is all rows), `p`, `tests` (number of distinct tests in the family),
        `smallest_shown` (with a probability of 80%), `verdict`, `seeds`, and `paired`, whether the arm has the same
        children.

    >>> found = differences_by_point(runs, "assessed_neither_per_10k_year")
    >>> found.groupby("arm")["verdict"].unique().map(list).to_dict()
    {'asked': ['no difference shown'], 'bound': ['higher']}
    """
    first, others = _split_arms(runs, reference)
    parts = [_compare_at_each_point(runs, arm, first, outcome, paired=arm not in unpaired) for arm in others]
    about = pd.concat([part.about for part in parts], ignore_index=True)
    return _tabulate(about, parts)


def differences_over_all(
    runs: pd.DataFrame,
    outcomes: list[str],
    draws: pd.Series | None,
    *,
    reference: str | None = None,
    unpaired: Collection[str] = (),
) -> pd.DataFrame:
    """Compute the difference of each arm from the reference in each outcome, over all points without gaps.

    Args:
        runs: tidy table of a sweep.
        outcomes: some of its outcomes.
        draws: the draw of the design that each point belongs to (index `point`), so that chance between points counts
            as well; None if the points were listed.
        reference: the arm that the others are compared with; the first if None.
        unpaired: arms with other children than the reference; their intervals are Welch's.

    Returns:
        A row for each outcome and arm: `outcome`, `arm`, `reference_mean`, `difference`, `low` and `high` (Student's
        interval at the level of the family, which is all rows), `p`, `tests` (number of distinct tests in the family),
        `smallest_shown` (with a probability of 80%), `verdict`, `points`, `seeds`, `paired`. Without a complete point
        everything is NaN; with one seed and listed points only the difference is known.

    >>> found = differences_over_all(runs, ["assessed_neither_per_10k_year"], draws=None)
    >>> found.set_index("arm")["verdict"].to_dict()
    {'asked': 'no difference shown', 'bound': 'higher'}
    """
    first, others = _split_arms(runs, reference)
    parts = [
        _compare_over_all(runs, arm, first, outcome, draws, paired=arm not in unpaired)
        for outcome in outcomes
        for arm in others
    ]
    return _tabulate(pd.concat([part.about for part in parts], ignore_index=True), parts)


class _ArmDifferences(NamedTuple):
    """Differences of an arm, with what they are about and their values by seed, shape (rows, seeds)."""

    about: pd.DataFrame
    estimates: Estimates
    by_seed: pd.DataFrame


def _split_arms(runs: pd.DataFrame, reference: str | None) -> tuple[str, list[str]]:
    arms = list_arms(runs)
    first = arms[0] if reference is None else reference
    return first, [arm for arm in arms if arm != first]


def _tabulate(about: pd.DataFrame, parts: list[_ArmDifferences]) -> pd.DataFrame:
    """Tabulate all rows as one family; rows that are multiples of another count as one test."""
    by_seed = pd.concat([part.by_seed for part in parts]).to_numpy(dtype=np.float64)
    estimates = join_estimates([part.estimates for part in parts])
    found = tabulate_family(estimates, count_tests_over_seeds(by_seed)).rename(
        columns={"value": "difference"}
    )
    before = [name for name in ("outcome", "arm", "point", "reference_mean") if name in about]
    return pd.concat([about[before], found, about.drop(columns=before)], axis=1)


def _compare_at_each_point(
    runs: pd.DataFrame, arm: str, reference: str, outcome: str, *, paired: bool
) -> _ArmDifferences:
    difference = difference_table(runs, arm, reference, outcome)
    estimates = estimate_means(_to_floats(difference))
    if not paired:
        own, other = outcome_table(runs, arm, outcome).align(outcome_table(runs, reference, outcome))
        estimates = subtract_estimates(estimate_means(_to_floats(own)), estimate_means(_to_floats(other)))
    seeds = difference.notna().sum(axis=1).to_numpy()
    about = pd.DataFrame({"arm": arm, "point": difference.index, "seeds": seeds, "paired": paired})
    return _ArmDifferences(about, estimates, difference)


def _compare_over_all(
    runs: pd.DataFrame, arm: str, reference: str, outcome: str, draws: pd.Series | None, *, paired: bool
) -> _ArmDifferences:
    """Compare over all complete points; without pairs as independent samples, both with chance between points."""
    tables = [outcome_table(runs, name, outcome) for name in (arm, reference)]
    complete = drop_gaps(pd.concat(tables, axis=1, keys=("arm", "reference")))
    own, other = (complete[part] for part in ("arm", "reference"))
    difference = difference_table(runs, arm, reference, outcome).loc[complete.index]
    about = pd.DataFrame(
        {
            "outcome": [outcome],
            "arm": [arm],
            "reference_mean": [other.to_numpy(dtype=np.float64).mean() if len(complete) else np.nan],
            "points": [len(complete)],
            "seeds": [difference.shape[1]],
            "paired": [paired],
        }
    )
    by_seed = difference.mean(axis=0).to_frame().T
    unknown = np.full(1, np.nan)
    if not len(complete):
        return _ArmDifferences(about, Estimates(unknown, unknown, unknown), by_seed)
    own_draws = None if draws is None else draws.loc[complete.index].to_numpy(dtype=np.int64)
    constant = np.ones((len(complete), 1))
    if paired:
        estimates = fit_crossed(_to_floats(difference), constant, own_draws)
    else:
        both = (fit_crossed(_to_floats(table), constant, own_draws) for table in (own, other))
        estimates = subtract_estimates(*both)
    return _ArmDifferences(about, estimates, by_seed)


def _to_floats(table: pd.DataFrame | pd.Series) -> Floats:
    return table.to_numpy(dtype=np.float64)
