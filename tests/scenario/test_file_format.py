"""The scenario format: written and read back, and published as JSON Schema."""

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

from cpsim.scenario import Scenario, from_mapping, load
from cpsim.scenario.read import build_json_schema, find_shipped_scenarios, to_yaml
from cpsim.scenario.text import UNSAFE_IN_LINE, UNSAFE_IN_PARAGRAPHS

few_examples = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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
