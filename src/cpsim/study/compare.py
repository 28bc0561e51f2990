"""Several scenarios on the same seeds, side by side: what differs, for which children, and what chance can do."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain, count
from math import ceil
from pathlib import Path
from typing import Any

import pandas as pd

from cpsim.results.comparison import Comparison
from cpsim.results.comparison_tables import COMPARISON_TABLES, PAIRINGS
from cpsim.results.run_result import made_with, scenario_sha256
from cpsim.scenario.problems import printable
from cpsim.scenario.read import AnyScenario, resolved
from cpsim.scenario.schema import Scenario
from cpsim.study.compared import differences_of, flows_of, prices_of, turns_of
from cpsim.study.engine import Engine, local
from cpsim.study.estimate import SECONDS_TO_START, seconds_together
from cpsim.study.lived import Lived, Task, live
from cpsim.study.prevalence import with_prevalence
from cpsim.study.seeds import numbered
from cpsim.study.tasks import answers

PREVALENCES = (0.01, 0.02, 0.04)
"""Shares of children in significant harm if nobody intervened, at which a conclusion is shown unless told otherwise."""


class CannotCompare(ValueError):
    """What was asked for is no comparison; nothing was run."""


@dataclass(frozen=True)
class Progress:
    """How far a comparison is: runs in all, those done, and seconds since it began."""

    runs: int
    done: int
    seconds: float
    failed: int = 0

    @property
    def now(self) -> int:
        """Runs done by this command: all of them, since a comparison is not continued."""
        return self.done


@dataclass(frozen=True)
class Plan:
    """A comparison that can be carried out.

    Attributes:
        arms: scenarios by name, the reference first.
        seeds: those that every arm is run on.
        prevalences: None for the scenarios as they are, then the shares of children in harm.
    """

    arms: dict[str, Scenario]
    seeds: tuple[int, ...]
    prevalences: tuple[float | None, ...]

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self.arms) * len(self.seeds) * len(self.prevalences)

    @cached_property
    def worlds(self) -> dict[float | None, dict[str, Scenario]]:
        """The arms at each prevalence.

        Raises:
            Unreachable: no number of onsets leads to a prevalence.
        """
        return {prevalence: self._at(prevalence) for prevalence in self.prevalences}

    def _at(self, prevalence: float | None) -> dict[str, Scenario]:
        if prevalence is None:
            return self.arms
        scaled: dict[str, Scenario] = {}
        for name, scenario in self.arms.items():
            same = next((other for other in scaled if _same_harm(self.arms[other], scenario)), None)
            harm = scaled[same].harm if same else with_prevalence(scenario, prevalence).harm
            scaled[name] = scenario.model_copy(update={"harm": harm})
        return scaled

    @cached_property
    def tasks(self) -> list[Task]:
        """All that is to be lived through, prevalence by prevalence."""
        return [
            Task(arms, seed, with_children=prevalence is None)
            for prevalence, arms in self.worlds.items()
            for seed in self.seeds
        ]

    def expected_seconds(self, workers: int) -> float:
        """About how long it takes with so many workers, scaled from short runs of the reference."""
        of_a_task = seconds_together(list(self.arms.values()), self.seeds[0])
        return SECONDS_TO_START + of_a_task * ceil(len(self.tasks) / workers)


def compare(
    *scenarios: AnyScenario,
    seeds: int | Sequence[int] = 20,
    prevalences: Sequence[float] = PREVALENCES,
    overrides: Sequence[str] = (),
    engine: AbstractContextManager[Engine] | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Comparison:
    """Run scenarios on the same seeds and compare each with the first.

    Args:
        *scenarios: at least two; each a `Scenario`, the name of a shipped one, a file, or a mapping.
        seeds: how many, from 1 on, or the seeds themselves.
        prevalences: shares of children in significant harm if nobody intervened, at which everything is run again; none
            to leave that out.
        overrides: texts `path=value`, laid over every scenario.
        engine: the workers, such as `local(4)` or `here()`; a process for each core if None.
        on_progress: called several times a second; what it raises ends the work.

    Raises:
        ScenarioError: a scenario or an override is wrong.
        CannotCompare: the scenarios judge different years, or there are too few of anything.
        Unreachable: no number of onsets leads to a prevalence.
        NetworkFileError: a network of the user's own does not fit its scenario.
        EngineFailed: the workers cannot be reached.
        RunFailed: a run raised something.
    """
    return carried_out(planned(scenarios, seeds, prevalences, overrides), engine, on_progress)


def planned(
    scenarios: Sequence[AnyScenario],
    seeds: int | Sequence[int] = 20,
    prevalences: Sequence[float] = PREVALENCES,
    overrides: Sequence[str] = (),
) -> Plan:
    """What a comparison would run; arguments and faults as for `compare`."""
    if len(scenarios) < 2:
        raise CannotCompare("a comparison needs at least two scenarios")
    try:
        numbers = numbered(seeds)
    except ValueError as error:
        raise CannotCompare(str(error)) from error
    shares = tuple(float(share) for share in prevalences)
    if not all(0 < share < 1 for share in shares) or len(set(shares)) < len(shares):
        raise CannotCompare("a prevalence is a share of children between 0 and 1, each once")
    arms = _arms(scenarios, overrides)
    _refuse_different_years(arms)
    return Plan(arms, numbers, (None, *shares))


def carried_out(
    plan: Plan,
    engine: AbstractContextManager[Engine] | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Comparison:
    """Run what is planned; arguments and faults as for `compare`."""
    started, begun = datetime.now(UTC), time.perf_counter()

    def on_tick(done: int) -> None:
        on_progress(Progress(plan.runs, done * len(plan.arms), time.perf_counter() - begun))

    tasks = plan.tasks
    with engine or local(os.cpu_count() or 1) as workers:
        lived = answers(live, tasks, workers, on_tick)
    return _comparison(plan, lived, started, time.perf_counter() - begun)


def _comparison(plan: Plan, lived: list[Lived], started: datetime, seconds: float) -> Comparison:
    arms, scenarios = tuple(plan.arms), _plain(plan.arms)
    runs, children, pairing = _runs(plan, lived), _children(lived), _pairing(lived)
    alike = [arm for arm, common in pairing.items() if common != "seed"]
    return Comparison(
        arms=arms,
        scenarios=scenarios,
        pairing=pairing,
        seeds=plan.seeds,
        prevalences=plan.prevalences,
        runs=runs,
        differences=differences_of(runs, arms),
        children=children,
        flows=flows_of(children, alike, plan.seeds),
        turns=turns_of(children, alike, plan.seeds),
        prices=prices_of(runs, arms),
        provenance={
            "scenario_sha256": {arm: scenario_sha256(scenario) for arm, scenario in scenarios.items()},
            "onset_per_year": _onsets(plan),
            **made_with(started, seconds),
        },
    )


def _runs(plan: Plan, lived: list[Lived]) -> pd.DataFrame:
    """The table of runs: prevalence by prevalence, arm by arm, seed by seed."""
    seeds = len(plan.seeds)
    rows = [
        {"prevalence": prevalence, "arm": arm, "seed": seed, **answer.figures[arm]}
        for place, prevalence in enumerate(plan.prevalences)
        for arm in plan.arms
        for seed, answer in zip(plan.seeds, lived[place * seeds : (place + 1) * seeds], strict=True)
    ]
    return pd.DataFrame(rows).astype({"prevalence": "float64"})


def _children(lived: list[Lived]) -> pd.DataFrame:
    """The table of children: arm by arm, seed by seed."""
    found = [answer.children for answer in lived if answer.children is not None]
    if not found:
        return pd.DataFrame(columns=list(COMPARISON_TABLES["children"]))
    together = pd.concat(found, ignore_index=True)
    place = {arm: place for place, arm in enumerate(together["arm"].unique())}
    return together.sort_values("arm", key=lambda arm: arm.map(place), kind="stable", ignore_index=True)


def _pairing(lived: list[Lived]) -> dict[str, str]:
    """The least that each arm has in common with the reference in any seed."""
    least_first = list(PAIRINGS)[::-1]
    return {
        arm: min((answer.pairing[arm] for answer in lived), key=least_first.index) for arm in lived[0].pairing
    }


def _plain(arms: Mapping[str, Scenario]) -> dict[str, dict[str, Any]]:
    return {arm: scenario.model_dump(mode="python") for arm, scenario in arms.items()}


def _onsets(plan: Plan) -> dict[str, dict[str, float]]:
    """What `harm.onset_per_year` was set to, by prevalence and arm: enough to run each of them again."""
    return {
        f"{prevalence:g}": {name: scenario.harm.onset_per_year for name, scenario in arms.items()}
        for prevalence, arms in plan.worlds.items()
        if prevalence is not None
    }


def _arms(scenarios: Sequence[AnyScenario], overrides: Sequence[str]) -> dict[str, Scenario]:
    """The arms by name; a name that comes again is numbered."""
    arms: dict[str, Scenario] = {}
    for given in scenarios:
        scenario = resolved(given, overrides)
        name = printable(Path(given).stem if isinstance(given, str | Path) else scenario.name)
        numbered = (f"{name} ({number})" for number in count(2))
        arms[next(free for free in chain([name], numbered) if free not in arms)] = scenario
    return arms


def _same_harm(one: Scenario, other: Scenario) -> bool:
    """Whether as many onsets lead to the same share of children in harm."""
    return all(
        getattr(one, part) == getattr(other, part) for part in ("clock", "population", "harm", "authorities")
    )


def _refuse_different_years(arms: Mapping[str, Scenario]) -> None:
    reference, *others = arms
    clock = arms[reference].clock
    for name in others:
        other = arms[name].clock
        parts = [part for part in type(clock).model_fields if getattr(clock, part) != getattr(other, part)]
        if parts:
            told = ", ".join(
                f"clock.{part} is {getattr(clock, part)} in {reference} and {getattr(other, part)} in {name}"
                for part in parts
            )
            same = " ".join(f"--set clock.{part}={getattr(other, part)}" for part in parts)
            raise CannotCompare(
                f"{reference} and {name} judge different years: {told}. "
                f"Give all the same, such as with: {same}"
            )
