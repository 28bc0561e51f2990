"""The scenario format: written and read back, published as JSON Schema, and safe with any text."""

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
from cpsim.scenario.read import build_json_schema, find_shipped_scenarios, to_yaml
from cpsim.scenario.text import UNSAFE_IN_LINE, UNSAFE_IN_PARAGRAPHS

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

many_examples = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
few_examples = settings(many_examples, max_examples=30)
safe_lines = st.text(max_size=60).map(lambda text: "a" + UNSAFE_IN_LINE.sub("", text))
safe_paragraphs = st.text(max_size=200).map(lambda text: "a" + UNSAFE_IN_PARAGRAPHS.sub("", text))


def write_and_load(scenario: Scenario, folder: Path) -> Scenario:
    file = folder / "again.yaml"
    file.write_text(to_yaml(scenario), "utf-8")
    return load(file)


@few_examples
@given(name=safe_lines, question=safe_paragraphs, noise=st.floats(0, 20))
def test_a_scenario_that_is_written_and_read_back_is_equal(
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
    assert write_and_load(scenario, tmp_path) == scenario
    assert from_mapping(scenario.model_dump()) == from_mapping(scenario.model_dump(mode="json")) == scenario


def test_shipped_scenarios_that_are_written_and_read_back_are_equal(tmp_path: Path) -> None:
    for name in find_shipped_scenarios():
        assert write_and_load(load(name), tmp_path) == load(name)


@cache
def build_validator() -> Draft202012Validator:
    return Draft202012Validator(build_json_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_the_json_schema_is_valid_and_the_same_each_time() -> None:
    Draft202012Validator.check_schema(build_json_schema())
    assert build_json_schema() == build_json_schema()
    assert build_json_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_setting_has_a_description_and_every_number_a_unit_and_limits() -> None:
    def parts(fragment: dict[str, Any]) -> list[dict[str, Any]]:
        return [fragment, *fragment.get("anyOf", [])]

    for group in [build_json_schema(), *build_json_schema()["$defs"].values()]:
        assert group["description"]
        assert ">>>" not in group["description"], "an example in Python is of no use to the author of a file"
        for name, setting in group["properties"].items():
            reference = "$ref" in setting
            assert reference or setting.get("description") or "const" in setting or name == "date", (
                group["title"],
                name,
            )
            for part in parts(setting):
                if part.get("type") in ("number", "integer"):
                    assert "[" in setting["description"], f"the description of {name} has no unit"
                    assert {"minimum", "maximum"} <= part.keys(), f"{name} has no limits"


def test_the_json_schema_accepts_the_shipped_scenarios_and_refuses_a_misspelt_setting(tmp_path: Path) -> None:
    for name, file in find_shipped_scenarios().items():
        as_written = YAML(typ="safe", pure=True).load(file.read_text("utf-8"))
        build_validator().validate(_dates_as_text(as_written))
        build_validator().validate(load(name).model_dump(mode="json"))
    with pytest.raises(ValidationError):
        build_validator().validate({"sharing": {"share_nois": 1}})


def _dates_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _dates_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def load_problems(folder: Path, data: bytes, *overrides: str) -> list[Problem]:
    """Return the problems of a file with these bytes; any other exception than `ScenarioError` fails the test."""
    file = folder / "mine.yaml"
    file.write_bytes(data)
    try:
        load(file, overrides)
    except ScenarioError as error:
        return error.problems
    return []


def is_printable(problems: list[Problem]) -> bool:
    """Whether each problem is one line that any terminal can show."""
    return all(str(problem).isprintable() and str(problem).encode() for problem in problems)


SPECIAL = [
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
SPECIAL += [
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
SPECIAL += ["\ufeff", "\u2028", "\x85", "\r", "\ud800"]
fragments = st.text(max_size=6) | st.sampled_from(SPECIAL)
changes = st.lists(
    st.tuples(st.integers(0, len(WRITTEN)), st.integers(0, 12), fragments), min_size=1, max_size=4
)


@many_examples
@given(changes)
def test_a_text_changed_at_random_is_accepted_or_reported(
    tmp_path: Path, changes: list[tuple[int, int, str]]
) -> None:
    text = WRITTEN
    for start, length, fragment in changes:
        text = text[:start] + fragment + text[start + length :]
    assert is_printable(load_problems(tmp_path, text.encode("utf-8", "surrogatepass")))


@many_examples
@given(st.binary(max_size=200))
def test_any_bytes_are_accepted_or_reported(tmp_path: Path, data: bytes) -> None:
    assert is_printable(load_problems(tmp_path, data))


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


@many_examples
@given(
    paths,
    st.one_of(fragments, st.sampled_from(["3", "0.5", "gp", "[gp]", "{years: 3}", "2006-09-01", "true"])),
)
def test_any_override_is_accepted_or_reported(tmp_path: Path, path: str, value: str) -> None:
    assert is_printable(load_problems(tmp_path, WRITTEN.encode(), f"{path}={value}"))


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


@many_examples
@given(st.sampled_from(sorted(Scenario.model_fields)), values)
def test_any_mapping_is_accepted_or_reported(section: str, value: Any) -> None:
    given_value = copy.deepcopy(value)
    with suppress(ScenarioError):
        from_mapping({section: value})
    assert repr(value) == repr(given_value), "the caller's mapping must not change"
