"""The weekly table: counts from the log, and values sampled every week during the run."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.tables import AuthorityColumns, TeamColumns, WorkerColumns
from cpsim.arrays import Bools, Floats, Integers, Ints
from cpsim.casework.allocation import list_open_cases
from cpsim.casework.log import Events, FinishedLog, Occurrence
from cpsim.casework.state import STATUSES, Casework, ChildRecords, CurrentHarm, Status
from cpsim.constants import NEVER, ROUNDING
from cpsim.measures.cost import pool_participation, pooling_gbp
from cpsim.measures.horizons import result_column, weekly_column
from cpsim.measures.intervals import Intervals
from cpsim.measures.ledger import find_protected_episodes
from cpsim.network.ties import Ties
from cpsim.stages.declarations import stage
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD

if TYPE_CHECKING:
    import pandas as pd

SAMPLED = (
    "on_plan",
    "in_need_service",
    "in_care",
    "needless_family_weeks",
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
        Casework.under_way,
        Casework.waiting_core,
        Casework.waiting_initial,
        CurrentHarm.family_needs,
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
            _needless_families(state),
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


def _needless_families(state: Casework) -> Ints:
    """Number of families with a child who is assessed or has a service although no child has harm or need, (runs,)."""
    runs = len(state.seeds)
    if state.week < state.world.warm_up:
        return np.zeros(runs, np.int64)
    known = list_open_cases(state)
    child = known[state.records.status[known] >= Status.INITIAL]
    family = state.world.children.family[child]
    calm = (state.harm.family_needs[family] == 0).nonzero()[0]
    _, first = np.unique(family[calm], return_index=True)
    return np.bincount(state.run_of_authority[state.authority[child[calm[first]]]], minlength=runs)


def build_weekly_table(
    world: World, kinds: tuple[str, ...], kind_of_site: NDArray[np.int8], start: date, events: FinishedLog,
    spells: pd.DataFrame, horizon: int, samples: Floats, exits: Ints,
) -> pd.DataFrame:  # fmt: skip
    """Build the weekly table: one row for each week, warm-up and follow-up included.

    Args:
        world: the children, spells and needs.
        kinds: names of the kinds of agency.
        kind_of_site: kind of each organisation, shape (organisations,).
        start: date of week 0.
        events: the log of the run.
        spells: the table of spells.
        horizon: weeks from onset to the deadline of the spells.
        samples: results of `sample_week`, shape (weeks, len(SAMPLED)).
        exits: number of social workers who left in each week, shape (weeks,).

    Returns:
        Columns as in `cpsim.results.TABLES["weekly"]`.
    """
    import pandas as pd

    weeks = np.arange(world.weeks)

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
    table |= _harm(world, events)
    for name, occurrence in _COUNTED.items():
        table[name] = count(events.select(occurrence).week)
    for name, occurrence in _COUNTED_IF_POSITIVE.items():
        logged = events.select(occurrence)
        table[name] = count(logged.week[logged.value > 0])
    table |= _deadlines(world, spells, horizon)
    table["false_alarm_families"] = count(find_false_alarms(world, events)[1])
    table |= dict(zip(SAMPLED, samples.T, strict=True))
    table["needless_family_weeks"] = samples[:, SAMPLED.index("needless_family_weeks")].astype(np.int64)
    table["exits"] = exits
    delivered, referred = events.select(Occurrence.DELIVERED), events.select(Occurrence.REFERRED)
    table["messages_delivered"] = count(delivered.week)
    contacts = select_contacts(events)
    table["contacts"] = count(contacts.week)
    for index, kind in enumerate(kinds):
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


def actual_end(world: World, events: FinishedLog) -> Ints:
    """First week after each spell, whether it ended by itself or through protection, shape (S,)."""
    ended = events.select(Occurrence.HARM_ENDED_BY_PROTECTION)
    end = world.spells.end.astype(np.int64)
    end[ended.value.astype(np.int64)] = ended.week
    return end


def _harm(world: World, events: FinishedLog) -> dict[str, Ints]:
    """Number of children in harm, of these without effective protection, and of children in need, shapes (weeks,)."""
    spells, weeks = world.spells, world.weeks
    end = actual_end(world, events)

    harm = np.flatnonzero(spells.harm)
    in_harm = _stock(spells.onset[harm], end[harm], weeks)
    protection = find_protected_episodes(events)
    # An episode protects in the weeks in which it overlaps a spell of harm of the same child.
    episode, spell = spells.find_by_child(protection.group)
    first = np.maximum(protection.start[episode], spells.onset[spell])
    last = np.minimum(protection.end[episode], end[spell])
    both = (last > first) & spells.harm[spell]
    protected = _stock(first[both], last[both], weeks)
    mild = np.flatnonzero(~spells.harm)
    # A child with an adversity below harm and another need at the same time is counted once, for the adversity.
    _, need_start, need_end = world.needs.merge_overlapping()
    in_need = _stock(spells.onset[mild], end[mild], weeks) + _stock(need_start, need_end, weeks)
    in_need -= _needs_during_spells(world, end)
    return {"in_harm": in_harm, "in_harm_unprotected": in_harm - protected, "in_need": in_need}


def _stock(start: Integers, until: Integers, weeks: int) -> Ints:
    """Number of intervals from `start` to `until` (exclusive) that contain each week, shape (weeks,)."""
    begun = np.bincount(np.clip(start, 0, weeks), minlength=weeks + 1)
    over = np.bincount(np.clip(until, 0, weeks), minlength=weeks + 1)
    stock: Ints = np.cumsum(begun - over)[:weeks]
    return stock


def _needs_during_spells(world: World, end: Ints) -> Ints:
    """Number of children with another need during a spell of adversity, shape (weeks,)."""
    child, start, until = world.needs.merge_overlapping()
    need, spell = world.spells.find_by_child(child)
    first, last = np.maximum(start[need], world.spells.onset[spell]), np.minimum(until[need], end[spell])
    both = last > first
    return _stock(first[both], last[both], world.weeks)


def _deadlines(world: World, spells: pd.DataFrame, horizon: int) -> dict[str, Ints]:
    """Number of spells by their result at the primary horizon, counted in the week of the deadline, shapes (weeks,)."""
    serious = spells["serious_week"].fillna(NEVER).to_numpy(np.int64)
    week = np.minimum(spells["onset"].to_numpy(np.int64) + horizon, serious) + world.warm_up
    result = spells[result_column(horizon)].to_numpy()

    def count(rows: Bools) -> Ints:
        return np.bincount(week[rows], minlength=world.weeks)[: world.weeks]

    kinds = ("missed", "protected", "self_resolved", "censored")
    return {weekly_column("deadlines", horizon): count(np.ones(len(week), np.bool_))} | {
        weekly_column(kind, horizon): count(result == kind) for kind in kinds
    }


def find_false_alarms(world: World, events: FinishedLog, since: int = 0) -> tuple[Ints, Ints, Ints]:
    """Find the families in which an assessment or section 47 enquiry started while no child was in significant harm.

    Args:
        world: the children and their spells.
        events: the log of the run.
        since: first week that counts.

    Returns:
        Family, week and one of the children concerned, one row for each family and week, shapes (F,).
    """
    started, enquiries = (
        events.select(occurrence).select_weeks(since, NEVER)
        for occurrence in (Occurrence.INITIAL_STARTED, Occurrence.ENQUIRY_STARTED)
    )
    child = np.concatenate([started.child, enquiries.child]).astype(np.int64)
    week = np.concatenate([started.week, enquiries.week])
    key, first = np.unique(world.children.family[child] * np.int64(world.weeks) + week, return_index=True)
    family, week = np.divmod(key, world.weeks)
    calm = family_harm_intervals(world, events).count_open(family, week) == 0
    return family[calm], week[calm], child[first[calm]]


def family_harm_intervals(world: World, events: FinishedLog) -> Intervals:
    """Intervals in which a child of each family is in significant harm."""
    harm = np.flatnonzero(world.spells.harm)
    end = np.minimum(actual_end(world, events)[harm], NEVER)
    return Intervals.of(world.children.family[world.spells.child[harm]], world.spells.onset[harm], end)
