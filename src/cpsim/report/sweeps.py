"""Figures of a sweep, drawn from the tables of its analysis: at most three outcomes side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cpsim.report import style

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Tables = Mapping[str, pd.DataFrame]

__all__ = ["FIGURES", "save_figures"]

_MOST_ROWS = 12
_COLOURS = (style.BLUE, style.VERMILION, style.GREEN, style.ORANGE, style.PURPLE, style.SKY, style.INK)
_BOTTOM, _TOP = 0.13, 0.79
_LABELS = 0.25
"""Where panels begin that have names of settings beside them, as a share of the width."""


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
    for axes, outcome in _panels(figure, outcomes, [_short(arm) for arm in arms]):
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
    for axes, outcome in _panels(figure, outcomes, names):
        rows = own[own["outcome"] == outcome].set_index("name")
        for row, name in enumerate(names):
            if name in rows.index:
                _whisker(axes, row, rows.loc[name], "effect")
        axes.axvline(0, color=style.QUIET, linewidth=1, zorder=0)
    return figure


@style.styled()
def sobol(tables: Tables, outcomes: Sequence[str], source: str) -> Figure:
    """Draw first-order and total indices of the first arm."""
    table = _of_first_arm(tables["sobol"])
    last = table[table["base_points"] == table["base_points"].max()]
    figure = style.sheet(
        "Which settings make the outcome uncertain?",
        "Share of the variance that goes when a setting is known (dark: alone), or stays when all others are\n"
        "(light: with its interactions). Lines: 95 % intervals.",
        source,
    )
    totals = last[last["outcome"].isin(outcomes)].groupby("setting")["total"].max()
    settings = list(totals.sort_values(ascending=False).index[:_MOST_ROWS])
    for axes, outcome in _panels(figure, outcomes, [_short(name) for name in settings]):
        own = last[last["outcome"] == outcome].set_index("setting").reindex(settings)
        for kind, colour, shift in (("total", style.SKY, 0.16), ("first", style.BLUE, -0.16)):
            rows = np.arange(len(settings)) + shift
            axes.barh(rows, own[kind].clip(lower=0), height=0.3, color=colour)
            axes.hlines(rows, own[f"{kind}_low"], own[f"{kind}_high"], color=style.INK, linewidth=1.2)
        axes.set_xlim(left=min(0.0, float(own["first_low"].min())) if own["first_low"].notna().any() else 0)
    return figure


@style.styled()
def sobol_settling(tables: Tables, outcomes: Sequence[str], source: str) -> Figure:
    """Draw how total indices settle as base points are added."""
    return _settling(
        _of_first_arm(tables["sobol"]), outcomes, source, "total", "base_points",
        "Have the indices settled?", "Total index from the first base points of the design and from all; band: 95 %.",
    )  # fmt: skip


@style.styled()
def morris(tables: Tables, outcomes: Sequence[str], source: str) -> Figure:
    """Draw how strong and how uneven the effect of each setting is."""
    table = _of_first_arm(tables["morris"])
    last = table[table["trajectories"] == table["trajectories"].max()]
    figure = style.sheet(
        "Which settings matter at all?",
        "Across: mean size of the change over a setting's whole range, with its 95 % interval.\n"
        "Up: how much that change differs from place to place; above the line it is mostly crooked or shared.",
        source,
    )
    for axes, outcome in _panels(figure, outcomes, ()):
        own = last[last["outcome"] == outcome]
        reach = float(max(own["mu_star_high"].max(), own["sigma"].max(), 1e-12)) * 1.1
        axes.plot([0, reach], [0, reach], color=style.FAINT, linewidth=1, zorder=0)
        for row in own.to_dict("records"):
            axes.hlines(row["sigma"], max(row["mu_star_low"], 0), row["mu_star_high"], color=style.SKY)
            axes.plot(row["mu_star"], row["sigma"], "o", color=style.BLUE)
        _name_strongest(axes, own)
        axes.set_xlim(0, reach)
        axes.set_ylim(-0.03 * reach, reach)
    return figure


@style.styled()
def seeds(tables: Tables, outcomes: Sequence[str], source: str) -> Figure:
    """Draw how narrow the interval gets with more seeds, and how well that is known."""
    from scipy.stats import t

    table = tables["seeds"].drop_duplicates(["of", "outcome"])
    figure = style.sheet(
        "How many seeds are enough?",
        "Half width of the 95 % interval of the mean over points for a number of seeds. Dot: seeds run so far.\n"
        "Band: what the spread between so few seeds may truly be.",
        source,
    )
    compared = list(dict.fromkeys(table["of"]))[: len(_COLOURS)]
    most = 4 * int(table["seeds_now"].max())
    counts = np.unique(np.geomspace(2, max(most, 20), 40).astype(np.int64))
    factor = t.ppf(0.975, counts - 1) / np.sqrt(counts)
    for axes, outcome in _panels(figure, outcomes, ()):
        for colour, name in zip(_COLOURS, compared, strict=False):
            own = table[(table["outcome"] == outcome) & (table["of"] == name)]
            for row in own.to_dict("records"):
                axes.fill_between(
                    counts,
                    row["sd_low"] * factor,
                    row["sd_high"] * factor,
                    color=colour,
                    alpha=0.15,
                    linewidth=0,
                )
                axes.plot(counts, row["sd"] * factor, color=colour, label=_short(name))
                axes.plot(row["seeds_now"], row["half_width_now"], "o", color=colour)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("seeds")
        _plain_ticks(axes, counts)
    _legend(figure)
    return figure


@style.styled()
def conditions(tables: Tables, outcomes: Sequence[str], source: str) -> Figure:
    """Draw the way to the surest box, and the box."""
    table = tables["conditions"].dropna(subset="by_chance")
    best = table[table["outcome"].isin(outcomes)].sort_values("by_chance", kind="stable").iloc[0]
    arm, outcome = best["arm"], best["outcome"]
    box = table[(table["arm"] == arm) & (table["outcome"] == outcome)].dropna(subset="setting")
    sure = (
        "seldom finds as good a box"
        if best["shown"]
        else "finds as good a box easily: no conditions are shown"
    )
    figure = style.sheet(
        f"Under which conditions is {style.plain(arm)} worse?",
        f"Worse: more or less of {_readable(outcome)} than in the first arm, whichever is worse. Here at\n"
        f"{100 * best['worse_share']:.0f} % of {best['points']} points. Chance {sure} (p = {best['by_chance']:.2g}).",
        source,
    )
    _draw_way(figure, tables["conditions_way"], best)
    _draw_box(figure, box)
    return figure


@style.styled()
def pareto(tables: Tables, outcomes: Sequence[str], source: str) -> Figure:
    """Draw the first outcome against each of the others, with what no alternative beats."""
    table = tables["pareto"]
    figure = style.sheet(
        "Which alternatives does no other beat?",
        "Full: on the front. Hollow: cannot be told, its place hangs on differences that chance explains.\n"
        "Grey: another is as good in everything and shown to be better in something. Lines: 95 % over seeds.",
        source,
    )
    misses, *others = (name for name in outcomes if name in table)
    looks = {
        "on the front": (style.BLUE, style.BLUE),
        "cannot be told": (style.BLUE, "white"),
        "dominated": (style.QUIET, style.FAINT),
    }
    few = len(table) <= _MOST_ROWS
    for place, (axes, other) in enumerate(_panels(figure, others, ())):
        for name, row in table.iterrows():
            edge, face = looks[row["status"]]
            if few:
                axes.hlines(row[misses], row[f"{other}_low"], row[f"{other}_high"], color=style.FAINT)
                axes.vlines(row[other], row[f"{misses}_low"], row[f"{misses}_high"], color=style.FAINT)
                axes.annotate(
                    _short(str(name)),
                    (row[other], row[misses]),
                    xytext=(7, 6),
                    textcoords="offset points",
                    fontsize=11,
                )
            axes.plot(row[other], row[misses], "o", color=edge, markerfacecolor=face, markersize=8)
        axes.set_title("")
        axes.set_xlabel(_readable(other))
        axes.set_ylabel(_readable(misses) if place == 0 else "")
        axes.margins(0.15)
    return figure


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
    for axes, outcome in _panels(figure, outcomes, [_short(arm) for arm in arms]):
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


def _panels(figure: Figure, outcomes: Sequence[str], rows: Sequence[str]) -> Iterator[tuple[Axes, str]]:
    """A panel for each outcome, side by side; named rows, from the top down, stand beside the first."""
    left = _LABELS if rows else 0.08
    gap = 0.03 if rows else 0.06
    width = (1 - left - style.LEFT - gap * (len(outcomes) - 1)) / len(outcomes)
    for place, outcome in enumerate(outcomes):
        axes = figure.add_axes((left + place * (width + gap), _BOTTOM, width, _TOP - _BOTTOM))
        axes.set_title(_folded(_readable(outcome)), fontsize=12)
        axes.locator_params(axis="x", nbins=4)
        if rows:
            axes.set_ylim(len(rows) - 0.4, -0.6)
            axes.set_yticks(range(len(rows)), rows if place == 0 else [""] * len(rows))
            axes.tick_params(axis="y", length=0)
            axes.spines["left"].set_visible(False)
        yield axes, outcome


def _whisker(axes: Axes, row: float, estimate: pd.Series, value: str) -> None:
    """An estimate with its interval, in colour where a verdict is given."""
    shown = estimate["verdict"] not in ("no difference shown", "cannot be said")
    colour = style.BLUE if shown else style.QUIET
    axes.hlines(row, estimate["low"], estimate["high"], color=colour, linewidth=2)
    axes.plot(
        estimate[value], row, "o", color=colour, markerfacecolor=colour if shown else "white", markersize=8
    )


def _settling(
    table: pd.DataFrame,
    outcomes: Sequence[str],
    source: str,
    value: str,
    size: str,
    title: str,
    subtitle: str,
) -> Figure:
    figure = style.sheet(title, subtitle, source)
    last = table[table[size] == table[size].max()]
    ranked = last[last["outcome"].isin(outcomes)].groupby("setting")[value].max()
    settings = list(ranked.sort_values(ascending=False).index[: len(_COLOURS)])
    for axes, outcome in _panels(figure, outcomes, ()):
        for colour, setting in zip(_COLOURS, settings, strict=False):
            own = table[(table["outcome"] == outcome) & (table["setting"] == setting)]
            axes.fill_between(
                own[size], own[f"{value}_low"], own[f"{value}_high"], color=colour, alpha=0.15, linewidth=0
            )
            axes.plot(own[size], own[value], "o-", color=colour, label=_short(setting))
        axes.set_xscale("log")
        axes.set_xlabel(size.replace("_", " "))
        _plain_ticks(axes, np.unique(table[size]))
    _legend(figure)
    return figure


def _draw_way(figure: Figure, ways: pd.DataFrame, best: pd.Series) -> None:
    way = ways[(ways["arm"] == best["arm"]) & (ways["outcome"] == best["outcome"])]
    axes = figure.add_axes((0.08, _BOTTOM, 0.3, _TOP - _BOTTOM))
    axes.set_title("Peel by peel", fontsize=12)
    axes.plot(way["coverage"], way["density"], "o-", color=style.SKY, markersize=4)
    axes.plot(best["coverage"], best["density"], "o", color=style.VERMILION, markersize=11)
    axes.annotate(
        "the box",
        (best["coverage"], best["density"]),
        xytext=(0, -20),
        textcoords="offset points",
        ha="center",
    )
    axes.set_xlim(0, 1.05)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel("share of worse points inside")
    axes.set_ylabel("share of points inside that are worse")


def _draw_box(figure: Figure, box: pd.DataFrame) -> None:
    axes = figure.add_axes((0.64, _BOTTOM, 0.31, _TOP - _BOTTOM))
    axes.set_title("The box, within the ranges run", fontsize=12)
    axes.set_axis_off()
    rows = max(len(box), 1)
    axes.set_ylim(max(rows, 4) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    for row, limit in enumerate(box.to_dict("records")):
        low, high = max(limit["low"], limit["lowest"]), min(limit["high"], limit["highest"])
        reach = limit["highest"] - limit["lowest"]
        axes.barh(row, 1, height=0.22, color=style.FAINT)
        axes.barh(
            row,
            (high - low) / reach,
            left=(low - limit["lowest"]) / reach,
            height=0.22,
            color=style.VERMILION,
        )
        axes.text(-0.03, row, _short(limit["setting"]), ha="right", va="center")
        axes.text(0, row + 0.17, f"{limit['lowest']:.3g}", va="top", color=style.QUIET, fontsize=10)
        axes.text(
            1, row + 0.17, f"{limit['highest']:.3g}", va="top", ha="right", color=style.QUIET, fontsize=10
        )
        axes.text(0.5, row - 0.17, _between(limit), va="bottom", ha="center", fontsize=11)


def _between(limit: Mapping[Hashable, Any]) -> str:
    low, high = limit["low"], limit["high"]
    if math.isinf(low):
        return f"below {high:.3g}"
    return f"above {low:.3g}" if math.isinf(high) else f"{low:.3g} to {high:.3g}"


def _name_strongest(axes: Axes, own: pd.DataFrame) -> None:
    for row in own.nlargest(6, "mu_star").to_dict("records"):
        axes.annotate(
            _short(row["setting"]), (row["mu_star"], row["sigma"]), xytext=(0, 8), textcoords="offset points",
            ha="center", fontsize=10,
        )  # fmt: skip


def _legend(figure: Figure) -> None:
    handles, labels = figure.axes[0].get_legend_handles_labels()
    if len(labels) > 1:
        figure.legend(
            handles,
            labels,
            loc="lower left",
            bbox_to_anchor=(style.LEFT, 0.035),
            ncols=4,
            frameon=False,
            fontsize=11,
        )
        for axes in figure.axes:
            box = axes.get_position()
            axes.set_position((box.x0, box.y0 + 0.07, box.width, box.height - 0.07))


def _plain_ticks(axes: Axes, values: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    """A logarithmic axis with a few whole numbers on it."""
    chosen = values[np.unique(np.linspace(0, len(values) - 1, 5).astype(int))]
    axes.set_xticks(chosen, [f"{value}" for value in chosen])
    axes.minorticks_off()


def _of_first_arm(table: pd.DataFrame) -> pd.DataFrame:
    of_first: pd.DataFrame = table[table["arm"] == table["arm"].iloc[0]]
    return of_first


def _named(effect: Mapping[Hashable, object]) -> str:
    """A setting; for words also which."""
    word = effect["to"]
    return _short(f"{effect['setting']} = {word}" if isinstance(word, str | bool) else str(effect["setting"]))


def _short(name: str) -> str:
    """A name for the margin: the end of a long path says more than its beginning."""
    return style.plain(name if len(name) <= 30 else f"…{name[-29:]}")


def _readable(outcome: str) -> str:
    return outcome.replace("_", " ")


def _folded(text: str) -> str:
    words = text.split()
    if len(text) <= 26:
        return text
    half = next(count for count in range(1, len(words) + 1) if len(" ".join(words[:count])) >= len(text) / 2)
    return "\n".join([" ".join(words[:half]), " ".join(words[half:])]).strip()
