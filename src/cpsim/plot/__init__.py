"""Figures of a run, a comparison and a sweep: each function returns a matplotlib figure and leaves your style alone.

Of a run (`RunResult`):
    `lost_where`    at which step spells of harm were lost: spells and shares
    `incidence`     how soon protection came, by weeks since onset: shares, 95 % bands
    `funnel`        from contacts to plans: a year per 10,000 children
    `weeks`         misses, false alarms, work and trust week by week
    `network`       who talks to whom, and who trusts whom

Of a comparison (`Comparison`), with 95 % intervals over seeds:
    `differences`   what each arm changes: misses beside false alarms, work and money
    `trade_off`     misses against false alarms, seed by seed
    `prevalence`    the same differences where harm is rarer or more common
    `flow`          which fates of spells of harm an arm exchanges for which
    `children`      whom an arm catches and whom it loses, a dot a spell, by the step where the concern was lost

Of a child's story (`Story`), one or several of the same child:
    `timeline`      who saw what, on whose file it lay, what was told and what was done, side by side

Of an attribution (`cpsim.results.attribution.Attribution`):
    `readings`      which stage answers for what was missed: ledger, but for and Shapley, as shares of the missed

Of a sweep (`cpsim.results.analysis.Analysis`, which `cpsim.analyse` gives):
    `arm_differences`, `effects`, `sobol`, `sobol_settling`, `morris`, `seeds`, `conditions`, `pareto`, `regret`

`save` writes a figure as PNG or SVG; `svg` gives it as text for the middle of a page. `OF_RUN`, `OF_ARMS` and `OF_ARM`
(of a comparison) and `OF_SWEEP` hold all that there are by the name of the file in which they are kept.
"""

from cpsim.plot.comparison_children import children
from cpsim.plot.comparison_differences import differences
from cpsim.plot.comparison_flow import flow
from cpsim.plot.comparison_prevalence import prevalence
from cpsim.plot.comparison_trade_off import trade_off
from cpsim.plot.figures import OF_ARM, OF_ARMS, OF_RUN, OF_SWEEP, of_comparison
from cpsim.plot.readings import readings
from cpsim.plot.run_cascade import lost_where
from cpsim.plot.run_funnel import funnel
from cpsim.plot.run_incidence import incidence
from cpsim.plot.run_network import network
from cpsim.plot.run_weeks import weeks
from cpsim.plot.saving import save, svg
from cpsim.plot.story_timeline import timeline
from cpsim.plot.sweep_arms import arm_differences, pareto, regret
from cpsim.plot.sweep_conditions import conditions
from cpsim.plot.sweep_effects import effects
from cpsim.plot.sweep_indices import morris, sobol, sobol_settling
from cpsim.plot.sweep_seeds import seeds

__all__ = [
    "OF_ARM",
    "OF_ARMS",
    "OF_RUN",
    "OF_SWEEP",
    "arm_differences",
    "children",
    "conditions",
    "differences",
    "effects",
    "flow",
    "funnel",
    "incidence",
    "lost_where",
    "morris",
    "network",
    "of_comparison",
    "pareto",
    "prevalence",
    "readings",
    "regret",
    "save",
    "seeds",
    "sobol",
    "sobol_settling",
    "svg",
    "timeline",
    "trade_off",
    "weeks",
]
