"""Results of runs: tables, summaries, comparisons. They can be built, saved, loaded and printed without the model."""

from cpsim.results.comparison import Comparison
from cpsim.results.comparison_tables import COMPARISON_TABLES, FATES, HEADLINES, PAIRINGS, TURNS
from cpsim.results.folder import OutputError, TargetExists, check_target
from cpsim.results.names import CAUSE_PARTS, CAUSES, RESULTS, SUMMARY
from cpsim.results.run_result import RunResult, Summary, collect_provenance, format_scenario_yaml
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
    "RunResult",
    "Summary",
    "TargetExists",
    "check_target",
    "collect_provenance",
    "format_scenario_yaml",
]
