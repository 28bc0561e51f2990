"""Figure of a sweep: the effect of each setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.plot import registry, style
from cpsim.plot.panels import MOST_ROWS, add_panels, create_sweep_figure, draw_estimate, shorten_path

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis


@registry.figure(
    of="sweep",
    question="Which settings matter most?",
    order=20,
)
@style.use_style()
def effects(analysis: Analysis) -> Figure:
    """Draw the change of each outcome from one end of a setting's range to the other, in the first arm.

    Raises:
        KeyError: the analysis has no table `effects`; `list_sweep_figures` lists what can be drawn.

    >>> effects(analysis).texts[0].get_text()
    'Which settings matter most?'
    """
    table = analysis.tables["effects"]
    first = table["of"].iloc[0]
    figure = create_sweep_figure(
        analysis,
        "Which settings matter most?",
        f"Change of the outcome from one end of a setting's range to the other, in arm {style.format_name(first)}.\n"
        "Line: 95% interval; blue if an effect is shown (adjusted for the number of settings).",
    )
    own = table[(table["of"] == first) & table["outcome"].isin(analysis.outcomes)]
    own = own.assign(name=[_label_setting(row) for row in own.to_dict("records")])
    largest = own.groupby("outcome")["effect"].transform(lambda effect: effect.abs().max())
    rank = (own["effect"].abs() / largest).groupby(own["name"]).max().sort_values(ascending=False)
    names = list(rank.index[:MOST_ROWS])
    for axes, outcome in add_panels(figure, analysis.outcomes, names):
        rows = own[own["outcome"] == outcome].set_index("name")
        for row, name in enumerate(names):
            if name in rows.index:
                draw_estimate(axes, row, rows.loc[name], "effect")
        axes.axvline(0, color=style.QUIET, linewidth=1, zorder=0)
    return figure


def _label_setting(effect: Mapping[Hashable, object]) -> str:
    """Write the path of a setting, with its value if that is a text or true/false."""
    value = effect["to"]
    return shorten_path(
        f"{effect['setting']} = {value}" if isinstance(value, str | bool) else str(effect["setting"])
    )
