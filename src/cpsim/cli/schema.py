"""`cpsim schema`: JSON Schema of scenario and experiment files, for editors and programs."""

import json

import click


@click.command()
@click.option("--experiment", is_flag=True, help="Print the schema of experiment files instead.")
def schema(experiment: bool) -> None:
    """Print the JSON Schema of scenario files."""
    if experiment:
        from cpsim.experiment.definition import build_json_schema
    else:
        from cpsim.scenario.read import build_json_schema

    click.echo(json.dumps(build_json_schema(), indent=2, ensure_ascii=False))
