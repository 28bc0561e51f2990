"""`cpsim story`: one synthetic child's story, as a serious case review would set it out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cpsim.cli._output import WrongInput, on_paper, output_faults_as_bad_input, say
from cpsim.cli._progress import weeks_with_time_left
from cpsim.cli._stop import Stopped, stoppable

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpsim.results.story import Stories
    from cpsim.study.story import Source


@click.command()
@click.argument("run_or_scenario")
@click.argument("other", required=False)
@click.option("--child", type=int, metavar="ID", help="Row of the child, as in spells.parquet.")
@click.option(
    "--find", metavar="WORD",
    help="Choose the child by a rule: missed, protected, rescued or lost (these two need OTHER), jigsaw, false-alarm, "
    "lost-in-transit, screened-out and others; a word that does not exist lists them all.  [default: missed]",
)  # fmt: skip
@click.option("--nth", type=int, default=1, show_default=True, help="Which of those found.")
@click.option(
    "--seed", type=click.IntRange(min=0), help="The same seed grows the same children.  [default: 1]"
)
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True,
    help="Override one setting of every scenario; may be repeated.",
)  # fmt: skip
@click.option("--whole", is_flag=True, help="Tell all that is known, not only a year before and after.")
@click.option("--json", "as_json", is_flag=True, help="Print the story as JSON and nothing else.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Also write the story and its timeline there; must not exist.",
)  # fmt: skip
def story(
    run_or_scenario: str,
    other: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
    out: Path | None,
    **which: Any,
) -> None:
    """Tell the story of one child of RUN_OR_SCENARIO, side by side with OTHER if that is given.

    Both are the folder of a run, the name of a scenario that comes with cpsim, or a YAML file. The story says who saw
    what and when, what lay on whose file, what was sent, what arrived, what was decided, and why.
    """
    try:
        with stoppable() as check, output_faults_as_bad_input():
            told = _tell(
                [run_or_scenario, *([other] if other else [])], overrides, which, out, as_json, check
            )
            say(told.to_json() if as_json else f"\n{on_paper(told)}")
            if out is not None and not as_json:
                say(f"\nWrote {out}. Open {out / 'timeline.png'}.\n")
    except Stopped as stopped:
        click.echo("Stopped.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None


def _tell(
    named: list[str],
    overrides: tuple[str, ...],
    which: dict[str, Any],
    out: Path | None,
    as_json: bool,
    check: Callable[[], None],
) -> Stories:
    """Run, tell and save; the place is looked at before."""
    from cpsim.network.graphml import NetworkFileError
    from cpsim.results.folder import check_target
    from cpsim.study.story import CannotTell
    from cpsim.study.story import story as tell

    if out is not None:
        check_target(out)
    sources = [_source(name, overrides) for name in named]
    with weeks_with_time_left(shown=not as_json) as show:

        def on_week(done: int, total: int) -> None:
            check()
            show(done, total)

        try:
            told = tell(*sources, **which, on_week=on_week)
        except (CannotTell, NetworkFileError) as error:
            raise WrongInput(str(error)) from error
        if out is not None:
            told.save(out, lambda folder: _draw(told, folder))
    return told


def _source(name: str, overrides: tuple[str, ...]) -> Source:
    """A scenario with its overrides, or the folder of a run, which takes none."""
    from cpsim.scenario.read import load
    from cpsim.study.story import is_folder

    if not is_folder(name):
        return load(name, overrides)
    if overrides:
        raise WrongInput(f"{name} is a run that is over; --set goes with a scenario")
    return name


def _draw(told: Stories, folder: Path) -> None:
    from cpsim import plot

    figure = plot.timeline(*told)
    for ending in ("png", "svg"):
        plot.save(figure, folder / f"timeline.{ending}")
