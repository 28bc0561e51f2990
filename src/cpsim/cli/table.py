"""`cpsim table`: the runs of a sweep for a spreadsheet or another program."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--provenance",
    is_flag=True,
    help="Print instead how each run came about: seconds, worker, versions, traceback.",
)
def table(folder: Path, provenance: bool) -> None:
    """Print the runs of the sweep in FOLDER as CSV, one row a run: those that have been done so far.

    For a spreadsheet: cpsim table sweeps/duty_trust > duty_trust.csv
    """
    from cpsim.results.folder import OutputError
    from cpsim.study.loaded import load_provenance, load_sweep

    try:
        frame = load_provenance(folder) if provenance else load_sweep(folder)
    except OutputError as error:
        raise click.ClickException(str(error)) from error
    try:
        frame.to_csv(sys.stdout, index=False, lineterminator="\n")
    except BrokenPipeError:  # whoever reads has seen enough
        sys.stderr.close()
