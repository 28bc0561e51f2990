"""Overload of social work in words: more hours demanded than there are, and a system that has broken down."""

from __future__ import annotations

import math
from typing import Final

from cpsim.formatting import format_outcome

OVERLOADED: Final = 1.0
"""Hours demanded for each hour available above which work has to wait, because there are not enough hours for it."""

BROKEN_DOWN: Final = 2.0
"""Hours demanded for each hour available above which less than half of the work can be done, so that queues only grow
and every delay depends on how long the run lasts."""


def describe_load(hours: float) -> str:
    """Describe the hours of social work demanded for each hour available; empty if there are enough hours.

    Args:
        hours: the outcome `utilisation_mean`; NaN if it is undefined.

    >>> describe_load(0.9)
    ''
    >>> describe_load(1.4)
    'social work is overloaded: 1.40 hours of work for each hour available'
    >>> describe_load(7.0).partition(":")[0]
    'the system has broken down'
    """
    if math.isnan(hours) or round(hours, 2) <= OVERLOADED:
        return ""
    number = format_outcome("utilisation_mean", hours)
    if hours <= BROKEN_DOWN:
        return f"social work is overloaded: {number} hours of work for each hour available"
    return (
        f"the system has broken down: {number} hours of work are demanded for each hour available, so its other "
        "figures describe a system that could not exist"
    )
