"""The analysis of a sweep for notebooks: the findings of `cpsim analyse`, without a folder of files."""

import os

from cpsim.analysis.findings import Study, collect_findings
from cpsim.results.analysis import Analysis
from cpsim.sweeps.loaded import load_definition, load_sweep


def analyse(folder: str | os.PathLike[str]) -> Analysis:
    """Analyse the sweep in `folder`, finished or not, without writing files.

    Raises:
        MissingLibraryError: the design is Sobol's or Morris's and SALib is not installed.
        OutputError: `folder` is not the folder of a sweep.
        ValueError: no run has finished.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from cpsim.parallel.engine import open_in_process_engine
    >>> text = '''
    ... name: trust
    ... base: small
    ... arms: {small: {population: {children: 500}, clock: {years: 1, warm_up_years: 1}}}
    ... vary: {network.trust_start: [0.3, 0.6]}
    ... seeds: 1
    ... outcomes: [missed_risk_rate]
    ... '''
    >>> from cpsim.sweeps.sweep import sweep
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "trust.yaml")
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     _ = sweep(file, Path(folder, "trust"), open_in_process_engine())
    ...     analyse(Path(folder, "trust")).source
    'trust'
    """
    study = Study(load_sweep(folder), load_definition(folder))
    if not (study.runs["status"] == "done").any():
        raise ValueError(
            f"{os.fspath(folder)}: no run has finished yet; continue the sweep before analysing it"
        )
    found = collect_findings(study)
    return Analysis(study.definition.name, tuple(study.headlines), found.tables, tuple(found.gaps))
