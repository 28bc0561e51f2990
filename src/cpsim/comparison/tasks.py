"""Run all arms of a comparison on some seeds, and keep their outcomes and children."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from cpsim.comparison.differences import MONEY, WEEKS, match_spells
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.experiment.outcomes import list_outcomes, read_outcome
from cpsim.histories.cache import open_cache
from cpsim.network.graphml import NetworkFileError
from cpsim.parallel.shared_history import simulate_arms
from cpsim.parallel.worlds import WorldCache
from cpsim.results import RunResult
from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation
from cpsim.world import World


class RunError(RuntimeError):
    """A run of a comparison raised an exception; the message has the seed and the traceback."""


@dataclass(frozen=True)
class RunTask:
    """All arms of a comparison on some seeds, which are simulated as a block.

    Attributes:
        arms: scenarios by name, the reference first.
        seeds: the seeds of all arms.
        with_children: whether to compare the outcomes of individual children.
    """

    arms: Mapping[str, Scenario]
    seeds: tuple[int, ...]
    with_children: bool


@dataclass(frozen=True)
class SeedResult:
    """The result of all arms on one seed.

    Attributes:
        outcomes: by arm, the outcomes for the table `runs`.
        pairing: by arm other than the reference, a code of `PAIRINGS`.
        is_own_prevalence: whether the scenarios are as they are, so that children are compared.
        children: rows of the table `children`, without arms that have other children; None if there are no rows or
            they are not requested.
    """

    outcomes: dict[str, dict[str, float]]
    pairing: dict[str, str]
    is_own_prevalence: bool
    children: pd.DataFrame | None


def run_task(task: RunTask) -> list[SeedResult]:
    """Run all arms of a task, and return the results by seed.

    Raises:
        NetworkFileError: a network file does not fit its scenario.
        RunError: a run raised any other exception.
    """
    try:
        return _run_arms(task)
    except NetworkFileError:
        raise
    except Exception as error:
        if len(task.seeds) > 1:  # any seed of a block may have caused it, and is named if it runs by itself
            return [run_task(replace(task, seeds=(seed,)))[0] for seed in task.seeds]
        raise RunError(f"seed {task.seeds[0]}: {error}\n{traceback.format_exc()}") from error


def _run_arms(task: RunTask) -> list[SeedResult]:
    arms: dict[int, dict[str, _ArmResult]] = {seed: {} for seed in task.seeds}
    for name, model in simulate_arms(task.arms, task.seeds, WorldCache(), open_cache()):
        arms[model.seed][name] = _ArmResult(name, model)
    return [_compare_arms(task, seed, by_name) for seed, by_name in arms.items()]


def _compare_arms(task: RunTask, seed: int, by_name: "dict[str, _ArmResult]") -> SeedResult:
    reference, *others = (by_name[name] for name in task.arms)
    pairing = {arm.name: _find_pairing(reference.world, arm.world) for arm in others}
    children = [
        match_spells(reference.spells, arm.spells, reference.horizon).assign(arm=arm.name, seed=seed)
        for arm in others
        if task.with_children and pairing[arm.name] != "seed"
    ]
    return SeedResult(
        outcomes={name: by_name[name].outcomes for name in task.arms},
        pairing=pairing,
        is_own_prevalence=task.with_children,
        children=pd.concat(children, ignore_index=True) if children else None,
    )


class _ArmResult:
    """The parts of an arm that are needed after its model has been deleted."""

    def __init__(self, name: str, model: Simulation) -> None:
        result = model.result()
        self.name, self.world, self.spells = name, model.world, result.spells
        self.horizon = result.horizon
        self.outcomes = _collect_outcomes(result, model.kinds)


def _collect_outcomes(result: RunResult, kinds: tuple[str, ...]) -> dict[str, float]:
    """Collect the summary of a run, and the totals of weeks in harm and of cost over the evaluated weeks."""
    outcomes = {outcome: read_outcome(result.summary, outcome) for outcome in list_outcomes(kinds)}
    evaluated = result.weekly[result.weekly["phase"] == "evaluated"]
    child_years = float(evaluated["children"].sum()) / WEEKS_PER_YEAR
    return outcomes | {
        WEEKS: float(evaluated["in_harm_unprotected"].sum()),
        MONEY: outcomes["cost_gbp_per_child_year"] * child_years,
    }


def _find_pairing(reference: World, world: World) -> str:
    """Find what two arms share: only the seed, also the children, or also the harm."""
    if not _has_equal_arrays(reference.children, world.children):
        return "seed"
    return "harm" if _has_equal_arrays(reference.spells, world.spells) else "children"


def _has_equal_arrays(one: Any, other: Any) -> bool:
    """Return whether two parts of a world have the same arrays."""
    return all(np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
