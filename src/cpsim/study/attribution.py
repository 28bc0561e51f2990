"""Who answers for what was missed: stages made perfect, alone and together, on the same children.

All runs of a seed share one past until week 0 and the same draws after it, so a miss that turns is due to the perfect
stages alone. The value of a set of perfect stages is the number of misses that it takes away. The spells of harm are
the world's and the same in every run; a child is known again by its number and the week in which the harm begins.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pandas as pd

from cpsim import draws
from cpsim.agents.roster import release
from cpsim.arrays import Bools
from cpsim.measures.ledger import PRIMARY
from cpsim.model import ChildProtectionModel
from cpsim.results.attribution import ALL_ORDERS, AS_IT_IS, STAGE_GROUPS, Attribution
from cpsim.results.run_result import made_with, scenario_sha256
from cpsim.scenario.clock import warm_up_weeks, weeks_of
from cpsim.scenario.read import AnyScenario, resolved
from cpsim.scenario.schema import Scenario
from cpsim.study.analysis.inference import TAILS, student
from cpsim.study.engine import Engine
from cpsim.study.perfect import make_perfect
from cpsim.study.seeds import numbered
from cpsim.study.shapley import Players, Shares, all_sets, exact, joined_along, sampled, sampled_orders
from cpsim.study.tasks import answers

STAGES = tuple(STAGE_GROUPS)
NOTHING: Players = frozenset()
EVERYTHING = frozenset(STAGES)

OnWeek = Callable[[int, int], None]


def attribute(
    scenario: AnyScenario,
    seeds: int | Sequence[int] = 1,
    orders: int = ALL_ORDERS,
    overrides: Sequence[str] = (),
    *,
    engine: AbstractContextManager[Engine] | None = None,
    on_week: OnWeek = lambda *_: None,
) -> Attribution:
    """Read in three ways which stage answers for what a scenario misses: ledger, but for, and Shapley.

    Args:
        scenario: a `Scenario`, the name of a shipped one, a file, or a mapping.
        seeds: how many, from 1 on, or the seeds themselves.
        orders: how many orders of making stages perfect the Shapley shares are averaged over. All 720 of them take 64
            runs a seed, and the shares are exact; an even number from 2 on is sampled and takes fewer, 12 about 40.
        overrides: texts `path=value`, laid over the scenario.
        engine: workers that take the seeds, such as `local(4)`; this process one by one if None.
        on_week: called with (weeks lived, weeks to live in all runs); what it raises ends the work.

    Raises:
        ScenarioError: the scenario or an override is wrong.
        ValueError: the number of orders is odd or too small, or a seed is negative or comes twice.
    """
    started, begun = datetime.now(UTC), time.perf_counter()
    settings = resolved(scenario, overrides)
    numbers = numbered(seeds)
    tasks = [Task(settings, seed, _orders(orders, seed)) for seed in numbers]
    played = list(_one_by_one(tasks, on_week) if engine is None else _by_workers(tasks, engine, on_week))
    by_seed = pd.concat([readings_of(task, found) for task, found in zip(tasks, played, strict=True)])
    counted = min(task.counted for task in tasks)
    return Attribution(
        scenario=settings.name,
        seeds=numbers,
        orders=counted,
        table=_over_seeds(by_seed, counted),
        by_seed=by_seed,
        runs=pd.concat([_runs(task, found) for task, found in zip(tasks, played, strict=True)]),
        children=pd.concat([_turned(task, found) for task, found in zip(tasks, played, strict=True)]),
        provenance={
            "scenario_sha256": scenario_sha256(settings.model_dump(mode="python")),
            **made_with(started, time.perf_counter() - begun),
        },
    )


@dataclass(frozen=True)
class Task:
    """One seed.

    Attributes:
        scenario: the system as it is.
        seed: of the world.
        orders: sampled orders of making stages perfect, each followed by its reverse; none for all there are.
    """

    scenario: Scenario
    seed: int
    orders: tuple[tuple[str, ...], ...]

    @property
    def sets(self) -> list[Players]:
        """The sets of perfect stages to be run, small ones first: nothing, each alone, and all together among them."""
        wanted = joined_along(self.orders) if self.orders else all_sets(STAGES)
        wanted |= {NOTHING, EVERYTHING, *(frozenset([stage]) for stage in STAGES)}
        return sorted(wanted, key=lambda perfect: (len(perfect), _named(perfect)))

    @property
    def counted(self) -> int:
        """Orders that the shares are averaged over: all, if every set is run."""
        return len(self.orders) if len(self.sets) < 2 ** len(STAGES) else ALL_ORDERS

    @property
    def weeks(self) -> int:
        """Weeks to be lived through in all runs."""
        clock = self.scenario.clock
        past = warm_up_weeks(clock)
        return past + len(self.sets) * (weeks_of(clock) - past)


@dataclass(frozen=True)
class Played:
    """What was found for one seed.

    Attributes:
        spells: the judged spells in the run as it is: `child`, `onset`, `cause`, shape (J,).
        missed: by set of perfect stages, whether each spell is missed, shape (J,).
    """

    spells: pd.DataFrame
    missed: dict[Players, Bools]

    def value(self, perfect: Players) -> float:
        """Misses that a set of perfect stages takes away, less those that it brings."""
        return float(self.missed[NOTHING].sum() - self.missed[perfect].sum())


def play(task: Task, on_week: Callable[[int], None] = lambda _: None) -> Played:
    """Live through one past and from week 0 on through every set of perfect stages; `on_week` hears weeks lived."""
    trunk = ChildProtectionModel(task.scenario, seed=task.seed, collect=False)
    try:
        lived = _live_until(trunk, trunk.world.warm_up, 0, on_week)
        missed: dict[Players, Bools] = {}
        spells = pd.DataFrame()
        for perfect in task.sets:
            found = _run_of(trunk, perfect, partial(_live_until, lived=lived, on_week=on_week))
            lived += trunk.world.weeks - trunk.world.warm_up
            missed[perfect] = (found[f"result_{PRIMARY}w"] == "missed").to_numpy()
            if perfect == NOTHING:
                spells = found[["child", "onset", "cause"]]
        return Played(spells, missed)
    finally:
        release(trunk)


def _run_of(
    trunk: ChildProtectionModel, perfect: Players, live: Callable[[ChildProtectionModel, int], int]
) -> pd.DataFrame:
    """The table of spells when a model goes on with these stages perfect."""
    model = trunk.fork()
    try:
        make_perfect(model, perfect)
        live(model, model.world.weeks)
        return model.spells()
    finally:
        release(model)


def _live_until(model: ChildProtectionModel, week: int, lived: int, on_week: Callable[[int], None]) -> int:
    """Step a model to a week and tell of each; returns the weeks lived with it, `lived` before."""
    while model.week < week:
        model.step()
        lived += 1
        on_week(lived)
    return lived


def readings_of(task: Task, played: Played) -> pd.DataFrame:
    """The table `by_seed` of one seed."""
    cause = played.spells["cause"].to_numpy()
    as_it_is = played.missed[NOTHING]
    total = as_it_is.sum() or np.nan
    shares = shapley(task, played.value)
    rows = []
    for stage, causes in STAGE_GROUPS.items():
        alone = played.missed[frozenset([stage])]
        rescued = int((as_it_is & ~alone).sum())
        rows.append(
            {
                "seed": task.seed,
                "stage": stage,
                "ledger_share": np.isin(cause[as_it_is].astype(str), causes).sum() / total,
                "but_for_share": rescued / total,
                "shapley_share": shares.share[stage] / total,
                "shapley_error": shares.error[stage] / total,
                "rescued": rescued,
                "newly_missed": int((~as_it_is & alone).sum()),
            }
        )
    return pd.DataFrame(rows)


def shapley(task: Task, value: Callable[[Players], float]) -> Shares:
    """Shares of the stages: exact if every set was run, else over the sampled orders."""
    if task.counted == ALL_ORDERS:
        return exact(STAGES, value)
    return sampled(STAGES, value, task.orders)


def _over_seeds(by_seed: pd.DataFrame, orders: int) -> pd.DataFrame:
    """The table over seeds: means, and 95 % intervals over seeds; of one seed over pairs of sampled orders."""
    from scipy.stats import t

    groups = by_seed.groupby("stage", sort=False)
    table: pd.DataFrame = groups.mean().drop(columns="seed")
    for reading in ("but_for", "shapley"):
        told = student(np.stack([own[f"{reading}_share"].to_numpy(np.float64) for _, own in groups]))
        table[f"{reading}_low"], table[f"{reading}_high"] = told["low"].to_numpy(), told["high"].to_numpy()
    share, error = table["shapley_share"], table["shapley_error"]
    if by_seed["seed"].nunique() > 1:
        table["shapley_error"] = groups["shapley_share"].sem()
    else:
        half = t.ppf(TAILS[1], max(orders // 2 - 1, 1)) * error
        table["shapley_low"], table["shapley_high"] = share - half, share + half
    table["causes"] = [", ".join(STAGE_GROUPS[str(stage)]) for stage in table.index]
    return table.reset_index()


def _runs(task: Task, played: Played) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "seed": task.seed,
            "perfect": _named(perfect),
            "spells": len(missed),
            "missed": int(missed.sum()),
        }
        for perfect, missed in played.missed.items()
    )


def _turned(task: Task, played: Played) -> pd.DataFrame:
    """The spells whose fate a stage alone turns, stage by stage."""
    as_it_is = played.missed[NOTHING]
    parts = []
    for stage in STAGES:
        turned = as_it_is != played.missed[frozenset([stage])]
        own: pd.DataFrame = played.spells[turned]
        parts.append(own.assign(seed=task.seed, stage=stage, rescued=as_it_is[turned]))
    together: pd.DataFrame = pd.concat(parts)
    return together


def _named(perfect: Players) -> str:
    return " + ".join(stage for stage in STAGES if stage in perfect) or AS_IT_IS


def _one_by_one(tasks: Sequence[Task], on_week: OnWeek) -> Iterator[Played]:
    total, lived = sum(task.weeks for task in tasks), 0
    for task in tasks:
        yield play(task, partial(_tell, on_week, lived, total))
        lived += task.weeks


def _tell(on_week: OnWeek, before: int, total: int, weeks: int) -> None:
    on_week(before + weeks, total)


def _by_workers(
    tasks: Sequence[Task], engine: AbstractContextManager[Engine], on_week: OnWeek
) -> list[Played]:
    each, total = tasks[0].weeks, sum(task.weeks for task in tasks)
    with engine as workers:
        return answers(play, tasks, workers, lambda done: on_week(min(done * each, total), total))


def _orders(orders: int, seed: int) -> tuple[tuple[str, ...], ...]:
    """The sampled orders of one seed, none for all of them."""
    if orders < 2 or orders % 2:
        raise ValueError(f"orders are sampled in pairs, so an even number from 2 on, not {orders}")
    if orders >= ALL_ORDERS:
        return ()
    return tuple(sampled_orders(STAGES, orders // 2, draws.dense(seed, "orders of perfect stages")))
