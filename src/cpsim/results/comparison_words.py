"""What a comparison has found, in plain sentences: misses never alone, both directions, and what cannot be said."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from cpsim.results.comparison_tables import FATES, HEADLINES, LOST, OF_TWO_RUNS, PAIRINGS, RESCUED
from cpsim.results.names import GBP, SUMMARY, WEEKS
from cpsim.results.printed import HEADLINES as SHOWN
from cpsim.results.printed import formatted
from cpsim.results.verdicts import CANNOT_BE_SAID, HIGHER, LOWER, NOT_SHOWN, VERDICTS
from cpsim.scenario.register import register

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.results.comparison import Comparison

Row = dict[str, Any]

_FEW_SEEDS = 10
_MOST_DECIMALS = 4
_MOST_STAGES = 3
_AT_OTHER_PREVALENCES = ("missed_risk_rate", "false_alarm_families_per_10k_year", "utilisation_mean")
_LABELS = {name: label for rows in SHOWN.values() for name, (label, _) in rows.items()}


def sentences(comparison: Comparison) -> list[str]:
    """What was found about each arm, and then what cannot be said."""
    found = [sentence for arm in comparison.others for sentence in of_arm(comparison, arm)]
    return [*found, *limits(comparison)]


def of_arm(comparison: Comparison, arm: str) -> Iterator[str]:
    """What was found about one arm, the headlines first."""
    if comparison.pairing[arm] != "harm":
        yield (
            f"{arm} does not have the harm of {comparison.reference} (it has {PAIRINGS[comparison.pairing[arm]]}), so "
            "that its misses differ for other reasons than the system's."
        )
    if _is_the_same(comparison, arm):
        yield f"{arm} is the same as {comparison.reference}: in every figure and for every child, with every seed."
        return
    yield _headlines(comparison, arm)
    if comparison.pairing[arm] != "seed":
        yield from _children(comparison, arm)
    if comparison.pairing[arm] == "harm":
        yield from _price(comparison, arm)
    if len(comparison.prevalences) > 1:
        yield _prevalences(comparison, arm)


def _is_the_same(comparison: Comparison, arm: str) -> bool:
    """Whether no figure of any run differs, and no child's fate."""
    rows = comparison.differences[comparison.differences["arm"] == arm]
    children = comparison.children[comparison.children["arm"] == arm]
    known = rows[rows["seeds"] > 0]
    still = (known[["difference", "low", "high"]].fillna(0) == 0).all(axis=None)
    return bool(still and (children["before"] == children["after"]).all())


def _headlines(comparison: Comparison, arm: str) -> str:
    rows = _rows(comparison.at(), arm, HEADLINES)
    start = f"{arm} against {comparison.reference}, {_seeds(comparison)}"
    by_verdict = {verdict: [row for row in rows if row["verdict"] == verdict] for verdict in VERDICTS}
    if len(by_verdict[CANNOT_BE_SAID]) == len(rows):
        return f"{start}: {_in_a_row(map(_bare, rows))}. Whether that is more than chance cannot be said."
    parts = {
        "": map(_shown, (row for row in rows if row["verdict"] in (HIGHER, LOWER))),
        f"{NOT_SHOWN}: ": map(_may_be, by_verdict[NOT_SHOWN]),
        f"{CANNOT_BE_SAID}: ": map(_label, by_verdict[CANNOT_BE_SAID]),
    }
    told = ((what, _in_a_row(things)) for what, things in parts.items())
    first, *others = (what + things for what, things in told if things)
    return ". ".join([f"{start}: {first}", *map(_capital, others)]) + "."


def _bare(row: Row) -> str:
    return f"{_label(row)} {signed(row['outcome'], row['difference'])}"


def _shown(row: Row) -> str:
    size, low, high = (_from_zero(row, name) for name in ("difference", "low", "high"))
    before, after = (formatted(row["outcome"], row[name]) for name in ("reference_mean", "mean"))
    limits = " to ".join(
        _without_unit(limit) for limit in ((low, high) if row["difference"] > 0 else (high, low))
    )
    level = f", {after} instead of {before}" if after != before else ""
    return f"{_label(row)} {row['verdict']} by {size} ({limits}){level}"


def _may_be(row: Row) -> str:
    if row["low"] == row["high"] == 0:
        return f"{_label(row)} (the same, with every seed)"
    low, high = (signed(row["outcome"], row[name], _half(row)) for name in ("low", "high"))
    told = f"{_without_unit(low)} to {high}"
    alone = row["low"] * row["high"] > 0
    return f"{_label(row)} ({told}{', which among so many may be chance' if alone else ''})"


def _from_zero(row: Row, name: str) -> str:
    """A difference or one of its limits without the sign."""
    return amount(row["outcome"], abs(row[name]), _half(row))


def _without_unit(told: str) -> str:
    return told.removesuffix(" points").removesuffix(" weeks")


def _children(comparison: Comparison, arm: str) -> Iterator[str]:
    turns = comparison.turns[comparison.turns["arm"] == arm].set_index("turn")
    caught, missed = (_number(dict(turns.loc[turn])) for turn in (RESCUED, LOST))
    if turns["children"].eq(0).all():
        yield f"No child is caught under {arm} who was missed under {comparison.reference}, and none the other way."
        return
    yield (
        f"Children of {'the' if len(comparison.seeds) == 1 else 'a'} seed caught under {arm} who were missed under "
        f"{comparison.reference}: {caught}. The other way: {missed}."
    )
    yield from _stages(comparison.rescued(arm), "before", "Those caught had been lost at")
    yield from _stages(comparison.lost(arm), "after", "Those newly missed are lost at")
    if comparison.pairing[arm] == "children":
        yield f"Spells of harm that begin under one of {arm} and {comparison.reference} only are in neither number."


def _number(turn: Row) -> str:
    """Children a seed with their interval, if there is one."""
    digits = 0 if turn["children"] >= 9.5 or float(turn["children"]).is_integer() else 1
    told = f"{turn['children']:,.{digits}f}"
    if math.isnan(turn["low"]) or turn["low"] == turn["high"]:
        return told
    return f"{told} ({max(turn['low'], 0):,.{digits}f} to {turn['high']:,.{digits}f})"


def _stages(turned: pd.DataFrame, when: str, start: str) -> Iterator[str]:
    """The stages at which most of some spells were lost."""
    shares = turned[when].astype("object").value_counts(normalize=True).head(_MOST_STAGES)
    if len(shares):
        named = (f"“{FATES[str(code)].lower()}” ({100 * share:.0f} %)" for code, share in shares.items())
        yield f"{start} {listed(named)}."


def _price(comparison: Comparison, arm: str) -> Iterator[str]:
    """In which quadrant of harm and money the arm lies, and the price of a week where it averts harm for money."""
    (row,) = _rows(comparison.at(table="prices"), arm)
    harm, money = row["harm"], row["money"]
    if harm not in (HIGHER, LOWER):
        yield "What a week of unprotected harm averted costs cannot be said: that any is averted is not shown."
        return
    start = f"{arm} {'averts' if harm == LOWER else 'adds'} weeks of unprotected harm"
    if money not in (HIGHER, LOWER):
        yield f"{start}; that it costs more or less is not shown."
    elif harm == LOWER and money == HIGHER:
        limits = (
            ""
            if math.isnan(row["price_low"])
            else f" (£{row['price_low']:,.0f} to £{row['price_high']:,.0f})"
        )
        yield f"{start} and costs more: £{row[OF_TWO_RUNS]:,.0f}{limits} for each child's week averted."
    else:
        yield f"{start} and costs {'more' if money == HIGHER else 'less'}."


def _prevalences(comparison: Comparison, arm: str) -> str:
    parts = (_at_each(comparison, arm, outcome) for outcome in _AT_OTHER_PREVALENCES)
    return f"With another share of children in harm if nobody intervened: {'; '.join(parts)}."


def _at_each(comparison: Comparison, arm: str, outcome: str) -> str:
    """One outcome at each prevalence, those with one verdict together."""
    shares = [share for share in comparison.prevalences if share is not None]
    rows = {share: _rows(comparison.at(share), arm, (outcome,))[0] for share in shares}
    parts = []
    for verdict in VERDICTS:
        found = {share: row for share, row in rows.items() if row["verdict"] == verdict}
        if found:
            where = f"at {listed(f'{100 * share:g}' for share in found)} %"
            parts.append(f"{verdict}{_sizes(found.values(), verdict)} {where}")
    return f"{_LABELS[outcome].lower()} {', '.join(parts)}"


def _sizes(rows: Iterable[Row], verdict: str) -> str:
    """By how much, where that is shown; without a verdict how much it is."""
    if verdict == NOT_SHOWN:
        return ""
    if verdict == CANNOT_BE_SAID:
        known = [
            signed(row["outcome"], row["difference"]) for row in rows if not math.isnan(row["difference"])
        ]
        return f" ({listed([*map(_without_unit, known[:-1]), known[-1]])})" if known else ""
    *others, last = (_from_zero(row, "difference") for row in rows)
    return f" by {listed([*map(_without_unit, others), last])}"


def limits(comparison: Comparison) -> Iterator[str]:
    """What the comparison cannot tell."""
    yield from _about_seeds(comparison)
    if len(comparison.prevalences) > 1:
        yield (
            "Thresholds, posts and budgets stay as they are at every share of children in harm: where harm is commoner "
            "the same system is under more pressure, and no picture of a place that has always had so much."
        )
    numbers = [row.tag for row in register().values()]
    yield (
        f"{numbers.count('guess')} of the {len(numbers)} numbers of the model are guesses, and every child in it is "
        "invented. A difference here is a reason to look, not a finding about England."
    )


def _about_seeds(comparison: Comparison) -> Iterator[str]:
    seeds = len(comparison.seeds)
    if seeds == 1:
        yield "One seed cannot tell a difference from chance. Run at least 20."
        return
    if seeds < _FEW_SEEDS:
        yield f"{seeds} seeds are few: no difference shown does not mean that there is none."
    rows = comparison.at()
    half = _half_widths(rows[rows["outcome"] == "missed_risk_rate"]).max()
    if half > 0:
        yield (
            f"With {seeds} seeds, differences in missed risks below about {amount('missed_risk_rate', half)} would "
            f"hardly be seen. Intervals are 95 % over seeds; verdicts take into account that {len(HEADLINES)} "
            f"headlines of {_several(len(comparison.others), 'arm')} are judged together (Holm)."
        )


def _several(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _seeds(comparison: Comparison) -> str:
    return _several(len(comparison.seeds), "seed")


def _rows(frame: pd.DataFrame, arm: str, outcomes: Iterable[str] = ()) -> list[Row]:
    """The rows of an arm; of some outcomes, in their order, if any are named."""
    own = frame[frame["arm"] == arm]
    if not outcomes:
        return [{str(name): value for name, value in row.items()} for row in own.to_dict("records")]
    by_outcome = own.set_index("outcome", drop=False)
    return [dict(by_outcome.loc[name]) for name in outcomes]


def _label(row: Row) -> str:
    return _LABELS[row["outcome"]].lower()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _in_a_row(things: Iterable[str]) -> str:
    return "; ".join(things)


def listed(things: Iterable[str]) -> str:
    """Some things in a row: a, b and c; nothing for none."""
    *first, last = list(things) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _half(row: Row) -> float:
    return float(row["high"] - row["low"]) / 2


def _half_widths(rows: pd.DataFrame) -> pd.Series:
    return (rows["high"] - rows["low"]) / 2


def amount(outcome: str, size: float, half_width: float = math.nan) -> str:
    """How large a difference is, in its unit, with no more digits than its interval allows.

    Args:
        outcome: name of the summary.
        size: not below 0.
        half_width: of the interval, in the same unit; two digits that count if there is none.
    """
    unit = SUMMARY[outcome.partition(".")[0]].unit
    scale = 100 if unit.startswith("share") else 1
    grain = scale * (half_width / 3 if half_width > 0 else size / 10)
    decimals = max(0, -math.floor(math.log10(grain))) if grain > 0 else 0
    number = f"{scale * size:,.{min(decimals, _MOST_DECIMALS)}f}"
    if unit.startswith("share") or unit == "percentage points":
        return f"{number} points"
    return {GBP: f"£{number}", WEEKS: f"{number} weeks"}.get(unit, number)


def signed(outcome: str, difference: float, half_width: float = math.nan) -> str:
    """A difference in its unit with a sign; arguments as for `amount`."""
    told = amount(outcome, abs(difference), half_width)
    if not any(digit in told for digit in "123456789"):
        return told
    return f"{'+' if difference > 0 else '−'}{told}"
