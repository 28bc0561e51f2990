"""Outcomes that an experiment stores: names of `summary.json`, with a dot before a part (`chain_stopped_at.C3`)."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from cpsim.measures.outcomes import OUTCOMES
from cpsim.measures.outcomes.registry import BY_KIND
from cpsim.results.comparison_tables import OF_TWO_RUNS
from cpsim.results.names import SUMMARY
from cpsim.scenario.nodes import Node
from cpsim.scenario.problems import (
    Place,
    Problem,
    ScenarioError,
    format_options,
    format_value,
    suggest_nearest,
)
from cpsim.scenario.renamed import suggest_new_name
from cpsim.scenario.schema import Scenario

# Not the headlines of the registry: a file that names no outcomes must keep its table when the headlines change.
DEFAULT_OUTCOMES = (
    "missed_risk_rate",
    "missed_on_file_share",
    "protected_strict_share",
    "harm_weeks_per_10k_year",
    "falsely_reassured_per_10k_year",
    "assessed_neither_per_10k_year",
    "referrals_per_10k_year",
    "utilisation_mean",
    "cost_gbp_per_child_year",
)
"""Outcomes stored by default: missed risk, harm, assessments, workload and cost."""


def list_outcome_parts(kinds: Collection[str]) -> dict[str, Collection[str]]:
    """List the outcomes that have parts, and their parts, in a scenario with these kinds of agency."""
    return {
        name: kinds if outcome.parts == BY_KIND else outcome.parts
        for name, outcome in SUMMARY.items()
        if outcome.parts
    }


def list_outcomes(kinds: Collection[str]) -> list[str]:
    """List all outcomes of a run with these kinds of agency, in the order of the summary.

    >>> [name for name in list_outcomes(["school", "gp"]) if name.startswith("source_share")]
    ['source_share.school', 'source_share.gp']
    """
    parts = list_outcome_parts(kinds)
    return [
        outcome
        for name in SUMMARY
        if name != OF_TWO_RUNS
        for outcome in ([f"{name}.{part}" for part in parts[name]] if name in parts else [name])
    ]


def find_outcome_problem(outcome: str, kinds: Collection[str]) -> str | None:
    """Find why a run with these kinds of agency does not have this outcome; None if it has it.

    >>> find_outcome_problem("missed_risk_rate", ["school"])
    >>> find_outcome_problem("serious_events", ["school"])
    "there is no outcome 'serious_events'; it is now called 'serious_events_per_10k_year'"
    >>> find_outcome_problem("missed_risk_rat", ["school"])
    "there is no outcome 'missed_risk_rat'; did you mean 'missed_risk_rate'?"
    """
    name, _, part = outcome.partition(".")
    if name not in SUMMARY:
        hint = (
            suggest_new_name("outcome", name)
            or suggest_nearest(name, SUMMARY)
            or f"; allowed: {format_options(SUMMARY)}"
        )
        return f"there is no outcome {format_value(name)}{hint}"
    if name == OF_TWO_RUNS:
        return "this outcome compares two runs, so a single run does not have it"
    parts = list_outcome_parts(kinds).get(name)
    if parts is None:
        return f"{name} has no parts" if part else None
    if not part:
        return f"{name} has parts; choose one, such as {name}.{next(iter(parts))}"
    if part not in parts:
        hint = suggest_nearest(part, parts)
        return f"{name} has no part {format_value(part)}; allowed: {format_options(parts)}{hint}"
    return None


def check_primary_outcome(scenario: Scenario, settings: Node | None = None) -> None:
    """Check that a run of a scenario has the primary outcome that it names, and a size of interest for it.

    Args:
        scenario: the scenario.
        settings: its settings as they were read, with the places where they were written.

    Raises:
        ScenarioError: the outcome does not exist, or no size of interest is known.

    >>> from cpsim.scenario import load
    >>> check_primary_outcome(load("small", {"primary_outcome": "referral_pvv"}))
    Traceback (most recent call last):
    ...
    cpsim.scenario.problems.ScenarioError: primary_outcome: there is no outcome 'referral_pvv'; did you mean
    'referral_ppv'?
    """
    outcome = scenario.primary_outcome
    if outcome is None:
        return
    problem = find_outcome_problem(outcome, scenario.kinds)
    if problem is None and scenario.size_of_interest is None:
        named = OUTCOMES[outcome.partition(".")[0]]
        if not named.interest:
            problem = (
                f"no smallest difference of interest is known for {outcome}; add size_of_interest, in its unit "
                f"({named.unit})"
            )
    if problem is not None:
        node = None if settings is None else settings.get("primary_outcome")
        raise ScenarioError([Problem(problem, Place() if node is None else node.at, "primary_outcome")])


def read_outcome(summary: Mapping[str, Any], outcome: str) -> float:
    """Read an outcome from a summary; NaN if it is undefined in this run.

    >>> read_outcome({"chain_stopped_at": {"C3": 0.25}}, "chain_stopped_at.C3")
    0.25
    >>> read_outcome({"referral_ppv": None}, "referral_ppv")
    nan
    """
    name, _, part = outcome.partition(".")
    entry = summary[name]
    if part:
        entry = (entry or {}).get(part)
    return math.nan if entry is None else float(entry)
