"""Outcomes near an arm: those that its events and settings touch directly, before others follow.

>>> from cpsim.scenario import load
>>> duty = {"date": "2006-09-01", "lever": "duty", "kinds": ["school"], "bound": True}
>>> list_near_outcomes(load("small", {"timeline": [duty]}), load("small"))
('contacts_by_kind_per_10k_year.school', 'source_share.school', 'weeks_to_message_by_kind.school')
>>> STEPS["front_door"]
('casework.screening',)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cpsim.measures.outcomes.registry import BY_KIND
from cpsim.reach.effects import FIRST_OUTCOMES, measure_effects, name_first_outcomes
from cpsim.scenario.schema import DESCRIPTIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpsim.scenario.schema import Scenario

__all__ = ["STEPS", "list_near_outcomes"]

MOST_NEAR: Final = 12
"""Most outcomes near an arm; the first are kept, because each makes the intervals of all wider."""

STEPS: Final[dict[str, tuple[str, ...]]] = {
    "signs": ("casework.noticing",),
    "agencies": ("casework.noticing", "casework.sharing"),
    "duties": ("casework.sharing",),
    "sharing": ("casework.sharing",),
    "network": ("network.ties", "casework.delivery"),
    "front_door": ("casework.screening",),
    "assessment": ("casework.assessment",),
    "conference": ("casework.protection",),
    "protection": ("casework.protection",),
    "workforce": ("governance.workforce", "casework.assessment"),
    "costs": (),
}
"""Section of a scenario -> the modules of casework that its settings change first."""

_OVERALL: Final = {
    "contacts_by_kind_per_10k_year": "contacts_per_10k_year",
    "source_share": "",
    "weeks_to_message_by_kind": "share_rate",
}
"""Outcome by kind of agency -> that over all kinds, for an arm that changes many; empty if it is always 1."""

_MOST_KINDS: Final = 3


def list_near_outcomes(scenario: Scenario, reference: Scenario) -> tuple[str, ...]:
    """List the outcomes that an arm touches directly, in the order in which its events and settings do.

    Args:
        scenario: the scenario of the arm.
        reference: the scenario with which it is compared.

    Returns:
        Names of outcomes, with a part where one is meant; at most `MOST_NEAR`.

    >>> from cpsim.scenario import load
    >>> list_near_outcomes(load("small", {"front_door.referral_threshold": 1.0}), load("small"))
    ('contacts_per_referral', 'referrals_per_10k_year')
    """
    names = dict.fromkeys((*_list_by_events(scenario, reference), *_list_by_settings(scenario, reference)))
    return tuple(names)[:MOST_NEAR]


def _list_by_events(scenario: Scenario, reference: Scenario) -> Iterator[str]:
    """Yield the outcomes near the events that only one of the two scenarios has."""
    for one, other in ((scenario, reference), (reference, scenario)):
        for effect in measure_effects(one):
            if one.timeline[effect.index] not in other.timeline:
                for dial in effect.dials:
                    for name in name_first_outcomes(dial.dial.name):
                        yield from _expand(name, dial.kinds)


def _list_by_settings(scenario: Scenario, reference: Scenario) -> Iterator[str]:
    """Yield the outcomes near the sections in which two scenarios differ."""
    for section in type(scenario).model_fields:
        ours, theirs = getattr(scenario, section), getattr(reference, section)
        if section in DESCRIPTIVE or ours == theirs:
            continue
        kinds: tuple[str, ...] = ()
        if isinstance(ours, dict):
            kinds = tuple(kind for kind in ours if ours[kind] != theirs.get(kind))
        for module in STEPS.get(section, ()):
            for name in FIRST_OUTCOMES[module]:
                yield from _expand(name, kinds)


def _expand(name: str, kinds: tuple[str, ...]) -> Iterator[str]:
    """Yield an outcome for each of a few kinds of agency, or that over all kinds."""
    first, _, part = name.partition(".")
    if part not in BY_KIND:
        yield name
    elif 0 < len(kinds) <= _MOST_KINDS:
        yield from (f"{first}.{kind}" for kind in kinds)
    elif _OVERALL[first]:
        yield _OVERALL[first]
