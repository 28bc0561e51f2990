"""Figure of a sweep: the effect of each setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.analysis.wording import format_ends
from cpsim.plot import registry, style
from cpsim.plot.panels import (
    MOST_ROWS,
    add_panels,
    create_sweep_figure,
    draw_estimate,
    find_setting,
    label_differences,
    label_setting,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

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
    own = table[(table["of"] == first) & table["outcome"].isin(analysis.outcomes)]
    own = own.assign(name=[_label_row(analysis, row) for row in own.to_dict("records")])
    largest = own.groupby("outcome")["effect"].transform(lambda effect: effect.abs().max())
    rank = (own["effect"].abs() / largest).groupby(own["name"]).max().sort_values(ascending=False)
    names = list(rank.index[:MOST_ROWS])
    figure = create_sweep_figure(
        analysis,
        "Which settings matter most?",
        f"Change of the outcome from one end of a setting's range to the other, in {style.format_name(first)}, with\n"
        "95% intervals that hold together for all settings. Filled: an effect is shown.",
        len(names),
    )
    for axes, outcome in add_panels(figure, analysis.outcomes, names):
        rows = own[own["outcome"] == outcome].set_index("name")
        for row, name in enumerate(names):
            if name in rows.index:
                draw_estimate(axes, row, rows.loc[name], "effect")
        label_differences(axes, outcome)
    return figure


def _label_row(analysis: Analysis, effect: Mapping[Hashable, Any]) -> str:
    """Name a setting, and on a second line the two values that an effect is between, with their unit."""
    setting = find_setting(analysis, effect["setting"])
    return f"{label_setting(analysis, setting.path)}\n{format_ends(setting, effect['from'], effect['to'])}"
