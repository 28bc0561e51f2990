"""The state of casework: files of agencies, the record that social care keeps of each child, messages and queues."""

from collections import defaultdict
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.agents.columns import Table
from cpsim.agents.social_work import TeamRole
from cpsim.casework.log import Log
from cpsim.casework.sightings import Sightings
from cpsim.network.ties import Ties
from cpsim.scenario.schema import Scenario
from cpsim.world import World
from cpsim.world.harm import NEVER

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

NONE = np.empty(0, np.int64)
KIND_ROOM = 64
"""Room for kinds of agency in the key of a draw: `child * KIND_ROOM + kind`, so that a new kind shifts no other's draws."""


class Status(IntEnum):
    """Where a child stands with social care; the order is the order of the stages."""

    CLOSED = 0
    WAITING = 1
    INITIAL = 2
    CORE_WAITING = 3
    CORE = 4
    ENQUIRY = 5
    CONFERENCE = 6
    IN_NEED = 7
    PLAN = 8
    CARE = 9
    GROWN_UP = 10


SERVICES = (Status.IN_NEED, Status.PLAN, Status.CARE)


class AgencyFiles:
    """What agencies hold: one file for each child and kind of agency, in row `child * K + kind`.

    Evidence and unanswered concerns fade from the week in which a file was last touched; they are brought up to date only
    when somebody opens it.

    Attributes:
        evidence: log-odds as of the week `touched`, float64, shape (N * K,).
        unanswered: concerns that were not acted on, as of `touched`, float64, shape (N * K,).
        touched: int32, shape (N * K,).
        site: organisation that serves the child now, int16, shape (N * K,).
    """

    def __init__(self, world: World) -> None:
        n = len(world.attendance.first)
        self.evidence = np.zeros(n)
        self.unanswered = np.zeros(n)
        self.touched = np.zeros(n, np.int32)
        self.site = world.attendance.first.copy()


class ChildRecords:
    """What social care knows of each child; shapes (N,).

    Attributes:
        status: `Status`, int8.
        belief: log-odds on social care's own file as of week `believed`, float64.
        sources: bit k is set when kind k has spoken since the file was last closed history, int64.
        referrals, plans: how many so far, int16.
        last_referral: week, far in the past if none, int32.
        worker: row of the allocated worker, -1 if none, int32.
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
        self.believed = np.zeros(n, np.int32)
        self.sources = np.zeros(n, np.int64)
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


class HarmNow:
    """Which spell and which other need each child is in now, and how far protection has got.

    Attributes:
        spell: row of the spell under way, -1 if none, int32, shape (N,).
        other_need: 1 + reason of the need under way, 0 if none, int8, shape (N,).
        gate: whether signs behind gate g occur, bool, shape (1 + 2 S,); see `world.signs.Signs.gate`.
        progress: accumulated protection of each spell, float64, shape (S,).
        hidden_share: share of a child's signs hidden by protection, float32, shape (N,).
    """

    def __init__(self, world: World) -> None:
        n, spells = len(world.children.birth), world.spells
        self.spell = np.full(n, -1, np.int32)
        under_way = np.flatnonzero(spells.onset < 0)
        self.spell[spells.child[under_way]] = under_way
        self.other_need = np.zeros(n, np.int8)
        in_need = np.flatnonzero(world.needs.start < 0)
        self.other_need[world.needs.child[in_need]] = 1 + world.needs.reason[in_need]
        self.gate = np.zeros(1 + 2 * len(spells.child), np.bool_)
        self.gate[: 1 + len(spells.child)] = True
        self.progress = np.zeros(len(spells.child))
        self.hidden_share = np.zeros(n, np.float32)


class Messages(NamedTuple):
    """Concerns on their way to the front door; shapes (n,).

    `site` is the organisation that sends, `kind` its kind, `evidence` what it says in log-odds. A request for help with a
    need other than harm has `request` set.
    """

    child: Ints
    kind: Ints
    site: Ints
    evidence: Floats
    request: Bools


class Queue(NamedTuple):
    """Children who wait, in order of arrival; shapes (n,)."""

    child: Ints
    arrived: Ints
    priority: Floats
    enquiry: Bools


NOBODY = Queue(NONE, NONE, np.empty(0), np.empty(0, np.bool_))

Wheel = defaultdict[int, list[Ints]]
"""Rows of children by the week in which something is due."""


def due(wheel: Wheel, week: int) -> Ints:
    """Take out what is due in `week`, in the order in which it was put in; shape (n,)."""
    parts = wheel.pop(week, None)
    return NONE if parts is None else np.concatenate(parts)


class Desk(NamedTuple):
    """Teams of one role: their rows and the team of each child, int16, shape (N,), as an index into `rows`."""

    rows: Ints
    of_child: NDArray[np.int16]


class Streams:
    """The keyed streams of casework, one for each kind of decision."""

    def __init__(self, seed: int) -> None:
        for name in (
            "consult",
            "partner",
            "answer",
            "delivery",
            "delay",
            "screening",
            "second_look",
            "sibling",
            "escalation",
            "initial_days",
            "initial",
            "other_need",
            "core_weeks",
            "core",
            "enquiry",
            "conference",
            "attendance",
            "raising",
            "review",
            "first_review",
            "in_need_review",
            "care",
            "care_length",
        ):
            setattr(self, name, draws.Stream(seed, name))

    def __deepcopy__(self, memo: dict[int, Any]) -> "Streams":
        return self

    def __getattr__(self, name: str) -> draws.Stream:
        raise AttributeError(f"casework has no stream {name!r}")


@dataclass
class Casework:
    """Everything that casework reads and writes in a run.

    The drawn world and the prepared sightings are shared between runs and never written to.
    """

    scenario: Scenario
    world: World
    sightings: Sightings
    organisations: Table
    teams: Table
    workers: Table
    ties: Ties
    week: int = 0
    log: Log = field(default_factory=Log)

    def __post_init__(self) -> None:
        scenario, world = self.scenario, self.world
        n = len(world.children.birth)
        self.kinds = len(scenario.agencies)
        self.files = AgencyFiles(world)
        self.records = ChildRecords(n)
        self.harm = HarmNow(world)
        self.streams = Streams(world.seed)
        self.assessment_desk = self._desk(TeamRole.ASSESSMENT)
        self.long_term_desk = self._desk(TeamRole.LONG_TERM)
        self.post: defaultdict[int, list[Messages]] = defaultdict(list)
        self.waiting_initial = NOBODY
        self.waiting_core = NOBODY
        self.finishing: Wheel = defaultdict(list)
        self.conferences: Wheel = defaultdict(list)
        self.reviews: Wheel = defaultdict(list)
        self.court: Wheel = defaultdict(list)
        self.served: Ints = NONE
        self.credit = np.zeros(len(self.teams))
        self.delivered_lately = np.ones((4, len(self.teams)))
        self.drift = 0.0
        self.front_door_load = scenario.front_door.load_target
        self.file_fade = np.exp(-scenario.sharing.evidence_fading_per_week * np.arange(world.weeks + 1))
        self.belief_fade = np.exp(-scenario.front_door.file_fading_per_week * np.arange(world.weeks + 1))
        phase = draws.dense(world.seed, "phase of judgement").integers(
            0, scenario.assessment.judgement_block_weeks, n
        )
        self.judgement_phase = phase.astype(np.int64)
        self.misreading = draws.dense(world.seed, "misreading by social care").standard_normal(n)
        self.misreading *= scenario.assessment.child_bias

    def _desk(self, role: TeamRole) -> Desk:
        rows = np.flatnonzero(self.teams["role"] == role)
        area = self.world.children.area.astype(np.int64)
        return Desk(rows, (area * len(rows) // self.world.areas).astype(np.int16))

    def judgement_keys(self, child: Ints) -> draws.Keys:
        """Keys of a judgement about each of `child` in the slow block of this week, shape (n,)."""
        length = self.scenario.assessment.judgement_block_weeks
        return draws.keys(child, draws.blocks(self.week, self.judgement_phase[child], length))

    def severity_now(self, child: Ints) -> Floats:
        """Severity of the spell that each child is in, 0 outside any, shape (n,)."""
        spell = self.harm.spell[child]
        return np.where(spell >= 0, self.world.spells.severity[spell], 0.0)

    def believe(self, child: Ints) -> Floats:
        """Bring social care's file on each child up to date and return the belief, shape (n,)."""
        records = self.records
        belief = records.belief[child] * self.belief_fade[self.week - records.believed[child]]
        records.belief[child] = belief
        records.believed[child] = self.week
        return belief

    def age_weeks(self, child: Ints) -> Ints:
        """Age of each child in weeks, shape (n,)."""
        return self.week - self.world.children.birth[child].astype(np.int64)
