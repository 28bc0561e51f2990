"""`cpsim sweep`: do the runs of an experiment file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cpsim.cli._engine import EngineOptions, engine_options
from cpsim.cli._output import InputError, format_path, report_run_errors
from cpsim.cli._progress import format_duration, show_run_progress
from cpsim.cli._stop import Stopped, defer_signals, raise_on_signal
from cpsim.scenario.text import escape_unsafe

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from cpsim.experiment.estimate import Estimate
    from cpsim.experiment.read import Experiment
    from cpsim.parallel.engine import Engine
    from cpsim.scenario.schema import Scenario
    from cpsim.sweeps.sweep import SweepProgress


@click.command()
@click.argument("file")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Folder of the sweep, new or to be continued.  [default: sweeps/<name of FILE>]",
)  # fmt: skip
@engine_options
@click.option(
    "--anyway", is_flag=True,
    help="Continue a folder even if it was started with another definition or version of cpsim.",
)  # fmt: skip
@click.option(
    "--dry-run", is_flag=True,
    help="Only check the file and estimate the number of runs, the time and the disk space.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print only the path of the folder.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
def sweep(
    file: str,
    out: Path | None,
    anyway: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
    **engine: Any,
) -> None:
    """Run the experiment in FILE.

    If the sweep is interrupted, repeat the command to continue it; saved runs are not repeated. A failed run is a row
    of the table, with the stage and the error.
    """
    options = EngineOptions(**engine)
    if dry_run:
        _print_estimate(_load(file), options.processes, as_json=as_json)
        return
    try:
        with raise_on_signal():
            experiment = _load(file)
            progress = _run_sweep(
                experiment,
                out or Path("sweeps") / Path(file).stem,
                options.open(),
                anyway=anyway,
                shown=not (quiet or as_json),
            )
    except Stopped as stopped:
        click.echo("Stopped before the first run.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None
    if as_json:
        click.echo(
            json.dumps(
                {**asdict(progress), "folder": str(progress.folder), "complete": progress.complete}, indent=2
            )
        )
    else:
        click.echo(format_path(progress.folder) if quiet else _format_end(progress))


def _load(file: str) -> Experiment:
    from cpsim.experiment.designs import MissingLibraryError
    from cpsim.experiment.read import load_experiment

    try:
        experiment = load_experiment(file)
    except MissingLibraryError as missing:
        raise click.ClickException(str(missing)) from missing
    for sentence in experiment.other_children.values():
        click.echo(f"warning: {sentence}", err=True)
    for sentence in _describe_idle_arms(experiment):
        click.echo(f"note: {escape_unsafe(sentence)}", err=True)
    return experiment


def _describe_idle_arms(experiment: Experiment) -> list[str]:
    """Describe what is not in play at any point, and which arms are one."""
    from cpsim.experiment.runs import build_run_scenario
    from cpsim.reach import describe_idle_arms

    def build(arm: str, point: int) -> Scenario:
        return build_run_scenario(experiment, arm, point)

    return describe_idle_arms(list(experiment.arms), len(experiment.points), build)


def _run_sweep(
    experiment: Experiment, out: Path, engine: AbstractContextManager[Engine], *, anyway: bool, shown: bool
) -> SweepProgress:
    """Do the runs until all are done or a signal arrives; finished runs are saved in both cases."""
    from cpsim.sweeps.sweep import sweep as run_sweep

    with (
        report_run_errors(lambda: _describe_saved_runs(out)),
        defer_signals() as find_signal,
        show_run_progress(shown=shown) as on_progress,
    ):
        progress = run_sweep(
            experiment,
            out,
            engine,
            anyway=anyway,
            on_progress=on_progress,
            stop=lambda: find_signal() is not None,
        )
    for sentence in progress.set_aside:
        click.echo(escape_unsafe(sentence), err=True)
    if stopped := find_signal():
        click.echo(f"Stopped. {_format_saved(progress)}; repeat the command to continue.", err=True)
        raise click.exceptions.Exit(stopped.exit_code)
    return progress


def _describe_saved_runs(out: Path) -> str:
    """Count the runs that are saved, after an error, in a sentence; no text if none are."""
    from cpsim.formatting import format_decimals
    from cpsim.results.errors import OutputError
    from cpsim.sweeps.loaded import load_sweep

    try:
        saved = len(load_sweep(out))
    except OutputError:
        saved = 0
    if not saved:
        return ""
    return (
        f"\nRuns saved in {out}: {format_decimals(saved)}; once the cause is removed, the same command continues the "
        "sweep."
    )


def _format_saved(progress: SweepProgress) -> str:
    from cpsim.formatting import format_count, format_decimals

    return (
        f"{format_decimals(progress.done)} of {format_count(progress.runs, 'run is', 'runs are')} saved in "
        f"{format_path(progress.folder)}"
    )


def _format_end(progress: SweepProgress) -> str:
    from cpsim.formatting import format_decimals

    failed = (
        f"; {format_decimals(progress.failed)} failed, see the columns stage and error"
        if progress.failed
        else ""
    )
    then = (
        f"\nFor the answer: cpsim analyse {format_path(progress.folder)}"
        if progress.complete
        else " The time budget is used up; repeat the command to continue."
    )
    return f"{_format_saved(progress)}{failed}.{then}"


def _print_estimate(experiment: Experiment, workers: int, *, as_json: bool) -> None:
    """Print the expected number of runs, time and disk space."""
    from cpsim.experiment.estimate import estimate_experiment
    from cpsim.network.graphml import NetworkFileError

    try:
        expected = estimate_experiment(experiment, workers)
    except NetworkFileError as error:
        raise InputError(str(error)) from error
    if as_json:
        click.echo(json.dumps({"name": experiment.definition.name, **asdict(expected)}, indent=2))
    else:
        click.echo(_format_estimate(experiment, expected))


def _format_estimate(experiment: Experiment, expected: Estimate) -> str:
    from cpsim.formatting import format_count, format_decimals, format_number

    factors = " x ".join(
        format_count(getattr(expected, f"{noun}s"), noun) for noun in ("arm", "point", "seed")
    )
    workers = format_count(expected.workers, "worker process", "worker processes")
    return (
        f"{escape_unsafe(experiment.definition.name)}: {factors} = {format_count(expected.runs, 'run')}\n"
        f"expected time: about {format_duration(expected.seconds)} with {workers} "
        f"(an estimate, {format_number(expected.seconds_per_run)} s each)\n"
        f"expected size: about {format_number(expected.megabytes)} MB on disk\n"
        f"expected memory: about {format_decimals(expected.gigabytes_per_worker, 2)} GB for each worker process\n"
        f"{_format_blocks(expected)}"
    )


def _format_blocks(expected: Estimate) -> str:
    if expected.runs_alone_because is not None:
        return f"each seed is simulated by itself: {expected.runs_alone_because}"
    return f"{expected.seeds_per_block} seeds are simulated together, with the same results as one by one"
