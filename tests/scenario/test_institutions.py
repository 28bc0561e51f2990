"""A historical institution is switched on by its name, and is nothing but its levers."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.scenario.telling import told

from cpsim.scenario import Scenario, from_mapping, load
from cpsim.scenario.events import Event, levers
from cpsim.scenario.institutions import Institution, institutions
from cpsim.scenario.read import json_schema, to_yaml

ALL = list(institutions().values())

TO_SCHOOLS = {"date": "2006-09-01", "lever": "s10_duty_schools"}


def under(*lines: dict[str, Any], **sections: Any) -> Scenario:
    return from_mapping({"extends": "small", "timeline": lines, **sections})


def written(folder: Path, *lines: str) -> Path:
    file = folder / "mine.yaml"
    file.write_text("\n".join(["extends: small", "timeline:", *(f"  - {line}" for line in lines)]), "utf-8")
    return file


@cache
def an_editor() -> Draft202012Validator:
    return Draft202012Validator(json_schema())


def test_no_institution_bears_the_name_of_a_lever() -> None:
    assert not institutions().keys() & levers().keys()


@pytest.mark.parametrize("institution", ALL, ids=lambda institution: institution.id)
def test_each_institution_says_what_it_was_and_what_the_model_leaves_out(institution: Institution) -> None:
    for text in (institution.name, institution.binds, institution.history, institution.cannot_show):
        assert text == text.strip() != ""
    assert institution.history.endswith(".")
    assert institution.cannot_show.endswith(".")


@pytest.mark.parametrize("institution", ALL, ids=lambda institution: institution.id)
def test_each_institution_can_be_switched_on_by_its_name_on_a_date(
    institution: Institution, tmp_path: Path
) -> None:
    line = {
        "date": "2006-09-01",
        "until": "2008-09-01",
        "lever": institution.id,
        "authorities": ["authority-02"],
    }
    scenario = under(line, authorities={"count": 3})
    assert [event.lever for event in scenario.timeline] == [lever["lever"] for lever in institution.levers]
    for event, given in zip(scenario.timeline, institution.levers, strict=True):
        assert (event.date, event.until) == (date(2006, 9, 1), date(2008, 9, 1))
        assert event.authorities == ("authority-02",)
        assert event.institution == institution.id
        assert event.model_dump(mode="json").items() >= given.items()
    file = tmp_path / "resolved.yaml"
    file.write_text(to_yaml(scenario), "utf-8")
    assert load(file) == scenario
    an_editor().validate({"timeline": [line]})


@pytest.mark.parametrize("institution", ALL, ids=lambda institution: institution.id)
def test_an_institution_says_only_what_its_levers_would_not_say_anyway(institution: Institution) -> None:
    for given, lever in zip(institution.levers, institution.classes, strict=True):
        fields = lever.model_fields
        said = {name: value for name, value in given.items() if name != "lever"}
        assert [name for name, value in said.items() if value == fields[name].default] == []
        assert not said.keys() & Event.model_fields.keys()


def test_what_a_line_says_goes_to_the_levers_of_its_institution() -> None:
    (event,) = under({**TO_SCHOOLS, "awareness": 0.9, "kinds": ["school", "gp"]}).timeline
    assert event == under({"date": "2006-09-01", "lever": "duty", "kinds": ["school", "gp"], "bound": True,
                           "awareness": 0.9, "institution": "s10_duty_schools"}).timeline[0]  # fmt: skip


def test_an_institution_without_a_date_was_always_there() -> None:
    (event,) = under({"lever": "s10_duty_schools"}).timeline
    assert event.date is None


def test_an_override_changes_the_line_that_names_an_institution(tmp_path: Path) -> None:
    file = written(tmp_path, "{date: 2006-09-01, lever: s10_duty_schools}")
    (event,) = load(file, ["timeline[0].awareness=0.9", "timeline[0].date=2007-09-01"]).timeline
    assert (event.date, event.model_dump()["awareness"]) == (date(2007, 9, 1), 0.9)


def test_a_scenario_that_names_no_institution_does_not_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def read() -> dict[str, Institution]:
        raise AssertionError("read in vain")

    monkeypatch.setattr("cpsim.scenario.institutions.institutions", read)
    assert under({"lever": "duty", "kinds": ["gp"], "bound": True}).timeline


FAULTS = {
    "a misspelt setting": (
        "{date: 2006-09-01, lever: s10_duty_schools, awarenes: 0.9}",
        "3:49: timeline[0].awarenes: ",
        "s10_duty_schools has no setting 'awarenes'; did you mean 'awareness'?",
    ),
    "a misspelt institution": (
        "{date: 2006-09-01, lever: s10_duty_schols}",
        "3:31: timeline[0].lever: ",
        "there is no lever 's10_duty_schols'; did you mean 's10_duty_schools'?",
    ),
    "no lever at all": (
        "{date: 2006-09-01, lever: abracadabra}",
        "3:31: timeline[0].lever: ",
        "the institutions that `cpsim explain institutions` lists",
    ),
    "a number that makes no sense": (
        "{date: 2006-09-01, lever: s10_duty_schools, awareness: 45}",
        "3:60: timeline[0].awareness: ",
        "expected a number from 0 to 1",
    ),
    "nobody whom it concerns": (
        "{date: 2006-09-01, lever: s10_duty_schools, kinds: [schol]}",
        "3:57: timeline[0].kinds[0]: ",
        "did you mean 'school'?",
    ),
    "an end before the beginning": (
        "{date: 2006-09-01, lever: s10_duty_schools, until: 2006-01-01}",
        "3:56: timeline[0].until: ",
        "2006-01-01 is not after its date",
    ),
    "another institution": (
        "{date: 2006-09-01, lever: s10_duty_schools, institution: gp_duty}",
        "3:49: timeline[0].institution: ",
        "s10_duty_schools has no setting 'institution'",
    ),
}


@pytest.mark.parametrize(("line", "start", "within"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_once_at_the_line_that_names_the_institution(
    tmp_path: Path, line: str, start: str, within: str
) -> None:
    (problem,) = told(written(tmp_path, line))
    assert problem.startswith(f"mine.yaml:{start}"), problem
    assert within in problem


def test_a_fault_after_an_institution_is_told_under_the_number_of_its_own_line(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "{date: 2006-09-01, lever: s10_duty_schools}",
        "{date: 2006-09-01, lever: duty, kinds: [schol], bound: true}",
    )
    (problem,) = told(file)
    assert problem.startswith("mine.yaml:4:45: timeline[1].kinds[0]: ")


def test_an_editor_marks_a_setting_that_no_lever_of_an_institution_has() -> None:
    assert an_editor().is_valid({"timeline": [{**TO_SCHOOLS, "awareness": 0.9}]})
    assert not an_editor().is_valid({"timeline": [{**TO_SCHOOLS, "awarenes": 0.9}]})
    assert not an_editor().is_valid({"timeline": [{**TO_SCHOOLS, "awareness": 9}]})
