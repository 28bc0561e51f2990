"""Values of Python of every kind, as callers may give them by mistake."""

import datetime as dt
import itertools
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from tests.fuzz.texts import HOSTILE

from cpsim.scenario.sections import ClockSettings


class Colour(Enum):
    RED = 1


class Name(str):
    """A text of another type."""

    __slots__ = ()


class Count(int):
    """A whole number of another type."""


def make_circle() -> list[Any]:
    """Make a list that contains itself."""
    circle: list[Any] = []
    circle.append(circle)
    return circle


def make_deep_list() -> list[Any]:
    """Make lists within lists, deeper than Python can print."""
    inner: list[Any] = []
    for _ in range(5_000):
        inner = [inner]
    return inner


RARE: dict[str, Any] = {
    "no value": lambda: None,
    "ellipsis": lambda: ...,
    "bytes": lambda: b"\xff\x1b[2J",
    "a byte array": lambda: bytearray(b"3"),
    "a memory view": lambda: memoryview(b"3"),
    "a decimal": lambda: Decimal("3"),
    "a decimal that is not a number": lambda: Decimal("sNaN"),
    "a fraction": lambda: Fraction(1, 3),
    "a complex number": lambda: 3 + 0j,
    "a date": lambda: dt.date(2005, 4, 1),
    "a date and time": lambda: dt.datetime(2005, 4, 1),  # noqa: DTZ001  as callers give it
    "a date with a time zone": lambda: dt.datetime(2005, 4, 1, tzinfo=dt.UTC),
    "a time of day": lambda: dt.time(12, 30),
    "a duration": lambda: dt.timedelta(days=3),
    "a path": lambda: Path("small.yaml"),
    "a path of Windows": lambda: PureWindowsPath("C:\\small.yaml"),
    "a member of an enumeration": lambda: Colour.RED,
    "a text of another type": lambda: Name("small"),
    "a number of another type": lambda: Count(3),
    "a set": lambda: {1, 2},
    "a frozen set": lambda: frozenset({"a"}),
    "a range": lambda: range(3),
    "a huge range": lambda: range(10**12),
    "a generator": lambda: (number for number in (1, 2)),
    "an endless generator": itertools.count,
    "an iterator": lambda: iter([1, 2]),
    "an object": SimpleNamespace,
    "a class": lambda: np.float64,
    "a class of Python": lambda: int,
    "a function": lambda: len,
    "a module": lambda: itertools,
    "an exception": lambda: ValueError("no"),
    "a circle": make_circle,
    "a deep list": make_deep_list,
    "a large list": lambda: [0] * 20_000,
    "a large text": lambda: "x" * 1_000_000,
    "a huge number": lambda: 10**5_000,
    "settings": ClockSettings,
    "the class of settings": lambda: ClockSettings,
    "half a character": lambda: "\ud800",
    "a whole number of NumPy": lambda: np.int8(3),
    "an unsigned number of NumPy": lambda: np.uint64(2**64 - 1),
    "a single number of NumPy": lambda: np.float32("nan"),
    "a long number of NumPy": lambda: np.longdouble("1e4000"),
    "a complex number of NumPy": lambda: np.complex64(3),
    "a truth of NumPy": lambda: np.bool_(True),
    "a text of NumPy": lambda: np.str_("small"),
    "bytes of NumPy": lambda: np.bytes_(b"small"),
    "a date of NumPy": lambda: np.datetime64("2005-04-01"),
    "a moment of NumPy": lambda: np.datetime64("2005-04-01T12:30"),
    "a far year of NumPy": lambda: np.datetime64(10**6, "Y"),
    "no date of NumPy": lambda: np.datetime64("NaT", "D"),
    "a duration of NumPy": lambda: np.timedelta64(3, "D"),
    "a number in an array": lambda: np.array(3),
    "an array": lambda: np.array([1.0, np.nan]),
    "a table in an array": lambda: np.zeros((2, 2), dtype=np.int64),
    "an array of objects": lambda: np.array([None, "a", {1}], dtype=object),
    "an array of texts": lambda: np.array(["gp", "school"]),
    "an array of dates": lambda: np.array(["2005-04-01", "NaT"], dtype="datetime64[D]"),
    "an array of records": lambda: np.zeros(2, dtype=[("years", "i4"), ("name", "U3")]),
    "an empty array": lambda: np.array([]),
    "a huge array": lambda: np.broadcast_to(np.int8(0), (10**9,)),
    "a masked array": lambda: np.ma.masked_array([1, 2], mask=[0, 1]),
    "a date of pandas": lambda: pd.Timestamp("2005-04-01"),
    "no date of pandas": lambda: pd.NaT,
    "no value of pandas": lambda: pd.NA,
    "a series": lambda: pd.Series([1, 2], index=["a", "b"]),
    "a series of categories": lambda: pd.Series(["a", "b"], dtype="category"),
    "a frame": lambda: pd.DataFrame({"years": [1]}),
    "an index": lambda: pd.Index([1, 2]),
    "a random generator": lambda: np.random.default_rng(1),
}
"""Values that are rare among settings: what it is -> function that makes it."""


class Rare:
    """A rare value, by its name; shown instead of the value, which may have no end."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


texts = st.sampled_from(HOSTILE) | st.text(max_size=8)
numbers = st.one_of(
    st.integers(-3, 20),
    st.integers(),
    st.floats(),
    st.floats(0, 1),
    st.sampled_from([0.0, -0.0, 1e-320, 1e308, 2**31, 2**32, 2**63, 2**64, 10**17, 10**18, -(10**18)]),
)
plain = st.none() | st.booleans() | numbers | texts | st.dates()
leaves = plain | st.sampled_from(sorted(RARE)).map(Rare)


@cache
def nest(keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw values, and lists, tuples and mappings of them.

    Args:
        keys: the keys of mappings.
    """
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.lists(inner, max_size=3).map(tuple),
            st.dictionaries(keys, inner, max_size=3),
        ),
        max_leaves=6,
    )


def make_values(given: Any) -> Any:
    """Replace each `Rare` value by what it stands for."""
    if isinstance(given, Rare):
        return RARE[given.name]()
    if isinstance(given, dict):
        return {key: make_values(value) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return type(given)(make_values(value) for value in given)
    return given
