"""The outcomes of a run: one function with a registration for each, in one module for each subject.

A new outcome is one function in the module of its subject; see `registry`.

>>> from cpsim.measures.outcomes import OUTCOMES, SUBJECTS
>>> OUTCOMES["missed_risk_rate"].label, OUTCOMES["missed_risk_rate"].unit
('Missed risk', 'share, 0 to 1')
>>> SUBJECTS[0], OUTCOMES["missed_risk_rate"].compute.__module__
('harm', 'cpsim.measures.outcomes.harm')
"""

from importlib import import_module

from cpsim.measures.assessments import Assessments
from cpsim.measures.outcomes.columns import Columns, NotJoinedError, OutcomeColumns
from cpsim.measures.outcomes.registry import (
    OUTCOMES,
    Outcome,
    Value,
    group_by_heading,
    list_first_headlines,
    list_headlines,
    outcome,
    sign_of_worse,
)

__all__ = [
    "OUTCOMES",
    "SUBJECTS",
    "Assessments",
    "Columns",
    "Outcome",
    "Value",
    "compute_outcomes",
    "group_by_heading",
    "list_first_headlines",
    "list_headlines",
    "outcome",
    "sign_of_worse",
]

SUBJECTS = ("harm", "assessments", "funnel", "sharing", "workload", "ties", "costs", "equity", "authorities")
"""Modules with outcomes, in the order of `summary.json`."""

for _subject in SUBJECTS:
    import_module(f"{__name__}.{_subject}")


def compute_outcomes(run: OutcomeColumns) -> dict[str, Value]:
    """Compute all outcomes of a run, or of joined tiles, over the evaluated weeks, in the order of registration.

    Returns:
        Values by the names of `summary.json`; None where an outcome is undefined, or needs what tiles do not keep.

    >>> from cpsim import ChildProtectionModel
    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> model = ChildProtectionModel(town, collect=False)
    >>> while model.running:
    ...     model.step()
    >>> compute_outcomes(model.columns()) == model.summary()
    True
    """
    return {name: _compute(each, run) for name, each in OUTCOMES.items()}


def _compute(each: Outcome, run: OutcomeColumns) -> Value:
    try:
        return each.compute(run)
    except NotJoinedError:
        return None
