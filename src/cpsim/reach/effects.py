"""What each event of a timeline can do with its settings: the dials that it turns, by how much, and who reads them.

The sizes are measured in a trial, against the same timeline without the event, while casework stands still.

>>> from cpsim.reach.effects import FIRST_OUTCOMES
>>> FIRST_OUTCOMES["casework.screening"]
('contacts_per_referral', 'referrals_per_10k_year')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cpsim.agents.dials import DIALS
from cpsim.dial_use import find_dial_uses
from cpsim.formatting import (
    add_sign,
    format_agency_kind,
    format_count,
    format_decimals,
    format_list,
    format_number,
    format_outcome_name,
    format_setting,
    lower_first,
)
from cpsim.governance.lever import Lever
from cpsim.reach.in_play import MOST_EVENTS, IdleEvent, build_scenario, find_idle_events
from cpsim.reach.relations import select_related
from cpsim.reach.trial import Trial, walk_weeks
from cpsim.scenario.register import load_register

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from cpsim.agents.dials import Dial
    from cpsim.arrays import Floats
    from cpsim.scenario.events import TimelineEvent
    from cpsim.scenario.schema import Scenario

__all__ = [
    "FIRST_OUTCOMES",
    "DialEffect",
    "EventEffect",
    "list_first_outcomes",
    "list_off_settings",
    "measure_effects",
    "name_first_outcomes",
]

FIRST_OUTCOMES: dict[str, tuple[str, ...]] = {
    "casework.noticing": ("contacts_by_kind_per_10k_year.<kind>", "chain_stopped_at.C1"),
    "casework.sharing": (
        "contacts_by_kind_per_10k_year.<kind>",
        "source_share.<kind>",
        "weeks_to_message_by_kind.<kind>",
    ),
    "casework.delivery": ("delivery_rate", "contacts_per_10k_year"),
    "casework.screening": ("contacts_per_referral", "referrals_per_10k_year"),
    "casework.assessment": ("initial_on_time_share", "utilisation_mean", "s47_per_referral"),
    "casework.protection": ("plans_per_conference", "plan_stock_per_10k", "plan_months_mean"),
    "casework.life_events": ("chain_stopped_at.C3", "chain_stopped_at.C1"),
    "governance.workforce": ("vacancy_share", "turnover_per_year", "cost_gbp_per_child_year"),
    "network.ties": ("trust_mean",),
    "measures.weekly": ("pooling_gbp_per_child_year",),
}
"""Module with a stage that reads dials -> the outcomes that a change there moves first, before others follow.

`<kind>` stands for the kinds of agency on which an event acts. A measure only reports what it reads, so it counts
where nothing else reads a dial.
"""

_UNITS = {"log_odds": "log odds", "trust_0_1": "of trust"}
_BODIES = {
    "organisations": ("organisation",),
    "teams": ("team",),
    "ties": ("tie",),
    "authorities": ("authority", "authorities"),
}
"""Rows of the table of a dial, in the singular and, if it is irregular, the plural."""


@dataclass(frozen=True)
class DialEffect:
    """How far an event turns a dial, over all weeks and all bodies on which it acts.

    Attributes:
        dial: the dial.
        low: lowest effect: a factor if effects on the dial are multiplied, otherwise a difference.
        high: highest effect.
        bodies: number of rows of the dial's table on which it acts.
        of: number of rows of the table.
        kinds: kinds of the organisations on which it acts; none for another table, or if it acts on all kinds.

    >>> exits = next(dial for dial in DIALS if dial.name == "teams.exit_factor")
    >>> effect = DialEffect(exits, low=1.01, high=1.5, bodies=9, of=54)
    >>> effect.size, effect.where
    ('up to ×1.5', '9 of 54 teams')
    """

    dial: Dial
    low: float
    high: float
    bodies: int
    of: int
    kinds: tuple[str, ...] = ()

    @property
    def size(self) -> str:
        """The effect as text, such as `×0.9`, `down to ×0.85` for one that varies, or `×0.95 to ×1.1`."""
        if self.dial.unit == "index":
            return "merged"
        low, high = (_format_effect(self.dial, value) for value in (self.low, self.high))
        neutral = 1.0 if self.dial.composes == "multiplies" else 0.0
        if low == high:
            text = low
        elif self.high <= neutral:
            text = f"down to {low}"
        else:
            text = f"up to {high}" if self.low >= neutral else f"{low} to {high}"
        return " ".join(filter(None, (text, _UNITS.get(self.dial.unit, ""))))

    @property
    def where(self) -> str:
        """The bodies on which it acts, such as `9 of 54 teams`."""
        bodies = f"{format_decimals(self.bodies)} of {format_count(self.of, *_BODIES[self.dial.table])}"
        return (
            f"{bodies} ({format_list(lower_first(format_agency_kind(kind)) for kind in self.kinds)})"
            if self.kinds
            else bodies
        )

    def __str__(self) -> str:
        return f"{self.dial.label} {self.size}"


@dataclass(frozen=True)
class EventEffect:
    """What an event does with its settings.

    Attributes:
        index: place in the timeline, from 0.
        name: the institution that it is part of, or else its lever.
        lever: its lever.
        idle: why it is not in play; None if it is.
        dials: its effects on dials; none if it is not in play.
        off: its settings that have no effect at their present value, such as `gain: 0 (plausible: 0 to 0.1)`.

    >>> effect = EventEffect(0, "gp_duty", "duty", idle=None, dials=(), off=())
    >>> effect.idle is None and not effect.dials  # it may act in a run, depending on casework
    True
    """

    index: int
    name: str
    lever: str
    idle: IdleEvent | None
    dials: tuple[DialEffect, ...]
    off: tuple[str, ...]


def measure_effects(scenario: Scenario) -> list[EventEffect]:
    """Measure what each event of a scenario does; events that are not in play turn no dial.

    A timeline of more than `MOST_EVENTS` events is not tried; the list is empty.

    >>> from cpsim.scenario import load
    >>> trained = {"date": "2006-04-03", "lever": "attention_practice", "kinds": ["school"], "factor": 1.2}
    >>> (effect,) = measure_effects(load("small", {"timeline": [trained]}))
    >>> [str(dial) for dial in effect.dials]
    ['signs noticed ×1.2']
    """
    if len(scenario.timeline) > MOST_EVENTS:
        return []
    idle = {index: found for found in find_idle_events(scenario) for index in found.indices}
    kept = {index: event for index, event in enumerate(scenario.timeline) if index not in idle}
    return [
        EventEffect(
            index,
            event.institution or event.lever,
            event.lever,
            idle.get(index),
            () if index in idle else tuple(_measure_event(scenario, index, kept)),
            list_off_settings(event),
        )
        for index, event in enumerate(scenario.timeline)
    ]


def _measure_event(scenario: Scenario, index: int, kept: dict[int, TimelineEvent]) -> Iterator[DialEffect]:
    """Measure the effects of an event against the timeline without it."""
    event = kept[index]
    related = select_related(event, list(kept.values()))
    others = [other for other in related if other is not event]
    trials = [Trial(build_scenario(scenario, event, events)) for events in (related, others)]
    low: dict[str, float] = {}
    high: dict[str, float] = {}
    acted: dict[str, NDArray[Any]] = {}
    for _ in walk_weeks(*trials):
        for dial in DIALS:
            turned, usual = (trial.read(dial) for trial in trials)
            differs = turned != usual
            if differs.any():
                sizes = _compare(dial, turned[differs], usual[differs])
                low[dial.name] = min(low.get(dial.name, np.inf), float(sizes.min()))
                high[dial.name] = max(high.get(dial.name, -np.inf), float(sizes.max()))
                acted[dial.name] = acted.get(dial.name, False) | differs
    for dial in DIALS:
        if dial.name in acted:
            rows = acted[dial.name]
            kinds = trials[0].name_kinds(rows) if dial.table == "organisations" else ()
            yield DialEffect(dial, low[dial.name], high[dial.name], int(rows.sum()), len(rows), kinds)


def _compare(dial: Dial, turned: NDArray[Any], usual: NDArray[Any]) -> Floats:
    """Return factors for a dial whose effects are multiplied, and differences for others, same shape."""
    if dial.composes == "multiplies":
        factors: Floats = np.divide(turned, usual, out=np.full(len(turned), np.inf), where=usual != 0)
        return factors
    differences: Floats = turned.astype(np.float64) - usual
    return differences


def _format_effect(dial: Dial, value: float) -> str:
    if dial.composes == "multiplies":
        return f"×{format_setting(_round(value))}"
    return add_sign(format_number(value))


def _round(factor: float) -> float:
    """Round a factor so that its distance from 1 keeps two significant digits."""
    if not np.isfinite(factor) or factor == 1:
        return factor
    return round(factor, max(1 - int(np.floor(np.log10(abs(factor - 1)))), 0))


def list_off_settings(event: TimelineEvent) -> tuple[str, ...]:
    """List the settings of an event whose value has no effect, with the plausible range of each.

    >>> from cpsim.scenario import load
    >>> merger = {"date": "2006-04-03", "lever": "restructure", "services": ["social_care"]}
    >>> list_off_settings(load("small", {"timeline": [merger]}).timeline[0])
    ('gain: 0 (plausible: −0.1 to 0.1)',)
    """
    if not isinstance(event, Lever):
        return ()
    return tuple(
        _describe_off_setting(event.lever, name, value)
        for name, value in select_separate(event.neutral).items()
        if getattr(event, name) == value
    )


def select_separate(neutral: Mapping[str, Any]) -> dict[str, Any]:
    """Select the neutral settings that are so by themselves: none, 0 or 1.

    Other values are neutral only together, such as shares of money, and false can end what an earlier event began.

    >>> select_separate({"factor": 1.0, "universal": 0.5, "bound": False})
    {'factor': 1.0}
    """
    return {
        name: value
        for name, value in neutral.items()
        if value is None or (not isinstance(value, bool) and value in (0, 1))
    }


def _describe_off_setting(lever: str, name: str, value: float | None) -> str:
    text = f"{name}: {'null' if value is None else format_setting(value)}"
    row = load_register().get(f"levers.{lever}.{name}")
    return f"{text} (plausible: {format_setting(row.low)} to {format_setting(row.high)})" if row else text


def list_first_outcomes(dial: str) -> tuple[str, ...]:
    """List the labels of the outcomes that a change of a dial moves first.

    >>> list_first_outcomes("teams.records_shown")
    ('Contacts per referral', 'Referrals')
    >>> list_first_outcomes("organisations.share_threshold_shift")
    ('Contacts, by kind', 'Sources of referrals', 'Weeks to first message, by kind')
    """
    names = (name.removesuffix(".<kind>") for name in name_first_outcomes(dial))
    return tuple(format_outcome_name(name) for name in names)


def name_first_outcomes(dial: str) -> tuple[str, ...]:
    """Return the names of the outcomes that a change of a dial moves first, from `FIRST_OUTCOMES`.

    >>> name_first_outcomes("teams.records_shown")
    ('contacts_per_referral', 'referrals_per_10k_year')
    """
    modules = find_dial_uses()[dial].read_by_modules
    acting = [module for module in modules if not module.startswith("measures.")] or modules
    names = (name for module in acting for name in FIRST_OUTCOMES.get(module, ()))
    return tuple(dict.fromkeys(names))
