"""`cpsim plan`: what happens in a week, in order."""

import click

from cpsim.cli._table import show_table


@click.command()
@click.argument("scenario")
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True, help="Override one setting; may be repeated."
)
def plan(scenario: str, overrides: tuple[str, ...]) -> None:
    """Print the week of SCENARIO: its steps in order, and the dates on which its rules change."""
    from cpsim.model import PLAN
    from cpsim.scenario.read import load

    settings = load(scenario, overrides)
    rows = [(str(number), step.name, step.says) for number, step in enumerate(PLAN, start=1)]
    show_table(("", "step", "what it does"), rows, right=("",))
    if settings.timeline:
        click.echo()
        show_table(
            ("from", "lever", "settings"),
            [_dated(event.model_dump(mode="json")) for event in settings.timeline],
        )


def _dated(event: dict[str, object]) -> tuple[str, str, str]:
    date, lever = event.pop("date"), event.pop("lever")
    settings = (
        f"{name} {', '.join(value) if isinstance(value, list) else value}"
        for name, value in event.items()
        if value is not None
    )
    return str(date), str(lever), "; ".join(settings)
