"""`cpsim plan`: list the steps of a week in order."""

import click

from cpsim.cli._table import print_table


@click.command()
@click.argument("scenario")
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True, help="Override one setting; may be repeated."
)
def plan(scenario: str, overrides: tuple[str, ...]) -> None:
    """Print the steps of a week in SCENARIO, in order.

    The events of its timeline follow.
    """
    from cpsim.model import PLAN
    from cpsim.scenario.read import load

    settings = load(scenario, overrides)
    rows = [(str(number), step.name, step.description) for number, step in enumerate(PLAN, start=1)]
    print_table(("", "step", "what it does"), rows, right=("",))
    if settings.timeline:
        click.echo()
        print_table(
            ("from", "lever", "settings"),
            [_format_event(event.model_dump(mode="json")) for event in settings.timeline],
        )


def _format_event(event: dict[str, object]) -> tuple[str, str, str]:
    date, lever = event.pop("date"), event.pop("lever")
    settings = (
        f"{name} {', '.join(value) if isinstance(value, list) else value}"
        for name, value in event.items()
        if value is not None
    )
    return str(date), str(lever), "; ".join(settings)
