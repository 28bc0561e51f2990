"""How each kind of node looks: a shape of its own and a colour of its own, so that either is enough to tell it."""

from __future__ import annotations

from typing import Literal, TypedDict

import numpy as np

from cpsim.constants import FRONT_DOOR
from cpsim.results import colours

Outline = list[tuple[float, float]]
"""Corners around (0, 0), from left to right and from top to bottom, in radii of the node."""


class KindStyle(TypedDict):
    """A kind of node: what a legend calls it, how it looks, and what a node of it does."""

    name: str
    label: str
    colour: str
    outline: Outline
    role: Literal["agency", "door", "team"]


def _regular(corners: int, radius: float, first: float = 90.0) -> Outline:
    """A regular shape whose first corner lies `first` degrees above the horizon; circles are shapes of many corners."""
    angle = -np.radians(first) + 2 * np.pi * np.arange(corners) / corners
    return _rounded(radius * np.cos(angle), radius * np.sin(angle))


def _star(corners: int, radius: float) -> Outline:
    angle = -np.pi / 2 + np.pi * np.arange(2 * corners) / corners
    reach = radius * np.where(np.arange(2 * corners) % 2, 0.5, 1.0)
    return _rounded(reach * np.cos(angle), reach * np.sin(angle))


def _rounded(
    x: np.ndarray[tuple[int], np.dtype[np.float64]], y: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> Outline:
    return [(round(float(a), 3), round(float(b), 3)) for a, b in zip(x, y, strict=True)]


_DOOR: Outline = [(-0.85, 1.1), (-0.85, -0.5), (0.0, -1.25), (0.85, -0.5), (0.85, 1.1)]
_PILL: Outline = [
    (-1.2, -0.35),
    (-0.85, -0.7),
    (0.85, -0.7),
    (1.2, -0.35),
    (1.2, 0.35),
    (0.85, 0.7),
    (-0.85, 0.7),
    (-1.2, 0.35),
]

_INK, _GREY = "#222222", "#777777"


def _style(
    name: str, label: str, colour: str, outline: Outline, role: Literal["agency", "door", "team"] = "agency"
) -> KindStyle:
    return {"name": name, "label": label, "colour": colour, "outline": outline, "role": role}


_KNOWN = {
    style["name"]: style
    for style in (
        _style("school", "School", colours.SKY, _regular(28, 1.0)),
        _style("gp", "GP practice", colours.GREEN, _regular(4, 1.25, 45)),
        _style("pct", "Primary Care Trust", colours.YELLOW, _regular(5, 1.15)),
        _style("hospital", "Hospital", colours.ORANGE, _regular(4, 1.3)),
        _style("police", "Police", colours.BLUE, _regular(3, 1.4)),
        _style("community", "Public and community", colours.PURPLE, _regular(6, 1.1, 0)),
        _style(FRONT_DOOR, "Front door", _INK, _DOOR, "door"),
        _style("assessment", "Assessment team", _INK, _PILL, "team"),
        _style("long-term", "Long-term team", _GREY, _PILL, "team"),
    )
}
"""The kinds that every scenario knows; vermilion is kept for what is lost or missed."""

_SPARE = ("#A6761D", "#999999", "#5B4FA2")


def styles_of(kinds: list[str]) -> list[KindStyle]:
    """How each kind looks; one that a scenario adds is a star, in a colour of its own as far as colours go."""
    added = [kind for kind in kinds if kind not in _KNOWN]
    stars = {
        kind: _style(kind, kind.replace("_", " ").capitalize(), _SPARE[i % len(_SPARE)], _star(5, 1.35))
        for i, kind in enumerate(added)
    }
    return [_KNOWN.get(kind) or stars[kind] for kind in kinds]
