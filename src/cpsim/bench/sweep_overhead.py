"""Measure the overhead of a sweep, and the time that shared work saves (`cpsim bench --sweep`).

Nothing here asserts a speed. Both sides of a comparison are measured alternately, so if the machine is slow for a
while, both are slow. All timed runs are real runs. In addition, the coordinating process alone is measured on
artificial runs, because as many real runs would take too long.
"""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from cpsim.bench.measure import (
    MB,
    RATIO,
    SECONDS,
    SHARE,
    OnStage,
    make_stage_reporter,
    resize_baseline,
    time_call,
)
from cpsim.blocks.block import join_runs, split_runs
from cpsim.experiment.read import Experiment, load_experiment
from cpsim.experiment.runs import build_run_scenario
from cpsim.formatting import format_count
from cpsim.parallel.engine import Engine, InProcessExecutor, open_local_engine
from cpsim.parallel.shared_history import simulate_arms, step_to
from cpsim.parallel.worlds import WorldCache
from cpsim.results import collect_provenance
from cpsim.scenario.clock import date_of
from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation
from cpsim.sweeps.coordinator import measure_coordinator
from cpsim.sweeps.loaded import load_provenance
from cpsim.sweeps.sweep import sweep
from cpsim.sweeps.tasks import SweepTask

BYTES, MILLISECONDS = "bytes", "ms"


class Measure(NamedTuple):
    """A measure: its unit, its meaning, and its target, if there is one."""

    unit: str
    meaning: str
    aim: str = ""


MEASURES: dict[str, Measure] = {
    "parallel_efficiency": Measure(
        SHARE, "time of one worker divided by twice the time of two workers, same runs", "at least 0.9"
    ),
    "one_worker_seconds": Measure(SECONDS, "a sweep with one worker, including its start"),
    "two_workers_seconds": Measure(SECONDS, "the same runs with two workers, including their start"),
    "two_workers_busy": Measure(SHARE, "share of the time of the two workers that they spent on runs"),
    "run_alongside_another": Measure(RATIO, "time of a run with a second worker divided by its time without"),
    "overhead": Measure(
        SHARE, "extra time of a sweep of usual runs relative to the bare runs, in one process", "below 0.05"
    ),
    "bare_run_seconds": Measure(SECONDS, "a bare usual run: world, model, weeks and summary, in a simple loop"),
    "overhead_tiny": Measure(SHARE, "the same for tiny runs"),
    "bare_tiny_run_seconds": Measure(SECONDS, "a bare tiny run"),
    "arms_together_share": Measure(
        SHARE, "time of five arms with a shared warm-up divided by that of five separate runs", "at most 0.5"
    ),
    "arms_together_share_of_weeks": Measure(
        SHARE, "the same divided by five separate runs on one world: the effect of the shared warm-up alone"
    ),
    "arms_together_seconds": Measure(SECONDS, "five arms that share world and warm-up"),
    "arms_apart_seconds": Measure(SECONDS, "the same arms as separate runs, each with a new world"),
    "arms_apart_on_one_world_seconds": Measure(SECONDS, "the same arms as separate runs on one world"),
    "parent_memory_few_mb": Measure(MB, "peak memory of the process that coordinates few runs"),
    "parent_memory_many_mb": Measure(MB, "the same for many runs", "flat"),
    "parent_memory_growth_bytes": Measure(BYTES, "increase for each additional run"),
    "parent_milliseconds_per_run": Measure(MILLISECONDS, "coordination time for each of the many runs"),
    "table_bytes_per_run": Measure(BYTES, "saved table of the many runs, with two settings and seven outcomes each"),
    "load_seconds": Measure(SECONDS, "loading a saved table", "below 2"),
    "load_many_seconds": Measure(SECONDS, "loading the table of the many runs"),
}  # fmt: skip
"""The measures by name."""


class RunBatch(NamedTuple):
    """A number of runs of the resized baseline; the number must be even."""

    number: int
    children: int
    years: int
    warm_up_years: int

    def __str__(self) -> str:
        years = f"{format_count(self.years, 'evaluated year')} after a warm-up of {self.warm_up_years}"
        children = format_count(self.children, "child", "children")
        return f"{format_count(self.number, 'run')} of {children} over {years}"

    @property
    def arm(self) -> dict[str, Any]:
        """The settings of the arm that is run."""
        return resize_baseline(self.children, self.years, self.warm_up_years)


@dataclass(frozen=True)
class SweepWorkload:
    """The runs that measure a sweep.

    Attributes:
        parallel: runs with one worker and with two; their number must be a multiple of four.
        usual: runs of usual length, with and without a sweep.
        tiny: very short runs, with and without a sweep.
        arms: size of the five arms that are compared on one seed.
        few, many: numbers of artificial runs that are coordinated, multiples of `coordinator.RUNS_PER_POINT`.
        loaded: number of artificial runs whose table is loaded, also a multiple.
    """

    parallel: RunBatch = RunBatch(200, children=5_000, years=3, warm_up_years=4)
    usual: RunBatch = RunBatch(20, children=10_000, years=5, warm_up_years=18)
    tiny: RunBatch = RunBatch(100, children=300, years=1, warm_up_years=1)
    arms: RunBatch = RunBatch(5, children=10_000, years=5, warm_up_years=18)
    few: int = 100
    many: int = 100_000
    loaded: int = 10_000

    def describe(self) -> list[str]:
        """Describe the runs, one line for each part."""
        parts = {name: getattr(self, name) for name in ("parallel", "usual", "tiny", "arms")}
        return [
            *(f"{name}: {runs}" for name, runs in parts.items()),
            "; ".join(
                f"{name}: {format_count(getattr(self, name), 'run')}" for name in ("few", "many", "loaded")
            ),
        ]


DEFAULT_WORKLOAD = SweepWorkload()
_STAGES = 4 + 2 + 3


@dataclass(frozen=True)
class SweepBench:
    """The measurements of `cpsim bench --sweep`.

    Attributes:
        setup: what was run and where: work, seed, repeats, cores, versions, platform.
        values: by name in `MEASURES`, one value or several.
    """

    setup: dict[str, Any]
    values: dict[str, list[float]]

    def headline(self, name: str) -> float:
        """Return the main value of a measure, the median."""
        return median(self.values[name])

    def to_dict(self) -> dict[str, Any]:
        """Return the main values by name, and under `spread` the minimum and maximum of each, for JSON."""
        spread = {name: {"min": min(values), "max": max(values)} for name, values in self.values.items()}
        return {name: self.headline(name) for name in self.values} | self.setup | {"spread": spread}


def measure_sweep(
    seed: int = 1,
    repeats: int = 3,
    on_stage: OnStage = lambda *_: None,
    work: SweepWorkload = DEFAULT_WORKLOAD,
) -> SweepBench:
    """Measure sweeps, and the same runs without a sweep.

    Args:
        seed: the first seed of all runs.
        repeats: number of repetitions with the five arms, at least 1.
        on_stage: called with (number of finished stages, number of stages, name of the next stage).
        work: the runs to measure.
    """
    report = make_stage_reporter(_STAGES + repeats, on_stage)
    with TemporaryDirectory() as place:
        folder = Path(place)
        values = _measure_parallel(work.parallel, seed, folder, report)
        report("usual runs with and without a sweep")
        usual, bare_usual = _measure_overhead(_load_experiment(work.usual, seed, folder), folder / "usual")
        report("tiny runs with and without a sweep")
        tiny, bare_tiny = _measure_overhead(_load_experiment(work.tiny, seed, folder), folder / "tiny")
    values |= {"overhead": [usual], "bare_run_seconds": [bare_usual]}
    values |= {"overhead_tiny": [tiny], "bare_tiny_run_seconds": [bare_tiny]}
    values |= _measure_arms(work.arms, seed, repeats, report)
    values |= _measure_coordinator(work, report)
    return SweepBench(_describe_setup(work, seed, repeats), {name: values[name] for name in MEASURES})


def _describe_setup(work: SweepWorkload, seed: int, repeats: int) -> dict[str, Any]:
    settings = from_mapping(work.usual.arm)
    provenance = collect_provenance(settings.model_dump(mode="python"), seed, datetime.now(UTC), 0.0)
    selected = {name: provenance[name] for name in ("versions", "platform", "code_sha256", "started")}
    return {"work": work.describe(), "seed": seed, "repeats": repeats, "cores": os.cpu_count(), **selected}


def _load_experiment(runs: RunBatch, seed: int, folder: Path) -> Experiment:
    """Write and load an experiment with one arm, two values of a setting, and consecutive seeds from `seed`."""
    experiment = {
        "arms": {"as_it_was": runs.arm},
        "vary": {"network.trust_start": [0.3, 0.5]},
        "seeds": list(range(seed, seed + runs.number // 2)),
    }
    file = folder / "experiment.yaml"
    file.write_text(json.dumps(experiment), "utf-8")
    return load_experiment(file)


def _measure_parallel(
    runs: RunBatch, seed: int, folder: Path, report: Callable[[str], None]
) -> dict[str, list[float]]:
    """Time the same runs with one worker and with two, in two halves with reversed order; workers start only once."""
    wall, busy = {1: 0.0, 2: 0.0}, {1: 0.0, 2: 0.0}
    half = runs.number // 2
    with ExitStack() as stack:
        engines = {workers: stack.enter_context(open_local_engine(workers)) for workers in wall}
        for part, order in enumerate(((1, 2), (2, 1))):
            experiment = _load_experiment(runs._replace(number=half), seed + part * half // 2, folder)
            for workers in order:
                report(f"{format_count(half, 'run')} with {format_count(workers, 'worker')}")
                out = folder / f"{part} by {workers}"
                wall[workers] += _time_sweep(experiment, out, engines[workers])
                busy[workers] += float(load_provenance(out)["seconds"].sum())
    return {
        "parallel_efficiency": [wall[1] / (2 * wall[2])],
        "one_worker_seconds": [wall[1]],
        "two_workers_seconds": [wall[2]],
        "two_workers_busy": [busy[2] / (2 * wall[2])],
        "run_alongside_another": [busy[2] / busy[1]],
    }


def _time_sweep(experiment: Experiment, out: Path, engine: Engine) -> float:
    """Time a sweep in seconds; the workers keep running afterwards."""
    return time_call(lambda: sweep(experiment, out, nullcontext(engine)))[1]


def _measure_overhead(experiment: Experiment, out: Path) -> tuple[float, float]:
    """Measure the extra time of a sweep in this process relative to its bare runs, and the seconds of a bare run."""
    executor = _BareRunExecutor(experiment)
    both = _time_sweep(experiment, out, Engine(executor, lambda: 1, ()))
    bare = executor.seconds
    return (both - 2 * bare) / bare, bare / experiment.number_of_runs


class _BareRunExecutor(InProcessExecutor):
    """Runs each task of a sweep and, alternately before and after it, the same runs without a sweep.

    Attributes:
        seconds: total time of the bare runs.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.seconds = 0.0
        self._experiment, self._worlds = experiment, WorldCache()
        self._bare_first = False
        (arm,) = experiment.arms
        # Untimed, so that one-off costs of the process are not counted.
        _run_bare(build_run_scenario(experiment, arm, 0), experiment.definition.seeds_run[:1], WorldCache())

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        task: SweepTask = args[0]
        self._bare_first = not self._bare_first
        if self._bare_first:
            self._time_bare_runs(task)
            return super().submit(work, *args, **kwargs)
        future = super().submit(work, *args, **kwargs)
        self._time_bare_runs(task)
        return future

    def _time_bare_runs(self, task: SweepTask) -> None:
        for (arm, point), runs in groupby(task.runs, lambda run: (run.arm, run.point)):
            scenario, seeds = build_run_scenario(self._experiment, arm, point), [run.seed for run in runs]
            start = time.perf_counter()
            _run_bare(scenario, seeds, self._worlds)
            self.seconds += time.perf_counter() - start


def _run_bare(scenario: Scenario, seeds: Sequence[int], worlds: WorldCache) -> None:
    """Run a scenario directly, without a sweep but in the same blocks and with the same cache of worlds."""
    system = join_runs([Simulation(scenario, seed=seed, world=worlds.get(scenario, seed)) for seed in seeds])
    step_to(system, system.world.weeks)
    for run in split_runs(system):
        run.summary()


def _measure_arms(
    runs: RunBatch, seed: int, repeats: int, report: Callable[[str], None]
) -> dict[str, list[float]]:
    arms = _build_five_arms(runs.arm)
    together, apart, on_one_world = [], [], []
    for _ in range(repeats):
        report("five arms together and as separate runs")
        one_world = WorldCache()
        together.append(_time_arms(arms, seed, WorldCache()))
        on_one_world.append(sum(_time_arms({name: arm}, seed, one_world) for name, arm in arms.items()))
        apart.append(sum(_time_arms({name: arm}, seed, WorldCache()) for name, arm in arms.items()))
    return {
        "arms_together_share": [shared / separate for shared, separate in zip(together, apart, strict=True)],
        "arms_together_share_of_weeks": [
            shared / separate for shared, separate in zip(together, on_one_world, strict=True)
        ],
        "arms_together_seconds": together,
        "arms_apart_seconds": apart,
        "arms_apart_on_one_world_seconds": on_one_world,
    }


def _build_five_arms(size: Mapping[str, Any]) -> dict[str, Scenario]:
    """Build the baseline and four arms with duties of different strength from the first evaluated week."""
    as_it_was = from_mapping(size)
    duty = {"date": date_of(0, as_it_was.clock), "lever": "duty", "kinds": ["school", "gp"], "bound": True}
    bound = {
        f"awareness {awareness}": from_mapping({**size, "timeline": [{**duty, "awareness": awareness}]})
        for awareness in (0.25, 0.5, 0.75, 1.0)
    }
    return {"as it was": as_it_was} | bound


def _time_arms(arms: Mapping[str, Scenario], seed: int, worlds: WorldCache) -> float:
    return time_call(lambda: [model.summary() for _, model in simulate_arms(arms, (seed,), worlds)])[1]


def _measure_coordinator(work: SweepWorkload, report: Callable[[str], None]) -> dict[str, list[float]]:
    sizes = {"few": work.few, "loaded": work.loaded, "many": work.many}
    measured = {}
    for name, runs in sizes.items():
        report(f"coordination of {format_count(runs, 'run')}")
        measured[name] = measure_coordinator(runs)
    few, many = measured["few"]["memory_mb"], measured["many"]["memory_mb"]
    return {
        "parent_memory_few_mb": [few],
        "parent_memory_many_mb": [many],
        "parent_memory_growth_bytes": [(many - few) * 1e6 / (work.many - work.few)],
        "parent_milliseconds_per_run": [measured["many"]["seconds"] * 1e3 / work.many],
        "table_bytes_per_run": [measured["many"]["table_bytes"] / work.many],
        "load_seconds": measured["loaded"]["load_seconds"],
        "load_many_seconds": measured["many"]["load_seconds"],
    }
