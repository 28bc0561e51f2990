"""What a comparison answers, in sentences: about one arm in the order in which it is read, and how sure it is.

Every surface shows these sentences: the terminal, the page, `comparison.json` and `Comparison.describe`.

In the examples, `comparison` is a `Comparison` of three arms on four seeds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cpsim.formatting import (
    add_rate,
    format_change,
    format_count,
    format_decimals,
    format_interest,
    format_list,
    format_magnitude,
    format_money,
    format_noun,
    format_outcome,
    format_outcome_name,
    format_percent,
    format_percent_setting,
    lower_first,
    raise_first,
)
from cpsim.inference import POWER, estimate_smallest_shown
from cpsim.measures.outcomes import OUTCOMES
from cpsim.measures.outcomes.registry import PATH
from cpsim.present.load import describe_load
from cpsim.present.reach import list_effect_lines, list_idle_sentences
from cpsim.present.tones import find_explanations
from cpsim.results.comparison_tables import HEADLINES, NEWLY_MISSED, NEWLY_REACHED, OF_TWO_RUNS, PAIRINGS
from cpsim.results.verdicts import CANNOT_BE_SAID, HIGHER, LOWER, NOT_SHOWN
from cpsim.scenario.register import load_register
from cpsim.world.comparable import check_arms

if TYPE_CHECKING:
    from cpsim.results.comparison import Comparison

Row = Mapping[str, Any]

__all__ = [
    "Answer",
    "create_answer",
    "describe_change",
    "describe_seeds",
    "format_smallest_shown",
    "name_arm",
    "select_arm",
    "select_row",
]

_EFFECTS: Final = ("Missed risk", "Harm")
_MOST_OTHERS: Final = 3
"""Most outcomes named of those that differ among all others."""
_FEW_SEEDS: Final = 10
_NOTEWORTHY: Final = 0.05
"""Share of the smallest size of interest below which a change in what an event touches is not in the lead."""
_UNCLEAR: Final = "unclear"
"""No change is shown, and there are too few seeds to rule out one of interest."""
_SAME: Final = "the same"
"""The outcome is equal in every seed."""

_VERBS: Final = {
    LOWER: "{noun} fell",
    HIGHER: "{noun} rose",
    NOT_SHOWN: "no change in {noun} was shown",
    _SAME: "there is no difference in {noun} with any seed",
    _UNCLEAR: "whether {noun} changed is unclear",
    CANNOT_BE_SAID: "whether {noun} changed cannot be said",
}
"""Verdict on the primary outcome, or that it is the same or unclear -> clause about it."""


@dataclass(frozen=True)
class Answer:
    """What a comparison answers about one arm; every part is a sentence or more, or empty.

    Attributes:
        arm: name of the arm.
        lead: the answer in one sentence.
        note: what else the lead needs: levels, or the smallest change that would have been seen.
        seeds: how many seeds there are, and how many would settle the primary outcome.
        caution: what limits the comparison: other children, a system that is overloaded, or an improvement that
            something else explains.
        reach: what the events of the arm can do, and what is not in play, a line for each.
        touched: what changed of what the events touch directly.
        moved: what else changed of misses and harm, and along the way from contacts to protection.
        unmoved: what was not shown to change, with the sizes that would have been seen.
        price: what it takes: assessments, workload and money.
        whom: how many spells are newly reached and newly missed.
        prevalences: what becomes of the primary outcome where harm is rarer or more common; empty if it was not run.

    >>> answer = Answer("bound", "Missed risk fell.", "", "", (), (), (), (), "", (), "", "")
    >>> answer.sentences
    ['Missed risk fell.']
    """

    arm: str
    lead: str
    note: str
    seeds: str
    caution: tuple[str, ...]
    reach: tuple[str, ...]
    touched: tuple[str, ...]
    moved: tuple[str, ...]
    unmoved: str
    price: tuple[str, ...]
    whom: str
    prevalences: str

    @property
    def sentences(self) -> list[str]:
        """All sentences, in the order in which they are read."""
        parts = (
            self.lead, self.note, self.seeds, *self.caution, *self.touched, *self.moved, self.unmoved, *self.price,
            self.whom, self.prevalences,
        )  # fmt: skip
        return [part for part in parts if part]


def create_answer(comparison: Comparison, arm: str) -> Answer:
    """Create the answer of a comparison about one arm.

    >>> create_answer(comparison, "pooled_budget").lead
    'No change in missed risk was shown.'
    """
    rows = select_arm(comparison, arm)
    verdicts = {name: str(row["verdict"]) for name, row in rows.items()}
    cautions = tuple(_list_cautions(comparison, arm, rows))
    arms = comparison.scenarios
    reach = tuple(list_effect_lines(arms[arm], arms[comparison.reference]))
    if _is_identical(comparison, arm):
        lead = (
            f"{arm} changes nothing: every outcome and every child is the same as under {comparison.reference}, with "
            "every seed."
        )
        idle = tuple(list_idle_sentences(arms[arm]))
        return Answer(arm, lead, "", "", (*cautions, *idle), reach, (), (), "", (), "", "")
    near = [rows[name] for name in comparison.near[arm] if name in rows]
    primary = rows[comparison.primary]
    others = [rows[name] for name in HEADLINES if name != comparison.primary and rows[name] not in near]
    effects = [row for row in others if OUTCOMES[row["outcome"]].heading in _EFFECTS]
    prices = [row for row in others if OUTCOMES[row["outcome"]].heading not in _EFFECTS]
    lead, named = _describe_lead(comparison, near, primary, [*effects, *prices], verdicts)
    return Answer(
        arm=arm,
        lead=lead,
        note=_describe_note(comparison, primary),
        seeds=describe_seeds(comparison),
        caution=(*cautions, *_list_explained(verdicts, named)),
        reach=reach,
        touched=tuple(_describe_touched([row for row in near if row["outcome"] not in named])),
        moved=tuple(_describe_moved(rows, effects, near, named)),
        unmoved=_describe_unmoved(effects),
        price=tuple(_describe_price(comparison, arm, prices, named)),
        whom=_describe_whom(comparison, arm),
        prevalences=_describe_prevalences(comparison, arm),
    )


def select_arm(comparison: Comparison, arm: str, prevalence: float | None = None) -> dict[str, Row]:
    """Return the differences of an arm at one of the comparison's prevalences: outcome -> row.

    >>> rows = select_arm(comparison, "duty_complete")
    >>> rows["missed_risk_rate"]["family"], len(rows) > 100
    ('primary', True)
    """
    frame = comparison.select_rows(prevalence)
    rows = frame[frame["arm"] == arm].to_dict("records")
    return {str(row["outcome"]): {str(name): value for name, value in row.items()} for row in rows}


def select_row(comparison: Comparison, arm: str, outcome: str, prevalence: float | None = None) -> Row:
    """Return the row of the differences of an arm in an outcome, at one of the comparison's prevalences.

    >>> row = select_row(comparison, "duty_complete", "missed_risk_rate")
    >>> row["family"], row["verdict"], row["seeds"]
    ('primary', 'lower', 4)
    """
    return select_arm(comparison, arm, prevalence)[outcome]


# The lead, and what it needs.


def _describe_lead(
    comparison: Comparison, near: list[Row], primary: Row, others: list[Row], verdicts: Mapping[str, str]
) -> tuple[str, set[str]]:
    """Describe the answer in one sentence, and return it with the outcomes that it names.

    It has at most two findings: the largest change, for its size of interest, in what the events touch directly, or
    else in another headline; and the primary outcome.
    """
    if len(comparison.seeds) == 1:
        return _describe_one_seed(primary), {primary["outcome"]}
    large = [row for row in near if _is_shown(row) and _compare_with_interest(row) >= _NOTEWORTHY]
    first = max(large, key=_compare_with_interest, default=None)
    if first is None and not _is_shown(primary):
        first = max(filter(_is_shown, others), key=_compare_with_interest, default=None)
    about_primary = _describe_primary(comparison, primary, verdicts)
    if first is None or first is primary:
        return f"{raise_first(about_primary)}.", {primary["outcome"]}
    about_first = raise_first(_describe_explained(first, verdicts))
    joint = ", and " if _is_shown(primary) else "; "
    return f"{about_first}{joint}{about_primary}.", {first["outcome"], primary["outcome"]}


def _compare_with_interest(row: Row) -> float:
    """Return the size of a difference as a multiple of the smallest size of interest; 0 if none is named."""
    interest = OUTCOMES[str(row["outcome"]).partition(".")[0]].interest
    return abs(float(row["difference"])) / interest if interest else 0.0


def _describe_one_seed(primary: Row) -> str:
    change = (
        describe_change(primary)
        if primary["difference"]
        else f"{format_noun(primary['outcome'])} is the same"
    )
    return f"One seed cannot tell a change from chance: in this one, {change}."


def _describe_primary(comparison: Comparison, primary: Row, verdicts: Mapping[str, str]) -> str:
    """Describe the primary outcome in a clause: its change, that none was shown, or that it is unclear."""
    if _is_shown(primary):
        return _describe_explained(primary, verdicts)
    return _VERBS[_judge_primary(comparison, primary)].format(noun=format_noun(primary["outcome"]))


def _judge_primary(comparison: Comparison, primary: Row) -> str:
    """Return the verdict on the primary outcome, or that it is unclear because the seeds do not settle it."""
    if primary["low"] == primary["high"] == 0:
        return _SAME
    is_open = primary["verdict"] == NOT_SHOWN and not _is_settled(comparison, _half_width(primary))
    return _UNCLEAR if is_open else str(primary["verdict"])


def _is_settled(comparison: Comparison, half_width: float) -> bool:
    """Return whether an interval is as narrow as half the smallest difference of interest."""
    return half_width <= comparison.interest / 2


def _describe_explained(row: Row, verdicts: Mapping[str, str]) -> str:
    """Describe a change in a clause, with what explains it if it is an improvement that is not better by itself."""
    return f"{describe_change(row)}{_explain(str(row['outcome']), verdicts)}"


def describe_change(row: Row) -> str:
    """Describe the change of a row in a clause, with its size and interval; without an interval if there is none.

    >>> row = {"outcome": "missed_risk_rate", "difference": -0.008, "low": -0.011, "high": -0.005}
    >>> describe_change(row)
    'missed risk fell by 0.8 percentage points (0.5 to 1.1)'
    """
    return format_change(str(row["outcome"]), float(row["difference"]), float(row["low"]), float(row["high"]))


def _describe_note(comparison: Comparison, primary: Row) -> str:
    """Describe the levels of a primary outcome that changed, or the smallest change that would have been seen."""
    if _is_shown(primary):
        before, after = (
            format_outcome(primary["outcome"], primary[name]) for name in ("reference_mean", "mean")
        )
        noun = raise_first(format_noun(primary["outcome"]))
        levels = "" if before == after else f"{noun}: {after} instead of {before}."
        return " ".join(filter(None, (levels, _describe_below_interest(comparison, primary))))
    smallest = format_smallest_shown(primary)
    if not smallest:
        return ""
    size = add_rate(primary["outcome"], smallest)
    return f"A change of {size} in {format_noun(primary['outcome'])} would have been seen."


def _describe_below_interest(comparison: Comparison, primary: Row) -> str:
    """Say that a shown change is smaller than the smallest difference of interest; empty if it may not be."""
    if max(abs(float(primary["low"])), abs(float(primary["high"]))) >= comparison.interest:
        return ""
    size = add_rate(comparison.primary, format_interest(comparison.primary, comparison.interest))
    noun = format_noun(comparison.primary)
    return f"The change in {noun} is smaller than the smallest difference of interest, {size}."


def format_smallest_shown(row: Row) -> str:
    """Format the smallest change that would have been seen with a power of 80%; empty if it is not known.

    >>> row = {"outcome": "missed_risk_rate", "low": -0.01, "high": 0.01, "freedom": 19.0, "tests": 1}
    >>> format_smallest_shown(row)
    '1.4 percentage points'
    """
    half = _half_width(row)
    if math.isnan(half) or half == 0:
        return ""
    size = estimate_smallest_shown(half, float(row["freedom"]), int(row["tests"]))
    return format_magnitude(str(row["outcome"]), size, half)


def describe_seeds(comparison: Comparison) -> str:
    """Describe how many seeds there are, whether they settle the primary outcome, and how many would.

    >>> describe_seeds(comparison)
    '4 seeds are few, but they settle a difference of 1 percentage point in missed risk.'
    """
    seeds = len(comparison.seeds)
    noun = format_noun(comparison.primary)
    size = add_rate(comparison.primary, format_interest(comparison.primary, comparison.interest))
    if seeds == 1:
        return "Without --seeds, as many seeds are run as settle the answer."
    rows = comparison.select_rows()
    half = float(((rows["high"] - rows["low"]) / 2)[rows["outcome"] == comparison.primary].max())
    if math.isnan(half):
        return ""
    few = f"{format_count(seeds, 'seed')} {'are few' if seeds < _FEW_SEEDS else ''}".strip()
    if _is_settled(comparison, half):
        is_pilot = comparison.pilot in (None, seeds)
        called = "" if is_pilot else ", as many as the first ten called for,"
        if seeds < _FEW_SEEDS:
            return f"{few}, but they settle a difference of {size} in {noun}."
        return f"{few}{called} settle a difference of {size} in {noun}."
    needed = math.ceil(seeds * (2 * half / comparison.interest) ** 2)
    option = "--seeds" if comparison.pilot is None else "--most-seeds"
    return (
        f"{few}{' and' if seeds < _FEW_SEEDS else ''} do not settle a difference of {size} in {noun}; about "
        f"{format_decimals(needed)} would ({option} {needed})."
    )


def _list_cautions(comparison: Comparison, arm: str, rows: Mapping[str, Row]) -> Iterator[str]:
    """Yield what limits the comparison of an arm: other children or harm, and a system that is overloaded."""
    pairing = comparison.pairing[arm]
    if pairing != "harm":
        yield (
            f"{arm} does not have the harm of {comparison.reference} (it has {PAIRINGS[pairing]}), so differences in "
            "its misses are not due to the system alone."
        )
    if pairing == "seed":
        pair = {name: comparison.scenarios[name] for name in (comparison.reference, arm)}
        yield from check_arms(pair).values()
    load = rows["utilisation_mean"]
    for name, level in ((comparison.reference, load["reference_mean"]), (arm, load["mean"])):
        text = "" if math.isnan(level) else describe_load(float(level))
        if text:
            yield f"Under {name}, {lower_first(text)}{'' if text.endswith('.') else '.'}"


def _is_identical(comparison: Comparison, arm: str) -> bool:
    """Return whether no outcome of any run differs, and no child's fate."""
    rows = comparison.differences[comparison.differences["arm"] == arm]
    children = comparison.children[comparison.children["arm"] == arm]
    known = rows[rows["seeds"] > 0]
    equal = (known[["difference", "low", "high"]].fillna(0) == 0).all(axis=None)
    return bool(equal and (children["before"] == children["after"]).all())


# What changed, what did not, and the price.


def _describe_touched(rows: list[Row]) -> Iterator[str]:
    """Yield a sentence for each row that changed, and one for those that did not or of which it cannot be said."""
    for row in filter(_is_shown, rows):
        yield f"{raise_first(describe_change(row))}."
    unmoved = [row for row in rows if row["verdict"] == NOT_SHOWN]
    if unmoved:
        yield f"Of what it touches directly, no change was shown in {_list_unmoved(unmoved)}."
    unknown = [format_noun(row["outcome"]) for row in rows if row["verdict"] == CANNOT_BE_SAID]
    if unknown:
        yield f"Of what it touches directly, it cannot be said whether there was a change in {'; '.join(unknown)}."


def _list_unmoved(rows: Iterable[Row]) -> str:
    """List outcomes that were not shown to change, each with the change that would have been seen."""
    return "; ".join(map(_format_unmoved, rows))


def _format_unmoved(row: Row) -> str:
    noun = format_noun(str(row["outcome"]))
    if row["low"] == row["high"] == 0:
        return f"{noun} (the same with every seed)"
    smallest = format_smallest_shown(row)
    return f"{noun} ({smallest} would have been seen)" if smallest else noun


def _describe_moved(
    rows: Mapping[str, Row],
    effects: list[Row],
    near: list[Row],
    named: set[str],
) -> Iterator[str]:
    """Yield what else changed of misses and harm, along the path, and among all other outcomes."""
    for row in effects:
        if _is_shown(row) and row["outcome"] not in named:
            yield f"{raise_first(describe_change(row))}."
    path = [rows[name] for name in PATH if name in rows and rows[name] not in near]
    moved = [describe_change(row) for row in path if _is_shown(row) and row["outcome"] not in named]
    if moved:
        yield f"On the way from contacts to protection, {'; '.join(moved)}."
    others = [row for row in rows.values() if row["family"] == "other"]
    shown = sorted(filter(_is_shown, others), key=_measure_clarity, reverse=True)
    if shown:
        labels = [lower_first(format_outcome_name(row["outcome"])) for row in shown[:_MOST_OTHERS]]
        rest = len(shown) - len(labels)
        more = [f"{rest} more"] if rest else []
        tests = int(shown[0]["tests"])
        number = format_count(len(shown), "differs", "differ")
        yield f"Among all other outcomes ({tests} distinct tests), {number}: {'; '.join([*labels, *more])}."


def _measure_clarity(row: Row) -> float:
    """Measure a difference in half widths of its interval; infinite if it is the same with every seed."""
    half = _half_width(row)
    return abs(float(row["difference"])) / half if half > 0 else math.inf


def _describe_unmoved(effects: list[Row]) -> str:
    unmoved = [row for row in effects if row["verdict"] == NOT_SHOWN]
    return f"No change was shown in {_list_unmoved(unmoved)}." if unmoved else ""


def _describe_price(comparison: Comparison, arm: str, prices: list[Row], named: set[str]) -> Iterator[str]:
    """Yield what the arm takes: assessments, workload and money."""
    for row in prices:
        if _is_shown(row) and row["outcome"] not in named:
            yield f"Price: {describe_change(row)}."
    unmoved = [row for row in prices if row["verdict"] == NOT_SHOWN]
    if unmoved:
        yield f"Price: no change was shown in {_list_unmoved(unmoved)}."
    if comparison.pairing[arm] == "harm":
        yield from _describe_price_of_week(comparison, arm)


def _list_explained(verdicts: Mapping[str, str], named: set[str]) -> Iterator[str]:
    """Yield a sentence for each headline whose improvement is not better by itself, with what explains it."""
    for name in HEADLINES:
        explanation = _explain(name, verdicts)
        if explanation and name not in named:
            yield f"“{OUTCOMES[name].label}” is {verdicts[name]}{explanation}."


def _explain(outcome: str, verdicts: Mapping[str, str]) -> str:
    """Explain an improvement that is not better by itself, in a clause; empty if nothing explains it."""
    found = [format_noun(each) for each in _find_explanations(outcome, verdicts)]
    return f", which may only reflect fewer {format_list(found)}" if found else ""


def _find_explanations(outcome: str, verdicts: Mapping[str, str]) -> tuple[str, ...]:
    """Find what explains the value of an outcome if it is shown to be better."""
    better = OUTCOMES[outcome.partition(".")[0]].better
    if better is None or verdicts[outcome] != {"lower": LOWER, "higher": HIGHER}[better]:
        return ()
    return find_explanations(outcome, verdicts)


def _describe_price_of_week(comparison: Comparison, arm: str) -> Iterator[str]:
    """Yield the cost of each week of harm averted, if harm is shown to be lower and cost to be higher."""
    prices = comparison.select_rows(table="prices")
    for row in prices[prices["arm"] == arm].to_dict("records"):
        if row["harm"] == LOWER and row["money"] == HIGHER:
            known = not math.isnan(row["price_low"])
            limits = (
                f" ({format_money(row['price_low'])} to {format_money(row['price_high'])})" if known else ""
            )
            yield f"Each week of unprotected harm averted costs {format_money(row[OF_TWO_RUNS])}{limits}."


def _describe_whom(comparison: Comparison, arm: str) -> str:
    """Say how many spells are newly reached and newly missed, over all seeds."""
    turns = comparison.turns[comparison.turns["arm"] == arm].set_index("turn")["spells"]
    if turns.empty:
        return ""
    seeds = len(comparison.seeds)
    reached, missed = (round(float(turns[turn]) * seeds) for turn in (NEWLY_REACHED, NEWLY_MISSED))
    own = comparison.children[comparison.children["arm"] == arm]
    return (
        f"Over {format_count(seeds, 'seed')}, {format_count(reached, 'spell')} of {format_decimals(len(own))} "
        f"{'is' if reached == 1 else 'are'} newly reached and {format_decimals(missed)} newly missed."
    )


def _describe_prevalences(comparison: Comparison, arm: str) -> str:
    """Say what becomes of the primary outcome at other shares of children in harm, those of one verdict together."""
    shares = [share for share in comparison.prevalences if share is not None]
    rows = {share: select_row(comparison, arm, comparison.primary, share) for share in shares}
    unmoved = [share for share, row in rows.items() if row["verdict"] == NOT_SHOWN]
    parts = [
        f"at {format_percent_setting(share)}, {describe_change(row)}"
        for share, row in rows.items()
        if _is_shown(row)
    ]
    if unmoved:
        named = format_list(map(format_percent_setting, unmoved))
        parts.append(f"at {named}, no change in {format_noun(comparison.primary)} was shown")
    if not parts:
        return ""
    return f"With another share of children in harm if no one intervened: {'; '.join(parts)}."


# All arms, and what none of them shows.


def describe_arms(comparison: Comparison) -> str:
    """Describe in one sentence under which arms the primary outcome rose, fell, or was not shown to change."""
    rows = {arm: select_row(comparison, arm, comparison.primary) for arm in comparison.others}
    noun = format_noun(comparison.primary)
    parts = []
    for verdict, text in _VERBS.items():
        arms = [arm for arm, row in rows.items() if _judge_primary(comparison, row) == verdict]
        if arms:
            parts.append(f"{text.format(noun=noun)} under {format_list(arms)}")
    return f"{raise_first('; '.join(parts))}."


def describe_comparison(comparison: Comparison) -> list[str]:
    """Describe the answer about each arm, then the limits of the comparison, one sentence each.

    With several arms, a sentence begins with the name of its arm, after one about all arms.
    """
    answers = [create_answer(comparison, arm) for arm in comparison.others]
    limits = describe_limits(comparison)
    if len(answers) == 1:
        return [*answers[0].sentences, *limits]
    common = dict.fromkeys(
        sentence for answer in answers for sentence in (answer.seeds, *answer.caution) if sentence
    )
    own = [
        name_arm(answer.arm, sentence)
        for answer in answers
        for sentence in answer.sentences
        if sentence not in common
    ]
    return [describe_arms(comparison), *common, *own, *limits]


def name_arm(arm: str, sentence: str) -> str:
    """Begin a sentence about an arm with its name, unless it does so already.

    >>> name_arm("bound", "Missed risk fell."), name_arm("bound", "bound changes nothing.")
    ('bound: missed risk fell.', 'bound changes nothing.')
    """
    return sentence if sentence.startswith(f"{arm} ") else f"{arm}: {lower_first(sentence)}"


def describe_limits(comparison: Comparison) -> Iterator[str]:
    """Describe what the comparison cannot show."""
    if len(comparison.seeds) > 1:
        yield (
            "“Would have been seen” names the smallest change that this comparison shows with a probability of "
            f"{format_percent(POWER)}. The intervals of a family of outcomes (what an arm touches, the headlines, the "
            "way from contacts to protection, all others) hold together with a probability of 95%, so each is wider "
            "than it would be alone; outcomes that say the same thing count once."
        )
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


def _is_shown(row: Row) -> bool:
    return row["verdict"] in (HIGHER, LOWER)


def _half_width(row: Row) -> float:
    return float(row["high"] - row["low"]) / 2
