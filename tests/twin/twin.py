"""The textbook twin: the same model as the engine's, written the way a textbook on Mesa would write it.

Every child, organisation, team and social worker is an agent, every decision is a loop over agents, and numbers are
plain floats. The twin shares with the engine the keyed random numbers, the scenario and the drawn world, and nothing
else; it is slow, and it is the model's plain explanation. Read it in the order of `TextbookTwin.step`.

Left out, because no scenario can turn them: workload of partner agencies, and ties read from a file of one's own.
"""

import math
from collections import defaultdict
from typing import Any

import mesa
from tests.twin.agencies import ask_for_help, deliver, notice, record, send, share
from tests.twin.assessment import assess, let_go
from tests.twin.building import CHILDHOOD, settle, settle_child
from tests.twin.chance import Chance, file_key
from tests.twin.front_door import screen
from tests.twin.people import (
    CLOSED,
    GROWN_UP,
    SERVICES,
    Authority,
    Case,
    ChangeOfAuthority,
    Child,
    Event,
    Message,
    Move,
    Organisation,
    Sign,
    SocialWorker,
    Team,
    Tie,
)
from tests.twin.policy import turn_dials
from tests.twin.protection import end, protect
from tests.twin.workforce import count_caseloads, hand_over, turn_over

from cpsim.scenario.schema import Scenario
from cpsim.world import World


class TextbookTwin(mesa.Model):
    """One local authority or several, week by week.

    Attributes:
        history: everything that has happened.
        closest: how near the closest of all decisions about noticing and telling came to the other side.
    """

    authorities: list[Authority]
    children: list[Child]
    organisations: list[Organisation]
    posts: list[Team]

    def __init__(self, settings: Scenario, world: World) -> None:
        super().__init__(rng=world.seed)
        self.settings = settings
        self.chance = Chance(world.seed)
        self.week = 0
        self.judgement_block = settings.assessment.judgement_block_weeks
        self.history: list[Event] = []
        self.closest = math.inf
        self.ties: list[Tie] = []
        self.workers: list[SocialWorker] = []
        self.filled_from: dict[int, int] = {}  # week in which a vacant post is filled
        self.signs: dict[int, list[Sign]] = defaultdict(list)
        self.moves: dict[int, list[Move]] = defaultdict(list)
        self.changes: dict[int, list[ChangeOfAuthority]] = defaultdict(list)
        self.files_lost: dict[Organisation, float] = {}  # of organisations absorbed this week: chance by file
        self.post: list[Message] = []
        self.waiting_initial: list[Case] = []
        self.waiting_core: list[Case] = []
        self.under_way: list[Child] = []
        self.served: list[Child] = []
        self.remembered: dict[int, Any] = {}  # by event of the timeline, what its lever has to remember
        self.scale: list[tuple[float, float]] = []  # middle and spread by which inspectors measure
        self.cut_offs: dict[str, list[float]] = {}  # by service, the scores that part the grades
        settle(self, world)

    def step(self) -> None:
        """A week."""
        self.time_fades()
        count_caseloads(self)

        turn_dials(self)
        turn_over(self)
        self.change_authority()
        self.move()
        for child in self.children:
            self.live(child)
        concerns = notice(self)
        record(self, concerns)
        send(self, share(self, concerns))
        screened = screen(self, deliver(self))
        in_need, conferences = assess(self, screened)
        protect(self, in_need, conferences)
        hand_over(self)
        self.ties_fade()
        self.week += 1

    def note(
        self, what: str, child: Child, organisation: Organisation | None = None, value: float = math.nan
    ) -> None:
        """Write down that something happened."""
        number = organisation.number if organisation else -1
        self.history.append(Event(self.week, child.number, what, number, float(value)))

    def how_close(self, value: float, threshold: float) -> None:
        """Remember how close a decision was."""
        if value != threshold:
            self.closest = min(self.closest, abs(value - threshold) / max(1.0, abs(value)))

    def time_fades(self) -> None:
        """Evidence, disappointment and belief fade from week to week (M4.3, M4.5, M6.4)."""
        on_files = math.exp(-self.settings.sharing.evidence_fading_per_week)
        at_social_care = math.exp(-self.settings.front_door.file_fading_per_week)
        for child in self.children:
            child.belief *= at_social_care
            for file in child.files.values():
                file.evidence *= on_files
                file.unanswered *= on_files

    def live(self, child: Child) -> None:
        """Spells begin and end, needs are asked about, and at eighteen all of this is over."""
        for spell in child.spells:
            if spell.onset == self.week:
                child.spell = spell
        if child.spell and child.spell.end == self.week:
            child.spell = None
        for need in child.needs:
            if need.start == self.week and need.asks:
                ask_for_help(self, child)
        if child.birth + CHILDHOOD == self.week:
            if child.status != CLOSED:
                self.note("turned_18", child)
                if child.status in SERVICES:
                    end(self, child)
            let_go(child, GROWN_UP)

    @property
    def assessment_teams(self) -> list[Team]:
        """Those of all authorities."""
        return [team for authority in self.authorities for team in authority.assessment_teams]

    @property
    def long_term_teams(self) -> list[Team]:
        """Those of all authorities."""
        return [team for authority in self.authorities for team in authority.long_term_teams]

    @property
    def teams(self) -> list[Team]:
        """All teams but the front doors."""
        return self.assessment_teams + self.long_term_teams

    def change_authority(self) -> None:
        """Children come to other authorities; social care's file may stay behind, with all its history (M27.6)."""
        for change in self.changes[self.week]:
            child = change.child
            settle_child(child, change.to, change.area)
            if change.file_is_lost:
                if child.belief > 0:
                    self.note("file_left_behind", child)
                child.belief, child.spoken = 0.0, set()
                child.referrals = child.plans = 0
                child.last_referral = None

    def move(self) -> None:
        """Children come to other schools and practices; some files do not follow (M4). A week's moves are one move."""
        self.dissolve()
        moves = [(move, move.child.files[move.kind]) for move in self.moves[self.week]]
        left = [
            (move, file)
            for move, file in moves
            if move.file_is_lost and move.to.heir is not file.organisation
        ]
        for move, file in moves:
            file.organisation = move.to.heir
        for move, file in left:
            file.evidence = file.unanswered = 0.0
            self.note("file_left_behind", move.child, file.organisation)

    def dissolve(self) -> None:
        """Whoever an absorbed organisation served comes to its heir; some files get lost on the way (M27.2)."""
        if not self.files_lost:
            return
        for child in self.children:
            for kind, file in child.files.items():
                chance = self.files_lost.get(file.organisation)
                if chance is None:
                    continue
                file.organisation = file.organisation.heir
                is_a_child = 0 <= self.week - child.birth < CHILDHOOD
                if (
                    is_a_child
                    and self.chance.uniform("files lost in a merger", file_key(child.number, kind)) < chance
                ):
                    file.evidence = file.unanswered = 0.0
                    self.note("file_left_behind", child, file.organisation)
        self.files_lost = {}

    def ties_fade(self) -> None:
        """Who has not been in touch this week becomes a little more of a stranger (M8.4)."""
        network = self.settings.network
        for tie in self.ties:
            if tie.last_use < self.week:
                tie.move(network.trust_new, network.trust_fading_per_week)
