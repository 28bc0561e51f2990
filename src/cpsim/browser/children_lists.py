"""The lists of children whom only one of two systems protected in time, and where chains stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import solara

from cpsim.live.children import ChildComparison


@solara.component_vue("children.vue")
def _Lists(
    names: list[str],
    lists: list[list[dict[str, Any]]],
    evaluated: int,
    missed: list[int],
    stops: list[list[str | int]],
    chosen: int | None = None,
    event_pick: Callable[[int], None] | None = None,
) -> None: ...


@solara.component
def ChildrenLists(
    comparison: ChildComparison,
    names: tuple[str, str],
    on_pick: Callable[[int], None],
    chosen: int | None = None,
) -> None:
    """Where the chains of two systems stopped, and the lists of children whom only one of them protected.

    Args:
        comparison: the comparison of both systems.
        names: names of the left and the right system.
        on_pick: called with the row of the child that was clicked.
        chosen: the child whose story is open.
    """
    _Lists(
        names=list(names),
        lists=[[asdict(spell) for spell in side] for side in (comparison.left, comparison.right)],
        evaluated=comparison.evaluated,
        missed=list(comparison.missed),
        stops=[list(stop) for stop in comparison.stops],
        chosen=chosen,
        event_pick=lambda child: on_pick(int(child)),
    )
