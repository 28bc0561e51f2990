"""`cpsim run` of a scenario in tiles, and the estimate of any run."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cpsim.cli._output import (
    REPORT,
    InputError,
    format_path,
    print_first,
    render_for_terminal,
    report_output_errors,
    report_run_errors,
    write_figures,
)
from cpsim.cli._progress import format_duration, show_status, show_tile_progress
from cpsim.cli._stop import Stopped, defer_signals, raise_on_signal
from cpsim.scenario.text import escape_unsafe

if TYPE_CHECKING:
    from cpsim.cli._engine import EngineOptions
    from cpsim.present.run_answer import CompareLine
    from cpsim.scenario.schema import Scenario
    from cpsim.tiles import JoinedTiles, TileProgress
    from cpsim.tiles.estimate import TilesEstimate


def run_in_tiles(
    settings: Scenario,
    seed: int,
    out: Path | None,
    options: EngineOptions,
    line: CompareLine,
    *,
    as_json: bool,
    quiet: bool,
    figures: bool,
) -> None:
    """Run the tiles that are not yet saved, join all, print the results and write the tables and the report."""
    from cpsim.results.folder import make_file_stem

    folder = out or Path("runs") / f"{make_file_stem(settings.name)}-seed{seed}"
    shown = not (quiet or as_json)
    progress = _run(settings, seed, folder, options, shown=shown)
    with raise_on_signal(), report_output_errors():
        try:
            joined = _join_and_save(settings, seed, progress, line, shown=shown, figures=figures)
        except Stopped as stopped:
            click.echo(f"Stopped. {_format_saved(progress)}; repeat the command to join them.", err=True)
            raise click.exceptions.Exit(stopped.exit_code) from None
    _report_failures(progress)
    if joined.result is None:
        raise click.exceptions.Exit(1)
    if as_json:
        click.echo(joined.result.summary_to_json(), nl=False)
    elif quiet:
        click.echo(format_path(folder))
    else:
        report = f" Open {format_path(folder / 'joined' / REPORT)}." if figures else ""
        click.echo(f"\n{_format_saved(progress)}.{report}")


def _run(settings: Scenario, seed: int, folder: Path, options: EngineOptions, *, shown: bool) -> TileProgress:
    """Run the tiles until all are done or a signal arrives; finished tiles are saved in both cases."""
    from cpsim.tiles import run_tiles

    saved = f"\nTiles that are saved in {format_path(folder)} are not repeated by the same command."
    with (
        report_run_errors(lambda: saved),
        defer_signals() as find_signal,
        show_tile_progress(shown=shown) as on_progress,
    ):
        progress = run_tiles(
            settings,
            folder,
            seed,
            options.open() if options.given else None,
            on_progress=on_progress,
            stop=lambda: find_signal() is not None,
        )
    for sentence in progress.set_aside:
        click.echo(escape_unsafe(sentence), err=True)
    if progress.stopped and (stopped := find_signal()):
        click.echo(f"Stopped. {_format_saved(progress)}; repeat the command to continue.", err=True)
        raise click.exceptions.Exit(stopped.exit_code)
    return progress


def _join_and_save(
    settings: Scenario, seed: int, progress: TileProgress, line: CompareLine, *, shown: bool, figures: bool
) -> JoinedTiles:
    from cpsim.present.display import format_for_terminal
    from cpsim.results.by_authority import format_regions
    from cpsim.tiles import join_tiles

    with show_status("Joining the tiles", shown=shown):
        joined = join_tiles(settings, progress.folder, seed, progress.failures)
    result = joined.result
    page = (
        "" if result is None or not shown else f"\n{render_for_terminal(format_for_terminal(result, line))}"
    )
    if page and len(joined.regions) > 1:
        page += f"\n{render_for_terminal(format_regions(joined.regions))}"

    def extra(hidden: Path) -> None:
        if figures and result is not None:
            write_figures(
                result, hidden, regions=joined.regions if len(joined.regions) > 1 else None, line=line
            )

    with (
        print_first(page),
        show_status("Drawing the figures" if figures else "Saving the tables", shown=shown),
    ):
        joined.save(extra)
    return joined


def _format_saved(progress: TileProgress) -> str:
    from cpsim.formatting import format_count, format_decimals

    return (
        f"{format_decimals(progress.done)} of {format_count(progress.tiles, 'tile is', 'tiles are')} saved in "
        f"{format_path(progress.folder)}"
    )


def _report_failures(progress: TileProgress) -> None:
    """Print a line for each tile that failed."""
    if not progress.failures:
        return
    from cpsim.tiles.folder import JOINED

    for answer in progress.failures:
        click.echo(escape_unsafe(f"{answer.name} failed in {answer.stage}: {answer.error}"), err=True)
    click.echo(
        f"{_format_saved(progress)}; the tables in {format_path(progress.folder / JOINED)} have only these. Repeat the "
        "command to run the others again.",
        err=True,
    )


def print_estimate(settings: Scenario, seed: int, options: EngineOptions, *, as_json: bool) -> None:
    """Print the expected time and memory of a run, in tiles or not."""
    from cpsim.network.graphml import NetworkFileError
    from cpsim.tiles.estimate import estimate_tiles
    from cpsim.tiles.plan import plan_tiles
    from cpsim.tiles.run import choose_workers

    planned = plan_tiles(settings, seed)
    workers = options.processes if options.given else choose_workers(settings)
    try:
        expected = estimate_tiles(planned, workers if len(planned) > 1 else 1)
    except NetworkFileError as error:
        raise InputError(str(error)) from error
    if as_json:
        click.echo(json.dumps({"name": settings.name, **asdict(expected)}, indent=2))
    else:
        click.echo(_format_estimate(settings.name, expected))


def _format_estimate(name: str, expected: TilesEstimate) -> str:
    from cpsim.formatting import format_count, format_decimals, format_number

    children = format_decimals(round(expected.children, -3 if expected.children > 1e5 else 0))
    places = format_count(expected.authorities, "authority", "authorities")
    tiles = f" in {format_count(expected.tiles, 'tile')}" if expected.tiles > 1 else ""
    workers = format_count(expected.workers, "worker process", "worker processes")
    each = f", {format_number(expected.seconds_per_tile)} s for a tile" if expected.tiles > 1 else ""
    return (
        f"{escape_unsafe(name)}: {places} with about {children} children{tiles}\n"
        f"expected time: about {format_duration(expected.seconds)} with {workers} (an estimate{each})\n"
        f"expected memory: about {format_decimals(expected.gigabytes_per_worker, 2)} GB for each worker process"
    )
