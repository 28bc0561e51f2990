"""The setting of a run in words: in what it differs from the baseline, and what changes on which date."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cpsim.report.blocks import Column, Group, Heading, History, Lead, Moment, Paragraph, Points, Table
from cpsim.report.words import code, count, day, named, value, with_names
from cpsim.scenario.claims import load_claims
from cpsim.scenario.events import TimelineEvent, load_levers
from cpsim.scenario.guide import Guide
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.read import build_json_schema, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from cpsim.report.blocks import Block, Text

_BASELINE = "baseline"
_NOT_A_SETTING = ("name", "question", "claims", "extends", "timeline")
_EVENT = re.compile(r"timeline\[(\d+)\]\.(\w+)")
_COMMON = tuple(TimelineEvent.model_fields)
_Path = tuple[str, ...]


def question(scenario: Mapping[str, Any]) -> tuple[Block, ...]:
    """What the scenario asks, and which claims it speaks to."""
    asked = scenario.get("question")
    told = Lead(named(asked)) if asked else Paragraph("The scenario names no question.")
    claims = _claims(scenario)
    said = (Paragraph("It speaks to what was claimed in the reform years:"), Points(claims)) if claims else ()
    return (told, *said)


def _claims(scenario: Mapping[str, Any]) -> tuple[Text, ...]:
    """What was said to be so in the reform years and the scenario speaks to."""
    known = load_claims()
    return tuple(
        f"{known[claim].claim} ({known[claim].article}, {known[claim].year})"
        for claim in scenario.get("claims", ())
        if claim in known
    )


def setting(scenario: Mapping[str, Any]) -> tuple[Block, ...]:
    """When a scenario plays, what changes on the way, and what else is not as in the baseline."""
    clock = scenario["clock"]
    told = (
        f"{count(clock['years'], 'year')} from {day(clock['start'])} are judged, after "
        f"{count(clock['warm_up_years'], 'year')} of history under the rules as they were. Every setting that is not "
        "named here is that of the baseline: an English local authority of average size."
    )
    return (Paragraph(told), *timeline(scenario), *_otherwise_than(_baseline(), "the baseline", scenario))


def settings_of_arms(arms: Mapping[str, Mapping[str, Any]]) -> tuple[Block, ...]:
    """The setting of the first of some arms in full, and in what each of the others differs from it."""
    (first, reference), *others = arms.items()
    blocks: list[Block] = [Heading(named(first)), *setting(reference)]
    for name, scenario in others:
        changed = scenario.get("timeline") != reference.get("timeline")
        told = timeline(scenario) if changed else (Paragraph(f"The timeline is that of {first}."),)
        blocks += [Heading(named(name)), *told, *_otherwise_than(dict(_flat(reference)), first, scenario)]
    return tuple(blocks)


def _otherwise_than(there: Mapping[_Path, Any], name: str, scenario: Mapping[str, Any]) -> tuple[Block, ...]:
    """A table of the settings that another scenario has otherwise; a sentence if there are none."""
    rows = tuple(
        (
            code(".".join(path)),
            named(value(here)),
            named(value(there.get(path))),
            meaning(".".join(path), scenario),
        )
        for path, here in _flat(scenario)
        if path[0] not in _NOT_A_SETTING and here != there.get(path)
    )
    if not rows:
        return (Paragraph(f"Every setting outside the timeline is that of {name}."),)
    columns = (Column("Setting"), Column("Here"), Column(f"In {name}"), Column("Meaning"))
    return (Table(f"Settings that differ from {name}", columns, (Group(rows),)),)


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
    return Guide(build_json_schema())


def meaning(path: str, scenario: Mapping[str, Any]) -> str:
    """What the setting at a path means in a scenario, with its unit; nothing if nobody says so."""
    within = _EVENT.fullmatch(path)
    if within is None:
        told = [
            fragment["description"]
            for fragment in _guide().find_fragments(tuple(path.split(".")))
            if "description" in fragment
        ]
        return told[0] if told else ""
    lever = scenario["timeline"][int(within[1])]["lever"]
    field = load_levers()[lever].model_fields.get(within[2]) if lever in load_levers() else None
    return f"{lever.replace('_', ' ')}: {field.description}" if field else ""


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
    known = load_institutions().get(what)
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
    lever = load_levers().get(event["lever"])
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


def _default(lever: type[TimelineEvent], name: str) -> Any:
    known = lever.model_fields.get(name)
    return None if known is None else known.get_default(call_default_factory=True, validated_data={})


def _says(lever: str) -> Markup:
    """What a lever does, in its own first sentence."""
    known = load_levers().get(lever)
    text = " ".join((known.__doc__ or "").partition("\n\n")[0].split()) if known else lever.replace("_", " ")
    return with_names(text, ())
