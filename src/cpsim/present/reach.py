"""What the events of a scenario can do with its settings, and which of them are not in play, as blocks and lines."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cpsim.dial_use import find_dial_uses
from cpsim.formatting import raise_first
from cpsim.network.graphml import NetworkFileError
from cpsim.present.blocks import BulletList, PageColumn, PageTable, Paragraph, RowGroup
from cpsim.present.phrases import format_code
from cpsim.reach import describe_equal_arms
from cpsim.reach.effects import list_first_outcomes, measure_effects
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import from_mapping, to_yaml

if TYPE_CHECKING:
    from cpsim.present.blocks import Block
    from cpsim.reach.effects import DialEffect, EventEffect
    from cpsim.scenario.schema import Scenario

_MEASURED = (
    "Sizes are those of a trial with the bodies of this scenario while casework stands still, against the same "
    "timeline without the event. Other outcomes follow from those that move first; a run shows by how much."
)


def list_effects(scenario: Mapping[str, Any]) -> list[EventEffect]:
    """List what each event of a scenario does; none if it names a lever or a file that is not there.

    Args:
        scenario: its resolved settings.
    """
    if not scenario.get("timeline"):
        return []
    try:
        return _measure(_Resolved(from_mapping(scenario)))
    except (ScenarioError, NetworkFileError):
        return []


class _Resolved:
    """A scenario that is equal to others with the same settings."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self._text = scenario, to_yaml(scenario)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Resolved) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@lru_cache(maxsize=32)
def _measure(resolved: _Resolved) -> list[EventEffect]:
    return measure_effects(resolved.scenario)


def list_idle_sentences(scenario: Mapping[str, Any]) -> list[str]:
    """List a sentence for each event of a scenario that is not in play."""
    found = (str(effect.idle) for effect in list_effects(scenario) if effect.idle is not None)
    return list(dict.fromkeys(found))


def list_equal_arms(scenarios: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """List a sentence for each group of scenarios that are one under several names."""
    try:
        arms = {name: from_mapping(scenario) for name, scenario in scenarios.items()}
        return describe_equal_arms(arms)
    except (ScenarioError, NetworkFileError):
        return []


def create_reach_blocks(scenario: Mapping[str, Any]) -> tuple[Block, ...]:
    """Create the blocks on what each event can do and what is not in play; none without events."""
    effects = list_effects(scenario)
    idle = list_idle_sentences(scenario)
    possible = tuple(Paragraph(sentence) for sentence in _list_possible(effects))
    remarks = (Paragraph("Not in play, so the results are the same without it:"), BulletList(tuple(idle)))
    groups = tuple(
        RowGroup(tuple(map(_create_row, effect.dials)), _format_title(effect))
        for effect in effects
        if effect.dials
    )
    columns = (
        PageColumn("Dial"), PageColumn("Turned"), PageColumn("Where"), PageColumn("Read by"),
        PageColumn("Moves first"),
    )  # fmt: skip
    table = PageTable("What each event can do with these settings", columns, groups)
    return (*(remarks if idle else ()), *possible, *((table, Paragraph(_MEASURED)) if groups else ()))


def _list_possible(effects: list[EventEffect]) -> list[str]:
    """List a sentence for each event that turns no dial in the trial and may turn one in a run."""
    return [
        f"{_name(effect)} turns no dial while casework stands still; it may do so in a run."
        for effect in effects
        if effect.idle is None and not effect.dials
    ]


def _name(effect: EventEffect) -> str:
    return effect.name if effect.name == effect.lever else f"{effect.name} ({effect.lever})"


def _format_title(effect: EventEffect) -> str:
    """Name an event, and its settings that have no effect at their values."""
    return f"{_name(effect)}; without effect: {', '.join(effect.off)}" if effect.off else _name(effect)


def _create_row(effect: DialEffect) -> tuple[Any, ...]:
    name = effect.dial.name
    return (
        format_code(name),
        effect.size,
        effect.where,
        ", ".join(find_dial_uses()[name].readers),
        ", ".join(list_first_outcomes(name)).lower(),
    )


def list_effect_lines(scenario: Mapping[str, Any], reference: Mapping[str, Any]) -> list[str]:
    """List a line for each event that a scenario has and a reference has not: the dials that it turns, and by how much.

    Args:
        scenario: the resolved settings of an arm.
        reference: those of the reference.
    """
    common = list(reference.get("timeline", ()))
    lines = []
    effects = list_effects(scenario)
    for effect in effects:
        if scenario["timeline"][effect.index] in common or not effect.dials:
            continue
        off = f". Without effect: {', '.join(effect.off)}" if effect.off else ""
        turned = "; ".join(f"{dial}, in {dial.where}" for dial in effect.dials)
        lines.append(f"What {_name(effect)} does here: {turned}{off}.")
    return [*lines, *_list_possible(effects), *map(raise_first, list_idle_sentences(scenario))]


def list_event_sentences(scenario: Mapping[str, Any]) -> list[str]:
    """List what each event of a scenario can do in words: what it changes, by how much and where, and what it leaves.

    Args:
        scenario: its resolved settings.
    """
    return list(dict.fromkeys(map(_describe_event, list_effects(scenario))))


def _describe_event(effect: EventEffect) -> str:
    institution = load_institutions().get(effect.name)
    name = institution.name if institution else raise_first(effect.name.replace("_", " "))
    if effect.idle is not None:
        return f"{name}: not in play, so results are the same without it."
    changes = [f"{each.dial.label} {each.size}, at {each.where}" for each in effect.dials]
    text = "; ".join(changes) or "no change while casework stands still, but perhaps in a run"
    off = ", ".join(each.replace("_", " ") for each in effect.off)
    return f"{name}: {text}.{off and f' Without effect: {off}.'}"
