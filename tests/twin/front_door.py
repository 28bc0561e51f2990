"""The front door: social care's own file, contacts, referrals and siblings (M10)."""

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tests.twin.agencies import pool_evidence, sum_other_files
from tests.twin.agents import CLOSED, IN_NEED, WAITING, Authority, Case, Child, Decision, File, Message

from cpsim.constants import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

HIGHEST_LOAD = 5.0


class Screening(NamedTuple):
    """The result of a week at the front doors."""

    contacts: Counter[Authority]
    referrals: Counter[Authority]
    escalated: list[Child]


def screen(twin: "TextbookTwin", arrived: list[Message]) -> Screening:
    """Decide which contacts become referrals and which are assessed."""
    write_to_files(twin, [message for message in arrived if not message.is_request])
    contacts = [message for message in arrived if message.child.status == CLOSED]
    open_case_children = [
        message.child for message in arrived if message.child.status == IN_NEED and not message.is_request
    ]
    decisions = decide_referrals(twin, contacts)
    answer_senders(twin, contacts, decisions)
    siblings = add_siblings(twin, decisions)
    all_decisions = [*decisions.values(), *siblings]
    register_referrals(twin, all_decisions)
    contacted = [message.child for message in contacts] + [decision.child for decision in siblings]
    return Screening(
        Counter(child.authority for child in contacted),
        Counter(decision.child.authority for decision in all_decisions if decision.referred),
        select_escalations(twin, open_case_children),
    )


def write_to_files(twin: "TextbookTwin", messages: list[Message]) -> None:
    """Add messages to social care's files; those of a week are weighed against the file before it (M4.4)."""
    settings = twin.settings.front_door
    before = {message.child: (message.child.belief, set(message.child.sources)) for message in messages}
    for message in messages:
        child = message.child
        belief, sources = before[child]
        if belief < settings.closed_history_below:  # closed history: its sources do not count
            weight = 1.0
            child.sources -= sources
        elif message.kind in sources:
            weight = settings.same_source_weight
        else:
            weight = settings.other_source_weight
        child.belief += weight * message.evidence
    for message in messages:
        message.child.sources.add(message.kind)


def decide_referrals(twin: "TextbookTwin", contacts: list[Message]) -> dict[Child, Decision]:
    """Make one decision for each child, on the first message about it (M9.2, M10.1, M10.2, M10.3)."""
    settings = twin.settings.front_door
    decisions: dict[Child, Decision] = {}
    for message in contacts:
        child = message.child
        if child in decisions:
            continue
        if message.is_request:
            score = message.evidence
        else:
            score = combine_with_other_files(twin, message)
            score += message.sender.settings.credibility
            score += settings.history_effect * (child.referrals > 0)
            score += settings.plan_history_effect * (child.plans > 0)
        authority = child.authority
        noise = settings.screening_noise * math.exp(
            settings.flood_effect * max(authority.front_door_load - 1, 0)
        )
        noise /= authority.front_door.accuracy
        threshold_shift = authority.drift + authority.front_door.screening_threshold_shift
        first_look = score + noise * twin.draws.normal("screening", child.judgement_key())
        second_look = score + noise * twin.draws.normal("second look", child.judgement_key())
        referred = first_look > settings.referral_threshold + threshold_shift
        assessed = referred and second_look > settings.assessment_threshold + threshold_shift
        decisions[child] = Decision(child, message.sender, score, referred, assessed)
        if not referred:
            twin.record_event("screened_out", child, message.sender, score)
    return decisions


def combine_with_other_files(twin: "TextbookTwin", message: Message) -> float:
    """Belief of the front door, combined with what it is shown of other agencies' files (M23.3)."""
    child, share_shown = message.child, message.child.authority.front_door.records_shown
    held, holders = sum_other_files(twin, child, message.kind)
    return max(
        child.belief, pool_evidence(twin, child.belief + share_shown * held, 1 + share_shown * holders)
    )


def answer_senders(twin: "TextbookTwin", contacts: list[Message], decisions: dict[Child, Decision]) -> None:
    """Answer the senders (M6.3): a referral raises their trust (M8.2) and a rejection lowers it (M9.1)."""
    network = twin.settings.network
    answered: set[File] = set()
    concerns = [message for message in contacts if not message.is_request]
    for message in concerns:
        file = message.child.files[message.kind]
        if file not in answered:  # several messages from one file get one decision
            answered.add(file)
            assessed = decisions[message.child].assessed
            file.unanswered += -twin.settings.sharing.answer_relief if assessed else 1.0
    for taken_up, target, share in ((True, 1.0, network.trust_gain), (False, 0.0, network.trust_rejection)):
        for message in concerns:
            if decisions[message.child].referred == taken_up:
                message.sender.to_front_door[message.authority].move_trust(target, share)


def add_siblings(twin: "TextbookTwin", decisions: dict[Child, Decision]) -> list[Decision]:
    """Draw the siblings who are named in referrals, and decide about them as about the child referred."""
    settings = twin.settings.front_door
    named: dict[Child, Decision] = {}
    for lead in decisions.values():
        if not lead.referred:
            continue
        for sibling in lead.child.family:
            unknown = sibling.status == CLOSED and sibling not in decisions and sibling not in named
            is_named = twin.draws.uniform("sibling", sibling.judgement_key()) < settings.sibling_chance
            if unknown and is_named and sibling.birth <= twin.week:
                score = lead.score - settings.sibling_discount
                named[sibling] = Decision(sibling, lead.sender, score, True, lead.assessed)
    return list(named.values())


def register_referrals(twin: "TextbookTwin", decisions: list[Decision]) -> None:
    """Register the referrals and queue those that are to be assessed (M4.6)."""
    for decision in decisions:
        if not decision.referred:
            continue
        child = decision.child
        again = child.last_referral is not None and twin.week - child.last_referral <= WEEKS_PER_YEAR
        twin.record_event("referred", child, decision.sender, float(again))
        child.last_referral = twin.week
        child.referrals += 1
        if decision.assessed:
            child.status = WAITING
            twin.waiting_initial.append(Case(child, twin.week, decision.score))
        else:
            # A referral that is not assessed settles half as much of the evidence as an assessment does.
            child.belief *= (1 + twin.settings.front_door.kept_after_assessment) / 2


def select_escalations(twin: "TextbookTwin", contacted: list[Child]) -> list[Child]:
    """Select children in need about whom a section 47 enquiry opens after new messages (M10.6)."""
    settings = twin.settings.front_door
    threshold = settings.assessment_threshold + settings.escalation_margin
    return [
        child
        for child in sorted(set(contacted), key=lambda child: child.number)
        if child.belief + settings.screening_noise * twin.draws.normal("escalation", child.judgement_key())
        > threshold + child.authority.drift
    ]


def update_front_door_load(twin: "TextbookTwin", authority: Authority, hours_due: float) -> None:
    """Update the smoothed load of a front door and the drift of its thresholds (M10.4, M10.5)."""
    settings = twin.settings.front_door
    available = sum(team.hours for team in authority.assessment_teams)
    load = min(hours_due / max(available, 1e-9), HIGHEST_LOAD)
    authority.front_door_load += (load - authority.front_door_load) / settings.load_memory_weeks
    log_load = math.log(max(authority.front_door_load, 1e-9) / settings.load_target)
    authority.drift = settings.drift * min(max(log_load, -settings.drift_limit), settings.drift_limit)
