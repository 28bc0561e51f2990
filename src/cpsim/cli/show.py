"""`cpsim show`: what the words and numbers of cpsim mean."""

from __future__ import annotations

import re

import click

from cpsim.cli._table import show_table


@click.group()
def show() -> None:
    """Show what the model's numbers, dials and outcomes are."""


@show.command()
@click.argument("word", required=False, default="")
def parameters(word: str) -> None:
    """List the parameters, or those that mention WORD: default, unit, plausible range, tag and source."""
    from cpsim.scenario.problems import did_you_mean, shown
    from cpsim.scenario.register import register

    rows = [
        row
        for row in register().values()
        if word.lower() in f"{row.id} {row.mechanism} {row.meaning} {row.tag} {row.source}".lower()
    ]
    if not rows:
        words = {part for parameter in register() for part in re.split(r"[._]", parameter)}
        raise click.BadArgumentUsage(
            f"no parameter mentions {shown(word)}{did_you_mean(word, sorted(words))}"
        )
    show_table(
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


@show.command()
def dials() -> None:
    """List the dials: all that a policy may turn, and all of policy that casework reads."""
    from cpsim.agents.dials import table_text

    click.echo(table_text())


@show.command()
def outcomes() -> None:
    """List the names of summary.json with their units and meanings."""
    from cpsim.results.names import SUMMARY

    show_table(
        ("outcome", "unit", "meaning"),
        [(name, quantity.unit, quantity.meaning) for name, quantity in SUMMARY.items()],
    )
