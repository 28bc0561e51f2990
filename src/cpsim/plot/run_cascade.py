"""Figure: where the risks were lost, from all spells of harm down to those that were protected in time."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cpsim.plot import style
from cpsim.results import CAUSES, RESULTS
from cpsim.results.printed import percent, period
from cpsim.results.stages import STAGES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results import RunResult


@dataclass(frozen=True)
class _Step:
    """One bar: the spells that drop out here (or all, or the rest), beginning at `left` spells."""

    name: str
    spells: int
    left: int
    colour: str


@style.styled()
def lost_where(result: RunResult) -> Figure:
    """Draw the cascade of spells of harm: how many were lost at each step, and how many were left to protect."""
    followed = result.spells[result.spells["result_13w"] != "censored"]
    total = len(followed)
    missed = int((followed["result_13w"] == "missed").sum())
    figure = style.titled(
        result,
        "Where were the risks lost?",
        f"{total:,} spells of significant harm began {period(result)}.\n"
        f"{missed:,} of them were missed: neither protected nor over 13 weeks after onset.",
    )
    axes = figure.add_axes((style.LEFT, 0.05, 1 - 2 * style.LEFT, 0.78))
    axes.set_axis_off()
    if total:
        _draw(axes, _steps(followed), total)
    return figure


def _steps(followed: pd.DataFrame) -> list[_Step]:
    """The bars from top to bottom; each drop begins where the one above ended."""
    results, causes = followed["result_13w"].value_counts(), followed["cause"].value_counts()
    drops = [(RESULTS["self_resolved"], int(results["self_resolved"]), style.QUIET)]
    drops += [(CAUSES[code], int(causes[code]), stage.colour) for stage in STAGES for code in stage.causes]
    steps = [_Step("All spells of harm", len(followed), 0, style.INK)]
    alive = len(followed)
    for name, spells, colour in drops:
        alive -= spells
        steps.append(_Step(name, spells, alive, colour))
    return [*steps, _Step(RESULTS["protected"], int(results["protected"]), 0, style.GREEN)]


def _draw(axes: Axes, steps: list[_Step], total: int) -> None:
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
        axes.text(end, row, percent(step.spells / total), va="center", weight=weight)
        if row not in (0, last):
            axes.plot([step.left] * 2, [row - 0.33, row + 1.33], color=style.QUIET, linewidth=0.8)
    _name_stages(axes, steps, total)


def _name_stages(axes: Axes, steps: list[_Step], total: int) -> None:
    """Write beside the causes in whose hands they lie, and how much was lost there in all."""
    row = 2
    for stage in STAGES:
        end = row + len(stage.causes)
        lost = sum(step.spells for step in steps[row:end])
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
            f"{textwrap.fill(stage.name, 16)}\n{percent(lost / total)} lost",
            va="center",
        )
        row = end
