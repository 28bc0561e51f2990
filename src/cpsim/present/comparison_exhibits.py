"""The figures of a comparison in words and tables: text alternatives with their numbers, and the numbers as tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cpsim.formatting import (
    add_sign,
    find_grain,
    format_count,
    format_decimals,
    format_difference,
    format_interval,
    format_list,
    format_noun,
    format_outcome,
    format_outcome_name,
    format_percent,
    format_percent_setting,
    format_range,
    raise_first,
)
from cpsim.measures.outcomes import OUTCOMES, group_by_heading, list_first_headlines
from cpsim.measures.outcomes.registry import PATH, PER_10K, PER_10K_YEAR, POINTS
from cpsim.present.blocks import PageColumn, PageTable, RowGroup
from cpsim.results.comparison_tables import FATES, NEWLY_MISSED, NEWLY_REACHED, TURNS

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    import pandas as pd

    from cpsim.present.blocks import Text
    from cpsim.results.comparison import Comparison

    ComparisonRow = Mapping[Hashable, Any]
    """A row of a table of the comparison: name of the column -> value."""


MOST_ARMS: Final = 4
"""The most arms that one figure shows, not counting the reference."""

FEWEST_FOR_PERCENT: Final = 20
"""Fewest spells that are written as a percentage; fewer are a count."""

_OUTCOMES = list_first_headlines()
_MISSED, _NEITHER = list_first_headlines(("Missed risk", "Assessments"))
_MOST_FLOWS = 12
_MOST_NEAR, _MOST_NEAR_OF_ALL = 3, 4
"""Most outcomes near one arm, and near all arms of one figure."""
_ANSWER_PATH = (
    "contacts_per_10k_year",
    "referrals_per_10k_year",
    "initial_per_10k_year",
    "plans_per_10k_year",
    "protected_per_10k_year",
)
"""The steps of the path that the first picture shows; `why` shows all."""

_RESTS: Final = {
    "contacts_per_10k_year": "screened out",
    "referrals_per_10k_year": "without an initial assessment",
    "initial_per_10k_year": "without a section 47 enquiry",
    "s47_per_10k_year": "without a conference",
    "conferences_per_10k_year": "without a plan",
    "plans_per_10k_year": "without protection in time",
}
"""Step of the path -> what happens to those that do not reach the next step."""


def select_differences(
    comparison: Comparison, prevalence: float | None = None
) -> dict[tuple[str, str], ComparisonRow]:
    """Select the differences at one prevalence: (arm, outcome) -> row of `differences`."""
    rows = comparison.select_rows(prevalence).to_dict("records")
    return {(row["arm"], row["outcome"]): row for row in rows}


def format_change(row: ComparisonRow, *, short: bool = False) -> str:
    """Format a difference with its interval.

    Args:
        row: a row of `differences`.
        short: whether to leave out the units of rates and shorten percentage points, for a figure that names its unit.

    >>> format_change({"outcome": "contacts_per_10k_year", "difference": 12.2, "low": 9.1, "high": 15.3})
    '+12 per 10,000 children a year (9 to 15)'
    >>> format_change({"outcome": "missed_risk_rate", "difference": 0.0, "low": -0.002, "high": 0.002}, short=True)
    '0.00 points (−0.20 to +0.20)'
    """
    outcome, low, high = row["outcome"], row["low"], row["high"]
    if math.isnan(row["difference"]):
        return "not defined in any seed"
    if low == high == 0:
        return "the same, with every seed"
    grain = find_grain(row["low"], row["high"])
    number = format_difference(outcome, row["difference"], grain)
    unit = OUTCOMES[outcome.partition(".")[0]].unit
    if short:
        number = number.replace(POINTS, "points")
    elif unit in (PER_10K_YEAR, PER_10K):
        number = f"{number} {unit}"
    if math.isnan(low):
        return f"{number} (no interval)"
    return f"{number} ({format_interval(outcome, low, high, grain, unit=False)})"


def _join_limits(value: float, low: str, high: str) -> str:
    """Join the limits of an interval, without plus signs if its lower limit, `value`, is above 0."""
    limits = f"{low} to {high}"
    return limits.replace("+", "") if value > 0 else limits


def group_answer_outcomes(comparison: Comparison, arm: str) -> list[list[str]]:
    """Group the outcomes of the first picture: near the arm, the steps from contact to protection, and missed risk.

    >>> group_answer_outcomes(comparison, "pooled_budget")[0]
    ['plan_stock_per_10k']
    """
    near = _select_near(comparison, arm)
    path = [name for name in _ANSWER_PATH if name not in near]
    results = dict.fromkeys((_MISSED, comparison.primary))
    return [near, path, [name for name in results if name not in (*near, *path)]]


def group_shown_outcomes(comparison: Comparison, arms: Sequence[str]) -> dict[str, list[str]]:
    """Group the outcomes of the figure of differences: those near an arm first, then the headlines by heading."""
    headings = {
        str(heading): [each.name for each in outcomes if each.headline]
        for heading, outcomes in group_by_heading("comparison").items()
    }
    headlines = {name for names in headings.values() for name in names}
    by_arm = [_select_near(comparison, arm, besides=headlines) for arm in arms]
    most = max(_MOST_NEAR_OF_ALL // len(arms), 1)
    near = list(dict.fromkeys(name for names in by_arm for name in names[:most]))
    return {"Touched directly": near, **headings} if near else headings


def _select_near(comparison: Comparison, arm: str, besides: set[str] | None = None) -> list[str]:
    """Select the first outcomes near an arm that its runs have, without those that are shown in any case."""
    known = set(comparison.differences["outcome"])
    near = [name for name in comparison.near[arm] if name in known and name not in (besides or ())]
    return near[:_MOST_NEAR]


def describe_answer(comparison: Comparison, arm: str) -> str:
    """Describe the figure of what an arm changes from the agencies to protection."""
    rows = select_differences(comparison)
    outcomes = [name for group in group_answer_outcomes(comparison, arm) for name in group]
    found = "; ".join(_format_finding(rows[arm, outcome]) for outcome in outcomes)
    return (
        f"Dots with intervals of the differences of {arm} from {comparison.reference}, over "
        f"{format_count(len(comparison.seeds), 'seed')}; each row has its own scale. {raise_first(found)}."
    )


def _format_finding(row: ComparisonRow) -> str:
    shown = f", {row['verdict']}" if row["low"] != 0 or row["high"] != 0 else ""
    return f"{format_noun(row['outcome'])} {format_change(row)}{shown}"


def describe_differences(comparison: Comparison) -> str:
    """Describe the figure of differences."""
    rows, arms = select_differences(comparison), comparison.others[:MOST_ARMS]
    outcomes = [name for names in group_shown_outcomes(comparison, arms).values() for name in names]
    differences = "; ".join(
        f"{arm}: {', '.join(_format_finding(rows[arm, outcome]) for outcome in outcomes)}" for arm in arms
    )
    return (
        f"Dots with intervals of the differences from {comparison.reference}, over "
        f"{format_count(len(comparison.seeds), 'seed')}; each row has its own scale. {differences}."
    )


@dataclass(frozen=True)
class PathStep:
    """A step from a contact to protection, and what is lost on the way to the next; rates to one decimal.

    Attributes:
        outcome: name of the outcome.
        label: its name in words.
        difference: difference between the arm and the reference.
        low: lower limit of its interval; NaN if there is none.
        high: upper limit of its interval.
        verdict: verdict on the difference.
        rest: the part of the difference that does not reach the next step; None for the last step.
        rest_label: what happens to the rest; empty for the last step.
    """

    outcome: str
    label: str
    difference: float
    low: float
    high: float
    verdict: str
    rest: float | None
    rest_label: str

    def format_change(self) -> str:
        """Format the difference with its interval."""
        number = format_rate(self.difference)
        if math.isnan(self.low):
            return f"{number} (no interval)"
        return f"{number} ({_join_limits(self.low, format_rate(self.low), format_rate(self.high))})"

    def format_rest(self) -> str:
        """Format the part that does not reach the next step; empty for the last step."""
        return "" if self.rest is None else f"{format_rate(self.rest)} {self.rest_label}"


def format_rate(value: float) -> str:
    """Format a difference of rates with its sign and one decimal, so that the numbers of a path add up.

    >>> format_rate(12.24), format_rate(-0.04)
    ('+12.2', '0.0')
    """
    return add_sign(format_decimals(value, 1))


def list_path_steps(comparison: Comparison, arm: str) -> list[PathStep]:
    """List the steps from a contact to protection, with the difference of an arm and what does not reach the next step.

    Each step is the sum of its rest and the next step, as they are written:

    >>> steps = list_path_steps(comparison, "duty_complete")
    >>> all(round(one.rest + two.difference, 1) == one.difference for one, two in zip(steps, steps[1:], strict=False))
    True
    """
    rows = select_differences(comparison)
    sizes = [round(float(rows[arm, outcome]["difference"]), 1) for outcome in PATH]
    return [
        PathStep(
            outcome=outcome,
            label=format_outcome_name(outcome),
            difference=size,
            low=float(rows[arm, outcome]["low"]),
            high=float(rows[arm, outcome]["high"]),
            verdict=str(rows[arm, outcome]["verdict"]),
            rest=None if following is None else round(size - following, 1),
            rest_label=_RESTS.get(outcome, ""),
        )
        for outcome, size, following in zip(PATH, sizes, [*sizes[1:], None], strict=True)
    ]


def describe_path(comparison: Comparison, arm: str) -> str:
    """Describe the figure of the effect of an arm along the path from contacts to protection."""
    steps = "; ".join(
        f"{format_noun(step.outcome)} {step.format_change()}"
        f"{f', of which {step.format_rest()}' if step.rest_label else ''}"
        for step in list_path_steps(comparison, arm)
    )
    return (
        f"Bars with intervals of the differences of {arm} from {comparison.reference}, {PER_10K_YEAR}, all on one "
        f"scale, from contacts down to protection in time. {raise_first(steps)}."
    )


def create_path_table(comparison: Comparison, arm: str) -> PageTable:
    """Create the table of the steps from a contact to protection."""
    rows = select_differences(comparison)
    cells = tuple(
        (
            step.label,
            *(
                format_outcome(step.outcome, rows[arm, step.outcome][when])
                for when in ("reference_mean", "mean")
            ),
            step.format_change(),
            step.format_rest(),
        )
        for step in list_path_steps(comparison, arm)
    )
    columns = (
        PageColumn("Step"), PageColumn(comparison.reference, True), PageColumn(arm, True),
        PageColumn("Difference", True), PageColumn("Of the difference, before the next step"),
    )  # fmt: skip
    return PageTable(f"From contacts to protection, {PER_10K_YEAR}", columns, (RowGroup(cells),))


def describe_trade_off(comparison: Comparison) -> str:
    """Describe the figure of misses against families assessed with neither need nor harm."""
    means = comparison.select_rows(table="runs").groupby("arm", sort=False)[[_MISSED, _NEITHER]].mean()
    points = "; ".join(
        f"{arm}: {format_outcome(_MISSED, row[_MISSED])} of spells missed, "
        f"{format_outcome(_NEITHER, row[_NEITHER])} families"
        for arm, row in means.iterrows()
    )
    return (
        "Each arm as a dot: missed risk on the vertical axis, families assessed with neither need nor harm, per "
        f"10,000 children a year, on the horizontal. Means: {points}."
    )


def describe_prevalences(comparison: Comparison) -> str:
    """Describe the figure of differences by prevalence of harm."""
    differences = "; ".join(
        f"{arm} at {format_percent_setting(share)}: {_summarise(comparison, arm, share)}"
        for arm in comparison.others
        for share in comparison.prevalences
        if share is not None
    )
    return f"Differences from {comparison.reference} by the share of children in harm. {differences}."


def _summarise(comparison: Comparison, arm: str, prevalence: float | None) -> str:
    rows = select_differences(comparison, prevalence)
    return ", ".join(_format_finding(rows[arm, outcome]) for outcome in _OUTCOMES)


def create_prevalence_table(comparison: Comparison) -> PageTable:
    """Create the table of differences in the first headline of each heading by prevalence of harm."""
    columns = (
        PageColumn("Children in harm"),
        *(PageColumn(OUTCOMES[outcome].label, True) for outcome in _OUTCOMES),
    )
    groups = tuple(
        RowGroup(tuple(_create_prevalence_rows(comparison, arm)), arm) for arm in comparison.others
    )
    return PageTable(f"Differences from {comparison.reference}, with their intervals", columns, groups)


def _create_prevalence_rows(comparison: Comparison, arm: str) -> Iterator[tuple[Text, ...]]:
    for share in comparison.prevalences:
        rows = select_differences(comparison, share)
        cells = (format_change(rows[arm, outcome]) for outcome in _OUTCOMES)
        yield "as in the scenarios" if share is None else format_percent_setting(share), *cells


def format_spells(number: int, total: int) -> str:
    """Format a number of spells out of all: as a percentage, or as a count if there are fewer than 20.

    >>> format_spells(13, 1527), format_spells(764, 1527)
    ('13 of 1,527', '50%')
    """
    if number >= FEWEST_FOR_PERCENT:
        return format_percent(number / total)
    return f"{format_decimals(number)} of {format_decimals(total)}"


def format_turn(comparison: Comparison, arm: str, turn: str, *, short: bool = False) -> str:
    """Format how many spells are newly reached or newly missed over all seeds, with the 95% interval of a seed.

    Args:
        comparison: a comparison.
        arm: name of the arm.
        turn: a code of `TURNS`.
        short: whether to leave out the total and the number of seeds, for a figure that names both.

    >>> format_turn(comparison, "pooled_budget", "newly_missed", short=True).partition(" (")[0]
    '20'
    """
    select = {NEWLY_REACHED: comparison.select_newly_reached, NEWLY_MISSED: comparison.select_newly_missed}
    number, seeds = format_decimals(len(select[turn](arm))), len(comparison.seeds)
    if not short:
        total = len(comparison.children[comparison.children["arm"] == arm])
        over = f" over {format_count(seeds, 'seed')}" if seeds > 1 else ""
        number = f"{number} of {format_count(total, 'spell')}{over}"
    if seeds == 1:
        return number
    own = comparison.turns[(comparison.turns["arm"] == arm) & (comparison.turns["turn"] == turn)]
    return f"{number} ({format_mean_range(own.to_dict('records')[0])} a seed)"


def format_mean_range(row: ComparisonRow) -> str:
    """Format the 95% interval of a mean number of spells per seed, in whole spells from 10 on.

    >>> format_mean_range({"spells": 1.7, "low": 0.5, "high": 2.9})
    '0.5 to 2.9'
    >>> format_mean_range({"spells": 24.0, "low": 21.6, "high": 26.4})
    '22 to 26'
    """
    return format_range(row["low"], row["high"], 0 if row["spells"] >= 9.5 else 1)


def describe_flow(comparison: Comparison, arm: str) -> str:
    """Describe the figure of flows between fates."""
    flows = _select_changed_flows(comparison, arm)
    total = len(comparison.children[comparison.children["arm"] == arm])
    largest = "; ".join(
        f"{FATES[row['before']].lower()}, then {FATES[row['after']].lower()}: {format_decimals(row['number'])}"
        for row in flows.head(_MOST_FLOWS).to_dict("records")
    )
    changed = int(flows["number"].sum())
    return (
        f"Bands from the fate of a spell of harm under {comparison.reference} to its fate under {arm}, in spells over "
        f"{format_count(len(comparison.seeds), 'seed')}. {format_decimals(changed)} of "
        f"{format_count(total, 'spell')} {'has' if changed == 1 else 'have'} another fate"
        f"{f': {largest}' if largest else ''}."
    )


def _select_changed_flows(comparison: Comparison, arm: str) -> pd.DataFrame:
    """Select the flows between different fates, with their number of spells over all seeds, the largest first."""
    own = comparison.flows[comparison.flows["arm"] == arm].astype({"before": "str", "after": "str"})
    own = own.assign(number=(own["spells"] * len(comparison.seeds)).round().astype("int64"))
    return own[own["before"] != own["after"]].sort_values("number", ascending=False, kind="stable")


def create_flow_table(comparison: Comparison, arm: str) -> PageTable:
    """Create the table of the largest flows between different fates, with intervals."""
    total = len(comparison.children[comparison.children["arm"] == arm])
    rows = tuple(
        (
            FATES[row["before"]],
            FATES[row["after"]],
            format_decimals(row["number"]),
            format_mean_range(row),
        )
        for row in _select_changed_flows(comparison, arm).head(_MOST_FLOWS).to_dict("records")
    )
    columns = (
        PageColumn(f"Under {comparison.reference}"), PageColumn(f"Under {arm}"), PageColumn("Spells", True),
        PageColumn("95% interval, a seed", True),
    )  # fmt: skip
    caption = (
        f"Spells with another fate, of {format_decimals(total)} over {format_count(len(comparison.seeds), 'seed')}, "
        "the most frequent first"
    )
    return PageTable(caption, columns, (RowGroup(rows),))


def describe_children(comparison: Comparison, arm: str) -> str:
    """Describe which spells of harm are newly reached and which newly missed."""
    changes = format_list(
        f"{TURNS[turn]}: {format_turn(comparison, arm, turn)}" for turn in (NEWLY_REACHED, NEWLY_MISSED)
    )
    return (
        f"Dots for the spells of harm newly reached and newly missed under {arm} compared with {comparison.reference}, "
        f"by where the chain of concern stopped. {raise_first(changes)}."
    )


def create_children_table(comparison: Comparison, arm: str) -> PageTable:
    """Create the table of spells newly reached and newly missed."""
    rows = tuple(
        (raise_first(TURNS[turn]), format_turn(comparison, arm, turn))
        for turn in (NEWLY_REACHED, NEWLY_MISSED)
    )
    columns = (PageColumn("Change of fate"), PageColumn("Spells of harm"))
    return PageTable(f"Newly reached and newly missed under {arm}", columns, (RowGroup(rows),))
