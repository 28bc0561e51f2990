"""Numbers on their way to the browser, packed: it unpacks an array of bytes at once, and a list number by number."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed(values: NDArray[Any], dtype: str) -> str:
    """Numbers as base64 of their bytes, little-endian; whole ones are clipped to what `dtype` can hold."""
    target = np.dtype(dtype).newbyteorder("<")
    if target.kind in "iu":
        limits = np.iinfo(target)
        values = np.clip(values, limits.min, limits.max)
    return base64.b64encode(values.astype(target).tobytes()).decode("ascii")


def unpacked(text: str, dtype: str) -> NDArray[Any]:
    """The numbers that `packed` has packed."""
    return np.frombuffer(base64.b64decode(text), np.dtype(dtype).newbyteorder("<"))
