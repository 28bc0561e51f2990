"""Pages to hand in: what was asked, set, found and shown, each in one file that needs nothing else."""

from cpsim.report.comparison import comparison_page
from cpsim.report.run import run_page
from cpsim.report.sweep import sweep_page

__all__ = ["comparison_page", "run_page", "sweep_page"]
