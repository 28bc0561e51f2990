"""The floor of a run: the time to draw its random numbers and to sort its signs by week, and nothing else.

The draws of a run are recorded once, call by call; the floor then repeats them. No engine that uses the same random
numbers can be faster, so the ratio of a run to its floor shows how much time the model itself takes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Floats, Integers, Ints, Keys
from cpsim.world import World
from cpsim.world.signs import Signs


@contextmanager
def replace_attribute(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Replace an attribute of an object within the block."""
    original = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


@dataclass
class RecordedDraws:
    """All random draws of a run.

    Attributes:
        dense: each generator as (seed, stream name, period, skip) with the calls made to it, in order.
        keys: number of keys computed for sparse draws.
        uniforms: number of sparse uniform draws, including those that are converted to normal draws.
        normals: number of sparse normal draws.
    """

    dense: list[tuple[tuple[int, str, int, int], list[tuple[str, Any, Any]]]] = field(default_factory=list)
    keys: int = 0
    uniforms: int = 0
    normals: int = 0


class _RecordingGenerator:
    """A random generator that records every call made to it."""

    def __init__(self, generator: np.random.Generator, calls: list[tuple[str, Any, Any]]) -> None:
        self._generator = generator
        self._calls = calls

    def __getattr__(self, distribution: str) -> Callable[..., Any]:
        draw = getattr(self._generator, distribution)

        def record(*args: Any, **kwargs: Any) -> Any:
            self._calls.append((distribution, args, kwargs))
            return draw(*args, **kwargs)

        return record


@contextmanager
def record_draws() -> Iterator[RecordedDraws]:
    """Record every random draw in the block."""
    recorded = RecordedDraws()
    dense, keys = draws.generator, draws.keys
    uniform, normal = draws.Stream.uniform, draws.Stream.normal

    def record_generator(seed: int, name: str, period: int = 0, skip: int = 0) -> _RecordingGenerator:
        calls: list[tuple[str, Any, Any]] = []
        recorded.dense.append(((seed, name, period, skip), calls))
        return _RecordingGenerator(dense(seed, name, period, skip), calls)

    def record_keys(who: Integers, occasion: Integers | int) -> Keys:
        computed = keys(who, occasion)
        recorded.keys += computed.size
        return computed

    def record_uniform(stream: draws.Stream, key: Keys, run: Ints | None = None) -> Floats:
        numbers = uniform(stream, key, run)
        recorded.uniforms += numbers.size
        return numbers

    def record_normal(stream: draws.Stream, key: Keys, run: Ints | None = None) -> Floats:
        numbers = normal(stream, key, run)
        recorded.normals += numbers.size
        return numbers

    with (
        replace_attribute(draws, "generator", record_generator),
        replace_attribute(draws, "keys", record_keys),
        replace_attribute(draws.Stream, "uniform", record_uniform),
        replace_attribute(draws.Stream, "normal", record_normal),
    ):
        yield recorded


class Floor:
    """Repeats the random draws of a run and the sorting of its signs.

    A run makes a few sparse draws at a time; here all of them are drawn at once, which is the least they can cost.
    """

    def __init__(self, recorded: RecordedDraws, world: World) -> None:
        self._recorded = recorded
        self._who = np.arange(recorded.keys)
        self._key = draws.keys(np.arange(recorded.uniforms), 0)
        self._signs = [_list_in_draw_order(signs) for signs in world.signs]

    def draw(self) -> None:
        """Make all draws of the run, including those of its world."""
        for source, calls in self._recorded.dense:
            generator = draws.generator(*source)
            for distribution, args, kwargs in calls:
                getattr(generator, distribution)(*args, **kwargs)
        draws.keys(self._who, 0)
        stream = draws.Stream(0, "floor")
        stream.normal(self._key[: self._recorded.normals])
        stream.uniform(self._key[self._recorded.normals :])

    def bucket(self) -> list[list[NDArray[Any]]]:
        """Sort the signs to each kind of agency by week, and return child, strength and gate of these, by kind."""
        sorted_ = []
        for week, columns in self._signs:
            order = np.argsort(week, kind="stable")  # a radix sort, because weeks are int16
            sorted_.append([column[order] for column in columns])
        return sorted_


def _list_in_draw_order(signs: Signs) -> tuple[NDArray[np.int16], list[NDArray[Any]]]:
    """List weeks and columns of the signs to a kind of agency in the order in which they are drawn: child and week."""
    weeks = len(signs.offsets) - 1
    week, gate = signs.find_weeks(0, weeks), signs.mark(0, weeks).gate
    order = np.lexsort((week, signs.child))
    return week[order], [column[order] for column in (signs.child, signs.strength, gate)]
