"""`cpsim analyse`: what a sweep has found, as tables, figures and one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cpsim.cli._output import REPORT

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from cpsim.study.analysis.findings import Study

_FOLDER, _PAGE = "analysis", "analysis.md"


class _WrongInput(click.ClickException):
    """The input is wrong, though no option is misspelt."""

    exit_code = 2


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Print only the name of the page.")
def analyse(folder: Path, quiet: bool) -> None:
    """Analyse the sweep in FOLDER, finished or not.

    Writes FOLDER/analysis: a table and a figure for each question that the design allows, and a page that says in plain
    words what was found and what cannot be said; and FOLDER/report.html, all of it on one page to hand in. What is
    there from before is replaced.
    """
    from cpsim.results.folder import OutputError
    from cpsim.study.designs import LibraryMissing

    try:
        page = _analysed(_study(folder), folder)
    except (OutputError, LibraryMissing) as error:
        raise _WrongInput(str(error)) from error
    except OSError as error:
        raise _WrongInput(f"{folder}: {error.strerror or error}") from error
    click.echo(page if quiet else f"Wrote {page}. Open {folder / REPORT}.")


def _study(folder: Path) -> Study:
    from cpsim.study.analysis.findings import Study
    from cpsim.study.loaded import load_definition, load_sweep

    study = Study(load_sweep(folder), load_definition(folder))
    if not (study.runs["status"] == "done").any():
        raise _WrongInput(f"{folder}: no run is done; there is nothing to analyse")
    return study


def _analysed(study: Study, folder: Path) -> Path:
    """Ask, then write: a page is there only when all that it names is."""
    from cpsim.plot.figures import save_sweep_figures
    from cpsim.report import sweep_page
    from cpsim.results.analysis import Analysis
    from cpsim.study.analysis.findings import findings
    from cpsim.study.analysis.page import page
    from cpsim.study.folder import read_frozen

    found, frozen = findings(study), read_frozen(folder)
    target, report = folder / _FOLDER, folder / REPORT
    target.mkdir(parents=True, exist_ok=True)
    for old in (target / _PAGE, report):
        old.unlink(missing_ok=True)
    _save_tables(found.tables, target)
    pictures = save_sweep_figures(
        Analysis(study.definition.name, tuple(study.headlines), found.tables), target
    )
    (target / _PAGE).write_text(page(study, found, pictures), encoding="utf-8")
    report.write_text(sweep_page(study, found, frozen), encoding="utf-8", newline="\n")
    return target / _PAGE


def _save_tables(tables: Mapping[str, pd.DataFrame], target: Path) -> None:
    """One CSV each; those of an earlier analysis that no longer apply would mislead."""
    for old in (*target.glob("*.csv"), *target.glob("*.png")):
        old.unlink()
    for name, table in tables.items():
        table.to_csv(target / f"{name}.csv", index=table.index.names != [None])
