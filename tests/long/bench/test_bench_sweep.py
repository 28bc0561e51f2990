"""`cpsim bench --sweep` measures real sweeps; no test asserts how fast they are."""

import json
from pathlib import Path

import pytest

from cpsim.bench import sweep_overhead as bench_sweep
from cpsim.bench.sweep_overhead import MEASURES, RunBatch, SweepBench, SweepWorkload, measure_sweep
from cpsim.parallel.engine import Engine
from cpsim.parallel.shared_history import find_divergence_week
from cpsim.scenario.clock import warm_up_weeks
from cpsim.sweeps.loaded import load_sweep

REPEATS = 2
TINY = RunBatch(4, children=200, years=1, warm_up_years=1)
WORK = SweepWorkload(
    parallel=TINY._replace(number=8), usual=TINY, tiny=TINY, arms=TINY, few=40, many=200, loaded=60
)
MAY_BE_NEGATIVE = {"overhead", "overhead_tiny", "parent_memory_growth_bytes"}
"""Differences between two measurements, which may be smaller than the noise."""


@pytest.fixture(scope="module")
def reports() -> list[tuple[int, int, str]]:
    """The stages reported during the measurement."""
    return []


@pytest.fixture(scope="module")
def bench(reports: list[tuple[int, int, str]]) -> SweepBench:
    return measure_sweep(repeats=REPEATS, on_stage=lambda *stage: reports.append(stage), work=WORK)


def test_every_measure_is_described_and_has_a_value(bench: SweepBench) -> None:
    assert list(bench.values) == list(MEASURES)
    positive = bench.values.keys() - MAY_BE_NEGATIVE
    assert all(value > 0 for name in positive for value in bench.values[name])
    assert all(
        value > -1
        for name in MAY_BE_NEGATIVE - {"parent_memory_growth_bytes"}
        for value in bench.values[name]
    )


def test_the_shares_follow_from_the_times(bench: SweepBench) -> None:
    at = {name: values[0] for name, values in bench.values.items()}
    assert at["parallel_efficiency"] == at["one_worker_seconds"] / (2 * at["two_workers_seconds"])
    assert at["two_workers_busy"] < 1, "no worker does more than one run at a time"
    for repeat in range(REPEATS):
        at = {name: bench.values[name][repeat] for name in MEASURES if name.startswith("arms_")}
        assert at["arms_together_share"] == at["arms_together_seconds"] / at["arms_apart_seconds"]
        on_one_world = at["arms_together_seconds"] / at["arms_apart_on_one_world_seconds"]
        assert at["arms_together_share_of_weeks"] == on_one_world


def test_the_json_has_all_values(bench: SweepBench) -> None:
    values = json.loads(json.dumps(bench.to_dict(), allow_nan=False))
    assert values["work"][0] == "parallel: 8 runs of 200 children over 1 evaluated year after a warm-up of 1"
    assert {"python", "mesa", "numpy"} <= values["versions"].keys()
    assert all(
        values["spread"][name]["min"] <= values[name] <= values["spread"][name]["max"] for name in MEASURES
    )


def test_all_stages_are_reported_in_order(bench: SweepBench, reports: list[tuple[int, int, str]]) -> None:
    assert [done for done, _, _ in reports] == list(range(reports[0][1]))


def test_the_bare_runs_are_the_runs_of_the_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare: list[tuple[float, int]] = []
    monkeypatch.setattr(
        bench_sweep,
        "_run_bare",
        lambda scenario, seeds, _: bare.extend((scenario.network.trust_start, seed) for seed in seeds),
    )
    experiment = bench_sweep._load_experiment(TINY, 7, tmp_path)
    executor = bench_sweep._BareRunExecutor(experiment)
    bench_sweep._time_sweep(experiment, tmp_path / "out", Engine(executor, lambda: 1, ()))
    runs = load_sweep(tmp_path / "out")
    swept = set(zip(runs["network.trust_start"], runs["seed"], strict=True))
    untimed, *timed = bare
    assert untimed == timed[0]
    assert sorted(timed) == sorted(swept)
    assert len(timed) == TINY.number


def test_the_five_arms_diverge_at_the_end_of_the_warm_up() -> None:
    first, *others = bench_sweep._build_five_arms(TINY.arm).values()
    assert {find_divergence_week(first, other) for other in others} == {warm_up_weeks(first.clock)}
    assert len(others) == 4
