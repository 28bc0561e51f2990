"""Figures of runs, comparisons, stories and sweeps; each function returns a matplotlib figure.

Your own matplotlib settings are neither used nor changed.

A run (`RunResult`):
    `cascade`       spells of harm by outcome and by the stage at which they were missed: spells and shares
    `incidence`     time from onset to protection: cumulative shares by week, 95% bands
    `funnel`        from contacts to child protection plans: per 10,000 children a year
    `weeks`         misses, families with neither, workload and trust, week by week
    `network`       ties between organisations: how often they are used, and their trust

A comparison (`Comparison`), with intervals over seeds:
    `answer`        what one arm changes, from what it touches directly to missed risk, each on its own scale
    `why`           differences of one arm from contacts to protection, and what does not reach the next step
    `differences`   change in missed risk, harm, assessments, workload and cost, by arm
    `trade_off`     misses against families assessed with neither, seed by seed
    `prevalence`    the same changes where harm is rarer or more common
    `flow`          outcomes of spells of harm in the reference and in one arm
    `children`      newly reached and newly missed spells, by the stage at which they are missed in the other arm

A child's story (`Story`), or several of the same child:
    `timeline`      signs, evidence on file, messages and decisions, side by side

An attribution (`cpsim.results.attribution.Attribution`):
    `readings`      each stage's share of the missed spells: ledger, but-for and Shapley

A sweep (`cpsim.results.analysis.Analysis`, returned by `cpsim.analyse`):
    `arm_differences`, `effects`, `sobol`, `sobol_settling`, `morris`, `seeds`, `conditions`, `pareto`, `regret`

`save` writes a figure as PNG or SVG, and `to_svg` converts it to text for an HTML page. `RUN_FIGURES`,
`COMPARISON_FIGURES`, `ARM_FIGURES` (one arm of a comparison) and `SWEEP_FIGURES` map file names to these functions.
Every function that is registered as a figure (see `cpsim.plot.registry`) in a module of this folder is a name here.

In all examples of this package, `result` is the `RunResult` of an authority of 500 children; `comparison` compares
`duty_complete` and `pooled_budget` with `small`, at three prevalences besides their own; `stories` is the story of one
child; `attribution` is an `Attribution`; and `analysis` is the `Analysis` of a sweep of three arms over two settings.

>>> from cpsim import plot
>>> figure = plot.cascade(result)
>>> figure.texts[0].get_text()
'At which stage was harm missed?'
>>> "weeks" in plot.RUN_FIGURES, "differences" in plot.COMPARISON_FIGURES, "flow" in plot.ARM_FIGURES
(True, True, True)
>>> plot.SWEEP_FIGURES["pareto"] is plot.pareto
True
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from cpsim.plot.figures import (
    ARM_FIGURES,
    COMPARISON_FIGURES,
    RUN_FIGURES,
    SWEEP_FIGURES,
    list_comparison_figures,
)
from cpsim.plot.registry import FIGURES
from cpsim.plot.saving import save, to_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    def __getattr__(name: str) -> Callable[..., Figure]: ...


_DRAWN = {each.draw.__name__: each.draw for each in FIGURES.values()}
globals().update(_DRAWN)

__all__ = [  # noqa: PLE0604 (the figures are found in their modules)
    "ARM_FIGURES",
    "COMPARISON_FIGURES",
    "RUN_FIGURES",
    "SWEEP_FIGURES",
    "list_comparison_figures",
    "save",
    "to_svg",
    *sorted(_DRAWN),
]
