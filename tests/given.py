"""Small results that examples in docstrings may use by name, without making them: `result` in `plot.cascade(result)`.

They are made when an example first uses them, once for each process of the tests.
"""

import atexit
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import pandas as pd
from tests.analysis.studies import study
from tests.plot.sweep_analysis import build_analysis
from tests.results.attributions import attribution
from tests.results.synthetic_comparison import comparison

import cpsim
from cpsim.experiment.definition import LatinHypercube
from cpsim.experiment.read import Experiment
from cpsim.parallel.engine import open_in_process_engine
from cpsim.results.story import Stories

TOWN = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}

EXPERIMENT = """
name: trust
base: small
arms: {small: {population: {children: 500}, clock: {years: 1, warm_up_years: 1}}}
vary: {network.trust_start: {from: 0.2, to: 0.6}}
design: {kind: latin_hypercube, points: 2}
seeds: 1
outcomes: [missed_risk_rate]
"""


@cache
def _run() -> cpsim.RunResult:
    return cpsim.run(TOWN)


@cache
def _compare() -> cpsim.Comparison:
    return comparison(seeds=4)


@cache
def _find_stories() -> Stories:
    return cpsim.story(TOWN, find="missed")


@cache
def _load_experiment() -> Experiment:
    with TemporaryDirectory() as folder:
        file = Path(folder, "trust.yaml")
        file.write_text(EXPERIMENT, encoding="utf-8")
        return cpsim.load_experiment(file)


@cache
def _run_sweep() -> Path:
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    cpsim.sweep(_load_experiment(), folder / "trust", open_in_process_engine())
    return folder / "trust"


@cache
def _build_runs() -> pd.DataFrame:
    return study(LatinHypercube(kind="latin_hypercube", points=8)).runs


def _build_model() -> cpsim.ChildProtectionModel:
    """Build a new model each time, because an example may change it."""
    return cpsim.ChildProtectionModel(TOWN, seed=7)


GIVEN: dict[str, Callable[[], object]] = {
    "result": _run,
    "comparison": _compare,
    "stories": _find_stories,
    "attribution": attribution,
    "analysis": build_analysis,
    "experiment": _load_experiment,
    "folder": _run_sweep,
    "model": _build_model,
    "runs": _build_runs,
}
"""Name in an example -> function that makes it; `docs/architecture.md` describes each."""
