"""Policy: every Monday all dials go back to neutral, and every lever in force turns its own, agent by agent.

A lever is a function of the authority, the event of the timeline and the weeks since its date. `TURNS` are those that
turn dials as long as they are in force, in the order of the timeline; `HAPPENS` are those that do something for good on
a day. What a lever must remember it keeps in `twin.remembered`.
"""

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tests.twin.people import Authority, Organisation, Team

from cpsim.scenario.sections import Duty

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

Lever = Callable[["TextbookTwin", Any, int], None]

FRONT_DOOR, SOCIAL_CARE = "front_door", "social_care"

LAST: tuple[str, ...] = ()
"""Levers that are asked after all others, since they look at what those have turned."""


def turn_dials(twin: "TextbookTwin") -> None:
    """Let happen what happens this week, and set every dial anew."""
    in_force = [
        (event, twin.week - event.week(twin.settings.clock))
        for event in sorted(twin.settings.timeline, key=lambda event: event.lever in LAST)
        if is_in_force(twin, event)
    ]
    for event, since in in_force:
        if event.lever in HAPPENS:
            HAPPENS[event.lever](twin, event, since)
    for agent in (*twin.authorities, *twin.organisations, *teams(twin)):
        agent.back_to_neutral()
    duties = {organisation: duty_of(twin, organisation) for organisation in twin.organisations}
    for event, since in in_force:
        if event.lever == "duty":
            change_duties(twin, event, duties)
        elif event.lever in TURNS:
            TURNS[event.lever](twin, event, since)
    for organisation, duty in duties.items():
        organisation.share_bar_shift += shift_of(twin, duty)


def is_in_force(twin: "TextbookTwin", event: Any) -> bool:
    """From its date, or from when it was announced, to its end."""
    ends = event.ends(twin.settings.clock)
    return event.begins(twin.settings.clock) <= twin.week and (ends is None or twin.week < ends)


# -- whom an event concerns


def concerned(twin: "TextbookTwin", event: Any) -> list[Authority]:
    """The authorities that an event concerns."""
    if event.authorities is None:
        return twin.authorities
    return [authority for authority in twin.authorities if authority.name in event.authorities]


def organisations(twin: "TextbookTwin", event: Any, kinds: Any) -> Iterator[Organisation]:
    """Organisations of some kinds in those authorities."""
    authorities = concerned(twin, event)
    for organisation in twin.organisations:
        if organisation.kind in kinds and organisation.authority in authorities:
            yield organisation


def teams(twin: "TextbookTwin", authorities: list[Authority] | None = None) -> Iterator[Team]:
    """Front doors and teams."""
    for authority in twin.authorities if authorities is None else authorities:
        yield authority.front_door
        yield from authority.assessment_teams
        yield from authority.long_term_teams


# -- duties to cooperate (M6)


def duty_of(twin: "TextbookTwin", organisation: Organisation) -> Duty:
    """The duty that binds an organisation from the beginning."""
    return twin.settings.duties.get(organisation.kind, Duty(bound=False))


def change_duties(twin: "TextbookTwin", event: Any, duties: dict[Organisation, Duty]) -> None:
    """What is not said stays as it was."""
    said = event.model_dump(include={"bound", "awareness", "sanction"}, exclude_none=True)
    for organisation in organisations(twin, event, event.kinds):
        duties[organisation] = duties[organisation].model_copy(update=said)


def shift_of(twin: "TextbookTwin", duty: Duty) -> float:
    """A known duty and a sanction lower the bar of those who are bound."""
    settings = twin.settings.sharing
    weight = settings.duty_effect * duty.awareness + settings.sanction_effect * duty.sanction
    return -weight if duty.bound else 0.0


# -- bars moved by decree or persuasion (M6)


def move_bars(twin: "TextbookTwin", event: Any, since: int) -> None:
    """The bars of some kinds, and of the front door."""
    shift = event.shift if event.fades_weeks is None else event.shift * math.exp(-since / event.fades_weeks)
    for organisation in organisations(twin, event, event.kinds):
        organisation.share_bar_shift += shift
    if FRONT_DOOR in event.kinds:
        for authority in concerned(twin, event):
            authority.front_door.screen_bar_shift += shift


TURNS: dict[str, Lever] = {
    "bars": move_bars,
}
"""Levers that turn dials."""

HAPPENS: dict[str, Lever] = {}
"""Levers that change something for good on a day."""
