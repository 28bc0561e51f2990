"""`cpsim explain`: what the words and numbers of cpsim mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import click

from cpsim.cli._table import print_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cpsim.scenario.events import TimelineEvent

T = TypeVar("T")


@click.group()
def explain() -> None:
    """Explain the model's numbers, dials, levers, institutions, claims and outcomes."""


@explain.command()
@click.argument("word", required=False, default="")
def parameters(word: str) -> None:
    """List the parameters, or those that mention WORD: default, unit, plausible range, tag and source."""
    from cpsim.scenario.register import load_register

    rows = _that_mention(
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
                f"{row.default:.10g}",
                row.unit,
                f"{row.low:.10g} to {row.high:.10g}",
                row.tag,
                row.meaning,
                row.source,
            )
            for row in rows
        ],
        right=("default",),
        prose=2,
    )


def _that_mention(word: str, what: str, things: Mapping[str, T], text: Callable[[T], str]) -> list[T]:
    """Those of some named things in whose text a word occurs.

    Raises:
        click.BadArgumentUsage: it occurs in none; the message proposes a word out of their names.
    """
    from cpsim.scenario.problems import format_value, suggest_nearest

    found = [thing for thing in things.values() if word.lower() in text(thing).lower()]
    if not found:
        words = {part for name in things for part in re.split(r"[._]", name)}
        raise click.BadArgumentUsage(f"no {what} mentions {format_value(word)}{suggest_nearest(word, sorted(words))}")
    return found


@explain.command()
def dials() -> None:
    """List the dials: all that a policy may turn, and all of policy that casework reads."""
    from cpsim.agents.dials import format_dial_table

    click.echo(format_dial_table())


@explain.command()
@click.argument("word", required=False, default="")
def levers(word: str) -> None:
    """List the levers, or those that mention WORD: mechanism, settings with defaults, the dials they turn."""
    from cpsim.scenario.events import load_levers

    rows = {name: _about(name, lever) for name, lever in load_levers().items()}
    print_table(
        ("lever", "mechanism", "dials", "settings", "what it does"),
        _that_mention(word, "lever", rows, " ".join),
        prose=3,
    )


def _about(name: str, lever: type[TimelineEvent]) -> tuple[str, ...]:
    """A lever's name, mechanism, dials, settings with their defaults, and what it does."""
    settings = (f"{setting}={_default(lever, setting)}" for setting in lever.own_setting_names())
    says = " ".join((lever.__doc__ or "").partition("\n\n")[0].split())
    mechanism, dials = getattr(lever, "mechanism", ""), getattr(lever, "dials", ())
    return name, mechanism, ", ".join(dials), ", ".join(settings), says


def _default(lever: type[TimelineEvent], setting: str) -> str:
    field = lever.model_fields[setting]
    if field.is_required():
        return "?"
    value = field.get_default(call_default_factory=True, validated_data={})
    return f"{value:g}" if isinstance(value, float) else str(value)


@explain.command()
@click.argument("word", required=False, default="")
def institutions(word: str) -> None:
    """List the historical institutions, or those that mention WORD: their levers, and what they were."""
    from cpsim.scenario.institutions import load_institutions

    rows = _that_mention(
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
    """List the claims that scenarios speak to, or those that mention WORD."""
    from cpsim.scenario.claims import load_claims

    rows = _that_mention(
        word, "claim", load_claims(), lambda row: f"{row.id} {row.claim} {row.article} {row.year}"
    )
    print_table(
        ("claim", "year", "what is said to be so"), [(row.id, str(row.year), row.claim) for row in rows]
    )


@explain.command()
def outcomes() -> None:
    """List the names of summary.json with their units and meanings."""
    from cpsim.results.names import SUMMARY

    print_table(
        ("outcome", "unit", "meaning"),
        [(name, quantity.unit, quantity.meaning) for name, quantity in SUMMARY.items()],
    )
