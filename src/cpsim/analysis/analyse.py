"""The analysis of a sweep for notebooks: the findings of `cpsim analyse`, without a folder of files.

In the example, `folder` is the folder of a finished sweep with one arm and one seed.
"""

import os
import re
from datetime import date
from pathlib import Path
from typing import Any

from cpsim.analysis.findings import Study, collect_findings, create_analysis
from cpsim.results.analysis import Analysis
from cpsim.sweeps.loaded import load_definition, load_sweep, read_sweep_file
from cpsim.world.comparable import check_arms

__all__ = ["analyse"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def analyse(folder: str | os.PathLike[str], *, anyway: bool = False) -> Analysis:
    """Analyse the sweep in `folder`, finished or not, without writing files.

    Args:
        folder: the folder of the sweep.
        anyway: load it even if files have changed since they were written; `gaps` says so first.

    Raises:
        MissingLibraryError: the design is Sobol's or Morris's and SALib is not installed.
        OutputError: `folder` is not the folder of a sweep, or files in it have changed or are damaged.
        ValueError: no run has finished, or the arms evaluate different years.

    >>> analysis = analyse(folder)
    >>> analysis.source, analysis.outcomes
    ('trust', ('missed_risk_rate',))
    >>> any("only one seed" in gap for gap in analysis.gaps)
    True
    """
    study = load_study(folder, anyway=anyway)
    if not (study.runs["status"] == "done").any():
        raise ValueError(
            f"{os.fspath(folder)}: no run has finished yet; continue the sweep before analysing it"
        )
    return create_analysis(study, collect_findings(study))


def load_study(folder: str | os.PathLike[str], *, anyway: bool = False) -> Study:
    """Load the runs of a sweep with its definition, and check that its arms can be compared.

    Args:
        folder: the folder of the sweep.
        anyway: load it even if files have changed since they were written.

    Raises:
        OutputError: `folder` is not the folder of a sweep.
        ArmsDifferError: two arms evaluate different years.
    """
    arms = read_sweep_file(Path(folder), anyway=anyway)["decides"]["arms"]
    runs, definition = load_sweep(folder, anyway=anyway), load_definition(folder, anyway=anyway)
    return Study(runs, definition, check_arms(arms), {arm: parse_dates(own) for arm, own in arms.items()})


def parse_dates(settings: Any) -> Any:
    """Convert dates in recorded settings from JSON text to dates, as in YAML.

    >>> parse_dates({"clock": {"start": "2005-04-01"}})
    {'clock': {'start': datetime.date(2005, 4, 1)}}
    """
    if isinstance(settings, dict):
        return {name: parse_dates(inner) for name, inner in settings.items()}
    if isinstance(settings, list):
        return [parse_dates(inner) for inner in settings]
    return (
        date.fromisoformat(settings) if isinstance(settings, str) and _DATE.fullmatch(settings) else settings
    )
