"""`cpsim sweep`: an experiment, from its file to the table of its runs."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cpsim.study.estimate import Estimate
    from cpsim.study.experiment import Experiment


@click.command()
@click.argument("file")
@click.option(
    "--dry-run", is_flag=True, required=True,
    help="Check the file and tell how many runs, how much time and how much disk it would take.",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(min=1), default=lambda: os.cpu_count() or 1, metavar="N",
    help="Processes that run at the same time.  [default: one for each core]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
def sweep(file: str, dry_run: bool, workers: int, as_json: bool) -> None:
    """Run the experiment that FILE describes."""
    from cpsim.study.designs import LibraryMissing
    from cpsim.study.experiment import load_experiment

    try:
        experiment = load_experiment(file)
    except LibraryMissing as missing:
        raise click.ClickException(str(missing)) from missing
    if dry_run:
        _foretell(experiment, workers, as_json=as_json)


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
        f"expected time: about {_duration(expected.seconds)} with {expected.workers} workers (an estimate, {each})\n"
        f"expected size: about {expected.megabytes:.2g} MB on disk"
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:,.1f} hours" if seconds < 48 * 3600 else f"{seconds / 86400:,.1f} days"
