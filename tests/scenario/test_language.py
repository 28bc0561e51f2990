"""The language as a whole: written out and read back, published as JSON Schema, safe with any text."""

import copy
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from ruamel.yaml import YAML

from cpsim.scenario import Scenario, ScenarioError, from_mapping, load
from cpsim.scenario.problems import Problem
from cpsim.scenario.read import json_schema, shipped, to_yaml

WRITTEN = """\
name: duty_to_schools
question: "Do schools share more, sooner?"  # a comment
extends: small
clock: &clock {start: 2005-04-01, years: 3}
sharing:
  share_noise: 0.4
agencies:
  youth_justice:
    catchment: authority
    contacts_per_week: {under_1: 0, age_11_to_17: 1e-2}
duties: {youth_justice: {bound: true}}
timeline:
  - {date: 2006-09-01, lever: duty, kinds: [school, gp], bound: true, awareness: 0.45}
  - date: 2006-09-01
    lever: duty
    kinds:
      - police
    sanction: .5
  - {date: 2007-04-01, lever: department_merger, tie_cut: 0.5}
"""

anything = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
written_out = settings(anything, max_examples=30)
printable = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)


def as_in_a_file(scenario: Scenario, folder: Path) -> Scenario:
    file = folder / "again.yaml"
    file.write_text(to_yaml(scenario), "utf-8")
    return load(file)


@written_out
@given(
    name=printable,
    question=st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    noise=st.floats(0, 20),
)
def test_a_scenario_written_out_and_read_back_is_the_same(
    tmp_path: Path, name: str, question: str, noise: float
) -> None:
    scenario = from_mapping(
        {
            "name": name,
            "question": question,
            "sharing": {"share_noise": noise},
            "clock": {"start": date(1991, 10, 14)},
            "agencies": {"youth_justice": {"attention": noise / 20}},
            "timeline": [{"date": "1992-01-01", "lever": "duty", "kinds": ("gp",), "awareness": noise / 20}],
        }
    )
    assert as_in_a_file(scenario, tmp_path) == scenario
    assert from_mapping(scenario.model_dump()) == from_mapping(scenario.model_dump(mode="json")) == scenario


def test_shipped_scenarios_written_out_and_read_back_are_the_same(tmp_path: Path) -> None:
    for name in shipped():
        assert as_in_a_file(load(name), tmp_path) == load(name)


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_the_language_is_valid_json_schema_and_the_same_each_time() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert json_schema() == json_schema()
    assert json_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_setting_has_a_sentence_and_every_number_a_unit_and_limits() -> None:
    def parts(fragment: dict[str, Any]) -> list[dict[str, Any]]:
        return [fragment, *fragment.get("anyOf", [])]

    for group in [json_schema(), *json_schema()["$defs"].values()]:
        assert group["description"]
        for name, setting in group["properties"].items():
            reference = "$ref" in setting
            assert reference or setting.get("description") or "const" in setting or name == "date", (
                group["title"],
                name,
            )
            for part in parts(setting):
                if part.get("type") in ("number", "integer"):
                    assert "[" in setting["description"], f"{name} names no unit"
                    assert {"minimum", "maximum"} <= part.keys(), f"{name} has no limits"


def test_an_editor_with_the_json_schema_accepts_what_cpsim_accepts(tmp_path: Path) -> None:
    for name, file in shipped().items():
        as_written = YAML(typ="safe", pure=True).load(file.read_text("utf-8"))
        validator().validate(_dates_as_text(as_written))
        validator().validate(load(name).model_dump(mode="json"))
    with pytest.raises(ValidationError):
        validator().validate({"sharing": {"share_nois": 1}})


def _dates_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _dates_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def problems_of(folder: Path, data: bytes, *overrides: str) -> list[Problem]:
    """What is wrong with a file of these bytes; anything but a `ScenarioError` is a fault of the reader."""
    file = folder / "mine.yaml"
    file.write_bytes(data)
    try:
        load(file, overrides)
    except ScenarioError as error:
        return error.problems
    return []


def tellable(problems: list[Problem]) -> bool:
    """Whether each stands on a line of its own that any terminal can show."""
    return all(str(problem).isprintable() and str(problem).encode() for problem in problems)


TROUBLE = [
    "\t",
    "- ",
    "? ",
    ": ",
    "[",
    "{",
    "}",
    "&clock ",
    "*clock",
    "!!map ",
    "!",
    "|\n",
    ">",
    '"',
    "'",
    "\\",
    "#",
]
TROUBLE += [
    "%YAML 1.1\n",
    "---\n",
    "...\n",
    "<<: ",
    "~",
    ".nan",
    "1e999",
    "9" * 30,
    "2006-02-30",
    '"\\U99999999"',
]
TROUBLE += ["\ufeff", "\u2028", "\x85", "\r", "\ud800"]
scraps = st.text(max_size=6) | st.sampled_from(TROUBLE)
changes = st.lists(
    st.tuples(st.integers(0, len(WRITTEN)), st.integers(0, 12), scraps), min_size=1, max_size=4
)


@anything
@given(changes)
def test_a_text_changed_at_random_is_accepted_or_told(
    tmp_path: Path, changes: list[tuple[int, int, str]]
) -> None:
    text = WRITTEN
    for start, length, scrap in changes:
        text = text[:start] + scrap + text[start + length :]
    assert tellable(problems_of(tmp_path, text.encode("utf-8", "surrogatepass")))


@anything
@given(st.binary(max_size=200))
def test_any_bytes_are_accepted_or_told(tmp_path: Path, data: bytes) -> None:
    assert tellable(problems_of(tmp_path, data))


paths = st.lists(
    st.sampled_from(
        [
            "clock",
            "years",
            "timeline",
            "[0]",
            "[1]",
            "date",
            "kinds",
            "agencies",
            "gp",
            "name",
            "x",
            "[99]",
            "",
        ]
    )
    | st.text(max_size=4),
    max_size=4,
).map(lambda steps: ".".join(steps).replace(".[", "["))


@anything
@given(
    paths, st.one_of(scraps, st.sampled_from(["3", "0.5", "gp", "[gp]", "{years: 3}", "2006-09-01", "true"]))
)
def test_any_override_is_accepted_or_told(tmp_path: Path, path: str, value: str) -> None:
    assert tellable(problems_of(tmp_path, WRITTEN.encode(), f"{path}={value}"))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@anything
@given(st.sampled_from(sorted(Scenario.model_fields)), values)
def test_any_mapping_is_accepted_or_told(section: str, value: Any) -> None:
    given_value = copy.deepcopy(value)
    with suppress(ScenarioError):
        from_mapping({section: value})
    assert repr(value) == repr(given_value), "the caller's mapping stays as it was"
