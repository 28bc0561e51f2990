"""Who and what there is: children with their spells, organisations with their files, ties, teams and social workers."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import mesa
from tests.twin.chance import judgement_key

# Where a child stands with social care, in the order of the stages.
CLOSED, WAITING, INITIAL, CORE_WAITING = "closed", "waiting", "initial", "core_waiting"
CORE, ENQUIRY, CONFERENCE = "core", "enquiry", "conference"
IN_NEED, PLAN, CARE, ADULT = "in_need", "plan", "care", "adult"
SERVICES = (IN_NEED, PLAN, CARE)


@dataclass(eq=False)
class Spell:
    """A spell of adversity, and how far protection has got against it."""

    number: int
    onset: int
    end: int
    severity: float
    serious_week: int
    serious_mark: float
    resistance: float
    progress: float = 0.0
    ended_by_protection: bool = False


class Need(NamedTuple):
    """A need other than harm."""

    start: int
    end: int
    requests_help: bool


class Sign(NamedTuple):
    """What a meeting shows: whose, to which kind of agency, how strong, and the marks that will decide about it.

    `spell` is the spell that shows; `shadow_of` one that hides this false sign for as long as it lasts.
    """

    child: "Child"
    kind: str
    strength: float
    spell: Spell | None
    shadow_of: Spell | None
    noticing: float
    recording: float
    telling: float
    hiding: float


class ChangeOfAuthority(NamedTuple):
    """A child comes to another authority, and to the teams of a neighbourhood there."""

    child: "Child"
    to: "Authority"
    area: int
    file_is_lost: bool


class Move(NamedTuple):
    """A child comes to another organisation."""

    child: "Child"
    kind: str
    to: "Organisation"
    file_is_lost: bool


@dataclass(eq=False)
class File:
    """What the organisation that serves a child holds about the child, as it weighs today."""

    organisation: "Organisation"
    evidence: float = 0.0
    unanswered: float = 0.0


class Child(mesa.Agent):
    """A child: what happens to it, and what social care has written about it."""

    model: Any

    def __init__(self, model: Any, number: int, birth: int) -> None:
        super().__init__(model)
        self.number, self.birth = number, birth
        self.of_the_smaller_group = False
        self.family: list[Child] = []
        self.files: dict[str, File] = {}
        self.spells: list[Spell] = []
        self.needs: list[Need] = []
        self.authority: Authority
        self.assessment_team: Team
        self.long_term_team: Team
        self.phase = 0  # weeks by which the child's blocks of judgement are shifted
        self.misreading = 0.0

        self.spell: Spell | None = None
        self.hidden_share = 0.0

        self.status = CLOSED
        self.belief = 0.0
        self.spoken: set[str] = set()
        self.referrals = self.plans = 0
        self.last_referral: int | None = None
        self.worker: SocialWorker | None = None
        self.worker_changes = 0
        self.working_days = 0.0
        self.finish = self.review = self.since = -1
        self.care_from: int | None = None
        self.protected = False

    @property
    def severity(self) -> float:
        return self.spell.severity if self.spell else 0.0

    @property
    def has_other_need(self) -> bool:
        return any(need.start <= self.model.week < need.end for need in self.needs)

    def judged(self) -> int:
        """The key of what social care thinks of the child, the same during a slow block of weeks."""
        return judgement_key(self.number, (self.phase + self.model.week) // self.model.judgement_block)


class Organisation(mesa.Agent):
    """A school, a practice, a police unit, ...; it behaves like its kind, and as the levers of policy have it."""

    def __init__(self, model: Any, number: int, kind: str, settings: Any, authority: "Authority") -> None:
        super().__init__(model)
        self.number, self.kind, self.settings, self.authority = number, kind, settings, authority
        self.heir = self  # who serves its children, if another organisation has absorbed it
        self.on_list = 0  # children at the start
        self.serves: list[Authority] = []
        self.reaches: list[Authority] = []  # where it looks for partners
        self.to_front_door: dict[Authority, Tie] = {}
        self.to_partner: dict[Organisation, Tie] = {}
        self.back_to_neutral()

    def back_to_neutral(self) -> None:
        """Every dial as it stands without levers."""
        self.group_threshold_shift, self.group_exposure = 0.0, 1.0
        self.share_threshold_shift = self.credibility_shift = self.wrong_authority = 0.0
        self.attention_factor = self.recording_factor = self.attendance_factor = 1.0
        self.lookup = self.lookup_reach = self.false_match = 0.0


@dataclass(eq=False)
class Tie:
    """Trust of one organisation in another, or in the front door; by `key` lots are drawn about it."""

    source: int
    target: int
    key: int
    trust: float
    last_use: int = -1
    delivery: float = 1.0

    def back_to_neutral(self) -> None:
        """Every dial as it stands without levers."""
        self.delivery = 1.0

    def move(self, aim: float, share: float) -> None:
        """Trust goes a share of the way to `aim`."""
        self.trust += share * (aim - self.trust)


class Team(mesa.Agent):
    """A team of social workers, or the front door; posts may be vacant."""

    def __init__(self, model: Any, authority: "Authority") -> None:
        super().__init__(model)
        self.authority = authority
        self.back_to_neutral()
        self.roster: list[SocialWorker] = []  # in post on Monday, the least loaded first
        self.strain = 0.0
        self.hours = 0.0
        self.load = 0.0
        self.pace = 1.0
        self.carried_over = 0.0
        self.for_services = 0.0
        self.delivered = [1.0] * 4  # share of due hours in each of the last four weeks
        self.on_time = 1.0  # share of its latest assessments
        self.vacant = 0.0  # share of its posts

    def back_to_neutral(self) -> None:
        """Every dial as it stands without levers."""
        self.screening_threshold_shift = 0.0
        self.accuracy = self.authority.leadership
        self.capacity_factor = self.exit_factor = 1.0
        self.contact_load = self.workload_factor = 1.0
        self.records_shown = 0.0


class Authority(mesa.Agent):
    """A local authority: where it lies, what sets it apart, its front door, its teams, and what its money buys."""

    def __init__(self, model: Any, number: int, name: str, traits: dict[str, float]) -> None:
        super().__init__(model)
        self.number, self.name = number, name
        self.resources, self.leadership = traits["resources"], traits["leadership"]
        self.trust, self.money = traits["trust"], traits["money"]
        self.children = self.areas = self.first_area = 0
        self.deprivation = 0.0
        self.front_door = Team(model, self)
        self.front_door_load = model.settings.front_door.load_target
        self.drift = 0.0
        self.assessment_teams: list[Team] = []
        self.long_term_teams: list[Team] = []
        self.in_the_news: list[int] = []  # weeks of serious events to children whom social care knew
        self.score = {"children": 0.0, "adults": 0.0}
        self.grade = {"children": 0, "adults": 0}
        self.back_to_neutral()

    def back_to_neutral(self) -> None:
        """Every dial as it stands without levers."""
        self.supply_in_need = self.supply_on_plan = self.money
        self.deficit = {"council": 0.0, "health": 0.0}
        self.fenced = {"council": 0.0, "health": 0.0}
        self.pooled = {"council": 0.0, "health": 0.0}
        self.pool_overhead = self.agreement_delay = 0.0
        self.tier_gap_open = self.movers_go = 1.0
        self.initiative_load = self.initiative_drain = 0.0


class SocialWorker(mesa.Agent):
    """A person in a post."""

    def __init__(self, model: Any, post: int, team: Team, hired: int, prior_experience: int) -> None:
        super().__init__(model)
        self.post, self.team = post, team
        self.hired, self.prior_experience = hired, prior_experience
        self.left: int | None = None
        self.caseload = 0


@dataclass(eq=False)
class Message:
    """A concern, or a request for help, on its way to the front door."""

    child: Child
    kind: str
    sender: Organisation
    evidence: float
    is_request: bool
    authority: Authority
    due: int


@dataclass(eq=False)
class Decision:
    """What the front door decides about a child."""

    child: Child
    sender: Organisation
    score: float
    referred: bool
    assessed: bool


@dataclass(eq=False)
class Case:
    """A child in a queue."""

    child: Child
    arrived: int
    priority: float
    enquiry: bool = False
    hours: float = 0.0


class Event(NamedTuple):
    """Something that happened: in which week, to whom, what, through which organisation (-1: social care)."""

    week: int
    child: int
    what: str
    organisation: int
    value: float
