"""`cpsim plan`: list the steps of a week in order, or the legal transitions of a child's case."""

import click

from cpsim.cli._table import print_table


@click.command()
@click.argument("scenario", required=False)
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True, help="Override one setting; may be repeated."
)
@click.option(
    "--transitions",
    is_flag=True,
    help="Print from which status to which a child's case can move, in which step and when; needs no SCENARIO.",
)
def plan(scenario: str | None, overrides: tuple[str, ...], transitions: bool) -> None:
    """Print the steps of a week in SCENARIO, in order.

    The columns that each stage reads and writes follow, the memory that a run needs, and the events of the timeline.
    """
    if transitions:
        if scenario is not None or overrides:
            raise click.UsageError(
                "--transitions is the same for all scenarios; leave out SCENARIO and --set"
            )
        _print_transitions()
        return
    if scenario is None:
        raise click.UsageError("Missing argument 'SCENARIO'.")
    from cpsim.scenario.memory import estimate_memory
    from cpsim.scenario.read import load
    from cpsim.simulation import PLAN
    from cpsim.stages.declarations import find_declaration

    settings = load(scenario, overrides)
    rows = [(str(number), step.name, step.description) for number, step in enumerate(PLAN, start=1)]
    print_table(("", "step", "what it does"), rows, right=("",))
    click.echo()
    print_table(
        ("stage", "reads", "writes"),
        [
            (stage.__qualname__, ", ".join(declared.reads), ", ".join(declared.writes))
            for step in PLAN
            for stage in step.stages
            for declared in [find_declaration(stage)]
        ],
        prose=2,
    )
    click.echo(f"\nA run needs {estimate_memory(settings)}.")
    if settings.timeline:
        click.echo()
        print_table(
            ("from", "lever", "settings"),
            [_format_event(event.model_dump(mode="json")) for event in settings.timeline],
        )


def _print_transitions() -> None:
    from cpsim.casework.state import STATUSES
    from cpsim.casework.transitions import TRANSITIONS

    rows = [(STATUSES[row.before], STATUSES[row.after], row.step, row.description) for row in TRANSITIONS]
    print_table(("from", "to", "step", "when"), rows)


def _format_event(event: dict[str, object]) -> tuple[str, str, str]:
    date, lever = event.pop("date"), event.pop("lever")
    settings = (
        f"{name} {', '.join(value) if isinstance(value, list) else value}"
        for name, value in event.items()
        if value is not None
    )
    return str(date), str(lever), "; ".join(settings)
