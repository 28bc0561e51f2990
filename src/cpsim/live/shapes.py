"""How each kind of node looks: its own shape and its own colour, so that either is enough to recognise it."""

from __future__ import annotations

from typing import Literal, TypedDict

import numpy as np

from cpsim.constants import FRONT_DOOR
from cpsim.present import colours

Outline = list[tuple[float, float]]
"""Corners (x, y) around (0, 0) in radii of the node; x grows to the right and y downwards."""


class KindStyle(TypedDict):
    """A kind of node: its name, its label in the legend, its colour and shape, and the role of its nodes."""

    name: str
    label: str
    colour: str
    outline: Outline
    role: Literal["agency", "front_door", "team"]


def _draw_polygon(corners: int, radius: float, first: float = 90.0) -> Outline:
    """Return a regular polygon whose first corner is `first` degrees above the horizontal; a circle has many."""
    angle = -np.radians(first) + 2 * np.pi * np.arange(corners) / corners
    return _round_points(radius * np.cos(angle), radius * np.sin(angle))


def _draw_star(corners: int, radius: float) -> Outline:
    angle = -np.pi / 2 + np.pi * np.arange(2 * corners) / corners
    reach = radius * np.where(np.arange(2 * corners) % 2, 0.5, 1.0)
    return _round_points(reach * np.cos(angle), reach * np.sin(angle))


def _round_points(
    x: np.ndarray[tuple[int], np.dtype[np.float64]], y: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> Outline:
    return [(round(float(a), 3), round(float(b), 3)) for a, b in zip(x, y, strict=True)]


_HOUSE: Outline = [(-0.85, 1.1), (-0.85, -0.5), (0.0, -1.25), (0.85, -0.5), (0.85, 1.1)]
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


def _create_style(
    name: str,
    label: str,
    colour: str,
    outline: Outline,
    role: Literal["agency", "front_door", "team"] = "agency",
) -> KindStyle:
    return {"name": name, "label": label, "colour": colour, "outline": outline, "role": role}


_STYLES = {
    style["name"]: style
    for style in (
        _create_style("school", "School", colours.SKY, _draw_polygon(28, 1.0)),
        _create_style("gp", "GP practice", colours.GREEN, _draw_polygon(4, 1.25, 45)),
        _create_style("pct", "Primary Care Trust", colours.YELLOW, _draw_polygon(5, 1.15)),
        _create_style("hospital", "Hospital", colours.ORANGE, _draw_polygon(4, 1.3)),
        _create_style("police", "Police", colours.BLUE, _draw_polygon(3, 1.4)),
        _create_style("community", "Public and community", colours.PURPLE, _draw_polygon(6, 1.1, 0)),
        _create_style(FRONT_DOOR, "Front door", _INK, _HOUSE, "front_door"),
        _create_style("assessment", "Assessment team", _INK, _PILL, "team"),
        _create_style("long-term", "Long-term team", _GREY, _PILL, "team"),
    )
}
"""The kinds of the shipped scenarios. No kind is vermilion, which marks messages lost and children missed."""

_SPARE = ("#A6761D", "#999999", "#5B4FA2")
"""Colours of the kinds of agency that a scenario adds, in turn."""


def find_styles(kinds: list[str]) -> list[KindStyle]:
    """Return the style of each kind, in the same order; a kind that a scenario adds is a star in a spare colour.

    >>> [style["label"] for style in find_styles(["gp", "youth_justice"])]
    ['GP practice', 'Youth justice']
    """
    added = [kind for kind in kinds if kind not in _STYLES]
    stars = {
        kind: _create_style(
            kind, kind.replace("_", " ").capitalize(), _SPARE[i % len(_SPARE)], _draw_star(5, 1.35)
        )
        for i, kind in enumerate(added)
    }
    return [_STYLES.get(kind) or stars[kind] for kind in kinds]
