"""The agents of the twin and what belongs to them: children, organisations, ties, teams and social workers."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import mesa
from tests.twin.random_draws import judgement_key

# The stage that a child's case has reached in social care, in the order of the stages.
CLOSED, WAITING, INITIAL, CORE_WAITING = "closed", "waiting", "initial", "core_waiting"
CORE, ENQUIRY, CONFERENCE = "core", "enquiry", "conference"
IN_NEED, PLAN, CARE, ADULT = "in_need", "plan", "care", "adult"
SERVICES = (IN_NEED, PLAN, CARE)


@dataclass(eq=False)
class Spell:
    """A spell of adversity, and the progress of protection against it."""

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
    """A sign that a kind of agency may notice about a child.

    Attributes:
        child: the child.
        kind: the kind of agency.
        strength: strength of the sign.
        spell: the spell that causes it, or None for a false sign.
        hidden_by: the spell that hides a false sign while it lasts, or None.
        noticing, recording, sharing, hiding: its four marks, the uniform random numbers that decide what happens to it.
    """

    child: "Child"
    kind: str
    strength: float
    spell: Spell | None
    hidden_by: Spell | None
    noticing: float
    recording: float
    sharing: float
    hiding: float


class AuthorityChange(NamedTuple):
    """The move of a child to another authority, and to the teams of a neighbourhood there."""

    child: "Child"
    to: "Authority"
    area: int
    file_is_lost: bool


class OrganisationChange(NamedTuple):
    """The change of a child to another organisation of a kind."""

    child: "Child"
    kind: str
    to: "Organisation"
    file_is_lost: bool


@dataclass(eq=False)
class File:
    """The file of an organisation on a child that it serves, faded up to this week."""

    organisation: "Organisation"
    evidence: float = 0.0
    unanswered: float = 0.0


class Child(mesa.Agent):
    """A child, with its life, its family and social care's records on it."""

    model: Any

    def __init__(self, model: Any, number: int, birth: int) -> None:
        super().__init__(model)
        self.number, self.birth = number, birth
        self.in_smaller_group = False
        self.family: list[Child] = []
        self.files: dict[str, File] = {}
        self.spells: list[Spell] = []
        self.needs: list[Need] = []
        self.authority: Authority
        self.assessment_team: Team
        self.long_term_team: Team
        self.phase = 0  # weeks by which the blocks of the child's judgement keys are shifted
        self.bias = 0.0  # lasting error of social care's judgements about the child

        self.spell: Spell | None = None
        self.hidden_share = 0.0

        self.status = CLOSED
        self.belief = 0.0
        self.sources: set[str] = set()
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

    def judgement_key(self) -> int:
        """Key of social care's judgements about the child, the same throughout a block of weeks."""
        return judgement_key(self.number, (self.phase + self.model.week) // self.model.judgement_block)


class Organisation(mesa.Agent):
    """A school, GP practice, police unit or other organisation, with the settings of its kind and its dials."""

    def __init__(self, model: Any, number: int, kind: str, settings: Any, authority: "Authority") -> None:
        super().__init__(model)
        self.number, self.kind, self.settings, self.authority = number, kind, settings, authority
        self.absorbed_by = self  # itself, or the organisation that has absorbed it and serves its children
        self.children_at_start = 0
        self.serves: list[Authority] = []
        self.partner_authorities: list[Authority] = []  # in which it may have ties to partners
        self.to_front_door: dict[Authority, Tie] = {}
        self.to_partner: dict[Organisation, Tie] = {}
        self.reset_dials()

    def reset_dials(self) -> None:
        """Set every dial to its value without levers."""
        self.group_threshold_shift, self.group_exposure = 0.0, 1.0
        self.share_threshold_shift = self.wrong_authority = 0.0
        self.attention_factor = self.recording_factor = self.attendance_factor = 1.0
        self.lookup = self.lookup_reach = self.false_match = 0.0


@dataclass(eq=False)
class Tie:
    """The trust of an organisation in another or in a front door; `key` is the key of its random draws."""

    source: int
    target: int
    key: int
    trust: float
    last_use: int = -1
    delivery: float = 1.0

    def reset_dials(self) -> None:
        """Set every dial to its value without levers."""
        self.delivery = 1.0

    def move_trust(self, target: float, share: float) -> None:
        """Move trust by a share of its distance to `target`."""
        self.trust += share * (target - self.trust)


class Team(mesa.Agent):
    """A team of social workers, or a front door."""

    def __init__(self, model: Any, authority: "Authority") -> None:
        super().__init__(model)
        self.authority = authority
        self.reset_dials()
        self.roster: list[SocialWorker] = []  # in post at the start of the week, smallest caseload first
        self.strain = 0.0  # smoothed overload
        self.post_hours = 0.0  # casework hours a week of each post
        self.hours = 0.0
        self.load = 0.0
        self.time_per_case = 1.0
        self.hours_carried_over = 0.0
        self.service_hours = 0.0
        self.recent_delivered_shares = [
            1.0
        ] * 4  # share of the due hours delivered in each of the last four weeks
        self.on_time_share = 1.0  # of its recent assessments
        self.vacancy_share = 0.0

    def reset_dials(self) -> None:
        """Set every dial to its value without levers."""
        self.screening_threshold_shift = 0.0
        self.accuracy = self.authority.leadership
        self.capacity_factor = self.exit_factor = 1.0
        self.contact_load = self.workload_factor = 1.0
        self.records_shown = 0.0


class Authority(mesa.Agent):
    """A local authority: its neighbourhoods, traits, front door, teams, budgets and grades."""

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
        self.visible_event_weeks: list[
            int
        ] = []  # weeks of serious events of children with an earlier referral
        self.score = {"children": 0.0, "adults": 0.0}
        self.grade = {"children": 0, "adults": 0}
        self.reset_dials()

    def reset_dials(self) -> None:
        """Set every dial to its value without levers."""
        self.supply_in_need = self.supply_on_plan = self.money
        self.deficit = {"council": 0.0, "health": 0.0}
        self.ring_fenced = {"council": 0.0, "health": 0.0}
        self.pooled = {"council": 0.0, "health": 0.0}
        self.pool_overhead = self.agreement_delay = 0.0
        self.open_tier_gap = self.leaving_share = 1.0
        self.initiative_load = self.initiative_drain = 0.0


class SocialWorker(mesa.Agent):
    """A social worker in a post."""

    def __init__(self, model: Any, post: int, team: Team, hired: int, prior_experience: int) -> None:
        super().__init__(model)
        self.post, self.team = post, team
        self.hired_week, self.prior_experience = hired, prior_experience
        self.left_week: int | None = None
        self.caseload = 0


@dataclass(eq=False)
class Message:
    """A concern or a request for help that is sent to a front door."""

    child: Child
    kind: str
    sender: Organisation
    evidence: float
    is_request: bool
    authority: Authority
    due: int


@dataclass(eq=False)
class Decision:
    """The decision of the front door about a child."""

    child: Child
    sender: Organisation
    score: float
    referred: bool
    assessed: bool


@dataclass(eq=False)
class Case:
    """A child's case in a queue for assessment."""

    child: Child
    arrived: int
    priority: float
    enquiry: bool = False
    hours: float = 0.0


class Event(NamedTuple):
    """Something that happened to a child in a week; the organisation is -1 for social care."""

    week: int
    child: int
    occurrence: str
    organisation: int
    value: float
