"""The page of levers describes every institution, and the settings that it shows can be run."""

import re

import pytest
from ruamel.yaml import YAML
from tests.docs.pages import ROOT

from cpsim.scenario import from_mapping
from cpsim.scenario.claims import load_claims
from cpsim.scenario.events import load_levers
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.read import find_shipped_scenarios

PAGE = (ROOT / "docs" / "levers.md").read_text("utf-8")
SECTIONS = dict(section.split("\n", 1) for section in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:])


def test_every_institution_has_a_section_and_a_row() -> None:
    assert list(SECTIONS) == list(load_institutions())
    assert set(re.findall(r"^\| \[(\w+)\]\(#", PAGE, re.MULTILINE)) == load_institutions().keys()


@pytest.mark.parametrize("word", load_institutions())
def test_a_section_has_history_levers_settings_and_limits_of_its_institution(
    word: str,
) -> None:
    section = SECTIONS[word].split("\n## ")[0]
    assert load_institutions()[word].history in section
    for point in ("Applies to", "Turns", "Switch on", "Cannot show", "In the library"):
        assert f"\n- *{point}:* " in section
    (line,) = re.findall(r"^- \*Switch on:\* `- (.*)`$", section, re.MULTILINE)
    event = YAML(typ="safe", pure=True).load(line)
    places = re.findall(r"\(\.\./scenarios/(\w+)\.yaml\)", section)
    scenario = from_mapping({"extends": places[0], "timeline": [event]})
    assert [event.lever for event in scenario.timeline] == [
        lever["lever"] for lever in load_institutions()[word].levers
    ]


def test_every_lever_has_a_row() -> None:
    table = PAGE.split("## The levers\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == list(load_levers())


def test_every_row_names_tests_unless_it_has_no_dials() -> None:
    for row in re.findall(r"^\| \[\w+\]\(#.*$", PAGE, re.MULTILINE):
        word, _, dials, tests = (cell.strip() for cell in row.strip("|").split("|"))
        assert (dials == "none") == (tests == "none"), word


def test_every_linked_scenario_is_in_the_library() -> None:
    linked = set(re.findall(r"\(\.\./scenarios/(\w+)\.yaml\)", PAGE))
    assert linked <= find_shipped_scenarios().keys()


def test_every_claim_has_a_row_with_scenarios_that_examine_it() -> None:
    table = PAGE.split("## Claims\n")[1]
    rows = re.findall(r"^\| (\w\d+) \| (.*?) \| .*\.yaml\) \|$", table, re.MULTILINE)
    assert rows == [(claim.id, claim.claim) for claim in load_claims().values()]
