"""The analysis of a sweep for notebooks: the findings of `cpsim analyse`, without a folder of files.

In the example, `folder` is the folder of a finished sweep with one arm and one seed.
"""

import os

from cpsim.analysis.findings import Study, collect_findings
from cpsim.results.analysis import Analysis
from cpsim.sweeps.loaded import load_definition, load_sweep

__all__ = ["analyse"]


def analyse(folder: str | os.PathLike[str]) -> Analysis:
    """Analyse the sweep in `folder`, finished or not, without writing files.

    Raises:
        MissingLibraryError: the design is Sobol's or Morris's and SALib is not installed.
        OutputError: `folder` is not the folder of a sweep.
        ValueError: no run has finished.

    >>> analysis = analyse(folder)
    >>> analysis.source, analysis.outcomes
    ('trust', ('missed_risk_rate',))
    >>> any("only one seed" in gap for gap in analysis.gaps)
    True
    """
    study = Study(load_sweep(folder), load_definition(folder))
    if not (study.runs["status"] == "done").any():
        raise ValueError(
            f"{os.fspath(folder)}: no run has finished yet; continue the sweep before analysing it"
        )
    found = collect_findings(study)
    return Analysis(study.definition.name, tuple(study.headlines), found.tables, tuple(found.gaps))
