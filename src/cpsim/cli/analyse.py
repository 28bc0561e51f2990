"""`cpsim analyse`: analyse a sweep and write tables, figures and a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cpsim.cli._output import REPORT, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from cpsim.analysis.findings import Study

_FOLDER, _PAGE = "analysis", "analysis.md"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Print only the path of the page.")
def analyse(folder: Path, quiet: bool) -> None:
    """Analyse the sweep in FOLDER.

    The sweep need not be complete. Writes FOLDER/analysis, with a table and a figure for each question that the
    design of the sweep can answer and a page of findings, and FOLDER/report.html, a report with all of it. An earlier
    analysis is replaced.
    """
    from cpsim.experiment.designs import MissingLibraryError
    from cpsim.results.folder import OutputError

    try:
        page = _write_analysis(_load_study(folder), folder)
    except (OutputError, MissingLibraryError) as error:
        raise InputError(str(error)) from error
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror or error}") from error
    click.echo(page if quiet else f"Wrote {page}. Open {folder / REPORT}.")


def _load_study(folder: Path) -> Study:
    from cpsim.analysis.findings import Study
    from cpsim.sweeps.loaded import load_definition, load_sweep

    study = Study(load_sweep(folder), load_definition(folder))
    if not (study.runs["status"] == "done").any():
        raise InputError(
            f"{folder}: no run has finished, so there is nothing to analyse; run the sweep first"
        )
    return study


def _write_analysis(study: Study, folder: Path) -> Path:
    """Write tables and figures first and the pages last, so that a page never refers to missing files."""
    from cpsim.analysis.findings import collect_findings
    from cpsim.analysis.page import format_page
    from cpsim.plot.figures import group_by_section, save_sweep_figures
    from cpsim.present.sweep_page import render_sweep_page
    from cpsim.results.analysis import Analysis
    from cpsim.sweeps.folder import read_sweep_file

    found, frozen = collect_findings(study), read_sweep_file(folder)
    target, report = folder / _FOLDER, folder / REPORT
    target.mkdir(parents=True, exist_ok=True)
    for old in (target / _PAGE, report):
        old.unlink(missing_ok=True)
    _save_tables(found.tables, target)
    figures = save_sweep_figures(
        Analysis(study.definition.name, tuple(study.headlines), found.tables), target
    )
    (target / _PAGE).write_text(format_page(study, found, group_by_section(figures)), encoding="utf-8")
    report.write_text(render_sweep_page(study, found, frozen), encoding="utf-8", newline="\n")
    return target / _PAGE


def _save_tables(tables: Mapping[str, pd.DataFrame], target: Path) -> None:
    """Save each table as CSV, after removing the tables and figures of an earlier analysis."""
    for old in (*target.glob("*.csv"), *target.glob("*.png")):
        old.unlink()
    for name, table in tables.items():
        table.to_csv(target / f"{name}.csv", index=table.index.names != [None])
