"""Which alternatives no other beats in misses, false alarms and money at once; ties count as ties.

All alternatives meet the same children, so each pair is compared by its paired differences over seeds.
"""

import numpy as np
import pandas as pd

from cpsim.results.directions import sign_of_worse
from cpsim.study.analysis.inference import CONFIDENCE, Numbers, student

FRONT = "on the front"
DOMINATED = "dominated"
UNDECIDED = "cannot be told"


def alternatives_of(runs: pd.DataFrame, outcomes: list[str], by: list[str]) -> dict[str, pd.DataFrame]:
    """Each outcome as a table [alternatives, seeds].

    Args:
        runs: tidy table of a sweep.
        outcomes: some of its outcomes.
        by: what makes an alternative: `["arm"]`, the mean over points that finished in every arm and seed; `["point"]`;
            or `["arm", "point"]`.
    """
    done = runs[runs["status"] == "done"].dropna(subset=outcomes)
    if by == ["arm"]:
        every = runs.groupby("point", observed=True).size()
        finished = done.groupby("point", observed=True).size().reindex(every.index, fill_value=0)
        done = done[done["point"].isin(every.index[finished == every])]
    return {
        outcome: done.pivot_table(
            index=by, columns="seed", values=outcome, aggfunc="mean", observed=True
        ).dropna()
        for outcome in outcomes
    }


def pareto(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """What each alternative is worth, and whether another is better.

    One alternative beats another if it is at least as good in the mean of every outcome, and shown to be better in one:
    the interval of the paired difference lies on one side of zero, at 95 % for all that an alternative is compared
    with together (Bonferroni), or among many some would look beaten by chance. What nothing beats is on the front,
    unless its place hangs on differences that are not shown: then it cannot be told.

    Args:
        tables: outcomes of which a better direction is known, each [alternatives, seeds] with the same index.

    Returns:
        A row an alternative (its index): for each outcome its mean, `<outcome>_low` and `<outcome>_high` (95 % over
        seeds); `status`, and `beaten_by`, how many alternatives beat it.

    Raises:
        ValueError: of an outcome nobody can say which way it is better.
    """
    unknown = [outcome for outcome in tables if not sign_of_worse(outcome)]
    if unknown:
        raise ValueError(f"which way is {unknown[0]} better?")
    kept = pd.concat(tables, axis=1, join="inner").index
    signed = np.stack([sign_of_worse(name) * tables[name].loc[kept].to_numpy() for name in tables], axis=2)
    found = pd.DataFrame(index=kept)
    for outcome, table in tables.items():
        described = student(table.loc[kept].to_numpy())
        found[outcome] = described["value"].to_numpy()
        found[f"{outcome}_low"], found[f"{outcome}_high"] = (
            described[end].to_numpy() for end in ("low", "high")
        )
    beaten, doubtful = _compared(signed)
    found["status"] = np.where(beaten > 0, DOMINATED, np.where(doubtful, UNDECIDED, FRONT))
    found["beaten_by"] = beaten
    return found


def _compared(worse: Numbers) -> tuple[Numbers, Numbers]:
    """For each alternative of [alternatives, seeds, outcomes]: how many beat it, and whether its place is in doubt."""
    beaten, doubtful = [], []
    for own in worse:
        lost = own[None] - worse
        mean, margin = lost.mean(axis=1), _margin(lost)
        shown_better, shown_worse = mean > margin, mean < -margin
        by_means = (mean >= 0).all(axis=1)
        beats = by_means & shown_better.any(axis=1)
        # Beaten in the means alone, or held on the front by nothing but an advantage that is not shown.
        in_means = by_means & (mean > 0).any(axis=1)
        with_ties = shown_better.any(axis=1) & ~shown_worse.any(axis=1)
        beaten.append(int(beats.sum()))
        doubtful.append(bool((in_means | with_ties).any()))
    return np.array(beaten), np.array(doubtful)


def _margin(differences: Numbers) -> Numbers:
    """Half width of the intervals of mean differences over seeds [alternatives, outcomes]; infinite for one seed."""
    from scipy.stats import t

    alternatives, seeds, outcomes = differences.shape
    if seeds < 2:
        return np.full((alternatives, outcomes), np.inf)
    error = differences.std(axis=1, ddof=1) / np.sqrt(seeds)
    comparisons = max(alternatives - 1, 1) * outcomes
    margin: Numbers = t.ppf(1 - (1 - CONFIDENCE) / 2 / comparisons, seeds - 1) * error
    return margin
