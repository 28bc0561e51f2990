"""The textbook twin: the model of the engine, written as a textbook on Mesa would write it.

Every child, organisation, team and social worker is an agent, every decision is a loop over agents, and numbers are
plain floats. The twin shares only the keyed random draws, the scenario and the drawn world with the engine. It is slow
but easy to check against the description of the model. Read it in the order of `TextbookTwin.step`.

Not included, because no scenario can change them: the workload of partner agencies, and ties from your own file.
"""

import math
from collections import defaultdict
from typing import Any

import mesa
from tests.twin.agencies import (
    deliver_messages,
    notice_signs,
    record_concerns,
    request_help,
    send_messages,
    share_concerns,
)
from tests.twin.agents import (
    ADULT,
    CLOSED,
    SERVICES,
    Authority,
    AuthorityChange,
    Case,
    Child,
    Event,
    Message,
    Organisation,
    OrganisationChange,
    Sign,
    SocialWorker,
    Team,
    Tie,
)
from tests.twin.assessment import assess, close_case
from tests.twin.front_door import screen
from tests.twin.initial_state import CHILDHOOD_WEEKS, build_initial_state, place_child
from tests.twin.policy import turn_dials
from tests.twin.protection import log_service_end, protect
from tests.twin.random_draws import RandomDraws, file_key
from tests.twin.workforce import count_caseloads, hand_over_cases, update_workforce

from cpsim.scenario.schema import Scenario
from cpsim.world import World


class TextbookTwin(mesa.Model):
    """The model of one or more local authorities, in steps of a week.

    Attributes:
        history: all events so far.
        smallest_margin: smallest distance of all decisions about noticing and sharing from their thresholds.
    """

    authorities: list[Authority]
    children: list[Child]
    organisations: list[Organisation]
    posts: list[Team]

    def __init__(self, settings: Scenario, world: World) -> None:
        super().__init__(rng=world.seed)
        self.settings = settings
        self.draws = RandomDraws(world.seed)
        self.week = 0
        self.judgement_block = settings.assessment.judgement_block_weeks
        self.history: list[Event] = []
        self.smallest_margin = math.inf
        self.ties: list[Tie] = []
        self.workers: list[SocialWorker] = []
        self.refill_week: dict[int, int] = {}  # by vacant post, the week in which it is filled
        self.signs: dict[int, list[Sign]] = defaultdict(list)
        self.organisation_changes: dict[int, list[OrganisationChange]] = defaultdict(list)
        self.authority_changes: dict[int, list[AuthorityChange]] = defaultdict(list)
        self.file_loss_probability: dict[Organisation, float] = {}  # of those absorbed this week
        self.messages_in_transit: list[Message] = []
        self.waiting_initial: list[Case] = []
        self.waiting_core: list[Case] = []
        self.under_way: list[Child] = []
        self.receiving_services: list[Child] = []
        self.lever_memory: dict[int, Any] = {}  # by `id` of the event of the timeline
        self.quality_scale: list[tuple[float, float]] = []  # mean and SD by which inspections standardise
        self.grade_cut_offs: dict[str, list[float]] = {}  # by service, the scores that separate the grades
        build_initial_state(self, world)

    def step(self) -> None:
        """Simulate a week."""
        self.fade_files()
        count_caseloads(self)

        turn_dials(self)
        update_workforce(self)
        self.move_between_authorities()
        self.change_organisations()
        for child in self.children:
            self.apply_life_events(child)
        concerns = notice_signs(self)
        record_concerns(self, concerns)
        send_messages(self, share_concerns(self, concerns))
        screened = screen(self, deliver_messages(self))
        in_need, conferences = assess(self, screened)
        protect(self, in_need, conferences)
        hand_over_cases(self)
        self.fade_ties()
        self.week += 1

    def record_event(
        self, occurrence: str, child: Child, organisation: Organisation | None = None, value: float = math.nan
    ) -> None:
        """Add an event to the history."""
        number = organisation.number if organisation else -1
        self.history.append(Event(self.week, child.number, occurrence, number, float(value)))

    def record_margin(self, value: float, threshold: float) -> None:
        """Keep the distance of a decision from its threshold if it is the smallest so far."""
        if value != threshold:
            self.smallest_margin = min(self.smallest_margin, abs(value - threshold) / max(1.0, abs(value)))

    def fade_files(self) -> None:
        """Fade the evidence and unanswered concerns on all files by a week (M4.3, M4.5, M6.4)."""
        on_files = math.exp(-self.settings.sharing.evidence_fading_per_week)
        at_social_care = math.exp(-self.settings.front_door.file_fading_per_week)
        for child in self.children:
            child.belief *= at_social_care
            for file in child.files.values():
                file.evidence *= on_files
                file.unanswered *= on_files

    def apply_life_events(self, child: Child) -> None:
        """Start and end a child's spells, request help for its needs, and end its case when it turns 18."""
        for spell in child.spells:
            if spell.onset == self.week:
                child.spell = spell
        if child.spell and child.spell.end == self.week:
            child.spell = None
        for need in child.needs:
            if need.start == self.week and need.requests_help:
                request_help(self, child)
        if child.birth + CHILDHOOD_WEEKS == self.week:
            if child.status != CLOSED:
                self.record_event("turned_18", child)
                if child.status in SERVICES:
                    log_service_end(self, child)
            close_case(child, ADULT)

    @property
    def assessment_teams(self) -> list[Team]:
        """Teams of this role in all authorities."""
        return [team for authority in self.authorities for team in authority.assessment_teams]

    @property
    def long_term_teams(self) -> list[Team]:
        """Teams of this role in all authorities."""
        return [team for authority in self.authorities for team in authority.long_term_teams]

    @property
    def teams(self) -> list[Team]:
        """All teams except the front doors."""
        return self.assessment_teams + self.long_term_teams

    def move_between_authorities(self) -> None:
        """Move children to other authorities; social care's file may be left behind (M27.6)."""
        for change in self.authority_changes[self.week]:
            child = change.child
            place_child(child, change.to, change.area)
            if change.file_is_lost:
                if child.belief > 0:
                    self.record_event("file_left_behind", child)
                child.belief, child.sources = 0.0, set()
                child.referrals = child.plans = 0
                child.last_referral = None

    def change_organisations(self) -> None:
        """Move children to other organisations, all at once; some files are left behind (M4)."""
        self.merge_organisations()
        moves = [(move, move.child.files[move.kind]) for move in self.organisation_changes[self.week]]
        left = [
            (move, file)
            for move, file in moves
            if move.file_is_lost and move.to.absorbed_by is not file.organisation
        ]
        for move, file in moves:
            file.organisation = move.to.absorbed_by
        for move, file in left:
            file.evidence = file.unanswered = 0.0
            self.record_event("file_left_behind", move.child, file.organisation)

    def merge_organisations(self) -> None:
        """Transfer children from absorbed organisations; some files are lost on the way (M27.2)."""
        if not self.file_loss_probability:
            return
        for child in self.children:
            for kind, file in child.files.items():
                chance = self.file_loss_probability.get(file.organisation)
                if chance is None:
                    continue
                file.organisation = file.organisation.absorbed_by
                is_a_child = 0 <= self.week - child.birth < CHILDHOOD_WEEKS
                if (
                    is_a_child
                    and self.draws.uniform("files lost in a merger", file_key(child.number, kind)) < chance
                ):
                    file.evidence = file.unanswered = 0.0
                    self.record_event("file_left_behind", child, file.organisation)
        self.file_loss_probability = {}

    def fade_ties(self) -> None:
        """Fade the trust of ties that were not used this week (M8.4)."""
        network = self.settings.network
        for tie in self.ties:
            if tie.last_use < self.week:
                tie.move_trust(network.trust_new, network.trust_fading_per_week)
