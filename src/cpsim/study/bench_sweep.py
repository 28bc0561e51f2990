"""`cpsim bench --sweep`: what a sweep adds to its runs, and what it saves.

Everything is measured, nothing asserted. What is compared is measured in turn in one go, so that a machine that is slow
for a while is slow for both sides. Where times or memory of runs are told the runs are real ones; only the process that
coordinates is also measured by itself, over more runs than anybody could wait for.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from cpsim.agents.roster import release
from cpsim.model import ChildProtectionModel
from cpsim.results import provenance
from cpsim.scenario.clock import date_of
from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario
from cpsim.study.arms import live_arms
from cpsim.study.bench import MB, RATIO, SECONDS, SHARE, OnStage, authority, live_until, stages, timed
from cpsim.study.coordinator import coordinate
from cpsim.study.engine import Engine, Here, local
from cpsim.study.experiment import Experiment, load_experiment
from cpsim.study.loaded import load_provenance
from cpsim.study.runs import scenario_of
from cpsim.study.sweep import sweep
from cpsim.study.worlds import Worlds

BYTES, MILLISECONDS = "bytes", "ms"


class Measure(NamedTuple):
    """A figure: its unit, what it says, and what is aimed at; empty where nothing is."""

    unit: str
    meaning: str
    aim: str = ""


MEASURES: dict[str, Measure] = {
    "parallel_efficiency": Measure(
        SHARE, "one worker's time for each second of two workers, halved; same runs", "at least 0.9"
    ),
    "one_worker_seconds": Measure(SECONDS, "a sweep with one worker, its start included"),
    "two_workers_seconds": Measure(SECONDS, "the same runs with two workers, their start included"),
    "two_workers_busy": Measure(SHARE, "of the time of two workers, the share in which they were at runs"),
    "run_beside_another": Measure(RATIO, "seconds of a run beside another worker's, for each second without"),
    "overhead": Measure(
        SHARE, "what a sweep of usual runs takes on top of the bare runs; one process", "below 0.05"
    ),
    "bare_run_seconds": Measure(SECONDS, "a bare usual run: world, model, weeks and summary, in a plain loop"),
    "overhead_tiny": Measure(SHARE, "the same for tiny runs"),
    "bare_tiny_run_seconds": Measure(SECONDS, "a bare tiny run"),
    "arms_together_share": Measure(
        SHARE, "five arms that share their history, against five apart", "at most 0.5"
    ),
    "arms_together_share_of_weeks": Measure(
        SHARE, "the same against five apart on one world: what sharing the history alone saves"
    ),
    "arms_together_seconds": Measure(SECONDS, "five arms that share world and history"),
    "arms_apart_seconds": Measure(SECONDS, "the same arms, each with a world and a history of its own"),
    "arms_apart_on_one_world_seconds": Measure(SECONDS, "the same arms, each with a history of its own"),
    "parent_memory_few_mb": Measure(MB, "most memory of the process that coordinates few runs"),
    "parent_memory_many_mb": Measure(MB, "the same of many runs", "flat"),
    "parent_memory_growth_bytes": Measure(BYTES, "the difference for each run more"),
    "parent_milliseconds_per_run": Measure(MILLISECONDS, "what coordinating takes for each of the many runs"),
    "table_bytes_per_run": Measure(BYTES, "the saved table of the many runs, two settings and seven figures each"),
    "load_seconds": Measure(SECONDS, "loading a saved table", "below 2"),
    "load_many_seconds": Measure(SECONDS, "loading that of the many runs"),
}  # fmt: skip
"""Every figure that is measured."""


class Runs(NamedTuple):
    """Runs of the baseline in some size: how many, an even number, of how many children over which years."""

    number: int
    children: int
    years: int
    warm_up_years: int

    def __str__(self) -> str:
        over = f"{self.years} years judged and {self.warm_up_years} of history"
        return f"{self.number:,} runs of {self.children:,} children over {over}"

    @property
    def arm(self) -> dict[str, Any]:
        """What they change of the baseline, as a scenario mapping."""
        return authority(self.children, self.years, self.warm_up_years)


@dataclass(frozen=True)
class Work:
    """What is run to measure a sweep.

    Attributes:
        parallel: once by one worker and once by two; a number that four divides.
        usual: with and without a sweep; runs of usual length.
        tiny: with and without a sweep.
        arms: five of them are compared, over one seed.
        few, many: how many runs are coordinated, each a multiple of `coordinator.RUNS_OF_A_POINT`.
        loaded: of how many runs the table is loaded, likewise.
    """

    parallel: Runs = Runs(200, children=5_000, years=3, warm_up_years=4)
    usual: Runs = Runs(20, children=10_000, years=5, warm_up_years=18)
    tiny: Runs = Runs(100, children=300, years=1, warm_up_years=1)
    arms: Runs = Runs(5, children=10_000, years=5, warm_up_years=18)
    few: int = 100
    many: int = 100_000
    loaded: int = 10_000

    def sentences(self) -> list[str]:
        """What is run, in words."""
        parts = {name: getattr(self, name) for name in ("parallel", "usual", "tiny", "arms")}
        return [
            *(f"{name}: {runs}" for name, runs in parts.items()),
            f"few: {self.few:,} runs; many: {self.many:,} runs; loaded: {self.loaded:,} runs",
        ]


USUAL = Work()
_STAGES = 4 + 2 + 3


@dataclass(frozen=True)
class SweepBench:
    """What was measured.

    Attributes:
        about: what ran where: work, seed, repeats, cores, versions, platform.
        values: name in `MEASURES` -> its values, more than one where it was measured more than once.
    """

    about: dict[str, Any]
    values: dict[str, list[float]]

    def headline(self, name: str) -> float:
        """The one value of a name: the median."""
        return median(self.values[name])

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers: the headline values by name, and under `spread` the lowest and highest of each."""
        spread = {name: {"min": min(values), "max": max(values)} for name, values in self.values.items()}
        return {name: self.headline(name) for name in self.values} | self.about | {"spread": spread}


def measure_sweep(
    seed: int = 1, repeats: int = 3, on_stage: OnStage = lambda *_: None, work: Work = USUAL
) -> SweepBench:
    """Measure sweeps, and the same runs without them.

    Args:
        seed: the first seed of all runs.
        repeats: how often the five arms are measured; at least 1.
        on_stage: called with (stages done, stages in all, what is measured next).
        work: what is run.
    """
    tell = stages(_STAGES + repeats, on_stage)
    with TemporaryDirectory() as place:
        folder = Path(place)
        values = _parallel(work.parallel, seed, folder, tell)
        tell("usual runs with and without a sweep")
        usual, bare_usual = _overhead(_experiment(work.usual, seed, folder), folder / "usual")
        tell("tiny runs with and without a sweep")
        tiny, bare_tiny = _overhead(_experiment(work.tiny, seed, folder), folder / "tiny")
    values |= {"overhead": [usual], "bare_run_seconds": [bare_usual]}
    values |= {"overhead_tiny": [tiny], "bare_tiny_run_seconds": [bare_tiny]}
    values |= _arms(work.arms, seed, repeats, tell)
    values |= _coordinating(work, tell)
    return SweepBench(_about(work, seed, repeats), {name: values[name] for name in MEASURES})


def _about(work: Work, seed: int, repeats: int) -> dict[str, Any]:
    settings = from_mapping(work.usual.arm)
    made_by = provenance(settings.model_dump(mode="python"), seed, datetime.now(UTC), 0.0)
    told = {name: made_by[name] for name in ("versions", "platform", "code_sha256", "started")}
    return {"work": work.sentences(), "seed": seed, "repeats": repeats, "cores": os.cpu_count(), **told}


def _experiment(runs: Runs, seed: int, folder: Path) -> Experiment:
    """So many runs of one arm: two values of a setting, and seeds from `seed` on."""
    experiment = {
        "arms": {"as_it_was": runs.arm},
        "vary": {"network.trust_start": [0.3, 0.5]},
        "seeds": list(range(seed, seed + runs.number // 2)),
    }
    file = folder / "experiment.yaml"
    file.write_text(json.dumps(experiment), "utf-8")
    return load_experiment(file)


def _parallel(runs: Runs, seed: int, folder: Path, tell: Callable[[str], None]) -> dict[str, list[float]]:
    """One worker and two do the same runs, in two halves: one, two; two, one. Workers start only once."""
    wall, busy = {1: 0.0, 2: 0.0}, {1: 0.0, 2: 0.0}
    half = runs.number // 2
    with ExitStack() as held:
        engines = {workers: held.enter_context(local(workers)) for workers in wall}
        for part, order in enumerate(((1, 2), (2, 1))):
            experiment = _experiment(runs._replace(number=half), seed + part * half // 2, folder)
            for workers in order:
                tell(f"{half:,} runs with {'two workers' if workers == 2 else 'one worker'}")
                out = folder / f"{part} by {workers}"
                wall[workers] += _swept(experiment, out, engines[workers])
                busy[workers] += float(load_provenance(out)["seconds"].sum())
    return {
        "parallel_efficiency": [wall[1] / (2 * wall[2])],
        "one_worker_seconds": [wall[1]],
        "two_workers_seconds": [wall[2]],
        "two_workers_busy": [busy[2] / (2 * wall[2])],
        "run_beside_another": [busy[2] / busy[1]],
    }


def _swept(experiment: Experiment, out: Path, engine: Engine) -> float:
    """Seconds of a sweep by workers that go on afterwards."""
    return timed(lambda: sweep(experiment, out, nullcontext(engine)))[1]


def _overhead(experiment: Experiment, out: Path) -> tuple[float, float]:
    """What a sweep in this process takes on top of its bare runs, as a share of them; and seconds of a bare run."""
    beside = _BesideBareRuns(experiment)
    both = _swept(experiment, out, Engine(beside, lambda: 1, ()))
    bare = beside.seconds
    return (both - 2 * bare) / bare, bare / experiment.number_of_runs


class _BesideBareRuns(Here):
    """Does each run of a sweep, and before or after it, in turn, the same run with nothing of a sweep around it.

    Attributes:
        seconds: what the bare runs have taken.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.seconds = 0.0
        self._bare = self._bare_runs(experiment)
        self._bare_first = False
        next(self._bare)  # untimed, so that neither pays for what a process does only once

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._bare_first = not self._bare_first
        if self._bare_first:
            next(self._bare)
            return super().submit(work, *args, **kwargs)
        done = super().submit(work, *args, **kwargs)
        next(self._bare)
        return done

    def _bare_runs(self, experiment: Experiment) -> Iterator[None]:
        """The runs of the experiment in the order in which a sweep does them; the first of them once before."""
        (arm,) = experiment.arms
        scenarios = [scenario_of(experiment, arm, point) for point in range(len(experiment.points))]
        seeds = experiment.definition.seeds_run
        _lived(scenarios[0], seeds[0], Worlds())
        yield
        worlds = Worlds()
        for seed in seeds:
            for scenario in scenarios:
                _, seconds = timed(lambda: _lived(scenario, seed, worlds))  # noqa: B023  called at once
                self.seconds += seconds
                yield


def _lived(scenario: Scenario, seed: int, worlds: Worlds) -> None:
    """A run as anybody would write it down, worlds kept as a sweep keeps them."""
    world = worlds.of(scenario, seed)
    model = ChildProtectionModel(scenario, seed=seed, world=world, collect=False)
    live_until(model, world.weeks)
    model.summary()
    release(model)


def _arms(runs: Runs, seed: int, repeats: int, tell: Callable[[str], None]) -> dict[str, list[float]]:
    arms = _five_arms(runs.arm)
    together, apart, on_one_world = [], [], []
    for _ in range(repeats):
        tell("five arms together and apart")
        one_world = Worlds()
        together.append(_seconds_of_arms(arms, seed, Worlds()))
        on_one_world.append(sum(_seconds_of_arms({name: arm}, seed, one_world) for name, arm in arms.items()))
        apart.append(sum(_seconds_of_arms({name: arm}, seed, Worlds()) for name, arm in arms.items()))
    return {
        "arms_together_share": [ours / theirs for ours, theirs in zip(together, apart, strict=True)],
        "arms_together_share_of_weeks": [
            ours / theirs for ours, theirs in zip(together, on_one_world, strict=True)
        ],
        "arms_together_seconds": together,
        "arms_apart_seconds": apart,
        "arms_apart_on_one_world_seconds": on_one_world,
    }


def _five_arms(size: Mapping[str, Any]) -> dict[str, Scenario]:
    """The baseline, and a duty of four strengths from the first week judged."""
    as_it_was = from_mapping(size)
    duty = {"date": date_of(0, as_it_was.clock), "lever": "duty", "kinds": ["school", "gp"], "bound": True}
    bound = {
        f"awareness {awareness}": from_mapping({**size, "timeline": [{**duty, "awareness": awareness}]})
        for awareness in (0.25, 0.5, 0.75, 1.0)
    }
    return {"as it was": as_it_was} | bound


def _seconds_of_arms(arms: Mapping[str, Scenario], seed: int, worlds: Worlds) -> float:
    return timed(lambda: [model.summary() for _, model in live_arms(arms, seed, worlds)])[1]


def _coordinating(work: Work, tell: Callable[[str], None]) -> dict[str, list[float]]:
    sizes = {"few": work.few, "loaded": work.loaded, "many": work.many}
    took = {}
    for name, runs in sizes.items():
        tell(f"coordinating {runs:,} runs")
        took[name] = coordinate(runs)
    few, many = took["few"]["memory_mb"], took["many"]["memory_mb"]
    return {
        "parent_memory_few_mb": [few],
        "parent_memory_many_mb": [many],
        "parent_memory_growth_bytes": [(many - few) * 1e6 / (work.many - work.few)],
        "parent_milliseconds_per_run": [took["many"]["seconds"] * 1e3 / work.many],
        "table_bytes_per_run": [took["many"]["table_bytes"] / work.many],
        "load_seconds": took["loaded"]["load_seconds"],
        "load_many_seconds": took["many"]["load_seconds"],
    }
