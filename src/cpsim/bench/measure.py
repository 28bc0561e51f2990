"""Measure how fast a run is on this machine, where its time goes, and how much memory it takes (`cpsim bench`).

Nothing here asserts a speed. A repeat measures, one after another, the floor, a run, a second run on the same world, a
fork of the second run at the end of its warm-up, a run whose steps are timed, and the command `cpsim run small`. If the
machine is slow for a while, all of these are slow. The result is the median over the repeats, with the lowest and
highest value.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median
from typing import Any, TypeVar

import numpy as np

import cpsim.simulation
from cpsim.bench.blocks import SCENARIOS, measure_blocks
from cpsim.bench.command import measure_command
from cpsim.bench.floor import Floor, record_draws, replace_attribute
from cpsim.formatting import format_count
from cpsim.parallel.fresh_process import (
    measure_memory_of_one_run,
    measure_memory_over_runs,
    measure_start_times,
)
from cpsim.results import collect_provenance
from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation, Step
from cpsim.world import World, draw_world
from cpsim.world.calendar import CHILDHOOD

Result = TypeVar("Result")
OnStage = Callable[[int, int, str], None]

SECONDS, MB, RATIO, SHARE, RATE = "s", "MB", "ratio", "share, 0 to 1", "child-weeks a second"
COST, BYTES = "ns a child-week", "bytes a child"

TINY: Mapping[str, Any] = {
    "extends": "baseline",
    "population": {"children": 2_000},
    "clock": {"years": 1, "warm_up_years": 1},
}
"""The run that is repeated many times in one process to measure memory growth."""


@dataclass(frozen=True)
class Quantity:
    """A measured quantity: the unit of its value and its meaning in a sentence."""

    unit: str
    meaning: str


MEASURES: dict[str, Quantity] = {
    "child_weeks_per_second": Quantity(
        RATE, "one run: world, model, weeks and ledger, without tables and files"
    ),
    "child_weeks_per_second_with_tables": Quantity(
        RATE, "the same with all tables and the summary, without files"
    ),
    "run_seconds": Quantity(SECONDS, "one run: world, model, weeks and ledger"),
    "world_seconds": Quantity(SECONDS, "part of a run: drawing the world"),
    "build_seconds": Quantity(SECONDS, "part of a run: building the model on the world"),
    "weeks_seconds": Quantity(SECONDS, "part of a run: simulating all weeks"),
    "ledger_seconds": Quantity(SECONDS, "part of a run: the ledger, which classifies every spell of harm"),
    "result_seconds": Quantity(SECONDS, "the complete result: ledger, tables and summary"),
    "floor_ratio": Quantity(RATIO, "time of one run divided by its floor"),
    "floor_seconds": Quantity(SECONDS, "the floor: drawing the same numbers and sorting the same signs"),
    "floor_draw_seconds": Quantity(SECONDS, "part of the floor: drawing"),
    "floor_bucket_seconds": Quantity(SECONDS, "part of the floor: sorting signs by week"),
    "second_run_speedup": Quantity(RATIO, "time of the first run divided by that of the second"),
    "second_run_seconds": Quantity(SECONDS, "a second run on the same world: model, weeks and ledger"),
    "fork_share_of_run": Quantity(
        SHARE, "time of a fork at the end of the warm-up divided by that of the second run"
    ),
    "fork_seconds": Quantity(SECONDS, "copying the model, the weeks after the fork, and the ledger"),
    "fork_copy_seconds": Quantity(SECONDS, "part of the fork: copying the model"),
    "peak_memory_mb": Quantity(
        MB, "peak memory of a fresh process during one run, including tables and libraries"
    ),
    "peak_memory_without_imports_mb": Quantity(MB, "the same without the memory of the libraries"),
    "bytes_per_child": Quantity(BYTES, "the same divided by the number of children under 18"),
    "cost_ratio_300k_73k": Quantity(RATIO, "cost of a child-week among 300,000 children and among 73,000"),
    "cost_300k_ns": Quantity(COST, "processor time of a run of 300,000 children, as above"),
    "cost_73k_ns": Quantity(COST, "processor time of a run of 73,000 children, as above"),
    "import_seconds": Quantity(
        SECONDS, "a fresh Python process that imports everything a run needs (fastest)"
    ),
    "help_seconds": Quantity(SECONDS, "a fresh Python process that prints `cpsim --help` (fastest)"),
    "first_answer_ratio": Quantity(
        RATIO, "`cpsim run small` until its answer, without the engine, divided by importing NumPy and pandas"
    ),
    "command_ratio": Quantity(RATIO, "the same for the whole command, with figures and report"),
    "first_answer_seconds": Quantity(
        SECONDS, "processor time of `cpsim run small` until its answer is printed"
    ),
    "command_seconds": Quantity(SECONDS, "processor time of the whole command"),
    "command_engine_seconds": Quantity(
        SECONDS, "part of both: world, model, weeks and result, without imports"
    ),
    "cached_history_ratio": Quantity(
        RATIO,
        "engine of a second `cpsim run small`, with the history of the first, divided by that of the first",
    ),
    "block_ratio_small": Quantity(
        RATIO, "processor time of a run of `small` by itself divided by its share of a block of seeds"
    ),
    "run_alone_seconds_small": Quantity(
        SECONDS, "processor time of that run, from its world to its outcomes"
    ),
    "run_in_block_seconds_small": Quantity(SECONDS, "its share of the processor time of a block"),
    "block_ratio_2000": Quantity(RATIO, "the same ratio for `small` with 2,000 children"),
    "run_alone_seconds_2000": Quantity(SECONDS, "processor time of that run, from its world to its outcomes"),
    "run_in_block_seconds_2000": Quantity(SECONDS, "its share of the processor time of a block"),
    "libraries_seconds": Quantity(SECONDS, "processor time of a process that imports NumPy and pandas"),
    "memory_after_tenth_mb": Quantity(MB, "memory of one process after a tenth of many tiny runs"),
    "memory_at_end_mb": Quantity(MB, "memory of that process after all of them"),
    "memory_growth_mb": Quantity(MB, "difference of these two"),
}
"""The measures by name, with unit and meaning."""

_REPORT_MINIMUM = {"import_seconds", "help_seconds"}
_STAGES_PER_REPEAT = 7
_COMMAND = ("small",)
_SIZES = (73_000, 300_000)
"""Numbers of children whose cost is compared."""


@dataclass(frozen=True)
class Bench:
    """The measurements of `cpsim bench`.

    Attributes:
        setup: what was run and where: children, weeks, child_weeks, own_weeks_share_of_fork, seed, repeats, versions,
            platform.
        values: by name in `MEASURES`, the value of each repeat.
        step_seconds: by step of the week, the seconds over all weeks, as the median over the repeats; timed in separate
            runs.
    """

    setup: dict[str, Any]
    values: dict[str, list[float]]
    step_seconds: dict[str, float]

    def headline(self, name: str) -> float:
        """Return the main value of a measure: the median over the repeats, or the minimum for start times."""
        return min(self.values[name]) if name in _REPORT_MINIMUM else median(self.values[name])

    @property
    def step_shares(self) -> dict[str, float]:
        """Share of each step in the time of a week; sums to 1."""
        total = sum(self.step_seconds.values())
        return {name: seconds / total for name, seconds in self.step_seconds.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return the main values by name, and under `spread` the minimum, median and maximum of each, for JSON."""
        return (
            {name: self.headline(name) for name in self.values}
            | {"step_shares": self.step_shares}
            | self.setup
            | {
                "spread": {
                    name: {"min": min(values), "median": median(values), "max": max(values)}
                    for name, values in self.values.items()
                }
            }
        )


def resize_baseline(children: int, years: int, warm_up_years: int) -> dict[str, Any]:
    """Return settings that resize the baseline scenario.

    >>> resize_baseline(400, years=1, warm_up_years=2)["clock"]
    {'years': 1, 'warm_up_years': 2}
    """
    return {
        "extends": "baseline",
        "population": {"children": children},
        "clock": {"years": years, "warm_up_years": warm_up_years},
    }


def measure_runs(
    scenario: Mapping[str, Any],
    seed: int = 1,
    repeats: int = 3,
    runs_in_one_process: int = 0,
    on_stage: OnStage = lambda *_: None,
    command: Sequence[str] = _COMMAND,
    blocks: Mapping[str, Mapping[str, Any]] = SCENARIOS,
    sizes: tuple[int, int] = _SIZES,
) -> Bench:
    """Measure the speed and memory of runs of a scenario.

    Args:
        scenario: scenario settings, for example from `resize_baseline`.
        seed: seed of every run.
        repeats: number of repetitions of each measurement, at least 1.
        runs_in_one_process: number of `TINY` runs in one process to measure memory growth; 0 skips this.
        on_stage: called with (number of finished stages, number of stages, name of the next stage).
        command: the scenario of the timed command, and options that change it, as arguments of `cpsim run`.
        blocks: the scenarios whose runs are timed by themselves and in blocks, as for `measure_blocks`.
        sizes: numbers of children of the two runs whose cost is compared.

    Raises:
        ScenarioError: the scenario has errors.
    """
    settings = from_mapping(scenario)
    report = make_stage_reporter(3 + bool(runs_in_one_process) + repeats * _STAGES_PER_REPEAT, on_stage)
    report("memory of one run")
    once = measure_memory_of_one_run(scenario, seed)
    once["bytes_per_child"] = 1e6 * once["peak_memory_without_imports_mb"] / settings.population.children
    if runs_in_one_process:
        report(f"memory over {format_count(runs_in_one_process, 'run')}")
        once |= measure_memory_over_runs(TINY, runs_in_one_process)
    report("start of a process")
    starts = measure_start_times()
    report("draws of a run")
    floor, world = _record_floor(settings, seed)
    small, large = (from_mapping({**scenario, "population": {"children": size}}) for size in sizes)
    repeated = []
    for _ in range(repeats):
        times, steps = _measure_repeat(settings, seed, floor, command, blocks, report)
        report("larger authority")
        repeated.append((times | _compare_costs(small, large, seed), steps))
    times_of, steps_of = zip(*repeated, strict=True)
    rows = [_add_rates(row, child_weeks(world)) for row in times_of]
    values = {name: [row[name] for row in rows] for name in rows[0]}
    values |= starts | {name: [value] for name, value in once.items()}
    return Bench(
        setup=_describe_setup(settings, seed, repeats, world),
        values={name: values[name] for name in MEASURES if name in values},
        step_seconds={name: median(step[name] for step in steps_of) for name in steps_of[0]},
    )


def child_weeks(world: World) -> int:
    """Number of weeks in which children are under 18, over warm-up, evaluated weeks and follow-up."""
    birth = world.children.birth.astype(np.int64)
    weeks = np.minimum(birth + CHILDHOOD, world.weeks) - np.maximum(birth, 0)
    return int(np.maximum(weeks, 0).sum())


def make_stage_reporter(total: int, on_stage: OnStage) -> Callable[[str], None]:
    """Make a function that calls `on_stage` with the number of finished stages, `total` and the name given to it."""
    done = iter(range(total))
    return lambda name: on_stage(next(done), total, name)


def _describe_setup(settings: Scenario, seed: int, repeats: int, world: World) -> dict[str, Any]:
    provenance = collect_provenance(settings.model_dump(mode="python"), seed, datetime.now(UTC), 0.0)
    return {
        "children": settings.population.children,
        "weeks": world.weeks,
        "warm_up_weeks": world.warm_up,
        "evaluated_weeks": world.evaluated_weeks,
        "signs": sum(len(signs.child) for signs in world.signs),
        "child_weeks": child_weeks(world),
        "own_weeks_share_of_fork": 1 - world.warm_up / world.weeks,
        "seed": seed,
        "repeats": repeats,
        "cores": os.cpu_count(),
        **{name: provenance[name] for name in ("versions", "platform", "code_sha256", "started")},
    }


def _add_rates(times: dict[str, float], child_weeks: int) -> dict[str, float]:
    """Add sums, rates and ratios to the times of one repeat."""
    before_ledger = times["world_seconds"] + times["build_seconds"] + times["weeks_seconds"]
    run = before_ledger + times["ledger_seconds"]
    floor = times["floor_draw_seconds"] + times["floor_bucket_seconds"]
    return times | {
        "run_seconds": run,
        "floor_seconds": floor,
        "child_weeks_per_second": child_weeks / run,
        "child_weeks_per_second_with_tables": child_weeks / (before_ledger + times["result_seconds"]),
        "floor_ratio": run / floor,
        "second_run_speedup": run / times["second_run_seconds"],
        "fork_share_of_run": times["fork_seconds"] / times["second_run_seconds"],
    }


def _record_floor(settings: Scenario, seed: int) -> tuple[Floor, World]:
    """Record the draws of a run, which also fills the caches before anything is timed."""
    with record_draws() as recorded:
        world = draw_world(settings, seed)
        model = Simulation(settings, seed=seed, world=world)
        step_until(model, world.weeks)
        model.result()
    return Floor(recorded, world), world


def _measure_repeat(
    settings: Scenario,
    seed: int,
    floor: Floor,
    command: Sequence[str],
    blocks: Mapping[str, Mapping[str, Any]],
    report: Callable[[str], None],
) -> tuple[dict[str, float], dict[str, float]]:
    """Measure one repeat: seconds by name, and seconds by step of the week."""
    times: dict[str, float] = {}
    report("floor")
    _, times["floor_draw_seconds"] = time_call(floor.draw)
    _, times["floor_bucket_seconds"] = time_call(floor.bucket)
    report("run")
    world, times["world_seconds"] = time_call(lambda: draw_world(settings, seed))
    times |= _time_first_run(settings, seed, world)
    report("second run and fork")
    times |= _time_second_run_and_fork(settings, seed, world)
    report("steps")
    steps = _time_steps(settings, seed, world)
    report("blocks of seeds")
    times |= measure_blocks(blocks)
    report(f"cpsim run {command[0]}")
    return times | measure_command(command), steps


def _compare_costs(small: Scenario, large: Scenario, seed: int) -> dict[str, float]:
    """Compare the processor time that a child-week takes in two runs of different size."""
    of_small, of_large = (_measure_cost(settings, seed) for settings in (small, large))
    return {"cost_73k_ns": of_small, "cost_300k_ns": of_large, "cost_ratio_300k_73k": of_large / of_small}


def _measure_cost(settings: Scenario, seed: int) -> float:
    """Measure the processor time of a run without its tables, in nanoseconds for each child-week."""
    start = time.process_time()
    world = draw_world(settings, seed)
    model = Simulation(settings, seed=seed, world=world)
    step_until(model, world.weeks)
    model.spells()
    return 1e9 * (time.process_time() - start) / child_weeks(world)


def _time_first_run(settings: Scenario, seed: int, world: World) -> dict[str, float]:
    start = time.perf_counter()
    model = Simulation(settings, seed=seed, world=world)
    build = time.perf_counter() - start
    _, weeks = time_call(lambda: step_until(model, world.weeks))
    ledger, result = _time_result(model)
    return {
        "build_seconds": build,
        "weeks_seconds": weeks,
        "ledger_seconds": ledger,
        "result_seconds": result,
    }


def _time_second_run_and_fork(settings: Scenario, seed: int, world: World) -> dict[str, float]:
    """Time a run on an existing world, and a fork that shares its warm-up; copying counts towards the fork only."""
    start = time.perf_counter()
    model = Simulation(settings, seed=seed, world=world)
    step_until(model, world.warm_up)
    up_to_fork = time.perf_counter() - start
    fork, copy = time_call(model.fork)
    _, rest = time_call(lambda: step_until(model, world.weeks))
    ledger, _ = _time_result(model)
    _, own = time_call(lambda: step_until(fork, world.weeks))
    own_ledger, _ = _time_result(fork)
    return {
        "second_run_seconds": up_to_fork + rest + ledger,
        "fork_copy_seconds": copy,
        "fork_seconds": copy + own + own_ledger,
    }


def _time_steps(settings: Scenario, seed: int, world: World) -> dict[str, float]:
    """Time each step over all weeks of a separate run, because the timers slow a run down."""
    model = Simulation(settings, seed=seed, world=world)
    seconds = {step.name: 0.0 for step in model.plan}

    def add_timer(step: Step) -> Step:
        def run(model: Simulation) -> None:
            start = time.perf_counter()
            step.run(model)
            seconds[step.name] += time.perf_counter() - start

        return replace(step, run=run)

    model.plan = [add_timer(step) for step in model.plan]
    step_until(model, world.weeks)
    return seconds


def step_until(model: Simulation, week: int) -> None:
    """Step a model until `week` weeks have been simulated."""
    while model.week < week:
        model.step()


def _time_result(model: Simulation) -> tuple[float, float]:
    """Time the ledger alone, and the complete result including the ledger, in seconds."""
    ledger = 0.0
    build_spells_table = vars(cpsim.simulation)["build_spells_table"]

    def build_and_time(*args: Any) -> Any:
        nonlocal ledger
        spells, ledger = time_call(lambda: build_spells_table(*args))
        return spells

    with replace_attribute(cpsim.simulation, "build_spells_table", build_and_time):
        _, result = time_call(model.result)
    return ledger, result


def time_call(work: Callable[[], Result]) -> tuple[Result, float]:
    """Call `work`, and return its result and the seconds that it took."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start
