"""The state of casework: files of agencies, records of social care on each child, messages, queues and rolls."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.agents.columns import AgentTable
from cpsim.agents.social_work import TeamRole
from cpsim.arrays import Floats, Ints, Keys, Records
from cpsim.casework.log import Judgement, Log, Occurrence
from cpsim.casework.sightings import Sightings
from cpsim.constants import NEVER
from cpsim.network.ties import Ties
from cpsim.scenario.schema import Scenario
from cpsim.world import World

NONE: Final[Ints] = np.empty(0, np.int64)


class Status:
    """Where a child stands with social care; the order is the order of the stages.

    Plain whole numbers, for the same reason as `Happening`.
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
SERVICE_ENDED: Final = {
    Status.IN_NEED: Occurrence.IN_NEED_ENDED,
    Status.PLAN: Occurrence.PLAN_ENDED,
    Status.CARE: Occurrence.CARE_ENDED,
}


class AgencyFiles:
    """What agencies hold: one file for each child and kind of agency, in row `child * K + kind`.

    Evidence and unanswered concerns fade from the week in which a file was last touched; they are brought up to date
    only when somebody opens it. What is read together lies together in memory, since files are opened in no order.

    Attributes:
        site: organisation that serves the child now, int16, shape (N * K,).
    """

    def __init__(self, world: World) -> None:
        n = len(world.attendance.first)
        self._rows = np.zeros(
            n, [("evidence", np.float64), ("unanswered", np.float32), ("touched", np.int32)]
        )
        self.site = world.attendance.first.copy()

    @property
    def evidence(self) -> Floats:
        """Log-odds as of the week `touched`, float64, shape (N * K,)."""
        return self._rows["evidence"]

    @property
    def unanswered(self) -> NDArray[np.float32]:
        """Concerns that were not acted on, as of `touched`, float32, shape (N * K,)."""
        return self._rows["unanswered"]

    @property
    def touched(self) -> NDArray[np.int32]:
        """Week in which the file was last opened, int32, shape (N * K,)."""
        return self._rows["touched"]


class ChildRecords:
    """What social care knows of each child; shapes (N,).

    What other arrays are indexed with is int64 here as everywhere: NumPy would convert anything else at every use.

    Attributes:
        status: `Status`, int8.
        belief: log-odds on social care's own file as of week `believed` (int64), float64.
        sources: bit k is set when kind k has spoken since the file was last closed history, int64.
        referrals, plans: how many so far, int16.
        last_referral: week, far in the past if none, int32.
        worker: row of the allocated worker, -1 if none, int64.
        worker_changes: since the case was opened, int16.
        working_days: of the assessment under way, so far as planned, float64.
        finish: week in which the stage under way ends, int32.
        review: week of the next review or of the end of care, int32.
        since: week in which the present service began, int32.
        care_from: week in which a care order will take effect, `NEVER` if none, int32.
        protected_since: first week of unbroken effective protection up to now, -1 if none, int32.
    """

    def __init__(self, n: int) -> None:
        self.status = np.zeros(n, np.int8)
        self.belief = np.zeros(n)
        self.believed = np.zeros(n, np.int64)
        self.sources = np.zeros(n, np.int64)
        self.referrals = np.zeros(n, np.int16)
        self.plans = np.zeros(n, np.int16)
        self.last_referral = np.full(n, -NEVER, np.int32)
        self.worker = np.full(n, -1, np.int64)
        self.worker_changes = np.zeros(n, np.int16)
        self.working_days = np.zeros(n)
        self.finish = np.full(n, -1, np.int32)
        self.review = np.full(n, -1, np.int32)
        self.since = np.full(n, -1, np.int32)
        self.care_from = np.full(n, NEVER, np.int32)
        self.protected_since = np.full(n, -1, np.int32)


class CurrentHarm:
    """Which spell and which other need each child is in now, and how far protection has got.

    Attributes:
        spell: row of the spell under way, -1 if none, int64, shape (N,).
        severity: of the spell under way, 0 outside any, float64, shape (N,).
        other_needs: number of needs other than harm under way, int64, shape (N,).
        troubles: number of spells and of other needs under way in each family, int64, shape (F,).
        gate: whether signs behind gate g occur, bool, shape (1 + 2 S,); see `world.signs.Signs.gate`.
        progress: accumulated protection of each spell, float64, shape (S,).
        hidden_share: share of a child's signs hidden by protection, float32, shape (N,).
    """

    def __init__(self, world: World) -> None:
        n, spells, family = len(world.children.birth), world.spells, world.children.family
        self.spell = np.full(n, -1, np.int64)
        under_way = np.flatnonzero(spells.onset < 0)
        self.spell[spells.child[under_way]] = under_way
        self.severity = np.zeros(n)
        self.severity[spells.child[under_way]] = spells.severity[under_way]
        needs = world.needs
        needy = needs.child[needs.start < 0]
        self.other_needs = np.bincount(needy, minlength=n)
        troubled = np.concatenate([spells.child[under_way], needy])
        self.family_needs = np.bincount(family[troubled], minlength=len(world.children.family_start) - 1)
        self.gate = np.zeros(1 + 2 * len(spells.child), np.bool_)
        self.gate[: 1 + len(spells.child)] = True
        self.progress = np.zeros(len(spells.child))
        self.hidden_share = np.zeros(n, np.float32)


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
"""A concern on its way to the front door: about whom, the kind and row of the organisation that sends it, what it
says in log-odds, whether it asks for help with a need other than harm, the authority that it goes to, and the week
of arrival.

Rows are aligned: on others NumPy works through copies."""

WAITING_CASE: Final = np.dtype(
    [("child", np.int64), ("arrived", np.int64), ("priority", np.float64), ("enquiry", np.bool_)], align=True
)
"""A child in a queue: since when, how urgent, and whether a section 47 enquiry is to be made."""

Messages = Records
"""Rows of `MESSAGE` in the order of sending, shape (n,)."""

Queue = Records
"""Rows of `WAITING_CASE` in order of arrival, shape (n,)."""


def build_rows(dtype: np.dtype[np.void], child: Ints, **columns: Any) -> Records:
    """Rows of a structured type, one for each of `child`, shape (n,); columns are arrays of shape (n,) or scalars."""
    rows = np.empty(len(child), dtype)
    rows["child"] = child
    for name, values in columns.items():
        rows[name] = values
    return rows


def append_rows(rows: Records, more: Records) -> Records:
    """Rows and more rows of the same structured type, joined as plain bytes: joining field by field is far slower."""
    both: Records = np.concatenate([rows.view(np.void), more.view(np.void)]).view(rows.dtype)
    return both


class RoleTeams(NamedTuple):
    """Teams of one role: their rows, shape (G,), and of each child the team as an index into `rows`, shape (N,).

    Every authority has the same number of them, one authority's after the other's.
    """

    rows: Ints
    of_child: Ints


class Roster(NamedTuple):
    """Workers in post at the start of the week, by team and then by caseload, the least loaded first.

    `rows` are rows of the table of workers and last nobody, shape (W + 1,); team g has `rows[start[g] : start[g + 1]]`.
    `noise` is the factor on each worker's error of judgement, by row of the table of workers, and last that of nobody.
    """

    rows: Ints
    start: Ints
    noise: Floats


class DecisionStreams:
    """The keyed streams of casework, one for each kind of decision."""

    def __init__(self, seed: int) -> None:
        self.consult_and_answer = draws.Stream(seed, "consult", "answer")
        self.partner = draws.Stream(seed, "partner")
        self.look_and_mistake = draws.Stream(seed, "look in a shared record", "false match")
        self.delivery_delay_and_wrong_door = draws.Stream(seed, "delivery", "delay", "wrong door")
        self.screening_and_second_look = draws.Stream(seed, "screening", "second look")
        self.sibling = draws.Stream(seed, "sibling")
        self.escalation = draws.Stream(seed, "escalation")
        self.initial_days = draws.Stream(seed, "days of initial assessment")
        self.initial = draws.Stream(seed, "initial assessment")
        self.other_need = draws.Stream(seed, "other need seen")
        self.core_weeks = draws.Stream(seed, "weeks of core assessment")
        self.core = draws.Stream(seed, "core assessment or enquiry")
        self.conference = draws.Stream(seed, "conference")
        self.attendance_and_raising = draws.Stream(seed, "attendance", "raising")
        self.review = draws.Stream(seed, "review")
        self.first_review = draws.Stream(seed, "first review")
        self.care = draws.Stream(seed, "care")
        self.care_length = draws.Stream(seed, "length of care")
        self.merging_files = draws.Stream(seed, "files lost in a merger")

    def __deepcopy__(self, memo: dict[int, Any]) -> "DecisionStreams":
        return self


class DecisionKeys:
    """Keys of the decisions about children: who and when, and not how many kinds of agency there are.

    A judgement of social care is keyed by a slow block of weeks with a phase of its own for each child, so that a
    decision which a policy moves by a week is still made by the same eyes.
    """

    def __init__(self, scenario: Scenario, world: World) -> None:
        n, length = len(world.children.birth), scenario.assessment.judgement_block_weeks
        self._child = draws.keys(np.arange(n), 0)
        self._kind = np.array([draws.named_key(kind) for kind in scenario.agencies], np.uint64)
        self._phase = draws.generator(world.seed, "phase of judgement").integers(0, length, n)
        self._phases = np.arange(length)
        self._weeks = draws.keys(np.arange(world.weeks), 1)
        self._blocks = draws.keys(np.arange(world.weeks // length + 2), 2)
        self._week, self._block = self._weeks[0, ...], self._blocks[self._phases // length]

    def start_week(self, week: int) -> None:
        """Turn to the keys of a week."""
        self._week = self._weeks[week, ...]
        self._block = self._blocks[(self._phases + week) // len(self._phases)]

    def judgement(self, child: Ints) -> Keys:
        """Keys of a judgement about each child in the slow block of this week, any shape."""
        keys: Keys = self._child[child] ^ self._block[self._phase[child]]
        return keys

    def file(self, child: Ints, kind: Ints) -> Keys:
        """Keys of what happens once and for all to the file that an agency of `kind` holds on each child, any shape."""
        keys: Keys = self._child[child] ^ self._kind[kind]
        return keys

    def concern(self, child: Ints, kind: Ints) -> Keys:
        """Keys of what an agency of `kind` does about each child in this very week, any shape."""
        keys: Keys = self._child[child] ^ self._kind[kind] ^ self._week
        return keys


@dataclass
class Casework:
    """Everything that casework reads and writes in a run.

    The drawn world and the prepared sightings are shared between runs and never written to.

    Attributes:
        in_post: messages on their way.
        waiting_initial, waiting_core: queues for initial assessment, and for core assessment or section 47 enquiry.
        under_way: roll of the children whose assessment, enquiry or wait for a conference ends in a known week.
        served: roll of the children with a service, a plan or in care.
        credit: hours that each team carries over, float64, shape (teams,).
        pace: share of the due time that a case gets in each team this week (M11), float64, shape (teams,).
        delivered_lately: delivered share of due hours in the last four weeks, float64, shape (4, teams).
        authority: authority that is responsible for each child now, int64, shape (N,).
        newcomers: children who have come from another authority this week, shape (n,).
        drift: how far the thresholds of each front door have moved, log-odds, float64, shape (A,).
        front_door_load: smoothed load of the assessment teams of each authority, float64, shape (A,).
        between: whether an organisation serves several authorities, bool, shape (organisations,).
        spoken_of: a blank mark on every child for use within a step, bool, shape (N,).
        dissolved: organisations that have handed over all their files, bool, shape (S,).
        minutes: the judgements of this week and what each was held against, for whoever asks before the next.
        misreading: lasting misreading of each child by social care, float64, shape (N,).
    """

    scenario: Scenario
    world: World
    sightings: Sightings
    authorities: AgentTable
    organisations: AgentTable
    teams: AgentTable
    workers: AgentTable
    ties: Ties
    log: Log
    week: int = 0

    def __post_init__(self) -> None:
        scenario, world = self.scenario, self.world
        n = len(world.children.birth)
        self.kinds = len(scenario.agencies)
        self.files = AgencyFiles(world)
        self.records = ChildRecords(n)
        self.harm = CurrentHarm(world)
        self.streams = DecisionStreams(world.seed)
        self.keys = DecisionKeys(scenario, world)
        self.authority = world.residence.first.copy()
        self.newcomers = NONE
        self.assessment_teams = self._desk(TeamRole.ASSESSMENT)
        self.long_term_teams = self._desk(TeamRole.LONG_TERM)
        self.roster = Roster(NONE, NONE, np.empty(0))
        self.messages_in_transit: Messages = np.empty(0, MESSAGE)
        self.waiting_initial: Queue = np.empty(0, WAITING_CASE)
        self.waiting_core: Queue = np.empty(0, WAITING_CASE)
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
        self.judgements: list[Judgement] = []
        self._place = np.zeros(n, np.int64)

    def _desk(self, role: TeamRole) -> RoleTeams:
        rows = np.flatnonzero(self.teams["role"] == role)
        residence = self.world.residence
        return RoleTeams(rows, self._team(len(rows), residence.first, residence.first_area))

    def _team(self, teams: int, authority: Ints, area: Ints) -> Ints:
        """Which of the teams of a role serves each neighbourhood of each authority, shape (n,)."""
        places = self.world.authorities
        each = teams // len(places)
        return (
            authority * each + places.position_in_authority(area, authority) * each // places.areas[authority]
        )

    def move_children(self, child: Ints, authority: Ints, area: Ints) -> None:
        """Let each child come to an authority, and to the teams of a neighbourhood there; shapes (n,)."""
        self.newcomers = child
        self.authority[child] = authority
        for teams in (self.assessment_teams, self.long_term_teams):
            teams.of_child[child] = self._team(len(teams.rows), authority, area)

    def sum_by_authority(self, of_teams: Floats) -> Floats:
        """The sums over the teams of each authority of what the teams of a desk have, shape (A,)."""
        sums: Floats = of_teams.reshape(len(self.authorities), -1).sum(axis=1)
        return sums

    def find_first_rows(self, child: Ints) -> Ints:
        """For each row, the first row that names the same child, shape (n,)."""
        rows = np.arange(len(child))
        # Written backwards, the first row of a child is the one that stays; no sorting is needed.
        self._place[child[::-1]] = rows[::-1]
        first: Ints = self._place[child]
        return first

    def update_belief(self, child: Ints) -> Floats:
        """Bring social care's file on each child up to date and return the belief, shape (n,)."""
        records = self.records
        belief: Floats = records.belief[child] * self.belief_fade[self.week - records.believed[child]]
        records.belief[child] = belief
        records.believed[child] = self.week
        return belief

    def age_weeks(self, child: Ints) -> Ints:
        """Age of each child in weeks, shape (n,)."""
        age: Ints = self.week - self.world.children.birth[child].astype(np.int64)
        return age
