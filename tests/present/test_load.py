"""Hours of work demanded for each hour available, in words."""

import math

import pytest

from cpsim.present.load import describe_load

BROKEN = (
    "the system has broken down: {} hours of work are demanded for each hour available, so its other figures "
    "describe a system that could not exist"
)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0.0, ""),
        (0.91, ""),
        (1.0, ""),
        (1.004, ""),
        (1.006, "social work is overloaded: 1.01 hours of work for each hour available"),
        (1.4, "social work is overloaded: 1.40 hours of work for each hour available"),
        (2.0, "social work is overloaded: 2.00 hours of work for each hour available"),
        (2.1, BROKEN.format("2.10")),
        (7.0, BROKEN.format("7.00")),
        (math.nan, ""),
    ],
)
def test_too_little_time_is_named_by_how_much_is_too_little(hours: float, words: str) -> None:
    assert describe_load(hours) == words
