"""The scenarios that come with cpsim: each asks one question, speaks to claims that are known, and runs."""

import re

import pytest
from ruamel.yaml import YAML

from cpsim.model import run
from cpsim.scenario.claims import claims
from cpsim.scenario.institutions import institutions
from cpsim.scenario.read import load, shipped

STORIES = [name for name in shipped() if load(name).timeline]
"""Those in which something changes; the others are places in which a story may be set."""

HASTE = ("population.children=500", "clock.warm_up_years=1")
"""A few hundred children with a year of history, whose timeline is still that of the scenario."""

NEEDS = {"pct_merger": ["agencies.pct.sites_per_10k_children=40"]}
"""What so few children need besides: two trusts, of which one is left."""


@pytest.mark.parametrize("name", shipped())
def test_a_scenario_bears_the_name_of_its_file_and_asks_one_question(name: str) -> None:
    written = YAML(typ="safe", pure=True).load(shipped()[name])
    assert written["name"] == name
    assert re.fullmatch(r"[A-Z][^?.!]*\?", written["question"])


@pytest.mark.parametrize("name", shipped())
def test_a_scenario_begins_with_a_comment_that_tells_what_happened(name: str) -> None:
    assert re.match(r"(# .+\n)+", shipped()[name].read_text("utf-8"))


@pytest.mark.parametrize("name", STORIES)
def test_a_scenario_in_which_something_changes_speaks_to_claims(name: str) -> None:
    written = YAML(typ="safe", pure=True).load(shipped()[name])
    assert set(written["claims"]) <= claims().keys()
    assert written["claims"]


def test_every_institution_of_the_reform_years_is_used_by_a_scenario() -> None:
    used = {
        line["lever"]
        for file in shipped().values()
        for line in YAML(typ="safe", pure=True).load(file).get("timeline", ())
    }
    assert institutions().keys() <= used


@pytest.mark.parametrize("name", shipped())
def test_every_scenario_runs(name: str) -> None:
    result = run(load(name, [*HASTE, *NEEDS.get(name, [])]), seed=1)
    assert result.summary["missed_risk_rate"] is None or 0 <= result.summary["missed_risk_rate"] <= 1
