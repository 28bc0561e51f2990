"""The memory of a run is estimated before anything is drawn, and a run that needs too much is refused at once."""

import time
from pathlib import Path
from typing import Any

import pytest
from tests.scenario.reported import load_problems

from cpsim.parallel.fresh_process import measure_memory_of_one_run
from cpsim.scenario import ScenarioError, from_mapping, load
from cpsim.scenario.memory import count_children, estimate_memory, find_drivers
from cpsim.world import draw_world

TOWN: dict[str, Any] = {
    "extends": "small",
    "clock": {"years": 1, "warm_up_years": 1},
    "population": {"children": 2_000},
}

BOMBS = {
    "very severe harm, and meetings that rise with it": (
        "harm: {severity_spread: 5}\nagencies: {school: {contact_rise_with_severity: 100}}",
        "harm.severity_spread (5)",
    ),
    "much and very severe harm": (
        "harm: {severity_spread: 5, onset_per_year: 5}",
        "harm.severity_spread (5)",
    ),
    "meetings in which the weakest sign is visible": (
        "population: {children: 100000}\n"
        "agencies: {gp: {weakest_visible_sign: -10, contacts_per_week: {age_4_to_10: 20, age_11_to_17: 20}}}",
        "agencies.gp.contacts_per_week or agencies.gp.weakest_visible_sign (-10)",
    ),
    "needs that look severe": (
        "other_need: {disability: {apparent_severity: 20, starts_per_10k_year: 500}}\n"
        "agencies: {gp: {contact_rise_with_severity: 100, contacts_per_week: {age_4_to_10: 20}}}",
        "other_need.disability.apparent_severity (20) or agencies.gp.contact_rise_with_severity (100) or agencies.gp",
    ),
    "many children": ("population: {children: 1000000}", "population.children (1000000)"),
    "many authorities": ("authorities: {count: 150}", "authorities.count (150)"),
    "a large named authority": (
        "authorities: {count: 100, named: [{name: Ashford, size: 20}]}",
        "authorities.count (100)",
    ),
    "two hundred years": (
        "clock: {years: 100, warm_up_years: 100}\npopulation: {children: 100000}",
        "clock.years (100)",
    ),
}


@pytest.mark.parametrize(("text", "drivers"), BOMBS.values(), ids=BOMBS.keys())
def test_a_run_that_needs_too_much_memory_is_refused_at_once_with_what_drives_it(
    tmp_path: Path, text: str, drivers: str
) -> None:
    file = tmp_path / "bomb.yaml"
    file.write_text(f"extends: small\n{text}", "utf-8")
    start = time.monotonic()
    (problem,) = load_problems(file)
    assert time.monotonic() - start < 2
    assert " GB of memory, for " in problem
    assert "at most 2 GB are allowed" in problem
    assert f"Change {drivers}" in problem


def test_the_expected_numbers_are_those_that_are_drawn() -> None:
    for changes in (
        {},
        {"harm": {"onset_per_year": 0.5}},
        {"agencies": {"gp": {"weakest_visible_sign": 0}, "youth_justice": {}}},
        {"authorities": {"count": 4, "named": [{"name": "Ashford", "size": 2}]}},
    ):
        scenario = from_mapping(TOWN | changes)
        world, expected = draw_world(scenario, seed=1), estimate_memory(scenario)
        assert expected.children == pytest.approx(len(world.children.birth), rel=0.1)
        assert expected.files == pytest.approx(len(world.attendance.first), rel=0.1)
        assert expected.signs == pytest.approx(sum(len(signs.child) for signs in world.signs), rel=0.6)


def test_the_estimate_is_within_a_factor_of_two_of_the_peak_memory_of_a_run() -> None:
    town = TOWN | {"population": {"children": 20_000}, "harm": {"severity_spread": 2.0}}
    expected = 1_000 * estimate_memory(from_mapping(town)).gigabytes
    measured = measure_memory_of_one_run(town, seed=1)["peak_memory_mb"]
    assert measured / 2 < expected < measured * 2


def test_more_of_anything_that_is_drawn_needs_more_memory() -> None:
    town = estimate_memory(from_mapping(TOWN)).gigabytes
    for more in (
        {"population": {"children": 4_000}},
        {"clock": {"years": 2, "warm_up_years": 1}},
        {"harm": {"onset_per_year": 0.5}},
        {"harm": {"severity_spread": 1.0}},
        {"agencies": {"gp": {"contacts_per_week": {"age_4_to_10": 1.0}}}},
        {"agencies": {"gp": {"contact_rise_with_severity": 10}}},
        {"agencies": {"youth_justice": {}}},
        {"authorities": {"count": 2}},
        {"authorities": {"named": [{"name": "Ashford", "size": 2}]}},
        {"other_need": {"disability": {"starts_per_10k_year": 300}}},
    ):
        assert estimate_memory(from_mapping(TOWN | more)).gigabytes > town, more


def test_the_limit_can_be_raised_and_lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {"extends": "small", "population": {"children": 900_000}}
    with pytest.raises(ScenarioError, match=r"2\.6 GB of memory.*at most 2 GB"):
        from_mapping(many)
    monkeypatch.setenv("CPSIM_MEMORY_GB", "4")
    assert count_children(from_mapping(many)) == 900_000
    monkeypatch.setenv("CPSIM_MEMORY_GB", "0.25")
    with pytest.raises(ScenarioError, match=r"at most 0\.25 GB are allowed"):
        load("small")
    monkeypatch.setenv("CPSIM_MEMORY_GB", "inf")
    assert count_children(from_mapping(many)) == 900_000
    for wrong in ("much", "-1", "0", "nan"):
        monkeypatch.setenv("CPSIM_MEMORY_GB", wrong)
        with pytest.raises(ScenarioError, match=f"^CPSIM_MEMORY_GB: expected .* above 0, not '{wrong}'"):
            load("small")


def test_every_shipped_scenario_is_far_from_the_limit() -> None:
    assert estimate_memory(load("baseline")).gigabytes < 1
    assert estimate_memory(load("county_of_twenty")).gigabytes < 2
    assert find_drivers(load("baseline")) == []
