"""`cpsim explain`: reference tables of parameters, dials, signals, levers, institutions, claims and outcomes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import click

from cpsim.cli._table import print_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cpsim.agents.dials import PolicyVariable
    from cpsim.scenario.events import TimelineEvent

T = TypeVar("T")


@click.group()
def explain() -> None:
    """List parameters, dials, signals, levers, claims and outcomes."""


@explain.command()
@click.argument("word", required=False, default="")
def parameters(word: str) -> None:
    """List the parameters that mention WORD, or all.

    Each has its default, unit, plausible range, tag, meaning and source.
    """
    from cpsim.scenario.register import load_register

    rows = _select_rows(
        word,
        "parameter",
        load_register(),
        lambda row: f"{row.id} {row.mechanism} {row.meaning} {row.tag} {row.source}",
    )
    print_table(
        ("parameter", "default", "unit", "range", "tag", "meaning", "source"),
        [
            (
                row.id,
                _format_as_in_file(row.default),
                row.unit,
                f"{_format_as_in_file(row.low)} to {_format_as_in_file(row.high)}",
                row.tag,
                row.meaning,
                row.source,
            )
            for row in rows
        ],
        right=("default",),
        prose=2,
    )


def _select_rows(word: str, kind: str, rows: Mapping[str, T], text: Callable[[T], str]) -> list[T]:
    """Select the rows whose text contains a word.

    Args:
        word: the word, in upper or lower case; empty for all rows.
        kind: kind of the rows, for the message.
        rows: name of each row -> row.
        text: function that returns the text of a row.

    Raises:
        click.BadArgumentUsage: no row contains the word; the message suggests a similar word from the names.
    """
    from cpsim.scenario.problems import format_value, suggest_nearest
    from cpsim.scenario.renamed import suggest_new_name

    found = [row for row in rows.values() if word.lower() in text(row).lower()]
    if not found:
        words = {part for name in rows for part in re.split(r"[._]", name)}
        renamed = suggest_new_name("setting" if kind == "parameter" else kind, word.rpartition(".")[2])
        hint = renamed or suggest_nearest(word, sorted(words))
        raise click.BadArgumentUsage(f"no {kind} mentions {format_value(word)}{hint}")
    return found


@explain.command()
def dials() -> None:
    """List the dials, the values that levers turn.

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
            for dial in DIALS
        ],
        prose=3,
    )


@explain.command()
def signals() -> None:
    """List the signals, the values that levers pass to other levers.

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
            for signal in SIGNALS
        ],
        prose=3,
    )


def _format_neutral(variable: PolicyVariable) -> str:
    return "own value" if variable.neutral is None else _format_as_in_file(variable.neutral)


@explain.command()
@click.argument("word", required=False, default="")
def levers(word: str) -> None:
    """List the levers that mention WORD, or all.

    Each has its mechanism, the dials that it turns, its settings with their defaults, and the signals that it sends and
    reads.
    """
    from cpsim.scenario.events import load_levers

    rows = {name: _describe_lever(name, lever) for name, lever in load_levers().items()}
    print_table(
        ("lever", "mechanism", "dials", "settings", "signals", "what it does"),
        _select_rows(word, "lever", rows, " ".join),
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
@click.argument("word", required=False, default="")
def institutions(word: str) -> None:
    """List the institutions that mention WORD, or all.

    Each has its levers, its name and its history.
    """
    from cpsim.scenario.institutions import load_institutions

    rows = _select_rows(
        word,
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
@click.argument("word", required=False, default="")
def claims(word: str) -> None:
    """List the claims that mention WORD, or all.

    Scenarios test these claims.
    """
    from cpsim.scenario.claims import load_claims

    rows = _select_rows(
        word, "claim", load_claims(), lambda row: f"{row.id} {row.claim} {row.article} {row.year}"
    )
    print_table(("id", "year", "claim"), [(row.id, str(row.year), row.claim) for row in rows])


@explain.command()
def outcomes() -> None:
    """List the outcomes, with units and meanings."""
    from cpsim.results.names import SUMMARY

    print_table(
        ("outcome", "unit", "meaning"),
        [(name, quantity.unit, quantity.meaning) for name, quantity in SUMMARY.items()],
    )
