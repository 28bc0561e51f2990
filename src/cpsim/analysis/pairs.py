"""Differences between arms, at each point and over all points: paired where the arms have the same children.

In the examples, `runs` are the runs of a sweep with the arms `as_it_was`, `asked` and `bound`, eight points and four
seeds, as `cpsim.load_sweep` returns them.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

from cpsim.analysis.tables import difference_table, drop_gaps, list_arms, outcome_table
from cpsim.arrays import Floats, Ints
from cpsim.inference import (
    TAILS,
    adjust_holm,
    compare_unpaired,
    draw_bootstrap_weights,
    fit_crossed,
    label_verdicts,
    subtract_estimates,
    summarise_replicates,
    tabulate_estimates,
)

__all__ = ["differences_by_point", "differences_over_all"]

_RESAMPLES = 1_000
_ROWS_AT_ONCE = 1_000
_ESTIMATES = ("reference_mean", "difference", "low", "high", "boot_low", "boot_high", "p")


def differences_by_point(
    runs: pd.DataFrame,
    outcome: str,
    *,
    reference: str | None = None,
    unpaired: Collection[str] = (),
    seed: int = 1,
) -> pd.DataFrame:
    """Compute the difference of each arm from the reference in one outcome, at each point, over seeds.

    Args:
        runs: tidy table of a sweep.
        outcome: one of its outcomes.
        reference: the arm that the others are compared with; the first if None.
        unpaired: arms with other children than the reference; their intervals are Welch's, without a bootstrap.
        seed: seed of the bootstrap samples.

    Returns:
        A row for each arm and point: `arm`, `point`, `difference` (its mean over seeds), `low` and `high` (95%,
        Student), `boot_low` and `boot_high` (95%, percentiles of the bootstrap over seeds), `seeds`, `p`, `p_holm`
        (over all rows), `verdict`, and `paired`, whether the arm has the same children.

    >>> found = differences_by_point(runs, "assessed_neither_per_10k_year")
    >>> found.groupby("arm")["verdict"].unique().map(list).to_dict()
    {'asked': ['no difference shown'], 'bound': ['higher']}
    """
    first, others = _split_arms(runs, reference)
    parts = [
        _compare_unpaired_at_each_point(runs, arm, first, outcome)
        if arm in unpaired
        else _compare_at_each_point(difference_table(runs, arm, first, outcome), arm, seed)
        for arm in others
    ]
    return _add_verdicts(pd.concat(parts, ignore_index=True))


def differences_over_all(
    runs: pd.DataFrame,
    outcomes: list[str],
    draws: pd.Series | None,
    *,
    reference: str | None = None,
    unpaired: Collection[str] = (),
    seed: int = 1,
) -> pd.DataFrame:
    """Compute the difference of each arm from the reference in each outcome, over all points without gaps.

    Args:
        runs: tidy table of a sweep.
        outcomes: some of its outcomes.
        draws: the draw of the design that each point belongs to (index `point`), so that chance between points counts
            as well; None if the points were listed.
        reference: the arm that the others are compared with; the first if None.
        unpaired: arms with other children than the reference; their intervals are Welch's, without a bootstrap.
        seed: seed of the bootstrap samples: of seeds, and of draws if the points were drawn.

    Returns:
        A row for each outcome and arm: `outcome`, `arm`, `reference_mean`, `difference`, `low`, `high`, `boot_low`,
        `boot_high`, `points`, `seeds`, `p`, `p_holm` (over all rows), `verdict`, `paired`. Without a complete point
        everything is NaN; with one seed and listed points only the difference is known.

    >>> found = differences_over_all(runs, ["assessed_neither_per_10k_year"], draws=None)
    >>> found.set_index("arm")["verdict"].to_dict()
    {'asked': 'no difference shown', 'bound': 'higher'}
    """
    first, others = _split_arms(runs, reference)
    rows = [
        _compare_unpaired_over_all(runs, arm, first, outcome, draws)
        if arm in unpaired
        else _compare_over_all(runs, arm, first, outcome, draws, seed)
        for outcome in outcomes
        for arm in others
    ]
    return _add_verdicts(pd.DataFrame(rows))


def _split_arms(runs: pd.DataFrame, reference: str | None) -> tuple[str, list[str]]:
    arms = list_arms(runs)
    first = arms[0] if reference is None else reference
    return first, [arm for arm in arms if arm != first]


def _compare_at_each_point(table: pd.DataFrame, arm: str, seed: int) -> pd.DataFrame:
    values = table.to_numpy(dtype=np.float64)
    found = summarise_replicates(values).rename(columns={"value": "difference"})
    found.insert(0, "arm", arm)
    found.insert(1, "point", table.index)
    low, high = _bootstrap_rows(values, seed)
    found.insert(5, "boot_low", low)
    found.insert(6, "boot_high", high)
    found.insert(7, "seeds", (~np.isnan(values)).sum(axis=1))
    return found.assign(paired=True)


def _compare_unpaired_at_each_point(
    runs: pd.DataFrame, arm: str, reference: str, outcome: str
) -> pd.DataFrame:
    own, other = outcome_table(runs, arm, outcome).align(outcome_table(runs, reference, outcome))
    values, others = own.to_numpy(dtype=np.float64), other.to_numpy(dtype=np.float64)
    found = compare_unpaired(values, others).rename(columns={"value": "difference"})
    found.insert(0, "arm", arm)
    found.insert(1, "point", own.index)
    found.insert(5, "boot_low", np.nan)
    found.insert(6, "boot_high", np.nan)
    found.insert(7, "seeds", (~np.isnan(values) & ~np.isnan(others)).sum(axis=1))
    return found.assign(paired=False)


def _compare_unpaired_over_all(
    runs: pd.DataFrame, arm: str, reference: str, outcome: str, draws: pd.Series | None
) -> dict[str, object]:
    """Compare the means of two arms as of independent samples; chance between points counts in both of them."""
    tables = [outcome_table(runs, name, outcome) for name in (arm, reference)]
    complete = drop_gaps(pd.concat(tables, axis=1, keys=("arm", "reference")))
    own, other = (complete[part].to_numpy(dtype=np.float64) for part in ("arm", "reference"))
    row: dict[str, object] = {"outcome": outcome, "arm": arm, "points": len(complete), "seeds": len(own.T)}
    row |= dict.fromkeys(_ESTIMATES, float("nan")) | {"paired": False}
    if not len(complete):
        return row
    own_draws = None if draws is None else draws.loc[complete.index].to_numpy(dtype=np.int64)
    constant = np.ones((len(complete), 1))
    estimates = subtract_estimates(*(fit_crossed(values, constant, own_draws) for values in (own, other)))
    (found,) = tabulate_estimates(estimates).to_dict("records")
    return row | {
        "reference_mean": other.mean(),
        "difference": found["value"],
        "low": found["low"],
        "high": found["high"],
        "p": found["p"],
    }


def _bootstrap_rows(values: Floats, seed: int) -> tuple[Floats, Floats]:
    """Return percentiles of the resampled means of each row; NaN for rows with a gap."""
    replicates = values.shape[1]
    if replicates < 2:
        return np.full(len(values), np.nan), np.full(len(values), np.nan)
    weights = draw_bootstrap_weights(replicates, seed)
    parts = np.array_split(values, max(1, len(values) // _ROWS_AT_ONCE))
    low, high = np.hstack([np.quantile(part @ weights, TAILS, axis=1) for part in parts])
    return low, high


def _compare_over_all(
    runs: pd.DataFrame, arm: str, reference: str, outcome: str, draws: pd.Series | None, seed: int
) -> dict[str, object]:
    table = drop_gaps(difference_table(runs, arm, reference, outcome))
    values = table.to_numpy(dtype=np.float64)
    about = {"outcome": outcome, "arm": arm, "points": len(table), "seeds": table.shape[1]}
    if not len(table):
        return about | dict.fromkeys(_ESTIMATES, float("nan")) | {"paired": True}
    own_draws = None if draws is None else draws.loc[table.index].to_numpy(dtype=np.int64)
    (found,) = tabulate_estimates(fit_crossed(values, np.ones((len(values), 1)), own_draws)).to_dict(
        "records"
    )
    low, high = _bootstrap_mean(values, own_draws, seed)
    reference_runs = runs[(runs["arm"] == reference) & runs["point"].isin(table.index)]
    return about | {
        "reference_mean": reference_runs[outcome].mean(),
        "difference": found["value"],
        "low": found["low"],
        "high": found["high"],
        "boot_low": low,
        "boot_high": high,
        "p": found["p"],
        "paired": True,
    }


def _bootstrap_mean(values: Floats, draws: Ints | None, seed: int) -> tuple[float, float]:
    """Return percentiles of the overall mean, resampling seeds and, if there are any, draws of points independently."""
    generator = np.random.default_rng(seed)
    seeds = values.shape[1]
    labels, members = np.unique(np.zeros(len(values)) if draws is None else draws, return_inverse=True)
    if seeds < 2 and len(labels) < 2:
        return float("nan"), float("nan")
    sums = np.zeros((len(labels), seeds))
    np.add.at(sums, members, values)
    of_seeds = generator.multinomial(seeds, np.full(seeds, 1 / seeds), size=_RESAMPLES)
    of_draws = generator.multinomial(len(labels), np.full(len(labels), 1 / len(labels)), size=_RESAMPLES)
    means = ((of_draws @ sums) * of_seeds).sum(axis=1) / (of_draws @ np.bincount(members)) / seeds
    low, high = np.quantile(means, TAILS)
    return float(low), float(high)


def _add_verdicts(rows: pd.DataFrame) -> pd.DataFrame:
    rows["p_holm"] = adjust_holm(rows["p"])
    rows["verdict"] = label_verdicts(rows["difference"], rows["p_holm"])
    return rows
