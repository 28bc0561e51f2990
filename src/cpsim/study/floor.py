"""The floor under every run: the time to do nothing but draw its random numbers and bucket its signs by week.

What a run draws is noted once, call by call, while it runs; the floor then draws the same again. No engine that keeps
the same numbers can be faster, so the ratio of a run to its floor says how much of its time is its own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Floats, Integers, Keys
from cpsim.world import World


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Put `value` in the place of an attribute for a while."""
    original = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


@dataclass
class Drawn:
    """All the random numbers of a run.

    Attributes:
        dense: each generator as (seed, stream name, period) with the calls made to it, in order.
        keys: number of keys made for sparse draws.
        uniforms: number of sparse uniform numbers, one hash each, including those that became normal ones.
        normals: number of sparse normal numbers.
    """

    dense: list[tuple[tuple[int, str, int], list[tuple[str, Any, Any]]]] = field(default_factory=list)
    keys: int = 0
    uniforms: int = 0
    normals: int = 0


class _NotingGenerator:
    """A generator that notes every call made to it."""

    def __init__(self, generator: np.random.Generator, calls: list[tuple[str, Any, Any]]) -> None:
        self._generator = generator
        self._calls = calls

    def __getattr__(self, distribution: str) -> Callable[..., Any]:
        draw = getattr(self._generator, distribution)

        def noting(*args: Any, **kwargs: Any) -> Any:
            self._calls.append((distribution, args, kwargs))
            return draw(*args, **kwargs)

        return noting


@contextmanager
def noted() -> Iterator[Drawn]:
    """Note everything that is drawn in the block."""
    drawn = Drawn()
    dense, keys = draws.dense, draws.keys
    uniform, normal = draws.Stream.uniform, draws.Stream.normal

    def noting_dense(seed: int, name: str, period: int = 0) -> _NotingGenerator:
        calls: list[tuple[str, Any, Any]] = []
        drawn.dense.append(((seed, name, period), calls))
        return _NotingGenerator(dense(seed, name, period), calls)

    def noting_keys(who: Integers, occasion: Integers | int) -> Keys:
        made = keys(who, occasion)
        drawn.keys += made.size
        return made

    def noting_uniform(stream: draws.Stream, key: Keys) -> Floats:
        numbers = uniform(stream, key)
        drawn.uniforms += numbers.size
        return numbers

    def noting_normal(stream: draws.Stream, key: Keys) -> Floats:
        numbers = normal(stream, key)
        drawn.normals += numbers.size
        return numbers

    with (
        replaced(draws, "dense", noting_dense),
        replaced(draws, "keys", noting_keys),
        replaced(draws.Stream, "uniform", noting_uniform),
        replaced(draws.Stream, "normal", noting_normal),
    ):
        yield drawn


class Floor:
    """Draws again what a run drew, and buckets again what its world bucketed.

    Sparse numbers, of which a run draws a few at a time, are drawn here in one go: that is the least they can cost.
    """

    def __init__(self, drawn: Drawn, world: World) -> None:
        self._drawn = drawn
        self._who = np.arange(drawn.keys)
        self._key = draws.keys(np.arange(drawn.uniforms), 0)
        self._week, self._columns = _as_drawn(world)

    def draw(self) -> None:
        """Draw the numbers of the whole run, world included."""
        for source, calls in self._drawn.dense:
            generator = draws.dense(*source)
            for distribution, args, kwargs in calls:
                getattr(generator, distribution)(*args, **kwargs)
        draws.keys(self._who, 0)
        stream = draws.Stream(0, "floor")
        stream.normal(self._key[: self._drawn.normals])
        stream.uniform(self._key[self._drawn.normals :])

    def bucket(self) -> list[NDArray[Any]]:
        """Put all signs of the world in order of week; returns their columns, as the world names them."""
        order = np.argsort(self._week, kind="stable")  # a radix sort, since weeks are int16
        return [column[order] for column in self._columns]


def _as_drawn(world: World) -> tuple[NDArray[np.int16], list[NDArray[Any]]]:
    """Weeks and columns of the signs in the order in which they are drawn: by kind of agency, child and week."""
    signs, kinds = world.signs, len(world.sites.kinds)
    week = np.repeat(np.arange(world.weeks, dtype=np.int16), np.diff(signs.offsets))
    order = np.lexsort((week, signs.file // kinds, signs.file % kinds))
    columns = [getattr(signs, column.name) for column in fields(signs) if column.name != "offsets"]
    return week[order], [column[order] for column in columns]
