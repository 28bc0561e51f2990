"""`cpsim schema`: the languages of scenarios and experiments for editors and programs."""

import json

import click


@click.command()
@click.option("--experiment", is_flag=True, help="For experiment files instead.")
def schema(experiment: bool) -> None:
    """Print JSON Schema for scenario files."""
    if experiment:
        from cpsim.study.experiment import json_schema
    else:
        from cpsim.scenario.read import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
