"""The ledger of missed risk: which spells of harm were missed, and where the chain of concern about each stopped.

A spell is evaluated at its deadline, which is 13 weeks after onset by default (and also 4, 26 and 52 weeks), or at
its first serious event if that comes earlier. `Snapshots` records in the week of the deadline what only that week shows
(the status of the case, and the agencies' files and thresholds); the log supplies everything else after the run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.tables import OrganisationColumns
from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.life_events import RowsByWeek, group_by_week
from cpsim.casework.log import FinishedLog, Occurrence
from cpsim.casework.recording import pool_evidence, read_files
from cpsim.casework.sharing import child_sharing_thresholds
from cpsim.casework.state import AgencyFiles, Casework, ChildRecords, CurrentHarm, Status
from cpsim.constants import NEVER, WEEKS_PER_YEAR
from cpsim.measures.chain import TIERS
from cpsim.measures.conditions import actual_end, child_harm_intervals
from cpsim.measures.deadlines import find_deadline, judge_spells
from cpsim.measures.horizons import list_horizons, result_column
from cpsim.measures.intervals import Episodes, EventTimes
from cpsim.measures.on_file import Crossings, find_tiers
from cpsim.measures.services import find_episodes, find_strict_episodes
from cpsim.network.ties import Ties
from cpsim.ranges import split_columns
from cpsim.stages.declarations import stage
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.scenario.schema import Scenario

LOOK_BACK = 26
"""Weeks before onset from which events count in the chain of concern."""


def select_evaluated_spells(world: World) -> Ints:
    """Select the spells of significant harm with onset in the evaluated weeks; rows of spells, shape (J,)."""
    spells = world.spells
    begins = (spells.onset >= world.warm_up) & (spells.onset < world.warm_up + world.evaluated_weeks)
    return np.flatnonzero(spells.harm & begins)


_STATES = ("_serious", "status", "threshold_crossed", "jigsaw", "on_file")
"""Columns of `Snapshots` that change during a run."""


class Snapshots:
    """The state of each spell's case and files in the week of its deadline; shapes (S,), by row of the spell.

    Args:
        world: the children and their spells.
        horizon: weeks from onset to the deadline.

    Attributes:
        horizon: as given.
        status: `Status` of the child's case, int8.
        threshold_crossed: whether an agency holds evidence at or above its threshold, bool.
        jigsaw: whether pooled evidence is at or above the lowest threshold although no single file is, bool.
        on_file: whether any agency holds a live file, bool.
    """

    def __init__(self, world: World, horizon: int) -> None:
        self.horizon = horizon
        spells, evaluated = world.spells, select_evaluated_spells(world)
        deadline = np.full(len(spells.child), NEVER, np.int64)
        deadline[evaluated] = spells.onset[evaluated] + horizon
        self._at_deadline = group_by_week(deadline, world.weeks)
        early = np.full(len(spells.child), NEVER, np.int64)
        early[evaluated] = np.where(spells.serious < deadline, spells.serious, NEVER)[evaluated]
        self._at_serious_event = group_by_week(early, world.weeks)
        n = len(spells.child)
        self._serious = np.zeros(n, np.bool_)
        self.status = np.zeros(n, np.int8)
        self.threshold_crossed = np.zeros(n, np.bool_)
        self.jigsaw = np.zeros(n, np.bool_)
        self.on_file = np.zeros(n, np.bool_)

    @classmethod
    def join(cls, runs: Sequence[Snapshots], world: World) -> Snapshots:
        """Return the snapshots of several runs together, in their joined world."""
        joined = cls(world, runs[0].horizon)
        for name in _STATES:
            setattr(joined, name, np.concatenate([getattr(run, name) for run in runs]))
        return joined

    def split_to(self, runs: Sequence[Snapshots]) -> None:
        """Write the snapshots back to the runs that were joined."""
        split_columns(self, runs, _STATES)

    def __deepcopy__(self, memo: dict[int, Any]) -> Snapshots:
        copy = object.__new__(Snapshots)
        copy.__dict__ = {
            name: value if isinstance(value, RowsByWeek | int) else value.copy()
            for name, value in self.__dict__.items()
        }
        return copy

    @stage(
        reads=(
            Casework.authority,
            AgencyFiles.evidence,
            AgencyFiles.site,
            AgencyFiles.touched,
            CurrentHarm.spell,
            OrganisationColumns.group_threshold_shift,
            OrganisationColumns.share_threshold,
            OrganisationColumns.share_threshold_shift,
            OrganisationColumns.workload,
            ChildRecords.status,
            Ties.trust,
        ),
        writes=(),
    )
    def update(self, state: Casework) -> None:
        """Record the spells whose deadline is this week.

        A spell with a serious event before its regular deadline is recorded in the week of the event only.
        """
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
    """A summary of the agencies' files on some children in one week; shapes (n,).

    Attributes:
        live: whether any agency holds a live file, bool.
        threshold_crossed: whether an agency holds evidence at or above its threshold, bool.
        jigsaw: whether pooled evidence is at or above the lowest threshold although no single file is, bool.
    """

    live: Bools
    threshold_crossed: Bools
    jigsaw: Bools


def summarise_files(state: Casework, child: Ints) -> FileSummary:
    """Summarise the agencies' files on each child this week; `child` has shape (n,)."""
    files = gather_file_evidence(state, child)
    live: Bools = np.logical_or.reduce(files.live, axis=1)
    threshold_crossed: Bools = np.logical_or.reduce(files.live & (files.held >= files.threshold), axis=1)
    return FileSummary(live, threshold_crossed, (files.pooled >= files.lowest) & ~threshold_crossed)


class FileEvidence(NamedTuple):
    """The evidence on each agency's file about some children in one week, and all of it pooled.

    Attributes:
        site: row of the organisation that holds the file, int64, shape (n, K).
        held: evidence on the file, log-odds, float64, shape (n, K).
        threshold: evidence at which the organisation makes contact half of the time, log-odds, float64, shape (n, K).
        live: whether the file holds at least `sharing.live_evidence`, bool, shape (n, K).
        pooled: evidence on all live files together (M5), log-odds, float64, shape (n,).
        lowest: lowest threshold of the organisations with a live file, infinite if there is none, float64, shape (n,).
    """

    site: Ints
    held: Floats
    threshold: Floats
    live: Bools
    pooled: Floats
    lowest: Floats


def gather_file_evidence(state: Casework, child: Ints) -> FileEvidence:
    """Gather the evidence on the agencies' files about each child this week; `child` has shape (n,)."""
    file = child[:, None] * state.kinds + np.arange(state.kinds)
    site = state.files.site[file].astype(np.int64)
    held = read_files(state, file)
    threshold = child_sharing_thresholds(state, child[:, None], site)
    live = held >= state.scenario.sharing.live_evidence
    lowest = np.where(live, threshold, np.inf).min(axis=1)
    pooled = pool_evidence(state, (held * live).sum(axis=1), live.sum(axis=1))
    return FileEvidence(site, held, threshold, live, pooled, lowest)


def build_spells_table(
    scenario: Scenario, world: World, events: FinishedLog, snapshots: Snapshots, row: Ints | None = None
) -> pd.DataFrame:
    """Build the table of spells: one row for each spell of significant harm with onset in the evaluated weeks.

    Args:
        scenario: the scenario, for its measures and kinds of agency.
        world: the children and their spells.
        events: the log of the run.
        snapshots: the state in the weeks of the deadlines.
        row: rows of the spells to include, shape (J,); all with onset in the evaluated weeks if None.

    Returns:
        Columns as in `cpsim.results.TABLES["spells"]`, without those of `add_pieces_on_file`; weeks are counted from
        week 0. Only spells missed at the primary horizon have a stage at which the chain stopped.
    """
    import pandas as pd

    spells = _Followed.of(world, events, select_evaluated_spells(world) if row is None else row)
    protection = find_episodes(events, "effective")
    firsts = {name: spells.find_first(events, occurrence) for name, occurrence in _FIRSTS.items()}
    first_protected = protection.find_first_week(spells.child, spells.onset, spells.end + 1)
    met, week0 = world.first_contact[spells.row].astype(np.int64), world.warm_up
    met = np.where(met < spells.end, met, NEVER)
    return pd.DataFrame(
        {
            **_describe_harm(scenario, world, spells),
            "first_contact": _relative_week(met, week0),
            **{f"first_{name}": _relative_week(first.week, week0) for name, first in firsts.items()},
            "shared_by": _name_kinds(scenario, world, firsts["share"].site),
            "referred_by": _name_kinds(scenario, world, firsts["referral"].site),
            "first_protected": _relative_week(first_protected, week0),
            **_describe_results(scenario, world, events, spells, snapshots, protection, first_protected),
        }
    )


@dataclass(frozen=True)
class _Followed:
    """The spells of harm that are followed; shapes (J,).

    Attributes:
        row: rows of the spells.
        child: rows of the children.
        onset, end: first week, and first week after.
        serious: week of the first serious event, `NEVER` if none.
        is_child: whether each child has one of these spells, bool, shape (N,).
    """

    row: Ints
    child: Ints
    onset: Ints
    end: Ints
    serious: Ints
    is_child: Bools

    @classmethod
    def of(cls, world: World, events: FinishedLog, row: Ints) -> _Followed:
        spells = world.spells
        is_child = np.zeros(len(world.children.birth), np.bool_)
        is_child[spells.child[row]] = True
        serious = _week_by_spell(events, Occurrence.SERIOUS_EVENT, len(spells.child))
        onset = spells.onset[row].astype(np.int64)
        return cls(row, spells.child[row], onset, actual_end(world, events)[row], serious[row], is_child)

    def find_first(self, events: FinishedLog, occurrence: int) -> _FirstEvent:
        """Find the first event of a kind from onset to the end of each spell (inclusive)."""
        logged = events.select(occurrence)
        rows = np.flatnonzero(self.is_child[logged.child] & (logged.week >= self.onset.min(initial=0)))
        place = EventTimes(logged.child[rows], logged.week[rows]).find_row(self.child, self.onset)
        found = np.flatnonzero(place >= 0)
        row = rows[place[found]]
        in_time = logged.week[row] <= self.end[found]
        found, row = found[in_time], row[in_time]
        first = _FirstEvent(np.full(len(self.child), NEVER), np.full(len(self.child), -1))
        first.week[found], first.site[found] = logged.week[row], logged.site[row]
        return first


class _FirstEvent(NamedTuple):
    """The first event of a kind in each spell: its week, `NEVER` if none, and organisation, -1 if none; shapes (J,)."""

    week: Ints
    site: Ints


_Described = dict[str, "NDArray[Any] | pd.Series[Any]"]


def _describe_harm(scenario: Scenario, world: World, spells: _Followed) -> _Described:
    """Describe each spell and its child: what is true, whatever the agencies do."""
    children, drawn, week0 = world.children, world.spells, world.warm_up
    child, onset = spells.child, spells.onset
    authority, area = world.residence.find_at(child, onset)
    untreated = drawn.end[spells.row].astype(np.int64)
    severity = drawn.severity[spells.row]
    chronic = untreated - onset >= scenario.measures.chronic_from_weeks
    return {
        "child": child,
        "family": children.family[child].astype(np.int32),
        "authority": authority,
        "area": area,
        "decile": children.decile[child],
        "group": np.where(children.group[child], "smaller", "larger"),
        "age_years": (onset - children.birth[child]) / WEEKS_PER_YEAR,
        "onset": onset - week0,
        "end_untreated": _relative_week(untreated, week0),
        "end_actual": _relative_week(spells.end, week0),
        "severity": severity,
        "severe": severity > find_severe_cutoff(scenario),
        "course": np.where(chronic, "chronic", "acute"),
        "serious_week": _relative_week(spells.serious, week0),
    }


def _describe_results(
    scenario: Scenario, world: World, events: FinishedLog, spells: _Followed, snapshots: Snapshots,
    protection: Episodes, first_protected: Ints,
) -> _Described:  # fmt: skip
    """Describe the results at each deadline, and how and where a spell that is missed at the primary one was lost."""
    import pandas as pd

    child, onset, horizon = spells.child, spells.onset, snapshots.horizon
    turned_18 = world.children.birth[child].astype(np.int64) + CHILDHOOD

    def judge(which: Episodes, weeks: int) -> NDArray[np.str_]:
        return judge_spells(child, onset, spells.end, spells.serious, turned_18, which, weeks)

    results = {weeks: judge(protection, weeks) for weeks in list_horizons(horizon)}
    missed, protected = results[horizon] == "missed", results[horizon] == "protected"
    mild = world.spells.severity[spells.row] < scenario.measures.strict_cutoff
    strictly = judge(find_strict_episodes(events, protection), horizon) == "protected"
    deadline = find_deadline(onset, spells.serious, horizon)
    status = snapshots.status[spells.row]
    times = _index_times(events, int(onset.min(initial=0)) - LOOK_BACK, spells.is_child)
    closures = find_closures(world, events, child, onset, np.minimum(deadline, spells.end - 1), status)
    since = closures.find_start(onset)
    on_file, crossed, jigsaw = (
        column[spells.row] for column in (snapshots.on_file, snapshots.threshold_crossed, snapshots.jigsaw)
    )
    stop = classify_stops(
        lambda occurrence: times(occurrence).count_between(child, since, deadline) > 0,
        status,
        FileSummary(on_file, crossed, jigsaw),
        world.first_contact[spells.row] <= deadline,
        closures.in_harm,
    )
    referred = times(Occurrence.REFERRED).count_between(child, onset - LOOK_BACK, deadline) > 0
    failed = np.select(
        [first_protected <= deadline, referred], ["protection_lost", "not_protected"], "never_referred"
    )
    return {
        **{result_column(weeks): result for weeks, result in results.items()},
        "protected_strictly": np.where(mild, protected, strictly),
        "failed": pd.Series(failed, dtype="str").where(missed),
        "stopped_at": pd.Series(stop, dtype="str").str[:2].where(missed),
        "stopped_at_part": pd.Series(stop, dtype="str").where(missed),
        "new_harm_after_closure": missed & closures.is_sound,
    }


def find_severe_cutoff(scenario: Scenario) -> float:
    """Find the severity above which a spell is severe: a quantile of the lognormal distribution that severity has.

    >>> from cpsim.scenario import load
    >>> cutoff = find_severe_cutoff(load("baseline"))
    >>> round(cutoff / float(np.exp(0.413 * 0.8416)), 3)
    1.0
    """
    quantile = scenario.measures.severe_quantile
    if not 0 < quantile < 1:
        return 0.0 if quantile == 0 else np.inf
    return float(np.exp(scenario.harm.severity_spread * NormalDist().inv_cdf(quantile)))


def add_pieces_on_file(
    table: pd.DataFrame, scenario: Scenario, world: World, crossings: Crossings
) -> pd.DataFrame:
    """Add to the table of spells how much the agencies had on file about each missed spell while there was time.

    Args:
        table: the table of spells.
        scenario: the scenario, for the weeks before the deadline that a reaction takes.
        world: the children.
        crossings: the weeks in which the evidence about children crossed the threshold.
    """
    import pandas as pd

    settings = scenario.measures
    onset = table["onset"].to_numpy(np.int64) + world.warm_up
    serious = table["serious_week"].fillna(NEVER).to_numpy(np.int64) + world.warm_up
    reaction = np.where(
        table["course"] == "acute", settings.acute_reaction_weeks, settings.chronic_reaction_weeks
    )
    last = find_deadline(onset, serious, settings.horizon_weeks) - reaction
    tier = find_tiers(crossings, table["child"].to_numpy(np.int64), onset, last)
    names = pd.Series(np.array([*TIERS, ""], object)[tier], dtype="str")
    missed = table[result_column(settings.horizon_weeks)] == "missed"
    return table.assign(had=names.where(missed & (tier < len(TIERS))))


_FIRSTS = {
    "notice": Occurrence.NOTICED,
    "record": Occurrence.RECORDED,
    "threshold": Occurrence.THRESHOLD_CROSSED,
    "share": Occurrence.SHARED,
    "delivery": Occurrence.DELIVERED,
    "referral": Occurrence.REFERRED,
    "assessment": Occurrence.INITIAL_STARTED,
}


def _relative_week(week: Ints, week0: int) -> pd.Series[int]:
    """Weeks counted from week 0, missing where there was no event, shape (J,)."""
    import pandas as pd

    return pd.Series(week - week0, dtype="Int32").mask(week >= NEVER)


def _week_by_spell(events: FinishedLog, occurrence: int, spells: int) -> Ints:
    """Week of the event of one kind in each spell, `NEVER` if there is none, shape (S,)."""
    logged = events.select(occurrence)
    week = np.full(spells, NEVER)
    week[logged.value.astype(np.int64)] = logged.week
    return week


def _name_kinds(scenario: Scenario, world: World, site: Ints) -> pd.Series[str]:
    """Name the kind of each organisation, shape (J,); missing where the organisation is -1."""
    import pandas as pd

    kind = np.append(world.sites.kind, -1)[site]
    return pd.Series(np.array([*scenario.kinds, ""], object)[kind], dtype="str").mask(kind < 0)


def _index_times(events: FinishedLog, week: int, wanted: Bools) -> Callable[[int], EventTimes]:
    """Return a function that indexes the events of a kind by child, and remembers the index.

    Args:
        events: the log.
        week: first week of the events.
        wanted: whether the events of each child are indexed, shape (N,).
    """

    @cache
    def times(occurrence: int) -> EventTimes:
        logged = events.select(occurrence).select_weeks(week, NEVER)
        rows = wanted[logged.child].nonzero()[0]
        return EventTimes(logged.child[rows], logged.week[rows])

    return times


class Closures(NamedTuple):
    """The last end of a service or plan before each spell's deadline, if the child has had none since; shapes (n,).

    Attributes:
        week: its week, `-NEVER` if there is none, int64.
        in_harm: whether the child was in significant harm in that week, bool.
        is_sound: whether there was a closure and the child was not in harm, bool.
    """

    week: Ints
    in_harm: Bools
    is_sound: Bools

    def find_start(self, onset: Ints) -> Ints:
        """Find the week from which each spell's chain counts: half a year before onset, or after a sound closure."""
        start: Ints = np.maximum(onset - LOOK_BACK, np.where(self.is_sound, self.week + 1, -NEVER))
        return start


def find_closures(
    world: World, events: FinishedLog, child: Ints, onset: Ints, upto: Ints, status: NDArray[np.int8]
) -> Closures:
    """Find the closures that matter to each spell.

    Args:
        world: the children and their spells.
        events: the log of the run.
        child: rows of the children, shape (n,).
        onset: first week of each spell, shape (n,).
        upto: last week that counts, shape (n,).
        status: `Status` of each child's case in that week, shape (n,).
    """
    logged = [
        events.select(occurrence)
        for occurrence in (Occurrence.PLAN_ENDED, Occurrence.IN_NEED_ENDED, Occurrence.CARE_ENDED)
    ]
    ended = EventTimes(
        np.concatenate([each.child for each in logged]), np.concatenate([each.week for each in logged])
    )
    week = ended.find_last(child, upto)
    in_service = (status >= Status.IN_NEED) & (status <= Status.CARE)
    closed = (week >= onset - LOOK_BACK) & ~in_service
    in_harm = closed & (child_harm_intervals(world, events).count_open(child, week) > 0)
    return Closures(week, in_harm, closed & ~in_harm)


def classify_stops(
    has_occurred: Callable[[int], Bools],
    status: NDArray[np.int8],
    files: FileSummary,
    contact: Bools,
    closed_in_harm: Bools,
) -> NDArray[np.str_]:
    """Code of the stage that the concern about each child reached and did not pass (section 3 of the ledger's page).

    Args:
        has_occurred: function of a code of `Occurrence` that returns whether such an event has happened to each child
            in the weeks that count, shape (n,).
        status: `Status` of each child's case, shape (n,).
        files: summary of the agencies' files.
        contact: whether a practitioner has met the child, shape (n,).
        closed_in_harm: whether the case was closed while the child was in harm, shape (n,).

    Returns:
        Codes of `STOP_PARTS`, shape (n,).
    """

    def has_any(*occurrences: int) -> Bools:
        any_of: Bools = np.logical_or.reduce([has_occurred(occurrence) for occurrence in occurrences])
        return any_of

    in_service = (status >= Status.IN_NEED) & (status <= Status.CARE)
    decided = has_any(Occurrence.PLAN_STARTED, Occurrence.CARE_STARTED)
    assessed = has_any(Occurrence.INITIAL_FINISHED)
    delivered = has_any(Occurrence.DELIVERED)
    # A sibling who is named in a referral is referred without a message.
    referred = has_any(Occurrence.REFERRED)
    shared = has_any(Occurrence.SHARED)
    threshold_crossed = has_any(Occurrence.THRESHOLD_CROSSED) | files.threshold_crossed
    recorded = has_any(Occurrence.RECORDED) | files.live
    met = contact | has_any(Occurrence.NOTICED)
    tests: list[tuple[Bools, str]] = [
        (closed_in_harm, "C9a"),
        (decided | (status == Status.PLAN), "C8"),
        (status == Status.CONFERENCE, "C6c"),
        ((status > Status.CLOSED) & ~in_service & (status != Status.ADULT), "C6b"),
        (assessed | in_service, "C7"),
        (delivered | referred, "C5"),
        (shared & has_any(Occurrence.LOST), "C4a"),
        (shared & has_any(Occurrence.MISDIRECTED), "C4c"),
        (shared, "C4b"),
        (threshold_crossed, "C3a"),
        (recorded & files.jigsaw, "C3b"),
        (recorded, "C1b"),
        (has_any(Occurrence.NOTICED), "C2"),
        (met, "C1a"),
    ]
    return np.select([test for test, _ in tests], [code for _, code in tests], "C0")
