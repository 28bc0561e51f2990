"""Figure: how the effect of an arm depends on the prevalence of harm."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from cpsim.formatting import format_percent_setting, format_tick
from cpsim.measures.outcomes import OUTCOMES, list_first_headlines
from cpsim.measures.outcomes.registry import POINTS
from cpsim.plot import registry, style
from cpsim.plot.comparisons import (
    KEY,
    create_comparison_figure,
    describe_pairing,
    draw_interval,
    select_colours,
    select_verdicts,
)
from cpsim.plot.outcomes import label_outcome
from cpsim.present import comparison_exhibits as shown
from cpsim.present.comparison_exhibits import MOST_ARMS, select_differences

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.present.comparison_exhibits import ComparisonRow
    from cpsim.results.comparison import Comparison

_OUTCOMES = list_first_headlines()
_LEFT, _GAP = 0.22, 0.035
_LETTERS = 18
"""Letters in a line above a panel."""
_ROW, _TOP, _BELOW = 0.42, 2.6, 0.85
"""Height of a row, and room above and below the panels, in inches."""


@registry.figure(
    of="comparison",
    question="Does it depend on how common harm is?",
    content="differences in their own units, by prevalence of harm",
    uncertainty="95% of each family of tests",
    order=30,
    applies=lambda comparison: len(comparison.prevalences) > 1,
    exhibit=registry.Exhibit(
        title="Does the answer depend on how much harm there is?",
        describe=shown.describe_prevalences,
        create_table=shown.create_prevalence_table,
        caption="No one knows how many children are in significant harm. An answer that does not depend on it is "
        "stronger.",
    ),
)
@style.use_style()
def prevalence(comparison: Comparison) -> Figure:
    """Draw differences from the reference at each prevalence of harm: missed risk, harm, assessments, workload, cost.

    Differences are in the units of the outcomes, with intervals at the level of their family of tests. Hollow and grey
    is no difference shown; blue is better and vermilion worse only if nothing else explains it. At most four arms are
    drawn.

    There is a panel for each of the five outcomes:

    >>> comparison.prevalences, len(prevalence(comparison).axes)
    ((None, 0.01, 0.02, 0.04), 5)
    """
    arms = comparison.others[:MOST_ARMS]
    rows = {
        (share, arm): place * (len(arms) + 0.4) + row
        for place, share in enumerate(comparison.prevalences)
        for row, arm in enumerate(arms)
    }
    room = _ROW * (max(rows.values()) + 1.2)
    size = (style.SIZE[0], room + _TOP + _BELOW)
    figure = create_comparison_figure(
        comparison,
        "Does it depend on how common harm is?",
        "Rows: share of children in significant harm at one time if no one intervened (as set: in the scenarios).\n"
        f"Difference from {style.format_name(comparison.reference, 24)}, {describe_pairing(comparison)}.\n{KEY}",
        size=size,
    )
    differences = {share: select_differences(comparison, share) for share in comparison.prevalences}
    width = (1 - _LEFT - style.LEFT - _GAP * (len(_OUTCOMES) - 1)) / len(_OUTCOMES)
    for place, outcome in enumerate(_OUTCOMES):
        axes = figure.add_axes((_LEFT + place * (width + _GAP), _BELOW / size[1], width, room / size[1]))
        axes.set_ylim(max(rows.values()) + 0.5, -0.7)
        _write_heading(axes, outcome)
        for (share, arm), row in rows.items():
            colours = select_colours(outcome, select_verdicts(differences[share], arm))
            _draw(axes, row, differences[share][arm, outcome], colours)
        _prepare(axes, outcome, 0.01 * float(comparison.select_rows(table="runs")[outcome].abs().mean()))
    _name_rows(figure, rows, several=len(arms) > 1)
    return figure


def _prepare(axes: Axes, outcome: str, least: float) -> None:
    """Set up the axes; the x axis extends at least `least` on either side of 0."""
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
    axes.set_yticks([])
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, -least), max(high, least))
    axes.locator_params(axis="x", nbins=3)
    axes.xaxis.set_major_formatter(lambda value, _: format_tick(outcome, value))


def _name_rows(figure: Figure, rows: dict[tuple[float | None, str], float], *, several: bool) -> None:
    """Write the prevalences in the margin, and the arms next to their rows if there are several."""
    axes = figure.axes[0]
    box = axes.get_position()
    for (share, arm), row in rows.items():
        first = arm == next(iter(rows))[1]
        name = "as set" if share is None else format_percent_setting(share)
        across = axes.get_yaxis_transform()
        margin = -(box.x0 - style.LEFT) / box.width
        if first:
            axes.text(margin, row, name, transform=across, va="center", weight="bold")
        if several:
            axes.text(
                -0.06, row, style.format_name(arm, 17), transform=across, va="center", ha="right", fontsize=11
            )


def _write_heading(axes: Axes, outcome: str) -> None:
    """Write the outcome and the unit of its difference above a panel."""
    name, axis = label_outcome(outcome)
    unit = fill(f"{POINTS}, {axis}" if OUTCOMES[outcome].is_share else axis, _LETTERS)
    for text, points, look in (
        (fill(name, _LETTERS), 40, {"weight": "bold"}),
        (unit, 36, {"color": style.QUIET, "fontsize": 11}),
    ):
        axes.annotate(
            text, (0, 1), xycoords="axes fraction", xytext=(0, points), textcoords="offset points",
            va="top" if text == unit else "bottom", **look,
        )  # fmt: skip


def _draw(axes: Axes, row: float, estimate: ComparisonRow, colours: tuple[str, str]) -> None:
    draw_interval(axes, row, estimate, 1.0, colours)
    axes.text(
        0, row - 0.22, shown.format_change(estimate, short=True).replace(" points", ""), va="bottom", fontsize=8.5,
        transform=axes.get_yaxis_transform(), color=colours[0], bbox=style.TEXT_BACKGROUND,
    )  # fmt: skip
