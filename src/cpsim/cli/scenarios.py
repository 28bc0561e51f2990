"""`cpsim scenarios`: list the scenarios that come with cpsim."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from cpsim.cli._table import print_table

if TYPE_CHECKING:
    from cpsim.scenario.schema import Scenario


@click.command()
@click.option(
    "--json", "as_json", is_flag=True, help="Print the list as JSON: name, year, claims, question and file."
)
def scenarios(as_json: bool) -> None:
    """List the scenarios that come with cpsim.

    They are in order of the year of their first event. Each scenario asks a question and tests claims; `cpsim explain
    claims` lists the claims.
    """
    from cpsim.scenario.read import find_shipped_scenarios, load

    found = sorted(
        ((name, file, load(file)) for name, file in find_shipped_scenarios().items()),
        key=lambda row: _find_first_year(row[2]) or 0,
    )
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


def _find_first_year(scenario: Scenario) -> int | None:
    """Find the year of the first dated event in the timeline; None if there is none."""
    years = [event.date.year for event in scenario.timeline if event.date is not None]
    return min(years, default=None)
