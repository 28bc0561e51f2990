"""The words of a story: one row a stage, in the order of the week, as a serious case review would put it.

A sentence may name what its fact holds: `value` (as the stage has it in the table of events), `evidence` (what there
was to go by), `judged` (what it was taken for), `threshold` (what that was held against), and the names in `more`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from cpsim.results.story import Jigsaw

By = Literal["life", "agency", "door", "care"]
"""Who acts: the child's life itself, the organisation, the front door, or social work teams."""


@dataclass(frozen=True)
class Stage:
    """How one stage is told.

    Attributes:
        by: who acts.
        says: the sentence.
        seen: whether any professional knows of it at the time.
        variants: other sentences, by what sets the fact apart.
    """

    by: By
    says: str
    seen: bool = True
    variants: dict[str, str] = field(default_factory=dict)

    def sentence(self, variant: str, facts: dict[str, Any]) -> str:
        """The sentence of a variant, or the plain one, with its facts filled in."""
        return self.variants.get(variant, self.says).format(**facts)


def _stage(by: By, says: str, *, seen: bool = True, **variants: str) -> Stage:
    return Stage(by, says, seen, variants)


STAGES: Final[dict[str, Stage]] = {
    "born": _stage("life", "The child is born.", seen=False),
    "moved_authority": _stage("life", "The family moves to {to}."),
    "moved": _stage("agency", "The child comes to {who}; before, it was {before}."),
    "file_left_behind": _stage(
        "agency",
        "The former file does not follow the child: what was on it is out of reach here.",
        care="Social care's file stays behind in the former authority.",
    ),
    "harm_ended": _stage(
        "life", "The harm ends without anybody's help.", seen=False, need="The adversity ends.",
    ),
    "harm_began": _stage(
        "life",
        "Significant harm begins (severity {value:.2f}).",
        seen=False,
        need="Adversity begins (severity {value:.2f}), short of significant harm.",
    ),
    "need_began": _stage("life", "A need other than harm begins: {reason}.", seen=False),
    "turned_18": _stage("life", "The child turns 18, and all work about it ends."),
    "passed_by": _stage(
        "agency", "A sign worth {evidence:.2f} was in sight here; nobody noticed.", seen=False
    ),
    "noticed": _stage(
        "agency",
        "Somebody notices a sign worth {value:.2f}.",
        unwritten="Somebody notices a sign worth {value:.2f} and does not write it down.",
    ),
    "recorded": _stage("agency", "It goes on file."),
    "threshold_crossed": _stage("agency", "What is known here has reached the threshold of {threshold:.2f}."),
    "consulted": _stage("agency", "Asks a partner agency, holding {value:.2f} itself."),
    "looked_up": _stage("agency", "Looks the child up in the shared record, which shows {value:.2f} from others."),
    "kept": _stage(
        "agency",
        "Tells nobody: {evidence:.2f} lies below the threshold of {threshold:.2f}.",
        untied="Tells nobody: it has no tie to the front door.",
        hesitated="Tells nobody, though {evidence:.2f} has reached the threshold of {threshold:.2f}: at the threshold itself every "
        "second concern is told.",
    ),
    "shared": _stage(
        "agency",
        "Tells children's social care: {evidence:.2f} against a threshold of {threshold:.2f}.",
        early="Tells children's social care early: {evidence:.2f}, below the threshold of {threshold:.2f}.",
        unheard="Tells children's social care: {value:.2f}.",
    ),
    "lost": _stage("agency", "The message is lost and reaches nobody."),
    "misdirected": _stage("agency", "The message goes to the wrong authority."),
    "delivered": _stage(
        "door",
        "The concern of {sender} arrives; it says {value:.2f}.",
        late="The concern of {sender} arrives {weeks} after it was sent; it says {value:.2f}.",
        request="The family, or somebody for it, asks for help.",
    ),
    "screened_out": _stage(
        "door", "No referral: weighed at {evidence:.2f} and taken for {judged:.2f}, below the threshold of {threshold:.2f}."
    ),
    "referred": _stage(
        "door",
        "Accepted as a referral: weighed at {evidence:.2f} and taken for {judged:.2f}, above the threshold of {threshold:.2f}.",
        sibling="Named along in the referral of child {lead}, a brother or sister, on the word of {sender}.",
    ),
    "to_be_assessed": _stage(
        "door", "To be assessed: on a second look {judged:.2f}, above the threshold of {threshold:.2f}."
    ),
    "not_assessed": _stage(
        "door", "No assessment: on a second look {judged:.2f}, below the threshold of {threshold:.2f}."
    ),
    "not_escalated": _stage(
        "door", "News on an open case, taken for {judged:.2f}: below the threshold of {threshold:.2f} for a section 47 enquiry."
    ),
    "escalated": _stage(
        "door",
        "News on an open case, taken for {judged:.2f}: above the threshold of {threshold:.2f}. A section 47 enquiry is to open.",
    ),
    "initial_started": _stage("care", "An initial assessment begins."),
    "initial_finished": _stage(
        "care",
        "The initial assessment ends {punctual}. Harm is judged at {judged:.2f}, below the {threshold:.2f} that a service "
        "takes.",
        other_need="The initial assessment ends {punctual}. Harm is judged at {judged:.2f}, but another need is seen: "
        "a child-in-need service is to begin.",
        in_need="The initial assessment ends {punctual}. Harm is judged at {judged:.2f}, above {threshold:.2f}: a "
        "child-in-need service is to begin.",
        core="The initial assessment ends {punctual}. Harm is judged at {judged:.2f}, above {threshold:.2f}: a core "
        "assessment is to follow.",
        enquiry="The initial assessment ends {punctual}. Harm is judged at {judged:.2f}, above {threshold:.2f}: a section 47 "
        "enquiry is to open.",
    ),
    "core_started": _stage("care", "A core assessment begins."),
    "enquiry_started": _stage("care", "A section 47 enquiry opens."),
    "core_finished": _stage(
        "care",
        "The core assessment ends {punctual}. Harm is judged at {judged:.2f}, below the {threshold:.2f} that a service "
        "takes.",
        other_need="The core assessment ends {punctual}. Harm is judged at {judged:.2f}, but there is another need: a "
        "child-in-need service is to begin.",
        in_need="The core assessment ends {punctual}. Harm is judged at {judged:.2f}, above {threshold:.2f}: a "
        "child-in-need service is to begin.",
        enquiry="The core assessment ends {punctual}.",
    ),
    "enquiry_finished": _stage(
        "care",
        "The section 47 enquiry finds harm of {value:.2f}, below the {threshold:.2f} that a service takes.",
        in_need="The section 47 enquiry finds harm of {value:.2f}, above {threshold:.2f}, but no more than a child-in-need "
        "service takes.",
        conference="The section 47 enquiry finds harm of {value:.2f}, above {threshold:.2f}: a child protection conference "
        "is called.",
    ),
    "no_further_action": _stage("care", "The case is closed with no further action."),
    "conference": _stage(
        "care",
        "The child protection conference judges harm at {value:.2f}, below the {threshold:.2f} that a plan takes.",
        plan="The child protection conference judges harm at {value:.2f}, above the {threshold:.2f} that a plan takes.",
    ),
    "reviewed": _stage(
        "care",
        "Review: harm is judged at {judged:.2f}, not below {threshold:.2f}: it goes on.",
        kept="Review: harm is judged at {judged:.2f}, below {threshold:.2f}; it goes on all the same.",
        closed="Review: harm is judged at {judged:.2f}, below {threshold:.2f}: it is to end.",
    ),
    "plan_ended": _stage("care", "The child protection plan ends, after {weeks}."),
    "care_ended": _stage("care", "The child leaves care, after {weeks}."),
    "plan_started": _stage("care", "A child protection plan begins."),
    "court_application": _stage("care", "An application for a care order goes to court."),
    "care_started": _stage("care", "The child comes into care."),
    "in_need_ended": _stage("care", "The child-in-need service ends, after {weeks}."),
    "in_need_started": _stage("care", "A child-in-need service begins."),
    "effective_until": _stage("care", "From now on nobody protects the child effectively."),
    "effective_from": _stage("care", "From now on the child is effectively protected."),
    "harm_ended_by_protection": _stage(
        "life", "Protection has ended the harm.", need="Protection has ended the adversity."
    ),
    "serious_event_averted": _stage("life", "Protection averts a serious event."),
    "serious_event": _stage("life", "The child comes to serious harm."),
    "worker_changed": _stage("care", "The social worker changes: the {nth} change."),
    "judged": _stage(
        "life", "{deadline}: {outcome}.", seen=False
    ),
}  # fmt: skip
"""Stage -> how it is told; the order is the order of the week."""

ORDER: Final = {stage: place for place, stage in enumerate(STAGES)}

NEEDS: Final = {
    "disability": "a disability",
    "family_stress": "stress in the family",
    "older_teenager": "the troubles of an older teenager",
}
"""Reasons for other needs, in words."""

OUTCOMES: Final[dict[str, str]] = {
    "protected": "the child is protected",
    "self_resolved": "the harm is over by itself, and nobody had protected the child",
    "censored": "the child has turned 18",
    "missed": "the child is still in harm, and not protected",
}

VERDICTS: Final[dict[str, str]] = {
    "protected": "The child was protected in time.",
    "self_resolved": "The harm ended by itself before anybody protected the child.",
    "censored": "The child turned 18 before the case could be judged.",
    "C0": "Missed. No professional met the child while it came to harm, so nobody had the opportunity to notice.",
    "C1a": "Missed. Professionals met the child, and nobody noticed anything.",
    "C1b": "Missed. Something was on file, but it was too little for any agency to recognise, even all of it together.",
    "C2": "Missed. Somebody noticed, and nothing was written down.",
    "C3a": "Missed. An agency knew enough by its own threshold and did not tell children's social care.",
    "C3b": "Missed. No agency knew enough by itself; together they did, and nobody put the pieces together.",
    "C4a": "Missed. Somebody told children's social care, and the message was lost.",
    "C4b": "Missed. Somebody told children's social care, and the message did not arrive in time.",
    "C4c": "Missed. Somebody told, and the message went to the wrong authority.",
    "C5": "Missed. Children's social care was told, and it went no further at the front door.",
    "C6a": "Missed. The message arrived and was not yet read.",
    "C6b": "Missed. The case was waiting for an assessment, or in one.",
    "C6c": "Missed. The child was waiting for a conference.",
    "C7": "Missed. The case was assessed, and harm was taken for less than it was.",
    "C8": "Missed. Protection was decided on, but not in force in time, or not effective.",
    "C9": "Missed. Help had been given and was withdrawn while the harm went on.",
}
"""What became of the spell, by result or by cause and part of the miss."""

LEGEND: Final = (
    "Evidence and thresholds are log-odds: 0 is even chances, each step of 1 makes harm almost three times as likely. What "
    "is noticed adds to the file, and the file fades. At its threshold an agency tells every second time; nerve differs from "
    "day to day. Harm is judged on the scale of severity: 1 is a typical child in need."
)

INVENTED: Final = (
    "The child, its family and everybody in this story are invented. One story is an illustration, no evidence: for "
    "how often such things happen, and what was paid for preventing them, look at the whole run."
)


def on(day: date) -> str:
    """A day in words, such as `3 March 2006`."""
    return f"{day.day} {day:%B %Y}"


UNSEEN: Final = "○"
"""Mark of what no professional knew of."""

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
"""Where a child stands with social care, in words."""


def one_hand(jigsaw: Jigsaw) -> str:
    """Whether the pieces together would have passed the lowest threshold, in a few words."""
    if jigsaw.lowest_threshold is None:
        return "there was nothing to put together"
    return f"would {'' if jigsaw.together else 'not '}have passed the lowest threshold"
