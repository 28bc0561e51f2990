"""The sections of the page of an analysis: a question each, and a table whose columns and cells are in words."""

import math
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any, Literal, NamedTuple

import pandas as pd

from cpsim.analysis.answer import format_smallest
from cpsim.analysis.findings import Study
from cpsim.analysis.sentences import select_other_shown, select_outcomes
from cpsim.analysis.wording import clean_text, format_cell, format_ends, format_limits, format_varied
from cpsim.formatting import (
    UNDEFINED,
    format_decimals,
    format_difference,
    format_interval,
    format_magnitude,
    format_number,
    format_outcome,
    format_outcome_name,
    format_percent,
    raise_first,
)
from cpsim.measures.outcomes import OUTCOMES
from cpsim.results.verdicts import NOT_SHOWN

MOST_ROWS = 12

Row = dict[Hashable, Any]
Kind = Literal["outcome", "text", "number"]


class FindingColumn(NamedTuple):
    """A column of a table on a page.

    Attributes:
        head: its head.
        format: function that formats its cell in a row of a sweep; text between backticks is code.
        kind: a column of numbers is aligned to the right; rows of the same outcome can be grouped instead.
    """

    head: str
    format: Callable[[Row, Study], str]
    kind: Kind = "text"


class Section(NamedTuple):
    """A section of the page.

    Attributes:
        title: the question that it answers.
        table: name of its table.
        explanation: what the table shows and how it was computed.
        columns: the columns of the table on the page.
        also: names of further tables about the same question, which are not on the page.
    """

    title: str
    table: str
    explanation: str
    columns: tuple[FindingColumn, ...]
    also: tuple[str, ...] = ()

    def list_files(self, tables: Collection[str]) -> list[str]:
        """List the names of the files with the tables of the section."""
        return [name for name in (self.table, *self.also) if name in tables]


def select_rows(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Select the rows of a table for the page: the headlines from the largest samples, and what is shown of others."""
    rows = select_outcomes(table, study.headlines)
    if "verdict" in table:
        rows = pd.concat([rows, select_other_shown(table, study)])
    for size in ("base_points", "trajectories"):
        if size in rows:
            rows = rows[rows[size] == rows[size].max()]
    return rows.reset_index() if rows.index.names != [None] else rows


def select_columns(section: Section, table: pd.DataFrame, study: Study) -> tuple[FindingColumn, ...]:
    """Return the columns of a section; those of the Pareto front depend on the outcomes and the alternatives."""
    if section.table != "pareto":
        return section.columns
    arms = (_ARM,) if "arm" in table.index.names else ()
    settings = (_column_of_setting(path, study) for path in study.described if path in table)
    outcomes = (_column_of_mean(name) for name in study.headlines if name in table)
    return (*arms, *settings, *outcomes, *section.columns)


def _column_of_setting(path: str, study: Study) -> FindingColumn:
    setting = study.described[path]
    return FindingColumn(
        raise_first(setting.name), lambda row, _: format_varied(setting, row[path]), "number"
    )


def _column_of_mean(outcome: str) -> FindingColumn:
    def format_mean(row: Row, _: Study) -> str:
        low, high = (format_outcome(outcome, row[f"{outcome}_{end}"]) for end in ("low", "high"))
        mean = format_outcome(outcome, row[outcome])
        return mean if low == UNDEFINED else f"{mean} ({low} to {high})"

    return FindingColumn(name_with_unit(outcome), format_mean, "number")


def name_with_unit(outcome: str) -> str:
    """Name an outcome with its unit, as the heading of rows.

    >>> name_with_unit("missed_risk_rate"), name_with_unit("contacts_per_10k_year")
    ('Missed risk, of spells of harm', 'Contacts, per 10,000 children a year')
    """
    axis = OUTCOMES[outcome.partition(".")[0]].axis
    return f"{format_outcome_name(outcome)}, {axis}" if axis else format_outcome_name(outcome)


def _format_setting(key: str) -> Callable[[Row, Study], str]:
    """Make a function that writes a setting in words, and its path as code."""

    def format_name(row: Row, study: Study) -> str:
        path = row[key]
        return f"{study.described[path].name} `{path}`" if isinstance(path, str) else UNDEFINED

    return format_name


def _format_both_ends(row: Row, study: Study) -> str:
    return format_ends(study.described[row["setting"]], row["from"], row["to"])


def _format_words(key: str) -> Callable[[Row, Study], str]:
    return lambda row, _: format_cell(row[key])


def _format_share(key: str) -> Callable[[Row, Study], str]:
    return lambda row, _: format_percent(float(row[key]))


def _format_whole(key: str) -> Callable[[Row, Study], str]:
    def format_whole(row: Row, _: Study) -> str:
        number = float(row[key])
        return format_decimals(number) if math.isfinite(number) else format_number(number)

    return format_whole


def _format_index(key: str) -> Callable[[Row, Study], str]:
    """Make a function that writes a share with its interval."""

    def format_one(row: Row, _: Study) -> str:
        share, low, high = (format_percent(float(row[name])) for name in (key, f"{key}_low", f"{key}_high"))
        return share if low == UNDEFINED else f"{share} ({low} to {high})"

    return format_one


def _create_size_writer(key: str) -> Callable[[Row, Study], str]:
    """Make a function that writes the size of a change with its unit, and its interval if the table has one."""

    def format_one(row: Row, _: Study) -> str:
        def write(value: float, *, unit: bool = False) -> str:
            return (
                UNDEFINED if math.isnan(value) else format_magnitude(row["outcome"], max(value, 0), unit=unit)
            )

        size = write(row[key], unit=True)
        low, high = row.get(f"{key}_low", math.nan), row.get(f"{key}_high", math.nan)
        return size if math.isnan(low) else f"{size} ({write(low)} to {write(high)})"

    return format_one


def _format_change(key: str) -> Callable[[Row, Study], str]:
    """Make a function that writes a difference or an effect in its unit, with the digits of its interval."""
    return lambda row, _: format_difference(row["outcome"], row[key], _half_width(row))


def _format_verdict(row: Row, _: Study) -> str:
    """Write the verdict; where no difference is shown, with the size that would have been seen."""
    if row["verdict"] != NOT_SHOWN:
        return str(row["verdict"])
    if row["low"] == row["high"] == 0:
        return "the same with every seed"
    return f"{NOT_SHOWN}; {format_smallest([row])} would have been seen"


def _half_width(row: Row) -> float:
    return float(row["high"] - row["low"]) / 2 if "high" in row else math.nan


def _format_box_limits(row: Row, study: Study) -> str:
    path = row["setting"]
    return format_limits(study.described[path], row) if isinstance(path, str) else UNDEFINED


def _format_level(row: Row, _: Study) -> str:
    return format_outcome(row["outcome"], row["reference_mean"])


def _format_ranges(row: Row, _: Study) -> str:
    low, high = (format_number(row[f"seeds_{end}"]) for end in ("low", "high"))
    return f"{low} to {high}"


_OUTCOME = FindingColumn("Outcome", lambda row, _: name_with_unit(row["outcome"]), "outcome")
_ARM = FindingColumn("Arm", lambda row, _: clean_text(str(row["arm"])))
_OF = FindingColumn("In", lambda row, _: clean_text(str(row["of"])))
_SETTING = FindingColumn("Setting", _format_setting("setting"))
_INTERVAL = FindingColumn(
    "95% interval",
    lambda row, _: format_interval(row["outcome"], row["low"], row["high"], unit=False),
    "number",
)
_FAMILY = FindingColumn("Tests in the family", _format_whole("tests"), "number")
_VERDICT = FindingColumn("Verdict", _format_verdict)

_FAMILY_LEVEL = (
    "All intervals of a family hold together with a probability of 95% (Student's t, with the level shared between its "
    "distinct tests, Bonferroni), and the verdict reads the interval. What would have been seen is the size that would "
    "have been shown with a probability of 80%."
)

SECTIONS: tuple[Section, ...] = (
    Section(
        "What does each arm change?",
        "differences",
        "Difference from the first arm, averaged over all points, seed by seed if both arms have equal children. The "
        f"family is all arms and all outcomes that were recorded. {_FAMILY_LEVEL}",
        (
            _OUTCOME,
            _ARM,
            FindingColumn("Level of the first arm", _format_level, "number"),
            FindingColumn("Difference", _format_change("difference"), "number"),
            _INTERVAL,
            _FAMILY,
            FindingColumn("Same children", _format_words("paired")),
            _VERDICT,
        ),
        also=("differences_by_point",),
    ),
    Section(
        "Under which conditions is an arm worse?",
        "conditions",
        "Found by PRIM: the box of settings in which the points where the arm is worse than the first are densest. It "
        "is shown if the same search over shuffled points seldom gives as good a box. The p-value of a limit says "
        "whether chance explains it.",
        (
            _OUTCOME,
            _ARM,
            FindingColumn("Worse at", _format_share("worse_share"), "number"),
            FindingColumn("Shown", _format_words("shown")),
            FindingColumn("Worse in the box", _format_share("density"), "number"),
            FindingColumn("Of all worse points, in the box", _format_share("coverage"), "number"),
            FindingColumn("As good by chance", _format_words("by_chance"), "number"),
            _SETTING,
            FindingColumn("Limits of the box", _format_box_limits),
            FindingColumn("p-value of the limit", _format_words("quasi_p"), "number"),
        ),
        also=("conditions_way",),
    ),
    Section(
        "Which settings matter most?",
        "effects",
        "Change in the outcome when a setting goes from one end of its range to the other: least squares over the "
        "points, with seeds as blocks. What is explained is the share of the variance between points that linear "
        "effects explain together. The family is all settings, for one arm or difference and one outcome. "
        f"{_FAMILY_LEVEL}",
        (
            _OUTCOME,
            _OF,
            _SETTING,
            FindingColumn("From and to", _format_both_ends, "number"),
            FindingColumn("Change", _format_change("effect"), "number"),
            _INTERVAL,
            _FAMILY,
            FindingColumn("Explained", _format_share("fit"), "number"),
            _VERDICT,
        ),
    ),
    Section(
        "Which settings interact?",
        "interactions",
        "How much the effect of one setting differs between the two ends of another. The family is all pairs, for one "
        "arm or difference and one outcome; its intervals hold together with a probability of 95%.",
        (
            _OUTCOME,
            _OF,
            _SETTING,
            FindingColumn("Other setting", _format_setting("other")),
            FindingColumn("Difference between its effects", _format_change("effect"), "number"),
            _INTERVAL,
            _FAMILY,
            _VERDICT,
        ),
    ),
    Section(
        "Which settings make the outcome uncertain?",
        "sobol",
        "Sobol indices: the share of the variance between points that is due to a setting alone, and together with its "
        "interactions, each with its own 95% interval. Trust them once they no longer change with the number of base "
        "points, which the file shows.",
        (
            _OUTCOME,
            _ARM,
            FindingColumn("Base points", _format_whole("base_points"), "number"),
            _SETTING,
            FindingColumn("Alone", _format_index("first"), "number"),
            FindingColumn("With interactions", _format_index("total"), "number"),
        ),
    ),
    Section(
        "Which settings matter at all?",
        "morris",
        "Morris's elementary effects: the change over a setting's whole range. A setting whose mean size is small can "
        "be left at its default; a large standard deviation means that its effect depends on other settings or is not "
        "linear. The mean size has its own 95% interval.",
        (
            _OUTCOME,
            _ARM,
            FindingColumn("Trajectories", _format_whole("trajectories"), "number"),
            _SETTING,
            FindingColumn("Mean size of the change", _create_size_writer("mu_star"), "number"),
            FindingColumn("Mean change", _format_change("mu"), "number"),
            FindingColumn("Standard deviation", _create_size_writer("sigma"), "number"),
        ),
    ),
    Section(
        "Which alternatives are on the Pareto front?",
        "pareto",
        "An alternative is dominated if another is at least as good in the mean of every outcome and is shown to be "
        "better in one. It is undecided if its place depends on differences that are not shown. Means have their own "
        "95% intervals over seeds.",
        (
            FindingColumn("Place", _format_words("status")),
            FindingColumn("Beaten by", _format_whole("beaten_by"), "number"),
        ),
    ),
    Section(
        "Which arm has the smallest regret?",
        "regret",
        "Regret at a point is how much worse an arm is than the best arm there. With few seeds, chance makes it "
        "somewhat too large. Each number has its own 95% interval over resampled seeds.",
        (
            _OUTCOME,
            _ARM,
            FindingColumn("Largest regret", _create_size_writer("max"), "number"),
            FindingColumn("Mean regret", _create_size_writer("mean"), "number"),
            FindingColumn("Best at", _format_index("best"), "number"),
            FindingColumn("Points", _format_whole("worlds"), "number"),
        ),
    ),
    Section(
        "How many seeds are enough?",
        "seeds",
        "Number of seeds at which the interval of the difference from the first arm, at the level of its family, "
        "or of the level of the only arm, becomes as narrow as wanted, here for shares of the level of the first arm. "
        "The range reflects how uncertain the variation between so few seeds is.",
        (
            _OUTCOME,
            _OF,
            FindingColumn("Half-width wanted", _create_size_writer("wanted"), "number"),
            FindingColumn("Share of the level", _format_share("share_of_level"), "number"),
            FindingColumn("Seeds now", _format_whole("seeds_now"), "number"),
            FindingColumn("Half-width now", _create_size_writer("half_width_now"), "number"),
            FindingColumn("Seeds needed", _format_whole("seeds"), "number"),
            FindingColumn("Range", _format_ranges, "number"),
        ),
    ),
)
"""The sections in their order on the page; a page has those for which the analysis has a table."""


def find_sections(tables: Iterable[str]) -> list[Section]:
    """Find the sections for which there are tables.

    >>> [section.title for section in find_sections(["regret"])]
    ['Which arm has the smallest regret?']
    """
    known = set(tables)
    return [section for section in SECTIONS if section.table in known]
