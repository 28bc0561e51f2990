"""What `cpsim bench` says is what was measured, and measuring changes nothing."""

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from cpsim import draws
from cpsim.model import ChildProtectionModel, run
from cpsim.scenario.read import from_mapping
from cpsim.study.bench import MEASURES, Bench, authority, child_weeks, measure
from cpsim.study.floor import Floor, noted
from cpsim.study.fresh import memory_over_runs
from cpsim.world import World, draw_world

TINY = authority(children=400, years=1, warm_up_years=1)
REPEATS = 2


@pytest.fixture(scope="module")
def told() -> list[tuple[int, int, str]]:
    """What the bench says while it works."""
    return []


@pytest.fixture(scope="module")
def bench(told: list[tuple[int, int, str]]) -> Bench:
    return measure(TINY, repeats=REPEATS, on_stage=lambda *stage: told.append(stage))


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(from_mapping(TINY), 1)


def test_every_measure_is_explained_and_has_a_value_for_each_repeat(bench: Bench) -> None:
    growth = {"memory_after_tenth_mb", "memory_at_end_mb", "memory_growth_mb"}
    assert set(bench.values) == set(MEASURES) - growth, "growth is only measured when somebody asks for it"
    assert all(len(bench.values[name]) == REPEATS for name in ("run_seconds", "floor_seconds", "floor_ratio"))
    assert all(value > 0 for values in bench.values.values() for value in values)


def test_the_headline_counts_the_world_the_model_the_weeks_and_the_ledger(bench: Bench) -> None:
    for repeat in range(REPEATS):
        at = {name: values[repeat] for name, values in bench.values.items() if len(values) >= REPEATS}
        parts = at["world_seconds"] + at["build_seconds"] + at["weeks_seconds"] + at["ledger_seconds"]
        assert at["run_seconds"] == pytest.approx(parts)
        assert at["child_weeks_per_second"] == pytest.approx(bench.about["child_weeks"] / parts)
        assert at["floor_ratio"] == pytest.approx(parts / at["floor_seconds"])
        assert at["second_run_speedup"] == pytest.approx(parts / at["second_run_seconds"])
        assert at["ledger_seconds"] < at["result_seconds"], "judging is a part of making the result"
        assert at["fork_copy_seconds"] < at["fork_seconds"]


def test_the_shares_of_the_steps_are_those_of_the_plan_and_sum_to_one(bench: Bench) -> None:
    plan = [step.name for step in ChildProtectionModel(from_mapping(TINY), collect=False).plan]
    assert list(bench.step_shares) == plan
    assert sum(bench.step_shares.values()) == pytest.approx(1)


def test_a_script_can_read_it_all(bench: Bench) -> None:
    figures: dict[str, Any] = json.loads(json.dumps(bench.to_dict(), allow_nan=False))
    assert figures["children"] == 400
    assert figures["weeks"] == 3 * 52, "history, the judged year, follow-up"
    assert figures["own_weeks_share_of_fork"] == pytest.approx(2 / 3)
    assert {"python", "mesa", "numpy"} <= figures["versions"].keys()
    for name in bench.values:
        spread = figures["spread"][name]
        assert spread["min"] <= spread["median"] <= spread["max"]
        assert figures[name] == spread["min" if name in {"import_seconds", "help_seconds"} else "median"]


def test_the_stages_are_told_in_order_until_the_last(bench: Bench, told: list[tuple[int, int, str]]) -> None:
    assert [done for done, _, _ in told] == list(range(told[0][1]))


def test_child_weeks_are_those_of_children_under_18(world: World) -> None:
    birth, week = world.children.birth[:, None], np.arange(world.weeks)
    assert child_weeks(world) == int(((birth <= week) & (week < birth + 18 * 52)).sum())


def test_noting_what_a_run_draws_changes_no_child(world: World) -> None:
    with noted():
        watched = draw_world(from_mapping(TINY), 1)
    for part in ("children", "spells", "signs"):
        for column in fields(getattr(world, part)):
            ours, theirs = (getattr(getattr(one, part), column.name) for one in (world, watched))
            assert np.array_equal(ours, theirs), f"{part}.{column.name}"


def test_the_floor_draws_exactly_as_many_numbers_as_the_run() -> None:
    with noted() as drawn:
        model = ChildProtectionModel(from_mapping(TINY), collect=False)
        while model.running:
            model.step()
    floor = Floor(drawn, model.world)
    with noted() as again:
        floor.draw()
    assert drawn.dense
    assert drawn.uniforms > 0
    assert _sizes(again.dense) == _sizes(drawn.dense)
    assert (again.keys, again.uniforms, again.normals) == (drawn.keys, drawn.uniforms, drawn.normals)


def _sizes(dense: list[tuple[tuple[int, str, int], list[tuple[str, Any, Any]]]]) -> list[Any]:
    return [(source, [distribution for distribution, _, _ in calls]) for source, calls in dense]


def test_the_numbers_are_drawn_as_ever_once_nobody_notes_them() -> None:
    before: list[Callable[..., Any]] = [draws.dense, draws.keys, draws.Stream.uniform, draws.Stream.normal]
    with pytest.raises(ZeroDivisionError), noted():
        raise ZeroDivisionError
    assert before == [draws.dense, draws.keys, draws.Stream.uniform, draws.Stream.normal]


def test_the_floor_buckets_all_signs_of_the_world(world: World) -> None:
    with noted() as nothing:
        pass
    names = [column.name for column in fields(world.signs) if column.name != "offsets"]
    bucketed = dict(zip(names, Floor(nothing, world).bucket(), strict=True))
    week = np.repeat(np.arange(world.weeks), np.diff(world.signs.offsets))
    ours, theirs = (np.lexsort((file, week)) for file in (bucketed["file"], world.signs.file))
    for name in names:
        assert np.array_equal(bucketed[name][ours], getattr(world.signs, name)[theirs]), name


def test_a_bench_leaves_the_run_as_it_was(bench: Bench) -> None:
    one, other = (run(from_mapping(TINY), seed=1) for _ in range(2))
    assert one.summary == other.summary


def test_memory_over_runs_is_that_of_one_process() -> None:
    held = memory_over_runs(TINY, 3)
    assert held["memory_growth_mb"] == pytest.approx(held["memory_at_end_mb"] - held["memory_after_tenth_mb"])
