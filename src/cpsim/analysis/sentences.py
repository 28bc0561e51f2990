"""Sentences that sum up the findings of a sweep."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from cpsim.analysis.findings import Findings, Study
from cpsim.analysis.pareto import DOMINATED, FRONT, UNDECIDED
from cpsim.analysis.wording import (
    clean_text,
    format_cell,
    format_limits,
)
from cpsim.formatting import format_count, format_decimals, format_number, format_outcome_name, format_percent
from cpsim.inference import POWER, estimate_smallest_shown
from cpsim.results.verdicts import CANNOT_BE_SAID, NOT_SHOWN

MOST_NAMES = 12


def summarise_findings(study: Study, found: Findings) -> Iterator[str]:
    """Yield the findings about the headlines, one sentence each."""
    tables = found.tables
    for name, describe in _DESCRIPTIONS.items():
        if name in tables:
            table = tables[name]
            tests = {"tests": table["p"].notna().sum()} if "p" in table else {}
            yield from describe(select_outcomes(table.assign(**tests), study.headlines), study)


def select_outcomes(table: pd.DataFrame, outcomes: list[str]) -> pd.DataFrame:
    """Return the rows of a table about some outcomes; all rows if the outcomes are columns."""
    return table[table["outcome"].isin(outcomes)] if "outcome" in table else table


def _describe_differences(table: pd.DataFrame, study: Study) -> Iterator[str]:
    for row in table.to_dict("records"):
        between = f"{format_number(row['low'])} to {format_number(row['high'])}"
        arms = f"{clean_text(row['arm'])} against {clean_text(study.arms[0])}"
        what = f"{format_outcome_name(row['outcome'])} with {arms}"
        if row["verdict"] == CANNOT_BE_SAID:
            yield f"{what}: chance cannot be estimated, so no difference can be shown."
        elif row["low"] == row["high"] == 0:
            yield f"{what}: no difference with any seed."
        elif row["verdict"] == NOT_SHOWN and row["low"] * row["high"] > 0:
            yield (
                f"{what}: no difference shown; the interval ({between}) excludes zero, but with so many comparisons "
                f"that may be chance. {_describe_smallest(row)}"
            )
        elif row["verdict"] == NOT_SHOWN:
            yield f"{what}: no difference shown; it may lie anywhere from {between}. {_describe_smallest(row)}"
        else:
            yield f"{what}: {row['verdict']}, {_format_change(row['difference'], row['low'], row['high'])}."


def _describe_smallest(row: Mapping[Any, Any]) -> str:
    """Say how large a difference would have been shown with a power of 80%; see `estimate_smallest_shown`."""
    half = (row["high"] - row["low"]) / 2
    size = estimate_smallest_shown(half, int(row["seeds"]), int(row["tests"]))
    probability = format_percent(POWER)
    return (
        f"A difference of {format_number(size)} would have been shown, with a probability of {probability}."
    )


def _describe_effects(table: pd.DataFrame, study: Study) -> Iterator[str]:
    first = table[table["of"] == study.arms[0]]
    for outcome, rows in first.groupby("outcome", sort=False):
        shown = rows[~rows["verdict"].isin([NOT_SHOWN, CANNOT_BE_SAID])]
        if rows["fit"].isna().all():
            yield (
                f"{format_outcome_name(str(outcome))} does not vary between the points, so there is nothing to explain."
            )
            continue
        if not len(shown):
            yield f"No setting is shown to affect {format_outcome_name(str(outcome))}."
            continue
        strongest = shown.sort_values("effect", key=abs).iloc[-1]
        yield (
            f"`{clean_text(strongest['setting'])}` has the largest effect on {format_outcome_name(str(outcome))}: a "
            f"change from {format_cell(strongest['from'])} to {format_cell(strongest['to'])} "
            f"{strongest['verdict']} the outcome "
            f"{_format_change(strongest['effect'], strongest['low'], strongest['high'])}."
        )


def _format_change(value: float, low: float, high: float) -> str:
    """Format the size of a change without its sign, because the verdict gives the direction."""
    least, most = sorted((abs(low), abs(high)))
    return f"by {format_number(abs(value))} ({format_number(least)} to {format_number(most)})"


def _describe_conditions(table: pd.DataFrame, study: Study) -> Iterator[str]:
    for (arm, outcome), rows in table.groupby(["arm", "outcome"], sort=False):
        row = rows.iloc[0]
        what = f"a {row['worse_is']} {format_outcome_name(str(outcome))} than {clean_text(study.arms[0])}"
        if row["worse_share"] in (0, 1):
            yield (
                f"{clean_text(str(arm))} has {what} at {'none' if row['worse_share'] == 0 else 'all'} of the "
                "points."
            )
        elif row["shown"]:
            limits = " and ".join(
                f"`{clean_text(limit['setting'])}` {format_limits(limit)}"
                for limit in rows.to_dict("records")
            )
            yield (
                f"{clean_text(str(arm))} has {what} mostly where {limits}: at {format_percent(row['density'])} of "
                f"the points there, and at {format_percent(row['worse_share'])} overall."
            )
        else:
            yield (
                f"{clean_text(str(arm))} has {what} at {format_percent(row['worse_share'])} of the "
                "points, and no conditions are shown that explain where."
            )


def _describe_front(table: pd.DataFrame, _: Study) -> Iterator[str]:
    one, several = (" and ".join(f"{name}{ending}" for name in table.index.names) for ending in ("", "s"))
    alternatives = format_count(len(table), one, several)
    for status, label in ((FRONT, "On the front"), (DOMINATED, "Dominated"), (UNDECIDED, "Undecided")):
        names = [clean_text(_name_alternative(key)) for key in table.index[table["status"] == status]]
        if len(names) > MOST_NAMES:
            yield f"{label}: {format_decimals(len(names))} of {alternatives}."
        elif names:
            yield f"{label}, of {alternatives}: {', '.join(names)}."


def _name_alternative(key: object) -> str:
    """Name an alternative: an arm, a point, or an arm at a point."""
    return f"{key[0]} at point {key[1]}" if isinstance(key, tuple) else str(key)


def _describe_regret(table: pd.DataFrame, _: Study) -> Iterator[str]:
    for outcome, rows in table.groupby("outcome", sort=False):
        least, following = rows.sort_values("max", kind="stable").head(2).to_dict("records")
        if least["max_high"] < following["max_low"]:
            yield (
                f"{clean_text(least['arm'])} has the smallest maximum regret for {format_outcome_name(str(outcome))} "
                f"({format_number(least['max'])}); it is best at {format_percent(least['best'])} of the points."
            )
        else:
            yield f"No arm is shown to have the smallest maximum regret for {format_outcome_name(str(outcome))}."


_DESCRIPTIONS: dict[str, Callable[[pd.DataFrame, Study], Iterator[str]]] = {
    "differences": _describe_differences,
    "conditions": _describe_conditions,
    "effects": _describe_effects,
    "pareto": _describe_front,
    "regret": _describe_regret,
}
