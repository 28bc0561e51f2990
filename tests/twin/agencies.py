"""What partner agencies do in a week: notice signs, record them, consult each other and share concerns."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.twin.agents import Child, File, Message, Organisation, Sign, Tie
from tests.twin.random_draws import concern_key

from cpsim.constants import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

CHILDHOOD_WEEKS = 18 * WEEKS_PER_YEAR


@dataclass(eq=False)
class Concern:
    """A sign that a practitioner noticed this week, and the practitioner's decision about it."""

    child: Child
    kind: str
    organisation: Organisation
    file: File
    new_evidence: float
    recorded: bool
    sharing_noise: float
    evidence: float = 0.0
    threshold: float = 0.0

    def is_shared(self) -> bool:
        """Return whether the evidence exceeds the threshold by more than the noise (M6.1)."""
        return self.evidence - self.threshold > self.sharing_noise


def notice_signs(twin: "TextbookTwin") -> list[Concern]:
    """Decide which of this week's signs organisations notice (M3.1, M3.2)."""
    concerns = []
    for sign in twin.signs[twin.week]:
        file = sign.child.files[sign.kind]
        if is_occurring(sign) and is_noticed(twin, sign):
            organisation = file.organisation
            recorded = sign.recording < organisation.settings.recording * organisation.recording_factor
            sharing_noise = twin.settings.sharing.share_noise * logit(sign.sharing)
            new_evidence = sign_evidence(twin, sign)
            concerns.append(
                Concern(sign.child, sign.kind, file.organisation, file, new_evidence, recorded, sharing_noise)
            )
            twin.record_event("noticed", sign.child, file.organisation, new_evidence)
    return concerns


def is_occurring(sign: Sign) -> bool:
    """Return whether a sign occurs: its spell continues and protection does not hide it (M14.1)."""
    if sign.spell:
        return not sign.spell.ended_by_protection and sign.hiding >= sign.child.hidden_share
    return sign.hidden_by is None or sign.hidden_by.ended_by_protection


def is_noticed(twin: "TextbookTwin", sign: Sign) -> bool:
    """Return whether the sign is clear enough for the attention that the child gets (M3.1, M30.2)."""
    kind = twin.settings.agencies[sign.kind]
    clear = logistic((sign.strength - kind.notice_threshold) / twin.settings.sharing.notice_softness)
    organisation = sign.child.files[sign.kind].organisation
    attention = kind.attention * organisation.attention_factor
    if sign.child.in_smaller_group:
        attention *= organisation.group_exposure
    attention = min(attention, 1.0)
    twin.record_margin(sign.noticing, attention * clear)
    return sign.noticing < attention * clear


def sign_evidence(twin: "TextbookTwin", sign: Sign) -> float:
    """Evidence that a sign adds to a file, log-odds (M4.1)."""
    kind = twin.settings.agencies[sign.kind]
    above = sign.strength - kind.weakest_visible_sign + twin.settings.sharing.least_evidence
    return kind.evidence_weight * max(above, 0.0)


def record_concerns(twin: "TextbookTwin", concerns: list[Concern]) -> None:
    """Record concerns on the files; a concern that is not recorded counts in this week only (M4.2)."""
    for concern in concerns:
        concern.evidence = concern.file.evidence + concern.new_evidence
        if concern.recorded:
            concern.file.evidence = concern.evidence
            twin.record_event("recorded", concern.child, concern.organisation)


def share_concerns(twin: "TextbookTwin", concerns: list[Concern]) -> list[Message]:
    """Decide which concerns are shared with social care, before or after consulting (M5.1, M6.1, M6.5)."""
    settings = twin.settings.sharing
    undecided = []
    for concern in concerns:
        concern.threshold = sharing_threshold(twin, concern)
        if concern.recorded and concern.evidence >= concern.threshold:
            twin.record_event("threshold_crossed", concern.child, concern.organisation)
        twin.record_margin(concern.evidence - concern.threshold, concern.sharing_noise)
        nearly = concern.evidence - concern.threshold > -settings.consult_margin
        if nearly and concern.recorded and not concern.is_shared():
            undecided.append(concern)
    consult_partners(twin, undecided)
    for concern in concerns:
        if concern.recorded and not concern.is_shared():
            check_shared_record(twin, concern)
    messages = []
    for concern in concerns:
        if concern.is_shared():
            concern.file.evidence *= settings.kept_after_sharing
            twin.record_event("shared", concern.child, concern.organisation, concern.evidence)
            child, evidence = concern.child, concern.evidence
            messages.append(
                Message(
                    child, concern.kind, concern.organisation, evidence, False, child.authority, twin.week
                )
            )
    return messages


def sharing_threshold(twin: "TextbookTwin", concern: Concern) -> float:
    """Evidence at which half of the concerns are shared: infinite without a tie to the front door (M6.2, M30.1)."""
    settings, organisation = twin.settings.sharing, concern.organisation
    if concern.child.authority not in organisation.to_front_door:
        return math.inf
    threshold = float(organisation.settings.share_threshold) + organisation.share_threshold_shift
    if concern.child.in_smaller_group:
        threshold += organisation.group_threshold_shift
    trust = organisation.to_front_door[concern.child.authority].trust
    threshold -= settings.trust_effect * (trust - settings.trust_reference)
    return threshold + settings.unanswered_effect * concern.file.unanswered


def consult_partners(twin: "TextbookTwin", undecided: list[Concern]) -> None:
    """Let some practitioners consult a partner; an answer pools both files (M5.1, M5.2, M8.2, M8.3)."""
    settings, network = twin.settings.sharing, twin.settings.network
    answered: list[Tie] = []
    unanswered: list[Tie] = []
    for concern in undecided:
        child = concern.child
        asking = concern_key(child.number, concern.kind, twin.week)
        if twin.draws.uniform("consult", asking) >= settings.consult_chance:
            continue
        partner = choose_partner(twin, concern)
        if partner is None:
            continue
        tie = concern.organisation.to_partner[partner.organisation]
        tie.last_use = twin.week
        twin.record_event("consulted", child, concern.organisation, concern.evidence)
        if twin.draws.uniform("answer", asking) < delivery_probability(twin, tie):
            answered.append(tie)
            holders = 2 if partner.evidence >= settings.live_evidence else 1
            together = pool_evidence(twin, concern.evidence + partner.evidence, holders)
            concern.evidence = max(concern.evidence, together)
        else:
            unanswered.append(tie)
    # Trust changes after all consultations of the week, gains before losses.
    for tie in answered:
        tie.move_trust(1.0, network.trust_gain)
    for tie in unanswered:
        tie.move_trust(0.0, network.trust_loss)


def choose_partner(twin: "TextbookTwin", concern: Concern) -> File | None:
    """Choose one of the child's other agencies to which a tie exists, at random."""
    known = {
        kind: file
        for kind, file in concern.child.files.items()
        if file.organisation in concern.organisation.to_partner
    }
    if not known:
        return None
    child, week = concern.child.number, twin.week
    return known[max(known, key=lambda kind: twin.draws.uniform("partner", concern_key(child, kind, week)))]


def check_shared_record(twin: "TextbookTwin", concern: Concern) -> None:
    """Perhaps look the child up in a shared record, which sometimes shows another child (M23.1)."""
    child, organisation = concern.child, concern.organisation
    looking = concern_key(child.number, concern.kind, twin.week)
    if twin.draws.uniform("look in a shared record", looking) >= organisation.lookup:
        return
    mistaken = twin.draws.uniform("false match", looking) < organisation.false_match
    shown = find_mistaken_child(twin, child) if mistaken else child
    held, holders = sum_other_files(twin, shown, concern.kind)
    reach = organisation.lookup_reach
    twin.record_event("looked_up", child, organisation, reach * held)
    together = pool_evidence(twin, concern.file.evidence + reach * held, 1 + reach * holders)
    concern.evidence = max(concern.evidence, together)


def find_mistaken_child(twin: "TextbookTwin", child: Child) -> Child:
    """Find the child whose entry is shown by mistake: the next one born, or the one before the last."""
    last = twin.children[-1]
    return twin.children[child.number + 1 if child is not last else child.number - 1]


def sum_other_files(twin: "TextbookTwin", child: Child, kind: str) -> tuple[float, int]:
    """Sum the evidence on the files of all other kinds, and count those that hold live evidence."""
    others = [file.evidence for other, file in child.files.items() if other != kind]
    return sum(others), sum(evidence >= twin.settings.sharing.live_evidence for evidence in others)


def pool_evidence(twin: "TextbookTwin", total: float, holders: float) -> float:
    """Pool the evidence of several agencies, which see some of the same signs (M5.2, M23.1, M25.3)."""
    return total / (1 + twin.settings.sharing.signal_correlation * max(holders - 1, 0))


def delivery_probability(twin: "TextbookTwin", tie: Tie) -> float:
    """Probability that a message over a tie is delivered; it depends on trust and on policy (M7.1)."""
    network = twin.settings.network
    likely = network.delivery_base * math.pow(tie.trust, network.delivery_trust_power) * tie.delivery
    return min(likely, 1.0)


def send_messages(twin: "TextbookTwin", messages: list[Message]) -> None:
    """Send messages; one that is lost or misdirected costs trust and stays unanswered (M6.3, M7.1, M8.3, M27.7)."""
    lost = []
    for message in messages:
        tie = message.sender.to_front_door[message.authority]
        tie.last_use = twin.week
        sending = concern_key(message.child.number, message.kind, twin.week)
        arrives = twin.draws.uniform("delivery", sending) < delivery_probability(twin, tie)
        misdirected = twin.draws.uniform("wrong door", sending) < wrong_authority_probability(
            twin, message.sender
        )
        if arrives and not misdirected:
            message.due = twin.week + draw_delay(twin, sending)
            twin.messages_in_transit.append(message)
        else:
            lost.append(tie)
            message.child.files[message.kind].unanswered += 1
            twin.record_event("misdirected" if arrives else "lost", message.child, message.sender)
    for tie in lost:
        tie.move_trust(0.0, twin.settings.network.trust_loss)


def wrong_authority_probability(twin: "TextbookTwin", sender: Organisation) -> float:
    """Probability that a message of an organisation goes to the wrong authority (M27.7)."""
    without_lever = twin.settings.network.wrong_authority if len(sender.serves) > 1 else 0.0
    return 1 - (1 - without_lever) * (1 - sender.wrong_authority)


def draw_delay(twin: "TextbookTwin", sending: int) -> int:
    """Draw the delay of a message in whole weeks, geometric (M7.2)."""
    mean = twin.settings.network.message_delay_weeks
    if mean == 0:
        return 0
    return math.floor(math.log(twin.draws.uniform("delay", sending)) / math.log(mean / (1 + mean)))


def request_help(twin: "TextbookTwin", child: Child) -> None:
    """Send a request for a service, from the family or on its behalf; it is not lost, and trust does not matter."""
    sender, strength = child.files["community"].organisation, twin.settings.front_door.request_strength
    twin.messages_in_transit.append(
        Message(child, "community", sender, strength, True, child.authority, twin.week)
    )


def deliver_messages(twin: "TextbookTwin") -> list[Message]:
    """Deliver due messages in the order of sending, unless the child has turned 18 or moved away (M27.8)."""
    due = [message for message in twin.messages_in_transit if message.due <= twin.week]
    twin.messages_in_transit = [message for message in twin.messages_in_transit if message.due > twin.week]
    arrived = []
    for message in due:
        if twin.week - message.child.birth >= CHILDHOOD_WEEKS:
            continue
        if message.authority is message.child.authority:
            arrived.append(message)
            twin.record_event("delivered", message.child, message.sender, message.evidence)
        else:
            twin.record_event("misdirected", message.child, message.sender)
            if not message.is_request:
                message.child.files[message.kind].unanswered += 1
    return arrived


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def logit(share: float) -> float:
    share = min(max(share, 1e-7), 1 - 1e-7)
    return math.log(share / (1 - share))
