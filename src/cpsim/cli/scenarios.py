"""`cpsim scenarios`: what can be run without writing anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from cpsim.cli._table import show_table

if TYPE_CHECKING:
    from cpsim.scenario.schema import Scenario


@click.command()
@click.option(
    "--json", "as_json", is_flag=True, help="Print a list of objects: name, year, claims, question, file."
)
def scenarios(as_json: bool) -> None:
    """List the scenarios that come with cpsim, by the year in which something changes in them.

    Each asks one question and speaks to claims; `cpsim explain claims` says what these are.
    """
    from cpsim.scenario.read import load, shipped

    found = sorted(
        ((name, file, load(file)) for name, file in shipped().items()),
        key=lambda row: _first_year(row[2]) or 0,
    )
    if as_json:
        rows = [
            {
                "name": name,
                "year": _first_year(scenario),
                "claims": scenario.claims,
                "question": scenario.question,
                "file": str(file),
            }
            for name, file, scenario in found
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        show_table(
            ("name", "year", "claims", "question"),
            [
                (name, str(_first_year(scenario) or ""), " ".join(scenario.claims), scenario.question)
                for name, _, scenario in found
            ],
        )


def _first_year(scenario: Scenario) -> int | None:
    """The year in which something changes for the first time; None if nothing does."""
    years = [event.date.year for event in scenario.timeline if event.date is not None]
    return min(years, default=None)
