"""The scenarios that come with cpsim: each asks one question, speaks to claims that are known, and runs."""

import re

import pytest
from ruamel.yaml import YAML

from cpsim.model import run
from cpsim.scenario.claims import claims
from cpsim.scenario.read import load, shipped

PLACES = ("baseline", "small")
"""Those in which nothing changes."""

STORIES = [name for name in shipped() if name not in PLACES]

HASTE = ("population.children=300", "clock.warm_up_years=1")
"""A few hundred children with a year of history, whose timeline is still that of the scenario."""


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
    assert written["timeline"]
    assert set(written["claims"]) <= claims().keys()
    assert written["claims"]


@pytest.mark.parametrize("name", shipped())
def test_every_scenario_runs(name: str) -> None:
    result = run(load(name, HASTE), seed=1)
    assert result.summary["missed_risk_rate"] is None or 0 <= result.summary["missed_risk_rate"] <= 1
