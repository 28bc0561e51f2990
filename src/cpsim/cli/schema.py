"""`cpsim schema`: the scenario language for editors and programs."""

import json

import click


@click.command()
def schema() -> None:
    """Print JSON Schema for scenario files."""
    from cpsim.scenario.read import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
