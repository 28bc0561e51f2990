"""`cpsim show`: run one or two scenarios live in a browser, for a class."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from cpsim.cli._numbers import WholeNumber
from cpsim.cli._output import InputError
from cpsim.cli._seeds import parse_seed
from cpsim.scenario.text import escape_unsafe

if TYPE_CHECKING:
    import socket

    from cpsim.live.session import Show


_LIBRARIES = ("solara", "solara-assets", "altair")
"""The libraries of `cpsim[viz]` that only the demo needs; the last is imported by Mesa's visualisation."""


@click.command()
@click.argument("scenario", required=False)
@click.argument("other", required=False)
@click.option(
    "--lesson", metavar="NAME",
    help="Show a 50-minute lesson instead of a scenario: jigsaw, merger, duty, or your own file.",
)  # fmt: skip
@click.option(
    "--seed", type=parse_seed, metavar="N",
    help="Seed of the run at the start; the page can change it.  [default: 1, or the seed of the lesson]",
)  # fmt: skip
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True,
    help="Override one setting in every scenario; may be repeated.",
)  # fmt: skip
@click.option(
    "--from", "opens", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
    help="Date at which the demo starts.  [default: a year before the evaluated years]",
)  # fmt: skip
@click.option(
    "--port",
    type=WholeNumber(0, 65535),
    default=8765,
    show_default=True,
    help="Port of the page; 0 chooses a free port.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True,
    help="Address to listen on; the default is reachable only from this machine.",
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
    """Run SCENARIO live in a browser, for a class.

    The page shows the network and the missed risks, and has controls for the class. Stop the command with Ctrl-C.

    With OTHER, run both scenarios side by side on the same children.
    """
    _check_libraries()
    if lesson is None and scenario is not None:
        show = _create_show(
            scenario, other, 1 if seed is None else seed, overrides, opens.date() if opens else None
        )
    elif lesson is not None and scenario is None and opens is None:
        show = _create_lesson_show(lesson, seed, overrides)
    else:
        raise click.UsageError(
            "Give either a scenario or --lesson; a lesson has its own scenarios and start date, so leave out --from."
        )
    from cpsim.browser.memory import choose_allocator
    from cpsim.browser.server import is_loopback, open_browser, serve

    bound = _open_socket(host, port)
    choose_allocator()
    if not is_loopback(bound):
        click.echo(
            f"Warning: {host} can be reached from the network. Anyone who can reach this machine can use the page.",
            err=True,
        )

    def ready(address: str) -> None:
        click.echo(f"Showing {escape_unsafe(show.name)} at {address} Press Ctrl-C to stop.")
        if not no_open:
            open_browser(address)

    click.echo("Preparing the page ...", err=True)
    serve(show, host, bound, ready)


def _check_libraries() -> None:
    """Check that the libraries of the demo are installed, with the assets of its page."""
    from importlib.metadata import PackageNotFoundError, distribution

    for library in _LIBRARIES:
        try:
            distribution(library)
        except PackageNotFoundError:
            raise InputError(
                f"the demo needs more libraries ({library} is missing): pip install 'cpsim[viz]'"
            ) from None


def _create_show(
    scenario: str, other: str | None, seed: int, overrides: tuple[str, ...], opens: dt.date | None
) -> Show:
    from cpsim.live.session import Show, check_same_children, find_opening_week
    from cpsim.live.shared_history import SharedHistories
    from cpsim.scenario.read import load

    scenarios = tuple(load(name, overrides) for name in (scenario, other) if name is not None)
    try:
        check_same_children(scenarios[0], scenarios[-1])
        return Show(scenarios, seed, find_opening_week(scenarios[0], opens), SharedHistories())
    except ValueError as error:
        raise InputError(str(error)) from error


def _create_lesson_show(name: str, seed: int | None, overrides: tuple[str, ...]) -> Show:
    from cpsim.lessons.lesson import LessonShow, load_lesson
    from cpsim.live.shared_history import SharedHistories
    from cpsim.scenario.clock import warm_up_weeks

    lesson = load_lesson(name)
    scenarios = lesson.load_systems(overrides)
    opens = warm_up_weeks(scenarios[0].clock)
    return LessonShow(scenarios, lesson.seed if seed is None else seed, opens, SharedHistories(), lesson)


def _open_socket(host: str, port: int) -> socket.socket:
    from cpsim.browser.server import PortTaken, bind_socket

    try:
        return bind_socket(host, port)
    except PortTaken as error:
        raise InputError(str(error)) from error
    except OSError as error:
        raise InputError(f"cannot listen on {host}, port {port}: {error.strerror or error}") from error
