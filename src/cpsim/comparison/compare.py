"""Compares scenarios on the same seeds: what differs, for which children, and how much of it may be chance.

Unless the number of seeds is fixed, a comparison has two stages: pilot seeds show how many seeds settle the primary
outcome, and these are run; see `cpsim.comparison.primary`.

>>> from cpsim.comparison.compare import PREVALENCES
>>> PREVALENCES
(0.01, 0.02, 0.04)
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain, count
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cpsim.blocks.size import BlockSize, choose_block_size
from cpsim.comparison.differences import (
    Families,
    compute_differences,
    compute_prices,
    count_flows,
    count_turns,
)
from cpsim.comparison.prevalence import scale_to_prevalence
from cpsim.comparison.primary import PILOT_SEEDS, Primary, choose_primary, count_seeds_needed
from cpsim.comparison.tasks import RunTask, SeedResult, run_task
from cpsim.experiment.estimate import SECONDS_TO_START, estimate_task_seconds
from cpsim.experiment.outcomes import check_primary_outcome
from cpsim.formatting import format_count, format_difference, format_list, format_noun
from cpsim.inference import count_tests, subtract
from cpsim.parallel.engine import SLOTS_PER_WORKER, Engine, open_local_engine
from cpsim.parallel.tasks import run_tasks
from cpsim.reach.near import list_near_outcomes
from cpsim.results.comparison import Comparison
from cpsim.results.comparison_tables import COMPARISON_TABLES, PAIRINGS
from cpsim.results.run_result import describe_environment, hash_scenario
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import AnyScenario, Overrides, load_with_places, resolve_scenario
from cpsim.scenario.schema import LONGEST_NAME, Scenario
from cpsim.scenario.text import escape_unsafe
from cpsim.scenario.tiles import refuse_tiles
from cpsim.seeds import list_seeds
from cpsim.world.comparable import check_arms

__all__ = ["PREVALENCES", "ComparisonError", "ComparisonProgress", "compare"]

MOST_SEEDS = 60
"""Most seeds that a comparison in two stages runs by default."""

PREVALENCES = (0.01, 0.02, 0.04)
"""Shares of children in significant harm, if no one intervened, for which a conclusion is shown by default."""


class ComparisonError(ValueError):
    """The arguments do not make a comparison; nothing was run.

    >>> compare("small")
    Traceback (most recent call last):
    ...
    cpsim.comparison.compare.ComparisonError: a comparison needs at least two scenarios
    """


@dataclass(frozen=True)
class ComparisonProgress:
    """Progress of a comparison.

    Attributes:
        runs: number of runs in all, in the pilot stage only of this stage.
        done: number of runs done.
        seconds: seconds since the start.
        so_far: what the seeds that are done show of the primary outcome; no verdict, because more seeds follow.
        failed: number of runs that failed, always 0: a failed run ends the comparison.

    >>> progress = ComparisonProgress(runs=40, done=10, seconds=12.0)
    >>> progress.now / progress.runs
    0.25
    """

    runs: int
    done: int
    seconds: float
    so_far: str = ""
    failed: int = 0

    @property
    def now(self) -> int:
        """Number of runs done by this command: all of them, because a comparison cannot be continued."""
        return self.done


@dataclass(frozen=True)
class ComparisonPlan:
    """A comparison that is ready to run.

    Attributes:
        arms: scenarios by name, the reference first.
        seeds: seeds that every arm is run on; in two stages those of the pilot.
        prevalences: None for the scenarios as they are, then shares of children in harm.
        primary: the outcome by which the comparison is judged first.
        most_seeds: most seeds of a comparison in two stages; None if the number of seeds is fixed.
    """

    arms: dict[str, Scenario]
    seeds: tuple[int, ...]
    prevalences: tuple[float | None, ...]
    primary: Primary
    most_seeds: int | None = None

    @property
    def runs(self) -> int:
        """Number of runs with these seeds."""
        return len(self.arms) * len(self.seeds) * len(self.prevalences)

    @cached_property
    def near(self) -> dict[str, tuple[str, ...]]:
        """The outcomes near each arm other than the reference."""
        (_, reference), *others = self.arms.items()
        return {name: list_near_outcomes(scenario, reference) for name, scenario in others}

    @cached_property
    def scenarios_by_prevalence(self) -> dict[float | None, dict[str, Scenario]]:
        """The arms at each prevalence, by name.

        Raises:
            PrevalenceUnreachable: no onset rate leads to a prevalence.
        """
        return {prevalence: self._scale_arms(prevalence) for prevalence in self.prevalences}

    def _scale_arms(self, prevalence: float | None) -> dict[str, Scenario]:
        if prevalence is None:
            return self.arms
        scaled: dict[str, Scenario] = {}
        for name, scenario in self.arms.items():
            like = next((other for other in scaled if _has_same_harm(self.arms[other], scenario)), None)
            harm = scaled[like].harm if like else scale_to_prevalence(scenario, prevalence).harm
            scaled[name] = scenario.model_copy(update={"harm": harm})
        return scaled

    def choose_block_size(self, slots: int) -> BlockSize:
        """Choose how many seeds are simulated together if `slots` tasks are to be under way at the same time."""
        # Each prevalence has tasks of its own, which keep the workers busy as well.
        return choose_block_size(self.arms.values(), len(self.seeds), ceil(slots / len(self.prevalences)))

    def list_tasks(self, slots: int, done: int = 0) -> list[RunTask]:
        """List the tasks of the workers, prevalence by prevalence and seed by seed.

        Args:
            slots: number of tasks that are to be under way at the same time.
            done: number of seeds that have been run with the scenarios as they are.
        """
        size = self.choose_block_size(slots).seeds
        return [
            RunTask(arms, self.seeds[first : first + size], with_children=prevalence is None)
            for prevalence, arms in self.scenarios_by_prevalence.items()
            for first in range(done if prevalence is None else 0, len(self.seeds), size)
        ]

    def estimate_seconds(self, workers: int) -> float:
        """Estimate how many seconds the comparison takes, from short runs of the reference.

        Args:
            workers: number of worker processes.
        """
        tasks = self.list_tasks(SLOTS_PER_WORKER * workers)
        seconds_per_task = estimate_task_seconds(list(self.arms.values()), tasks[0].seeds)
        return SECONDS_TO_START + seconds_per_task * ceil(len(tasks) / workers)


def compare(
    *scenarios: AnyScenario,
    seeds: int | Sequence[int] | None = None,
    most_seeds: int = MOST_SEEDS,
    prevalences: Sequence[float] = PREVALENCES,
    overrides: Overrides = (),
    engine: AbstractContextManager[Engine] | None = None,
    on_progress: Callable[[ComparisonProgress], None] = lambda _: None,
) -> Comparison:
    """Run scenarios on the same seeds and compare each with the first.

    Without `seeds`, ten pilot seeds show how many seeds settle the primary outcome, and these are run.

    Args:
        *scenarios: at least two; each a `Scenario`, the name of a shipped one, a file, or a mapping.
        seeds: how many, from 1, or the seeds themselves; None for as many as settle the primary outcome.
        most_seeds: most seeds that are run to settle it.
        prevalences: shares of children in significant harm, if no one intervened, for which everything is run again;
            empty for none.
        overrides: values by path, or texts `path=value`, that replace settings of every scenario.
        engine: the workers, such as `open_local_engine(4)` or `open_in_process_engine()`; if None, one
            process for each core.
        on_progress: called several times a second; an exception from it ends the work.

    Raises:
        ScenarioError: a scenario or an override is wrong.
        ComparisonError: the scenarios evaluate different years, or there are too few scenarios or seeds.
        PrevalenceUnreachable: no onset rate leads to a prevalence.
        NetworkFileError: a network file does not fit its scenario.
        EngineError: the workers cannot be reached.
        RunError: a run failed.

    >>> from cpsim.parallel.engine import open_in_process_engine
    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> lower = town | {"name": "lower", "front_door": {"referral_threshold": 2.0}}
    >>> comparison = compare(town, lower, seeds=2, prevalences=(), engine=open_in_process_engine())
    >>> comparison.arms, comparison.seeds
    (('small', 'lower'), (1, 2))
    """
    plan = plan_comparison(scenarios, seeds, prevalences, overrides, most_seeds=most_seeds)
    return run_comparison(plan, engine, on_progress)


def plan_comparison(
    scenarios: Sequence[AnyScenario],
    seeds: int | Sequence[int] | None = None,
    prevalences: Sequence[float] = PREVALENCES,
    overrides: Overrides = (),
    *,
    most_seeds: int = MOST_SEEDS,
) -> ComparisonPlan:
    """Check the arguments of a comparison and list what it will run; arguments and errors as for `compare`."""
    if len(scenarios) < 2:
        raise ComparisonError("a comparison needs at least two scenarios")
    try:
        numbers = list_seeds(PILOT_SEEDS if seeds is None else seeds)
    except ValueError as error:
        raise ComparisonError(str(error)) from error
    if seeds is None and most_seeds < PILOT_SEEDS:
        raise ComparisonError(
            f"a comparison in two stages needs at least {PILOT_SEEDS} seeds, not {most_seeds}; name a fixed number "
            f"instead, with seeds={most_seeds} or --seeds {most_seeds}"
        )
    shares = tuple(float(share) for share in prevalences)
    if not all(0 < share < 1 for share in shares) or len(set(shares)) < len(shares):
        raise ComparisonError("prevalences are shares of children between 0 and 1, without repeats")
    arms = _name_arms(scenarios, overrides)
    try:
        check_arms(_dump_settings(arms))
        primary = choose_primary(arms)
    except ScenarioError:
        raise
    except ValueError as error:
        raise ComparisonError(str(error)) from error
    return ComparisonPlan(arms, numbers, (None, *shares), primary, most_seeds if seeds is None else None)


def run_comparison(
    plan: ComparisonPlan,
    engine: AbstractContextManager[Engine] | None = None,
    on_progress: Callable[[ComparisonProgress], None] = lambda _: None,
    on_seeds: Callable[[ComparisonPlan, int], None] = lambda *_: None,
) -> Comparison:
    """Run a planned comparison; arguments and errors as for `compare`.

    Args:
        plan: the plan.
        engine: the workers.
        on_progress: called several times a second.
        on_seeds: called after the pilot stage with the plan of all seeds, and the number of seeds that would settle
            the primary outcome, which is larger if there are not enough.
    """
    started, begun = datetime.now(UTC), time.perf_counter()
    with engine or open_local_engine(os.cpu_count() or 1) as workers:
        watch = _RunCounter(plan, begun, on_progress)
        if plan.most_seeds is None:
            results = watch.run(plan.list_tasks(workers.count_slots()), workers)
            return _collect_comparison(plan, results, started, time.perf_counter() - begun)
        first = replace(plan, prevalences=(None,))
        pilot = watch.run(first.list_tasks(workers.count_slots()), workers)
        needed = _count_seeds_needed(plan, pilot)
        whole = replace(plan, seeds=list_seeds(min(needed, plan.most_seeds)))
        on_seeds(whole, needed)
        watch.plan = whole
        others = watch.run(whole.list_tasks(workers.count_slots(), done=len(pilot)), workers)
    return _collect_comparison(whole, [*pilot, *others], started, time.perf_counter() - begun)


class _RunCounter:
    """Runs tasks, and reports how many runs are done and what they show so far."""

    def __init__(
        self, plan: ComparisonPlan, begun: float, on_progress: Callable[[ComparisonProgress], None]
    ) -> None:
        self.plan = plan
        self._begun, self._on_progress = begun, on_progress
        self._done = 0
        self._primary: dict[str, list[float]] = {arm: [] for arm in plan.arms}

    def run(self, tasks: list[RunTask], workers: Engine) -> list[SeedResult]:
        """Run tasks, and return their results in the order of the tasks."""
        planned = self._done + sum(len(task.seeds) for task in tasks) * len(self.plan.arms)

        def on_tick(_: int) -> None:
            seconds = time.perf_counter() - self._begun
            self._on_progress(ComparisonProgress(planned, self._done, seconds, self._describe()))

        results = run_tasks(run_task, tasks, workers, on_tick, self._take)
        return list(chain.from_iterable(results))

    def _take(self, results: list[SeedResult]) -> None:
        self._done += len(results) * len(self.plan.arms)
        for result in results:
            if result.is_own_prevalence:
                for arm, values in self._primary.items():
                    values.append(result.outcomes[arm][self.plan.primary.outcome])

    def _describe(self) -> str:
        """Describe the mean difference in the primary outcome in the seeds that are done."""
        (_, before), *others = self._primary.items()
        name, seeds = self.plan.primary.outcome, len(before)
        known = {
            arm: np.nanmean(np.subtract(after, before))
            if np.isfinite(np.subtract(after, before)).any()
            else np.nan
            for arm, after in others
        }
        if not seeds:
            return ""
        found = format_list(
            f"{format_difference(name, float(mean))}{f' ({arm})' if len(others) > 1 else ''}"
            for arm, mean in known.items()
        )
        return f"so far ({format_count(seeds, 'seed')}): {format_noun(name)} {found}"


def _count_seeds_needed(plan: ComparisonPlan, pilot: list[SeedResult]) -> int:
    """Count the seeds that settle the primary outcome, from those of the pilot stage."""
    reference, *others = plan.arms
    table = np.array(
        [[result.outcomes[arm][plan.primary.outcome] for result in pilot] for arm in (reference, *others)]
    )
    differences = subtract(table[1:], table[:1])
    return count_seeds_needed(differences, plan.primary.aim, count_tests(differences))


def _collect_comparison(
    plan: ComparisonPlan, results: list[SeedResult], started: datetime, seconds: float
) -> Comparison:
    arms, scenarios = tuple(plan.arms), _dump_settings(plan.arms)
    results = sorted(
        results, key=lambda result: not result.is_own_prevalence
    )  # stable: prevalence by prevalence
    runs, children, pairing = (
        _tabulate_runs(plan, results),
        _tabulate_children(results),
        _find_pairing(results),
    )
    comparable = [arm for arm, common in pairing.items() if common != "seed"]
    pilot = None if plan.most_seeds is None else PILOT_SEEDS
    families = Families(plan.primary.outcome, plan.near, pilot)
    return Comparison(
        arms=arms,
        scenarios=scenarios,
        pairing=pairing,
        seeds=plan.seeds,
        prevalences=plan.prevalences,
        primary=plan.primary.outcome,
        interest=plan.primary.interest,
        pilot=pilot,
        near={arm: list(names) for arm, names in plan.near.items()},
        runs=runs,
        differences=compute_differences(
            runs, arms, families, [arm for arm in pairing if arm not in comparable]
        ),
        children=children,
        flows=count_flows(children, comparable, plan.seeds),
        turns=count_turns(children, comparable, plan.seeds),
        prices=compute_prices(runs, [arms[0], *comparable]),
        provenance={
            "scenario_sha256": {arm: hash_scenario(scenario) for arm, scenario in scenarios.items()},
            "onset_per_year": _tabulate_onset_rates(plan),
            **describe_environment(started, seconds),
        },
    )


def _tabulate_runs(plan: ComparisonPlan, results: list[SeedResult]) -> pd.DataFrame:
    """Build the table of runs: prevalence by prevalence, arm by arm, seed by seed."""
    seeds = len(plan.seeds)
    rows = [
        {"prevalence": prevalence, "arm": arm, "seed": seed, **result.outcomes[arm]}
        for place, prevalence in enumerate(plan.prevalences)
        for arm in plan.arms
        for seed, result in zip(plan.seeds, results[place * seeds : (place + 1) * seeds], strict=True)
    ]
    return pd.DataFrame(rows).astype({"prevalence": "float64"})


def _tabulate_children(results: list[SeedResult]) -> pd.DataFrame:
    """Build the table of children: arm by arm, seed by seed."""
    parts = [result.children for result in results if result.children is not None]
    if not parts:
        return pd.DataFrame(columns=list(COMPARISON_TABLES["children"]))
    together = pd.concat(parts, ignore_index=True)
    place = {arm: place for place, arm in enumerate(together["arm"].unique())}
    return together.sort_values("arm", key=lambda arm: arm.map(place), kind="stable", ignore_index=True)


def _find_pairing(results: list[SeedResult]) -> dict[str, str]:
    """Find the least that each arm has in common with the reference in any seed."""
    least_first = list(PAIRINGS)[::-1]
    return {
        arm: min((result.pairing[arm] for result in results), key=least_first.index)
        for arm in results[0].pairing
    }


def _dump_settings(arms: Mapping[str, Scenario]) -> dict[str, dict[str, Any]]:
    """Return the settings of each arm, with the name of the arm, so that a repetition has the same names."""
    return {arm: scenario.model_dump(mode="python") | {"name": arm} for arm, scenario in arms.items()}


def _tabulate_onset_rates(plan: ComparisonPlan) -> dict[str, dict[str, float]]:
    """List the values of `harm.onset_per_year` by prevalence and arm, with which each run can be repeated."""
    return {
        f"{prevalence:g}": {name: scenario.harm.onset_per_year for name, scenario in arms.items()}
        for prevalence, arms in plan.scenarios_by_prevalence.items()
        if prevalence is not None
    }


def _name_arms(scenarios: Sequence[AnyScenario], overrides: Overrides) -> dict[str, Scenario]:
    """Name the arms by their scenarios; a name that is repeated gets the name of its file, or a number."""
    arms: dict[str, Scenario] = {}
    for given in scenarios:
        scenario = _read(given, overrides)
        refuse_tiles(scenario)
        name = escape_unsafe(scenario.name)
        file = [f"{name} ({escape_unsafe(Path(given).name)})"] if isinstance(given, str | Path) else []
        file = [longer for longer in file if len(longer) <= LONGEST_NAME]
        numbered = (f"{name[: LONGEST_NAME - 9]} ({number})" for number in count(2))
        arms[next(free for free in chain([name], file, numbered) if free not in arms)] = scenario
    return arms


def _read(given: AnyScenario, overrides: Overrides) -> Scenario:
    """Read a scenario, and check the primary outcome that it names while its place in a file is known."""
    if not isinstance(given, str | os.PathLike):
        return resolve_scenario(given, overrides)
    scenario, settings = load_with_places(given, overrides)
    check_primary_outcome(scenario, settings)
    return scenario


def _has_same_harm(one: Scenario, other: Scenario) -> bool:
    """Return whether the same onset rate leads to the same share of children in harm."""
    return all(
        getattr(one, part) == getattr(other, part) for part in ("clock", "population", "harm", "authorities")
    )
