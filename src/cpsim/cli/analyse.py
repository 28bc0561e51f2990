"""`cpsim analyse`: analyse a sweep and write tables, figures and a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cpsim.cli._output import LOAD_ANYWAY, REPORT, InputError, format_path, report_output_errors
from cpsim.cli._stop import Stopped, raise_on_signal
from cpsim.scenario.text import escape_unsafe

if TYPE_CHECKING:
    from cpsim.analysis.findings import Findings, Study

_FOLDER, _PAGE = "analysis", "analysis.md"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--anyway", is_flag=True, help=LOAD_ANYWAY)
@click.option("--quiet", is_flag=True, help="Print only the path of the page.")
def analyse(folder: Path, anyway: bool, quiet: bool) -> None:
    """Answer the question of the sweep in FOLDER.

    The sweep need not be complete. Writes FOLDER/analysis, with a table and a figure for each question that the
    design of the sweep can answer and a page of findings, and FOLDER/report.html, a report with all of it. An earlier
    analysis is replaced; your own files in FOLDER/analysis are kept.
    """
    from cpsim.experiment.designs import MissingLibraryError

    try:
        with raise_on_signal(), report_output_errors():
            page, sentences = _write_analysis(folder, anyway=anyway)
    except Stopped as stopped:
        click.echo("Stopped.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None
    except MissingLibraryError as error:
        raise InputError(str(error)) from error
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror or error}") from error
    if quiet:
        click.echo(format_path(page))
        return
    for sentence in filter(None, sentences):
        click.echo(escape_unsafe(sentence))
    click.echo(f"\nWrote {format_path(page)}. Open {format_path(folder / REPORT)}.")


def _load_study(folder: Path, *, anyway: bool) -> Study:
    from cpsim.analysis.analyse import load_study
    from cpsim.world.comparable import ArmsDifferError

    try:
        study = load_study(folder, anyway=anyway)
    except ArmsDifferError as error:
        raise InputError(f"{folder}: {error}") from error
    if not (study.runs["status"] == "done").any():
        raise InputError(
            f"{folder}: no run has finished, so there is nothing to analyse; run the sweep first"
        )
    return study


def _write_analysis(folder: Path, *, anyway: bool) -> tuple[Path, tuple[str, ...]]:
    """Write the tables, figures and pages; return the path of the page of findings, and the question and its answer."""
    from cpsim.analysis.answer import answer_question, describe_seeds
    from cpsim.analysis.findings import collect_findings
    from cpsim.present.sweep_page import render_sweep_page
    from cpsim.results.files import refuse_links
    from cpsim.results.folder import check_replaceable, replace_file, replace_folder_atomically
    from cpsim.sweeps.loaded import read_sweep_file

    study, frozen = _load_study(folder, anyway=anyway), read_sweep_file(folder, anyway=anyway)
    refuse_links(folder)
    found = collect_findings(study)
    report = render_sweep_page(study, found, frozen).encode()
    with replace_folder_atomically(folder / _FOLDER) as hidden:
        _write_findings(study, found, hidden)
        check_replaceable(folder / REPORT, report)
    replace_file(folder / REPORT, report)
    question = study.definition.question or study.definition.name
    return folder / _FOLDER / _PAGE, (question, answer_question(study, found), describe_seeds(study, found))


def _write_findings(study: Study, found: Findings, folder: Path) -> None:
    from cpsim.analysis.findings import create_analysis
    from cpsim.analysis.page import format_page
    from cpsim.plot.figures import group_by_section, save_sweep_figures

    for name, table in found.tables.items():
        table.to_csv(folder / f"{name}.csv", index=table.index.names != [None])
    figures = save_sweep_figures(create_analysis(study, found), folder)
    page = format_page(study, found, group_by_section(figures))
    (folder / _PAGE).write_text(page, encoding="utf-8")
