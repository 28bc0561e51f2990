"""The state of casework: agencies' files, social care's records, messages, queues and lists of open cases."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.agents.columns import AgentTable
from cpsim.agents.tables import TeamRole
from cpsim.arrays import Bools, Floats, Integers, Ints, Records
from cpsim.casework.decisions import DecisionKeys, DecisionStreams
from cpsim.casework.log import Judgement, Log, Occurrence
from cpsim.casework.sightings import WeeklySightings
from cpsim.constants import NEVER
from cpsim.network.ties import Ties
from cpsim.scenario.schema import Scenario
from cpsim.stages.declarations import Column, ItemColumn
from cpsim.world import World

if TYPE_CHECKING:
    from cpsim.casework.transitions import TransitionChecks

NONE: Final[Ints] = np.empty(0, np.int64)
"""No rows."""


class Status:
    """The stage that a child's case has reached in social care, in the order of the stages.

    Plain integers, for the same reason as `Occurrence`.
    """

    CLOSED: Final = 0
    WAITING: Final = 1
    INITIAL: Final = 2
    CORE_WAITING: Final = 3
    CORE: Final = 4
    ENQUIRY: Final = 5
    CONFERENCE: Final = 6
    IN_NEED: Final = 7
    PLAN: Final = 8
    CARE: Final = 9
    ADULT: Final = 10


STATUSES: Final = tuple(name.lower() for name in vars(Status) if name.isupper())
"""Names of the statuses; the index is the code."""


SERVICE_STARTED: Final = {
    Status.IN_NEED: Occurrence.IN_NEED_STARTED,
    Status.PLAN: Occurrence.PLAN_STARTED,
    Status.CARE: Occurrence.CARE_STARTED,
}
"""What is logged when a service starts, by the status that goes with it."""

SERVICE_ENDED: Final = {
    Status.IN_NEED: Occurrence.IN_NEED_ENDED,
    Status.PLAN: Occurrence.PLAN_ENDED,
    Status.CARE: Occurrence.CARE_ENDED,
}
"""What is logged when a service ends, by the status that goes with it."""


class AgencyFiles:
    """The agencies' files: one for each child and kind of agency, in row `child * K + kind`.

    Evidence and unanswered concerns fade from the week in which a file was last opened, and are brought up to date only
    when it is opened again. The three columns share one structured array, because files are opened in no fixed order
    and a row is then read from one place in memory.

    Attributes:
        site: organisation that serves the child now, int16, shape (N * K,).
        evidence: evidence of harm as of the week `touched`, log-odds, float64, shape (N * K,).
        unanswered: number of concerns that were not acted on, as of the week `touched`, float32, shape (N * K,).
        touched: week in which the file was last opened, int32, shape (N * K,).
    """

    site = Column[NDArray[np.int16]]("files")
    evidence = ItemColumn[Floats]("files", held_in="_rows")
    unanswered = ItemColumn[NDArray[np.float32]]("files", held_in="_rows")
    touched = ItemColumn[NDArray[np.int32]]("files", held_in="_rows")

    def __init__(self, world: World) -> None:
        n = len(world.attendance.first)
        self._rows = np.zeros(
            n, [("evidence", np.float64), ("unanswered", np.float32), ("touched", np.int32)]
        )
        self.site = world.attendance.first.copy()


class ChildRecords:
    """Social care's records on each child; shapes (N,).

    Attributes:
        status: `Status` of the case, int8.
        belief: evidence of harm on social care's own file as of week `believed` (int16), log-odds, float64.
        sources: bit k is set if an agency of kind k has sent a message since the file last counted as history, the
            smallest unsigned integer with a bit for each kind.
        referrals, plans: number so far, int16.
        last_referral: week of the last referral, `-NEVER` if none, int32.
        worker: row of the allocated social worker, -1 if none, int32.
        worker_changes: changes of social worker since the case was opened, int16.
        working_days: planned length of the assessment under way, working days, float64.
        finish: week in which the stage under way ends, int32.
        review: week of the next review, or in which care ends, int32.
        since: week in which the present service started, int32.
        care_from: week in which a care order takes effect, `NEVER` if none, int32.
        protected_since: first week of uninterrupted effective protection up to now, -1 if none, int32.
    """

    status = Column[NDArray[np.int8]]("records")
    belief = Column[Floats]("records")
    believed = Column[NDArray[np.int16]]("records")
    sources = Column[NDArray[np.unsignedinteger[Any]]]("records")
    referrals = Column[NDArray[np.int16]]("records")
    plans = Column[NDArray[np.int16]]("records")
    last_referral = Column[NDArray[np.int32]]("records")
    worker = Column[NDArray[np.int32]]("records")
    worker_changes = Column[NDArray[np.int16]]("records")
    working_days = Column[Floats]("records")
    finish = Column[NDArray[np.int32]]("records")
    review = Column[NDArray[np.int32]]("records")
    since = Column[NDArray[np.int32]]("records")
    care_from = Column[NDArray[np.int32]]("records")
    protected_since = Column[NDArray[np.int32]]("records")

    def __init__(self, n: int, kinds: int) -> None:
        self.status = np.zeros(n, np.int8)
        self.belief = np.zeros(n)
        self.believed = np.zeros(n, np.int16)
        self.sources = np.zeros(n, np.min_scalar_type(2**kinds - 1))
        self.referrals = np.zeros(n, np.int16)
        self.plans = np.zeros(n, np.int16)
        self.last_referral = np.full(n, -NEVER, np.int32)
        self.worker = np.full(n, -1, np.int32)
        self.worker_changes = np.zeros(n, np.int16)
        self.working_days = np.zeros(n)
        self.finish = np.full(n, -1, np.int32)
        self.review = np.full(n, -1, np.int32)
        self.since = np.full(n, -1, np.int32)
        self.care_from = np.full(n, NEVER, np.int32)
        self.protected_since = np.full(n, -1, np.int32)


class CurrentHarm:
    """The spells of harm and the other needs under way this week, and the progress of protection.

    Attributes:
        spell: row of each child's spell under way, -1 if none, int32, shape (N,).
        severity: severity of the spell under way, 0 if none, float64, shape (N,).
        other_needs: number of needs other than harm under way, int8, shape (N,).
        gate: whether the signs behind each gate occur, bool, shape (1 + 2 S,); see `world.signs.MarkedSigns`.
        progress: protection accumulated against each spell, float64, shape (S,).
        hidden_share: share of each child's signs that protection hides, float32, shape (N,).
    """

    spell = Column[NDArray[np.int32]]("harm")
    severity = Column[Floats]("harm")
    other_needs = Column[NDArray[np.int8]]("harm")
    gate = Column[Bools]("harm")
    progress = Column[Floats]("harm")
    hidden_share = Column[NDArray[np.float32]]("harm")

    def __init__(self, world: World) -> None:
        n, spells = len(world.children.birth), world.spells
        self.spell = np.full(n, -1, np.int32)
        under_way = np.flatnonzero(spells.onset < 0)
        self.spell[spells.child[under_way]] = under_way
        self.severity = np.zeros(n)
        self.severity[spells.child[under_way]] = spells.severity[under_way]
        needs = world.needs
        needy = needs.child[needs.start < 0]
        self.other_needs = np.bincount(needy, minlength=n).astype(np.int8)
        self.gate = np.zeros(1 + 2 * len(spells.child), np.bool_)
        self.gate[: 1 + len(spells.child)] = True
        self.progress = np.zeros(len(spells.child))
        self.hidden_share = np.zeros(n, np.float32)


def add_at(numbers: NDArray[np.integer], rows: Integers, change: int) -> None:
    """Add `change` to the numbers in some rows, once for each time that a row occurs."""
    np.add.at(numbers, rows, numbers.dtype.type(change))  # NumPy is far slower if the types differ


MESSAGE: Final = np.dtype(
    [
        ("child", np.int64),
        ("kind", np.int64),
        ("site", np.int64),
        ("evidence", np.float64),
        ("request", np.bool_),
        ("authority", np.int64),
        ("due", np.int64),
    ],
    align=True,
)
"""A message to the front door: the child, the kind and row of the organisation that sends it, the evidence that it
reports (log-odds), whether it requests help with a need other than harm, the authority that it goes to, and the week of
arrival.

Rows are aligned, because NumPy copies unaligned ones before it computes with them."""

WAITING_CASE: Final = np.dtype(
    [("child", np.int64), ("arrived", np.int64), ("priority", np.float64), ("enquiry", np.bool_)], align=True
)
"""A child in a queue: the week of arrival, the priority, and whether a section 47 enquiry is to be made."""

Messages = Records
"""Rows of `MESSAGE` in the order of sending, shape (n,)."""

Queue = Records
"""Rows of `WAITING_CASE` in order of arrival, shape (n,)."""


def build_rows(dtype: np.dtype[np.void], child: Ints, **columns: Any) -> Records:
    """Build rows of a structured type, one for each of `child`, shape (n,).

    Args:
        dtype: `MESSAGE`, `WAITING_CASE` or another type with a field `child`.
        child: rows of children, shape (n,).
        columns: the other fields, each an array of shape (n,) or one value for all rows.

    >>> build_rows(WAITING_CASE, np.array([4, 7]), arrived=12, priority=[1.5, 0.5], enquiry=False).tolist()
    [(4, 12, 1.5, False), (7, 12, 0.5, False)]
    """
    rows = np.empty(len(child), dtype)
    rows["child"] = child
    for name, values in columns.items():
        rows[name] = values
    return rows


def append_rows(rows: Records, more: Records) -> Records:
    """Append rows to others of the same structured type.

    The rows are joined as plain bytes, which is far faster than field by field.
    """
    both: Records = np.concatenate([rows.view(np.void), more.view(np.void)]).view(rows.dtype)
    return both


class RoleTeams(NamedTuple):
    """The teams of one role, of all authorities.

    Every authority has the same number of teams, and those of one authority are next to each other.

    Attributes:
        rows: rows of the table of teams, int64, shape (G,).
        of_child: team of each child, as an index into `rows`, int64, shape (N,).
    """

    rows: Ints
    of_child: Ints


class Roster(NamedTuple):
    """Social workers in post at the start of the week, by team and then by caseload, smallest first.

    Attributes:
        rows: rows of the table of workers, and -1 (no worker) at the end, shape (W + 1,).
        start: workers of team g are `rows[start[g] : start[g + 1]]`, shape (teams + 1,).
        noise: factor on each worker's error of judgement by row of the table of workers, and at the end the factor of a
            case without a worker, shape (workers + 1,).
    """

    rows: Ints
    start: Ints
    noise: Floats


@dataclass
class Casework:
    """The state of all casework: everything that the stages of casework read and write in a run.

    The world and the sightings are shared between runs and are never written to.

    Attributes:
        messages_in_transit: messages that have been sent and have not arrived.
        waiting_initial, waiting_core: queues for initial assessment, and for core assessment or section 47 enquiry.
        under_way: children whose assessment, enquiry or wait for a conference ends in a known week, shape (n,).
        receiving_services: children with a child-in-need service, on a plan or in care, shape (n,).
        hours_carried_over: hours that each team carries into the next week, float64, shape (teams,).
        time_per_case: share of its due hours that a case gets in each team this week (M11), float64, shape (teams,).
        recent_delivered_share: delivered share of due hours in each of the last four weeks, float64, shape (4, teams).
        authority: authority that is responsible for each child, int64, shape (N,).
        newcomers: children who moved here from another authority this week, shape (n,).
        drift: how far the thresholds of each front door have moved, log-odds, float64, shape (A,).
        front_door_load: smoothed load of the assessment teams of each authority, float64, shape (A,).
        serves_several_authorities: whether each organisation does, bool, shape (organisations,).
        marked: scratch space within a step, False everywhere between steps, bool, shape (N,).
        dissolved: whether each organisation has handed over all its files, bool, shape (organisations,).
        judgements: this week's judgements with the thresholds that they were compared with.
        transition_checks: checks of the debug mode, None if it is off.
        child_bias: lasting error in social care's view of each child's severity, float64, shape (N,).
        seeds: seeds of the runs that are simulated together, usually one; see `cpsim.blocks`.
        run_of_authority: run that each authority belongs to, as an index into `seeds`, int64, shape (A,).
        front_doors: row of the front door of each authority in the table of teams, int64, shape (A,).
    """

    scenario: Scenario
    world: World
    sightings: WeeklySightings
    authorities: AgentTable
    organisations: AgentTable
    teams: AgentTable
    workers: AgentTable
    ties: Ties
    log: Log
    transition_checks: "TransitionChecks | None" = None
    week: int = 0

    messages_in_transit = Column[Messages]("casework")
    waiting_initial = Column[Queue]("casework")
    waiting_core = Column[Queue]("casework")
    under_way = Column[Ints]("casework")
    receiving_services = Column[Ints]("casework")
    hours_carried_over = Column[Floats]("casework")
    time_per_case = Column[Floats]("casework")
    recent_delivered_share = Column[Floats]("casework")
    authority = Column[Ints]("casework")
    newcomers = Column[Ints]("casework")
    drift = Column[Floats]("casework")
    front_door_load = Column[Floats]("casework")
    serves_several_authorities = Column[Bools]("casework")
    dissolved = Column[Bools]("casework")
    roster = Column[Roster]("casework")
    assessment_teams = Column[RoleTeams]("casework")
    long_term_teams = Column[RoleTeams]("casework")
    judgements = Column[list[Judgement]]("casework")

    def __post_init__(self) -> None:
        scenario, world = self.scenario, self.world
        n = len(world.children.birth)
        self.kinds = len(scenario.agencies)
        self.files = AgencyFiles(world)
        self.records = ChildRecords(n, self.kinds)
        self.harm = CurrentHarm(world)
        self.seeds: tuple[int, ...] = (world.seed,)
        self.run_of_authority = np.zeros(len(self.authorities), np.int64)
        self.streams = DecisionStreams(self.seeds)
        self.keys = DecisionKeys(scenario, world)
        self.authority = world.residence.first.astype(np.int64)
        self.newcomers = NONE
        self.front_doors = np.flatnonzero(self.teams["role"] == TeamRole.FRONT_DOOR)
        self.assessment_teams = self._group_teams(TeamRole.ASSESSMENT)
        self.long_term_teams = self._group_teams(TeamRole.LONG_TERM)
        self.roster = Roster(NONE, NONE, np.empty(0))
        self.messages_in_transit = np.empty(0, MESSAGE)
        self.waiting_initial = np.empty(0, WAITING_CASE)
        self.waiting_core = np.empty(0, WAITING_CASE)
        self.under_way = NONE
        self.receiving_services = NONE
        self.hours_carried_over = np.zeros(len(self.teams))
        self.time_per_case = np.ones(len(self.teams))
        self.recent_delivered_share = np.ones((4, len(self.teams)))
        self.drift = np.zeros(len(self.authorities))
        self.front_door_load = np.full(len(self.authorities), scenario.front_door.load_target)
        self.serves_several_authorities = world.sites.serves.sum(axis=1) > 1
        self.file_fade = np.exp(-scenario.sharing.evidence_fading_per_week * np.arange(world.weeks + 1))
        self.belief_fade = np.exp(-scenario.front_door.file_fading_per_week * np.arange(world.weeks + 1))
        self.child_bias = draws.generator(world.seed, "misreading by social care").standard_normal(n)
        self.child_bias *= scenario.assessment.child_bias
        self.marked = np.zeros(n, np.bool_)
        self.dissolved = np.zeros(len(self.organisations), np.bool_)
        self.judgements = []
        self._place = np.zeros(n, np.int32)

    def _group_teams(self, role: TeamRole) -> RoleTeams:
        rows = np.flatnonzero(self.teams["role"] == role)
        residence = self.world.residence
        return RoleTeams(rows, self._find_team(len(rows), residence.first, residence.first_area))

    def _find_team(self, teams: int, authority: Integers, area: Integers) -> Ints:
        """Find the team of a role that serves each neighbourhood of each authority, shape (n,)."""
        places = self.world.authorities
        each = teams // len(places)
        position = places.position_in_authority(area, authority)
        team: Ints = authority * np.int64(each) + position * each // places.areas[authority]
        return team

    def move_children(self, child: Ints, authority: Ints, area: Ints) -> None:
        """Move each child to an authority and to the teams of a neighbourhood there; shapes (n,)."""
        self.newcomers = child
        self.authority[child] = authority
        for teams in (self.assessment_teams, self.long_term_teams):
            teams.of_child[child] = self._find_team(len(teams.rows), authority, area)

    def move(self, child: Ints, to: int) -> None:
        """Move the cases of these children, shape (n,), to a status of the table of transitions.

        Nothing else writes `records.status`. Children who are new to services are added to `receiving_services`.

        Raises:
            IllegalTransitionError: in debug mode, the table of transitions does not allow the move.
        """
        if self.transition_checks is not None:
            self.transition_checks.check_move(self, child, to)
        status = self.records.status
        if Status.IN_NEED <= to <= Status.CARE:
            new_to_services = child[status[child] < Status.IN_NEED]
            self.receiving_services = np.concatenate([self.receiving_services, new_to_services])
        status[child] = to

    def permit_transitions(self, transitions: Iterable[tuple[int, int]]) -> None:
        """Permit pairs of statuses in this run that the table of transitions does not have, for a perfect stage."""
        if self.transition_checks is not None:
            self.transition_checks.permit(transitions)

    def take_from_transit(self, selected: Bools) -> Messages:
        """Take the selected ones of the messages in transit, bool, shape (n,), and leave the others there."""
        messages: Messages = self.messages_in_transit[selected]
        self.messages_in_transit = self.messages_in_transit[~selected]
        return messages

    def withdraw_from_lists(self, child: Ints) -> None:
        """Take these children, shape (n,), out of the queues and off the lists of work and services.

        A child with a service stays on the list of services. One whose service gave way to an enquiry this week is
        still on it and is taken off.
        """
        self.waiting_initial = self.waiting_initial[~np.isin(self.waiting_initial["child"], child)]
        self.waiting_core = self.waiting_core[~np.isin(self.waiting_core["child"], child)]
        self.under_way = self.under_way[~np.isin(self.under_way, child)]
        without_service = child[self.records.status[child] < Status.IN_NEED]
        self.receiving_services = self.receiving_services[~np.isin(self.receiving_services, without_service)]

    def sum_by_authority(self, of_teams: Floats) -> Floats:
        """Sum values of the teams of one role, shape (G,), over the teams of each authority, shape (A,)."""
        sums: Floats = of_teams.reshape(len(self.authorities), -1).sum(axis=1)
        return sums

    def find_first_rows(self, child: Ints) -> NDArray[np.int32]:
        """Find, for each row, the first row about the same child, shape (n,)."""
        rows = np.arange(len(child))
        # Assigning in reverse order leaves the first row of each child in place, without sorting.
        self._place[child[::-1]] = rows[::-1]
        first: NDArray[np.int32] = self._place[child]
        return first

    def update_belief(self, child: Ints) -> Floats:
        """Fade the evidence on social care's file on each child up to this week and return it, log-odds, shape (n,)."""
        records = self.records
        belief: Floats = records.belief[child] * self.belief_fade[self.week - records.believed[child]]
        records.belief[child] = belief
        records.believed[child] = self.week
        return belief

    def age_weeks(self, child: Ints) -> Ints:
        """Age of each child in weeks, shape (n,)."""
        age: Ints = self.week - self.world.children.birth[child].astype(np.int64)
        return age
