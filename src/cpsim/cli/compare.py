"""`cpsim compare`: several scenarios on the same seeds, and what differs between them."""

from __future__ import annotations

import os
from contextlib import contextmanager
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
from cpsim.cli._progress import duration, runs_with_time_left
from cpsim.cli._stop import Stopped, stoppable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cpsim.results import Comparison
    from cpsim.study.compare import Plan, Progress


def _shares(_: click.Context, __: click.Parameter, text: str) -> tuple[float, ...]:
    """The shares that a list of percentages such as `1,2,4` names."""
    try:
        return tuple(float(part) / 100 for part in text.split(","))
    except ValueError as error:
        raise click.BadParameter("expected percentages with commas between them, such as 1,2,4") from error


@click.command()
@click.argument("scenarios", nargs=-1, required=True)
@click.option(
    "--seeds", type=click.IntRange(min=1), default=20, show_default=True, metavar="N",
    help="Run every scenario on seeds 1 to N.",
)  # fmt: skip
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True,
    help="Override one setting in every scenario; may be repeated.",
)  # fmt: skip
@click.option(
    "--prevalence", "prevalences", default="1,2,4", show_default=True, metavar="PERCENT,...", callback=_shares,
    help="Show the answer also where so many of 100 children are in significant harm if nobody intervened.",
)  # fmt: skip
@click.option(
    "--no-prevalence",
    is_flag=True,
    help="Leave that out: a quarter of the runs for 1,2,4, so a quarter of the time.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), default=lambda: os.cpu_count() or 1, metavar="N",
    help="Processes that run at the same time.  [default: one for each core]",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Folder to write; must not exist.  [default: comparisons/<names>, numbered if that is taken]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print comparison.json and nothing else.")
@click.option("--quiet", is_flag=True, help="Print only the name of the folder.")
@click.option("--no-figures", is_flag=True, help="Leave the figures and the report out.")
def compare(
    scenarios: tuple[str, ...],
    seeds: int,
    overrides: tuple[str, ...],
    prevalences: tuple[float, ...],
    no_prevalence: bool,
    workers: int,
    out: Path | None,
    as_json: bool,
    quiet: bool,
    no_figures: bool,
) -> None:
    """Run SCENARIOS on the same seeds and compare each with the first.

    A scenario is the name of one that comes with cpsim, or a YAML file. Prints what differs, how many children are
    caught who were missed and the reverse, and what cannot be said; and writes a folder with the tables and figures
    behind it and report.html, a page to read and to hand in: whole, or not at all.
    """
    try:
        with stoppable() as check, output_faults_as_bad_input():
            plan = _planned(scenarios, seeds, () if no_prevalence else prevalences, overrides)
            shown = not (quiet or as_json)
            comparison, folder = _compared(plan, workers, out, check, shown=shown, figures=not no_figures)
            if as_json:
                say(comparison.json())
            elif quiet:
                say(f"{folder}\n")
            else:
                report = "" if no_figures else f" Open {folder / REPORT}."
                say(f"\n{on_paper(comparison)}\nWrote {folder}.{report}\n")
    except Stopped as stopped:
        click.echo("Stopped.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None


def _planned(
    scenarios: tuple[str, ...], seeds: int, prevalences: tuple[float, ...], overrides: tuple[str, ...]
) -> Plan:
    """What is to be run; what makes no comparison is found before any work."""
    from cpsim.study.compare import CannotCompare, planned
    from cpsim.study.prevalence import Unreachable

    try:
        plan = planned(scenarios, seeds, prevalences, overrides)
        _ = plan.worlds
    except (CannotCompare, Unreachable) as error:
        raise WrongInput(str(error)) from error
    return plan


def _compared(
    plan: Plan, workers: int, out: Path | None, check: Callable[[], None], *, shown: bool, figures: bool
) -> tuple[Comparison, Path]:
    """Run and save; the place is looked at before, so that nobody waits for a folder that cannot be written."""
    from cpsim.results.folder import check_target
    from cpsim.study.compare import carried_out
    from cpsim.study.engine import local

    check_target(out or next(_free_names(plan)))
    with _faults_of_runs_told():
        if shown:
            expected = duration(plan.expected_seconds(workers))
            click.echo(f"{plan.runs:,} runs: about {expected} with {workers} workers (an estimate)", err=True)
        with runs_with_time_left(shown=shown) as show:

            def on_progress(progress: Progress) -> None:
                check()
                show(progress)

            comparison = carried_out(plan, local(workers), on_progress)
    check()
    return comparison, _save(comparison, plan, out, figures=figures)


@contextmanager
def _faults_of_runs_told() -> Iterator[None]:
    """End the command where a network does not fit, the workers have gone, or a run raises."""
    from cpsim.network.graphml import NetworkFileError
    from cpsim.study.engine import EngineFailed
    from cpsim.study.lived import RunFailed

    try:
        yield
    except NetworkFileError as error:
        raise WrongInput(str(error)) from error
    except (EngineFailed, RunFailed) as error:
        raise click.ClickException(str(error)) from error


def _save(comparison: Comparison, plan: Plan, out: Path | None, *, figures: bool) -> Path:
    """Write the folder `out`, or the first free one under `comparisons/`."""

    def draw(folder: Path) -> None:
        from cpsim.plot.figures import save_comparison_figures
        from cpsim.report import comparison_page

        save_comparison_figures(comparison, folder / "figures")
        (folder / REPORT).write_text(comparison_page(comparison), encoding="utf-8", newline="\n")

    extra = draw if figures else None
    return saved(lambda folder: comparison.save(folder, extra), out, _free_names(plan))


def _free_names(plan: Plan) -> Iterator[Path]:
    return free_names("comparisons", "-against-".join(["-".join(list(plan.arms)[1:]), next(iter(plan.arms))]))
