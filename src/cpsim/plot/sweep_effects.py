"""Figure of a sweep: what each setting changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.plot import style
from cpsim.plot.panels import MOST_ROWS, asked, panels, short, whisker

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis


@style.styled()
def effects(analysis: Analysis) -> Figure:
    """Draw what each setting changes from one end of its range to the other, in the first arm."""
    table = analysis.tables["effects"]
    first = table["of"].iloc[0]
    figure = asked(
        analysis,
        "What matters most?",
        f"Change of the outcome from one end of a setting's range to the other, in arm {style.plain(first)}.\n"
        "Line: 95 % interval; blue where an effect is shown, allowing for the number of settings.",
    )
    own = table[(table["of"] == first) & table["outcome"].isin(analysis.outcomes)]
    own = own.assign(name=[_named(row) for row in own.to_dict("records")])
    largest = own.groupby("outcome")["effect"].transform(lambda effect: effect.abs().max())
    rank = (own["effect"].abs() / largest).groupby(own["name"]).max().sort_values(ascending=False)
    names = list(rank.index[:MOST_ROWS])
    for axes, outcome in panels(figure, analysis.outcomes, names):
        rows = own[own["outcome"] == outcome].set_index("name")
        for row, name in enumerate(names):
            if name in rows.index:
                whisker(axes, row, rows.loc[name], "effect")
        axes.axvline(0, color=style.QUIET, linewidth=1, zorder=0)
    return figure


def _named(effect: Mapping[Hashable, object]) -> str:
    """A setting; for words also which."""
    word = effect["to"]
    return short(f"{effect['setting']} = {word}" if isinstance(word, str | bool) else str(effect["setting"]))
