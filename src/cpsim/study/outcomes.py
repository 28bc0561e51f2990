"""Figures of a run that an experiment keeps: names of `summary.json`, dotted for a part (`missed_by_cause.C3`)."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from cpsim.results.comparison_tables import OF_TWO_RUNS
from cpsim.results.names import CAUSE_PARTS, CAUSES, SUMMARY
from cpsim.scenario.problems import did_you_mean, listed, shown

USUAL = (
    "missed_risk_rate",
    "unprotected_weeks_share",
    "serious_events_avoidable",
    "false_alarm_families_per_10k_year",
    "referrals_per_10k_year",
    "utilisation_mean",
    "cost_gbp_per_child_year",
)
"""What an experiment keeps unless it says otherwise: misses beside false alarms, workload and money."""


def parts_of(kinds: Collection[str]) -> dict[str, Collection[str]]:
    """The names of the summary that have parts, and which, in a scenario with these kinds of agency."""
    return {"missed_by_cause": CAUSES, "missed_by_cause_part": CAUSE_PARTS, "source_share": kinds}


def every(kinds: Collection[str]) -> list[str]:
    """All figures that a run of a scenario with these kinds of agency has, in the order of the summary."""
    parts = parts_of(kinds)
    return [
        outcome
        for name in SUMMARY
        if name != OF_TWO_RUNS
        for outcome in ([f"{name}.{part}" for part in parts[name]] if name in parts else [name])
    ]


def fault(outcome: str, kinds: Collection[str]) -> str | None:
    """Why a run of a scenario with these kinds of agency has no such figure; None if it has."""
    name, _, part = outcome.partition(".")
    if name not in SUMMARY:
        hint = did_you_mean(name, SUMMARY) or f"; there are {listed(SUMMARY)}"
        return f"no figure is called {shown(name)}{hint}"
    if name == OF_TWO_RUNS:
        return "this figure compares two runs; one run does not have it"
    parts = parts_of(kinds).get(name)
    if parts is None:
        return f"{name} has no parts" if part else None
    if not part:
        return f"{name} has parts; name one, such as {name}.{next(iter(parts))}"
    if part not in parts:
        return f"{name} has no part {shown(part)}; there are {listed(parts)}{did_you_mean(part, parts)}"
    return None


def value(summary: Mapping[str, Any], outcome: str) -> float:
    """The figure of that name; not a number where the run leaves it undefined."""
    name, _, part = outcome.partition(".")
    figure = summary[name]
    if part:
        figure = (figure or {}).get(part)
    return math.nan if figure is None else float(figure)
