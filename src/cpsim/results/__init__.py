"""Results of runs: tables, summaries, comparisons. They can be built, saved, loaded and printed without the model.

The constants explain the outcomes, the columns of the tables, and the codes in them:

>>> from cpsim.results import STOP_PARTS, STOPS, COMPARISON_TABLES, FATES, HEADLINES, PAIRINGS, RESULTS, SUMMARY
>>> from cpsim.results import TABLES, TURNS
>>> SUMMARY["missed_risk_rate"].unit, HEADLINES[0]
('share, 0 to 1', 'missed_risk_rate')
>>> TABLES["spells"]["stopped_at"].meaning
'Where the chain of concern stopped; empty unless missed at the primary horizon.'
>>> STOPS["C3"], STOP_PARTS["C3b"]
('Known but not shared', 'Jigsaw not assembled')
>>> list(RESULTS)
['protected', 'self_resolved', 'missed', 'censored']

Those of a comparison have the same form; a child's fate is a result or, for a miss, where the chain stopped:

>>> COMPARISON_TABLES["children"]["before"].meaning
'Fate in the reference; where the chain stopped if missed.'
>>> FATES["not_begun"], FATES["C3"]
('Never began', 'Known but not shared')
>>> TURNS["newly_missed"]
'protected in time in the reference and missed in the arm'
>>> PAIRINGS["harm"]
'the same children, with the same harm if no one intervened'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpsim.results.columns import TABLES, TableColumn
    from cpsim.results.comparison import Comparison
    from cpsim.results.comparison_tables import COMPARISON_TABLES, FATES, HEADLINES, PAIRINGS, TURNS
    from cpsim.results.errors import OutputError, TargetExists
    from cpsim.results.folder import check_target
    from cpsim.results.names import RESULTS, STOP_PARTS, STOPS, SUMMARY
    from cpsim.results.run_result import RunResult, Summary, collect_provenance, format_scenario_yaml

__all__ = [
    "COMPARISON_TABLES",
    "FATES",
    "HEADLINES",
    "PAIRINGS",
    "RESULTS",
    "STOPS",
    "STOP_PARTS",
    "SUMMARY",
    "TABLES",
    "TURNS",
    "Comparison",
    "OutputError",
    "RunResult",
    "Summary",
    "TableColumn",
    "TargetExists",
    "check_target",
    "collect_provenance",
    "format_scenario_yaml",
]

_MODULES = {
    "STOPS": "names",
    "STOP_PARTS": "names",
    "COMPARISON_TABLES": "comparison_tables",
    "FATES": "comparison_tables",
    "HEADLINES": "comparison_tables",
    "PAIRINGS": "comparison_tables",
    "RESULTS": "names",
    "SUMMARY": "names",
    "TABLES": "columns",
    "TURNS": "comparison_tables",
    "Comparison": "comparison",
    "OutputError": "errors",
    "RunResult": "run_result",
    "Summary": "run_result",
    "TableColumn": "columns",
    "TargetExists": "errors",
    "check_target": "folder",
    "collect_provenance": "run_result",
    "format_scenario_yaml": "run_result",
}
"""Modules of the names, which are imported on first use, because some need pandas."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
