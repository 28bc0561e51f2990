"""`cpsim scenarios`: what can be run without writing anything."""

import json

import click

from cpsim.cli._table import show_table


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects: name, question, file.")
def scenarios(as_json: bool) -> None:
    """List the scenarios that come with cpsim and the question that each asks."""
    from cpsim.scenario.read import load, shipped

    listed = [
        {"name": name, "question": load(file).question, "file": str(file)} for name, file in shipped().items()
    ]
    if as_json:
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
    else:
        show_table(("name", "question"), [(row["name"], row["question"]) for row in listed])
