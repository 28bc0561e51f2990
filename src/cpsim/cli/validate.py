"""`cpsim validate`: check scenario files without running them."""

import click


@click.command()
@click.argument("scenarios", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True, help="Override one setting; may be repeated."
)
def validate(scenarios: tuple[str, ...], overrides: tuple[str, ...]) -> None:
    """Check scenario files, and the files that they name, without running them.

    Prints `ok` for each valid file, with a line for each event that is not in play, and all errors of the others with
    line and column; the exit code is then 2.
    """
    from cpsim.cli._in_play import list_remarks
    from cpsim.scenario.problems import ScenarioError
    from cpsim.scenario.read import load_with_places
    from cpsim.scenario.text import escape_unsafe

    faulty = False
    for scenario in scenarios:
        try:
            loaded, settings = load_with_places(scenario, overrides)
            if loaded.network.graphml is not None:
                from cpsim.network.graphml import check_own_network

                check_own_network(loaded, settings)
            if loaded.primary_outcome is not None:
                from cpsim.experiment.outcomes import check_primary_outcome

                check_primary_outcome(loaded, settings)
        except ScenarioError as error:
            faulty = True
            click.echo(str(error), err=True)
        else:
            click.echo(f"{escape_unsafe(scenario)}: ok")
            for remark in list_remarks(loaded):
                click.echo(f"  {remark}")
    if faulty:
        raise click.exceptions.Exit(2)
