"""What life itself brings in a week: spells and needs that begin or end, moves, eighteenth birthdays."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cpsim.arrays import Integers, Ints
from cpsim.casework.allocation import close_cases
from cpsim.casework.log import Occurrence
from cpsim.casework.state import SERVICE_ENDED, Casework, Status
from cpsim.constants import NEVER
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD


@dataclass(frozen=True)
class RowsByWeek:
    """Rows by the week in which they are due: those of week t are `rows[offsets[t] : offsets[t + 1]]`."""

    rows: Ints
    offsets: list[int]

    def __getitem__(self, week: int) -> Ints:
        return self.rows[self.offsets[week] : self.offsets[week + 1]]


def group_by_week(week: Integers, weeks: int) -> RowsByWeek:
    """Sort rows by week, which fits int16, shape (R,); rows outside 0..weeks-1 are left out."""
    order = week.astype(np.int16).argsort(kind="stable")  # a radix sort, since weeks are int16
    return RowsByWeek(order, np.searchsorted(week[order], np.arange(weeks + 1)).tolist())


@dataclass(frozen=True)
class LifeCalendar:
    """The weeks in which spells, needs and childhoods begin and end, worked out once for a world."""

    onset: RowsByWeek
    end: RowsByWeek
    serious: RowsByWeek
    need_start: RowsByWeek
    need_end: RowsByWeek
    turns_18: RowsByWeek

    def __deepcopy__(self, memo: dict[int, Any]) -> "LifeCalendar":
        return self


def build_life_calendar(world: World) -> LifeCalendar:
    """The calendar of a world."""
    weeks = world.weeks
    return LifeCalendar(
        onset=group_by_week(world.spells.onset, weeks),
        end=group_by_week(world.spells.end, weeks),
        serious=group_by_week(world.spells.serious, weeks),
        need_start=group_by_week(world.needs.start, weeks),
        need_end=group_by_week(world.needs.end, weeks),
        turns_18=group_by_week(world.children.birth.astype(np.int64) + CHILDHOOD, weeks),
    )


def apply_life_events(state: Casework, calendar: LifeCalendar) -> None:
    """Bring harm, needs, schools and ages up to this week, and open new minutes for its judgements.

    A move or a merger may leave an agency's file behind: its evidence is then out of reach of whoever meets the child
    next.
    """
    state.judgements = []
    week, world, harm = state.week, state.world, state.harm
    begins, ends = calendar.onset[week], calendar.end[week]
    child = world.spells.child[ends]
    over = child[harm.spell[child] == ends]
    harm.spell[over] = -1
    harm.severity[over] = 0.0
    struck = world.spells.child[begins]
    harm.spell[struck] = begins
    harm.severity[struck] = world.spells.severity[begins]

    helped, needy = world.needs.child[calendar.need_end[week]], world.needs.child[calendar.need_start[week]]
    np.subtract.at(harm.other_needs, helped, 1)
    np.add.at(harm.other_needs, needy, 1)

    family = world.children.family
    np.subtract.at(harm.family_needs, family[np.concatenate([over, helped])], 1)
    np.add.at(harm.family_needs, family[np.concatenate([struck, needy])], 1)

    _move_between_authorities(state)
    _merge_organisations(state)
    _change_organisations(state)
    _end_childhoods(state, calendar.turns_18[week])


def _move_between_authorities(state: Casework) -> None:
    """Children come to other authorities; social care's file may stay behind: what was said, by whom, and history."""
    changes, records = state.world.residence, state.records
    rows = slice(changes.offsets[state.week], changes.offsets[state.week + 1])
    state.move_children(changes.child[rows], changes.authority[rows], changes.area[rows])
    left = changes.child[rows][changes.left_behind[rows]]
    state.log.add(state.week, Occurrence.FILE_LEFT_BEHIND, left[records.belief[left] > 0])
    records.belief[left] = 0.0
    records.sources[left] = 0
    records.referrals[left] = 0
    records.plans[left] = 0
    records.last_referral[left] = -NEVER


def _merge_organisations(state: Casework) -> None:
    """Whoever an absorbed organisation served is now with the one that absorbed it; some files get lost on the way."""
    heir = state.organisations["absorbed_by"]
    dissolves = (heir != np.arange(len(heir))) & ~state.dissolved
    if not dissolves.any():
        return
    state.dissolved |= dissolves
    np.logical_or.at(
        state.serves_several_authorities, heir[dissolves], state.serves_several_authorities[dissolves]
    )
    file = dissolves[state.files.site].nonzero()[0]
    child, former = file // state.kinds, state.files.site[file].astype(np.int64)
    age = state.age_weeks(child)
    lot = state.streams.merging_files.uniform(state.keys.file(child, file - child * state.kinds))
    lost = (lot < state.organisations["file_lost"][former]) & (age >= 0) & (age < CHILDHOOD)
    state.files.site[file] = heir[former]
    _clear_files(state, file[lost])


def _change_organisations(state: Casework) -> None:
    moves = state.world.attendance
    rows = slice(moves.offsets[state.week], moves.offsets[state.week + 1])
    file = moves.file[rows].astype(np.int64)
    site = state.organisations["absorbed_by"][moves.site[rows]]
    left = file[moves.left_behind[rows] & (state.files.site[file] != site)]
    state.files.site[file] = site
    _clear_files(state, left)


def _clear_files(state: Casework, file: Ints) -> None:
    """What was on these files is lost to the organisations that serve their children now."""
    state.files.evidence[file] = 0.0
    state.files.unanswered[file] = 0.0
    state.log.add(state.week, Occurrence.FILE_LEFT_BEHIND, file // state.kinds, state.files.site[file])


def _end_childhoods(state: Casework, child: Ints) -> None:
    """At eighteen all child protection work about a person ends."""
    status = state.records.status[child]
    known = child[status != Status.CLOSED]
    if len(known):
        state.log.add(state.week, Occurrence.TURNED_18, known)
        for service, ended in SERVICE_ENDED.items():
            leaves = known[state.records.status[known] == service]
            state.log.add(state.week, ended, leaves, -1, state.week - state.records.since[leaves])
        close_cases(state, known, Status.ADULT)
    state.records.status[child] = Status.ADULT
