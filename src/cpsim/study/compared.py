"""The tables of a comparison, worked out from the runs of every seed and the spells of each arm."""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pandas as pd

from cpsim.results.comparison_tables import HEADLINES, LOST, OF_TWO_RUNS, RESCUED
from cpsim.results.names import CAUSES
from cpsim.results.verdicts import HIGHER, LOWER
from cpsim.study.analysis.inference import TAILS, Numbers, holm, resampling, student, verdicts

WEEKS, MONEY = "unprotected_child_weeks", "cost_gbp"
_ABOUT_RUNS = ("prevalence", "arm", "seed", WEEKS, MONEY)
_SPELL = ["child", "onset"]
_ABOUT_SPELLS = ["severity", "age_years", "decile"]
_FEWEST_WEEKS = 1.0
"""With fewer weeks averted than this nobody can say what one costs."""


def differences_of(runs: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """What each arm has more of every figure than the first, on the same seeds, at each prevalence.

    p-values are adjusted (Holm) over all arms, within the headlines and within the other outcomes, at each prevalence.

    Args:
        runs: the table `runs` of a comparison.
        arms: names of the arms, the reference first.
    """
    outcomes = [name for name in runs.columns if name not in _ABOUT_RUNS]
    parts = [
        _difference(own, arms[0], arm, outcomes).assign(prevalence=prevalence, arm=arm)
        for prevalence, own in _by_prevalence(runs)
        for arm in arms[1:]
    ]
    found = pd.concat(parts, ignore_index=True)
    found["family"] = np.where(found["outcome"].isin(HEADLINES), "headline", "other")
    families = found.groupby(["prevalence", "family"], dropna=False, sort=False)["p"]
    found["p_holm"] = families.transform(holm)
    return found.assign(verdict=verdicts(found["difference"], found["p_holm"]))


def _difference(runs: pd.DataFrame, reference: str, arm: str, outcomes: list[str]) -> pd.DataFrame:
    before, after = (_figures(runs, name, outcomes) for name in (reference, arm))
    difference = after - before
    unknown = np.isnan(difference)
    before, after = (np.where(unknown, np.nan, values) for values in (before, after))
    relative = [_relative(*pair) for pair in zip(before, after, strict=True)]
    told = student(difference).rename(columns={"value": "difference"})
    return told.assign(
        outcome=outcomes,
        reference_mean=_means(before),
        mean=_means(after),
        seeds=(~unknown).sum(axis=1),
        **dict(zip(("relative", "relative_low", "relative_high"), np.transpose(relative), strict=True)),
    )


def _figures(runs: pd.DataFrame, arm: str, outcomes: list[str]) -> Numbers:
    """Figures of an arm [outcomes, seeds], seeds in their order."""
    own = runs[runs["arm"] == arm].sort_values("seed")
    return own[outcomes].to_numpy(dtype=np.float64).T


def _means(values: Numbers) -> Numbers:
    """Mean of each row without its gaps; not a number for a row of gaps."""
    return student(values)["value"].to_numpy(dtype=np.float64)


def _relative(before: Numbers, after: Numbers) -> tuple[float, float, float]:
    """Difference as a share of the reference with its bootstrap interval; figures that can be below 0 have none."""
    known = ~np.isnan(before)
    before, after = before[known], after[known]
    if not len(before) or before.min() < 0 or not before.mean() > 0:
        return np.nan, np.nan, np.nan
    value = float(after.mean() / before.mean() - 1)
    weights = resampling(len(before))
    of_before = before @ weights
    if len(before) < 2 or not of_before.min() > 0:
        return value, np.nan, np.nan
    low, high = np.quantile((after @ weights) / of_before - 1, TAILS)
    return value, float(low), float(high)


def prices_of(runs: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Unprotected weeks averted, extra money, and the one for the other where harm is shown to be lower.

    The p-values of weeks and money of all arms are adjusted together (Holm), at each prevalence.
    """
    parts = [_prices(own, arms, prevalence) for prevalence, own in _by_prevalence(runs)]
    return pd.concat(parts, ignore_index=True)


def _prices(runs: pd.DataFrame, arms: Sequence[str], prevalence: float) -> pd.DataFrame:
    weeks, money = (_totals(runs, arms, name) for name in (WEEKS, MONEY))
    averted, extra = weeks[0] - weeks[1:], money[1:] - money[0]
    told_weeks, told_money = student(averted), student(extra)
    p = holm(pd.concat([told_weeks["p"], told_money["p"]], ignore_index=True)).to_numpy()
    p_weeks, p_money = (pd.Series(part) for part in np.split(p, 2))
    harm = verdicts(told_weeks["value"], p_weeks, more=LOWER, less=HIGHER)
    price = [
        _price(*pair) if shown == LOWER else (np.nan,) * 3
        for *pair, shown in zip(averted, extra, harm, strict=True)
    ]
    names = (OF_TWO_RUNS, "price_low", "price_high")
    return pd.DataFrame(
        {
            "prevalence": prevalence,
            "arm": list(arms[1:]),
            **_as_columns(told_weeks, "weeks_averted", "weeks"),
            **_as_columns(told_money, "extra_gbp", "extra"),
            "harm": harm,
            "money": verdicts(told_money["value"], p_money),
            **dict(zip(names, np.transpose(price), strict=True)),
        }
    )


def _totals(runs: pd.DataFrame, arms: Sequence[str], name: str) -> Numbers:
    """A total of every arm and seed [arms, seeds]."""
    return np.array([_figures(runs, arm, [name])[0] for arm in arms])


def _as_columns(told: pd.DataFrame, value: str, limits: str) -> dict[str, pd.Series]:
    return {value: told["value"], f"{limits}_low": told["low"], f"{limits}_high": told["high"]}


def _price(averted: Numbers, extra: Numbers) -> tuple[float, float, float]:
    """Money for each week averted, and its bootstrap interval if every resample averts some."""
    if averted.mean() < _FEWEST_WEEKS:
        return np.nan, np.nan, np.nan
    weights = resampling(len(averted))
    resampled = averted @ weights
    value = float(extra.mean() / averted.mean())
    if not resampled.min() > 0:
        return value, np.nan, np.nan
    low, high = np.quantile((extra @ weights) / resampled, TAILS)
    return value, float(low), float(high)


def children_of(reference: pd.DataFrame, arm: pd.DataFrame) -> pd.DataFrame:
    """The fate of every spell of harm in two arms on the same children.

    A spell is known by its child and the week in which it begins if nobody intervenes.

    Args:
        reference: the table `spells` of a run under the reference.
        arm: the same of a run under the arm, on the same seed.

    Returns:
        The columns of the table `children` from `child` on, sorted by child and onset.
    """
    joined = _fates(reference, "before").merge(
        _fates(arm, "after"), on=_SPELL, how="outer", suffixes=("", "_after"), sort=True
    )
    for name in _ABOUT_SPELLS:
        joined[name] = joined[name].fillna(joined.pop(f"{name}_after"))
    return joined.fillna({"before": "not_begun", "after": "not_begun"})


def _fates(spells: pd.DataFrame, when: str) -> pd.DataFrame:
    result, cause = (spells[name].astype("object") for name in ("result_13w", "cause"))
    return spells[[*_SPELL, *_ABOUT_SPELLS]].assign(
        **{
            when: result.mask(result == "missed", cause),
            f"delay_{when}": spells["first_protected"] - spells["onset"],
        }
    )


def flows_of(children: pd.DataFrame, arms: Sequence[str], seeds: Sequence[int]) -> pd.DataFrame:
    """How many spells have each pair of fates in a seed, those of most spells first.

    Args:
        children: the table `children` of a comparison.
        arms: names of the arms that have the reference's children.
        seeds: all seeds, those without a spell among them.
    """
    parts = [_flows(own, arm, seeds) for arm, own in _by_arm(children, arms) if len(own)]
    columns = ["arm", "before", "after", "spells", "low", "high", "share"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _flows(children: pd.DataFrame, arm: str, seeds: Sequence[int]) -> pd.DataFrame:
    fates = [children[name].astype("object") for name in ("before", "after")]
    counts = children.groupby([*fates, "seed"]).size().unstack("seed", fill_value=0)
    counts = counts.reindex(columns=list(seeds), fill_value=0)
    told = student(counts.to_numpy(dtype=np.float64)).rename(columns={"value": "spells"})
    pairs = counts.index.to_frame(index=False)
    share = told["spells"] / told["spells"].sum()
    flows = pd.concat([pairs, told.drop(columns="p")], axis=1).assign(arm=arm, share=share)
    return flows.sort_values(["spells", "before", "after"], ascending=[False, True, True], kind="stable")


def turns_of(children: pd.DataFrame, arms: Sequence[str], seeds: Sequence[int]) -> pd.DataFrame:
    """How many children of a seed are caught who were missed, and the reverse; arguments as for `flows_of`."""
    rows = [
        {"arm": arm, "turn": turn, **_turned(own, turn, seeds)}
        for (arm, own), turn in product(_by_arm(children, arms), (RESCUED, LOST))
    ]
    return pd.DataFrame(rows, columns=["arm", "turn", "children", "low", "high"])


def _turned(children: pd.DataFrame, turn: str, seeds: Sequence[int]) -> dict[str, float]:
    missed, caught = ("before", "after") if turn == RESCUED else ("after", "before")
    turned = children[children[missed].isin(list(CAUSES)) & (children[caught] == "protected")]
    number = turned.groupby("seed")["child"].nunique().reindex(list(seeds), fill_value=0)
    (told,) = student(np.array([number], dtype=np.float64)).to_dict("records")
    return {"children": told["value"], "low": told["low"], "high": told["high"]}


def _by_prevalence(runs: pd.DataFrame) -> Iterator[tuple[float, pd.DataFrame]]:
    for prevalence, own in runs.groupby("prevalence", dropna=False, sort=False):
        yield float(str(prevalence)), own


def _by_arm(children: pd.DataFrame, arms: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    return [(arm, children[children["arm"] == arm]) for arm in arms]
