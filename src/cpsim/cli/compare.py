"""`cpsim compare`: run several scenarios on the same seeds and compare their outcomes."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cpsim.cli._cache import cache_option
from cpsim.cli._in_play import print_remarks
from cpsim.cli._numbers import WholeNumber
from cpsim.cli._output import (
    REPORT,
    InputError,
    format_path,
    generate_free_names,
    print_first,
    render_for_terminal,
    report_output_errors,
    save_in_free_folder,
)
from cpsim.cli._progress import format_duration, show_comparison_progress, show_status
from cpsim.cli._seeds import parse_seed_count
from cpsim.cli._stop import Stopped, raise_on_signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cpsim.comparison.compare import ComparisonPlan, ComparisonProgress
    from cpsim.results import Comparison


def _parse_percentages(_: click.Context, __: click.Parameter, text: str) -> tuple[float, ...]:
    """Parse a list of percentages such as `1,2,4` into shares."""
    try:
        return tuple(float(part) / 100 for part in text.split(","))
    except ValueError as error:
        raise click.BadParameter("expected percentages separated by commas, such as 1,2,4") from error


@click.command()
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@click.option(
    "--seeds", type=parse_seed_count, metavar="N",
    help="Run every scenario with seeds 1 to N.  [default: as many as settle the primary outcome]",
)  # fmt: skip
@click.option(
    "--most-seeds", type=WholeNumber(min=10), metavar="N",
    help="Most seeds that are run to settle the primary outcome.  [default: 60]",
)  # fmt: skip
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True,
    help="Override one setting in every scenario; may be repeated.",
)  # fmt: skip
@click.option(
    "--prevalence", "prevalences", default="1,2,4", show_default=True, metavar="PERCENT,...",
    callback=_parse_percentages,
    help="Also compare with these percentages of children in harm if no one intervened.",
)  # fmt: skip
@click.option(
    "--no-prevalence",
    is_flag=True,
    help="Leave out the other prevalences; with the default 1,2,4 this is a quarter of the runs.",
)
@click.option(
    "--workers", type=WholeNumber(min=1), default=lambda: os.cpu_count() or 1, metavar="N",
    help="Number of worker processes.  [default: one per core]",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="New folder for the results.  [default: comparisons/<names>, numbered if that exists]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print comparison.json and nothing else.")
@click.option("--quiet", is_flag=True, help="Print only the path of the folder.")
@cache_option
@click.option("--no-figures", is_flag=True, help="Write no figures and no report.")
def compare(
    scenarios: tuple[str, ...],
    seeds: int | None,
    most_seeds: int | None,
    overrides: tuple[str, ...],
    prevalences: tuple[float, ...],
    no_prevalence: bool,
    workers: int,
    out: Path | None,
    as_json: bool,
    quiet: bool,
    no_figures: bool,
) -> None:
    """Compare scenarios with the first on the same seeds.

    A scenario is the name of one that comes with cpsim, or a YAML file. Prints the answer in a sentence, then what
    changed, what was not shown to change, and the price; then writes a folder with tables, figures and report.html. The
    folder is written completely or not at all.

    Ten seeds show how much the primary outcome varies (missed risk, unless a scenario names another), and so many are
    run as settle whether it differs by the smallest size of interest; --seeds fixes their number instead.
    """
    if seeds is not None and most_seeds is not None:
        raise click.UsageError(
            "--seeds fixes the number of seeds, so --most-seeds has no effect; leave one of them out"
        )
    try:
        with raise_on_signal() as check, report_output_errors():
            plan = _plan(scenarios, seeds, most_seeds, () if no_prevalence else prevalences, overrides)
            print_remarks(plan.arms)
            shown, figures = not (quiet or as_json), not no_figures
            comparison = _run(plan, workers, out, check, shown=shown)
            with (
                print_first(f"\n{render_for_terminal(comparison)}" if shown else ""),
                show_status("Drawing the figures" if figures else "Saving the tables", shown=shown),
            ):
                folder = _save(comparison, plan, out, figures=figures)
            if as_json:
                click.echo(comparison.to_json(), nl=False)
            elif quiet:
                click.echo(format_path(folder))
            else:
                report = f" Open {format_path(folder / REPORT)}." if figures else ""
                click.echo(f"\nWrote {format_path(folder)}.{report}")
    except Stopped as stopped:
        click.echo("Stopped.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None


def _plan(
    scenarios: tuple[str, ...],
    seeds: int | None,
    most_seeds: int | None,
    prevalences: tuple[float, ...],
    overrides: tuple[str, ...],
) -> ComparisonPlan:
    """Plan the runs, and report scenarios that cannot be compared before any run."""
    from cpsim.comparison.compare import MOST_SEEDS, ComparisonError, plan_comparison
    from cpsim.comparison.prevalence import PrevalenceUnreachable

    try:
        plan = plan_comparison(scenarios, seeds, prevalences, overrides, most_seeds=most_seeds or MOST_SEEDS)
        _ = plan.scenarios_by_prevalence
    except (ComparisonError, PrevalenceUnreachable) as error:
        raise InputError(str(error)) from error
    return plan


def _run(
    plan: ComparisonPlan, workers: int, out: Path | None, check: Callable[[], None], *, shown: bool
) -> Comparison:
    """Run all arms; the target folder is checked first, so that long runs are not lost."""
    from cpsim.comparison.compare import run_comparison
    from cpsim.parallel.engine import open_local_engine
    from cpsim.results.folder import check_target

    check_target(out or next(_generate_names(plan)))
    with _report_run_errors():
        if shown:
            _announce(plan, workers)

        def on_seeds(whole: ComparisonPlan, needed: int) -> None:
            if shown:
                _announce_seeds(whole, needed)

        with show_comparison_progress(shown=shown) as show:

            def on_progress(progress: ComparisonProgress) -> None:
                check()
                show(progress)

            comparison = run_comparison(plan, open_local_engine(workers), on_progress, on_seeds)
    check()
    return comparison


def _announce(plan: ComparisonPlan, workers: int) -> None:
    """Say how many runs there are, or how many in the first of two stages, and how long they may take."""
    from cpsim.formatting import format_count

    expected = format_duration(plan.estimate_seconds(workers))
    stage = "" if plan.most_seeds is None else f" for the first {len(plan.seeds)} seeds"
    click.echo(
        f"{format_count(plan.runs, 'run')}{stage}: about {expected} with "
        f"{format_count(workers, 'worker process', 'worker processes')} (an estimate)",
        err=True,
    )


def _announce_seeds(whole: ComparisonPlan, needed: int) -> None:
    """Say how many seeds are run in all, and if they are too few, how many would settle the answer."""
    from cpsim.formatting import format_count, format_decimals, format_interest, format_noun

    name, size = whole.primary.outcome, whole.primary.interest
    difference = f"a difference of {format_interest(name, size)} in {format_noun(name)}"
    seeds = len(whole.seeds)
    if needed > seeds:
        text = (
            f"{format_decimals(needed)} seeds would settle {difference}; {seeds} are run (--most-seeds "
            f"{needed} runs them all)"
        )
    else:
        text = f"{format_count(seeds, 'seed settles', 'seeds settle')} {difference}, and so many are run"
    click.echo(text, err=True)


@contextmanager
def _report_run_errors() -> Iterator[None]:
    """End the command if a network file does not fit, the worker processes fail or a run raises an error."""
    from cpsim.comparison.tasks import RunError
    from cpsim.network.graphml import NetworkFileError
    from cpsim.parallel.engine import EngineError

    try:
        yield
    except NetworkFileError as error:
        raise InputError(str(error)) from error
    except (EngineError, RunError) as error:
        raise click.ClickException(str(error)) from error


def _save(comparison: Comparison, plan: ComparisonPlan, out: Path | None, *, figures: bool) -> Path:
    """Write the folder `out`, or the first free one in `comparisons/`."""

    def draw(folder: Path) -> None:
        from cpsim.plot.figures import save_comparison_figures
        from cpsim.present.comparison_page import render_comparison_page

        page = render_comparison_page(comparison, save_comparison_figures(comparison, folder / "figures"))
        (folder / REPORT).write_text(page, encoding="utf-8", newline="\n")

    extra = draw if figures else None
    return save_in_free_folder(lambda folder: comparison.save(folder, extra), out, _generate_names(plan))


def _generate_names(plan: ComparisonPlan) -> Iterator[Path]:
    return generate_free_names(
        "comparisons", "-against-".join(["-".join(list(plan.arms)[1:]), next(iter(plan.arms))])
    )
