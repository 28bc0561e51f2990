"""Reports as HTML pages: question, settings, findings and figures in one self-contained file."""

from cpsim.report.comparison import render_comparison_page
from cpsim.report.run import render_run_page
from cpsim.report.sweep import render_sweep_page

__all__ = ["render_comparison_page", "render_run_page", "render_sweep_page"]
