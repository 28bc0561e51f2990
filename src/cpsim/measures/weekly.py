"""The weekly table: counts from the log, and values sampled every week during the run."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.tables import AuthorityColumns, TeamColumns, WorkerColumns
from cpsim.arrays import Bools, Floats, Integers, Ints
from cpsim.casework.log import Events, FinishedLog, Occurrence
from cpsim.casework.state import STATUSES, Casework, ChildRecords, Status
from cpsim.constants import NEVER, ROUNDING
from cpsim.measures.assessments import Assessments
from cpsim.measures.conditions import STATES, actual_end, find_condition_episodes, name_conditions
from cpsim.measures.cost import pool_participation, pooling_gbp
from cpsim.measures.deadlines import find_deadline
from cpsim.measures.horizons import result_column, weekly_column
from cpsim.measures.intervals import Episodes
from cpsim.measures.on_file import Alarms
from cpsim.measures.services import find_episodes, find_family_services
from cpsim.network.ties import Ties
from cpsim.stages.declarations import stage
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.scenario.schema import Scenario
    from cpsim.scenario.sections import MeasureSettings

SAMPLED = (
    "on_plan",
    "in_need_service",
    "in_care",
    "hours_demanded",
    "hours_available",
    "hours_paid",
    "pooling_gbp",
    "pool_participation",
    "utilisation",
    "caseload_mean",
    "vacancy_share",
    "trust_mean",
)

_COUNTED = {
    "referrals": Occurrence.REFERRED,
    "initial_started": Occurrence.INITIAL_STARTED,
    "initial_finished": Occurrence.INITIAL_FINISHED,
    "core_started": Occurrence.CORE_STARTED,
    "core_finished": Occurrence.CORE_FINISHED,
    "s47_started": Occurrence.ENQUIRY_STARTED,
    "conferences": Occurrence.CONFERENCE,
    "plans_started": Occurrence.PLAN_STARTED,
    "plans_ended": Occurrence.PLAN_ENDED,
    "care_starts": Occurrence.CARE_STARTED,
    "serious_events": Occurrence.SERIOUS_EVENT,
    "messages_sent": Occurrence.SHARED,
    "messages_lost": Occurrence.LOST,
    "consultations": Occurrence.CONSULTED,
}
"""Columns that count events of one kind."""

_COUNTED_IF_POSITIVE = {
    "repeat_referrals": Occurrence.REFERRED,
    "initial_on_time": Occurrence.INITIAL_FINISHED,
    "core_on_time": Occurrence.CORE_FINISHED,
    "repeat_plans": Occurrence.PLAN_STARTED,
}
"""Columns that count events of one kind with a value above 0."""


@stage(
    reads=(
        AuthorityColumns.council_pooled,
        AuthorityColumns.health_pooled,
        AuthorityColumns.pool_overhead,
        Casework.authority,
        Casework.long_term_teams,
        Casework.receiving_services,
        ChildRecords.status,
        TeamColumns.authority,
        TeamColumns.hours_available,
        TeamColumns.hours_demanded,
        TeamColumns.hours_paid,
        Ties.trust,
        Ties.uses,
        WorkerColumns.caseload,
        WorkerColumns.employed,
        WorkerColumns.team,
    ),
    writes=(),
)
def sample_week(state: Casework, posts: Integers) -> Floats:
    """Sample the state of casework this week, in each of the runs that are simulated together.

    Args:
        state: the state of casework.
        posts: number of social work posts in each authority, filled or vacant, shape (A,).

    Returns:
        Values in the order of `SAMPLED`, shape (runs, len(SAMPLED)).
    """
    runs, run, teams, workers = len(state.seeds), state.run_of_authority, state.teams, state.workers
    served = state.receiving_services
    place = run[state.authority[served]] * len(STATUSES) + state.records.status[served]
    status = np.bincount(place, minlength=runs * len(STATUSES)).reshape(runs, -1)
    # Runs of one scenario have the same number of teams, and those of a run follow one another.
    demanded, available, paid = (
        teams[hours].reshape(runs, -1).sum(axis=1)
        for hours in ("hours_demanded", "hours_available", "hours_paid")
    )
    employed = workers["employed"].nonzero()[0]
    run_of_worker = run[teams["authority"][workers["team"][employed]]]
    in_post = np.bincount(run_of_worker, minlength=runs)
    cases = np.bincount(run_of_worker, weights=workers["caseload"][employed], minlength=runs)
    samples: Floats = np.array(
        [
            status[:, Status.PLAN],
            status[:, Status.IN_NEED],
            status[:, Status.CARE],
            demanded,
            available,
            paid,
            pooling_gbp(state),
            pool_participation(state),
            np.divide(demanded, available, out=np.full(runs, np.nan), where=available > ROUNDING),
            cases / np.maximum(in_post, 1),
            1 - in_post / np.bincount(run, weights=posts, minlength=runs),
            state.ties.mean_trust_by_run(),
        ]
    )
    return samples.T


def build_weekly_table(
    scenario: Scenario, world: World, events: FinishedLog, spells: pd.DataFrame, assessments: Assessments,
    alarms: Alarms, samples: Floats, exits: Ints, posts: int,
) -> pd.DataFrame:  # fmt: skip
    """Build the weekly table: one row for each week, warm-up and follow-up included.

    Args:
        scenario: the scenario, for its clock, kinds of agency and measures.
        world: the children, spells and needs.
        events: the log of the run.
        spells: the table of spells.
        assessments: the assessments of families that have ended.
        alarms: the alarms that pooled records would have raised.
        samples: results of `sample_week`, shape (weeks, len(SAMPLED)).
        exits: number of social workers who left in each week, shape (weeks,).
        posts: number of social work posts, filled or vacant.

    Returns:
        Columns as in `cpsim.results.TABLES["weekly"]`.
    """
    import pandas as pd

    weeks, start = np.arange(world.weeks), scenario.clock.start

    def count(week: Integers) -> Ints:
        return np.bincount(week, minlength=world.weeks)[: world.weeks]

    table: dict[str, NDArray[np.generic] | pd.Series] = {
        "week": weeks - world.warm_up,
        "date": pd.Series(
            pd.to_datetime([start + timedelta(weeks=int(week) - world.warm_up) for week in weeks])
        ),
        "phase": np.repeat(
            ["warm_up", "evaluated", "run_off"],
            [world.warm_up, world.evaluated_weeks, world.weeks - world.warm_up - world.evaluated_weeks],
        ),
    }
    born = np.sort(world.children.birth)
    table["children"] = np.searchsorted(born, weeks, side="right") - np.searchsorted(
        born, weeks - CHILDHOOD, side="right"
    )
    table |= _count_conditions(scenario.measures, world, events)
    for name, occurrence in _COUNTED.items():
        table[name] = count(events.select(occurrence).week)
    for name, occurrence in _COUNTED_IF_POSITIVE.items():
        logged = events.select(occurrence)
        table[name] = count(logged.week[logged.value > 0])
    table |= _deadlines(world, spells, scenario.measures.horizon_weeks)
    for code, state in enumerate(STATES):
        table[f"assessed_{state}"] = count(assessments.end[assessments.true == code])
    table["needless_service_families"] = _count_needless_families(scenario.measures, world, events)
    table["pooled_alarms"] = count(alarms.week)
    table["pooled_alarms_true"] = count(alarms.week[alarms.true])
    table |= dict(zip(SAMPLED, samples.T, strict=True))
    table["posts"] = np.full(world.weeks, posts)
    table["exits"] = exits
    delivered, referred = events.select(Occurrence.DELIVERED), events.select(Occurrence.REFERRED)
    table["messages_delivered"] = count(delivered.week)
    contacts = select_contacts(events)
    table["contacts"] = count(contacts.week)
    kind_of_site = world.sites.kind
    for index, kind in enumerate(scenario.kinds):
        table[f"contacts_from_{kind}"] = count(contacts.week[kind_of_site[contacts.site] == index])
        table[f"referrals_from_{kind}"] = count(referred.week[kind_of_site[referred.site] == index])
    return pd.DataFrame(table)


def select_contacts(events: FinishedLog) -> Events:
    """Select the contacts about children without an open case: referred or screened out, one per child and week."""
    referred, screened_out = events.select(Occurrence.REFERRED), events.select(Occurrence.SCREENED_OUT)
    return Events(
        np.concatenate([referred.week, screened_out.week]),
        np.concatenate([referred.child, screened_out.child]),
        np.concatenate([referred.site, screened_out.site]),
        np.concatenate([referred.value, screened_out.value]),
    )


def _count_conditions(settings: MeasureSettings, world: World, events: FinishedLog) -> dict[str, Ints]:
    """Number of children in each condition in each week, shapes (weeks,); a child counts once, for the gravest."""
    spells, needs, weeks = world.spells, world.needs, world.weeks
    end = actual_end(world, events)
    kind = name_conditions(settings, world)

    def merge(*rows: Bools, other: bool = False) -> Episodes:
        chosen = np.logical_or.reduce(rows)
        parts: list[tuple[Integers, ...]] = [(spells.child[chosen], spells.onset[chosen], end[chosen])]
        if other:
            parts.append((needs.child, needs.start, needs.end))
        return Episodes.merge(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def stock(episodes: Episodes) -> Ints:
        return _stock(episodes.start, episodes.end, weeks)

    harm, need, additional = kind == 0, kind == 1, kind == 2
    in_harm = merge(harm)
    in_harm_or_need = stock(merge(harm, need, other=True))
    protected = find_episodes(events, "effective").intersect(in_harm)
    return {
        "in_harm": stock(in_harm),
        "in_harm_untreated": _stock(spells.onset[harm], spells.end[harm], weeks),
        "in_harm_unprotected": stock(in_harm) - stock(protected),
        "in_need": in_harm_or_need - stock(in_harm),
        "additional_needs": stock(merge(harm, need, additional, other=True)) - in_harm_or_need,
    }


def _count_needless_families(settings: MeasureSettings, world: World, events: FinishedLog) -> Ints:
    """Number of families with a service, plan or care and no condition in each week, shape (weeks,)."""
    served = find_family_services(world, events)
    with_condition = find_condition_episodes(settings, world, events)
    both = served.intersect(with_condition)
    return _stock(served.start, served.end, world.weeks) - _stock(both.start, both.end, world.weeks)


def _stock(start: Integers, until: Integers, weeks: int) -> Ints:
    """Number of intervals from `start` to `until` (exclusive) that contain each week, shape (weeks,)."""
    begun = np.bincount(np.clip(start, 0, weeks), minlength=weeks + 1)
    over = np.bincount(np.clip(until, 0, weeks), minlength=weeks + 1)
    stock: Ints = np.cumsum(begun - over)[:weeks]
    return stock


def _deadlines(world: World, spells: pd.DataFrame, horizon: int) -> dict[str, Ints]:
    """Number of spells by their result at the primary horizon, counted in the week of the deadline, shapes (weeks,)."""
    serious = spells["serious_week"].fillna(NEVER).to_numpy(np.int64)
    week = find_deadline(spells["onset"].to_numpy(np.int64), serious, horizon) + world.warm_up
    result = spells[result_column(horizon)].to_numpy()

    def count(rows: Bools) -> Ints:
        return np.bincount(week[rows], minlength=world.weeks)[: world.weeks]

    kinds = ("missed", "protected", "self_resolved", "censored")
    return {weekly_column("deadlines", horizon): count(np.ones(len(week), np.bool_))} | {
        weekly_column(kind, horizon): count(result == kind) for kind in kinds
    }
