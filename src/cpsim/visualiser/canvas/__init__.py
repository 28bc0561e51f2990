"""The pictures as Solara components: each a `.vue` file beside this one, drawn on a canvas by the browser itself."""

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
        net: a `scene.Network`.
        frame: a `scene.Frame`.
        label: what tests and screen readers call it; one a page.
        selected: the node that is marked, -1 for none.
        height: of the canvas, as CSS says it.
        event_pick: called with a node when somebody clicks on it or presses Enter, with -1 for nothing.
    """


@component_vue("legend.vue")
def NetworkLegend(kinds: Sequence[Mapping[str, Any]], beside: bool = False) -> None:
    """What the shapes, colours and marks of a network mean.

    Args:
        kinds: those of a `scene.Network`.
        beside: whether two networks stand beside each other, with marks of difference.
    """


@component_vue("plots.vue")
def PlotsCanvas(courses: Sequence[Mapping[str, Any]], label: str = "plots", height: str = "560px") -> None:
    """The course of one system, or of two on the same axes: the first in full lines, the second in dashed ones.

    Args:
        courses: one or two `course.Course`.
        label: what tests and screen readers call it; one a page.
        height: of the canvas, as CSS says it.
    """


@component_vue("organisation.vue")
def OrganisationPanel(
    about: Mapping[str, Any],
    system: str = "",
    label: str = "organisation",
    event_close: Callable[[None], None] | None = None,
    event_pick: Callable[[int], None] | None = None,
) -> None:
    """What a class may ask of the node that it has clicked on.

    Args:
        about: an `organisation.About`.
        system: the name of its system, where there are two.
        label: what tests call it; one a page.
        event_close: called when the panel is to be closed, by its button or by Escape.
        event_pick: called with the node of a partner when somebody clicks on it.
    """
