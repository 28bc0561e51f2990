"""The facts of a child's story: rows of the log and minutes of judgements, each with the numbers that tell why."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from cpsim.results.story import Message
from cpsim.scenario.schema import Scenario
from cpsim.study.witness import Minute


class Happened(NamedTuple):
    """A row of the log: week of the run, child, stage, organisation or -1, value."""

    week: int
    child: int
    stage: str
    site: int
    value: float


@dataclass(frozen=True)
class Fact:
    """What happened, with the numbers that its sentence may name; see `cpsim.results.story_words`."""

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
class Known:
    """What is known about one child, to look up.

    Attributes:
        settings: the scenario.
        names: of the organisations, by row.
        rows: of the log, in the order of the week.
        siblings: rows of the log about brothers and sisters.
        lesser: spells of adversity short of significant harm, by their rows in the world.
        minutes: judgements by week, what was judged, and organisation.
        sent: week of sending of each message that arrived, by week of arrival and sender.
    """

    settings: Scenario
    names: Sequence[str]
    rows: Sequence[Happened]
    siblings: Sequence[Happened]
    lesser: Collection[int]
    minutes: Mapping[tuple[int, str, int], Minute]
    sent: Mapping[tuple[int, int], int]

    def did(self, week: int, *stages: str, site: int = -1) -> bool:
        """Whether any of these stages came about in a week, by an organisation or by social care."""
        return any(row.week == week and row.site == site and row.stage in stages for row in self.rows)

    def lead(self, row: Happened) -> int:
        """The brother or sister in whose referral a child was named along; such a referral needs somebody's word."""
        return next(
            sibling.child
            for sibling in self.siblings
            if sibling.week == row.week
            and sibling.stage == "referred"
            and sibling.site == row.site
            and any(said.stage == "delivered" and said[:2] == sibling[:2] for said in self.siblings)
        )

    def minute(self, row: Happened, what: str) -> Minute | None:
        """The minutes of the judgement that led to a row of the log."""
        return self.minutes.get((row.week, what, row.site))


def facts_of_log(known: Known) -> Iterator[Fact]:
    """Everything in the log, each row as one fact."""
    for row in known.rows:
        yield _BY_STAGE.get(row.stage, _as_logged)(known, row)


def facts_of_minutes(known: Known) -> Iterator[Fact]:
    """Decisions that the log does not hold, since nothing followed or something else tells of it."""
    for (week, what, site), minute in known.minutes.items():
        passed = minute.judged > minute.threshold
        if what == "telling" and not known.did(week, "shared", site=site):
            silent = "untied" if math.isinf(minute.threshold) else ""
            yield _judged("kept", minute, "hesitated" if minute.evidence >= minute.threshold else silent)
        elif what == "second look" and known.did(week, "referred", site=site):
            yield _judged("to_be_assessed" if passed else "not_assessed", minute)
        elif what == "escalation":
            yield _judged("escalated" if passed else "not_escalated", minute)
        elif what == "review":
            ended = "closed" if known.did(week, "plan_ended", "in_need_ended") else "kept"
            yield _judged("reviewed", minute, "" if minute.judged >= minute.threshold else ended)


def follow(rows: Sequence[Happened], week_0: int, names: Sequence[str], kinds: Sequence[str]) -> list[
    tuple[Message, Happened | None]
]:  # fmt: skip
    """What became of each message, in the order of sending, with the row of the log that ends its way.

    A message that arrives is known by its sender and by what it says. What arrives without having been told is a
    request for help.
    """
    under_way: list[Happened] = []
    ends: dict[int, Happened] = {}
    sent = [row for row in rows if row.stage == "shared"]
    for row in rows:
        if row.stage == "shared":
            under_way.append(row)
        elif row.stage in ("lost", "misdirected", "delivered"):
            ours = [
                message
                for message in under_way
                if message.site == row.site and (row.stage != "delivered" or message.value == row.value)
            ]
            # Lost or gone astray at once is this week's; what goes astray on arrival was sent before.
            for message in ours[-1:] if row.stage == "lost" else ours[:1]:
                under_way.remove(message)
                ends[id(message)] = row
    return [(_message(row, ends.get(id(row)), week_0, names, kinds), ends.get(id(row))) for row in sent]


def _message(
    sent: Happened, end: Happened | None, week_0: int, names: Sequence[str], kinds: Sequence[str]
) -> Message:
    return Message(
        sent=sent.week - week_0,
        kind=kinds[sent.site],
        who=names[sent.site],
        evidence=sent.value,
        fate="under way" if end is None else end.stage,
        arrived=None if end is None or end.stage == "lost" else end.week - week_0,
    )


def in_weeks(number: float) -> str:
    """A number of weeks in words."""
    return f"{number:.0f} week{'' if round(number) == 1 else 's'}"


def _judged(stage: str, minute: Minute, variant: str = "") -> Fact:
    return Fact(
        minute.week, stage, minute.site, evidence=minute.evidence, judged=minute.judged, threshold=minute.threshold,
        variant=variant,
    )  # fmt: skip


def _as_logged(_: Known, row: Happened) -> Fact:
    return Fact(row.week, row.stage, row.site, row.value)


def _noticed(known: Known, row: Happened) -> Fact:
    written = known.did(row.week, "recorded", site=row.site)
    return Fact(row.week, row.stage, row.site, row.value, variant="" if written else "unwritten")


def _threshold_crossed(known: Known, row: Happened) -> Fact:
    minute = known.minute(row, "telling")
    return Fact(row.week, row.stage, row.site, threshold=math.nan if minute is None else minute.threshold)


def _shared(known: Known, row: Happened) -> Fact:
    minute = known.minute(row, "telling")
    if minute is None:
        return Fact(row.week, row.stage, row.site, row.value, variant="unheard")
    return _judged(row.stage, minute, "" if minute.evidence >= minute.threshold else "early")


def _delivered(known: Known, row: Happened) -> Fact:
    sent = known.sent.get((row.week, row.site))
    variant = "request" if sent is None else "late" if sent < row.week else ""
    more = {
        "sender": known.names[row.site],
        "weeks": in_weeks(row.week - (row.week if sent is None else sent)),
    }
    return Fact(row.week, row.stage, row.site, row.value, evidence=row.value, variant=variant, more=more)


def _at_the_door(known: Known, row: Happened) -> Fact:
    minute = known.minute(row, "screening")
    if minute is not None:
        return _judged(row.stage, minute)
    # Who is named along in a referral shares a decision about somebody else.
    more = {"lead": known.lead(row), "sender": known.names[row.site]}
    return Fact(row.week, row.stage, row.site, variant="sibling", more=more)


def _initial_finished(known: Known, row: Happened) -> Fact:
    minute = known.minutes[row.week, "initial assessment", -1]
    settings = known.settings.assessment
    nothing = known.did(row.week, "no_further_action")
    variant, threshold = next(
        (variant, threshold)
        for variant, threshold in (
            ("enquiry", settings.s47_threshold),
            ("core", settings.core_threshold),
            ("in_need", settings.need_threshold),
            ("" if nothing else "other_need", settings.need_threshold),
        )
        if minute.judged > threshold or variant in ("", "other_need")
    )
    return _finished(row, minute.judged, threshold, variant)


def _core_finished(known: Known, row: Happened) -> Fact:
    minute = known.minutes[row.week, "core assessment", -1]
    if known.did(row.week, "enquiry_finished"):
        variant = "enquiry"
    elif minute.judged > minute.threshold:
        variant = "in_need"
    else:
        variant = "" if known.did(row.week, "no_further_action") else "other_need"
    return _finished(row, minute.judged, minute.threshold, variant)


def _finished(row: Happened, judged: float, threshold: float, variant: str) -> Fact:
    punctual = {"punctual": "in time" if row.value else "late"}
    return Fact(row.week, row.stage, judged=judged, threshold=threshold, variant=variant, more=punctual)


def _enquiry_finished(known: Known, row: Happened) -> Fact:
    settings = known.settings.assessment
    if row.value > settings.conference_threshold:
        variant, threshold = "conference", settings.conference_threshold
    else:
        threshold = settings.need_threshold_after_enquiry
        variant = "in_need" if row.value > threshold else ""
    return Fact(row.week, row.stage, value=row.value, judged=row.value, threshold=threshold, variant=variant)


def _conference(known: Known, row: Happened) -> Fact:
    threshold = known.settings.conference.plan_threshold
    variant = "plan" if row.value > threshold else ""
    return Fact(row.week, row.stage, value=row.value, judged=row.value, threshold=threshold, variant=variant)


def _service_ended(_: Known, row: Happened) -> Fact:
    return Fact(row.week, row.stage, value=row.value, more={"weeks": in_weeks(row.value)})


def _worker_changed(_: Known, row: Happened) -> Fact:
    number = int(row.value)
    ending = "th" if 10 <= number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return Fact(row.week, row.stage, value=row.value, more={"nth": f"{number}{ending}"})


def _file_left_behind(_: Known, row: Happened) -> Fact:
    return Fact(row.week, row.stage, row.site, variant="care" if row.site < 0 else "")


def _harm_ended(known: Known, row: Happened) -> Fact:
    return Fact(row.week, row.stage, variant="need" if int(row.value) in known.lesser else "")


_BY_STAGE: Final[dict[str, Callable[[Known, Happened], Fact]]] = {
    "file_left_behind": _file_left_behind,
    "noticed": _noticed,
    "threshold_crossed": _threshold_crossed,
    "shared": _shared,
    "delivered": _delivered,
    "screened_out": _at_the_door,
    "referred": _at_the_door,
    "initial_finished": _initial_finished,
    "core_finished": _core_finished,
    "enquiry_finished": _enquiry_finished,
    "conference": _conference,
    "plan_ended": _service_ended,
    "in_need_ended": _service_ended,
    "care_ended": _service_ended,
    "harm_ended_by_protection": _harm_ended,
    "worker_changed": _worker_changed,
}
"""Stages whose facts say more than the log."""
