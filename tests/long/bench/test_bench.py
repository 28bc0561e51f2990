"""`cpsim bench` reports what it measured, and measuring does not change a run."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.model.authority import iterate_arrays

from cpsim import draws
from cpsim.bench.blocks import SCENARIOS
from cpsim.bench.floor import Floor, record_draws
from cpsim.bench.measure import MEASURES, Bench, child_weeks, measure_runs, resize_baseline
from cpsim.parallel.fresh_process import measure_memory_over_runs
from cpsim.scenario.read import from_mapping
from cpsim.simulation import Simulation, run
from cpsim.world import World, draw_world

TINY = resize_baseline(children=400, years=1, warm_up_years=1)
TINY_COMMAND = ("small", "--set", "population.children=400", "--set", "clock.warm_up_years=1")
TINY_BLOCKS = dict.fromkeys(SCENARIOS, TINY)
REPEATS = 2


@pytest.fixture(scope="module")
def reports() -> list[tuple[int, int, str]]:
    """The stages reported during the measurement."""
    return []


@pytest.fixture(scope="module")
def bench(reports: list[tuple[int, int, str]]) -> Bench:
    return measure_runs(
        TINY,
        repeats=REPEATS,
        on_stage=lambda *stage: reports.append(stage),
        command=TINY_COMMAND,
        blocks=TINY_BLOCKS,
        sizes=(200, 800),
    )


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(from_mapping(TINY), 1)


def test_every_measure_is_described_and_has_a_value_for_each_repeat(bench: Bench) -> None:
    growth = {"memory_after_tenth_mb", "memory_at_end_mb", "memory_growth_mb"}
    assert set(bench.values) == set(MEASURES) - growth, "memory growth is measured only on request"
    assert all(len(bench.values[name]) == REPEATS for name in ("run_seconds", "floor_seconds", "floor_ratio"))
    assert all(value > 0 for values in bench.values.values() for value in values)


def test_a_run_includes_the_world_the_model_the_weeks_and_the_ledger(bench: Bench) -> None:
    for repeat in range(REPEATS):
        at = {name: values[repeat] for name, values in bench.values.items() if len(values) >= REPEATS}
        parts = at["world_seconds"] + at["build_seconds"] + at["weeks_seconds"] + at["ledger_seconds"]
        assert at["run_seconds"] == pytest.approx(parts)
        assert at["child_weeks_per_second"] == pytest.approx(bench.setup["child_weeks"] / parts)
        assert at["floor_ratio"] == pytest.approx(parts / at["floor_seconds"])
        assert at["second_run_speedup"] == pytest.approx(parts / at["second_run_seconds"])
        assert at["ledger_seconds"] < at["result_seconds"], "the ledger is part of the result"
        assert at["fork_copy_seconds"] < at["fork_seconds"]
        for name in SCENARIOS:
            alone, together = (at[f"run_{where}_seconds_{name}"] for where in ("alone", "in_block"))
            assert at[f"block_ratio_{name}"] == pytest.approx(alone / together)


def test_the_command_is_timed_without_its_engine_relative_to_importing_libraries(bench: Bench) -> None:
    for repeat in range(REPEATS):
        at = {name: values[repeat] for name, values in bench.values.items() if len(values) >= REPEATS}
        assert at["command_engine_seconds"] < at["first_answer_seconds"] < at["command_seconds"]
        for ratio, seconds in (
            ("first_answer_ratio", "first_answer_seconds"),
            ("command_ratio", "command_seconds"),
        ):
            beyond = at[seconds] - at["command_engine_seconds"]
            assert at[ratio] == pytest.approx(beyond / at["libraries_seconds"])


def test_the_memory_and_the_cost_of_a_child_are_reported_with_what_they_are_computed_from(
    bench: Bench,
) -> None:
    (memory,), (of_child,) = bench.values["peak_memory_without_imports_mb"], bench.values["bytes_per_child"]
    assert of_child == pytest.approx(1e6 * memory / 400)
    for ratio, large, small in zip(
        *(bench.values[name] for name in ("cost_ratio_300k_73k", "cost_300k_ns", "cost_73k_ns")), strict=True
    ):
        assert ratio == pytest.approx(large / small)
        assert ratio < 1, "most of the time of such a small run does not depend on the number of children"


def test_every_step_of_the_plan_has_a_share_and_the_shares_sum_to_one(bench: Bench) -> None:
    plan = [step.name for step in Simulation(from_mapping(TINY), seed=1).plan]
    assert list(bench.step_shares) == plan
    assert sum(bench.step_shares.values()) == pytest.approx(1)


def test_the_json_has_all_values(bench: Bench) -> None:
    values: dict[str, Any] = json.loads(json.dumps(bench.to_dict(), allow_nan=False))
    assert values["children"] == 400
    assert values["weeks"] == 3 * 52, "warm-up, the evaluated year, follow-up"
    assert values["own_weeks_share_of_fork"] == pytest.approx(2 / 3)
    assert {"python", "mesa", "numpy"} <= values["versions"].keys()
    for name in bench.values:
        spread = values["spread"][name]
        assert spread["min"] <= spread["median"] <= spread["max"]
        assert values[name] == spread["min" if name in {"import_seconds", "help_seconds"} else "median"]


def test_all_stages_are_reported_in_order(bench: Bench, reports: list[tuple[int, int, str]]) -> None:
    assert [done for done, _, _ in reports] == list(range(reports[0][1]))


def test_child_weeks_count_children_under_18(world: World) -> None:
    birth, week = world.children.birth[:, None], np.arange(world.weeks)
    assert child_weeks(world) == int(((birth <= week) & (week < birth + 18 * 52)).sum())


def test_recording_the_draws_changes_no_child(world: World) -> None:
    with record_draws():
        recorded = draw_world(from_mapping(TINY), 1)
    for (path, ours), (_, theirs) in zip(iterate_arrays(world), iterate_arrays(recorded), strict=True):
        assert np.array_equal(ours, theirs), path


def test_the_floor_draws_exactly_as_many_numbers_as_the_run() -> None:
    with record_draws() as recorded:
        model = Simulation(from_mapping(TINY), seed=1)
        while model.running:
            model.step()
    floor = Floor(recorded, model.world)
    with record_draws() as again:
        floor.draw()
    assert recorded.dense
    assert recorded.uniforms > 0
    assert list_calls(again.dense) == list_calls(recorded.dense)
    assert (again.keys, again.uniforms, again.normals) == (recorded.keys, recorded.uniforms, recorded.normals)


def list_calls(dense: list[tuple[tuple[int, str, int, int], list[tuple[str, Any, Any]]]]) -> list[Any]:
    return [(source, [distribution for distribution, _, _ in calls]) for source, calls in dense]


def test_the_original_draws_are_restored_after_recording() -> None:
    before: list[Callable[..., Any]] = [
        draws.generator,
        draws.keys,
        draws.Stream.uniform,
        draws.Stream.normal,
    ]
    with pytest.raises(ZeroDivisionError), record_draws():
        raise ZeroDivisionError
    assert before == [draws.generator, draws.keys, draws.Stream.uniform, draws.Stream.normal]


def test_the_floor_sorts_all_signs_of_the_world(world: World) -> None:
    with record_draws() as nothing:
        pass
    for signs, by_week in zip(world.signs, Floor(nothing, world).bucket(), strict=True):
        week, gate = signs.find_weeks(0, world.weeks), signs.mark(0, world.weeks).gate
        ours, theirs = (np.lexsort((child, week)) for child in (by_week[0], signs.child))
        for sorted_, drawn in zip(by_week, (signs.child, signs.strength, gate), strict=True):
            assert np.array_equal(sorted_[ours], drawn[theirs])


def test_runs_after_a_measurement_are_reproducible(bench: Bench) -> None:
    one, other = (run(from_mapping(TINY), seed=1) for _ in range(2))
    assert one.summary == other.summary


def test_memory_growth_is_the_difference_between_two_measurements() -> None:
    memory = measure_memory_over_runs(TINY, 3)
    difference = memory["memory_at_end_mb"] - memory["memory_after_tenth_mb"]
    assert memory["memory_growth_mb"] == pytest.approx(difference)
