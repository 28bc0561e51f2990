"""The analysis of a sweep for notebooks: the findings of `cpsim analyse`, without a folder of files.

In the example, `folder` is the folder of a finished sweep with one arm and one seed.
"""

import os
from pathlib import Path

from cpsim.analysis.findings import Study, collect_findings
from cpsim.results.analysis import Analysis
from cpsim.sweeps.loaded import load_definition, load_sweep, read_sweep_file
from cpsim.world.comparable import check_arms

__all__ = ["analyse"]


def analyse(folder: str | os.PathLike[str]) -> Analysis:
    """Analyse the sweep in `folder`, finished or not, without writing files.

    Raises:
        MissingLibraryError: the design is Sobol's or Morris's and SALib is not installed.
        OutputError: `folder` is not the folder of a sweep.
        ValueError: no run has finished, or the arms evaluate different years.

    >>> analysis = analyse(folder)
    >>> analysis.source, analysis.outcomes
    ('trust', ('missed_risk_rate',))
    >>> any("only one seed" in gap for gap in analysis.gaps)
    True
    """
    study = load_study(folder)
    if not (study.runs["status"] == "done").any():
        raise ValueError(
            f"{os.fspath(folder)}: no run has finished yet; continue the sweep before analysing it"
        )
    found = collect_findings(study)
    return Analysis(study.definition.name, tuple(study.headlines), found.tables, tuple(found.gaps))


def load_study(folder: str | os.PathLike[str]) -> Study:
    """Load the runs of a sweep with its definition, and check that its arms can be compared.

    Raises:
        OutputError: `folder` is not the folder of a sweep.
        ArmsDifferError: two arms evaluate different years.
    """
    arms = read_sweep_file(Path(folder))["decides"]["arms"]
    return Study(load_sweep(folder), load_definition(folder), check_arms(arms))
