"""The scenarios that come with cpsim: each asks one question, names known claims, and runs."""

import re

import pytest
from ruamel.yaml import YAML

from cpsim.scenario.claims import load_claims
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.read import find_shipped_scenarios, load
from cpsim.scenario.tiles import is_tiled
from cpsim.simulation import run

SHIPPED = {name: load(name) for name in find_shipped_scenarios()}
WITH_TIMELINE = [name for name, scenario in SHIPPED.items() if scenario.timeline]
"""Scenarios in which something changes; the others are places from which to start."""

SMALL_AND_SHORT = ("population.children=500", "clock.warm_up_years=1")
"""Overrides for a fast run: 500 children and one year of warm-up, with the timeline unchanged."""

EXTRA = {"pct_merger": ["agencies.pct.sites_per_10k_children=40"]}
"""Overrides that so small a population needs as well: a merger of trusts needs two of them."""


@pytest.mark.parametrize("name", find_shipped_scenarios())
def test_a_scenario_has_the_name_of_its_file_and_asks_one_question(name: str) -> None:
    written = YAML(typ="safe", pure=True).load(find_shipped_scenarios()[name])
    assert written["name"] == name
    assert re.fullmatch(r"[A-Z][^?.!]*\?", written["question"])


@pytest.mark.parametrize("name", find_shipped_scenarios())
def test_a_scenario_begins_with_a_comment_on_what_happened(name: str) -> None:
    assert re.match(r"(# .+\n)+", find_shipped_scenarios()[name].read_text("utf-8"))


@pytest.mark.parametrize("name", WITH_TIMELINE)
def test_a_scenario_in_which_something_changes_names_claims(name: str) -> None:
    written = YAML(typ="safe", pure=True).load(find_shipped_scenarios()[name])
    assert set(written["claims"]) <= load_claims().keys()
    assert written["claims"]


def test_every_institution_is_used_by_a_scenario() -> None:
    used = {
        line["lever"]
        for file in find_shipped_scenarios().values()
        for line in YAML(typ="safe", pure=True).load(file).get("timeline", ())
    }
    assert load_institutions().keys() <= used


@pytest.mark.parametrize("name", [name for name, scenario in SHIPPED.items() if not is_tiled(scenario)])
def test_every_scenario_runs(name: str) -> None:
    result = run(load(name, [*SMALL_AND_SHORT, *EXTRA.get(name, [])]), seed=1)
    assert result.summary["missed_risk_rate"] is None or 0 <= result.summary["missed_risk_rate"] <= 1
