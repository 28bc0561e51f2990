"""The analysis of a synthetic sweep, with every table that a figure needs."""

from functools import cache

from tests.analysis.studies import ALARMS, ARMS, MISSES, MONEY, study

from cpsim.analysis.findings import collect_findings, create_analysis
from cpsim.experiment.definition import LatinHypercube, Morris, Sobol
from cpsim.results.analysis import Analysis

OUTCOMES = (MISSES, ALARMS, MONEY)
_ALONE = {"as_it_was": ARMS["as_it_was"]}


@cache
def build_analysis() -> Analysis:
    """Analyse a Latin hypercube with two arms, and add the Sobol and Morris indices of one of them."""
    made = study(LatinHypercube(kind="latin_hypercube", points=40))
    found = collect_findings(made)
    sobol = collect_findings(study(Sobol(kind="sobol", base_points=32), arms=_ALONE))
    morris = collect_findings(study(Morris(kind="morris", trajectories=8), arms=_ALONE))
    found.tables = {**sobol.tables, "morris": morris.tables["morris"], **found.tables}
    return create_analysis(made, found)
