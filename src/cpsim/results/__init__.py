"""What a run leaves behind. Knows no model: a result can be built, saved, loaded and printed without one."""

from cpsim.results.comparison import Comparison
from cpsim.results.comparison_tables import COMPARISON_TABLES, FATES, HEADLINES, PAIRINGS, TURNS
from cpsim.results.folder import OutputError, TargetExists, check_target
from cpsim.results.names import CAUSE_PARTS, CAUSES, RESULTS, SUMMARY, Quantity
from cpsim.results.run_result import RunResult, Summary, provenance, scenario_yaml
from cpsim.results.tables import TABLES, Column

__all__ = [
    "CAUSES",
    "CAUSE_PARTS",
    "COMPARISON_TABLES",
    "FATES",
    "HEADLINES",
    "PAIRINGS",
    "RESULTS",
    "SUMMARY",
    "TABLES",
    "TURNS",
    "Column",
    "Comparison",
    "OutputError",
    "Quantity",
    "RunResult",
    "Summary",
    "TargetExists",
    "check_target",
    "provenance",
    "scenario_yaml",
]
