"""Attribution of misses to stages: stages are made perfect, alone and together, for the same children.

All runs of a seed share one history up to week 0 and the same draws after it, so a change of result is due to the
perfect stages alone. The value of a set of perfect stages is the number of misses that it averts. The spells of harm
belong to the world and are the same in every run; a spell is identified by its child and its week of onset.
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
from cpsim.arrays import Bools
from cpsim.attribution.perfect_stages import make_stages_perfect
from cpsim.attribution.shapley import (
    Coalition,
    ShapleyShares,
    compute_exact_shares,
    estimate_shares,
    list_all_coalitions,
    list_coalitions_in,
    sample_orders,
)
from cpsim.inference import TAILS, summarise_replicates
from cpsim.measures.horizons import result_column
from cpsim.parallel.engine import Engine
from cpsim.parallel.tasks import run_tasks
from cpsim.results.attribution import ALL_ORDERS, AS_IT_IS, STAGE_GROUPS, Attribution
from cpsim.results.run_result import describe_environment, hash_scenario
from cpsim.scenario.clock import total_weeks, warm_up_weeks
from cpsim.scenario.read import AnyScenario, Overrides, resolve_scenario
from cpsim.scenario.schema import Scenario
from cpsim.seeds import list_seeds
from cpsim.simulation import Simulation

__all__ = ["attribute"]

STAGES = tuple(STAGE_GROUPS)
NO_STAGES: Coalition = frozenset()
ALL_STAGES = frozenset(STAGES)

OnWeek = Callable[[int, int], None]
"""Called with the weeks that have been run and the weeks in all runs."""


def attribute(
    scenario: AnyScenario,
    seeds: int | Sequence[int] = 1,
    orders: int = ALL_ORDERS,
    overrides: Overrides = (),
    *,
    engine: AbstractContextManager[Engine] | None = None,
    on_week: OnWeek = lambda *_: None,
) -> Attribution:
    """Attribute the misses of a scenario to stages in three ways: by the ledger, but-for, and by Shapley shares.

    Args:
        scenario: a `Scenario`, the name of a shipped one, a file, or a mapping.
        seeds: how many, from 1, or the seeds themselves.
        orders: over how many orders of making stages perfect the Shapley shares are averaged. All 720 take 64 runs per
            seed and give exact shares. An even number from 2 is a sample and takes fewer runs: 12 orders take about 40.
        overrides: values by path, or texts `path=value`, that replace settings of the scenario.
        engine: workers that run the seeds, such as `open_local_engine(4)`; if None, this process runs one by one.
        on_week: called with the weeks that have been run and the weeks in all runs; an exception from it ends the work.

    Raises:
        ScenarioError: the scenario or an override is wrong.
        ValueError: the number of orders is odd or too small, or a seed is not valid or repeated.

    >>> town = {"extends": "small", "population": {"children": 200}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> attribution = attribute(town, orders=2)
    >>> attribution.orders, attribution.seeds
    (2, (1,))

    What the stages share among them is what perfect stages could avert:

    >>> bool(round(attribution.table["shapley_share"].sum() + attribution.floor, 9) == 1)
    True
    """
    started, begun = datetime.now(UTC), time.perf_counter()
    settings = resolve_scenario(scenario, overrides)
    numbers = list_seeds(seeds)
    tasks = [AttributionTask(settings, seed, _sample_orders(orders, seed)) for seed in numbers]
    outcomes = list(
        _run_in_sequence(tasks, on_week) if engine is None else _run_on_workers(tasks, engine, on_week)
    )
    by_seed = pd.concat(
        [compute_shares(task, outcome) for task, outcome in zip(tasks, outcomes, strict=True)]
    )
    order_count = min(task.order_count for task in tasks)
    return Attribution(
        scenario=settings.name,
        seeds=numbers,
        orders=order_count,
        table=_average_over_seeds(by_seed, order_count),
        by_seed=by_seed,
        runs=pd.concat(
            [_tabulate_runs(task, outcome) for task, outcome in zip(tasks, outcomes, strict=True)]
        ),
        children=pd.concat(
            [_select_changed_spells(task, outcome) for task, outcome in zip(tasks, outcomes, strict=True)]
        ),
        provenance={
            "scenario_sha256": hash_scenario(settings.model_dump(mode="python")),
            **describe_environment(started, time.perf_counter() - begun),
        },
    )


@dataclass(frozen=True)
class AttributionTask:
    """The runs of one seed.

    Attributes:
        scenario: the system as it is.
        seed: seed of the world.
        orders: sampled orders of making stages perfect, each followed by its reverse; empty for all orders.
    """

    scenario: Scenario
    seed: int
    orders: tuple[tuple[str, ...], ...]

    @property
    def sets(self) -> list[Coalition]:
        """The sets of perfect stages to run, small ones first; they include none, each stage alone, and all stages."""
        wanted = list_coalitions_in(self.orders) if self.orders else list_all_coalitions(STAGES)
        wanted |= {NO_STAGES, ALL_STAGES, *(frozenset([stage]) for stage in STAGES)}
        return sorted(wanted, key=lambda perfect: (len(perfect), _name_stages(perfect)))

    @property
    def order_count(self) -> int:
        """Number of orders that the shares are averaged over: all, if every set is run."""
        return len(self.orders) if len(self.sets) < 2 ** len(STAGES) else ALL_ORDERS

    @property
    def weeks(self) -> int:
        """Number of weeks in all runs."""
        clock = self.scenario.clock
        history = warm_up_weeks(clock)
        return history + len(self.sets) * (total_weeks(clock) - history)


@dataclass(frozen=True)
class SeedOutcome:
    """The results of one seed.

    Attributes:
        spells: the evaluated spells in the run without perfect stages: `child`, `onset`, `stopped_at`, shape (J,).
        missed: whether each spell is missed, by set of perfect stages, bool, shape (J,).
    """

    spells: pd.DataFrame
    missed: dict[Coalition, Bools]

    def misses_averted(self, perfect: Coalition) -> float:
        """Return the misses that a set of perfect stages averts, less those that it leads to."""
        return float(self.missed[NO_STAGES].sum() - self.missed[perfect].sum())


def run_seed(task: AttributionTask, on_week: Callable[[int], None] = lambda _: None) -> SeedOutcome:
    """Run one history and, from week 0, every set of perfect stages.

    Args:
        task: the seed and its sets of perfect stages.
        on_week: called with the number of weeks that have been run.
    """
    trunk = Simulation(task.scenario, seed=task.seed)
    weeks_done = _step_until(trunk, trunk.world.warm_up, 0, on_week)
    missed: dict[Coalition, Bools] = {}
    spells = pd.DataFrame()
    for perfect in task.sets:
        found = _run_with_perfect_stages(
            trunk, perfect, partial(_step_until, weeks_done=weeks_done, on_week=on_week)
        )
        weeks_done += trunk.world.weeks - trunk.world.warm_up
        missed[perfect] = (found[result_column(task.scenario.measures.horizon_weeks)] == "missed").to_numpy()
        if perfect == NO_STAGES:
            spells = found[["child", "onset", "stopped_at"]]
    return SeedOutcome(spells, missed)


def _run_with_perfect_stages(
    trunk: Simulation, perfect: Coalition, advance: Callable[[Simulation, int], int]
) -> pd.DataFrame:
    """Return the table of spells of a fork that continues with these stages perfect."""
    model = trunk.fork()
    make_stages_perfect(model, perfect)
    advance(model, model.world.weeks)
    return model.spells()


def _step_until(model: Simulation, week: int, weeks_done: int, on_week: Callable[[int], None]) -> int:
    """Step a model to a week, report each week, and return the weeks done, given those done before."""
    while model.week < week:
        model.step()
        weeks_done += 1
        on_week(weeks_done)
    return weeks_done


def compute_shares(task: AttributionTask, outcome: SeedOutcome) -> pd.DataFrame:
    """Compute the rows of the table `by_seed` for one seed."""
    stopped_at = outcome.spells["stopped_at"].to_numpy()
    missed_before = outcome.missed[NO_STAGES]
    total = missed_before.sum() or np.nan
    shares = compute_shapley_shares(task, outcome.misses_averted)
    rows = []
    for stage, stops in STAGE_GROUPS.items():
        alone = outcome.missed[frozenset([stage])]
        newly_reached = int((missed_before & ~alone).sum())
        rows.append(
            {
                "seed": task.seed,
                "stage": stage,
                "ledger_share": np.isin(stopped_at[missed_before].astype(str), stops).sum() / total,
                "but_for_share": newly_reached / total,
                "shapley_share": shares.share[stage] / total,
                "shapley_error": shares.error[stage] / total,
                "newly_reached": newly_reached,
                "newly_missed": int((~missed_before & alone).sum()),
            }
        )
    return pd.DataFrame(rows)


def compute_shapley_shares(task: AttributionTask, value: Callable[[Coalition], float]) -> ShapleyShares:
    """Compute the Shapley shares of the stages: exact if every set was run, else from the sampled orders."""
    if task.order_count == ALL_ORDERS:
        return compute_exact_shares(STAGES, value)
    return estimate_shares(STAGES, value, task.orders)


def _average_over_seeds(by_seed: pd.DataFrame, orders: int) -> pd.DataFrame:
    """Average over seeds, with 95% intervals over seeds, or over pairs of sampled orders if there is one seed."""
    from scipy.stats import t

    groups = by_seed.groupby("stage", sort=False)
    table: pd.DataFrame = groups.mean().drop(columns="seed")
    for method in ("but_for", "shapley"):
        interval = summarise_replicates(
            np.stack([own[f"{method}_share"].to_numpy(np.float64) for _, own in groups])
        )
        table[f"{method}_low"], table[f"{method}_high"] = (
            interval["low"].to_numpy(),
            interval["high"].to_numpy(),
        )
    share, error = table["shapley_share"], table["shapley_error"]
    if by_seed["seed"].nunique() > 1:
        table["shapley_error"] = groups["shapley_share"].sem()
    else:
        half_width = t.ppf(TAILS[1], max(orders // 2 - 1, 1)) * error
        table["shapley_low"], table["shapley_high"] = share - half_width, share + half_width
    table["stops"] = [", ".join(STAGE_GROUPS[str(stage)]) for stage in table.index]
    return table.reset_index()


def _tabulate_runs(task: AttributionTask, outcome: SeedOutcome) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "seed": task.seed,
            "perfect": _name_stages(perfect),
            "spells": len(missed),
            "missed": int(missed.sum()),
        }
        for perfect, missed in outcome.missed.items()
    )


def _select_changed_spells(task: AttributionTask, outcome: SeedOutcome) -> pd.DataFrame:
    """Return the spells whose result changes if one stage alone is perfect, stage by stage."""
    missed_before = outcome.missed[NO_STAGES]
    parts = []
    for stage in STAGES:
        changed = missed_before != outcome.missed[frozenset([stage])]
        own: pd.DataFrame = outcome.spells[changed]
        parts.append(own.assign(seed=task.seed, stage=stage, newly_reached=missed_before[changed]))
    together: pd.DataFrame = pd.concat(parts)
    return together


def _name_stages(perfect: Coalition) -> str:
    return " + ".join(stage for stage in STAGES if stage in perfect) or AS_IT_IS


def _run_in_sequence(tasks: Sequence[AttributionTask], on_week: OnWeek) -> Iterator[SeedOutcome]:
    total, weeks_done = sum(task.weeks for task in tasks), 0
    for task in tasks:
        yield run_seed(task, partial(_report_weeks, on_week, weeks_done, total))
        weeks_done += task.weeks


def _report_weeks(on_week: OnWeek, done_before: int, total: int, weeks: int) -> None:
    on_week(done_before + weeks, total)


def _run_on_workers(
    tasks: Sequence[AttributionTask], engine: AbstractContextManager[Engine], on_week: OnWeek
) -> list[SeedOutcome]:
    each, total = tasks[0].weeks, sum(task.weeks for task in tasks)
    with engine as workers:
        return run_tasks(run_seed, tasks, workers, lambda done: on_week(min(done * each, total), total))


def _sample_orders(orders: int, seed: int) -> tuple[tuple[str, ...], ...]:
    """Sample the orders of one seed; returns none if all orders are used."""
    if orders < 2 or orders % 2:
        raise ValueError(f"orders are sampled in pairs: give an even number from 2, not {orders}")
    if orders >= ALL_ORDERS:
        return ()
    return tuple(sample_orders(STAGES, orders // 2, draws.generator(seed, "orders of perfect stages")))
