"""Labels beside what they name, none upon another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.arrays import Floats

if TYPE_CHECKING:
    from collections.abc import Sequence


def spread(wanted: Sequence[float], apart: float, lowest: float = 0.0, highest: float = 1.0) -> Floats:
    """Heights as near as can be to those wanted, at least `apart` and within limits if there is room, shape as given.

    They are the least squares under these limits (isotonic regression by pooling neighbours), in the order wanted.
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
