"""The pictures as Solara components: each a `.vue` file beside this one, drawn on a canvas by the browser itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solara.components.component_vue import component_vue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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
