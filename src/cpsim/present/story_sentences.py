"""The sentences of a story: one entry for each stage, in the order of the week, worded like a serious case review.

A sentence may use the numbers of its fact as placeholders: `value` (as in the table of events), `evidence` (the
evidence on which the decision rested), `judged` (the evidence as it was judged), `threshold` (the threshold it was
compared with) and the names in the fact's `more`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from cpsim.results.story import Jigsaw

By = Literal["life", "agency", "door", "care"]
"""Who acts: no one (events in the child's life), an organisation, the front door, or the social work teams."""


@dataclass(frozen=True)
class StageSentences:
    """The sentences for one stage of a story.

    Attributes:
        by: who acts.
        text: the usual sentence, with placeholders.
        seen: whether any practitioner knows of it at the time.
        variants: sentences for special cases, by name of the case.

    >>> StageSentences("care", "The plan ends after {weeks}.").format("", {"weeks": "13 weeks"})
    'The plan ends after 13 weeks.'
    """

    by: By
    text: str
    seen: bool = True
    variants: dict[str, str] = field(default_factory=dict)

    def format(self, variant: str, facts: dict[str, Any]) -> str:
        """Fill the facts into the sentence for `variant`, or into the usual sentence if there is none for it."""
        return self.variants.get(variant, self.text).format(**facts)


def _create_stage(by: By, text: str, *, seen: bool = True, **variants: str) -> StageSentences:
    return StageSentences(by, text, seen, variants)


STAGES: Final[dict[str, StageSentences]] = {
    "born": _create_stage("life", "The child is born.", seen=False),
    "moved_authority": _create_stage("life", "The family moves to {to}."),
    "moved": _create_stage("agency", "The child is now with {who}, previously with {before}."),
    "file_left_behind": _create_stage(
        "agency",
        "The previous file does not follow the child: the evidence on it is not available here.",
        care="The file of children's social care stays with the previous authority.",
    ),
    "harm_ended": _create_stage(
        "life", "The harm ends without any intervention.", seen=False, need="The adversity ends.",
    ),
    "harm_began": _create_stage(
        "life",
        "Significant harm begins (severity {value}).",
        seen=False,
        need="Adversity begins (severity {value}), short of significant harm.",
    ),
    "need_began": _create_stage("life", "A need other than harm begins: {reason}.", seen=False),
    "turned_18": _create_stage("life", "The child turns 18, and all work on the case ends."),
    "passed_by": _create_stage(
        "agency", "A sign was visible here (evidence {evidence}) but was not noticed.", seen=False
    ),
    "noticed": _create_stage(
        "agency",
        "A practitioner notices a sign (evidence {value}).",
        unwritten="A practitioner notices a sign (evidence {value}) but does not record it.",
    ),
    "recorded": _create_stage("agency", "The sign is recorded on file."),
    "threshold_crossed": _create_stage(
        "agency", "The evidence on file here has reached the threshold of {threshold}."
    ),
    "consulted": _create_stage("agency", "Consults a partner agency; its own evidence is {value}."),
    "looked_up": _create_stage(
        "agency",
        "Looks the child up in the shared record, which shows evidence of {value} from other agencies.",
    ),
    "kept": _create_stage(
        "agency",
        "Makes no contact with children's social care: evidence of {evidence} is below the threshold of "
        "{threshold}.",
        untied="Makes no contact with children's social care: it has no tie to the front door.",
        hesitated="Makes no contact with children's social care, although its evidence of {evidence} has reached "
        "the threshold of {threshold}: at the threshold itself only every second concern is shared.",
    ),
    "shared": _create_stage(
        "agency",
        "Makes a contact with children's social care: evidence of {evidence} against a threshold of "
        "{threshold}.",
        early="Makes a contact with children's social care early: evidence of {evidence} is below the threshold "
        "of {threshold}.",
        unheard="Makes a contact with children's social care: evidence of {value}.",
    ),
    "lost": _create_stage("agency", "The message is lost and reaches no one."),
    "misdirected": _create_stage("agency", "The message goes to the wrong authority."),
    "delivered": _create_stage(
        "door",
        "The concern from {sender} arrives (evidence {value}).",
        late="The concern from {sender} arrives {weeks} after it was sent (evidence {value}).",
        request="The family, or someone on its behalf, asks for help.",
    ),
    "screened_out": _create_stage(
        "door",
        "No referral: evidence of {evidence} is judged to be {judged}, below the threshold of "
        "{threshold}.",
    ),
    "referred": _create_stage(
        "door",
        "Accepted as a referral: evidence of {evidence} is judged to be {judged}, above the threshold of "
        "{threshold}.",
        sibling="Included in the referral of child {lead}, a sibling, on information from {sender}.",
    ),
    "to_be_assessed": _create_stage(
        "door", "To be assessed: on a second look {judged}, above the threshold of {threshold}."
    ),
    "not_assessed": _create_stage(
        "door", "No assessment: on a second look {judged}, below the threshold of {threshold}."
    ),
    "not_escalated": _create_stage(
        "door",
        "New information on an open case is judged to be {judged}, below the threshold of {threshold} for a "
        "section 47 enquiry.",
    ),
    "escalated": _create_stage(
        "door",
        "New information on an open case is judged to be {judged}, above the threshold of {threshold}: a "
        "section 47 enquiry will open.",
    ),
    "initial_started": _create_stage("care", "An initial assessment begins."),
    "initial_finished": _create_stage(
        "care",
        "The initial assessment ends {punctual}. Harm is judged to be {judged}, below the {threshold} needed "
        "for a service.",
        other_need="The initial assessment ends {punctual}. Harm is judged to be {judged}, but another need is "
        "found: a child-in-need service will begin.",
        in_need="The initial assessment ends {punctual}. Harm is judged to be {judged}, above {threshold}: a "
        "child-in-need service will begin.",
        core="The initial assessment ends {punctual}. Harm is judged to be {judged}, above {threshold}: a "
        "core assessment will follow.",
        enquiry="The initial assessment ends {punctual}. Harm is judged to be {judged}, above {threshold}: a "
        "section 47 enquiry will open.",
    ),
    "core_started": _create_stage("care", "A core assessment begins."),
    "enquiry_started": _create_stage("care", "A section 47 enquiry opens."),
    "core_finished": _create_stage(
        "care",
        "The core assessment ends {punctual}. Harm is judged to be {judged}, below the {threshold} needed "
        "for a service.",
        other_need="The core assessment ends {punctual}. Harm is judged to be {judged}, but there is another "
        "need: a child-in-need service will begin.",
        in_need="The core assessment ends {punctual}. Harm is judged to be {judged}, above {threshold}: a "
        "child-in-need service will begin.",
        enquiry="The core assessment ends {punctual}.",
    ),
    "enquiry_finished": _create_stage(
        "care",
        "The section 47 enquiry finds harm of {value}, below the {threshold} needed for a service.",
        in_need="The section 47 enquiry finds harm of {value}, above {threshold}, but only enough for a "
        "child-in-need service.",
        conference="The section 47 enquiry finds harm of {value}, above {threshold}: an initial child "
        "protection conference is called.",
    ),
    "no_further_action": _create_stage("care", "The case is closed with no further action."),
    "conference": _create_stage(
        "care",
        "The child protection conference judges harm to be {value}, below the {threshold} needed for a plan.",
        plan="The child protection conference judges harm to be {value}, above the {threshold} needed for a "
        "plan.",
    ),
    "reviewed": _create_stage(
        "care",
        "Review: harm is judged to be {judged}, not below {threshold}, so support continues.",
        kept="Review: harm is judged to be {judged}, below {threshold}, but support continues.",
        closed="Review: harm is judged to be {judged}, below {threshold}, so support will end.",
    ),
    "plan_ended": _create_stage("care", "The child protection plan ends after {weeks}."),
    "care_ended": _create_stage("care", "The child leaves care after {weeks}."),
    "plan_started": _create_stage("care", "A child protection plan begins."),
    "court_application": _create_stage("care", "An application for a care order is made to the court."),
    "care_started": _create_stage("care", "The child enters care."),
    "in_need_ended": _create_stage("care", "The child-in-need service ends after {weeks}."),
    "in_need_started": _create_stage("care", "A child-in-need service begins."),
    "effective_until": _create_stage("care", "The child is no longer effectively protected."),
    "effective_from": _create_stage("care", "The child is now effectively protected."),
    "harm_ended_by_protection": _create_stage(
        "life", "Protection has ended the harm.", need="Protection has ended the adversity."
    ),
    "serious_event_averted": _create_stage("life", "Protection averts a serious event."),
    "serious_event": _create_stage("life", "A serious event: the child is seriously harmed."),
    "worker_changed": _create_stage("care", "The social worker changes (the {nth} change in this case)."),
    "judged": _create_stage(
        "life", "{deadline}: {outcome}.", seen=False
    ),
}  # fmt: skip
"""Stage -> its sentences; their order is the order of events within a week."""

ORDER: Final = {stage: place for place, stage in enumerate(STAGES)}
"""Stage -> its place within a week."""

NEEDS: Final = {
    "disability": "a disability",
    "family_stress": "stress in the family",
    "older_teenager": "the difficulties of an older teenager",
}
"""Reason of a need other than harm -> its description."""

OUTCOMES: Final[dict[str, str]] = {
    "protected": "the child is protected",
    "self_resolved": "the harm has ended without protection",
    "censored": "the child has turned 18",
    "missed": "the child is still in harm and not protected",
}
"""Result of a spell -> its description at the deadline."""

PREDICATES: Final[dict[str | None, str]] = {
    "protected": "was protected in time",
    "self_resolved": "ended without protection",
    "censored": "could not be followed to its deadline",
    "missed": "was missed",
    None: "is not evaluated",
}
"""Result of a spell -> predicate of a sentence about the spell; None for a spell without a deadline in the run."""

TURNS: Final[dict[tuple[str | None, str | None], str]] = {
    ("missed", "protected"): "newly reached",
    ("protected", "missed"): "newly missed",
}
"""Results of a spell in the reference and in the other scenario -> what the spell is in the other."""

VERDICTS: Final[dict[str, str]] = {
    "protected": "The child was protected in time.",
    "self_resolved": "The harm ended before any agency had protected the child.",
    "censored": "The child turned 18 before the spell could be evaluated.",
    "C0": "Missed. No practitioner met the child during the harm, so no one had an opportunity to notice.",
    "C1a": "Missed. Practitioners met the child, but none noticed a sign.",
    "C1b": "Missed. Signs were on file but, even taken together, they were too weak for any agency to recognise.",
    "C2": "Missed. A sign was noticed but not recorded.",
    "C3a": "Missed. An agency's own evidence crossed its threshold, but it made no contact with children's social "
    "care.",
    "C3b": "Missed. No agency's own evidence crossed its threshold; pooled, the evidence would have, but no one "
    "pooled it.",
    "C4a": "Missed. A message was sent to children's social care but was lost on the way.",
    "C4b": "Missed. A message was sent to children's social care but did not arrive in time.",
    "C4c": "Missed. A message was sent but went to the wrong authority.",
    "C5": "Missed. A contact reached children's social care but was screened out at the front door.",
    "C6a": "Missed. A message arrived but had not yet been read.",
    "C6b": "Missed. The case was waiting for an assessment or was being assessed.",
    "C6c": "Missed. The child was waiting for a child protection conference.",
    "C7": "Missed. The case was assessed, and the harm was judged to be below the threshold.",
    "C8": "Missed. Protection was decided on, but it was not in force in time or was not effective.",
    "C9a": "Missed. The case was closed, or support ended, while the child was in harm.",
}
"""Result of a spell, or where the chain of concern about a missed one stopped -> the sentence that sums it up."""

NEW_HARM: Final = "The harm began within 26 weeks after a case was closed while the child was not in harm."
"""Sentence that marks new harm after a sound closure."""

LEGEND: Final = (
    "Evidence and thresholds are log-odds: 0 means even odds, and each step of 1 multiplies the odds of harm by "
    "almost three. Each sign that is noticed adds to the file, and the file fades with time. At exactly its "
    "threshold an agency shares every second concern, because judgement varies from day to day. Harm is judged on "
    "the scale of severity, where 1 is a typical child in need."
)
"""Explanation of the numbers, for the end of a story."""

INVENTED: Final = (
    "The child, the family and everyone else in this story are invented. One story is an illustration, not evidence: "
    "to see how often such things happen, and what preventing them costs, look at the whole run."
)
"""The caution at the end of a story."""


UNSEEN: Final = "○"
"""Mark of an entry that no practitioner knew of at the time."""

CARE: Final = {
    "waiting": "waiting for an assessment",
    "initial": "initial assessment",
    "core_waiting": "waiting for a core assessment",
    "core": "core assessment",
    "enquiry": "section 47 enquiry",
    "conference": "waiting for a conference",
    "in_need": "child-in-need service",
    "plan": "plan",
    "care": "in care",
}
"""Status of a case with children's social care -> its description."""


def describe_pooled_evidence(jigsaw: Jigsaw) -> str:
    """Say whether the pooled evidence would have crossed the lowest threshold, as the end of a sentence."""
    if jigsaw.lowest_threshold is None:
        return "there was no evidence to pool"
    return f"would {'' if jigsaw.is_enough_together else 'not '}have crossed the lowest threshold"
