"""The kinds of things that `cpsim explain` explains: what is searched, the table of all, and the line to paste."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cpsim.cli import _lines
from cpsim.scenario.search import Topic, simplify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cpsim.agents.dials import PolicyVariable
    from cpsim.scenario.events import TimelineEvent

PASTE = "to paste"
"""Heading of the column with the line to paste."""
_Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Kind:
    """A kind of thing that is explained.

    Attributes:
        plural: its name, as the first word of a search.
        singular: one of it.
        meaning: what it is.
        load: returns what is searched, without the engine.
        header: names of the columns of its table.
        list_rows: returns the rows of its table for some names.
        write_line: writes the line to paste for a name; empty for none.
        prose: number of last columns that are printed on lines of their own on a narrow terminal.
        right: names of the right-aligned columns.
        other_names: further words for it.

    >>> find_kind("Levers").singular, find_kind("duty") is None
    ('lever', True)
    """

    plural: str
    singular: str
    meaning: str
    load: Callable[[], list[Topic]]
    header: tuple[str, ...]
    list_rows: Callable[[Sequence[str]], _Rows]
    write_line: Callable[[str], str]
    prose: int = 1
    right: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()


def find_kind(word: str) -> Kind | None:
    """Find the kind that a word names, in the singular or plural; None if it names none."""
    for kind in KINDS:
        if simplify(word) in map(simplify, (kind.plural, kind.singular, *kind.other_names)):
            return kind
    return None


def _load_levers() -> list[Topic]:
    from cpsim.scenario.events import load_levers

    return [
        Topic(name, _summarise(lever), " ".join(_describe_lever(name, lever)))
        for name, lever in load_levers().items()
    ]


def _list_levers(names: Iterable[str]) -> _Rows:
    from cpsim.scenario.events import load_levers

    return [(*_describe_lever(name, load_levers()[name]), _lines.write_event(name)) for name in names]


def _summarise(lever: type[TimelineEvent]) -> str:
    return " ".join((lever.__doc__ or "").partition("\n\n")[0].split())


def _describe_lever(name: str, lever: type[TimelineEvent]) -> tuple[str, ...]:
    """Describe a lever: name, mechanism, dials, settings with their defaults, signals, and effect."""
    settings = (f"{setting}={_format_default(lever, setting)}" for setting in lever.list_own_settings())
    mechanism, dials = getattr(lever, "mechanism", ""), getattr(lever, "dials", ())
    return (
        name,
        mechanism,
        ", ".join(dials) or "none",
        ", ".join(settings),
        _describe_signals(lever),
        _summarise(lever),
    )


def _describe_signals(lever: type[TimelineEvent]) -> str:
    """Describe the signals that a lever sends and reads."""
    parts = (("sends", getattr(lever, "signals_sent", ())), ("reads", getattr(lever, "signals_read", ())))
    return "; ".join(f"{verb} {', '.join(names)}" for verb, names in parts if names) or "none"


def _format_default(lever: type[TimelineEvent], setting: str) -> str:
    field = lever.model_fields[setting]
    if field.is_required():
        return "?"
    return _format_as_in_file(field.get_default(call_default_factory=True, validated_data={}))


def _format_as_in_file(value: object) -> str:
    """Format the value of a setting as it is written in a scenario file, where a number has no commas."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _load_institutions() -> list[Topic]:
    from cpsim.scenario.institutions import load_institutions

    return [
        Topic(
            row.id,
            row.name,
            " ".join((row.theme, row.applies_to, row.history, *_list_institution_levers(row.id))),
        )
        for row in load_institutions().values()
    ]


def _list_institution_levers(name: str) -> tuple[str, ...]:
    from cpsim.scenario.institutions import load_institutions

    return tuple(dict.fromkeys(lever["lever"] for lever in load_institutions()[name].levers))


def _list_institutions(names: Iterable[str]) -> _Rows:
    from cpsim.scenario.institutions import load_institutions

    return [
        (
            row.id,
            ", ".join(_list_institution_levers(row.id)) or "none",
            row.name,
            row.history,
            _lines.write_event(row.id),
        )
        for row in (load_institutions()[name] for name in names)
    ]


def _load_scenarios() -> list[Topic]:
    from cpsim.scenario.library import create_topic, list_shipped_scenarios

    return [create_topic(scenario) for scenario in list_shipped_scenarios().values()]


def _list_scenarios(names: Iterable[str]) -> _Rows:
    from cpsim.scenario.library import list_shipped_scenarios

    shipped = list_shipped_scenarios()
    return [(name, shipped[name].question, _lines.write_scenario(name)) for name in names]


def _load_settings() -> list[Topic]:
    from cpsim.scenario.settings import list_settings

    return [Topic(row.path, row.describe(), " ".join(row.list_sources())) for row in list_settings().values()]


def _list_settings(names: Iterable[str]) -> _Rows:
    from cpsim.scenario.settings import list_settings
    from cpsim.scenario.starting_lines import format_in_one_line

    return [
        (
            row.path,
            "none" if row.default is None else format_in_one_line(row.default),
            row.parameter.unit if row.parameter else row.unit,
            row.allowed,
            row.parameter.tag if row.parameter else "",
            ", ".join(row.parameter.evidence if row.parameter else ()) or "none",
            ", ".join(row.parameter.entries if row.parameter else ()) or "none",
            row.meaning,
            row.parameter.source if row.parameter else "",
            _lines.write_setting(row.path),
        )
        for row in (list_settings()[name] for name in names)
    ]


def _load_outcomes() -> list[Topic]:
    from cpsim.measures.outcomes import OUTCOMES

    return [Topic(row.name, f"{row.meaning} ({row.unit})", row.label) for row in OUTCOMES.values()]


def _list_outcomes(names: Iterable[str]) -> _Rows:
    from cpsim.measures.outcomes import OUTCOMES

    return [(name, OUTCOMES[name].unit, OUTCOMES[name].meaning, _lines.write_outcome(name)) for name in names]


def _load_claims() -> list[Topic]:
    from cpsim.scenario.claims import load_claims

    return [Topic(row.id, row.claim, f"{row.article} {row.year}") for row in load_claims().values()]


def _list_claims(names: Iterable[str]) -> _Rows:
    from cpsim.scenario.claims import load_claims

    rows = (load_claims()[name] for name in names)
    return [(row.id, str(row.year), row.claim, _lines.write_claim(row.id)) for row in rows]


def _load_dials() -> list[Topic]:
    from cpsim.agents.dials import DIALS

    return [Topic(dial.name, dial.description) for dial in DIALS]


def _list_dials(names: Iterable[str]) -> _Rows:
    from cpsim.agents.dials import DIALS
    from cpsim.dial_use import find_dial_uses

    uses, dials = find_dial_uses(), {dial.name: dial for dial in DIALS}
    return [
        (
            name,
            dials[name].unit,
            _format_neutral(dials[name]),
            dials[name].composes,
            dials[name].family,
            ", ".join(uses[name].changed_by),
            ", ".join(uses[name].readers),
            dials[name].description,
        )
        for name in names
    ]


def _load_signals() -> list[Topic]:
    from cpsim.agents.signals import SIGNALS

    return [Topic(row.name, row.description) for row in SIGNALS]


def _list_signals(names: Iterable[str]) -> _Rows:
    from cpsim.agents.signals import SIGNALS
    from cpsim.dial_use import find_signal_uses

    uses, signals = find_signal_uses(), {signal.name: signal for signal in SIGNALS}
    return [
        (
            name,
            signals[name].unit,
            _format_neutral(signals[name]),
            signals[name].composes,
            ", ".join(uses[name].changed_by),
            ", ".join(uses[name].readers),
            signals[name].description,
        )
        for name in names
    ]


def _format_neutral(variable: PolicyVariable) -> str:
    return "own value" if variable.neutral is None else _format_as_in_file(variable.neutral)


def _load_evidence() -> list[Topic]:
    from cpsim.scenario.evidence import load_evidence

    users = _list_parameters_by("evidence")
    return [
        Topic(
            row.id,
            f"{row.quantity}: {row.format_figure()} {row.unit}, {row.place}, {row.year}",
            " ".join((row.entry, row.read_in, row.note, *users[row.id])),
        )
        for row in load_evidence().values()
    ]


def _list_evidence(names: Iterable[str]) -> _Rows:
    from cpsim.scenario.evidence import load_evidence

    return [
        (
            row.id,
            row.format_figure(),
            row.unit,
            row.year,
            row.place,
            row.entry,
            row.checked,
            f"{row.quantity}; {row.note}" if row.note else row.quantity,
        )
        for row in (load_evidence()[name] for name in names)
    ]


def _load_references() -> list[Topic]:
    from cpsim.scenario.bibliography import load_bibliography

    users = _list_parameters_by("entries")
    return [Topic(row.key, row.format(), " ".join(users[row.key])) for row in load_bibliography().values()]


def _list_references(names: Iterable[str]) -> _Rows:
    from cpsim.scenario.bibliography import load_bibliography

    return [(name, load_bibliography()[name].format()) for name in names]


def _list_parameters_by(attribute: Literal["evidence", "entries"]) -> Mapping[str, Sequence[str]]:
    """List the ids of the parameters that rest on each figure or publication."""
    from cpsim.scenario.register import load_register

    users: defaultdict[str, list[str]] = defaultdict(list)
    for row in load_register().values():
        for name in getattr(row, attribute):
            users[name].append(row.id)
    return users


KINDS = (
    Kind(
        "levers",
        "lever",
        "what a line of a timeline changes: mechanism, dials, settings with their defaults, signals",
        _load_levers,
        ("lever", "mechanism", "dials", "settings", "signals", "what it does", PASTE),
        _list_levers,
        _lines.write_event,
        prose=5,
    ),
    Kind(
        "institutions",
        "institution",
        "historical institutions, each a set of levers",
        _load_institutions,
        ("institution", "levers", "name", "history", PASTE),
        _list_institutions,
        _lines.write_event,
        prose=3,
    ),
    Kind(
        "scenarios",
        "scenario",
        "scenarios that come with cpsim, each with its question",
        _load_scenarios,
        ("scenario", "question", PASTE),
        _list_scenarios,
        _lines.write_scenario,
        prose=2,
    ),
    Kind(
        "settings",
        "setting",
        "settings of a scenario file; numbers with their plausible range, tag, evidence and source",
        _load_settings,
        ("setting", "default", "unit", "range", "tag", "evidence", "entry", "meaning", "source", PASTE),
        _list_settings,
        _lines.write_setting,
        prose=5,
        right=("default",),
        other_names=("parameters",),
    ),
    Kind(
        "outcomes",
        "outcome",
        "results of a run",
        _load_outcomes,
        ("outcome", "unit", "meaning", PASTE),
        _list_outcomes,
        _lines.write_outcome,
        prose=2,
    ),
    Kind(
        "claims",
        "claim",
        "claims about the reforms that scenarios test",
        _load_claims,
        ("id", "year", "claim", PASTE),
        _list_claims,
        _lines.write_claim,
        prose=2,
    ),
    Kind(
        "dials",
        "dial",
        "values that levers turn; casework, the workforce, ties and costs read policy only from them",
        _load_dials,
        ("dial", "unit", "neutral", "levers", "family", "turned by", "read by", "meaning"),
        _list_dials,
        _lines.write_nothing,
        prose=3,
    ),
    Kind(
        "signals",
        "signal",
        "values that levers pass to other levers",
        _load_signals,
        ("signal", "unit", "neutral", "levers", "sent by", "read by", "meaning"),
        _list_signals,
        _lines.write_nothing,
        prose=3,
    ),
    Kind(
        "evidence",
        "evidence",
        "figures on which the numbers of the model rest",
        _load_evidence,
        ("id", "figure", "unit", "year", "place", "entry", "checked", "quantity"),
        _list_evidence,
        _lines.write_nothing,
    ),
    Kind(
        "references",
        "reference",
        "entries of the bibliography",
        _load_references,
        ("entry", "reference"),
        _list_references,
        _lines.write_nothing,
        other_names=("bibliography",),
    ),
)
"""All kinds, in the order in which they are printed."""
