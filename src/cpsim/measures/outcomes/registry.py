"""The registry of outcomes: what `summary.json` holds, in which unit, under which label, and how it is computed.

An outcome is one function with a registration. Everything that names outcomes reads this registry: the summary, the
reference page, tables, the terminal, pages and figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

if TYPE_CHECKING:
    from cpsim.measures.outcomes.columns import Columns

Value = float | dict[str, float] | None
"""The value of an outcome: a number, a number for each part, or None if it is undefined."""

Better = Literal["lower", "higher"]
Heading = Literal["Missed risk", "Harm", "Assessments", "Workload", "Money"]
Table = Literal["run", "comparison"]

_Function = TypeVar("_Function", bound="Callable[[Columns], Value]")

HEADINGS: Final[tuple[Heading, ...]] = ("Missed risk", "Harm", "Assessments", "Workload", "Money")
"""Headings of the short tables, in their order."""

PATH: Final = (
    "contacts_per_10k_year",
    "referrals_per_10k_year",
    "initial_per_10k_year",
    "s47_per_10k_year",
    "conferences_per_10k_year",
    "plans_per_10k_year",
    "protected_per_10k_year",
)
"""The steps from a contact to protection, as rates in one unit, along which the effect of an arm is followed."""

SHARE: Final = "share, 0 to 1"
PER_10K_YEAR: Final = "per 10,000 children a year"
PER_10K: Final = "per 10,000 children"
RATIO: Final = "ratio"
WEEKS: Final = "weeks"
MONTHS: Final = "months"
COUNT: Final = "count"
GBP: Final = "GBP, constant prices"
POINTS: Final = "percentage points"

BY_KIND: Final = {"<kind>": "each kind of agency"}
"""Parts of an outcome that has one part for each kind of agency in the scenario."""

_LIMITS: dict[str, tuple[float, float]] = {SHARE: (0, 1), "0 to 1": (0, 1), POINTS: (-100, 100)}
"""Lowest and highest value by unit; other values are not negative, unless they are differences."""

_DIGITS = {RATIO: 2}
_AXES = {PER_10K_YEAR: PER_10K_YEAR, PER_10K: PER_10K, WEEKS: WEEKS, MONTHS: MONTHS, POINTS: POINTS}


@dataclass(frozen=True)
class Outcome:
    """An outcome of a run.

    Attributes:
        name: its name in `summary.json`, which is the name of its function.
        unit: unit of its value.
        meaning: what it measures, in a sentence.
        label: short name for tables and figures.
        compute: the function that computes it from the columns of a run.
        better: whether a lower or a higher value is better; None if neither is.
        digits: decimals of values below 100; shares are formatted as percentages instead.
        heading: heading of the short tables below which it is shown; None if it is not in them.
        note: what the value refers to, in a few words, for the terminal.
        axis: the same, short enough for the margin of a figure.
        tables: the short tables in which it is shown, of a run or of a comparison.
        headline: whether a comparison tests it and reports it first.
        parts: code of each of its parts -> its name in a sentence; none for a single number.
        part_label: label of a part, with `{part}` for its name.
        limits: lowest and highest value that it can have.
        official: entry of the bibliography with the official statistic that has this definition; empty if none has.
        price: what it takes, with names of other outcomes in braces for their values; empty if nothing is named.
        noun: its name within a sentence, with `{part}` for the name of a part.
        change: sentence about a higher and about a lower value, without its full stop, with `{size}` for the size of
            the difference and, for an outcome in parts, `{part}` for the name of the part; none for a general sentence.
        interest: smallest difference of interest, in the unit of the value; 0 if none is named.
        explained_by: outcomes that can explain a better value when they are lower, so that it is not better by itself,
            such as a lower cost because fewer children were served.

    >>> missed = OUTCOMES["missed_risk_rate"]
    >>> missed.label, missed.better, missed.is_share
    ('Missed risk', 'lower', True)
    """

    name: str
    unit: str
    meaning: str
    label: str
    compute: Callable[[Any], Value]
    better: Better | None
    digits: int
    heading: Heading | None
    note: str
    axis: str
    tables: tuple[Table, ...]
    headline: bool
    parts: Mapping[str, str]
    part_label: str
    limits: tuple[float, float]
    official: str
    price: str
    noun: str
    change: tuple[str, str] | None
    interest: float
    explained_by: tuple[str, ...]

    @property
    def is_share(self) -> bool:
        """Whether the value is a share, which is written as a percentage; a difference is in percentage points."""
        return self.unit.startswith("share")


OUTCOMES: Final[dict[str, Outcome]] = {}
"""Name -> outcome, in the order of `summary.json`, which is the order of registration."""


def outcome(
    *,
    unit: str,
    meaning: str,
    label: str,
    better: Better | None = None,
    digits: int | None = None,
    heading: Heading | None = None,
    note: str = "",
    axis: str | None = None,
    tables: tuple[Table, ...] = ("run", "comparison"),
    headline: bool = False,
    parts: Mapping[str, str] | None = None,
    part_label: str = "",
    is_difference: bool = False,
    official: str = "",
    price: str = "",
    noun: str = "",
    change: tuple[str, str] | None = None,
    interest: float = 0.0,
    explained_by: tuple[str, ...] = (),
) -> Callable[[_Function], _Function]:
    """Register a function of a run's columns as an outcome; the arguments are the attributes of `Outcome`.

    Args:
        unit: see `Outcome`, as for all other arguments.
        meaning: also becomes the docstring of the function.
        label: short name.
        better: None if neither direction is better.
        digits: by default 2 for a ratio and 1 for any other unit.
        heading: None if the outcome is only in the full tables.
        note: by default the unit.
        axis: by default the unit if it is a rate, a time or in percentage points.
        tables: by default the tables of runs and of comparisons.
        headline: requires a heading.
        parts: none by default.
        part_label: by default the label and the name of the part.
        is_difference: whether it is a difference, which can be negative in any unit.
        official: none by default.
        price: empty by default.
        noun: by default the label of the outcome or of its part, in lower case.
        change: none by default.
        interest: 0 by default; required for a headline.
        explained_by: none by default.

    Raises:
        ValueError: an outcome of this name is registered already, or a headline has no heading or no smallest
            difference of interest.

    >>> import cpsim
    >>> from cpsim.measures.outcomes.columns import ratio
    >>> from cpsim.measures.outcomes.registry import SHARE
    >>> @outcome(
    ...     unit=SHARE,
    ...     label="Protected in 8 weeks",
    ...     meaning="Spells of harm protected within 8 weeks, as a share of those that could be followed.",
    ...     better="higher",
    ... )
    ... def protected_share_8w(run):
    ...     delay = run.spells["first_protected"] - run.spells["onset"]
    ...     return ratio((delay[run.is_followed()] <= 8).sum(), run.is_followed().sum())
    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> "protected_share_8w" in cpsim.run(town).summary
    True
    """

    def register(compute: _Function) -> _Function:
        name = compute.__name__
        _check_registration(name, compute, is_headline=headline, heading=heading, interest=interest)
        compute.__doc__ = meaning
        OUTCOMES[name] = Outcome(
            name=name,
            unit=unit,
            meaning=meaning,
            label=label,
            compute=compute,
            better=better,
            digits=_DIGITS.get(unit, 1) if digits is None else digits,
            heading=heading,
            note=note or unit,
            axis=_AXES.get(unit, "") if axis is None else axis,
            tables=tables,
            headline=headline,
            parts=parts or {},
            part_label=part_label or f"{label}: {{part}}",
            limits=(-math.inf, math.inf) if is_difference else _LIMITS.get(unit, (0, math.inf)),
            official=official,
            price=price,
            noun=noun,
            change=change,
            interest=interest,
            explained_by=explained_by,
        )
        return compute

    return register


def _check_registration(
    name: str,
    compute: Callable[[Any], Value],
    *,
    is_headline: bool,
    heading: Heading | None,
    interest: float,
) -> None:
    """Refuse a second outcome of the same name, and a headline without a heading or a size of interest."""
    if name in OUTCOMES:
        first = OUTCOMES[name].compute.__module__
        raise ValueError(
            f"the outcome {name!r} is registered twice, in {first} and in {compute.__module__}; rename one of "
            "the two functions"
        )
    if is_headline and heading is None:
        raise ValueError(
            f"the headline outcome {name!r} has no heading; choose one of: {', '.join(HEADINGS)}"
        )
    if is_headline and not interest > 0:
        raise ValueError(
            f"the headline outcome {name!r} has no smallest difference of interest; add interest=..., in its unit"
        )


def group_by_heading(table: Table) -> dict[Heading, list[Outcome]]:
    """Group the outcomes of a short table by heading, in the order in which they are shown.

    Args:
        table: the table of a run or of a comparison.

    >>> [each.name for each in group_by_heading("comparison")["Money"]]
    ['cost_gbp_per_child_year']
    """
    shown = [each for each in OUTCOMES.values() if table in each.tables]
    return {heading: [each for each in shown if each.heading == heading] for heading in HEADINGS}


def list_headlines() -> tuple[str, ...]:
    """List the names of the headline outcomes: missed risk, harm, assessments, workload and money.

    >>> "missed_risk_rate" in list_headlines(), "plan_stock_per_10k" in list_headlines()
    (True, False)
    """
    return tuple(name for name, each in OUTCOMES.items() if each.headline)


def list_first_headlines(headings: Collection[Heading] = HEADINGS) -> tuple[str, ...]:
    """List the first headline outcome below each heading, for figures and sentences with room for one of each.

    Args:
        headings: the headings; by default all.

    >>> list_first_headlines(["Missed risk", "Money"])
    ('missed_risk_rate', 'cost_gbp_per_child_year')
    """
    grouped = {OUTCOMES[name].heading: name for name in reversed(list_headlines())}
    return tuple(grouped[heading] for heading in HEADINGS if heading in headings)


def sign_of_worse(name: str) -> int:
    """Return 1 if a higher value of an outcome is worse, -1 if a lower value is, and 0 if neither (such as plans).

    Args:
        name: name of an outcome; parts of outcomes and unknown names have no direction.

    >>> sign_of_worse("missed_risk_rate"), sign_of_worse("protected_share"), sign_of_worse("plan_stock_per_10k")
    (1, -1, 0)
    """
    better = OUTCOMES[name].better if name in OUTCOMES else None
    return {"lower": 1, "higher": -1, None: 0}[better]
