"""Network, plots and panels as Solara components, each with a `.vue` file here; the browser draws on a canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solara.components.component_vue import component_vue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@component_vue("network.vue")
def NetworkCanvas(
    net: Mapping[str, Any],
    frame: Mapping[str, Any],
    label: str = "network",
    selected: int = -1,
    height: str = "60vh",
    event_pick: Callable[[int], None] | None = None,
) -> None:
    """The network in one week.

    Args:
        net: a `scene.NetworkView`.
        frame: a `scene.Frame`.
        label: name for tests and screen readers, unique on the page.
        selected: the node that is marked, -1 for none.
        height: height of the canvas as a CSS length.
        event_pick: called with the node that was clicked or chosen by Enter, or -1 for none.
    """


@component_vue("legend.vue")
def NetworkLegend(kinds: Sequence[Mapping[str, Any]], pair: bool = False) -> None:
    """The legend of shapes, colours and marks of a network.

    Args:
        kinds: `kinds` of a `scene.NetworkView`.
        pair: whether two networks are shown side by side, with marks of difference.
    """


@component_vue("plots.vue")
def PlotsCanvas(series: Sequence[Mapping[str, Any]], label: str = "plots", height: str = "560px") -> None:
    """The time series of one system, or of two on the same axes: solid lines on the left, dashed on the right.

    Args:
        series: one or two `course.PlotSeries`.
        label: name for tests and screen readers, unique on the page.
        height: height of the canvas as a CSS length.
    """


@component_vue("organisation.vue")
def OrganisationPanel(
    content: Mapping[str, Any],
    system: str = "",
    label: str = "organisation",
    event_close: Callable[[None], None] | None = None,
    event_pick: Callable[[int], None] | None = None,
) -> None:
    """The panel of the chosen node.

    Args:
        content: an `organisation.PanelContent`.
        system: the name of its system if there are two.
        label: name for tests, unique on the page.
        event_close: called when the panel is closed by its button or by Escape.
        event_pick: called with the node of a partner that was clicked.
    """
