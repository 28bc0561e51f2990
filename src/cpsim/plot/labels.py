"""Placement of labels so that they do not overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.arrays import Floats

if TYPE_CHECKING:
    from collections.abc import Sequence


def spread_labels(wanted: Sequence[float], apart: float, lowest: float = 0.0, highest: float = 1.0) -> Floats:
    """Move labels as little as possible so that neighbours are at least `apart`.

    Minimises the squared distance to the wanted heights (isotonic regression by pooling neighbours) and keeps their
    order.

    Args:
        wanted: wanted heights, shape (labels,).
        apart: least distance between two labels.
        lowest: lower limit.
        highest: upper limit; exceeded if the labels need more room.

    Returns:
        Heights, shape (labels,), in the order of `wanted`.

    >>> spread_labels([0.5, 0.5], apart=0.2).round(2).tolist()
    [0.4, 0.6]
    """
    order = np.argsort(wanted, kind="stable")
    steps = apart * np.arange(len(order))
    blocks: list[list[float]] = []
    for height in np.asarray(wanted, np.float64)[order] - steps:
        blocks.append([float(height)])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    level = np.repeat([np.mean(block) for block in blocks], [len(block) for block in blocks])
    top = max(highest - steps[-1], lowest) if len(order) else highest
    heights = np.empty(len(order))
    heights[order] = np.clip(level, lowest, top) + steps
    return heights
