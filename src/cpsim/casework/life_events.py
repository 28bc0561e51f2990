"""Events outside casework: spells and needs that start or end, moves, mergers and eighteenth birthdays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.tables import OrganisationColumns
from cpsim.arrays import Integers, Ints
from cpsim.casework.allocation import close_cases
from cpsim.casework.log import Occurrence
from cpsim.casework.state import (
    SERVICE_ENDED,
    AgencyFiles,
    Casework,
    ChildRecords,
    CurrentHarm,
    Status,
    add_at,
)
from cpsim.constants import NEVER
from cpsim.stages.declarations import stage
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD


@dataclass(frozen=True)
class RowsByWeek:
    """Rows of a table grouped by week: those of week t are `rows[offsets[t] : offsets[t + 1]]`, int32."""

    rows: NDArray[np.int32]
    offsets: list[int]

    def __getitem__(self, week: int) -> Ints:
        return self.rows[self.offsets[week] : self.offsets[week + 1]].astype(np.int64)


def group_by_week(week: Integers, weeks: int) -> RowsByWeek:
    """Group the rows of a table by week.

    Args:
        week: week of each row, which must fit into int16, shape (R,).
        weeks: number of weeks of the run; rows outside 0 to `weeks` - 1 are left out.

    >>> due = group_by_week(np.array([2, 0, 2, 9]), weeks=4)
    >>> due[2].tolist()
    [0, 2]
    """
    order = week.astype(np.int16).argsort(kind="stable")  # NumPy sorts int16 by radix, which is faster
    return RowsByWeek(order.astype(np.int32), np.searchsorted(week[order], np.arange(weeks + 1)).tolist())


@dataclass(frozen=True)
class LifeCalendar:
    """The spells, needs and children of a world by the weeks in which spells, needs and childhoods start or end.

    Attributes:
        onset, end, serious: rows of spells by the week of their onset, natural end and serious event.
        need_start, need_end: rows of needs other than harm by the week of their start and end.
        turns_18: rows of children by the week in which they turn 18.
    """

    onset: RowsByWeek
    end: RowsByWeek
    serious: RowsByWeek
    need_start: RowsByWeek
    need_end: RowsByWeek
    turns_18: RowsByWeek

    def __deepcopy__(self, memo: dict[int, Any]) -> "LifeCalendar":
        return self


def build_life_calendar(world: World) -> LifeCalendar:
    """Build the calendar of a world."""
    weeks = world.weeks
    return LifeCalendar(
        onset=group_by_week(world.spells.onset, weeks),
        end=group_by_week(world.spells.end, weeks),
        serious=group_by_week(world.spells.serious, weeks),
        need_start=group_by_week(world.needs.start, weeks),
        need_end=group_by_week(world.needs.end, weeks),
        turns_18=group_by_week(world.children.birth.astype(np.int64) + CHILDHOOD, weeks),
    )


@stage(
    reads=(
        OrganisationColumns.absorbed_by,
        OrganisationColumns.file_lost,
        ChildRecords.since,
    ),
    writes=(
        Casework.judgements,
        Casework.newcomers,
        Casework.authority,
        Casework.assessment_teams,
        Casework.long_term_teams,
        Casework.dissolved,
        Casework.serves_several_authorities,
        AgencyFiles.evidence,
        AgencyFiles.site,
        AgencyFiles.unanswered,
        CurrentHarm.hidden_share,
        CurrentHarm.other_needs,
        CurrentHarm.severity,
        CurrentHarm.spell,
        ChildRecords.belief,
        ChildRecords.last_referral,
        ChildRecords.plans,
        ChildRecords.referrals,
        ChildRecords.sources,
        ChildRecords.status,
        ChildRecords.worker,
        ChildRecords.worker_changes,
    ),
)
def apply_life_events(state: Casework, calendar: LifeCalendar) -> None:
    """Apply this week's changes in harm, needs, places of residence, organisations and ages.

    A move or a merger may leave an agency's file behind; the organisation that serves the child next then starts with
    an empty file.

    Args:
        state: the state of casework, whose list of judgements is emptied.
        calendar: the calendar of its world.
    """
    state.judgements = []
    week, world, harm, records = state.week, state.world, state.harm, state.records
    begins, ends = calendar.onset[week], calendar.end[week]
    child = world.spells.child[ends]
    spell_ended = child[harm.spell[child] == ends]
    harm.spell[spell_ended] = -1
    harm.severity[spell_ended] = 0.0
    spell_started = world.spells.child[begins]
    harm.spell[spell_started] = begins
    harm.severity[spell_started] = world.spells.severity[begins]

    need_ended = world.needs.child[calendar.need_end[week]]
    need_started = world.needs.child[calendar.need_start[week]]
    add_at(harm.other_needs, need_ended, -1)
    add_at(harm.other_needs, need_started, 1)

    # Moves to other authorities: social care's file, with evidence and history, may be left behind.
    homes = world.residence
    rows = slice(homes.offsets[week], homes.offsets[week + 1])
    moved = homes.child[rows]
    state.move_children(moved, homes.authority[rows], homes.area[rows])
    left = moved[homes.left_behind[rows]]
    state.log.add(week, Occurrence.FILE_LEFT_BEHIND, left[records.belief[left] > 0])
    records.belief[left] = 0.0
    records.sources[left] = 0
    records.referrals[left] = 0
    records.plans[left] = 0
    records.last_referral[left] = -NEVER

    _merge_organisations(state)

    # Moves to other organisations, such as a new school: a file may be left behind too.
    places = world.attendance
    rows = slice(places.offsets[week], places.offsets[week + 1])
    file = places.file[rows].astype(np.int64)
    site = state.organisations["absorbed_by"][places.site[rows]]
    without_file = file[places.left_behind[rows] & (state.files.site[file] != site)]
    state.files.site[file] = site
    _clear_files(state, without_file)

    # All child protection work with people who turn 18 ends.
    adult = calendar.turns_18[week]
    is_known = records.status[adult] != Status.CLOSED
    known = adult[is_known]
    if len(known):
        state.log.add(week, Occurrence.TURNED_18, known)
        for service, ended in SERVICE_ENDED.items():
            leaves = known[records.status[known] == service]
            state.log.add(week, ended, leaves, -1, week - records.since[leaves])
        close_cases(state, known, Status.ADULT)
    state.move(adult[~is_known], Status.ADULT)


def _merge_organisations(state: Casework) -> None:
    """Transfer children from absorbed organisations to those that absorbed them; some files are lost on the way."""
    successor = state.organisations["absorbed_by"]
    dissolves = (successor != np.arange(len(successor))) & ~state.dissolved
    if not dissolves.any():
        return
    state.dissolved |= dissolves
    np.logical_or.at(
        state.serves_several_authorities, successor[dissolves], state.serves_several_authorities[dissolves]
    )
    file = dissolves[state.files.site].nonzero()[0]
    child, former = file // state.kinds, state.files.site[file].astype(np.int64)
    age = state.age_weeks(child)
    draw = state.streams.merging_files.uniform(*state.keys.file(child, file - child * state.kinds))
    lost = (draw < state.organisations["file_lost"][former]) & (age >= 0) & (age < CHILDHOOD)
    state.files.site[file] = successor[former]
    _clear_files(state, file[lost])


def _clear_files(state: Casework, file: Ints) -> None:
    """Clear files that were left behind; the organisations that serve the children now start without evidence."""
    state.files.evidence[file] = 0.0
    state.files.unanswered[file] = 0.0
    state.log.add(state.week, Occurrence.FILE_LEFT_BEHIND, file // state.kinds, state.files.site[file])
