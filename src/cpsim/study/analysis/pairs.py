"""Differences between arms on the same children: at each point and over all points."""

import numpy as np
import pandas as pd

from cpsim.study.analysis.inference import (
    TAILS,
    Draws,
    Numbers,
    crossed,
    holm,
    resampling,
    student,
    told,
    verdicts,
)
from cpsim.study.analysis.tables import arms_of, difference_table, without_gaps

_RESAMPLES = 1_000
_ROWS_AT_ONCE = 1_000


def differences_by_point(
    runs: pd.DataFrame, outcome: str, *, reference: str | None = None, seed: int = 1
) -> pd.DataFrame:
    """What each arm has more of an outcome than the reference, at each point, over seeds.

    Args:
        runs: tidy table of a sweep.
        outcome: one of its outcomes.
        reference: the arm that the others are compared with; the first unless given.
        seed: draws the bootstrap samples.

    Returns:
        A row an arm and point: `arm`, `point`, `difference` (its mean over seeds), `low` and `high` (95 %, Student),
        `boot_low` and `boot_high` (95 %, percentiles of the bootstrap over seeds), `seeds`, `p`, `p_holm` (over all
        rows), `verdict`.
    """
    first, others = _compared(runs, reference)
    parts = [_at_each_point(difference_table(runs, arm, first, outcome), arm, seed) for arm in others]
    return _judged(pd.concat(parts, ignore_index=True))


def differences_over_all(
    runs: pd.DataFrame,
    outcomes: list[str],
    draws: pd.Series | None,
    *,
    reference: str | None = None,
    seed: int = 1,
) -> pd.DataFrame:
    """What each arm has more of each outcome than the reference, over all points at which every run finished.

    Args:
        runs: tidy table of a sweep.
        outcomes: some of its outcomes.
        draws: which draw of the design each point comes from (index `point`), so that other points count as chance
            too; None if the points were written out, and others than these are not asked about.
        reference: the arm that the others are compared with; the first unless given.
        seed: draws the bootstrap samples: of seeds, and of draws if the points were drawn.

    Returns:
        A row an outcome and arm: `outcome`, `arm`, `reference_mean`, `difference`, `low`, `high`, `boot_low`,
        `boot_high`, `points`, `seeds`, `p`, `p_holm` (over all rows), `verdict`. Without a finished point all is not a
        number; with one seed and points that were written out only the difference is known.
    """
    first, others = _compared(runs, reference)
    rows = [_over_all(runs, arm, first, outcome, draws, seed) for outcome in outcomes for arm in others]
    return _judged(pd.DataFrame(rows))


def _compared(runs: pd.DataFrame, reference: str | None) -> tuple[str, list[str]]:
    arms = arms_of(runs)
    first = arms[0] if reference is None else reference
    return first, [arm for arm in arms if arm != first]


def _at_each_point(table: pd.DataFrame, arm: str, seed: int) -> pd.DataFrame:
    values = table.to_numpy(dtype=np.float64)
    found = student(values).rename(columns={"value": "difference"})
    found.insert(0, "arm", arm)
    found.insert(1, "point", table.index)
    low, high = _bootstrapped(values, seed)
    found.insert(5, "boot_low", low)
    found.insert(6, "boot_high", high)
    found.insert(7, "seeds", (~np.isnan(values)).sum(axis=1))
    return found


def _bootstrapped(values: Numbers, seed: int) -> tuple[Numbers, Numbers]:
    """Percentiles of resampled means of each row; rows with a gap have none."""
    replicates = values.shape[1]
    if replicates < 2:
        return np.full(len(values), np.nan), np.full(len(values), np.nan)
    weights = resampling(replicates, seed)
    parts = np.array_split(values, max(1, len(values) // _ROWS_AT_ONCE))
    low, high = np.hstack([np.quantile(part @ weights, TAILS, axis=1) for part in parts])
    return low, high


def _over_all(
    runs: pd.DataFrame, arm: str, reference: str, outcome: str, draws: pd.Series | None, seed: int
) -> dict[str, object]:
    table = without_gaps(difference_table(runs, arm, reference, outcome))
    values = table.to_numpy(dtype=np.float64)
    about = {"outcome": outcome, "arm": arm, "points": len(table), "seeds": table.shape[1]}
    if not len(table):
        unknown = ("reference_mean", "difference", "low", "high", "boot_low", "boot_high", "p")
        return about | dict.fromkeys(unknown, float("nan"))
    own_draws = None if draws is None else draws.loc[table.index].to_numpy(dtype=np.int64)
    (found,) = told(crossed(values, np.ones((len(values), 1)), own_draws)).to_dict("records")
    low, high = _bootstrapped_over_all(values, own_draws, seed)
    compared = runs[(runs["arm"] == reference) & runs["point"].isin(table.index)]
    return about | {
        "reference_mean": compared[outcome].mean(),
        "difference": found["value"],
        "low": found["low"],
        "high": found["high"],
        "boot_low": low,
        "boot_high": high,
        "p": found["p"],
    }


def _bootstrapped_over_all(values: Numbers, draws: Draws | None, seed: int) -> tuple[float, float]:
    """Percentiles of the mean of all, with seeds, and draws of points if there are any, resampled independently."""
    generator = np.random.default_rng(seed)
    seeds = values.shape[1]
    names, members = np.unique(np.zeros(len(values)) if draws is None else draws, return_inverse=True)
    if seeds < 2 and len(names) < 2:
        return float("nan"), float("nan")
    sums = np.zeros((len(names), seeds))
    np.add.at(sums, members, values)
    of_seeds = generator.multinomial(seeds, np.full(seeds, 1 / seeds), size=_RESAMPLES)
    of_draws = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=_RESAMPLES)
    means = ((of_draws @ sums) * of_seeds).sum(axis=1) / (of_draws @ np.bincount(members)) / seeds
    low, high = np.quantile(means, TAILS)
    return float(low), float(high)


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    rows["p_holm"] = holm(rows["p"])
    rows["verdict"] = verdicts(rows["difference"], rows["p_holm"])
    return rows
