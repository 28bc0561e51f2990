"""`cpsim run`: run a scenario and write a folder of results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cpsim.cli._cache import cache_option
from cpsim.cli._engine import EngineOptions, engine_options
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
    write_figures,
)
from cpsim.cli._progress import show_status, show_week_progress
from cpsim.cli._seeds import parse_seed
from cpsim.cli._stop import Stopped, raise_on_signal
from cpsim.cli._tiles import print_estimate, run_in_tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cpsim.present.run_answer import CompareLine
    from cpsim.results import RunResult
    from cpsim.results.attribution import Attribution
    from cpsim.scenario.schema import Scenario

    OnWeek = Callable[[int, int], None]

_OWN = ("name", "question", "claims")
"""Settings that a comparison cannot override in both scenarios."""


def _check_orders(context: click.Context, option: click.Parameter, orders: int) -> int:
    given = context.get_parameter_source("orders") is not click.core.ParameterSource.DEFAULT
    if given and not context.params["attributes"]:
        raise click.BadParameter("use --orders only with --attribute", param=option)
    if orders % 2:
        raise click.BadParameter(
            f"orders are sampled in pairs; give an even number, not {orders}", param=option
        )
    return orders


@click.command()
@click.argument("scenario")
@click.option(
    "--seed", type=parse_seed, metavar="N", default=1, show_default=True,
    help="Seed of the run; the same seed gives the same children under every scenario.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="New folder for the results, or one in tiles to be continued.  "
    "[default: runs/<name>-seed<seed>, numbered if that exists]",
)  # fmt: skip
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True, help="Override one setting; may be repeated."
)
@click.option(
    "--attribute", "attributes", is_flag=True, is_eager=True,
    help="Also attribute missed spells to stages, by rerunning the evaluated years with perfect stages.",
)  # fmt: skip
@click.option(
    "--orders", type=WholeNumber(2, 720), default=720, show_default=True, callback=_check_orders,
    help="With --attribute: number of orders of the stages; all 720 take 64 runs, 12 take about 40.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print summary.json and nothing else.")
@click.option("--quiet", is_flag=True, help="Print only the path of the folder.")
@cache_option
@click.option("--no-figures", is_flag=True, help="Write no figures and no report.")
@click.option("--dry-run", is_flag=True, help="Only estimate the time and the memory.")
@engine_options
def run(
    scenario: str,
    seed: int,
    out: Path | None,
    overrides: tuple[str, ...],
    attributes: bool,
    orders: int,
    as_json: bool,
    quiet: bool,
    no_figures: bool,
    dry_run: bool,
    **engine: Any,
) -> None:
    """Run SCENARIO and write its results.

    SCENARIO is the name of a scenario that comes with cpsim, such as baseline, or a YAML file. Prints missed risks,
    harm, assessments, workload and cost, then writes a folder with tables, figures and report.html. The folder is
    written completely or not at all.

    A scenario in tiles, such as england, is run on several processes or a cluster, which the options from --workers on
    choose. If it is interrupted, repeat the command to continue it.
    """
    from cpsim.scenario.tiles import is_tiled

    options = EngineOptions(**engine)
    shown, figures = not (quiet or as_json), not no_figures
    try:
        with raise_on_signal() as check, report_output_errors():
            settings = _load(scenario, overrides, options, attributes=attributes, dry_run=dry_run)
            print_remarks({settings.name: settings})
            if dry_run:
                print_estimate(settings, seed, options, as_json=as_json)
                return
            line = find_compare_line(scenario, overrides, settings)
            if is_tiled(settings):
                run_in_tiles(
                    settings, seed, out, options, line, as_json=as_json, quiet=quiet, figures=figures
                )
                return
            sampled = orders if attributes else None
            result, folder = _run_and_save(
                settings, seed, out, sampled, check, line, shown=shown, figures=figures
            )
            if as_json:
                click.echo(result.summary_to_json(), nl=False)
            elif quiet:
                click.echo(format_path(folder))
            else:
                report = f" Open {format_path(folder / REPORT)}." if figures else ""
                click.echo(f"\nWrote {format_path(folder)}.{report}")
    except Stopped as stopped:
        click.echo("Stopped.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None


def _load(
    scenario: str, overrides: tuple[str, ...], options: EngineOptions, *, attributes: bool, dry_run: bool
) -> Scenario:
    """Load the scenario, and check the options that depend on whether it is in tiles.

    Raises:
        click.UsageError: an option cannot be used with it.
    """
    from cpsim.scenario.read import load
    from cpsim.scenario.tiles import is_tiled

    settings = load(scenario, overrides)
    if is_tiled(settings) and attributes:
        raise click.UsageError("--attribute cannot be used with a scenario in tiles")
    if options.given and not (is_tiled(settings) or dry_run):
        raise click.UsageError(
            "this scenario is a single run; only one in tiles, such as england, can use --workers, --engine and the "
            "options of a cluster"
        )
    return settings


def find_compare_line(scenario: str, overrides: tuple[str, ...], settings: Scenario) -> CompareLine:
    """Find the line that compares a scenario with the one that it extends, in the names that the user gave.

    With settings that only this run has, the reference is the scenario without them.

    Args:
        scenario: name or path of the scenario, as the user gave it.
        overrides: settings that the user overrode, each `path=value`.
        settings: the scenario with these settings.
    """
    from cpsim.present.run_answer import CompareLine
    from cpsim.scenario.references import find_reference

    changed = any(override.startswith("timeline") for override in overrides)
    if changed or (overrides and not settings.timeline):
        return CompareLine(scenario)
    common = tuple(each for each in overrides if not each.startswith(_OWN))
    return CompareLine(find_reference(scenario), scenario, common)


def _run_and_save(
    settings: Scenario,
    seed: int,
    out: Path | None,
    orders: int | None,
    check: Callable[[], None],
    line: CompareLine,
    *,
    shown: bool,
    figures: bool,
) -> tuple[RunResult, Path]:
    """Run, print the answer if `shown`, and save; the target is checked first, so that a long run is not lost."""
    from cpsim.present.display import format_for_terminal
    from cpsim.results.folder import check_target

    check_target(out or next(_generate_names(settings.name, seed)))
    with show_week_progress(shown=shown) as show:
        result = _run_model(settings, seed, _add_check(check, show))
    check()
    with print_first(f"\n{render_for_terminal(format_for_terminal(result, line))}" if shown else ""):
        attribution = None if orders is None else _attribute(settings, seed, orders, check, shown=shown)
        with (
            print_first(f"\n{render_for_terminal(attribution)}" if attribution and shown else ""),
            show_status("Drawing the figures" if figures else "Saving the tables", shown=shown),
        ):
            return result, _save(result, attribution, out, line, figures=figures)


def _run_model(settings: Scenario, seed: int, on_week: OnWeek) -> RunResult:
    from cpsim.network.graphml import NetworkFileError
    from cpsim.simulation import run as run_model

    try:
        return run_model(settings, seed, on_week)
    except NetworkFileError as error:
        raise InputError(str(error)) from error


def _attribute(
    settings: Scenario, seed: int, orders: int, check: Callable[[], None], *, shown: bool
) -> Attribution:
    from cpsim.attribution.attribute import attribute

    with show_week_progress(shown=shown, task_name="Rerunning the years with perfect stages") as show:
        attribution = attribute(settings, [seed], orders, on_week=_add_check(check, show))
    check()
    return attribution


def _add_check(check: Callable[[], None], show: OnWeek) -> OnWeek:
    """Combine the check for a signal with the update of the progress bar."""

    def on_week(done: int, total: int) -> None:
        check()
        show(done, total)

    return on_week


def _save(
    result: RunResult,
    attribution: Attribution | None,
    out: Path | None,
    line: CompareLine,
    *,
    figures: bool,
) -> Path:
    """Write the folder `out`, or the first free one in `runs/`."""

    def extra(folder: Path) -> None:
        if figures:
            write_figures(result, folder, attribution, line=line)
        if attribution is not None:
            attribution.save(folder)
        if attribution is not None and figures:
            _write_readings(attribution, folder / "figures")

    names = _generate_names(result.scenario["name"], result.seed)
    return save_in_free_folder(lambda folder: result.save(folder, extra), out, names)


def _write_readings(attribution: Attribution, folder: Path) -> None:
    from cpsim.plot.attribution_readings import readings
    from cpsim.plot.saving import save_both

    save_both(readings(attribution), folder, "readings")


def _generate_names(name: str, seed: int) -> Iterator[Path]:
    return generate_free_names("runs", name, f"-seed{seed}")
