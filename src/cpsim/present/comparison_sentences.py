"""The findings of a comparison in sentences: misses with harm and assessments, gains with losses, and the limits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cpsim.formatting import (
    format_count,
    format_difference,
    format_estimate,
    format_interval,
    format_list,
    format_magnitude,
    format_money,
    format_outcome,
    format_percent,
    format_percent_setting,
    format_price,
)
from cpsim.inference import POWER, estimate_smallest_shown
from cpsim.measures.outcomes import OUTCOMES, list_first_headlines
from cpsim.present.reach import list_equal_arms, list_idle_sentences
from cpsim.results.comparison_tables import (
    FATES,
    HEADLINES,
    NEWLY_MISSED,
    NEWLY_REACHED,
    OF_TWO_RUNS,
    PAIRINGS,
)
from cpsim.results.verdicts import CANNOT_BE_SAID, HIGHER, LOWER, NOT_SHOWN, VERDICTS
from cpsim.scenario.register import load_register
from cpsim.world.comparable import check_arms

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.results.comparison import Comparison

Row = dict[str, Any]

SAME = "the same, with every seed"
"""In place of a verdict where the two arms are equal in every run."""

_FEW_SEEDS = 10
_MOST_STOPS = 3
_AT_OTHER_PREVALENCES = list_first_headlines(("Missed risk", "Assessments", "Workload"))
"""Cost is left out of the sentence, because it follows the workload; the figure shows it."""


def describe_comparison(comparison: Comparison) -> list[str]:
    """Describe the findings about each arm, then the limits of the comparison, one sentence each."""
    findings = [sentence for arm in comparison.others for sentence in describe_arm(comparison, arm)]
    return [*findings, *list_equal_arms(comparison.scenarios), *describe_limits(comparison)]


def describe_arm(comparison: Comparison, arm: str) -> Iterator[str]:
    """Describe the findings about one arm, the headline outcomes first."""
    if comparison.pairing[arm] != "harm":
        yield (
            f"{arm} does not have the harm of {comparison.reference} (it has {PAIRINGS[comparison.pairing[arm]]}), "
            "so differences in its misses are not due to the system alone."
        )
    if comparison.pairing[arm] == "seed":
        yield from _describe_other_children(comparison, arm)
    if _is_identical(comparison, arm):
        yield f"{arm} is the same as {comparison.reference}: in every outcome and for every child, with every seed."
        yield from list_idle_sentences(comparison.scenarios[arm])
        return
    yield _describe_headlines(comparison, arm)
    if comparison.pairing[arm] != "seed":
        yield from _describe_children(comparison, arm)
    if comparison.pairing[arm] == "harm":
        yield from _describe_price(comparison, arm)
    if len(comparison.prevalences) > 1:
        yield _describe_prevalences(comparison, arm)


def _describe_other_children(comparison: Comparison, arm: str) -> Iterator[str]:
    """Name the settings by which an arm has other children than the reference."""
    pair = {name: comparison.scenarios[name] for name in (comparison.reference, arm)}
    yield from check_arms(pair).values()


def _is_identical(comparison: Comparison, arm: str) -> bool:
    """Return whether no outcome of any run differs, and no child's fate."""
    rows = comparison.differences[comparison.differences["arm"] == arm]
    children = comparison.children[comparison.children["arm"] == arm]
    known = rows[rows["seeds"] > 0]
    equal = (known[["difference", "low", "high"]].fillna(0) == 0).all(axis=None)
    return bool(equal and (children["before"] == children["after"]).all())


def _describe_headlines(comparison: Comparison, arm: str) -> str:
    rows = _add_prices(comparison, arm, _select_rows(comparison.select_rows(), arm, HEADLINES))
    tests = count_tests(comparison)
    start = f"{arm} against {comparison.reference}, {_format_seeds(comparison)}"
    by_verdict = {verdict: [row for row in rows if row["verdict"] == verdict] for verdict in VERDICTS}
    if len(by_verdict[CANNOT_BE_SAID]) == len(rows):
        return (
            f"{start}: {_join(map(_format_alone, rows))}. Whether these differences are more than chance cannot be "
            "said."
        )
    parts = {
        "": map(_format_shown, (row for row in rows if row["verdict"] in (HIGHER, LOWER))),
        f"{NOT_SHOWN}: ": (_format_not_shown(row, tests) for row in by_verdict[NOT_SHOWN]),
        f"{CANNOT_BE_SAID}: ": map(_format_label, by_verdict[CANNOT_BE_SAID]),
    }
    joined = ((heading, _join(items)) for heading, items in parts.items())
    first, *others = (heading + items for heading, items in joined if items)
    return ". ".join([f"{start}: {first}", *map(_capitalise, others)]) + "."


def _format_alone(row: Row) -> str:
    return f"{_format_label(row)} {format_difference(row['outcome'], row['difference'])}{row['price']}"


def _format_shown(row: Row) -> str:
    size = _format_size(row, "difference")
    low, high = (_format_size(row, name, unit=False) for name in ("low", "high"))
    before, after = (format_outcome(row["outcome"], row[name]) for name in ("reference_mean", "mean"))
    limits = f"{low} to {high}" if row["difference"] > 0 else f"{high} to {low}"
    level = f", {after} instead of {before}" if after != before else ""
    return f"{_format_label(row)} {row['verdict']} by {size} ({limits}){level}{row['price']}"


def count_tests(comparison: Comparison) -> int:
    """Count the tests of headline outcomes of all arms, for which verdicts are adjusted together."""
    rows = comparison.select_rows()
    return int(((rows["family"] == "headline") & rows["p"].notna()).sum())


def format_smallest_shown(row: Mapping[Any, Any], tests: int) -> str:
    """Format the smallest difference in an outcome that would have been shown with a power of 80%."""
    size = estimate_smallest_shown(_half_width(row), int(row["seeds"]), tests)
    return format_magnitude(row["outcome"], size, _half_width(row))


def _format_not_shown(row: Row, tests: int) -> str:
    if row["low"] == row["high"] == 0:
        return f"{_format_label(row)} ({SAME}){row['price']}"
    interval = format_interval(row["outcome"], row["low"], row["high"])
    alone = row["low"] * row["high"] > 0
    return (
        f"{_format_label(row)} ({interval}{', which may be chance among so many outcomes' if alone else ''}; "
        f"{format_smallest_shown(row, tests)} would have been shown){row['price']}"
    )


def _format_size(row: Row, name: str, *, unit: bool = True) -> str:
    """Format a difference, or one end of its interval, without the sign."""
    return format_magnitude(row["outcome"], abs(row[name]), _half_width(row), unit=unit)


def _describe_children(comparison: Comparison, arm: str) -> Iterator[str]:
    turns = comparison.turns[comparison.turns["arm"] == arm].set_index("turn")
    protected, missed = (_format_turn(dict(turns.loc[turn])) for turn in (NEWLY_REACHED, NEWLY_MISSED))
    if turns["children"].eq(0).all():
        yield f"No child is newly reached or newly missed under {arm}."
        return
    yield (
        f"Children newly reached under {arm} (missed under {comparison.reference}), "
        f"{'in the one seed' if len(comparison.seeds) == 1 else 'per seed'}: {protected}. Newly missed: {missed}."
    )
    yield from _describe_stops(
        comparison.select_newly_reached(arm),
        "before",
        "The chains of the misses now avoided had stopped most often at",
    )
    yield from _describe_stops(
        comparison.select_newly_missed(arm), "after", "The chains of the new misses stopped most often at"
    )
    if comparison.pairing[arm] == "children":
        yield f"Spells of harm that begin under only one of {arm} and {comparison.reference} are in neither number."


def _format_turn(turn: Row) -> str:
    return format_estimate(turn["children"], turn["low"], turn["high"])


def _describe_stops(spells: pd.DataFrame, when: str, start: str) -> Iterator[str]:
    """Say where the chains of spells whose fate has changed stopped most often."""
    shares = spells[when].astype("object").value_counts(normalize=True).head(_MOST_STOPS)
    if len(shares):
        named = (f"“{FATES[str(code)].lower()}” ({format_percent(share)})" for code, share in shares.items())
        yield f"{start} {format_list(named)}."


def _describe_price(comparison: Comparison, arm: str) -> Iterator[str]:
    """Say whether the arm averts harm and costs more, and if both, the cost for each week averted."""
    (row,) = _select_rows(comparison.select_rows(table="prices"), arm)
    harm, money = row["harm"], row["money"]
    if harm not in (HIGHER, LOWER):
        yield "The cost of averting a week of unprotected harm cannot be said: no week is shown to be averted."
        return
    start = f"{arm} {'averts' if harm == LOWER else 'adds'} weeks of unprotected harm"
    if money not in (HIGHER, LOWER):
        yield f"{start}; no difference in cost is shown."
    elif harm == LOWER and money == HIGHER:
        limits = (
            ""
            if math.isnan(row["price_low"])
            else f" ({format_money(row['price_low'])} to {format_money(row['price_high'])})"
        )
        yield f"{start} and costs more: {format_money(row[OF_TWO_RUNS])}{limits} for each week averted."
    else:
        yield f"{start} and costs {'more' if money == HIGHER else 'less'}."


def _describe_prevalences(comparison: Comparison, arm: str) -> str:
    parts = (_describe_by_prevalence(comparison, arm, outcome) for outcome in _AT_OTHER_PREVALENCES)
    return f"With another share of children in harm if no one intervened: {'; '.join(parts)}."


def _describe_by_prevalence(comparison: Comparison, arm: str, outcome: str) -> str:
    """Describe one outcome at each prevalence, with prevalences of the same verdict together."""
    shares = [share for share in comparison.prevalences if share is not None]
    rows = {share: _select_rows(comparison.select_rows(share), arm, (outcome,))[0] for share in shares}
    parts = []
    for verdict in VERDICTS:
        found = {share: row for share, row in rows.items() if row["verdict"] == verdict}
        if found:
            where = f"at {format_list(map(format_percent_setting, found))}"
            parts.append(f"{verdict}{_format_sizes(found.values(), verdict)} {where}")
    return f"{OUTCOMES[outcome].label.lower()}: {', '.join(parts)}"


def _format_sizes(rows: Iterable[Row], verdict: str) -> str:
    """Format the sizes of shown differences; without a verdict, the differences themselves."""
    if verdict == NOT_SHOWN:
        return ""
    if verdict == CANNOT_BE_SAID:
        known = [row for row in rows if not math.isnan(row["difference"])]
        sizes = [format_difference(row["outcome"], row["difference"], unit=row is known[-1]) for row in known]
        return f" ({format_list(sizes)})" if sizes else ""
    *others, last = rows
    sizes = [_format_size(row, "difference", unit=False) for row in others]
    return f" by {format_list([*sizes, _format_size(last, 'difference')])}"


def describe_limits(comparison: Comparison) -> Iterator[str]:
    """Describe what the comparison cannot show."""
    yield from _describe_seed_limits(comparison)
    if len(comparison.prevalences) > 1:
        yield (
            "Thresholds, posts and budgets are the same at every share of children in harm. Where harm is more "
            "common, the results show the same system under more pressure, not a place that has always had so much "
            "harm."
        )
    numbers = [row.tag for row in load_register().values()]
    yield (
        f"{numbers.count('guess')} of the {len(numbers)} numbers of the model are guesses, and every child in it is "
        "invented. A difference here is a reason to look, not a finding about England."
    )


def _describe_seed_limits(comparison: Comparison) -> Iterator[str]:
    seeds = len(comparison.seeds)
    if seeds == 1:
        yield "One seed cannot distinguish a difference from chance. Run at least 20 seeds."
        return
    if seeds < _FEW_SEEDS:
        yield f"{seeds} seeds are few: that no difference is shown does not mean that there is none."
    rows = comparison.select_rows()
    half = _half_widths(rows[rows["family"] == "headline"]).max()
    if half > 0:
        yield (
            "What would have been shown is the smallest difference that this comparison shows with a probability of "
            f"{format_percent(POWER)}: the standard error over seeds, times Student's t at the level of a single test "
            f"among all {count_tests(comparison)} (Bonferroni) plus its t at {format_percent(POWER)}. Intervals are "
            f"95% intervals over seeds; verdicts are adjusted (Holm) for testing {len(HEADLINES)} headline outcomes of "
            f"{format_count(len(comparison.others), 'arm')} together."
        )


def _format_seeds(comparison: Comparison) -> str:
    return format_count(len(comparison.seeds), "seed")


def _select_rows(frame: pd.DataFrame, arm: str, outcomes: Iterable[str] = ()) -> list[Row]:
    """Select the rows of an arm, in the order of `outcomes` if any are given."""
    own = frame[frame["arm"] == arm]
    if not outcomes:
        return [{str(name): value for name, value in row.items()} for row in own.to_dict("records")]
    by_outcome = own.set_index("outcome", drop=False)
    return [dict(by_outcome.loc[name]) for name in outcomes]


def _add_prices(comparison: Comparison, arm: str, rows: Iterable[Row]) -> list[Row]:
    """Add to each row the price of its outcome in the arm, to follow its difference; empty if it has none."""
    means = {row["outcome"]: row["mean"] for row in _select_rows(comparison.select_rows(), arm)}
    prices = [format_price(row["outcome"], means) for row in rows]
    return [row | {"price": price and f", {price}"} for row, price in zip(rows, prices, strict=True)]


def _format_label(row: Row) -> str:
    return OUTCOMES[row["outcome"]].label.lower()


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def _join(items: Iterable[str]) -> str:
    return "; ".join(items)


def _half_width(row: Mapping[Any, Any]) -> float:
    return float(row["high"] - row["low"]) / 2


def _half_widths(rows: pd.DataFrame) -> pd.Series:
    return (rows["high"] - rows["low"]) / 2
