"""The settings of a scenario for a page: differences from the baseline, and the timeline of changes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cpsim.formatting import format_count, format_day, pluralise
from cpsim.present.blocks import (
    BulletList,
    Heading,
    PageColumn,
    PageTable,
    PageTimeline,
    Paragraph,
    RowGroup,
    TimelineEntry,
)
from cpsim.present.phrases import format_code, format_sentence, format_value, isolate_name
from cpsim.scenario.claims import load_claims
from cpsim.scenario.descriptions import describe_setting
from cpsim.scenario.events import TimelineEvent, load_levers
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.read import load
from cpsim.scenario.schema import DESCRIPTIVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from cpsim.present.blocks import Block, Text

_BASELINE = "baseline"
_NOT_A_SETTING = (*DESCRIPTIVE, "timeline")
_COMMON = tuple(TimelineEvent.model_fields)
_Path = tuple[str, ...]


def create_title(scenario: Mapping[str, Any]) -> Text:
    """Return the question of a scenario, or its name if it states none."""
    return isolate_name(scenario.get("question") or scenario["name"])


def create_claims(scenario: Mapping[str, Any]) -> tuple[Block, ...]:
    """Create the list of claims that a scenario examines; none if it names none."""
    claims = _list_claims(scenario)
    return (BulletList(claims),) if claims else ()


def _list_claims(scenario: Mapping[str, Any]) -> tuple[Text, ...]:
    """List the claims that the scenario examines, with their sources."""
    known = load_claims()
    return tuple(
        f"{known[claim].claim} ({known[claim].article}, {known[claim].year})"
        for claim in scenario.get("claims", ())
        if claim in known
    )


def create_setting(scenario: Mapping[str, Any]) -> tuple[Block, ...]:
    """Create the blocks with the period of a scenario, its timeline and its differences from the baseline."""
    clock = scenario["clock"]
    years = format_count(clock["years"], "year")
    text = (
        f"{years} from {format_day(clock['start'])} {pluralise(clock['years'], 'is', 'are')} evaluated, after a "
        f"warm-up of {format_count(clock['warm_up_years'], 'year')} under the initial rules. Settings that are not "
        "listed here are those of the baseline, an English local authority of average size."
    )
    return (
        Paragraph(text),
        *create_timeline(scenario),
        *_create_differences(_flatten_baseline(), "the baseline", scenario),
    )


def create_settings_of_arms(arms: Mapping[str, Mapping[str, Any]]) -> tuple[Block, ...]:
    """Create the settings of the first arm in full, and of the others as differences from the first."""
    (first, reference), *others = arms.items()
    blocks: list[Block] = [Heading(isolate_name(first)), *create_setting(reference)]
    for name, scenario in others:
        changed = scenario.get("timeline") != reference.get("timeline")
        events = create_timeline(scenario) if changed else (Paragraph(f"The timeline is that of {first}."),)
        blocks += [
            Heading(isolate_name(name)),
            *events,
            *_create_differences(dict(_flatten(reference)), first, scenario),
        ]
    return tuple(blocks)


def _create_differences(
    reference: Mapping[_Path, Any], name: str, scenario: Mapping[str, Any]
) -> tuple[Block, ...]:
    """Create the table of settings that differ from a reference, or a sentence if there are none."""
    rows = tuple(
        (
            format_code(".".join(path)),
            isolate_name(format_value(setting)),
            isolate_name(format_value(reference.get(path))),
            describe_setting(".".join(path), scenario),
        )
        for path, setting in _flatten(scenario)
        if path[0] not in _NOT_A_SETTING and setting != reference.get(path)
    )
    if not rows:
        return (Paragraph(f"All settings outside the timeline are those of {name}."),)
    columns = (PageColumn("Setting"), PageColumn("Value"), PageColumn(f"In {name}"), PageColumn("Meaning"))
    return (PageTable(f"Settings that differ from {name}", columns, (RowGroup(rows),)),)


@cache
def _flatten_baseline() -> dict[_Path, Any]:
    return dict(_flatten(load(_BASELINE).model_dump(mode="python")))


def _flatten(settings: Any, path: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    """Yield each setting with its path; lists are single settings."""
    if isinstance(settings, dict):
        for name, inner in settings.items():
            yield from _flatten(inner, (*path, str(name)))
    else:
        yield path, list(settings) if isinstance(settings, tuple) else settings


def create_timeline(scenario: Mapping[str, Any]) -> tuple[Block, ...]:
    """Create the timeline of changes by date, or a sentence if there are none."""
    events: Sequence[Mapping[str, Any]] = scenario.get("timeline", ())
    if not events:
        return (Paragraph("No rules change: the timeline is empty."),)
    changes: dict[tuple[date | None, date | None, str], list[Mapping[str, Any]]] = {}
    for event in events:
        key = (event.get("date"), event.get("until"), event.get("institution") or event["lever"])
        changes.setdefault(key, []).append(event)
    return (PageTimeline(tuple(_create_entry(*key, events) for key, events in changes.items())),)


def _create_entry(
    start: date | None, until: date | None, name: str, events: list[Mapping[str, Any]]
) -> TimelineEntry:
    institution = load_institutions().get(name)
    return TimelineEntry(
        when=_format_dates(start, until),
        title=institution.name if institution else name.replace("_", " "),
        description=institution.history if institution else "",
        steps=tuple(map(_format_step, events)),
    )


def _format_dates(start: date | None, until: date | None) -> str:
    text = "From the start of the warm-up" if start is None else f"From {format_day(start)}"
    return text if until is None else f"{text} to {format_day(until)}"


def _format_step(event: Mapping[str, Any]) -> Text:
    """Describe one event: what its lever does, where, and with which settings other than defaults."""
    lever = load_levers().get(event["lever"])
    own = {name: setting for name, setting in event.items() if name not in _COMMON and setting is not None}
    changed = {
        name: setting
        for name, setting in own.items()
        if lever is None or setting != _find_default(lever, name)
    }
    text = Markup("{} {}").format(_describe_lever(event["lever"]), _format_settings(changed))
    where = event.get("authorities")
    return (
        text if where is None else Markup("{} Applies to {}.").format(text, isolate_name(format_value(where)))
    )


def _format_settings(settings: Mapping[str, Any]) -> Markup:
    pairs = (
        Markup("<code>{}: {}</code>").format(name, format_value(setting))
        for name, setting in settings.items()
    )
    return Markup("; ").join(pairs)


def _find_default(lever: type[TimelineEvent], name: str) -> Any:
    known = lever.model_fields.get(name)
    return None if known is None else known.get_default(call_default_factory=True, validated_data={})


def _describe_lever(lever: str) -> Markup:
    """Return the first sentence of a lever's docstring."""
    known = load_levers().get(lever)
    text = " ".join((known.__doc__ or "").partition("\n\n")[0].split()) if known else lever.replace("_", " ")
    return format_sentence(text, ())
