"""Arrays packed for the browser, which unpacks an array of bytes at once but reads a list number by number."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pack(values: NDArray[Any], dtype: str) -> str:
    """Encode numbers as base64 of their little-endian bytes.

    Args:
        values: numbers of any shape; whole numbers are clipped to the range of `dtype`.
        dtype: NumPy type code in the browser, such as "u2" or "f4".

    >>> pack(np.array([1, 2, 70_000]), "u2")
    'AQACAP//'
    """
    target = np.dtype(dtype).newbyteorder("<")
    if target.kind in "iu":
        limits = np.iinfo(target)
        values = np.clip(values, limits.min, limits.max)
    return base64.b64encode(values.astype(target).tobytes()).decode("ascii")


def unpack(text: str, dtype: str) -> NDArray[Any]:
    """Decode the numbers that `pack` has encoded, shape (n,).

    >>> unpack("AQACAP//", "u2").tolist()
    [1, 2, 65535]
    """
    return np.frombuffer(base64.b64decode(text), np.dtype(dtype).newbyteorder("<"))
