"""`cpsim explain`: reference tables of the numbers, levers, institutions, claims and outcomes of the model."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Literal, TypeVar

import click

from cpsim.cli._abilities import print_abilities
from cpsim.cli._table import print_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cpsim.agents.dials import PolicyVariable
    from cpsim.scenario.events import TimelineEvent

T = TypeVar("T")


class _SearchGroup(click.Group):
    """Commands that list one kind of thing each; any other word is searched in all of them."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return _search.name, _search, args
        return super().resolve_command(ctx, args)


@click.group(cls=_SearchGroup)
def explain() -> None:
    """List parameters, evidence, references, dials, signals, levers, institutions, claims and outcomes.

    With other words, such as `cpsim explain database`, lists everything that mentions all of them. The name of a lever
    or an institution also shows what it can do: the dials that it turns, by how much, and which outcomes move first.
    """


_words = click.argument("words", metavar="[WORD]...", nargs=-1)


@explain.command()
@_words
def parameters(words: tuple[str, ...]) -> None:
    """List the parameters that mention all WORDs, or all.

    Each has its default, unit, plausible range, tag, evidence, entry in the bibliography, meaning and source.
    """
    from cpsim.scenario.register import load_register

    rows = _select_rows(
        words,
        "parameter",
        load_register(),
        lambda row: " ".join(
            (row.id, row.mechanism, row.meaning, row.tag, row.source, *row.evidence, *row.entries)
        ),
    )
    print_table(
        ("parameter", "default", "unit", "range", "tag", "evidence", "entry", "meaning", "source"),
        [
            (
                row.id,
                _format_as_in_file(row.default),
                row.unit,
                f"{_format_as_in_file(row.low)} to {_format_as_in_file(row.high)}",
                row.tag,
                ", ".join(row.evidence) or "none",
                ", ".join(row.entries) or "none",
                row.meaning,
                row.source,
            )
            for row in rows
        ],
        right=("default",),
        prose=4,
    )


@explain.command()
@_words
def evidence(words: tuple[str, ...]) -> None:
    """List the figures that mention all WORDs, or all; the numbers of the model rest on them.

    Words can also name a parameter that rests on a figure. Each has its value, unit, year, place, entry in the
    bibliography, how it was checked, and what was measured.
    """
    from cpsim.scenario.evidence import load_evidence

    users = _list_parameters_by("evidence")
    rows = _select_rows(
        words,
        "evidence",
        load_evidence(),
        lambda row: " ".join(
            (row.id, row.quantity, row.place, row.entry, row.read_in, row.note, *users[row.id])
        ),
    )
    print_table(
        ("id", "figure", "unit", "year", "place", "entry", "checked", "quantity"),
        [
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
            for row in rows
        ],
    )


@explain.command()
@_words
def references(words: tuple[str, ...]) -> None:
    """List the entries of the bibliography that mention all WORDs, or all.

    Words can also name a parameter that rests on a publication.
    """
    from cpsim.scenario.bibliography import load_bibliography

    users = _list_parameters_by("entries")
    rows = _select_rows(
        words,
        "reference",
        load_bibliography(),
        lambda row: " ".join((row.key, row.format(), *users[row.key])),
    )
    print_table(("entry", "reference"), [(row.key, row.format()) for row in rows])


def _list_parameters_by(attribute: Literal["evidence", "entries"]) -> Mapping[str, Sequence[str]]:
    """List the ids of the parameters that rest on each figure or publication."""
    from cpsim.scenario.register import load_register

    users: defaultdict[str, list[str]] = defaultdict(list)
    for row in load_register().values():
        for name in getattr(row, attribute):
            users[name].append(row.id)
    return users


def _select_rows(words: Sequence[str], kind: str, rows: Mapping[str, T], text: Callable[[T], str]) -> list[T]:
    """Select the rows that mention all words.

    Args:
        words: the words, in upper or lower case; none for all rows.
        kind: kind of the rows, for the message.
        rows: name of each row -> row.
        text: function that returns the text of a row.

    Raises:
        _NothingFound: no row mentions them; the message suggests a similar word from the names.
    """
    from cpsim.scenario.problems import format_value, suggest_nearest
    from cpsim.scenario.renamed import suggest_new_name
    from cpsim.scenario.search import select_rows

    found = select_rows(words, rows, text)
    if not found:
        sought = " ".join(words)
        known = {part for name in rows for part in re.split(r"[._-]", name)}
        renamed = suggest_new_name("setting" if kind == "parameter" else kind, sought.rpartition(".")[2])
        hint = renamed or suggest_nearest(sought, sorted(known))
        raise _NothingFound(f"no {kind} mentions {format_value(sought)}{hint}", hint)
    return found


class _NothingFound(click.BadArgumentUsage):
    """Nothing of a kind mentions the words; `hint` is a clause with a similar word, or empty."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@explain.command()
@_words
def dials(words: tuple[str, ...]) -> None:
    """List the dials that mention all WORDs, or all; they are the values that levers turn.

    Casework, the workforce, ties and costs read policy only from dials.
    """
    from cpsim.agents.dials import DIALS
    from cpsim.dial_use import find_dial_uses

    uses = find_dial_uses()
    print_table(
        ("dial", "unit", "neutral", "levers", "family", "turned by", "read by", "meaning"),
        [
            (
                dial.name,
                dial.unit,
                _format_neutral(dial),
                dial.composes,
                dial.family,
                ", ".join(uses[dial.name].changed_by),
                ", ".join(uses[dial.name].readers),
                dial.description,
            )
            for dial in _select_rows(
                words,
                "dial",
                {dial.name: dial for dial in DIALS},
                lambda dial: f"{dial.name} {dial.description}",
            )
        ],
        prose=3,
    )


@explain.command()
@_words
def signals(words: tuple[str, ...]) -> None:
    """List the signals that mention all WORDs, or all; they are the values that levers pass to other levers.

    Casework never reads a signal; it affects children only through a dial that a lever turns after reading it.
    """
    from cpsim.agents.signals import SIGNALS
    from cpsim.dial_use import find_signal_uses

    uses = find_signal_uses()
    print_table(
        ("signal", "unit", "neutral", "levers", "sent by", "read by", "meaning"),
        [
            (
                signal.name,
                signal.unit,
                _format_neutral(signal),
                signal.composes,
                ", ".join(uses[signal.name].changed_by),
                ", ".join(uses[signal.name].readers),
                signal.description,
            )
            for signal in _select_rows(
                words,
                "signal",
                {signal.name: signal for signal in SIGNALS},
                lambda signal: f"{signal.name} {signal.description}",
            )
        ],
        prose=3,
    )


def _format_neutral(variable: PolicyVariable) -> str:
    return "own value" if variable.neutral is None else _format_as_in_file(variable.neutral)


@explain.command()
@_words
def levers(words: tuple[str, ...]) -> None:
    """List the levers that mention all WORDs, or all.

    Each has its mechanism, the dials that it turns, its settings with their defaults, and the signals that it sends and
    reads.
    """
    from cpsim.scenario.events import load_levers

    rows = {name: _describe_lever(name, lever) for name, lever in load_levers().items()}
    print_table(
        ("lever", "mechanism", "dials", "settings", "signals", "what it does"),
        _select_rows(words, "lever", rows, " ".join),
        prose=4,
    )


def _describe_lever(name: str, lever: type[TimelineEvent]) -> tuple[str, ...]:
    """Describe a lever: name, mechanism, dials, settings with their defaults, signals, and effect."""
    settings = (f"{setting}={_format_default(lever, setting)}" for setting in lever.list_own_settings())
    says = " ".join((lever.__doc__ or "").partition("\n\n")[0].split())
    mechanism, dials = getattr(lever, "mechanism", ""), getattr(lever, "dials", ())
    return name, mechanism, ", ".join(dials) or "none", ", ".join(settings), _describe_signals(lever), says


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


@explain.command()
@_words
def institutions(words: tuple[str, ...]) -> None:
    """List the institutions that mention all WORDs, or all.

    Each has its levers, its name and its history.
    """
    from cpsim.scenario.institutions import load_institutions

    rows = _select_rows(
        words,
        "institution",
        load_institutions(),
        lambda row: f"{row.id} {row.theme} {row.name} {row.applies_to} {row.history}",
    )
    print_table(
        ("institution", "levers", "name", "history"),
        [
            (
                row.id,
                ", ".join(dict.fromkeys(lever["lever"] for lever in row.levers)) or "none",
                row.name,
                row.history,
            )
            for row in rows
        ],
        prose=2,
    )


@explain.command()
@_words
def claims(words: tuple[str, ...]) -> None:
    """List the claims that mention all WORDs, or all.

    Scenarios test these claims.
    """
    from cpsim.scenario.claims import load_claims

    rows = _select_rows(
        words, "claim", load_claims(), lambda row: f"{row.id} {row.claim} {row.article} {row.year}"
    )
    print_table(("id", "year", "claim"), [(row.id, str(row.year), row.claim) for row in rows])


@explain.command()
@_words
def outcomes(words: tuple[str, ...]) -> None:
    """List the outcomes that mention all WORDs, or all.

    Each has its unit and its meaning.
    """
    from cpsim.measures.outcomes import OUTCOMES

    rows = {name: (name, outcome.unit, outcome.meaning) for name, outcome in OUTCOMES.items()}
    print_table(("outcome", "unit", "meaning"), _select_rows(words, "outcome", rows, " ".join))


@click.command("search")
@_words
@click.pass_context
def _search(ctx: click.Context, words: tuple[str, ...]) -> None:
    """List everything that mentions all words."""
    from cpsim.scenario.problems import format_value, suggest_nearest

    if len(words) == 1:
        print_abilities(words[0])
    hints = []
    for command in explain.commands.values():
        try:
            ctx.invoke(command, words=words)
            click.echo()
        except _NothingFound as nothing:
            hints.append(nothing.hint)
    if len(hints) == len(explain.commands):
        sought = " ".join(words)
        hint = suggest_nearest(sought, explain.commands) or next(filter(None, hints), "")
        raise click.BadArgumentUsage(f"nothing mentions {format_value(sought)}{hint}", ctx.parent)
