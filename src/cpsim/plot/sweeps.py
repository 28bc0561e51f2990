"""Figures of a sweep, drawn from the tables of its analysis: at most three outcomes side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.plot import style
from cpsim.plot.panels import COLOURS, legend, panels, plain_ticks, readable, short
from cpsim.plot.sweep_conditions import conditions
from cpsim.plot.sweep_indices import morris, sobol, sobol_settling

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.plot.panels import Tables

__all__ = ["FIGURES", "save_figures"]

_MOST_ROWS = 12


@style.styled()
def differences(tables: Tables, outcomes: Sequence[str], source: str) -> Figure:
    """Draw what each arm changes over all points, and behind it at each point."""
    table, by_point = tables["differences"], tables["differences_by_point"]
    figure = style.sheet(
        "What does each arm change?",
        "Difference to the first arm on the same children. Dot and line: mean over all points, 95 % interval;\n"
        "blue where a difference is shown, allowing for the number of comparisons. Behind: each point on its own.",
        source,
    )
    arms = list(dict.fromkeys(table["arm"]))[:_MOST_ROWS]
    jitter = np.random.default_rng(0)
    for axes, outcome in panels(figure, outcomes, [short(arm) for arm in arms]):
        own = table[table["outcome"] == outcome].set_index("arm")
        for row, arm in enumerate(arms):
            each = by_point[(by_point["outcome"] == outcome) & (by_point["arm"] == arm)]["difference"]
            heights = row + 0.13 + 0.2 * jitter.random(len(each))
            axes.plot(each, heights, ".", color=style.FAINT, markersize=5, rasterized=True, zorder=1)
            _whisker(axes, row, own.loc[arm], "difference")
        axes.axvline(0, color=style.QUIET, linewidth=1, zorder=0)
    return figure


@style.styled()
def effects(tables: Tables, outcomes: Sequence[str], source: str) -> Figure:
    """Draw what each setting changes from one end of its range to the other, in the first arm."""
    table = tables["effects"]
    first = table["of"].iloc[0]
    figure = style.sheet(
        "What matters most?",
        f"Change of the outcome from one end of a setting's range to the other, in arm {style.plain(first)}.\n"
        "Line: 95 % interval; blue where an effect is shown, allowing for the number of settings.",
        source,
    )
    own = table[(table["of"] == first) & table["outcome"].isin(outcomes)]
    own = own.assign(name=[_named(row) for row in own.to_dict("records")])
    largest = own.groupby("outcome")["effect"].transform(lambda effect: effect.abs().max())
    rank = (own["effect"].abs() / largest).groupby(own["name"]).max().sort_values(ascending=False)
    names = list(rank.index[:_MOST_ROWS])
    for axes, outcome in panels(figure, outcomes, names):
        rows = own[own["outcome"] == outcome].set_index("name")
        for row, name in enumerate(names):
            if name in rows.index:
                _whisker(axes, row, rows.loc[name], "effect")
        axes.axvline(0, color=style.QUIET, linewidth=1, zorder=0)
    return figure


@style.styled()
def seeds(tables: Tables, outcomes: Sequence[str], source: str) -> Figure:
    """Draw how narrow the interval gets with more seeds, and how well that is known."""
    from scipy.stats import t

    table = tables["seeds"].drop_duplicates(["of", "outcome"])
    figure = style.sheet(
        "How many seeds are enough?",
        "Half width of the 95 % interval of the difference to the first arm (or of the only arm) by number of seeds.\n"
        "Dot: seeds run so far. Band: what the spread between so few seeds may truly be.",
        source,
    )
    compared = list(dict.fromkeys(table["of"]))[: len(COLOURS)]
    most = 4 * int(table["seeds_now"].max())
    counts = np.unique(np.geomspace(2, max(most, 20), 40).astype(np.int64))
    factor = t.ppf(0.975, counts - 1) / np.sqrt(counts)
    for axes, outcome in panels(figure, outcomes, ()):
        told = table[table["outcome"] == outcome]
        for colour, name in zip(COLOURS, compared, strict=False):
            axes.plot([], [], color=colour, label=short(name.partition(" less ")[0]))
            own = told[(told["of"] == name) & (told["sd"] > 0)]
            for row in own.to_dict("records"):
                axes.fill_between(
                    counts,
                    row["sd_low"] * factor,
                    row["sd_high"] * factor,
                    color=colour,
                    alpha=0.15,
                    linewidth=0,
                )
                axes.plot(counts, row["sd"] * factor, color=colour)
                axes.plot(row["seeds_now"], row["half_width_now"], "o", color=colour)
        axes.set_xscale("log")
        axes.set_xlabel("seeds")
        if (told["sd"] > 0).any():
            axes.set_yscale("log")
        else:
            axes.text(
                0.5, 0.5, "the same with every seed", transform=axes.transAxes, ha="center", color=style.QUIET
            )
        plain_ticks(axes, counts)
    legend(figure)
    return figure


@style.styled()
def pareto(tables: Tables, outcomes: Sequence[str], source: str) -> Figure:
    """Draw the first outcome against each of the others, with what no alternative beats."""
    table = tables["pareto"]
    few = len(table) <= _MOST_ROWS
    lines = " Lines: 95 % over seeds." if few else ""
    figure = style.sheet(
        "Which alternatives does no other beat?",
        "Full: on the front. Large and hollow: cannot be told, its place hangs on differences that chance explains.\n"
        f"Small and pale: another is as good in everything and shown to be better in something.{lines}",
        source,
    )
    misses, *others = (name for name in outcomes if name in table)
    drawn = table.reset_index()
    arms = list(dict.fromkeys(drawn["arm"])) if "arm" in drawn else [""]
    colours = dict(zip(arms, COLOURS, strict=False))
    for place, (axes, other) in enumerate(panels(figure, others, ())):
        for row in drawn.to_dict("records"):
            colour = colours.get(row.get("arm", ""), style.QUIET)
            _draw_alternative(axes, row, other, misses, colour, few=few)
        for arm, colour in colours.items():
            axes.plot([], [], "o", color=colour, label=short(arm))
        axes.set_title("")
        axes.set_xlabel(readable(other))
        axes.set_ylabel(readable(misses) if place == 0 else "")
        axes.margins(0.1)
    legend(figure)
    return figure


def _draw_alternative(
    axes: Axes, row: Mapping[Hashable, Any], across: str, up: str, colour: str, *, few: bool
) -> None:
    dominated = row["status"] == "dominated"
    if few:
        axes.hlines(row[up], row[f"{across}_low"], row[f"{across}_high"], color=style.FAINT)
        axes.vlines(row[across], row[f"{up}_low"], row[f"{up}_high"], color=style.FAINT)
    axes.plot(
        row[across], row[up], "o", color=colour, markerfacecolor=colour if row["status"] == "on the front" else "white",
        alpha=0.35 if dominated else 1.0, markersize=5 if dominated else 9,
    )  # fmt: skip


@style.styled()
def regret(tables: Tables, outcomes: Sequence[str], source: str) -> Figure:
    """Draw the mean and the largest regret of each arm, and in how many worlds it is best."""
    table = tables["regret"]
    figure = style.sheet(
        "Which arm would be regretted least?",
        "How much worse an arm is than the best one for that world. Dot: mean over worlds. Diamond: the worst world.\n"
        "Lines: 95 % over seeds. Beside it: share of worlds in which no arm is better.",
        source,
    )
    arms = list(dict.fromkeys(table["arm"]))[:_MOST_ROWS]
    for axes, outcome in panels(figure, outcomes, [short(arm) for arm in arms]):
        own = table[table["outcome"] == outcome].set_index("arm")
        for row, arm in enumerate(arms):
            if arm not in own.index:
                continue
            about = own.loc[arm]
            for kind, marker, colour, shift in (
                ("mean", "o", style.BLUE, -0.1),
                ("max", "D", style.VERMILION, 0.1),
            ):
                axes.hlines(
                    row + shift, about[f"{kind}_low"], about[f"{kind}_high"], color=colour, linewidth=1.5
                )
                axes.plot(about[kind], row + shift, marker, color=colour)
            axes.annotate(
                f"best in {100 * about['best']:.0f} %", (1, row - 0.32), xycoords=("axes fraction", "data"),
                ha="right", va="center", color=style.QUIET, fontsize=11,
            )  # fmt: skip
        axes.set_xlim(left=0)
    return figure


FIGURES: dict[str, Callable[[Tables, Sequence[str], str], Figure]] = {
    "differences": differences,
    "effects": effects,
    "sobol": sobol,
    "sobol_settling": sobol_settling,
    "morris": morris,
    "seeds": seeds,
    "conditions": conditions,
    "pareto": pareto,
    "regret": regret,
}
"""File name without its ending -> what draws it."""

_NEEDS = {"sobol_settling": "sobol", "conditions": "conditions_way"}
"""Tables that figures need, where they are called differently."""


def save_figures(tables: Tables, outcomes: Sequence[str], source: str, folder: Path) -> list[str]:
    """Draw what there are tables for into `folder`, as PNG (150 dpi).

    Args:
        tables: the tables of an analysis, by name.
        outcomes: at most three outcomes, shown side by side.
        source: what the figures show: the name of the experiment.
        folder: exists.

    Returns:
        The names of the figures that were drawn.

    Raises:
        OSError: the disk refuses.
    """
    if not outcomes:
        return []
    drawn = [name for name in FIGURES if _NEEDS.get(name, name) in tables]
    with style.styled():
        for name in drawn:
            style.save(FIGURES[name](tables, outcomes, style.plain(source)), folder / f"{name}.png")
    return drawn


def _whisker(axes: Axes, row: float, estimate: pd.Series, value: str) -> None:
    """An estimate with its interval, in colour where a verdict is given."""
    shown = estimate["verdict"] not in ("no difference shown", "cannot be said")
    colour = style.BLUE if shown else style.QUIET
    axes.hlines(row, estimate["low"], estimate["high"], color=colour, linewidth=2)
    axes.plot(
        estimate[value], row, "o", color=colour, markerfacecolor=colour if shown else "white", markersize=8
    )


def _named(effect: Mapping[Hashable, object]) -> str:
    """A setting; for words also which."""
    word = effect["to"]
    return short(f"{effect['setting']} = {word}" if isinstance(word, str | bool) else str(effect["setting"]))
