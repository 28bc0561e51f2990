"""What one lever or institution can do, for `cpsim explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cpsim.cli._table import print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpsim.governance.lever import Lever
    from cpsim.reach.effects import EventEffect

_PLACE = "small"
_DATE = "2006-04-03"


def print_abilities(name: str) -> None:
    """Print what a lever or an institution can do; nothing if there is none of this name."""
    from cpsim.governance.lever import Lever
    from cpsim.scenario.events import load_levers
    from cpsim.scenario.institutions import load_institutions

    lever = load_levers().get(name)
    if lever is not None and issubclass(lever, Lever):
        _print_lever(name, lever)
    elif name in load_institutions() and load_institutions()[name].levers:
        _print_institution(name)


def _print_lever(name: str, lever: type[Lever]) -> None:
    from cpsim.dial_use import find_dial_uses, find_signal_uses
    from cpsim.reach.effects import list_first_outcomes

    click.echo(f"What {name} can do")
    dials, signals = find_dial_uses(), find_signal_uses()
    print_table(
        ("turns", "read by", "moves first"),
        [
            *(
                (dial, ", ".join(dials[dial].readers), ", ".join(list_first_outcomes(dial)).lower())
                for dial in lever.dials
            ),
            *(
                (f"signal {signal}", ", ".join(signals[signal].readers), "what its readers turn")
                for signal in lever.signals_sent
            ),
        ],
        prose=2,
    )
    click.echo()
    print_table(("setting", "default", "plausible", "without effect at", ""), list(_list_settings(lever)))
    click.echo()


def _list_settings(lever: type[Lever]) -> Iterator[tuple[str, ...]]:
    """List the settings of a lever: default, plausible range, value without effect, and whether that is the default."""
    from cpsim.reach.effects import select_separate

    off = select_separate(lever.neutral)
    for name in lever.list_own_settings():
        field = lever.model_fields[name]
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        plausible: Any = extra.get("plausible", ())
        default = "?" if field.is_required() else _format(field.get_default())
        neutral = _format(off[name]) if name in off else ""
        remark = "off by default" if neutral and neutral == default else ""
        yield name, default, " to ".join(map(_format, plausible)), neutral, remark


def _format(value: object) -> str:
    from cpsim.formatting import format_setting

    if value is None:
        return "null"
    return format_setting(value) if isinstance(value, float) else str(value).lower()


def _print_institution(name: str) -> None:
    """Print what an institution turns in a small place by itself, or that it is not in play there."""
    from cpsim.dial_use import find_dial_uses
    from cpsim.reach.effects import list_first_outcomes, measure_effects
    from cpsim.scenario.problems import ScenarioError
    from cpsim.scenario.read import load

    try:
        effects = measure_effects(load(_PLACE, {"timeline": [{"date": _DATE, "lever": name}]}))
    except ScenarioError:
        # It needs more than one authority, of which it applies to one.
        line = {"date": _DATE, "lever": name, "authorities": ["authority-01"]}
        effects = measure_effects(load(_PLACE, {"authorities.count": 2, "timeline": [line]}))
    click.echo(f"What {name} can do by itself, with its settings, in the scenario {_PLACE}")
    rows = [
        (effect.lever, dial.dial.name, dial.size, ", ".join(find_dial_uses()[dial.dial.name].readers),
         ", ".join(list_first_outcomes(dial.dial.name)).lower())
        for effect in effects
        for dial in effect.dials
    ]  # fmt: skip
    if rows:
        print_table(("lever", "dial", "turned", "read by", "moves first"), rows, prose=2)
    for sentence in _list_remarks(effects):
        click.echo(sentence)
    click.echo()


def _list_remarks(effects: list[EventEffect]) -> Iterator[str]:
    for effect in effects:
        if effect.idle is None and effect.off:
            yield f"Without effect in {effect.lever}: {', '.join(effect.off)}."
    yield from dict.fromkeys(str(effect.idle) for effect in effects if effect.idle is not None)
