"""The Pareto front: alternatives that no other beats in missed risk, families with neither, and cost at once.

All alternatives have the same children, so each pair is compared by its paired differences over seeds.

In the examples, `runs` are the runs of a sweep with the arms `as_it_was`, `asked` and `bound`, eight points and four
seeds, as `cpsim.load_sweep` returns them.
"""

import numpy as np
import pandas as pd

from cpsim.arrays import Floats
from cpsim.inference import CONFIDENCE, summarise_replicates
from cpsim.measures.outcomes import sign_of_worse

__all__ = ["find_pareto_front", "list_alternatives"]

FRONT = "on the front"
DOMINATED = "dominated"
UNDECIDED = "undecided"


def list_alternatives(runs: pd.DataFrame, outcomes: list[str], by: list[str]) -> dict[str, pd.DataFrame]:
    """Return each outcome as a table of shape (alternatives, seeds), by outcome.

    Args:
        runs: tidy table of a sweep.
        outcomes: some of its outcomes.
        by: what an alternative is: `["arm"]`, the mean over points that finished in every arm and seed; `["point"]`; or
            `["arm", "point"]`.

    >>> tables = list_alternatives(runs, ["missed_risk_rate", "cost_gbp_per_child_year"], by=["arm"])
    >>> tables["missed_risk_rate"].index.tolist(), tables["missed_risk_rate"].shape
    (['as_it_was', 'asked', 'bound'], (3, 4))
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


def find_pareto_front(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Find the Pareto front of some alternatives.

    One alternative beats another if it is at least as good in the mean of every outcome and is shown to be better in
    one: the interval of the paired difference excludes zero. Intervals are 95% for all comparisons of an alternative
    together (Bonferroni), because with many alternatives some would seem beaten by chance. An alternative that none
    beats is on the front, unless its place depends on differences that are not shown: then it is undecided.

    Args:
        tables: outcomes with a known better direction, each of shape (alternatives, seeds) with the same index.

    Returns:
        A row for each alternative (the index): for each outcome its mean, `<outcome>_low` and `<outcome>_high` (95%
        over seeds); `status`; and `beaten_by`, the number of alternatives that beat it.

    Raises:
        ValueError: an outcome has no known better direction.

    The second alternative is worse in both outcomes; the first and the third have one advantage each:

    >>> missed = pd.DataFrame([[0.50, 0.51, 0.49, 0.50], [0.60, 0.61, 0.59, 0.60], [0.40, 0.41, 0.39, 0.40]])
    >>> cost = pd.DataFrame([[300, 301, 299, 300], [310, 311, 309, 310], [350, 351, 349, 350]])
    >>> find_pareto_front({"missed_risk_rate": missed, "cost_gbp_per_child_year": cost})["status"].tolist()
    ['on the front', 'dominated', 'on the front']
    """
    unknown = [outcome for outcome in tables if not sign_of_worse(outcome)]
    if unknown:
        raise ValueError(f"{unknown[0]} has no known better direction; choose an outcome with one")
    common = pd.concat(tables, axis=1, join="inner").index
    signed = np.stack([sign_of_worse(name) * tables[name].loc[common].to_numpy() for name in tables], axis=2)
    found = pd.DataFrame(index=common)
    for outcome, table in tables.items():
        summary = summarise_replicates(table.loc[common].to_numpy())
        found[outcome] = summary["value"].to_numpy()
        found[f"{outcome}_low"], found[f"{outcome}_high"] = (
            summary[end].to_numpy() for end in ("low", "high")
        )
    beaten, doubtful = _compare_alternatives(signed)
    found["status"] = np.where(beaten > 0, DOMINATED, np.where(doubtful, UNDECIDED, FRONT))
    found["beaten_by"] = beaten
    return found


def _compare_alternatives(worse: Floats) -> tuple[Floats, Floats]:
    """Count how many alternatives beat each one, and find those whose place is in doubt.

    `worse` has shape (alternatives, seeds, outcomes); higher is worse. Both results have shape (alternatives,).
    """
    beaten, doubtful = [], []
    for own in worse:
        excess = own[None] - worse
        mean, margin = excess.mean(axis=1), _compute_margin(excess)
        shown_better, shown_worse = mean > margin, mean < -margin
        by_means = (mean >= 0).all(axis=1)
        beats = by_means & shown_better.any(axis=1)
        # A place is in doubt if the alternative is beaten in the means only, or is on the front only through an
        # advantage that is not shown.
        in_means = by_means & (mean > 0).any(axis=1)
        with_ties = shown_better.any(axis=1) & ~shown_worse.any(axis=1)
        beaten.append(int(beats.sum()))
        doubtful.append(bool((in_means | with_ties).any()))
    return np.array(beaten), np.array(doubtful)


def _compute_margin(differences: Floats) -> Floats:
    """Return half widths of intervals of mean differences, shape (alternatives, outcomes); infinite for one seed."""
    from scipy.stats import t

    alternatives, seeds, outcomes = differences.shape
    if seeds < 2:
        return np.full((alternatives, outcomes), np.inf)
    error = differences.std(axis=1, ddof=1) / np.sqrt(seeds)
    comparisons = max(alternatives - 1, 1) * outcomes
    margin: Floats = t.ppf(1 - (1 - CONFIDENCE) / 2 / comparisons, seeds - 1) * error
    return margin
