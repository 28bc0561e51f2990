"""`cpsim scenarios`: list the scenarios that come with cpsim."""

from __future__ import annotations

import json

import click

from cpsim.cli._lines import write_scenario
from cpsim.cli._table import print_table


@click.command()
@click.argument("words", metavar="[WORD]...", nargs=-1)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the list as JSON: name, year, claims, question and file."
)
def scenarios(words: tuple[str, ...], as_json: bool) -> None:
    """List the scenarios that come with cpsim, or those that mention all WORDs, in any order and spelling.

    They are in order of the year of their first event. Each scenario asks a question and tests claims; `cpsim explain
    claims` lists the claims. Below the list are the commands that run one and that start a file from it: with WORDs,
    the one that fits them best.
    """
    from cpsim.scenario.library import create_topic, list_shipped_scenarios
    from cpsim.scenario.search import describe_nothing_found, select_topics

    shipped = list_shipped_scenarios()
    found, best = [*shipped.values()], "NAME"
    if words:
        topics = [create_topic(scenario) for scenario in found]
        hits = select_topics(words, topics)
        if not hits:
            raise click.BadArgumentUsage(describe_nothing_found(words, topics, "no scenario"))
        found, best = [shipped[topic.name] for topic in hits], hits[0].name
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
        click.echo(f"\n{write_scenario(best)}\ncpsim new my_scenario --from {best}")
