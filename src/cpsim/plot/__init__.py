"""Figures of a run and of a sweep: functions that return a matplotlib figure and leave the user's style alone.

Of a run (`RunResult`): `lost_where`, `funnel`, `weeks`, `network`.
Of a sweep (`cpsim.results.analysis.Analysis`): `arm_differences`, `effects`, `sobol`, `sobol_settling`, `morris`,
`seeds`, `conditions`, `pareto`, `regret`.

`save` writes a figure as PNG or SVG; `svg` gives it as text for the middle of a page. `OF_RUN` and `OF_SWEEP` hold all
that there are, by the name of the file in which they are kept.
"""

from cpsim.plot.figures import OF_RUN, OF_SWEEP
from cpsim.plot.run_cascade import lost_where
from cpsim.plot.run_funnel import funnel
from cpsim.plot.run_network import network
from cpsim.plot.run_weeks import weeks
from cpsim.plot.saving import save, svg
from cpsim.plot.sweep_arms import arm_differences, pareto, regret
from cpsim.plot.sweep_conditions import conditions
from cpsim.plot.sweep_effects import effects
from cpsim.plot.sweep_indices import morris, sobol, sobol_settling
from cpsim.plot.sweep_seeds import seeds

__all__ = [
    "OF_RUN",
    "OF_SWEEP",
    "arm_differences",
    "conditions",
    "effects",
    "funnel",
    "lost_where",
    "morris",
    "network",
    "pareto",
    "regret",
    "save",
    "seeds",
    "sobol",
    "sobol_settling",
    "svg",
    "weeks",
]
