"""A reference place for single institutions: two authorities with a short history, and every institution by itself."""

from functools import cache
from typing import Any

from cpsim.parallel.shared_history import run_arms
from cpsim.results import RunResult
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario

FIRST_DAY = "2006-04-03"
BASE = "base"

PLACE: dict[str, Any] = {
    "extends": "small",
    "clock": {"start": FIRST_DAY, "years": 2, "warm_up_years": 1},
    "population": {"children": 2_500},
    "authorities": {"count": 2, "resources_spread": 0.1, "leadership_spread": 0.1},
}
RESTRICTIONS: dict[str, dict[str, Any]] = {
    "takeover_by_strong_council": {"authorities": {"least_resourced": 1}},
}

IDLE = {
    "s10_duty_default": "the duty to co-operate already stands for every pct, police as it sets it",
    "s10_duty_health": "the duty to co-operate already stands for every pct as it sets it",
    "partner_awareness": "the duty to co-operate does not bind any school here",
    "nhs_deficit": "it changes only the signal authorities.health_deficit, on which nothing in force depends",
    "gp_contract_exemption": "the duty to co-operate already stands for every gp as it sets it",
    "schools_ringfence": "it changes only the signal authorities.council_ringfenced",
    "school_governing_bodies": "it changes only the signal authorities.council_ringfenced",
    "unified_performance": "it changes only the signal authorities.tier_gap_closed",
    "workforce_plan": "it changes only the signal authorities.movers_retained",
}
"""The institutions that change nothing by themselves in this place, with the beginning of the reason."""


@cache
def build_arm(identifier: str = "") -> Scenario:
    """Build the place with one institution, or without any."""
    line = {"date": FIRST_DAY, "lever": identifier, **RESTRICTIONS.get(identifier, {})}
    timeline = [line] if identifier else []
    return from_mapping({**PLACE, "name": identifier or BASE, "timeline": timeline})


def list_institutions() -> list[str]:
    """List the institutions that have levers."""
    return [institution.id for institution in load_institutions().values() if institution.levers]


def run_institutions(*identifiers: str, seeds: int = 1) -> dict[str, list[RunResult]]:
    """Run the place without an institution, and with each of these, on the same children; a result for each seed."""
    arms = {BASE: build_arm()} | {identifier: build_arm(identifier) for identifier in identifiers}
    results: dict[str, list[RunResult]] = {name: [] for name in arms}
    for name, result in run_arms(arms, *range(1, seeds + 1)):
        results[name].append(result)
    return results
