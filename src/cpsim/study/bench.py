"""`cpsim bench`: how fast a run is on this machine, where its time goes, and how much memory it takes.

Everything is measured, nothing asserted. A repeat measures, one after another, the floor, a run, a second run on the
same world, a fork of the second at the end of its warm-up, and a run whose steps are timed: a machine that is slow for
a while is then slow for all of them. What is told is the median over the repeats, and their spread.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median
from typing import Any, TypeVar

import numpy as np

import cpsim.model
from cpsim.agents.roster import release
from cpsim.model import ChildProtectionModel, Step
from cpsim.results import Quantity, provenance
from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario
from cpsim.study.floor import Floor, noted, replaced
from cpsim.study.fresh import memory_of_one_run, memory_over_runs, seconds_to_start
from cpsim.world import World, draw_world
from cpsim.world.calendar import CHILDHOOD

Result = TypeVar("Result")
OnStage = Callable[[int, int, str], None]

SECONDS, MB, RATIO, SHARE, RATE = "s", "MB", "ratio", "share, 0 to 1", "child-weeks a second"

TINY: Mapping[str, Any] = {
    "extends": "baseline",
    "population": {"children": 2_000},
    "clock": {"years": 1, "warm_up_years": 1},
}
"""The run of which many are made in one process."""

MEASURES: dict[str, Quantity] = {
    "child_weeks_per_second": Quantity(
        RATE, "one run: world, model, weeks and ledger; neither tables nor files"
    ),
    "child_weeks_per_second_with_tables": Quantity(
        RATE, "the same with all tables and the summary; no files"
    ),
    "run_seconds": Quantity(SECONDS, "one run: world, model, weeks and ledger"),
    "world_seconds": Quantity(SECONDS, "of it: drawing the world"),
    "build_seconds": Quantity(SECONDS, "of it: building the model on the world"),
    "weeks_seconds": Quantity(SECONDS, "of it: living all weeks"),
    "ledger_seconds": Quantity(SECONDS, "of it: judging every spell of harm"),
    "result_seconds": Quantity(SECONDS, "the whole result: ledger, tables and summary"),
    "floor_ratio": Quantity(RATIO, "one run for each second of its floor"),
    "floor_seconds": Quantity(
        SECONDS, "the floor: only drawing the same numbers and bucketing the same signs"
    ),
    "floor_draw_seconds": Quantity(SECONDS, "of it: drawing"),
    "floor_bucket_seconds": Quantity(SECONDS, "of it: bucketing"),
    "second_run_speedup": Quantity(RATIO, "how many times as fast a second run on the same world is"),
    "second_run_seconds": Quantity(SECONDS, "model, weeks and ledger on a world that is there already"),
    "fork_share_of_run": Quantity(SHARE, "a run forked at the end of its warm-up, against that second run"),
    "fork_seconds": Quantity(SECONDS, "making the fork, its own weeks, ledger"),
    "fork_copy_seconds": Quantity(SECONDS, "of it: making the fork"),
    "peak_memory_mb": Quantity(
        MB, "most memory of a fresh process that makes one run, tables and libraries included"
    ),
    "peak_memory_without_imports_mb": Quantity(MB, "the same less what the libraries hold"),
    "import_seconds": Quantity(SECONDS, "a fresh Python that imports all a run needs; the fastest counts"),
    "help_seconds": Quantity(SECONDS, "a fresh Python that answers `cpsim --help`; the fastest counts"),
    "memory_after_tenth_mb": Quantity(MB, "memory of one process after a tenth of many tiny runs"),
    "memory_at_end_mb": Quantity(MB, "memory of that process after all of them"),
    "memory_growth_mb": Quantity(MB, "the difference"),
}
"""Every figure that may be measured: its unit, and what it says."""

_FASTEST_COUNTS = {"import_seconds", "help_seconds"}
_STAGES_OF_A_REPEAT = 4


@dataclass(frozen=True)
class Bench:
    """What was measured.

    Attributes:
        about: what ran where: children, weeks, child_weeks, own_weeks_share_of_fork, seed, repeats, versions, platform.
        values: name in `MEASURES` -> the value of each repeat.
        step_seconds: step of the week -> seconds over all weeks, median over the repeats; timed in runs of their own.
    """

    about: dict[str, Any]
    values: dict[str, list[float]]
    step_seconds: dict[str, float]

    def headline(self, name: str) -> float:
        """The one value of a name: the median over the repeats, or the lowest where the fastest counts."""
        return min(self.values[name]) if name in _FASTEST_COUNTS else median(self.values[name])

    @property
    def step_shares(self) -> dict[str, float]:
        """Share of each step in the time of a week; sums to 1."""
        total = sum(self.step_seconds.values())
        return {name: seconds / total for name, seconds in self.step_seconds.items()}

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers: headline values by name, and under `spread` the lowest, middle and highest of each."""
        return (
            {name: self.headline(name) for name in self.values}
            | {"step_shares": self.step_shares}
            | self.about
            | {
                "spread": {
                    name: {"min": min(values), "median": median(values), "max": max(values)}
                    for name, values in self.values.items()
                }
            }
        )


def authority(children: int, years: int, warm_up_years: int) -> dict[str, Any]:
    """The baseline in another size, as a scenario mapping."""
    return {
        "extends": "baseline",
        "population": {"children": children},
        "clock": {"years": years, "warm_up_years": warm_up_years},
    }


def measure(
    scenario: Mapping[str, Any],
    seed: int = 1,
    repeats: int = 3,
    runs_in_one_process: int = 0,
    on_stage: OnStage = lambda *_: None,
) -> Bench:
    """Measure runs of `scenario`.

    Args:
        scenario: a mapping of plain values, as `authority` gives.
        seed: seed of every run.
        repeats: how often everything is measured; at least 1.
        runs_in_one_process: how many `TINY` runs are made to see whether memory grows; 0 leaves that out.
        on_stage: called with (stages done, stages in all, what is measured next).

    Raises:
        ScenarioError: the scenario is wrong.
    """
    settings = from_mapping(scenario)
    tell = stages(3 + bool(runs_in_one_process) + repeats * _STAGES_OF_A_REPEAT, on_stage)
    tell("memory of one run")
    once = memory_of_one_run(scenario, seed)
    if runs_in_one_process:
        tell(f"memory over {runs_in_one_process:,} runs")
        once |= memory_over_runs(TINY, runs_in_one_process)
    tell("start")
    starts = seconds_to_start()
    tell("what a run draws")
    floor, world = _floor_of(settings, seed)
    times, steps = zip(*(_repeat(settings, seed, floor, tell) for _ in range(repeats)), strict=True)
    rows = [_with_rates(row, child_weeks(world)) for row in times]
    values = {name: [row[name] for row in rows] for name in rows[0]}
    values |= starts | {name: [value] for name, value in once.items()}
    return Bench(
        about=_about(settings, seed, repeats, world),
        values={name: values[name] for name in MEASURES if name in values},
        step_seconds={name: median(step[name] for step in steps) for name in steps[0]},
    )


def child_weeks(world: World) -> int:
    """Weeks that children under 18 live in the run: warm-up, judged weeks and follow-up."""
    birth = world.children.birth.astype(np.int64)
    lived = np.minimum(birth + CHILDHOOD, world.weeks) - np.maximum(birth, 0)
    return int(np.maximum(lived, 0).sum())


def stages(total: int, on_stage: OnStage) -> Callable[[str], None]:
    """A function that tells `on_stage` the name of the next stage, and how many are done of `total`."""
    done = iter(range(total))
    return lambda name: on_stage(next(done), total, name)


def _about(settings: Scenario, seed: int, repeats: int, world: World) -> dict[str, Any]:
    made_by = provenance(settings.model_dump(mode="python"), seed, datetime.now(UTC), 0.0)
    return {
        "children": settings.population.children,
        "weeks": world.weeks,
        "warm_up_weeks": world.warm_up,
        "judged_weeks": world.judged,
        "signs": len(world.signs.file),
        "child_weeks": child_weeks(world),
        "own_weeks_share_of_fork": 1 - world.warm_up / world.weeks,
        "seed": seed,
        "repeats": repeats,
        "cores": os.cpu_count(),
        **{name: made_by[name] for name in ("versions", "platform", "code_sha256", "started")},
    }


def _with_rates(times: dict[str, float], lived: int) -> dict[str, float]:
    """The times of one repeat, joined by sums, rates and ratios; `lived` is the number of child-weeks."""
    before_judging = times["world_seconds"] + times["build_seconds"] + times["weeks_seconds"]
    run = before_judging + times["ledger_seconds"]
    floor = times["floor_draw_seconds"] + times["floor_bucket_seconds"]
    return times | {
        "run_seconds": run,
        "floor_seconds": floor,
        "child_weeks_per_second": lived / run,
        "child_weeks_per_second_with_tables": lived / (before_judging + times["result_seconds"]),
        "floor_ratio": run / floor,
        "second_run_speedup": run / times["second_run_seconds"],
        "fork_share_of_run": times["fork_seconds"] / times["second_run_seconds"],
    }


def _floor_of(settings: Scenario, seed: int) -> tuple[Floor, World]:
    """Note what a run draws. The run also brings the process to the state in which later ones are measured."""
    with noted() as drawn:
        world = draw_world(settings, seed)
        with _lived(settings, seed, world) as model:
            live_until(model, world.weeks)
            model.result()
    return Floor(drawn, world), world


def _repeat(
    settings: Scenario, seed: int, floor: Floor, tell: Callable[[str], None]
) -> tuple[dict[str, float], dict[str, float]]:
    """All times of one repeat in seconds by name, and those of the steps of a week."""
    times: dict[str, float] = {}
    tell("floor")
    _, times["floor_draw_seconds"] = timed(floor.draw)
    _, times["floor_bucket_seconds"] = timed(floor.bucket)
    tell("run")
    world, times["world_seconds"] = timed(lambda: draw_world(settings, seed))
    times |= _first_run(settings, seed, world)
    tell("second run and fork")
    times |= _second_run_and_fork(settings, seed, world)
    tell("steps")
    return times, _steps(settings, seed, world)


def _first_run(settings: Scenario, seed: int, world: World) -> dict[str, float]:
    start = time.perf_counter()
    with _lived(settings, seed, world) as model:
        build = time.perf_counter() - start
        _, weeks = timed(lambda: live_until(model, world.weeks))
        ledger, result = _judged(model)
    return {
        "build_seconds": build,
        "weeks_seconds": weeks,
        "ledger_seconds": ledger,
        "result_seconds": result,
    }


def _second_run_and_fork(settings: Scenario, seed: int, world: World) -> dict[str, float]:
    """A run on a world that is there, and another that shares its warm-up; making the fork counts for the fork only."""
    start = time.perf_counter()
    with _lived(settings, seed, world) as model:
        live_until(model, world.warm_up)
        up_to_fork = time.perf_counter() - start
        fork, copy = timed(model.fork)
        _, rest = timed(lambda: live_until(model, world.weeks))
        ledger, _ = _judged(model)
    try:
        _, own = timed(lambda: live_until(fork, world.weeks))
        own_ledger, _ = _judged(fork)
    finally:
        release(fork)
    return {
        "second_run_seconds": up_to_fork + rest + ledger,
        "fork_copy_seconds": copy,
        "fork_seconds": copy + own + own_ledger,
    }


def _steps(settings: Scenario, seed: int, world: World) -> dict[str, float]:
    """Seconds of each step over all weeks of a run of its own: timers are too dear for the runs that are compared."""
    with _lived(settings, seed, world) as model:
        seconds = {step.name: 0.0 for step in model.plan}

        def clocked(step: Step) -> Step:
            def run(model: ChildProtectionModel) -> None:
                start = time.perf_counter()
                step.run(model)
                seconds[step.name] += time.perf_counter() - start

            return replace(step, run=run)

        model.plan = [clocked(step) for step in model.plan]
        live_until(model, world.weeks)
    return seconds


@contextmanager
def _lived(settings: Scenario, seed: int, world: World) -> Iterator[ChildProtectionModel]:
    """A model at its first week, let go afterwards."""
    model = ChildProtectionModel(settings, seed=seed, world=world, collect=False)
    try:
        yield model
    finally:
        release(model)


def live_until(model: ChildProtectionModel, week: int) -> None:
    """Live the weeks before `week` that the model has not yet lived."""
    while model.week < week:
        model.step()


def _judged(model: ChildProtectionModel) -> tuple[float, float]:
    """Seconds to judge the ledger, and to make the whole result, judging included."""
    judging = 0.0
    judge = vars(cpsim.model)["judge"]

    def clocked(*args: Any) -> Any:
        nonlocal judging
        spells, judging = timed(lambda: judge(*args))
        return spells

    with replaced(cpsim.model, "judge", clocked):
        _, result = timed(model.result)
    return judging, result


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What the work gives, and the seconds it took."""
    start = time.perf_counter()
    done = work()
    return done, time.perf_counter() - start
