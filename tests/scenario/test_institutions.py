"""A timeline switches on a historical institution by its name, which stands for a set of levers."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.scenario.reported import load_problems

from cpsim.scenario import Scenario, from_mapping, load
from cpsim.scenario.events import TimelineEvent, load_levers
from cpsim.scenario.institutions import Institution, load_institutions
from cpsim.scenario.read import build_json_schema, to_yaml

ALL = list(load_institutions().values())

TO_SCHOOLS = {"date": "2006-09-01", "lever": "s10_duty_schools"}


def load_timeline(*lines: dict[str, Any], **sections: Any) -> Scenario:
    return from_mapping({"extends": "small", "timeline": lines, **sections})


def write_timeline(folder: Path, *lines: str) -> Path:
    file = folder / "mine.yaml"
    file.write_text("\n".join(["extends: small", "timeline:", *(f"  - {line}" for line in lines)]), "utf-8")
    return file


@cache
def build_validator() -> Draft202012Validator:
    return Draft202012Validator(build_json_schema())


def test_no_institution_has_the_name_of_a_lever() -> None:
    assert not load_institutions().keys() & load_levers().keys()


@pytest.mark.parametrize("institution", ALL, ids=lambda institution: institution.id)
def test_each_institution_has_a_name_a_history_and_what_the_model_leaves_out(
    institution: Institution,
) -> None:
    for text in (institution.name, institution.applies_to, institution.history, institution.cannot_show):
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
    scenario = load_timeline(line, authorities={"count": 3})
    assert [event.lever for event in scenario.timeline] == [lever["lever"] for lever in institution.levers]
    for event, given in zip(scenario.timeline, institution.levers, strict=True):
        assert (event.date, event.until) == (date(2006, 9, 1), date(2008, 9, 1))
        assert event.authorities == ("authority-02",)
        assert event.institution == institution.id
        assert event.model_dump(mode="json").items() >= given.items()
    file = tmp_path / "resolved.yaml"
    file.write_text(to_yaml(scenario), "utf-8")
    assert load(file) == scenario
    build_validator().validate({"timeline": [line]})


@pytest.mark.parametrize("institution", ALL, ids=lambda institution: institution.id)
def test_an_institution_sets_only_what_differs_from_the_defaults_of_its_levers(
    institution: Institution,
) -> None:
    for given, lever in zip(institution.levers, institution.classes, strict=True):
        fields = lever.model_fields
        own = {name: value for name, value in given.items() if name != "lever"}
        assert [name for name, value in own.items() if value == fields[name].default] == []
        assert not own.keys() & TimelineEvent.model_fields.keys()


def test_the_settings_of_a_line_go_to_the_levers_of_its_institution() -> None:
    (event,) = load_timeline({**TO_SCHOOLS, "awareness": 0.9, "kinds": ["school", "gp"]}).timeline
    assert event == load_timeline({"date": "2006-09-01", "lever": "duty", "kinds": ["school", "gp"], "bound": True,
                           "awareness": 0.9, "institution": "s10_duty_schools"}).timeline[0]  # fmt: skip


def test_an_institution_without_a_date_holds_from_the_beginning() -> None:
    (event,) = load_timeline({"lever": "s10_duty_schools"}).timeline
    assert event.date is None


def test_an_override_changes_the_line_that_names_an_institution(tmp_path: Path) -> None:
    file = write_timeline(tmp_path, "{date: 2006-09-01, lever: s10_duty_schools}")
    (event,) = load(file, ["timeline[0].awareness=0.9", "timeline[0].date=2007-09-01"]).timeline
    assert (event.date, event.model_dump()["awareness"]) == (date(2007, 9, 1), 0.9)


def test_a_scenario_that_names_no_institution_does_not_load_the_institutions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read() -> dict[str, Institution]:
        raise AssertionError("the institutions were loaded although none is named")

    monkeypatch.setattr("cpsim.scenario.institutions.load_institutions", read)
    assert load_timeline({"lever": "duty", "kinds": ["gp"], "bound": True}).timeline


PROBLEMS = {
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
    "an unknown lever": (
        "{date: 2006-09-01, lever: abracadabra}",
        "3:31: timeline[0].lever: ",
        "the institutions that `cpsim explain institutions` lists",
    ),
    "a number out of range": (
        "{date: 2006-09-01, lever: s10_duty_schools, awareness: 45}",
        "3:60: timeline[0].awareness: ",
        "expected a number from 0 to 1",
    ),
    "an unknown kind of agency": (
        "{date: 2006-09-01, lever: s10_duty_schools, kinds: [schol]}",
        "3:57: timeline[0].kinds[0]: ",
        "did you mean 'school'?",
    ),
    "an end before the beginning": (
        "{date: 2006-09-01, lever: s10_duty_schools, until: 2006-01-01}",
        "3:56: timeline[0].until: ",
        "2006-01-01 is not in a later week than its first day, 2006-09-01",
    ),
    "another institution": (
        "{date: 2006-09-01, lever: s10_duty_schools, institution: gp_duty}",
        "3:49: timeline[0].institution: ",
        "s10_duty_schools has no setting 'institution'",
    ),
}


@pytest.mark.parametrize(("line", "start", "within"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_a_problem_is_reported_once_at_the_line_that_names_the_institution(
    tmp_path: Path, line: str, start: str, within: str
) -> None:
    (problem,) = load_problems(write_timeline(tmp_path, line))
    assert problem.startswith(f"mine.yaml:{start}"), problem
    assert within in problem


def test_a_problem_after_an_institution_is_reported_with_the_number_of_its_own_line(tmp_path: Path) -> None:
    file = write_timeline(
        tmp_path,
        "{date: 2006-09-01, lever: s10_duty_schools}",
        "{date: 2006-09-01, lever: duty, kinds: [schol], bound: true}",
    )
    (problem,) = load_problems(file)
    assert problem.startswith("mine.yaml:4:45: timeline[1].kinds[0]: ")


def test_the_json_schema_refuses_a_setting_that_no_lever_of_an_institution_has() -> None:
    assert build_validator().is_valid({"timeline": [{**TO_SCHOOLS, "awareness": 0.9}]})
    assert not build_validator().is_valid({"timeline": [{**TO_SCHOOLS, "awarenes": 0.9}]})
    assert not build_validator().is_valid({"timeline": [{**TO_SCHOOLS, "awareness": 9}]})
