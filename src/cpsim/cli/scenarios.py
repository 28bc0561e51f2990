"""`cpsim scenarios`: list the scenarios that come with cpsim."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from cpsim.cli._table import print_table

if TYPE_CHECKING:
    from pathlib import Path

    from cpsim.scenario.schema import Scenario


@click.command()
@click.argument("words", metavar="[WORD]...", nargs=-1)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the list as JSON: name, year, claims, question and file."
)
def scenarios(words: tuple[str, ...], as_json: bool) -> None:
    """List the scenarios that come with cpsim, or those that mention all WORDs.

    They are in order of the year of their first event. Each scenario asks a question and tests claims; `cpsim explain
    claims` lists the claims.
    """
    from cpsim.scenario.problems import format_value, suggest_nearest
    from cpsim.scenario.read import find_shipped_scenarios, load
    from cpsim.scenario.search import select_rows

    shipped = {name: (name, file, load(file)) for name, file in find_shipped_scenarios().items()}
    found = sorted(select_rows(words, shipped, _list_words), key=lambda row: _find_first_year(row[2]) or 0)
    if not found:
        sought = " ".join(words)
        hint = suggest_nearest(sought, [part for name in shipped for part in name.split("_")])
        raise click.BadArgumentUsage(f"no scenario mentions {format_value(sought)}{hint}")
    if as_json:
        rows = [
            {
                "name": name,
                "year": _find_first_year(scenario),
                "claims": scenario.claims,
                "question": scenario.question,
                "file": str(file),
            }
            for name, file, scenario in found
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        print_table(
            ("name", "year", "claims", "question"),
            [
                (name, str(_find_first_year(scenario) or ""), " ".join(scenario.claims), scenario.question)
                for name, _, scenario in found
            ],
        )


def _list_words(row: tuple[str, Path, Scenario]) -> str:
    """List what a scenario can be found by: its name, question, claims, levers and institutions."""
    name, _, scenario = row
    levers = (f"{event.lever} {event.institution or ''}" for event in scenario.timeline)
    return " ".join([name, scenario.question, *scenario.claims, *levers])


def _find_first_year(scenario: Scenario) -> int | None:
    """Find the year of the first dated event in the timeline; None if there is none."""
    years = [event.date.year for event in scenario.timeline if event.date is not None]
    return min(years, default=None)
