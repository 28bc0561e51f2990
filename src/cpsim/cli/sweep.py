"""`cpsim sweep`: an experiment, from its file to the table of its runs."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cpsim.cli._progress import duration, runs_with_time_left
from cpsim.cli._stop import Stopped, stoppable, wish_to_stop

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from cpsim.study.engine import Engine
    from cpsim.study.estimate import Estimate
    from cpsim.study.experiment import Experiment
    from cpsim.study.sweep import Tally


class _WrongInput(click.ClickException):
    """The input is wrong, though no option is misspelt."""

    exit_code = 2


@click.command()
@click.argument("file")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Folder of the sweep; one that has been begun is continued.  [default: sweeps/<name of FILE>]",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(min=1), default=lambda: os.cpu_count() or 1, metavar="N",
    help="Processes that run at the same time.  [default: one for each core]",
)  # fmt: skip
@click.option(
    "--engine", "engine_name", type=click.Choice(["local", "dask"]), default="local", show_default=True,
    help="Where the runs are done: in processes of this machine, or on a Dask cluster.",
)  # fmt: skip
@click.option("--scheduler", metavar="ADDRESS", help="Of the Dask cluster, such as tcp://10.0.0.1:8786.")
@click.option(
    "--anyway", is_flag=True,
    help="Continue although the folder was begun with another definition or another version of cpsim.",
)  # fmt: skip
@click.option(
    "--dry-run", is_flag=True,
    help="Run nothing; check the file and tell how many runs, how much time and how much disk it would take.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print only the name of the folder.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
def sweep(
    file: str,
    out: Path | None,
    workers: int,
    engine_name: str,
    scheduler: str | None,
    anyway: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Run the experiment that FILE describes.

    Whatever ends it before its end, the same command continues it: what has been saved is not run again. A run that
    fails is a row of the table like others, and says where and why.
    """
    if (engine_name == "dask") != (scheduler is not None):
        raise click.UsageError("--engine dask and --scheduler belong together")
    if dry_run:
        _foretell(_read(file), workers, as_json=as_json)
        return
    try:
        with stoppable():
            experiment = _read(file)
            engine = _engine(workers, scheduler)
            tally = _swept(
                experiment,
                out or Path("sweeps") / Path(file).stem,
                engine,
                anyway=anyway,
                shown=not (quiet or as_json),
            )
    except Stopped as stopped:
        click.echo("Stopped before anything was run.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None
    if as_json:
        click.echo(
            json.dumps({**asdict(tally), "folder": str(tally.folder), "complete": tally.complete}, indent=2)
        )
    else:
        click.echo(tally.folder if quiet else _how_it_ended(tally))


def _read(file: str) -> Experiment:
    from cpsim.study.designs import LibraryMissing
    from cpsim.study.experiment import load_experiment

    try:
        return load_experiment(file)
    except LibraryMissing as missing:
        raise click.ClickException(str(missing)) from missing


def _engine(workers: int, scheduler: str | None) -> AbstractContextManager[Engine]:
    from cpsim.study.engine import dask, local

    return local(workers) if scheduler is None else dask(scheduler)


def _swept(
    experiment: Experiment, out: Path, engine: AbstractContextManager[Engine], *, anyway: bool, shown: bool
) -> Tally:
    """Run until the end, or until somebody wants an end; what is done is saved either way."""
    from cpsim.results.folder import OutputError
    from cpsim.study.engine import EngineFailed
    from cpsim.study.lock import Refused
    from cpsim.study.sweep import sweep as run_sweep

    try:
        with wish_to_stop() as wish, runs_with_time_left(shown=shown) as on_progress:
            tally = run_sweep(
                experiment,
                out,
                engine,
                anyway=anyway,
                on_progress=on_progress,
                stop=lambda: wish() is not None,
            )
    except Refused as refused:
        raise _WrongInput(str(refused)) from refused
    except (OutputError, EngineFailed) as error:
        saved = f"\nWhat has been saved in {out} is safe; the same command continues."
        raise click.ClickException(f"{error}{saved}") from error
    for sentence in tally.set_aside:
        click.echo(sentence, err=True)
    if stopped := wish():
        click.echo(f"Stopped. {_saved(tally)}; the same command continues.", err=True)
        raise click.exceptions.Exit(stopped.exit_code)
    return tally


def _saved(tally: Tally) -> str:
    return f"{tally.done:,} of {tally.runs:,} runs are saved in {tally.folder}"


def _how_it_ended(tally: Tally) -> str:
    failed = f"; {tally.failed:,} failed, see the columns stage and error" if tally.failed else ""
    later = "" if tally.complete else " The budget of minutes is used up; the same command continues."
    return f"{_saved(tally)}{failed}.{later}"


def _foretell(experiment: Experiment, workers: int, *, as_json: bool) -> None:
    """Print what the experiment would take."""
    from cpsim.study.estimate import estimate

    expected = estimate(experiment, workers)
    if as_json:
        click.echo(json.dumps({"name": experiment.definition.name, **asdict(expected)}, indent=2))
    else:
        click.echo(_told(experiment, expected))


def _told(experiment: Experiment, expected: Estimate) -> str:
    from cpsim.scenario.problems import printable

    each = f"{expected.seconds_per_run:.2g} s each"
    return (
        f"{printable(experiment.definition.name)}: {expected.arms:,} arms x {expected.points:,} points x "
        f"{expected.seeds:,} seeds = {expected.runs:,} runs\n"
        f"expected time: about {duration(expected.seconds)} with {expected.workers} workers (an estimate, {each})\n"
        f"expected size: about {expected.megabytes:.2g} MB on disk"
    )
