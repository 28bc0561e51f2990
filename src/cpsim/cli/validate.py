"""`cpsim validate`: check scenario files without running them."""

import click


@click.command()
@click.argument("scenarios", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True, help="Override one setting; may be repeated."
)
def validate(scenarios: tuple[str, ...], overrides: tuple[str, ...]) -> None:
    """Check scenario files without running them.

    Prints `ok` for each valid file, and all errors of the others with line and column; the exit code is then 2.
    """
    from cpsim.scenario.problems import ScenarioError
    from cpsim.scenario.read import load
    from cpsim.scenario.text import escape_unsafe

    problems = []
    for scenario in scenarios:
        try:
            load(scenario, overrides)
        except ScenarioError as error:
            problems += error.problems
            click.echo(str(error), err=True)
        else:
            click.echo(f"{escape_unsafe(scenario)}: ok")
    if problems:
        raise click.exceptions.Exit(2)
