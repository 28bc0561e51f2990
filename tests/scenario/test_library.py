"""The scenarios that come with cpsim: each asks one question, names known claims, and runs."""

import re
from functools import cache
from math import ceil
from typing import Any

import pytest
from ruamel.yaml import YAML

from cpsim.scenario.claims import load_claims
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.read import find_shipped_scenarios, load
from cpsim.scenario.schema import Scenario
from cpsim.scenario.tiles import is_tiled
from cpsim.simulation import run

NAMES = list(find_shipped_scenarios())
TILED = {"england"}
"""Scenarios that are run in tiles, which have tests of their own."""

SMALL_AND_SHORT = ("population.children=500", "clock.warm_up_years=1")
"""Overrides for a fast run: 500 children and one year of warm-up, with the timeline unchanged.

The evaluated years end a year after the last change.
"""

EXTRA = {"pct_merger": ["agencies.pct.sites_per_10k_children=40"]}
"""Overrides that so small a population needs as well: a merger of trusts needs two of them."""


@cache
def read(name: str) -> dict[str, Any]:
    """Read the file of a scenario without cpsim."""
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(find_shipped_scenarios()[name])
    return content


@cache
def get_scenario(name: str) -> Scenario:
    return load(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_has_the_name_of_its_file_and_asks_one_question(name: str) -> None:
    written = read(name)
    assert written["name"] == name
    assert re.fullmatch(r"[A-Z][^?.!]*\?", written["question"])


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_begins_with_a_comment_on_what_happened(name: str) -> None:
    assert re.match(r"(# .+\n)+", find_shipped_scenarios()[name].read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_names_known_claims_and_at_least_one_if_something_changes_in_it(name: str) -> None:
    """In the others nothing changes; they are places from which to start."""
    claims = set(read(name).get("claims") or ())
    assert claims <= load_claims().keys()
    assert claims or not get_scenario(name).timeline


def test_every_institution_is_used_by_a_scenario() -> None:
    used = {line["lever"] for name in NAMES for line in read(name).get("timeline", ())}
    assert load_institutions().keys() <= used


def count_years(scenario: Scenario) -> int:
    """Count the evaluated years until a whole year has passed since something last changed."""
    ends = [end for event in scenario.timeline for end in (event.date, event.until) if end is not None]
    if not ends:
        return scenario.clock.years
    weeks = (max(ends) - scenario.clock.start).days / 7
    return min(max(ceil(weeks / 52), 0) + 1, scenario.clock.years)


def test_england_is_the_only_scenario_in_tiles() -> None:
    assert {name for name in NAMES if is_tiled(get_scenario(name))} == TILED


@pytest.mark.parametrize("name", sorted(set(NAMES) - TILED))
def test_every_scenario_runs(name: str) -> None:
    years = f"clock.years={count_years(get_scenario(name))}"
    result = run(load(name, [*SMALL_AND_SHORT, years, *EXTRA.get(name, [])]), seed=1)
    assert result.summary["missed_risk_rate"] is None or 0 <= result.summary["missed_risk_rate"] <= 1
