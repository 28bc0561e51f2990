"""`cpsim run`: one local authority, from its scenario to a folder of results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cpsim.cli._output import (
    REPORT,
    WrongInput,
    free_names,
    on_paper,
    output_faults_as_bad_input,
    saved,
    say,
)
from cpsim.cli._progress import weeks_with_time_left
from cpsim.cli._stop import Stopped, stoppable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from cpsim.results import RunResult


@click.command()
@click.argument("scenario")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True,
    help="The same seed grows the same children under every scenario.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Folder to write; must not exist.  [default: runs/<name>-seed<seed>, numbered if that is taken]",
)  # fmt: skip
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True, help="Override one setting; may be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="Print summary.json and nothing else.")
@click.option("--quiet", is_flag=True, help="Print only the name of the folder.")
@click.option("--no-figures", is_flag=True, help="Leave the figures and the report out.")
def run(
    scenario: str,
    seed: int,
    out: Path | None,
    overrides: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    no_figures: bool,
) -> None:
    """Simulate SCENARIO: the name of one that comes with cpsim, such as baseline, or a YAML file.

    Prints what the system missed, beside its false alarms, workload and cost, and writes a folder with the tables and
    figures behind it and report.html, a page to read and to hand in: whole, or not at all.
    """
    try:
        with stoppable() as check, output_faults_as_bad_input():
            progress = weeks_with_time_left(shown=not (quiet or as_json))
            result, folder = _run(scenario, seed, out, overrides, progress, check, figures=not no_figures)
            if as_json:
                say(result.summary_json())
            elif quiet:
                say(f"{folder}\n")
            else:
                say(_page(result, folder, figures=not no_figures))
    except Stopped as stopped:
        click.echo("Stopped.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None


def _run(
    scenario: str,
    seed: int,
    out: Path | None,
    overrides: tuple[str, ...],
    progress: AbstractContextManager[Callable[[int, int], None]],
    check: Callable[[], None],
    *,
    figures: bool,
) -> tuple[RunResult, Path]:
    """Run and save; the place is looked at before, so that nobody waits for a folder that cannot be written."""
    from cpsim.results.folder import check_target
    from cpsim.scenario.read import load

    settings = load(scenario, overrides)
    check_target(out or next(_free_names(settings.name, seed)))
    with progress as show:
        from cpsim.model import run as run_model
        from cpsim.network.graphml import NetworkFileError

        def on_week(done: int, total: int) -> None:
            check()
            show(done, total)

        try:
            result = run_model(settings, seed, on_week)
        except NetworkFileError as error:
            raise WrongInput(str(error)) from error
        check()
        return result, _save(result, out, figures=figures)


def _save(result: RunResult, out: Path | None, *, figures: bool) -> Path:
    """Write the folder `out`, or the first free one under `runs/`."""

    def draw(folder: Path) -> None:
        from cpsim.plot.figures import save_figures
        from cpsim.report import run_page

        save_figures(result, folder / "figures")
        (folder / REPORT).write_text(run_page(result), encoding="utf-8", newline="\n")

    extra = draw if figures else None
    names = _free_names(result.scenario["name"], result.seed)
    return saved(lambda folder: result.save(folder, extra), out, names)


def _free_names(name: str, seed: int) -> Iterator[Path]:
    return free_names("runs", name, f"-seed{seed}")


def _page(result: RunResult, folder: Path, *, figures: bool) -> str:
    """The summary and where to look next."""
    report = f" Open {folder / REPORT}." if figures else ""
    return f"\n{on_paper(result)}\nWrote {folder}.{report}\n"
