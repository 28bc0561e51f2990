"""The setting of a run in words: in what it differs from the baseline, and what changes on which date."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cpsim.report.blocks import Column, Group, History, Moment, Paragraph, Table
from cpsim.report.words import code, day, named, value, with_names
from cpsim.scenario.claims import claims
from cpsim.scenario.events import Event, levers
from cpsim.scenario.guide import Guide
from cpsim.scenario.institutions import institutions
from cpsim.scenario.read import json_schema, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from cpsim.report.blocks import Block, Text

_BASELINE = "baseline"
_NOT_A_SETTING = ("name", "question", "claims", "extends", "timeline")
_COMMON = tuple(Event.model_fields)
_Path = tuple[str, ...]


def claims_of(scenario: Mapping[str, Any]) -> tuple[Text, ...]:
    """What was said to be so in the reform years and the scenario speaks to."""
    known = claims()
    return tuple(
        f"{known[claim].claim} ({known[claim].article}, {known[claim].year})"
        for claim in scenario.get("claims", ())
        if claim in known
    )


def differences_from_baseline(scenario: Mapping[str, Any]) -> tuple[Block, ...]:
    """A table of the settings that the baseline has otherwise; a sentence if there are none."""
    rows = tuple(_different(scenario))
    if not rows:
        return (Paragraph("Every setting outside the timeline is that of the baseline."),)
    columns = (Column("Setting"), Column("Here"), Column("Baseline"), Column("Meaning"))
    return (Table("Settings that differ from the baseline", columns, (Group(rows),)),)


def _different(scenario: Mapping[str, Any]) -> Iterator[tuple[Text, ...]]:
    here, there = dict(_flat(scenario)), _baseline()
    for path, setting in here.items():
        if path[0] not in _NOT_A_SETTING and setting != there.get(path):
            yield code(".".join(path)), named(value(setting)), value(there.get(path)), _meaning(path)


@cache
def _baseline() -> dict[_Path, Any]:
    return dict(_flat(load(_BASELINE).model_dump(mode="python")))


def _flat(settings: Any, path: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    """Each single setting with the way to it; lists as they are."""
    if isinstance(settings, dict):
        for name, inner in settings.items():
            yield from _flat(inner, (*path, str(name)))
    else:
        yield path, list(settings) if isinstance(settings, tuple) else settings


@cache
def _guide() -> Guide:
    return Guide(json_schema())


def _meaning(path: _Path) -> str:
    told = [fragment["description"] for fragment in _guide().at(path) if "description" in fragment]
    return told[0] if told else ""


def timeline(scenario: Mapping[str, Any]) -> tuple[Block, ...]:
    """What changes on which day, in words; a sentence if nothing does."""
    events: Sequence[Mapping[str, Any]] = scenario.get("timeline", ())
    if not events:
        return (Paragraph("No rule changes: the timeline is empty."),)
    moments: dict[tuple[date | None, date | None, str], list[Mapping[str, Any]]] = {}
    for event in events:
        key = (event.get("date"), event.get("until"), event.get("institution") or event["lever"])
        moments.setdefault(key, []).append(event)
    return (History(tuple(_moment(*key, together) for key, together in moments.items())),)


def _moment(on: date | None, until: date | None, what: str, together: list[Mapping[str, Any]]) -> Moment:
    known = institutions().get(what)
    return Moment(
        when=_when(on, until),
        what=known.name if known else what.replace("_", " "),
        says=known.history if known else "",
        steps=tuple(map(_step, together)),
    )


def _when(on: date | None, until: date | None) -> str:
    start = "From the first day of history" if on is None else f"From {day(on)}"
    return start if until is None else f"{start} to {day(until)}"


def _step(event: Mapping[str, Any]) -> Text:
    """One lever: what it does, where, and its settings that are not its own defaults."""
    lever = levers().get(event["lever"])
    own = {name: setting for name, setting in event.items() if name not in _COMMON and setting is not None}
    turned = {
        name: setting for name, setting in own.items() if lever is None or setting != _default(lever, name)
    }
    told = Markup("{} {}").format(_says(event["lever"]), _settings(turned))
    where = event.get("authorities")
    return told if where is None else Markup("{} Concerns {}.").format(told, named(value(where)))


def _settings(settings: Mapping[str, Any]) -> Markup:
    pairs = (Markup("<code>{}: {}</code>").format(name, value(setting)) for name, setting in settings.items())
    return Markup("; ").join(pairs)


def _default(lever: type[Event], name: str) -> Any:
    known = lever.model_fields.get(name)
    return None if known is None else known.get_default(call_default_factory=True, validated_data={})


def _says(lever: str) -> Markup:
    """What a lever does, in its own first sentence."""
    known = levers().get(lever)
    text = " ".join((known.__doc__ or "").partition("\n\n")[0].split()) if known else lever.replace("_", " ")
    return with_names(text, ())
