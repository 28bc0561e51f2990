"""`cpsim show`: an authority, or two beside each other, live before a class."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import socket

    from cpsim.visualiser.classroom import Show


_LIBRARIES = ("solara", "solara-assets", "altair")
"""What `cpsim[viz]` brings and the rest of cpsim does not need; Mesa's page imports the last of them unasked."""


class _CannotShow(click.ClickException):
    """What was asked for cannot be shown here."""

    exit_code = 2


@click.command()
@click.argument("scenario", required=False)
@click.argument("other", required=False)
@click.option(
    "--lesson", metavar="NAME",
    help="Show a lesson of fifty minutes instead of SCENARIO: jigsaw, merger or duty, or a file of your own.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0),
    help="The seed with which the show begins; another can be chosen on the page.  [default: 1, or the lesson's]",
)  # fmt: skip
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True,
    help="Override one setting, of both scenarios if there are two; may be repeated.",
)  # fmt: skip
@click.option(
    "--from", "opens", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
    help="The day on which the show opens.  [default: a year before the years that are judged]",
)  # fmt: skip
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes any that is free."
)
@click.option(
    "--host", default="127.0.0.1", show_default=True,
    help="The address to listen at; by default only this machine reaches it.",
)  # fmt: skip
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
def show(
    scenario: str | None,
    other: str | None,
    lesson: str | None,
    seed: int | None,
    overrides: tuple[str, ...],
    opens: dt.datetime | None,
    port: int,
    host: str,
    no_open: bool,
) -> None:
    """Show SCENARIO live in a browser: its network, what it misses, and controls for a class; Ctrl-C ends it.

    With OTHER, two scenarios live side by side on the same children.
    """
    _check_libraries()
    if lesson is None and scenario is not None:
        show = _show(scenario, other, 1 if seed is None else seed, overrides, opens.date() if opens else None)
    elif lesson is not None and scenario is None and opens is None:
        show = _lesson(lesson, seed, overrides)
    else:
        raise click.UsageError(
            "Name a scenario, or a lesson with --lesson, which has its own and its own day."
        )
    from cpsim.visualiser.server import is_loopback, open_browser, serve

    bound = _listening(host, port)
    if not is_loopback(bound):
        click.echo(
            f"Warning: {host} is not this machine alone. Anybody on the network can open this page and use it.",
            err=True,
        )

    def ready(address: str) -> None:
        click.echo(f"Showing {show.name} at {address} Press Ctrl-C to end it.")
        if not no_open:
            open_browser(address)

    click.echo("Preparing the page ...", err=True)
    serve(show, bound, ready)


def _check_libraries() -> None:
    """Make sure that what the page is made of is there, its front end included."""
    for library in _LIBRARIES:
        try:
            distribution(library)
        except PackageNotFoundError:
            raise _CannotShow(
                f"the demo needs some more libraries, {library} for one: pip install 'cpsim[viz]'"
            ) from None


def _show(
    scenario: str, other: str | None, seed: int, overrides: tuple[str, ...], opens: dt.date | None
) -> Show:
    from cpsim.scenario.read import load
    from cpsim.visualiser.classroom import Show, check_same_children, week_of_opening
    from cpsim.visualiser.past import Pasts

    scenarios = tuple(load(name, overrides) for name in (scenario, other) if name is not None)
    try:
        check_same_children(scenarios[0], scenarios[-1])
        return Show(scenarios, seed, week_of_opening(scenarios[0], opens), Pasts())
    except ValueError as error:
        raise _CannotShow(str(error)) from error


def _lesson(name: str, seed: int | None, overrides: tuple[str, ...]) -> Show:
    from cpsim.scenario.clock import warm_up_weeks
    from cpsim.visualiser.classroom import Show
    from cpsim.visualiser.lessons import load_lesson
    from cpsim.visualiser.past import Pasts

    lesson = load_lesson(name)
    scenarios = lesson.systems(overrides)
    opens = warm_up_weeks(scenarios[0].clock)
    return Show(scenarios, lesson.seed if seed is None else seed, opens, Pasts(), lesson)


def _listening(host: str, port: int) -> socket.socket:
    from cpsim.visualiser.server import PortTaken, listening

    try:
        return listening(host, port)
    except PortTaken as error:
        raise _CannotShow(str(error)) from error
    except OSError as error:
        raise _CannotShow(f"cannot listen at {host}, port {port}: {error.strerror or error}") from error
