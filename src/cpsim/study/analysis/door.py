"""The analysis of a sweep for a notebook: what `cpsim analyse` finds, without its folder of files."""

import os

from cpsim.results.analysis import Analysis
from cpsim.study.analysis.findings import Study, findings
from cpsim.study.loaded import load_definition, load_sweep


def analyse(folder: str | os.PathLike[str]) -> Analysis:
    """Analyse the sweep in `folder`, finished or not; nothing is written.

    Raises:
        LibraryMissing: the design is Sobol's or Morris's and SALib is not installed.
        OutputError: it is not the folder of a sweep.
        ValueError: no run is done.
    """
    study = Study(load_sweep(folder), load_definition(folder))
    if not (study.runs["status"] == "done").any():
        raise ValueError(f"{os.fspath(folder)}: no run is done; there is nothing to analyse")
    found = findings(study)
    return Analysis(study.definition.name, tuple(study.headlines), found.tables, tuple(found.gaps))
