"""The ledger of missed risk: which spells of harm were missed, and at which step each of them was lost.

A spell is judged at its deadline: 13 weeks after onset (and 4, 26 and 52 beside it), or its first serious event if that
comes before. What the deadline needs to know of that very week (where the case stands, what files hold against which
thresholds) is noted in that week by `Snapshots`; everything else is read from the log after the run.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.life_events import RowsByWeek, group_by_week
from cpsim.casework.log import FinishedLog, Occurrence
from cpsim.casework.recording import pool_evidence, read_files
from cpsim.casework.sharing import child_sharing_thresholds
from cpsim.casework.state import Casework, Status
from cpsim.constants import NEVER, WEEKS_PER_YEAR
from cpsim.measures.intervals import Episodes, EventTimes
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD

HORIZONS = (4, 13, 26, 52)
PRIMARY = 13
LOOK_BACK = 26
"""A chain of concern counts if it was alive from this many weeks before onset on."""


def select_evaluated_spells(world: World) -> Ints:
    """Rows of the spells of significant harm with onset in the judged weeks, shape (J,)."""
    spells = world.spells
    begins = (spells.onset >= world.warm_up) & (spells.onset < world.warm_up + world.evaluated_weeks)
    return np.flatnonzero(spells.harm & begins)


class Snapshots:
    """What the ledger must note in the week of a deadline itself.

    Attributes (shape (S,), by row of the spell):
        status: `Status` of the child, int8.
        threshold_crossed: whether an agency holds evidence at or above its threshold, bool.
        jigsaw: whether pooled evidence is at or above the lowest threshold although no single file is, bool.
        on_file: whether any agency holds a live record, bool.
    """

    def __init__(self, world: World) -> None:
        spells, judged = world.spells, select_evaluated_spells(world)
        deadline = np.full(len(spells.child), NEVER, np.int64)
        deadline[judged] = spells.onset[judged] + PRIMARY
        self._at_deadline = group_by_week(deadline, world.weeks)
        early = np.full(len(spells.child), NEVER, np.int64)
        early[judged] = np.where(spells.serious < deadline, spells.serious, NEVER)[judged]
        self._at_serious_event = group_by_week(early, world.weeks)
        n = len(spells.child)
        self._serious = np.zeros(n, np.bool_)
        self.status = np.zeros(n, np.int8)
        self.threshold_crossed = np.zeros(n, np.bool_)
        self.jigsaw = np.zeros(n, np.bool_)
        self.on_file = np.zeros(n, np.bool_)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Snapshots":
        twin = object.__new__(Snapshots)
        twin.__dict__ = {
            name: value if isinstance(value, RowsByWeek) else value.copy()
            for name, value in self.__dict__.items()
        }
        return twin

    def update(self, state: Casework) -> None:
        """Note this week's deadlines. A spell with a serious event before its deadline keeps what was noted then."""
        early = self._at_serious_event[state.week]
        early = early[state.harm.spell[state.world.spells.child[early]] == early]
        self._serious[early] = True
        regular = self._at_deadline[state.week]
        spell = np.concatenate([early, regular[~self._serious[regular]]])
        if not len(spell):
            return
        child = state.world.spells.child[spell]
        self.status[spell] = state.records.status[child]
        self.on_file[spell], self.threshold_crossed[spell], self.jigsaw[spell] = summarise_files(state, child)


class FileSummary(NamedTuple):
    """What the agencies' files amount to in one week; shapes (n,).

    Attributes:
        live: whether any agency holds a live record, bool.
        threshold_crossed: whether an agency holds evidence at or above its threshold, bool.
        jigsaw: whether pooled evidence is at or above the lowest threshold although no single file is, bool.
    """

    live: Bools
    threshold_crossed: Bools
    jigsaw: Bools


def summarise_files(state: Casework, child: Ints) -> FileSummary:
    """What the agencies' files on each child amount to this week; `child` has shape (n,)."""
    pieces = gather_file_evidence(state, child)
    live: Bools = np.logical_or.reduce(pieces.live, axis=1)
    threshold_crossed: Bools = np.logical_or.reduce(pieces.live & (pieces.held >= pieces.threshold), axis=1)
    return FileSummary(live, threshold_crossed, (pieces.pooled >= pieces.lowest) & ~threshold_crossed)


class FileEvidence(NamedTuple):
    """What lies on each agency's file about some children in one week, and what it would come to in one hand.

    Attributes:
        site: organisation that holds the file, int64, shape (n, K).
        held: evidence on it, log-odds, float64, shape (n, K).
        threshold: at which the organisation tells social care half the time, log-odds, float64, shape (n, K).
        live: whether it holds enough to count, bool, shape (n, K).
        pooled: all live files taken together (M5), log-odds, float64, shape (n,).
        lowest: lowest threshold of those who hold a live file, infinite if nobody does, float64, shape (n,).
    """

    site: Ints
    held: Floats
    threshold: Floats
    live: Bools
    pooled: Floats
    lowest: Floats


def gather_file_evidence(state: Casework, child: Ints) -> FileEvidence:
    """The pieces of the jigsaw about each child as the week stands; `child` has shape (n,)."""
    file = child[:, None] * state.kinds + np.arange(state.kinds)
    site = state.files.site[file].astype(np.int64)
    held = read_files(state, file)
    threshold = child_sharing_thresholds(state, child[:, None], site)
    live = held >= state.scenario.sharing.live_evidence
    lowest = np.where(live, threshold, np.inf).min(axis=1)
    pooled = pool_evidence(state, (held * live).sum(axis=1), live.sum(axis=1))
    return FileEvidence(site, held, threshold, live, pooled, lowest)


def build_spells_table(
    world: World, events: FinishedLog, snapshots: Snapshots, row: Ints | None = None
) -> pd.DataFrame:
    """The table of spells: one row a spell of significant harm with onset in the judged weeks; weeks from week 0 on.

    Columns as in `cpsim.results.TABLES["spells"]`. A cause is given to spells missed at 13 weeks only. `row`, shape
    (J,), are the spells if not all that are judged are wanted.
    """
    if row is None:
        row = select_evaluated_spells(world)
    spells, children = world.spells, world.children
    child, onset = spells.child[row], spells.onset[row].astype(np.int64)
    ended_early = _week_by_spell(events, Occurrence.HARM_ENDED_BY_PROTECTION, len(spells.child))[row]
    end = np.minimum(spells.end[row], ended_early)
    serious = _week_by_spell(events, Occurrence.SERIOUS_EVENT, len(spells.child))[row]
    turned_18 = children.birth[child].astype(np.int64) + CHILDHOOD
    protection = find_protected_episodes(events)
    first_protected = protection.find_first_week(child, onset, end)
    results = {
        horizon: _spell_results(child, onset, end, serious, turned_18, protection, horizon)
        for horizon in HORIZONS
    }
    deadline = np.minimum(onset + PRIMARY, serious)
    times = _index_times(events, int(onset.min(initial=0)) - LOOK_BACK)
    part = _spell_causes(child, onset, deadline, times, snapshots, row, world.first_contact[row])
    missed = results[PRIMARY] == "missed"
    end_of_following = end + 1
    firsts = {
        f"first_{name}": _first_week(times(what), child, onset, end_of_following)
        for name, what in _FIRSTS.items()
    }
    week0 = world.warm_up
    authority, area = world.residence.find_at(child, onset)
    return pd.DataFrame(
        {
            "child": child,
            "family": children.family[child].astype(np.int32),
            "authority": authority,
            "area": area,
            "decile": children.decile[child],
            "group": np.where(children.group[child], "smaller", "larger"),
            "age_years": (onset - children.birth[child]) / WEEKS_PER_YEAR,
            "onset": onset - week0,
            "end_untreated": _relative_week(spells.end[row].astype(np.int64), week0),
            "end_actual": _relative_week(end, week0),
            "severity": spells.severity[row],
            "serious_week": _relative_week(serious, week0),
            "first_contact": _relative_week(
                np.where(world.first_contact[row] < end, world.first_contact[row], NEVER), week0
            ),
            **{name: _relative_week(weeks, week0) for name, weeks in firsts.items()},
            "first_protected": _relative_week(first_protected, week0),
            **{f"result_{horizon}w": result for horizon, result in results.items()},
            "cause": pd.Series(part, dtype="str").str[:2].where(missed),
            "cause_part": pd.Series(part, dtype="str").where(missed),
        }
    )


_FIRSTS = {
    "notice": Occurrence.NOTICED,
    "record": Occurrence.RECORDED,
    "threshold": Occurrence.THRESHOLD_CROSSED,
    "share": Occurrence.SHARED,
    "delivery": Occurrence.DELIVERED,
    "referral": Occurrence.REFERRED,
    "assessment": Occurrence.INITIAL_STARTED,
}


def _relative_week(week: Ints, week0: int) -> "pd.Series[int]":
    """Weeks counted from week 0, missing where nothing happened, shape (J,)."""
    return pd.Series(week - week0, dtype="Int32").mask(week >= NEVER)


def _week_by_spell(events: FinishedLog, what: int, spells: int) -> Ints:
    """Week in which something happened to each spell, `NEVER` if it did not, shape (S,)."""
    happened = events.select(what)
    week = np.full(spells, NEVER)
    week[happened.value.astype(np.int64)] = happened.week
    return week


def _first_week(times: EventTimes, child: Ints, onset: Ints, end: Ints) -> Ints:
    first = times.find_first(child, onset)
    return np.where(first < end, first, NEVER)


def _index_times(events: FinishedLog, week: int) -> Callable[[int], EventTimes]:
    """When something happened to each child, by kind of happening; what lies before `week` concerns no judged spell."""

    @cache
    def times(what: int) -> EventTimes:
        happened = events.select(what).select_weeks(week, NEVER)
        return EventTimes(happened.child, happened.week)

    return times


def find_protected_episodes(events: FinishedLog) -> Episodes:
    """Stretches of unbroken effective protection by child."""
    begins, ends = events.select(Occurrence.EFFECTIVE_FROM), events.select(Occurrence.EFFECTIVE_UNTIL)
    return Episodes.from_pairs(begins.child, begins.week, ends.child, ends.week)


def _spell_results(
    child: Ints, onset: Ints, end: Ints, serious: Ints, turned_18: Ints, protection: Episodes, horizon: int
) -> NDArray[np.str_]:
    """What had become of each spell `horizon` weeks after onset, shape (J,); the rules are tested in order."""
    deadline = np.minimum(onset + horizon, serious)
    censored = (turned_18 < deadline) & (serious > deadline)
    last = np.minimum(deadline, end)
    start, until = protection.find_last_begun(child, last)
    # Protection that starts in the week of the serious event itself comes too late.
    in_time = (start < serious) & (start <= last)
    protected = in_time & (until >= last)
    ever = protection.find_first_week(child, onset, last + 1) < NEVER
    resolved = (end < deadline) & ~ever
    return np.select([censored, protected, resolved], ["censored", "protected", "self_resolved"], "missed")


def _spell_causes(
    child: Ints,
    onset: Ints,
    deadline: Ints,
    times: Callable[[int], EventTimes],
    snapshots: Snapshots,
    row: Ints,
    first_contact: NDArray[np.int32],
) -> NDArray[np.str_]:
    """The code of the step that stopped the furthest chain of concern, shape (J,)."""
    since = onset - LOOK_BACK
    files = FileSummary(snapshots.on_file[row], snapshots.threshold_crossed[row], snapshots.jigsaw[row])
    return classify_causes(
        lambda what: times(what).count_between(child, since, deadline) > 0,
        snapshots.status[row],
        files,
        first_contact <= deadline,
    )


def classify_causes(
    happened_yet: Callable[[int], Bools], status: NDArray[np.int8], files: FileSummary, contact: Bools
) -> NDArray[np.str_]:
    """The code of the step that stops the furthest chain of concern, shape (n,) (ledger, section 3).

    Args:
        happened_yet: whether a kind of happening has occurred to each child in the weeks that count, shape (n,).
        status: of each child, shape (n,).
        files: what the agencies' files amount to.
        contact: whether any professional has met the child, shape (n,).
    """

    def happened(*whats: int) -> Bools:
        any_of_them: Bools = np.logical_or.reduce([happened_yet(what) for what in whats])
        return any_of_them

    in_service = (status >= Status.IN_NEED) & (status <= Status.CARE)
    ended = happened(Occurrence.PLAN_ENDED, Occurrence.IN_NEED_ENDED, Occurrence.CARE_ENDED)
    decided = happened(Occurrence.PLAN_STARTED, Occurrence.CARE_STARTED)
    assessed = happened(Occurrence.INITIAL_FINISHED)
    delivered = happened(Occurrence.DELIVERED)
    referred = happened(
        Occurrence.REFERRED
    )  # a sibling who was named along is referred without word of its own
    shared = happened(Occurrence.SHARED)
    threshold_crossed = happened(Occurrence.THRESHOLD_CROSSED) | files.threshold_crossed
    recorded = happened(Occurrence.RECORDED) | files.live
    met = contact | happened(Occurrence.NOTICED)
    tests: list[tuple[Bools, str]] = [
        (ended & ~in_service, "C9"),
        (decided | (status == Status.PLAN), "C8"),
        (status == Status.CONFERENCE, "C6c"),
        ((status > Status.CLOSED) & ~in_service & (status != Status.ADULT), "C6b"),
        (assessed | in_service, "C7"),
        (delivered | referred, "C5"),
        (shared & happened(Occurrence.LOST), "C4a"),
        (shared & happened(Occurrence.MISDIRECTED), "C4c"),
        (shared, "C4b"),
        (threshold_crossed, "C3a"),
        (recorded & files.jigsaw, "C3b"),
        (recorded, "C1b"),
        (happened(Occurrence.NOTICED), "C2"),
        (met, "C1a"),
    ]
    return np.select([test for test, _ in tests], [code for _, code in tests], "C0")
