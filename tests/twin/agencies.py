"""What partner agencies do in a week: notice, write down, ask each other, tell social care."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.twin.chance import concern_key
from tests.twin.people import Child, File, Message, Organisation, Sign, Tie

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

CHILDHOOD = 18 * 52


@dataclass(eq=False)
class Concern:
    """Something that a professional has noticed this week, and what he or she makes of it."""

    child: Child
    kind: str
    organisation: Organisation
    file: File
    adds: float
    recorded: bool
    courage: float
    evidence: float = 0.0
    threshold: float = 0.0

    def tells(self) -> bool:
        return self.evidence - self.threshold > self.courage


def notice(twin: "TextbookTwin") -> list[Concern]:
    """Every organisation meets the week's signs of its children (M3.1, M3.2)."""
    concerns = []
    for sign in twin.signs[twin.week]:
        file = sign.child.files[sign.kind]
        if occurs(sign) and is_noticed(twin, sign):
            organisation = file.organisation
            recorded = sign.recording < organisation.settings.recording * organisation.recording_factor
            courage = twin.settings.sharing.share_noise * logit(sign.telling)
            adds = evidence_of(twin, sign)
            concerns.append(Concern(sign.child, sign.kind, file.organisation, file, adds, recorded, courage))
            twin.note("noticed", sign.child, file.organisation, adds)
    return concerns


def occurs(sign: Sign) -> bool:
    """Signs end with their spell, and protection hides some (M14.1); false signs lie in the shadow of a spell."""
    if sign.spell:
        return not sign.spell.ended_by_protection and sign.hiding >= sign.child.hidden_share
    return sign.shadow_of is None or sign.shadow_of.ended_by_protection


def is_noticed(twin: "TextbookTwin", sign: Sign) -> bool:
    """Whether the sign is clear enough for the attention that the child gets (M3.1, M30.2)."""
    kind = twin.settings.agencies[sign.kind]
    clear = logistic((sign.strength - kind.notice_threshold) / twin.settings.sharing.notice_softness)
    organisation = sign.child.files[sign.kind].organisation
    attention = kind.attention * organisation.attention_factor
    if sign.child.of_the_smaller_group:
        attention *= organisation.group_exposure
    attention = min(attention, 1.0)
    twin.how_close(sign.noticing, attention * clear)
    return sign.noticing < attention * clear


def evidence_of(twin: "TextbookTwin", sign: Sign) -> float:
    """What a sign adds to a file, in log-odds (M4.1)."""
    kind = twin.settings.agencies[sign.kind]
    above = sign.strength - kind.weakest_visible_sign + twin.settings.sharing.least_evidence
    return kind.evidence_weight * max(above, 0.0)


def record(twin: "TextbookTwin", concerns: list[Concern]) -> None:
    """What is not written down counts this week only (M4.2)."""
    for concern in concerns:
        concern.evidence = concern.file.evidence + concern.adds
        if concern.recorded:
            concern.file.evidence = concern.evidence
            twin.note("recorded", concern.child, concern.organisation)


def share(twin: "TextbookTwin", concerns: list[Concern]) -> list[Message]:
    """Who tells social care, at once or after asking a partner (M5.1, M6.1, M6.5)."""
    settings = twin.settings.sharing
    undecided = []
    for concern in concerns:
        concern.threshold = threshold_of(twin, concern)
        if concern.recorded and concern.evidence >= concern.threshold:
            twin.note("threshold_crossed", concern.child, concern.organisation)
        twin.how_close(concern.evidence - concern.threshold, concern.courage)
        nearly = concern.evidence - concern.threshold > -settings.consult_margin
        if nearly and concern.recorded and not concern.tells():
            undecided.append(concern)
    consult(twin, undecided)
    for concern in concerns:
        if concern.recorded and not concern.tells():
            look_up(twin, concern)
    messages = []
    for concern in concerns:
        if concern.tells():
            concern.file.evidence *= settings.kept_after_sharing
            twin.note("shared", concern.child, concern.organisation, concern.evidence)
            child, evidence = concern.child, concern.evidence
            messages.append(
                Message(
                    child, concern.kind, concern.organisation, evidence, False, child.authority, twin.week
                )
            )
    return messages


def threshold_of(twin: "TextbookTwin", concern: Concern) -> float:
    """Evidence at which half would tell: the kind's threshold, duty, trust, what became of earlier concerns (M6.2, M30.1)."""
    settings, organisation = twin.settings.sharing, concern.organisation
    if concern.child.authority not in organisation.to_front_door:
        return math.inf
    threshold = float(organisation.settings.share_threshold) + organisation.share_threshold_shift
    if concern.child.of_the_smaller_group:
        threshold += organisation.group_threshold_shift
    trust = organisation.to_front_door[concern.child.authority].trust
    threshold -= settings.trust_effect * (trust - settings.trust_reference)
    return threshold + settings.unanswered_effect * concern.file.unanswered


def consult(twin: "TextbookTwin", undecided: list[Concern]) -> None:
    """Some ask a partner; if the question is answered, both files are read together (M5.1, M5.2, M8.2, M8.3)."""
    settings, network = twin.settings.sharing, twin.settings.network
    answered: list[Tie] = []
    unanswered: list[Tie] = []
    for concern in undecided:
        child = concern.child
        asking = concern_key(child.number, concern.kind, twin.week)
        if twin.chance.uniform("consult", asking) >= settings.consult_chance:
            continue
        partner = choose_partner(twin, concern)
        if partner is None:
            continue
        tie = concern.organisation.to_partner[partner.organisation]
        tie.last_use = twin.week
        twin.note("consulted", child, concern.organisation, concern.evidence)
        if twin.chance.uniform("answer", asking) < chance_of_arrival(twin, tie):
            answered.append(tie)
            holders = 2 if partner.evidence >= settings.live_evidence else 1
            together = pooled(twin, concern.evidence + partner.evidence, holders)
            concern.evidence = max(concern.evidence, together)
        else:
            unanswered.append(tie)
    # Trust moves when everybody has asked; what is won in a week comes before what is lost.
    for tie in answered:
        tie.move(1.0, network.trust_gain)
    for tie in unanswered:
        tie.move(0.0, network.trust_loss)


def choose_partner(twin: "TextbookTwin", concern: Concern) -> File | None:
    """One of the child's other agencies to which a tie exists, at random."""
    known = {
        kind: file
        for kind, file in concern.child.files.items()
        if file.organisation in concern.organisation.to_partner
    }
    if not known:
        return None
    child, week = concern.child.number, twin.week
    return known[max(known, key=lambda kind: twin.chance.uniform("partner", concern_key(child, kind, week)))]


def look_up(twin: "TextbookTwin", concern: Concern) -> None:
    """Whoever keeps silent may look the child up in a shared record, which sometimes shows another child (M23.1)."""
    child, organisation = concern.child, concern.organisation
    looking = concern_key(child.number, concern.kind, twin.week)
    if twin.chance.uniform("look in a shared record", looking) >= organisation.lookup:
        return
    mistaken = twin.chance.uniform("false match", looking) < organisation.false_match
    shown = born_next(twin, child) if mistaken else child
    held, holders = held_elsewhere(twin, shown, concern.kind)
    reach = organisation.lookup_reach
    twin.note("looked_up", child, organisation, reach * held)
    together = pooled(twin, concern.file.evidence + reach * held, 1 + reach * holders)
    concern.evidence = max(concern.evidence, together)


def born_next(twin: "TextbookTwin", child: Child) -> Child:
    """Children stand in the order of their births; the last is taken for the one before."""
    last = twin.children[-1]
    return twin.children[child.number + 1 if child is not last else child.number - 1]


def held_elsewhere(twin: "TextbookTwin", child: Child, kind: str) -> tuple[float, int]:
    """What all agencies but that of one kind hold about a child, and how many hold more than a trifle."""
    others = [file.evidence for other, file in child.files.items() if other != kind]
    return sum(others), sum(evidence >= twin.settings.sharing.live_evidence for evidence in others)


def pooled(twin: "TextbookTwin", total: float, holders: float) -> float:
    """Evidence of several agencies, discounted because they see the same things (M5.2, M23.1, M25.3)."""
    return total / (1 + twin.settings.sharing.signal_correlation * max(holders - 1, 0))


def chance_of_arrival(twin: "TextbookTwin", tie: Tie) -> float:
    """Whether a message is read depends on trust, and on what policy makes of the tie (M7.1)."""
    network = twin.settings.network
    likely = network.delivery_base * math.pow(tie.trust, network.delivery_trust_power) * tie.delivery
    return min(likely, 1.0)


def send(twin: "TextbookTwin", messages: list[Message]) -> None:
    """Messages leave; one that is lost or goes astray costs trust and stays unanswered (M6.3, M7.1, M8.3, M27.7)."""
    lost = []
    for message in messages:
        tie = message.sender.to_front_door[message.authority]
        tie.last_use = twin.week
        sending = concern_key(message.child.number, message.kind, twin.week)
        arrives = twin.chance.uniform("delivery", sending) < chance_of_arrival(twin, tie)
        astray = twin.chance.uniform("wrong door", sending) < chance_of_wrong_door(twin, message.sender)
        if arrives and not astray:
            message.due = twin.week + delay(twin, sending)
            twin.post.append(message)
        else:
            lost.append(tie)
            message.child.files[message.kind].unanswered += 1
            twin.note("misdirected" if arrives else "lost", message.child, message.sender)
    for tie in lost:
        tie.move(0.0, twin.settings.network.trust_loss)


def chance_of_wrong_door(twin: "TextbookTwin", sender: Organisation) -> float:
    """Whoever serves several authorities writes to the wrong one now and then (M27.7)."""
    by_itself = twin.settings.network.wrong_authority if len(sender.serves) > 1 else 0.0
    return 1 - (1 - by_itself) * (1 - sender.wrong_authority)


def delay(twin: "TextbookTwin", sending: int) -> int:
    """Whole weeks beyond the week of sending, geometric (M7.2)."""
    mean = twin.settings.network.message_delay_weeks
    if mean == 0:
        return 0
    return math.floor(math.log(twin.chance.uniform("delay", sending)) / math.log(mean / (1 + mean)))


def ask_for_help(twin: "TextbookTwin", child: Child) -> None:
    """A family, or somebody for it, asks for a service; nobody screens that out for want of trust."""
    sender, strength = child.files["community"].organisation, twin.settings.front_door.request_strength
    twin.post.append(Message(child, "community", sender, strength, True, child.authority, twin.week))


def deliver(twin: "TextbookTwin") -> list[Message]:
    """What is due arrives in the order in which it was sent, unless its child has grown up or moved away (M27.8)."""
    due = [message for message in twin.post if message.due <= twin.week]
    twin.post = [message for message in twin.post if message.due > twin.week]
    arrived = []
    for message in due:
        if twin.week - message.child.birth >= CHILDHOOD:
            continue
        if message.authority is message.child.authority:
            arrived.append(message)
            twin.note("delivered", message.child, message.sender, message.evidence)
        else:
            twin.note("misdirected", message.child, message.sender)
            if not message.is_request:
                message.child.files[message.kind].unanswered += 1
    return arrived


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def logit(share: float) -> float:
    share = min(max(share, 1e-7), 1 - 1e-7)
    return math.log(share / (1 - share))
