"""Computes the tables of a comparison from the runs of every seed and the spells of each arm."""

from collections.abc import Collection, Iterator, Sequence
from itertools import product

import numpy as np
import pandas as pd

from cpsim.arrays import Floats
from cpsim.inference import (
    TAILS,
    adjust_holm,
    compare_unpaired,
    draw_bootstrap_weights,
    label_verdicts,
    subtract,
    summarise_replicates,
)
from cpsim.measures.horizons import result_column
from cpsim.results.comparison_tables import (
    COMPARISON_TABLES,
    HEADLINES,
    NEWLY_MISSED,
    NEWLY_PROTECTED,
    OF_TWO_RUNS,
)
from cpsim.results.names import STOPS
from cpsim.results.verdicts import HIGHER, LOWER

WEEKS, MONEY = "unprotected_child_weeks", "cost_gbp"
_NOT_OUTCOMES = ("prevalence", "arm", "seed", WEEKS, MONEY)
_SPELL_KEY = ["child", "onset"]
_SPELL_COLUMNS = ["severity", "age_years", "decile"]
_FEWEST_WEEKS = 1.0
"""Weeks averted below which the price of a week is not computed."""


def compute_differences(
    runs: pd.DataFrame, arms: Sequence[str], unpaired: Collection[str] = ()
) -> pd.DataFrame:
    """Compute the difference of each arm from the reference in every outcome, on the same seeds, at each prevalence.

    p-values are adjusted (Holm) over all arms, within the headlines and within the other outcomes, at each prevalence.

    Args:
        runs: the table `runs` of a comparison.
        arms: names of the arms, the reference first.
        unpaired: arms with other children than the reference, whose seeds are not paired with those of the reference.

    Returns:
        The table `differences` of a comparison.
    """
    outcomes = [name for name in runs.columns if name not in _NOT_OUTCOMES]
    parts = [
        _compare_arm(own, arms[0], arm, outcomes, paired=arm not in unpaired).assign(
            prevalence=prevalence, arm=arm
        )
        for prevalence, own in _split_by_prevalence(runs)
        for arm in arms[1:]
    ]
    table = pd.concat(parts, ignore_index=True)
    table["family"] = np.where(table["outcome"].isin(HEADLINES), "headline", "other")
    families = table.groupby(["prevalence", "family"], dropna=False, sort=False)["p"]
    table["p_holm"] = families.transform(adjust_holm)
    return table.assign(verdict=label_verdicts(table["difference"], table["p_holm"]))


def _compare_arm(
    runs: pd.DataFrame, reference: str, arm: str, outcomes: list[str], *, paired: bool
) -> pd.DataFrame:
    before, after = (_select_outcomes(runs, name, outcomes) for name in (reference, arm))
    difference = subtract(after, before)
    unknown = np.isnan(difference)
    before, after = (np.where(unknown, np.nan, values) for values in (before, after))
    relative = [
        _compute_relative_difference(*pair, paired=paired) for pair in zip(before, after, strict=True)
    ]
    found = summarise_replicates(difference) if paired else compare_unpaired(after, before)
    summary = found.rename(columns={"value": "difference"})
    return summary.assign(
        outcome=outcomes,
        reference_mean=_average_rows(before),
        mean=_average_rows(after),
        seeds=(~unknown).sum(axis=1),
        **dict(zip(("relative", "relative_low", "relative_high"), np.transpose(relative), strict=True)),
    )


def _select_outcomes(runs: pd.DataFrame, arm: str, outcomes: list[str]) -> Floats:
    """Return the outcomes of an arm, shape (outcomes, seeds), in the order of the seeds."""
    own = runs[runs["arm"] == arm].sort_values("seed")
    return own[outcomes].to_numpy(dtype=np.float64).T


def _average_rows(values: Floats) -> Floats:
    """Return the mean of each row without its NaNs; NaN for a row of NaNs."""
    return summarise_replicates(values)["value"].to_numpy(dtype=np.float64)


def _compute_relative_difference(
    before: Floats, after: Floats, *, paired: bool
) -> tuple[float, float, float]:
    """Return the difference as a share of the reference, with a bootstrap interval; NaN if values can be below 0."""
    known = ~np.isnan(before)
    before, after = before[known], after[known]
    if not len(before) or before.min() < 0 or not before.mean() > 0:
        return np.nan, np.nan, np.nan
    value = float(after.mean() / before.mean() - 1)
    weights = draw_bootstrap_weights(len(before))
    resampled = before @ weights
    if len(before) < 2 or not resampled.min() > 0:
        return value, np.nan, np.nan
    of_after = weights if paired else draw_bootstrap_weights(len(after), seed=2)
    low, high = np.quantile((after @ of_after) / resampled - 1, TAILS)
    return value, float(low), float(high)


def compute_prices(runs: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Compute the unprotected weeks averted, the extra cost, and the cost per week where harm is shown to be lower.

    The p-values of weeks and cost of all arms are adjusted together (Holm), at each prevalence.

    Args:
        runs: the table `runs` of a comparison.
        arms: names of the arms that have the reference's children, the reference first.

    Returns:
        The table `prices` of a comparison.
    """
    if len(arms) < 2:
        return pd.DataFrame(columns=list(COMPARISON_TABLES["prices"]))
    parts = [_price_arms(own, arms, prevalence) for prevalence, own in _split_by_prevalence(runs)]
    return pd.concat(parts, ignore_index=True)


def _price_arms(runs: pd.DataFrame, arms: Sequence[str], prevalence: float) -> pd.DataFrame:
    weeks, money = (_stack_totals(runs, arms, name) for name in (WEEKS, MONEY))
    averted, extra = weeks[0] - weeks[1:], money[1:] - money[0]
    weeks_summary, money_summary = summarise_replicates(averted), summarise_replicates(extra)
    p = adjust_holm(pd.concat([weeks_summary["p"], money_summary["p"]], ignore_index=True)).to_numpy()
    p_weeks, p_money = (pd.Series(part) for part in np.split(p, 2))
    harm = label_verdicts(weeks_summary["value"], p_weeks, more=LOWER, less=HIGHER)
    price = [
        _price_week(*pair) if shown == LOWER else (np.nan,) * 3
        for *pair, shown in zip(averted, extra, harm, strict=True)
    ]
    names = (OF_TWO_RUNS, "price_low", "price_high")
    return pd.DataFrame(
        {
            "prevalence": prevalence,
            "arm": list(arms[1:]),
            **_name_columns(weeks_summary, "weeks_averted", "weeks"),
            **_name_columns(money_summary, "extra_gbp", "extra"),
            "harm": harm,
            "money": label_verdicts(money_summary["value"], p_money),
            **dict(zip(names, np.transpose(price), strict=True)),
        }
    )


def _stack_totals(runs: pd.DataFrame, arms: Sequence[str], name: str) -> Floats:
    """Return a total of every arm and seed, shape (arms, seeds)."""
    return np.array([_select_outcomes(runs, arm, [name])[0] for arm in arms])


def _name_columns(summary: pd.DataFrame, value: str, limits: str) -> dict[str, pd.Series]:
    return {value: summary["value"], f"{limits}_low": summary["low"], f"{limits}_high": summary["high"]}


def _price_week(averted: Floats, extra: Floats) -> tuple[float, float, float]:
    """Return the cost per week averted, with a bootstrap interval if every resample averts some weeks."""
    if averted.mean() < _FEWEST_WEEKS:
        return np.nan, np.nan, np.nan
    weights = draw_bootstrap_weights(len(averted))
    resampled = averted @ weights
    value = float(extra.mean() / averted.mean())
    if not resampled.min() > 0:
        return value, np.nan, np.nan
    low, high = np.quantile((extra @ weights) / resampled, TAILS)
    return value, float(low), float(high)


def match_spells(reference: pd.DataFrame, arm: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """Match the spells of harm of two arms on the same children and list the fate of each in both.

    A spell is identified by its child and the week in which it would begin if no one intervened.

    Args:
        reference: the table `spells` of a run under the reference.
        arm: the same table of a run under the arm, on the same seed.

    Returns:
        The columns of the table `children` from `child` on, sorted by child and onset.
    """
    joined = _list_fates(reference, "before", horizon).merge(
        _list_fates(arm, "after", horizon), on=_SPELL_KEY, how="outer", suffixes=("", "_after"), sort=True
    )
    for name in _SPELL_COLUMNS:
        joined[name] = joined[name].fillna(joined.pop(f"{name}_after"))
    return joined.fillna({"before": "not_begun", "after": "not_begun"})


def _list_fates(spells: pd.DataFrame, when: str, horizon: int) -> pd.DataFrame:
    result, stopped_at = (spells[name].astype("object") for name in (result_column(horizon), "stopped_at"))
    return spells[[*_SPELL_KEY, *_SPELL_COLUMNS]].assign(
        **{
            when: result.mask(result == "missed", stopped_at),
            f"delay_{when}": spells["first_protected"] - spells["onset"],
        }
    )


def count_flows(children: pd.DataFrame, arms: Sequence[str], seeds: Sequence[int]) -> pd.DataFrame:
    """Count how many spells have each pair of fates in a seed, the most frequent pair first.

    Args:
        children: the table `children` of a comparison.
        arms: names of the arms that have the reference's children.
        seeds: all seeds, including those without a spell.

    Returns:
        The table `flows` of a comparison.
    """
    parts = [_count_flows_of_arm(own, arm, seeds) for arm, own in _split_by_arm(children, arms) if len(own)]
    columns = ["arm", "before", "after", "spells", "low", "high", "share"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _count_flows_of_arm(children: pd.DataFrame, arm: str, seeds: Sequence[int]) -> pd.DataFrame:
    fates = [children[name].astype("object") for name in ("before", "after")]
    counts = children.groupby([*fates, "seed"]).size().unstack("seed", fill_value=0)
    counts = counts.reindex(columns=list(seeds), fill_value=0)
    summary = summarise_replicates(counts.to_numpy(dtype=np.float64)).rename(columns={"value": "spells"})
    pairs = counts.index.to_frame(index=False)
    share = summary["spells"] / summary["spells"].sum()
    flows = pd.concat([pairs, summary.drop(columns="p")], axis=1).assign(arm=arm, share=share)
    return flows.sort_values(["spells", "before", "after"], ascending=[False, True, True], kind="stable")


def count_turns(children: pd.DataFrame, arms: Sequence[str], seeds: Sequence[int]) -> pd.DataFrame:
    """Count the children of a seed who are newly protected, and those who are newly missed.

    Args:
        children: the table `children` of a comparison.
        arms: names of the arms that have the reference's children.
        seeds: all seeds, including those without a spell.

    Returns:
        The table `turns` of a comparison.
    """
    rows = [
        {"arm": arm, "turn": turn, **_count_turn(own, turn, seeds)}
        for (arm, own), turn in product(_split_by_arm(children, arms), (NEWLY_PROTECTED, NEWLY_MISSED))
    ]
    return pd.DataFrame(rows, columns=["arm", "turn", "children", "low", "high"])


def _count_turn(children: pd.DataFrame, turn: str, seeds: Sequence[int]) -> dict[str, float]:
    missed, protected = ("before", "after") if turn == NEWLY_PROTECTED else ("after", "before")
    changed = children[children[missed].isin(list(STOPS)) & (children[protected] == "protected")]
    number = changed.groupby("seed")["child"].nunique().reindex(list(seeds), fill_value=0)
    (summary,) = summarise_replicates(np.array([number], dtype=np.float64)).to_dict("records")
    return {"children": summary["value"], "low": summary["low"], "high": summary["high"]}


def _split_by_prevalence(runs: pd.DataFrame) -> Iterator[tuple[float, pd.DataFrame]]:
    for prevalence, own in runs.groupby("prevalence", dropna=False, sort=False):
        yield float(str(prevalence)), own


def _split_by_arm(children: pd.DataFrame, arms: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    return [(arm, children[children["arm"] == arm]) for arm in arms]
