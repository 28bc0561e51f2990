"""`cpsim scenarios`: list the scenarios that come with cpsim."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from cpsim.cli._table import print_table

if TYPE_CHECKING:
    from cpsim.scenario.library import ShippedScenario


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
    from cpsim.scenario.library import list_shipped_scenarios
    from cpsim.scenario.problems import format_value, suggest_nearest
    from cpsim.scenario.search import select_rows

    shipped = list_shipped_scenarios()
    found = select_rows(words, shipped, _list_words) if words else [*shipped.values()]
    if not found:
        sought = " ".join(words)
        hint = suggest_nearest(sought, [part for name in shipped for part in name.split("_")])
        raise click.BadArgumentUsage(f"no scenario mentions {format_value(sought)}{hint}")
    found.sort(key=lambda scenario: scenario.first_year or 0)
    if as_json:
        rows = [
            {
                "name": scenario.name,
                "year": scenario.first_year,
                "claims": scenario.claims,
                "question": scenario.question,
                "file": str(scenario.file),
            }
            for scenario in found
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        print_table(
            ("name", "year", "claims", "question"),
            [
                (scenario.name, str(scenario.first_year or ""), " ".join(scenario.claims), scenario.question)
                for scenario in found
            ],
        )


def _list_words(scenario: ShippedScenario) -> str:
    """List what a scenario can be found by: its name, question, claims, levers and institutions."""
    return " ".join([scenario.name, scenario.question, *scenario.claims, *scenario.list_levers()])
