"""Computes the tables of a comparison from the runs of every seed and the spells of each arm."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from cpsim.arrays import Floats
from cpsim.inference import (
    TAILS,
    Estimates,
    count_tests,
    draw_bootstrap_weights,
    estimate_means,
    label_intervals,
    subtract,
    subtract_estimates,
    summarise_replicates,
    tabulate_estimates,
)
from cpsim.measures.horizons import result_column
from cpsim.measures.outcomes.registry import PATH
from cpsim.results.comparison_tables import (
    COMPARISON_TABLES,
    FAMILIES,
    HEADLINES,
    NEWLY_MISSED,
    NEWLY_REACHED,
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


@dataclass(frozen=True)
class Families:
    """The families of tests of a comparison.

    Attributes:
        primary: name of the primary outcome.
        near: arm -> names of the outcomes near it.
        pilot: number of pilot seeds, whose variation alone counts for the primary outcome; None if the number of seeds
            was fixed in advance.
    """

    primary: str
    near: Mapping[str, Sequence[str]]
    pilot: int | None = None

    def name_family(self, arm: str, outcome: str) -> str:
        """Name the family of a test, a code of `FAMILIES`: the first of them in which the outcome of the arm is."""
        if outcome == self.primary:
            return "primary"
        if outcome in HEADLINES:
            return "headline"
        if outcome in self.near[arm]:
            return "near"
        return "path" if outcome in PATH else "other"


def compute_differences(
    runs: pd.DataFrame, arms: Sequence[str], families: Families, unpaired: Collection[str] = ()
) -> pd.DataFrame:
    """Compute the difference of each arm from the reference in every outcome, on the same seeds, at each prevalence.

    The interval of a row has the level of one test of its family: of all distinct tests of the same kind over all arms
    (Bonferroni), at each prevalence.

    Args:
        runs: the table `runs` of a comparison.
        arms: names of the arms, the reference first.
        families: the families of tests.
        unpaired: arms with other children than the reference, whose seeds are not paired with those of the reference.

    Returns:
        The table `differences` of a comparison.
    """
    outcomes = [name for name in runs.columns if name not in _NOT_OUTCOMES]
    parts = [
        _compare_arms(own, arms, outcomes, families, unpaired).assign(prevalence=prevalence)
        for prevalence, own in _split_by_prevalence(runs)
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(verdict=label_intervals(table["low"], table["high"]))


def _compare_arms(
    runs: pd.DataFrame,
    arms: Sequence[str],
    outcomes: list[str],
    families: Families,
    unpaired: Collection[str],
) -> pd.DataFrame:
    """Compare all arms with the reference at one prevalence, in the order of the arms."""
    pairs = {
        arm: tuple(_select_outcomes(runs, name, outcomes) for name in (arms[0], arm)) for arm in arms[1:]
    }
    differences = {arm: subtract(after, before) for arm, (before, after) in pairs.items()}
    names = {arm: np.array([families.name_family(arm, name) for name in outcomes]) for arm in pairs}
    tests = {
        family: count_tests(np.vstack([differences[arm][names[arm] == family] for arm in pairs]))
        for family in FAMILIES
    }
    parts = []
    for arm, pair in pairs.items():
        unknown = np.isnan(differences[arm])
        before, after = (estimate_means(np.where(unknown, np.nan, values)) for values in pair)
        estimates = subtract_estimates(after, before) if arm in unpaired else estimate_means(differences[arm])
        if families.pilot is not None and families.primary in outcomes:
            row = outcomes.index(families.primary)
            estimates = _estimate_from_pilot(estimates, differences[arm], row, families.pilot)
        own = np.array([tests[family] for family in names[arm]])
        rows = tabulate_estimates(estimates, own).rename(columns={"value": "difference"})
        parts.append(
            rows.assign(
                outcome=outcomes,
                arm=arm,
                family=names[arm],
                reference_mean=before.value,
                mean=after.value,
                tests=own,
                freedom=estimates.freedom,
                seeds=(~unknown).sum(axis=1),
                relative=_divide(estimates.value, before.value),
            )
        )
    return pd.concat(parts, ignore_index=True)


def _estimate_from_pilot(estimates: Estimates, differences: Floats, row: int, pilot: int) -> Estimates:
    """Replace the standard error of the primary outcome by that which the pilot seeds predict (Stein 1945)."""
    known = differences[row, :pilot]
    known = known[~np.isnan(known)]
    seeds = int((~np.isnan(differences[row])).sum())
    error, freedom = estimates.error.copy(), estimates.freedom.copy()
    if len(known) > 1:
        error[row], freedom[row] = known.std(ddof=1) / np.sqrt(seeds), len(known) - 1
    return Estimates(estimates.value, error, freedom)


def _divide(difference: Floats, level: Floats) -> Floats:
    """Return differences as shares of levels; NaN for a level that is not above 0."""
    share: Floats = np.divide(difference, level, out=np.full(len(level), np.nan), where=level > 0)
    return share


def _select_outcomes(runs: pd.DataFrame, arm: str, outcomes: list[str]) -> Floats:
    """Return the outcomes of an arm, shape (outcomes, seeds), in the order of the seeds."""
    own = runs[runs["arm"] == arm].sort_values("seed")
    return own[outcomes].to_numpy(dtype=np.float64).T


def compute_prices(runs: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Compute the unprotected weeks averted, the extra cost, and the cost per week where harm is shown to be lower.

    Weeks and cost of all arms are one family of tests (Bonferroni) at each prevalence.

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
    tests = count_tests(np.vstack([averted, extra]))
    weeks_summary, money_summary = (summarise_replicates(table, tests) for table in (averted, extra))
    harm = label_intervals(weeks_summary["low"], weeks_summary["high"], higher=LOWER, lower=HIGHER)
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
            "money": label_intervals(money_summary["low"], money_summary["high"]),
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
    """Count the spells of a seed that are newly reached, and those that are newly missed.

    Args:
        children: the table `children` of a comparison.
        arms: names of the arms that have the reference's children.
        seeds: all seeds, including those without a spell.

    Returns:
        The table `turns` of a comparison.
    """
    rows = [
        {"arm": arm, "turn": turn, **_count_turn(own, turn, seeds)}
        for (arm, own), turn in product(_split_by_arm(children, arms), (NEWLY_REACHED, NEWLY_MISSED))
    ]
    return pd.DataFrame(rows, columns=["arm", "turn", "spells", "low", "high"])


def _count_turn(children: pd.DataFrame, turn: str, seeds: Sequence[int]) -> dict[str, float]:
    missed, protected = ("before", "after") if turn == NEWLY_REACHED else ("after", "before")
    changed = children[children[missed].isin(list(STOPS)) & (children[protected] == "protected")]
    number = changed.groupby("seed").size().reindex(list(seeds), fill_value=0)
    (summary,) = summarise_replicates(np.array([number], dtype=np.float64)).to_dict("records")
    return {"spells": summary["value"], "low": summary["low"], "high": summary["high"]}


def _split_by_prevalence(runs: pd.DataFrame) -> Iterator[tuple[float, pd.DataFrame]]:
    for prevalence, own in runs.groupby("prevalence", dropna=False, sort=False):
        yield float(str(prevalence)), own


def _split_by_arm(children: pd.DataFrame, arms: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    return [(arm, children[children["arm"] == arm]) for arm in arms]
