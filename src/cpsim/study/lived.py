"""What a worker does for a comparison: all arms lived through on one seed, and what is kept of them."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from cpsim.constants import WEEKS_PER_YEAR
from cpsim.model import ChildProtectionModel
from cpsim.network.graphml import NetworkFileError
from cpsim.results import RunResult
from cpsim.scenario.schema import Scenario
from cpsim.study.arms import live_arms
from cpsim.study.compared import MONEY, WEEKS, children_of
from cpsim.study.outcomes import every, value
from cpsim.study.worlds import Worlds
from cpsim.world import World


class RunFailed(RuntimeError):
    """A run of a comparison raised something; the message says where, and how it came about."""


@dataclass(frozen=True)
class Task:
    """All arms on one seed.

    Attributes:
        arms: scenarios by name, the reference first.
        seed: the seed of all of them.
        with_children: whether the children's fates are wanted.
    """

    arms: Mapping[str, Scenario]
    seed: int
    with_children: bool


@dataclass(frozen=True)
class Lived:
    """What is kept of a task.

    Attributes:
        figures: by arm, the columns of the table `runs` that it tells.
        pairing: by arm other than the reference, a code of `PAIRINGS`.
        children: rows of the table `children`; none of arms with other children, or if they are not wanted.
    """

    figures: dict[str, dict[str, float]]
    pairing: dict[str, str]
    children: pd.DataFrame | None


def live(task: Task) -> Lived:
    """Live through all arms of a task.

    Raises:
        NetworkFileError: a network of the user's own does not fit its scenario.
        RunFailed: a run raised something else.
    """
    try:
        return _lived(task)
    except NetworkFileError:
        raise
    except Exception as error:
        raise RunFailed(f"seed {task.seed}: {error}\n{traceback.format_exc()}") from error


def _lived(task: Task) -> Lived:
    arms = [_Arm(name, model) for name, model in live_arms(task.arms, task.seed, Worlds())]
    by_name = {arm.name: arm for arm in arms}
    reference, *others = (by_name[name] for name in task.arms)
    pairing = {arm.name: _pairing(reference.world, arm.world) for arm in others}
    children = [
        children_of(reference.spells, arm.spells).assign(arm=arm.name, seed=task.seed)
        for arm in others
        if task.with_children and pairing[arm.name] != "seed"
    ]
    return Lived(
        figures={name: by_name[name].figures for name in task.arms},
        pairing=pairing,
        children=pd.concat(children, ignore_index=True) if children else None,
    )


class _Arm:
    """What is needed of an arm when its model has been let go."""

    def __init__(self, name: str, model: ChildProtectionModel) -> None:
        result = model.result()
        self.name, self.world, self.spells = name, model.world, result.spells
        self.figures = _figures(result, model.kinds)


def _figures(result: RunResult, kinds: tuple[str, ...]) -> dict[str, float]:
    figures = {outcome: value(result.summary, outcome) for outcome in every(kinds)}
    judged = result.weekly[result.weekly["phase"] == "evaluated"]
    child_years = float(judged["children"].sum()) / WEEKS_PER_YEAR
    return figures | {
        WEEKS: float(judged["in_harm_unprotected"].sum()),
        MONEY: figures["cost_gbp_per_child_year"] * child_years,
    }


def _pairing(reference: World, world: World) -> str:
    if not _equal(reference.children, world.children):
        return "seed"
    return "harm" if _equal(reference.spells, world.spells) else "children"


def _equal(one: Any, other: Any) -> bool:
    """Whether two parts of a world hold the same arrays."""
    return all(np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
