"""`cpsim story`: print the story of one synthetic child, like the chronology of a serious case review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cpsim.cli._numbers import WholeNumber
from cpsim.cli._output import LOAD_ANYWAY, InputError, format_path, render_for_terminal, report_output_errors
from cpsim.cli._progress import show_week_progress
from cpsim.cli._seeds import parse_seed
from cpsim.cli._stop import Stopped, raise_on_signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpsim.results.story import Stories
    from cpsim.stories.story import Source


@click.command()
@click.argument("run_or_scenario")
@click.argument("other", required=False)
@click.option(
    "--child", type=WholeNumber(min=0), metavar="ID", help="Number of the child, as in spells.parquet."
)
@click.option(
    "--find", metavar="RULE",
    help="Choose the child by a rule: missed, protected, newly-reached or newly-missed (these two need OTHER), "
    "jigsaw, assessed-neither, lost-in-transit, screened-out and others; an unknown rule lists all.  [default: missed]",
)  # fmt: skip
@click.option(
    "--nth",
    type=WholeNumber(min=1),
    metavar="N",
    default=1,
    show_default=True,
    help="Number of the child among those that match the rule.",
)
@click.option(
    "--seed",
    type=parse_seed,
    metavar="N",
    help="Seed of the run; the same seed gives the same children.  [default: 1]",
)
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True,
    help="Override one setting in every scenario; may be repeated.",
)  # fmt: skip
@click.option(
    "--full",
    is_flag=True,
    help="Show everything from a year before week 0, not only a year before and after.",
)
@click.option("--anyway", is_flag=True, help=LOAD_ANYWAY)
@click.option("--json", "as_json", is_flag=True, help="Print the story as JSON and nothing else.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Also write the story and its timeline to this new folder.",
)  # fmt: skip
def story(
    run_or_scenario: str,
    other: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
    out: Path | None,
    **which: Any,
) -> None:
    """Print the story of one synthetic child.

    With OTHER, prints the stories of the same child in RUN_OR_SCENARIO and in OTHER side by side. Each is the folder
    of a run, the name of a scenario that comes with cpsim, or a YAML file. The story gives the signs and who noticed
    them, the evidence on file, the messages, and the decisions with their reasons.
    """
    try:
        with raise_on_signal() as check, report_output_errors():
            stories = _build_and_save(
                [run_or_scenario, *([other] if other else [])], overrides, which, out, as_json, check
            )
            click.echo(stories.to_json() if as_json else f"\n{render_for_terminal(stories)}", nl=False)
            if out is not None and not as_json:
                click.echo(
                    f"\nWrote {format_path(out)}. Open {format_path(out / 'timeline.png')}.\n", nl=False
                )
    except Stopped as stopped:
        click.echo("Stopped.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None


def _build_and_save(
    named: list[str],
    overrides: tuple[str, ...],
    which: dict[str, Any],
    out: Path | None,
    as_json: bool,
    check: Callable[[], None],
) -> Stories:
    """Run the scenarios, build the stories and save them; the target folder is checked first."""
    from cpsim.network.graphml import NetworkFileError
    from cpsim.results.folder import check_target
    from cpsim.stories.story import StoryUnavailable
    from cpsim.stories.story import story as tell

    if out is not None:
        check_target(out)
    sources = [_load_source(name, overrides) for name in named]
    with show_week_progress(shown=not as_json) as show:

        def on_week(done: int, total: int) -> None:
            check()
            show(done, total)

        try:
            stories = tell(*sources, **which, on_week=on_week)
        except (StoryUnavailable, NetworkFileError) as error:
            raise InputError(str(error)) from error
        if out is not None:
            stories.save(out, lambda folder: _draw_timeline(stories, folder))
    return stories


def _load_source(name: str, overrides: tuple[str, ...]) -> Source:
    """Load a scenario with its overrides, or return the folder of a run, which allows no overrides."""
    from cpsim.scenario.read import load
    from cpsim.stories.story import is_run_folder

    if not is_run_folder(name):
        return load(name, overrides)
    if overrides:
        raise InputError(f"{name} is the folder of a finished run; use --set only with scenarios")
    return name


def _draw_timeline(stories: Stories, folder: Path) -> None:
    from cpsim import plot

    figure = plot.timeline(*stories)
    for suffix in ("png", "svg"):
        plot.save(figure, folder / f"timeline.{suffix}")
