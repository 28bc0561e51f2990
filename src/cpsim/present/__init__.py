"""Everything that puts results into words and numbers: sentences, tables in the terminal and in notebooks, and pages.

`run_page`, `comparison_page` and `sweep_page` each make a report: question, settings, findings and figures in one
self-contained HTML file. The other modules know nothing of figures, so that figures can use their words.
"""
