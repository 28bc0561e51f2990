"""The facts of a child's story: logged events and judgements, each with the numbers that explain it."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from cpsim.formatting import format_count
from cpsim.results.story import Message
from cpsim.scenario.schema import Scenario
from cpsim.stories.observer import ObservedJudgement


class LoggedEvent(NamedTuple):
    """A row of the log: week of the run, child, stage, organisation (-1 for social care), value."""

    week: int
    child: int
    stage: str
    site: int
    value: float


@dataclass(frozen=True)
class Fact:
    """An event with the numbers that its sentence may use; see `cpsim.present.story_sentences`.

    Attributes:
        week: week of the run.
        stage: a stage of `cpsim.present.story_sentences.STAGES`.
        site: row of the organisation, -1 if none acted.
        value: the value in the table of events.
        evidence: what the decision was based on, log-odds.
        judged: the judgement that was made, on the scale of `threshold`.
        threshold: what the judgement was compared with.
        variant: which of the stage's sentences applies.
        more: further words for the sentence.
    """

    week: int
    stage: str
    site: int = -1
    value: float = math.nan
    evidence: float | None = None
    judged: float | None = None
    threshold: float | None = None
    variant: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ChildHistory:
    """Everything recorded about one child, for lookup.

    Attributes:
        settings: the scenario.
        names: names of the organisations, by row.
        rows: logged events about the child, in the order of the week.
        siblings: logged events about the siblings.
        lesser: rows of the child's spells of adversity short of significant harm.
        judgements: judgements by week, kind of judgement, and organisation.
        sent: week of sending of each message that arrived, by week of arrival and sender.
    """

    settings: Scenario
    names: Sequence[str]
    rows: Sequence[LoggedEvent]
    siblings: Sequence[LoggedEvent]
    lesser: Collection[int]
    judgements: Mapping[tuple[int, str, int], ObservedJudgement]
    sent: Mapping[tuple[int, int], int]

    def has_event(self, week: int, *stages: str, site: int = -1) -> bool:
        """Return whether any of these stages was logged in a week for an organisation (-1 for social care)."""
        return any(row.week == week and row.site == site and row.stage in stages for row in self.rows)

    def find_lead_sibling(self, row: LoggedEvent) -> int:
        """Return the sibling whose referral also named this child; a message about that sibling arrived in the week."""
        return next(
            sibling.child
            for sibling in self.siblings
            if sibling.week == row.week
            and sibling.stage == "referred"
            and sibling.site == row.site
            and any(other.stage == "delivered" and other[:2] == sibling[:2] for other in self.siblings)
        )

    def find_judgement(self, row: LoggedEvent, decision: str) -> ObservedJudgement | None:
        """Return the judgement that led to a logged event, if there was one."""
        return self.judgements.get((row.week, decision, row.site))


def list_log_facts(history: ChildHistory) -> Iterator[Fact]:
    """Yield one fact for each logged event."""
    for row in history.rows:
        yield _BY_STAGE.get(row.stage, _copy_event)(history, row)


def list_judgement_facts(history: ChildHistory) -> Iterator[Fact]:
    """Yield the decisions that the log does not hold: those that led to no event, or to an event of another kind."""
    for (week, decision, site), judgement in history.judgements.items():
        passed = judgement.estimate > judgement.threshold
        if decision == "sharing" and not history.has_event(week, "shared", site=site):
            no_tie = "untied" if math.isinf(judgement.threshold) else ""
            reached = judgement.evidence >= judgement.threshold
            yield _describe_judgement("kept", judgement, "hesitated" if reached else no_tie)
        elif decision == "second look" and history.has_event(week, "referred", site=site):
            yield _describe_judgement("to_be_assessed" if passed else "not_assessed", judgement)
        elif decision == "escalation":
            yield _describe_judgement("escalated" if passed else "not_escalated", judgement)
        elif decision == "review":
            ended = "closed" if history.has_event(week, "plan_ended", "in_need_ended") else "kept"
            yield _describe_judgement(
                "reviewed", judgement, "" if judgement.estimate >= judgement.threshold else ended
            )


def trace_messages(rows: Sequence[LoggedEvent], week_0: int, names: Sequence[str], kinds: Sequence[str]) -> list[
    tuple[Message, LoggedEvent | None]
]:  # fmt: skip
    """Follow each message from sending to its end.

    A message that arrives is recognised by its sender and its evidence. A delivery without a matching message is a
    request for help.

    Args:
        rows: logged events about one child, in the order of the week.
        week_0: week of the run in which the evaluated weeks begin.
        names: names of the organisations, by row.
        kinds: kinds of the organisations, by row.

    Returns:
        The messages in the order of sending, each with the event that ended its way, None while it is under way.
    """
    under_way: list[LoggedEvent] = []
    ends: dict[int, LoggedEvent] = {}
    sent = [row for row in rows if row.stage == "shared"]
    for row in rows:
        if row.stage == "shared":
            under_way.append(row)
        elif row.stage in ("lost", "misdirected", "delivered"):
            matching = [
                message
                for message in under_way
                if message.site == row.site and (row.stage != "delivered" or message.value == row.value)
            ]
            # Messages are lost or misdirected in the week of sending, so the latest one is lost;
            # a message that is misdirected on arrival was sent earlier, so the oldest one is misdirected.
            for message in matching[-1:] if row.stage == "lost" else matching[:1]:
                under_way.remove(message)
                ends[id(message)] = row
    return [
        (_describe_message(row, ends.get(id(row)), week_0, names, kinds), ends.get(id(row))) for row in sent
    ]


def _describe_message(
    sent: LoggedEvent, end: LoggedEvent | None, week_0: int, names: Sequence[str], kinds: Sequence[str]
) -> Message:
    return Message(
        sent=sent.week - week_0,
        kind=kinds[sent.site],
        who=names[sent.site],
        evidence=sent.value,
        fate="under way" if end is None else end.stage,
        arrived=None if end is None or end.stage == "lost" else end.week - week_0,
    )


def _describe_judgement(stage: str, judgement: ObservedJudgement, variant: str = "") -> Fact:
    return Fact(
        judgement.week,
        stage,
        judgement.site,
        evidence=judgement.evidence,
        judged=judgement.estimate,
        threshold=judgement.threshold,
        variant=variant,
    )


def _copy_event(_: ChildHistory, row: LoggedEvent) -> Fact:
    return Fact(row.week, row.stage, row.site, row.value)


def _describe_noticed_sign(history: ChildHistory, row: LoggedEvent) -> Fact:
    recorded = history.has_event(row.week, "recorded", site=row.site)
    return Fact(row.week, row.stage, row.site, row.value, variant="" if recorded else "unwritten")


def _describe_crossed_threshold(history: ChildHistory, row: LoggedEvent) -> Fact:
    judgement = history.find_judgement(row, "sharing")
    threshold = math.nan if judgement is None else judgement.threshold
    return Fact(row.week, row.stage, row.site, threshold=threshold)


def _describe_contact(history: ChildHistory, row: LoggedEvent) -> Fact:
    judgement = history.find_judgement(row, "sharing")
    if judgement is None:
        return Fact(row.week, row.stage, row.site, row.value, variant="unheard")
    return _describe_judgement(
        row.stage, judgement, "" if judgement.evidence >= judgement.threshold else "early"
    )


def _describe_delivery(history: ChildHistory, row: LoggedEvent) -> Fact:
    sent = history.sent.get((row.week, row.site))
    variant = "request" if sent is None else "late" if sent < row.week else ""
    more = {
        "sender": history.names[row.site],
        "weeks": format_count(row.week - (row.week if sent is None else sent), "week"),
    }
    return Fact(row.week, row.stage, row.site, row.value, evidence=row.value, variant=variant, more=more)


def _describe_screening(history: ChildHistory, row: LoggedEvent) -> Fact:
    judgement = history.find_judgement(row, "screening")
    if judgement is not None:
        return _describe_judgement(row.stage, judgement)
    # A child without a judgement of its own was referred together with a sibling.
    more = {"lead": history.find_lead_sibling(row), "sender": history.names[row.site]}
    return Fact(row.week, row.stage, row.site, variant="sibling", more=more)


def _describe_initial_assessment(history: ChildHistory, row: LoggedEvent) -> Fact:
    judgement = history.judgements[row.week, "initial assessment", -1]
    settings = history.settings.assessment
    closed = history.has_event(row.week, "no_further_action")
    variant, threshold = next(
        (variant, threshold)
        for variant, threshold in (
            ("enquiry", settings.s47_threshold),
            ("core", settings.core_threshold),
            ("in_need", settings.need_threshold),
            ("" if closed else "other_need", settings.need_threshold),
        )
        if judgement.estimate > threshold or variant in ("", "other_need")
    )
    return _describe_assessment(row, judgement.estimate, threshold, variant)


def _describe_core_assessment(history: ChildHistory, row: LoggedEvent) -> Fact:
    judgement = history.judgements[row.week, "core assessment", -1]
    if history.has_event(row.week, "enquiry_finished"):
        variant = "enquiry"
    elif judgement.estimate > judgement.threshold:
        variant = "in_need"
    else:
        variant = "" if history.has_event(row.week, "no_further_action") else "other_need"
    return _describe_assessment(row, judgement.estimate, judgement.threshold, variant)


def _describe_assessment(row: LoggedEvent, judged: float, threshold: float, variant: str) -> Fact:
    punctual = {"punctual": "in time" if row.value else "late"}
    return Fact(row.week, row.stage, judged=judged, threshold=threshold, variant=variant, more=punctual)


def _describe_enquiry(history: ChildHistory, row: LoggedEvent) -> Fact:
    settings = history.settings.assessment
    if row.value > settings.conference_threshold:
        variant, threshold = "conference", settings.conference_threshold
    else:
        threshold = settings.need_threshold_after_enquiry
        variant = "in_need" if row.value > threshold else ""
    return Fact(row.week, row.stage, value=row.value, judged=row.value, threshold=threshold, variant=variant)


def _describe_conference(history: ChildHistory, row: LoggedEvent) -> Fact:
    threshold = history.settings.conference.plan_threshold
    variant = "plan" if row.value > threshold else ""
    return Fact(row.week, row.stage, value=row.value, judged=row.value, threshold=threshold, variant=variant)


def _describe_end_of_service(_: ChildHistory, row: LoggedEvent) -> Fact:
    return Fact(row.week, row.stage, value=row.value, more={"weeks": format_count(row.value, "week")})


def _describe_change_of_worker(_: ChildHistory, row: LoggedEvent) -> Fact:
    number = int(row.value)
    ending = "th" if 10 <= number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return Fact(row.week, row.stage, value=row.value, more={"nth": f"{number}{ending}"})


def _describe_file_left_behind(_: ChildHistory, row: LoggedEvent) -> Fact:
    return Fact(row.week, row.stage, row.site, variant="care" if row.site < 0 else "")


def _describe_end_of_harm(history: ChildHistory, row: LoggedEvent) -> Fact:
    return Fact(row.week, row.stage, variant="need" if int(row.value) in history.lesser else "")


_BY_STAGE: Final[dict[str, Callable[[ChildHistory, LoggedEvent], Fact]]] = {
    "file_left_behind": _describe_file_left_behind,
    "noticed": _describe_noticed_sign,
    "threshold_crossed": _describe_crossed_threshold,
    "shared": _describe_contact,
    "delivered": _describe_delivery,
    "screened_out": _describe_screening,
    "referred": _describe_screening,
    "initial_finished": _describe_initial_assessment,
    "core_finished": _describe_core_assessment,
    "enquiry_finished": _describe_enquiry,
    "conference": _describe_conference,
    "plan_ended": _describe_end_of_service,
    "in_need_ended": _describe_end_of_service,
    "care_ended": _describe_end_of_service,
    "harm_ended_by_protection": _describe_end_of_harm,
    "worker_changed": _describe_change_of_worker,
}
"""Stages whose facts need more than the logged event."""
