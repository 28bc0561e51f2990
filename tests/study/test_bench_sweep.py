"""What `cpsim bench --sweep` says of a sweep is measured on real sweeps, and nobody asserts how fast they are."""

import json
from pathlib import Path

import pytest

from cpsim.scenario.clock import warm_up_weeks
from cpsim.study import bench_sweep
from cpsim.study.arms import parting
from cpsim.study.bench_sweep import MEASURES, Runs, SweepBench, Work, measure_sweep
from cpsim.study.engine import Engine
from cpsim.study.loaded import load_sweep

REPEATS = 2
TINY = Runs(4, children=200, years=1, warm_up_years=1)
WORK = Work(parallel=TINY._replace(number=8), usual=TINY, tiny=TINY, arms=TINY, few=40, many=200, loaded=60)
MAY_BE_NEGATIVE = {"overhead", "overhead_tiny", "parent_memory_growth_bytes"}
"""Differences between two measurements: noise may be larger than they are."""


@pytest.fixture(scope="module")
def told() -> list[tuple[int, int, str]]:
    """What the bench says while it works."""
    return []


@pytest.fixture(scope="module")
def bench(told: list[tuple[int, int, str]]) -> SweepBench:
    return measure_sweep(repeats=REPEATS, on_stage=lambda *stage: told.append(stage), work=WORK)


def test_every_measure_is_explained_and_has_a_value(bench: SweepBench) -> None:
    assert list(bench.values) == list(MEASURES)
    positive = bench.values.keys() - MAY_BE_NEGATIVE
    assert all(value > 0 for name in positive for value in bench.values[name])
    assert all(
        value > -1
        for name in MAY_BE_NEGATIVE - {"parent_memory_growth_bytes"}
        for value in bench.values[name]
    )


def test_shares_are_those_of_the_times_told(bench: SweepBench) -> None:
    at = {name: values[0] for name, values in bench.values.items()}
    assert at["parallel_efficiency"] == at["one_worker_seconds"] / (2 * at["two_workers_seconds"])
    assert at["two_workers_busy"] < 1, "no worker does more than one run at a time"
    for repeat in range(REPEATS):
        at = {name: bench.values[name][repeat] for name in MEASURES if name.startswith("arms_")}
        assert at["arms_together_share"] == at["arms_together_seconds"] / at["arms_apart_seconds"]
        on_one_world = at["arms_together_seconds"] / at["arms_apart_on_one_world_seconds"]
        assert at["arms_together_share_of_weeks"] == on_one_world


def test_a_script_can_read_it_all(bench: SweepBench) -> None:
    figures = json.loads(json.dumps(bench.to_dict(), allow_nan=False))
    assert figures["work"][0] == "parallel: 8 runs of 200 children over 1 years judged and 1 of history"
    assert {"python", "mesa", "numpy"} <= figures["versions"].keys()
    assert all(
        figures["spread"][name]["min"] <= figures[name] <= figures["spread"][name]["max"] for name in MEASURES
    )


def test_the_stages_are_told_in_order_until_the_last(
    bench: SweepBench, told: list[tuple[int, int, str]]
) -> None:
    assert [done for done, _, _ in told] == list(range(told[0][1]))


def test_the_bare_runs_are_those_of_the_sweep_and_as_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived: list[tuple[float, int]] = []
    monkeypatch.setattr(
        bench_sweep,
        "_lived",
        lambda scenario, seed, _: lived.append((scenario.network.trust_start, seed)),
    )
    experiment = bench_sweep._experiment(TINY, 7, tmp_path)
    beside = bench_sweep._BesideBareRuns(experiment)
    bench_sweep._swept(experiment, tmp_path / "out", Engine(beside, lambda: 1, ()))
    runs = load_sweep(tmp_path / "out")
    swept = set(zip(runs["network.trust_start"], runs["seed"], strict=True))
    untimed, *timed = lived
    assert untimed == timed[0]
    assert timed == sorted(swept, key=lambda run: (run[1], run[0]))
    assert len(timed) == TINY.number


def test_the_five_arms_part_where_history_ends() -> None:
    first, *others = bench_sweep._five_arms(TINY.arm).values()
    assert {parting(first, other) for other in others} == {warm_up_weeks(first.clock)}
    assert len(others) == 4
