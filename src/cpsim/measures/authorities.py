"""The table of authorities: activity, workload and missed risk in each authority and year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.tables import TeamColumns, WorkerColumns
from cpsim.arrays import Floats, Integers, Ints
from cpsim.casework.log import Events, FinishedLog, Occurrence
from cpsim.casework.state import Casework
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.measures.assessments import NEITHER, Assessments
from cpsim.measures.conditions import actual_end
from cpsim.measures.horizons import result_column
from cpsim.measures.intervals import Episodes
from cpsim.measures.services import find_episodes
from cpsim.ranges import expand_ranges
from cpsim.stages.declarations import stage
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD

if TYPE_CHECKING:
    import pandas as pd

AUTHORITY_SAMPLES = ("hours_demanded", "hours_available", "front_door_load", "vacancy_share")
"""Columns that are sampled in every authority every week."""

_COUNTED = {
    "referrals": Occurrence.REFERRED,
    "initial_finished": Occurrence.INITIAL_FINISHED,
    "s47_started": Occurrence.ENQUIRY_STARTED,
    "plans_started": Occurrence.PLAN_STARTED,
    "serious_events": Occurrence.SERIOUS_EVENT,
    "messages_sent": Occurrence.SHARED,
    "messages_lost": Occurrence.LOST,
    "messages_misdirected": Occurrence.MISDIRECTED,
}
"""Columns that count events of one kind."""


@stage(
    reads=(
        Casework.front_door_load,
        TeamColumns.authority,
        TeamColumns.hours_available,
        TeamColumns.hours_demanded,
        WorkerColumns.employed,
        WorkerColumns.team,
    ),
    writes=(),
)
def sample_authorities(state: Casework, posts: Integers) -> Floats:
    """Sample the workload of each authority this week.

    Args:
        state: the state of casework.
        posts: number of social work posts in each authority, filled or vacant, shape (A,).

    Returns:
        Values in the order of `AUTHORITY_SAMPLES`, shape (4, A).
    """
    authority, number = state.teams["authority"], len(state.authorities)
    employed = state.workers["team"][state.workers["employed"]]
    filled = np.bincount(authority[employed], minlength=number)
    return np.array(
        [
            np.bincount(authority, weights=state.teams["hours_demanded"], minlength=number),
            np.bincount(authority, weights=state.teams["hours_available"], minlength=number),
            state.front_door_load,
            1 - filled / posts,
        ]
    )


@dataclass(frozen=True)
class _Cells:
    """One cell for each authority and evaluated year, in the order of the rows of the table."""

    world: World
    years: int

    def count(self, authority: Ints, week: Integers) -> Ints:
        """Count rows by authority and year, shape (cells,), without those outside the evaluated weeks."""
        year = (week.astype(np.int64) - self.world.warm_up) // WEEKS_PER_YEAR
        evaluated = (year >= 0) & (year < self.years)
        cell = authority[evaluated] * self.years + year[evaluated]
        return np.bincount(cell, minlength=len(self.world.authorities) * self.years)

    def count_events(self, events: Events) -> Ints:
        """Count events by the child's authority at the time and the year, shape (cells,)."""
        authority, _ = self.world.residence.find_at(
            events.child.astype(np.int64), events.week.astype(np.int64)
        )
        return self.count(authority, events.week)


def build_authorities_table(
    world: World,
    events: FinishedLog,
    spells: pd.DataFrame,
    assessments: Assessments,
    horizon: int,
    samples: Floats,
) -> pd.DataFrame:
    """Build the table of authorities: one row for each authority and evaluated year.

    Args:
        world: the children, where they live, and their spells.
        events: the log of the run.
        spells: the table of spells.
        assessments: the assessments of families that have ended.
        horizon: weeks from onset to the deadline of the spells.
        samples: results of `sample_authorities`, shape (weeks, 4, A).

    Returns:
        Columns as in `cpsim.results.TABLES["authorities"]`.
    """
    import pandas as pd

    places, years = world.authorities, world.evaluated_weeks // WEEKS_PER_YEAR
    cells = _Cells(world, years)
    table: dict[str, NDArray[np.generic]] = {
        "authority": np.repeat(np.arange(len(places)), years),
        "name": np.repeat(np.array(places.names, object), years),
        "year": np.tile(np.arange(1, years + 1), len(places)),
        "children": _child_weeks(world, years).ravel() / WEEKS_PER_YEAR,
    }
    table |= {name: cells.count_events(events.select(occurrence)) for name, occurrence in _COUNTED.items()}
    finished = events.select(Occurrence.INITIAL_FINISHED)
    in_time = finished.value > 0
    table["initial_on_time"] = cells.count(
        world.residence.find_at(
            finished.child[in_time].astype(np.int64), finished.week[in_time].astype(np.int64)
        )[0],
        finished.week[in_time],
    )
    neither = assessments.true == NEITHER
    child, week = assessments.child[neither], assessments.end[neither]
    table["assessed_neither"] = cells.count(world.residence.find_at(child, week)[0], week)
    table |= _count_harm_weeks(cells, world, events)
    authority = spells["authority"].to_numpy(np.int64)
    onset = spells["onset"].to_numpy(np.int64) + world.warm_up
    result = spells[result_column(horizon)].to_numpy()
    table["spells"] = cells.count(authority, onset)
    for name in ("missed", "protected", "self_resolved", "censored"):
        table[name] = cells.count(authority[result == name], onset[result == name])
    evaluated = samples[world.warm_up : world.warm_up + world.evaluated_weeks]
    by_year = evaluated.reshape(years, WEEKS_PER_YEAR, *evaluated.shape[1:])
    for row, name in enumerate(AUTHORITY_SAMPLES):
        of_year = (
            by_year[:, :, row].sum(axis=1) if name.startswith("hours") else by_year[:, :, row].mean(axis=1)
        )
        table[name] = of_year.T.ravel()
    return pd.DataFrame(table)


def _count_harm_weeks(cells: _Cells, world: World, events: FinishedLog) -> dict[str, Ints]:
    """Weeks that children spent in harm, and of these without effective protection, by cell, shapes (cells,).

    A spell counts where the child lives when it begins.
    """
    spells, harm = world.spells, np.flatnonzero(world.spells.harm)
    in_harm = Episodes.merge(spells.child[harm], spells.onset[harm], actual_end(world, events)[harm])
    protected = in_harm.intersect(find_episodes(events, "effective"))

    def count(episodes: Episodes) -> Ints:
        place, week = expand_ranges(episodes.start, np.minimum(episodes.end, world.weeks) - episodes.start)
        authority, _ = world.residence.find_at(episodes.group, episodes.start)
        return cells.count(authority[place], week)

    weeks = count(in_harm)
    return {"harm_weeks": weeks, "harm_weeks_unprotected": weeks - count(protected)}


def _child_weeks(world: World, years: int) -> Ints:
    """Weeks that children under 18 spent in each authority in each evaluated year, shape (A, years)."""
    home, birth = world.residence, world.children.birth.astype(np.int64)
    child = np.concatenate([np.arange(len(birth)), home.child])
    start, authority = np.concatenate([birth, home.week]), np.concatenate([home.first, home.authority])
    order = np.lexsort((start, child))
    child, start, authority = child[order], start[order], authority[order]
    end = birth[child] + CHILDHOOD
    moves_on = child[1:] == child[:-1]
    end[:-1][moves_on] = start[1:][moves_on]
    child_weeks = np.empty((len(world.authorities), years), np.int64)
    for year in range(years):
        first = world.warm_up + year * WEEKS_PER_YEAR
        weeks = np.minimum(end, first + WEEKS_PER_YEAR) - np.maximum(start, first)
        child_weeks[:, year] = np.bincount(
            authority, weights=np.maximum(weeks, 0), minlength=len(child_weeks)
        )
    return child_weeks
