"""`cpsim table`: print the runs of a sweep as CSV."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cpsim.cli._output import LOAD_ANYWAY, format_path, report_output_errors
from cpsim.scenario.text import escape_unsafe


def _escape(cell: object) -> object:
    """Escape what cannot be printed in a text; line ends, as in a traceback, stay."""
    return escape_unsafe(cell, keep_lines=True) if isinstance(cell, str) else cell


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--provenance",
    is_flag=True,
    help="Print instead the provenance of each run: seconds, worker, versions and traceback.",
)
@click.option("--anyway", is_flag=True, help=LOAD_ANYWAY)
def table(folder: Path, provenance: bool, anyway: bool) -> None:
    """Print the runs of the sweep in FOLDER as CSV.

    There is one row for each finished run. For a spreadsheet: cpsim table sweeps/duty_trust > duty_trust.csv
    """
    from cpsim.results.loading import describe_changes
    from cpsim.sweeps.loaded import load_provenance, load_sweep

    with report_output_errors():
        frame = load_provenance(folder, anyway=anyway) if provenance else load_sweep(folder, anyway=anyway)
    if changes := describe_changes(frame.attrs):
        click.echo(f"{format_path(folder)}: {changes}", err=True)
    texts = frame.select_dtypes(exclude="number").map(_escape)
    try:
        frame.assign(**texts).to_csv(sys.stdout, index=False, lineterminator="\n")
    except BrokenPipeError:  # the reader, such as head, has closed the pipe
        sys.stderr.close()
