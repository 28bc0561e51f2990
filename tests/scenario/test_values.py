"""Settings given in Python arrive as they are given: they are merged as values and never printed and read as YAML."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest

import cpsim
from cpsim.scenario import ScenarioError, from_mapping
from cpsim.scenario.read import load, resolve_scenario
from cpsim.scenario.schema import Scenario

EVENT = {"date": "2005-06-01", "lever": "duty", "kinds": ["school"], "awareness": 0.5}
TINY = {"extends": "small", "population": {"children": 300}, "clock": {"years": 1, "warm_up_years": 0}}
NAMES = (
    "year #1",
    "a: b",
    'King\'s "Lynn"',
    "a\\b",
    "{not: a mapping}",
    "[north]",
    "2005",
    "2005-06-01",
    "null",
    "~",
    "yes",
    " padded ",
    "- dash",
    "*alias",
    "&anchor",
    "!tag",
    "%",
    "@",
    "`",
    "naïve – Ω",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_arrives_letter_by_letter(name: str) -> None:
    assert resolve_scenario("small", {"name": name}).name == name
    assert load("small", {"name": name}).name == name
    assert from_mapping({"extends": "small"}, {"name": name}).name == name
    authorities = resolve_scenario("small", {"authorities.named": [{"name": name}]}).authorities.named
    assert authorities is not None
    assert authorities[0].name == name


def test_the_model_takes_settings_by_path_as_values() -> None:
    model = cpsim.ChildProtectionModel(
        TINY, seed=1, **{"name": "year #1: a", "sharing.share_noise": np.float64(0.25)}
    )
    assert model.settings.name == "year #1: a"
    assert model.settings.sharing.share_noise == 0.25


def test_a_run_takes_settings_by_path_as_values() -> None:
    result = cpsim.run(TINY, seed=2, overrides={"name": "a # b"})
    assert result.scenario["name"] == "a # b"


def test_mesa_batch_runs_pass_settings_as_values() -> None:
    rows = mesa.batch_run(
        cpsim.ChildProtectionModel,
        parameters={"scenario": [TINY], "name": ["year #1", "year #2"], "seed": [1]},
        number_processes=1,
        display_progress=False,
    )
    assert {row["name"] for row in rows} == {"year #1", "year #2"}


@pytest.mark.parametrize(
    ("given", "arrives"),
    [
        (dt.date(2005, 6, 1), dt.date(2005, 6, 1)),
        (dt.datetime.fromisoformat("2005-06-01"), dt.date(2005, 6, 1)),
        (pd.Timestamp("2005-06-01"), dt.date(2005, 6, 1)),
        (np.datetime64("2005-06-01"), dt.date(2005, 6, 1)),
        (np.datetime64("2005-06-01", "ns"), dt.date(2005, 6, 1)),
        ("2005-06-01", dt.date(2005, 6, 1)),
        (None, None),
    ],
)
def test_a_date_is_a_date_and_none_is_none(given: Any, arrives: dt.date | None) -> None:
    for scenario in (
        resolve_scenario("small", {"timeline": [EVENT | {"date": given}]}),
        from_mapping({"extends": "small", "timeline": [EVENT | {"date": given}]}),
    ):
        assert scenario.timeline[0].date == arrives


def test_none_leaves_a_setting_out() -> None:
    scenario = resolve_scenario("small", {"timeline": [EVENT | {"until": None}]})
    assert scenario.timeline[0].until is None
    assert resolve_scenario(scenario, {"timeline[0].date": None}).timeline[0].date is None


@pytest.mark.parametrize(
    "number",
    [np.float64(0.5), np.float32(0.5), np.array(0.5), 0.5],
    ids=["float64", "float32", "0-d", "float"],
)
def test_a_number_of_numpy_is_a_number(number: Any) -> None:
    assert resolve_scenario("small", {"sharing.share_noise": number}).sharing.share_noise == 0.5


@pytest.mark.parametrize(
    "count", [np.int64(3), np.uint8(3), np.array(3), 3], ids=["int64", "uint8", "0-d", "int"]
)
def test_a_whole_number_of_numpy_is_a_whole_number(count: Any) -> None:
    assert resolve_scenario("small", {"clock.years": count}).clock.years == 3


@pytest.mark.parametrize("kinds", [("school", "gp"), ["school", "gp"], np.array(["school", "gp"])])
def test_tuples_and_arrays_are_lists(kinds: Any) -> None:
    (event,) = resolve_scenario("small", {"timeline": ({**EVENT, "kinds": kinds},)}).timeline
    assert event.model_dump()["kinds"] == ("school", "gp")


def test_a_flag_of_numpy_is_a_flag() -> None:
    (event,) = resolve_scenario("small", {"timeline": [EVENT | {"bound": np.bool_(True)}]}).timeline
    assert event.model_dump()["bound"] is True


def test_a_path_names_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ties #1.graphml"
    file.write_text("<graphml/>", encoding="utf-8")
    scenario = resolve_scenario("small", {"network.graphml": file})
    assert scenario.network.graphml == str(file.resolve())


def test_events_of_one_scenario_can_be_given_to_another() -> None:
    base: Scenario = from_mapping({"extends": "small", "timeline": [EVENT]})
    assert resolve_scenario("small", {"timeline": base.timeline}).timeline == base.timeline


def test_the_order_of_overrides_counts() -> None:
    scenario = resolve_scenario("small", {"timeline": [EVENT], "timeline[0].awareness": 0.25})
    assert scenario.timeline[0].model_dump()["awareness"] == 0.25


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"name": dt.date(2005, 6, 1)}, "name: expected text"),
        ({"name": 3}, "name: expected text"),
        ({"clock.years": 3.5}, "clock.years: expected a whole number from 1 to 100, not 3.5"),
        ({"clock.years": "3"}, "clock.years: expected a whole number from 1 to 100, not '3'"),
        ({"clock.years": True}, "clock.years: expected a whole number from 1 to 100, not true"),
        ({"clock.years": Decimal(3)}, "clock.years: a value of type Decimal cannot be a setting"),
        ({"sharing.share_noise": float("nan")}, "sharing.share_noise: a finite number is needed"),
        ({"sharing.share_nose": 1}, "did you mean 'share_noise'?"),
        (
            {"clock.start": dt.datetime.fromisoformat("2005-06-01T12:00")},
            "clock.start: expected a date without a time of day",
        ),
        ({"clock.start": dt.date(1066, 1, 1)}, "clock.start:"),
        ({"timeline": {EVENT["date"]}}, "timeline: a value of type set cannot be a setting"),
        ({"agencies": {3: {}}}, "agencies: the name of a setting must be text, not 3"),
        ({"clock..years": 3}, "'clock..years': expected the path of a setting"),
        ({3: 3}, "3: expected the path of a setting"),
        ({"extends": "baseline"}, "extends: `extends` can only be set in the scenario's own file"),
        ({"timeline[3].date": None}, "timeline: this is not a list with entries"),
        ({"front_door.referral_bar": 3}, "it is now called 'referral_threshold'"),
    ],
)
def test_an_error_names_what_was_given(overrides: Any, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        resolve_scenario("small", overrides)
    assert message in str(caught.value)
    assert "--set" not in str(caught.value)


@pytest.mark.parametrize(
    "given", [TINY, cpsim.scenario.from_mapping(TINY), None, 7], ids=lambda given: type(given).__name__
)
def test_load_reads_files_only_and_says_what_else_to_use(given: Any) -> None:
    with pytest.raises(
        TypeError, match=r"give a mapping to cpsim\.run, or make .* with cpsim\.scenario\.from_mapping"
    ):
        cpsim.load(given)


@pytest.mark.parametrize(
    "given", [None, 5, "small", ["clock"], np.zeros(2)], ids=lambda given: type(given).__name__
)
def test_settings_that_are_no_mapping_are_refused(given: Any) -> None:
    with pytest.raises(ScenarioError, match="expected settings by name, such as"):
        from_mapping(given)


@pytest.mark.parametrize("scenario", ["small", TINY, from_mapping(TINY)], ids=["name", "mapping", "scenario"])
@pytest.mark.parametrize("overrides", [None, 5, "clock.years=3", {"clock"}, range(10**12)], ids=repr)
def test_overrides_that_are_neither_a_mapping_nor_a_list_are_refused(scenario: Any, overrides: Any) -> None:
    with pytest.raises(
        ScenarioError, match=r'expected overrides by path, such as \{"clock\.years": 3\}, or a list'
    ):
        resolve_scenario(scenario, overrides)


@pytest.mark.parametrize(
    "override", [5, None, object(), b"clock.years=3"], ids=lambda given: type(given).__name__
)
def test_an_override_in_a_list_is_a_text(override: Any) -> None:
    with pytest.raises(ScenarioError, match=r"--set .*: expected path=value") as caught:
        load("small", [override])
    assert "0x" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [np.float64, object(), {1, 2}, np.timedelta64(3, "ns"), np.zeros(1, "i4,i4")[0]],
    ids=lambda given: type(given).__name__,
)
def test_what_cannot_be_a_setting_is_refused_by_its_type(given: Any) -> None:
    with pytest.raises(ScenarioError, match=r"clock\.years: a value of type \w+ cannot be a setting"):
        load("small", {"clock.years": given})


def test_an_array_larger_than_any_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(ScenarioError, match="more than 10,000 values"):
        load("small", {"timeline": np.broadcast_to(np.int8(0), (10**12,))})


@pytest.mark.parametrize("given", [pd.NaT, np.datetime64("NaT", "D")], ids=lambda given: type(given).__name__)
def test_a_missing_date_is_not_a_date(given: Any) -> None:
    with pytest.raises(ScenarioError, match=r"clock\.start: expected a date.*, not 'NaT'"):
        load("small", {"clock.start": given})


@pytest.mark.parametrize("year", [10**6, 584_554 + 2005 - 1970, 10**18])
def test_a_date_of_numpy_that_python_cannot_represent_does_not_become_another_date(year: int) -> None:
    with pytest.raises(ScenarioError, match=r"clock\.start: expected a date"):
        load("small", {"clock.start": np.datetime64(year, "Y")})


def test_a_number_that_is_too_long_to_be_written_is_refused() -> None:
    with pytest.raises(ScenarioError, match="more than 18 digits"):
        load("small", {"clock.years": 10**5_000})
    with pytest.raises(ScenarioError, match="must be text, not a number of more than 60 digits"):
        load("small", {"clock": {10**5_000: 1}})
