"""Figures of runs, comparisons, stories and sweeps; each function returns a matplotlib figure.

Your own matplotlib settings are neither used nor changed.

A run (`RunResult`):
    `cascade`       spells of harm by outcome and by the stage at which they were missed: spells and shares
    `incidence`     time from onset to protection: cumulative shares by week, 95% bands
    `funnel`        from contacts to child protection plans: per 10,000 children a year
    `weeks`         misses, false alarms, workload and trust, week by week
    `network`       ties between organisations: how often they are used, and their trust

A comparison (`Comparison`), with 95% intervals over seeds:
    `differences`   change in misses, false alarms, workload and cost, by arm
    `trade_off`     misses against false alarms, seed by seed
    `prevalence`    the same changes where harm is rarer or more common
    `flow`          outcomes of spells of harm in the reference and in one arm
    `children`      newly protected and newly missed spells, by the stage at which they are missed in the other arm

A child's story (`Story`), or several of the same child:
    `timeline`      signs, evidence on file, messages and decisions, side by side

An attribution (`cpsim.results.attribution.Attribution`):
    `readings`      each stage's share of the missed spells: ledger, but-for and Shapley

A sweep (`cpsim.results.analysis.Analysis`, returned by `cpsim.analyse`):
    `arm_differences`, `effects`, `sobol`, `sobol_settling`, `morris`, `seeds`, `conditions`, `pareto`, `regret`

`save` writes a figure as PNG or SVG, and `to_svg` converts it to text for an HTML page. `RUN_FIGURES`,
`COMPARISON_FIGURES`, `ARM_FIGURES` (one arm of a comparison) and `SWEEP_FIGURES` map file names to these functions.
"""

from cpsim.plot.comparison_children import children
from cpsim.plot.comparison_differences import differences
from cpsim.plot.comparison_flow import flow
from cpsim.plot.comparison_prevalence import prevalence
from cpsim.plot.comparison_trade_off import trade_off
from cpsim.plot.figures import (
    ARM_FIGURES,
    COMPARISON_FIGURES,
    RUN_FIGURES,
    SWEEP_FIGURES,
    list_comparison_figures,
)
from cpsim.plot.readings import readings
from cpsim.plot.run_cascade import cascade
from cpsim.plot.run_funnel import funnel
from cpsim.plot.run_incidence import incidence
from cpsim.plot.run_network import network
from cpsim.plot.run_weeks import weeks
from cpsim.plot.saving import save, to_svg
from cpsim.plot.story_timeline import timeline
from cpsim.plot.sweep_arms import arm_differences, pareto, regret
from cpsim.plot.sweep_conditions import conditions
from cpsim.plot.sweep_effects import effects
from cpsim.plot.sweep_indices import morris, sobol, sobol_settling
from cpsim.plot.sweep_seeds import seeds

__all__ = [
    "ARM_FIGURES",
    "COMPARISON_FIGURES",
    "RUN_FIGURES",
    "SWEEP_FIGURES",
    "arm_differences",
    "cascade",
    "children",
    "conditions",
    "differences",
    "effects",
    "flow",
    "funnel",
    "incidence",
    "list_comparison_figures",
    "morris",
    "network",
    "pareto",
    "prevalence",
    "readings",
    "regret",
    "save",
    "seeds",
    "sobol",
    "sobol_settling",
    "timeline",
    "to_svg",
    "trade_off",
    "weeks",
]
