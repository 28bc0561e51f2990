"""Figure: from all spells of harm to those protected in time, and where the chains of the missed stopped."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cpsim.formatting import format_count, format_share
from cpsim.plot import registry, style
from cpsim.present import run_findings as found
from cpsim.present.run_terminal import format_period
from cpsim.present.stages import STAGES
from cpsim.results import RESULTS, STOPS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results import RunResult


@dataclass(frozen=True)
class _CascadeStep:
    """A bar: the spells that drop out at this step (or all, or the rest), starting at `left` spells."""

    name: str
    spells: int
    left: int
    colour: str


@registry.figure(
    of="run",
    question="At which stage was harm missed?",
    content="spells of harm by result, missed spells by where the chain stopped",
    uncertainty="none: counts of this run",
    order=10,
    exhibit=registry.Exhibit(
        title="Where risks were missed",
        describe=found.describe_cascade,
        create_table=found.create_spell_table,
        caption="From the top: all spells of harm, those that ended without protection, and those missed, by "
        "where the chain of concern stopped. What remains at the bottom was protected by the deadline.",
    ),
)
@style.use_style()
def cascade(result: RunResult) -> Figure:
    """Draw the cascade of spells of harm: where chains stopped, and how many were protected.

    Widths are spells of significant harm that could be followed, and percentages are shares of them.

    >>> cascade(result).texts[0].get_text()
    'At which stage was harm missed?'
    """
    results = result.spell_results[result.spell_results != "censored"]
    total = len(results)
    missed = int((results == "missed").sum())
    figure = style.create_run_figure(
        result,
        "At which stage was harm missed?",
        f"{format_period(result)}: {format_count(total, 'spell')} of significant harm began.\n"
        f"{format_count(missed, 'of them was', 'of them were')} missed: "
        f"neither protected nor ended {format_count(result.horizon, 'week')} after onset.",
    )
    axes = figure.add_axes((style.LEFT, 0.05, 1 - 2 * style.LEFT, 0.78))
    axes.set_axis_off()
    if total:
        _draw(axes, _list_steps(results, result.spells["stopped_at"]), total)
    return figure


def _list_steps(followed: pd.Series, stopped_at: pd.Series) -> list[_CascadeStep]:
    """List the bars from top to bottom; each drop starts where the one above ends."""
    results, stops = followed.value_counts(), stopped_at.value_counts()
    drops = [(RESULTS["self_resolved"], int(results["self_resolved"]), style.QUIET)]
    drops += [(STOPS[code], int(stops[code]), stage.colour) for stage in STAGES for code in stage.stops]
    steps = [_CascadeStep("All spells of harm", len(followed), 0, style.INK)]
    remaining = len(followed)
    for name, spells, colour in drops:
        remaining -= spells
        steps.append(_CascadeStep(name, spells, remaining, colour))
    return [*steps, _CascadeStep(RESULTS["protected"], int(results["protected"]), 0, style.GREEN)]


def _draw(axes: Axes, steps: list[_CascadeStep], total: int) -> None:
    last = len(steps) - 1
    axes.set_ylim(last + 0.5, -0.5)
    axes.set_xlim(-0.49 * total, 1.38 * total)
    axes.barh(
        range(len(steps)), [step.spells for step in steps], left=[step.left for step in steps], height=0.66,
        color=[step.colour for step in steps],
    )  # fmt: skip
    for row, step in enumerate(steps):
        weight = "bold" if row in (0, last) else "normal"
        axes.text(-0.02 * total, row, step.name, ha="right", va="center", weight=weight)
        end = step.left + step.spells + 0.012 * total
        axes.text(end, row, format_share(step.spells, total), va="center", weight=weight)
        if row not in (0, last):
            axes.plot([step.left] * 2, [row - 0.33, row + 1.33], color=style.QUIET, linewidth=0.8)
    _name_stages(axes, steps, total)


def _name_stages(axes: Axes, steps: list[_CascadeStep], total: int) -> None:
    """Write the stages next to their stops, with the share of spells missed at each stage."""
    row = 2
    for stage in STAGES:
        end = row + len(stage.stops)
        missed = sum(step.spells for step in steps[row:end])
        axes.plot(
            [1.09 * total] * 2,
            [row - 0.33, end - 0.67],
            color=stage.colour,
            linewidth=5,
            solid_capstyle="butt",
        )
        axes.text(
            1.11 * total,
            (row + end - 1) / 2,
            f"{textwrap.fill(stage.name, 16)}\n{format_share(missed, total)} missed",
            va="center",
        )
        row = end
