"""The front door: social care's own file, contacts, referrals, brothers and sisters (M10)."""

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tests.twin.agencies import held_elsewhere, pooled
from tests.twin.people import CLOSED, IN_NEED, WAITING, Authority, Case, Child, Decision, File, Message

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

HIGHEST_LOAD = 5.0


class Screened(NamedTuple):
    """The week at the front door."""

    contacts: Counter[Authority]
    referrals: Counter[Authority]
    grave_news: list[Child]


def screen(twin: "TextbookTwin", arrived: list[Message]) -> Screened:
    """Read, decide, answer, refer."""
    write_to_file(twin, [message for message in arrived if not message.is_request])
    contacts = [message for message in arrived if message.child.status == CLOSED]
    of_open_cases = [
        message.child for message in arrived if message.child.status == IN_NEED and not message.is_request
    ]
    decisions = decide(twin, contacts)
    answer(twin, contacts, decisions)
    siblings = name_siblings(twin, decisions)
    everybody = [*decisions.values(), *siblings]
    refer(twin, everybody)
    spoken_of = [message.child for message in contacts] + [decision.child for decision in siblings]
    return Screened(
        Counter(child.authority for child in spoken_of),
        Counter(decision.child.authority for decision in everybody if decision.referred),
        escalate(twin, of_open_cases),
    )


def write_to_file(twin: "TextbookTwin", messages: list[Message]) -> None:
    """New voices count more than repeated ones; all words of a week are read against the file of Monday (M4.4)."""
    settings = twin.settings.front_door
    monday = {message.child: (message.child.belief, set(message.child.spoken)) for message in messages}
    for message in messages:
        child = message.child
        belief, spoken = monday[child]
        if belief < settings.closed_history_below:  # closed history: whoever spoke then does not count
            weight = 1.0
            child.spoken -= spoken
        elif message.kind in spoken:
            weight = settings.same_source_weight
        else:
            weight = settings.other_source_weight
        child.belief += weight * message.evidence
    for message in messages:
        message.child.spoken.add(message.kind)


def decide(twin: "TextbookTwin", contacts: list[Message]) -> dict[Child, Decision]:
    """One decision a child, on the word of whoever spoke first (M9.2, M10.1, M10.2, M10.3)."""
    settings = twin.settings.front_door
    decisions: dict[Child, Decision] = {}
    for message in contacts:
        child = message.child
        if child in decisions:
            continue
        if message.is_request:
            score = message.evidence
        else:
            score = read_beside_files(twin, message)
            score += message.sender.settings.credibility + message.sender.credibility_shift
            score += settings.history_effect * (child.referrals > 0)
            score += settings.plan_history_effect * (child.plans > 0)
        authority = child.authority
        noise = settings.screening_noise * math.exp(
            settings.flood_effect * max(authority.front_door_load - 1, 0)
        )
        noise /= authority.front_door.accuracy
        moved = authority.drift + authority.front_door.screening_threshold_shift
        look = score + noise * twin.chance.normal("screening", child.judged())
        second_look = score + noise * twin.chance.normal("second look", child.judged())
        referred = look > settings.referral_threshold + moved
        assessed = referred and second_look > settings.assessment_threshold + moved
        decisions[child] = Decision(child, message.sender, score, referred, assessed)
        if not referred:
            twin.note("screened_out", child, message.sender, score)
    return decisions


def read_beside_files(twin: "TextbookTwin", message: Message) -> float:
    """What the front door believes with what it sees of the other agencies' files beside the message (M23.3)."""
    child, sight = message.child, message.child.authority.front_door.records_shown
    held, holders = held_elsewhere(twin, child, message.kind)
    return max(child.belief, pooled(twin, child.belief + sight * held, 1 + sight * holders))


def answer(twin: "TextbookTwin", contacts: list[Message], decisions: dict[Child, Decision]) -> None:
    """An assessment is an answer, silence is not (M6.3); a referral wins trust (M8.2), a rejection costs it (M9.1)."""
    network = twin.settings.network
    answered: set[File] = set()
    concerns = [message for message in contacts if not message.is_request]
    for message in concerns:
        file = message.child.files[message.kind]
        if file not in answered:  # several messages from one file carry one decision
            answered.add(file)
            assessed = decisions[message.child].assessed
            file.unanswered += -twin.settings.sharing.answer_relief if assessed else 1.0
    for taken_up, aim, share in ((True, 1.0, network.trust_gain), (False, 0.0, network.trust_rejection)):
        for message in concerns:
            if decisions[message.child].referred == taken_up:
                message.sender.to_front_door[message.authority].move(aim, share)


def name_siblings(twin: "TextbookTwin", decisions: dict[Child, Decision]) -> list[Decision]:
    """Brothers and sisters who are named in a referral share its fate."""
    settings = twin.settings.front_door
    named: dict[Child, Decision] = {}
    for lead in decisions.values():
        if not lead.referred:
            continue
        for sibling in lead.child.family:
            unknown = sibling.status == CLOSED and sibling not in decisions and sibling not in named
            said = twin.chance.uniform("sibling", sibling.judged()) < settings.sibling_chance
            if unknown and said and sibling.birth <= twin.week:
                score = lead.score - settings.sibling_discount
                named[sibling] = Decision(sibling, lead.sender, score, True, lead.assessed)
    return list(named.values())


def refer(twin: "TextbookTwin", decisions: list[Decision]) -> None:
    """Register the referrals; those that are to be assessed wait, others answer some of the worry (M4.6)."""
    for decision in decisions:
        if not decision.referred:
            continue
        child = decision.child
        again = child.last_referral is not None and twin.week - child.last_referral <= 52
        twin.note("referred", child, decision.sender, float(again))
        child.last_referral = twin.week
        child.referrals += 1
        if decision.assessed:
            child.status = WAITING
            twin.waiting_initial.append(Case(child, twin.week, decision.score))
        else:
            # Looking at a referral answers half of what an assessment answers.
            child.belief *= (1 + twin.settings.front_door.kept_after_assessment) / 2


def escalate(twin: "TextbookTwin", spoken_of: list[Child]) -> list[Child]:
    """News about a child in need may be so grave that a section 47 enquiry opens (M10.6)."""
    settings = twin.settings.front_door
    threshold = settings.assessment_threshold + settings.escalation_margin
    return [
        child
        for child in sorted(set(spoken_of), key=lambda child: child.number)
        if child.belief + settings.screening_noise * twin.chance.normal("escalation", child.judged())
        > threshold + child.authority.drift
    ]


def feel_load(twin: "TextbookTwin", authority: Authority, hours_due: float) -> None:
    """Backlog raises the thresholds of the front door (M10.4, M10.5)."""
    settings = twin.settings.front_door
    available = sum(team.hours for team in authority.assessment_teams)
    load = min(hours_due / max(available, 1e-9), HIGHEST_LOAD)
    authority.front_door_load += (load - authority.front_door_load) / settings.load_memory_weeks
    felt = math.log(max(authority.front_door_load, 1e-9) / settings.load_target)
    authority.drift = settings.drift * min(max(felt, -settings.drift_limit), settings.drift_limit)
