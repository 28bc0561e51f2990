"""Checks that the files of a result folder belong together: numbers of rows, weeks, references, and sums.

The limits of single columns are in `cpsim.results.tables` and `cpsim.results.comparison_tables`, and those of outcomes
in the registry. Each check raises a ValueError for one file, whose name the caller adds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cpsim.formatting import format_count, format_decimals, format_list, format_setting
from cpsim.measures.horizons import result_column
from cpsim.measures.outcomes.registry import BY_KIND
from cpsim.results.columns import TABLES, Row
from cpsim.results.comparison_tables import HEADLINES, TURNS
from cpsim.results.names import SUMMARY
from cpsim.results.tables import check_limit
from cpsim.scenario.clock import date_of, evaluated_weeks, total_weeks, warm_up_weeks
from cpsim.scenario.problems import format_value
from cpsim.scenario.schema import Scenario
from cpsim.scenario.tiles import build_tile_scenario, is_tiled, list_tiles
from cpsim.world.authorities import draw_authorities
from cpsim.world.population import LARGEST_FAMILY, count_families

Frames = Mapping[str, pd.DataFrame]


def check_summary(summary: Mapping[str, Any], kinds: tuple[str, ...]) -> None:
    """Check that a summary has every outcome, and no other, with a value within its limits.

    Raises:
        ValueError: a name is missing or unknown, or a value is not allowed.

    >>> check_summary({"missed_risk_rate": 0.4}, ())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: missing names ['missed_risk_rate_4w', ...
    """
    missing = [name for name in SUMMARY if name not in summary]
    unknown = [name for name in summary if name not in SUMMARY]
    if missing or unknown:
        raise ValueError(f"missing names {missing}, undocumented names {unknown}")
    for name, outcome in SUMMARY.items():
        value = summary[name]
        if value is None:
            continue
        if not outcome.parts:
            _check_number(name, value, outcome.limits)
            continue
        by_kind = outcome.parts == BY_KIND
        allowed = kinds if by_kind else outcome.parts
        # A kind of agency for which the outcome is undefined is left out.
        accepts = set(allowed).issuperset if by_kind else set(allowed).__eq__
        if not isinstance(value, Mapping) or not accepts(set(value)):
            given = list(value) if isinstance(value, Mapping) else format_value(value)
            raise ValueError(f"{name}: expected the parts {list(allowed)}, not {given}")
        for part, number in value.items():
            _check_number(f"{name}.{part}", number, outcome.limits)


def _check_number(name: str, value: Any, limits: tuple[float, float]) -> None:
    low, high = limits
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name}: expected a number, not {format_value(value)}")
    tolerance = 1e-9
    if not low - tolerance <= value <= high + tolerance:
        allowed = (
            f"from {format_setting(low)} to {format_setting(high)}"
            if math.isfinite(high)
            else f"of at least {format_setting(low)}"
        )
        raise ValueError(f"{name}: expected a number {allowed}, not {format_value(value)}")


def check_weekly(scenario: Scenario, frames: Frames, _: Mapping[str, Any]) -> None:
    """Check that the table of weeks has each week of the clock, under its date."""
    weekly, first = frames["weekly"], -warm_up_weeks(scenario.clock)
    _check_rows("weekly", weekly, total_weeks(scenario.clock), "the clock of scenario.yaml has as many weeks")
    weeks = weekly["week"].to_numpy()
    if not np.array_equal(weeks, np.arange(first, first + len(weekly))):
        raise ValueError(f"column weekly.week: expected every week from {first} on, in order")
    start = pd.Timestamp(date_of(first, scenario.clock))
    if not (weekly["date"] == start + pd.to_timedelta(7 * (weeks - first), unit="D")).all():
        raise ValueError(f"column weekly.date: expected every seventh day from {start.date().isoformat()} on")
    column = f"deadlines_{scenario.measures.horizon_weeks}w"
    if column not in weekly:
        raise ValueError(
            f"column weekly.{column} is missing; it has the horizon of scenario.yaml in its name"
        )


def check_spells(scenario: Scenario, frames: Frames, summary: Mapping[str, Any]) -> None:
    """Check that the spells began in the evaluated years, and agree with the summary."""
    spells = frames["spells"]
    _check_rows("spells", spells, summary["harm_spells"], "summary.json has as many in harm_spells")
    check_limit("spells.onset", spells["onset"], 0, 1, "at least")
    check_limit("spells.onset", spells["onset"], evaluated_weeks(scenario.clock) - 1, -1, "at most")
    column = result_column(scenario.measures.horizon_weeks)
    if column not in spells:
        raise ValueError(
            f"column spells.{column} is missing; it has the horizon of scenario.yaml in its name"
        )
    missed = spells[column] == "missed"
    if (spells["stopped_at"].notna() != missed).any():
        raise ValueError(
            f"column spells.stopped_at: expected a stage where {column} is missed, and nowhere else"
        )
    censored = int((spells[column] == "censored").sum())
    if censored != summary["censored_spells"]:
        raise ValueError(
            f"column spells.{column}: {censored} spells are censored, and summary.json has "
            f"{summary['censored_spells']} in censored_spells"
        )
    rate, followed = summary["missed_risk_rate"], len(spells) - censored
    if rate is not None and followed and not math.isclose(missed.sum() / followed, rate, abs_tol=1e-6):
        raise ValueError(
            f"column spells.{column}: {missed.sum()} of {followed} spells are missed, and summary.json has "
            f"{rate} in missed_risk_rate"
        )


def check_agencies(_: Scenario, frames: Frames, __: Mapping[str, Any]) -> None:
    """Check that the organisations are numbered from 0."""
    agencies = frames["agencies"]
    if not len(agencies) or not np.array_equal(agencies["agency"].to_numpy(), np.arange(len(agencies))):
        raise ValueError("column agencies.agency: expected every number from 0 on, in order")


def check_ties(_: Scenario, frames: Frames, __: Mapping[str, Any]) -> None:
    """Check that ties begin at organisations of the table, and that no more arrived than was sent."""
    ties, names = frames["ties"], set(frames["agencies"]["name"])
    unknown = ~ties["source"].isin(list(names))
    if unknown.any():
        name = format_value(ties["source"][unknown].iloc[0])
        raise ValueError(f"column ties.source: {name} is not in agencies.parquet")
    if (ties["delivered"] > ties["uses"]).any():
        raise ValueError("column ties.delivered: more messages arrived than were sent, in column uses")


def check_authorities(scenario: Scenario, frames: Frames, _: Mapping[str, Any]) -> None:
    """Check that each authority has a row for each evaluated year."""
    places = frames["authorities"]
    expected = scenario.clock.years * scenario.authorities.count
    _check_rows("authorities", places, expected, "scenario.yaml has as many evaluated years and authorities")
    check_limit("authorities.year", places["year"], scenario.clock.years, -1, "at most")
    if places.duplicated(["authority", "year"]).any():
        raise ValueError(
            "columns authorities.authority and authorities.year: a year of an authority is given twice"
        )


def _check_nothing(_: Scenario, __: Frames, ___: Mapping[str, Any]) -> None:
    """Accept a table that has no further rule."""


_RUN_CHECKS: dict[str, Callable[[Scenario, Frames, Mapping[str, Any]], None]] = {
    "weekly": check_weekly,
    "spells": check_spells,
    "children": _check_nothing,
    "conditions": _check_nothing,
    "services": _check_nothing,
    "assessments": _check_nothing,
    "agencies": check_agencies,
    "ties": check_ties,
    "events": _check_nothing,
    "authorities": check_authorities,
    "ratings": _check_nothing,
}


def check_run_table(
    table: str, scenario: Scenario, seed: int, frames: Frames, summary: Mapping[str, Any]
) -> None:
    """Check that a table of a run belongs to its scenario, its summary and its other tables.

    Args:
        table: name of the table.
        scenario: the scenario of the run.
        seed: the seed of the run.
        frames: all tables, each of which conforms to its description.
        summary: the summary, which `check_summary` has checked.

    Raises:
        ValueError: it does not.
    """
    frame = frames[table]
    first, weeks = -warm_up_weeks(scenario.clock), total_weeks(scenario.clock)
    families = _count_families(scenario, seed)
    last: dict[Row, int] = {
        "week": first + weeks - 1,
        "child": LARGEST_FAMILY * families - 1,
        "family": families - 1,
        "authority": scenario.authorities.count - 1,
        "agency": len(frames["agencies"]) - 1,
    }
    for name, column in TABLES[table].items():
        if column.refers_to is not None:
            check_limit(f"{table}.{name}", frame[name], last[column.refers_to], -1, "at most")
        if column.refers_to == "week":
            check_limit(f"{table}.{name}", frame[name], first, 1, "at least")
    _RUN_CHECKS[table](scenario, frames, summary)


def _count_families(scenario: Scenario, seed: int) -> int:
    parts = (
        [build_tile_scenario(scenario, tile) for tile in list_tiles(scenario)]
        if is_tiled(scenario)
        else [scenario]
    )
    return sum(
        count_families(
            part.population,
            draw_authorities(part.authorities, part.population, seed),
            total_weeks(part.clock),
        )
        for part in parts
    )


def _check_rows(table: str, frame: pd.DataFrame, expected: float, why: str) -> None:
    if len(frame) != expected:
        raise ValueError(
            f"table {table}: expected {format_count(expected, 'row')}, not {format_decimals(len(frame))}, because {why}"
        )


_KEYS = {
    "runs": ["prevalence", "arm", "seed"],
    "differences": ["prevalence", "outcome", "arm"],
    "children": ["arm", "seed", "child", "onset"],
    "flows": ["arm", "before", "after"],
    "turns": ["arm", "turn"],
    "prices": ["prevalence", "arm"],
}
"""Table of a comparison -> columns that identify a row."""


def check_comparison_table(
    table: str,
    frame: pd.DataFrame,
    arms: Sequence[str],
    seeds: Sequence[int],
    prevalences: Sequence[float | None],
) -> None:
    """Check that a table of a comparison has the arms, seeds and prevalences of its head, and all of them.

    Raises:
        ValueError: it does not.

    >>> frame = pd.DataFrame({"arm": ["low"], "seed": [9], "prevalence": [math.nan]})
    >>> check_comparison_table("runs", frame, ["small", "low"], [1, 2], [None])
    Traceback (most recent call last):
    ...
    ValueError: column runs.seed: 9 is not in comparison.json
    """
    with_arm = list(arms) if table == "runs" else list(arms)[1:]
    shares = [math.nan if share is None else share for share in prevalences]
    allowed: dict[str, list[Any]] = {"arm": with_arm, "seed": list(seeds), "prevalence": shares}
    for name in allowed.keys() & set(frame.columns):
        unknown = ~frame[name].isin(allowed[name])
        if unknown.any():
            raise ValueError(
                f"column {table}.{name}: {frame[name][unknown].iloc[0]} is not in comparison.json"
            )
    combinations = {
        "runs": len(with_arm) * len(seeds) * len(prevalences),
        "turns": len(TURNS) * len(with_arm),
        "prices": len(with_arm) * len(prevalences),
    }
    if table in combinations:
        _check_rows(
            table, frame, combinations[table], "comparison.json has as many arms, seeds and prevalences"
        )
    if table == "differences":
        outcomes = set(frame["outcome"])
        if missing := [name for name in HEADLINES if name not in outcomes]:
            raise ValueError(f"column differences.outcome: there is no {format_list(missing)}")
        if len(frame) != len(outcomes) * len(with_arm) * len(prevalences):
            raise ValueError(f"table {table}: the number of rows differs between the arms and prevalences")
    repeated = frame.duplicated(_KEYS[table])
    if repeated.any():
        columns = format_list([f"{table}.{name}" for name in _KEYS[table]])
        raise ValueError(
            f"columns {columns}: row {int(repeated.argmax())} has the same values as a row before"
        )
