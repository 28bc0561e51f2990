"""Seeds: one rule, for every function, command and file, for what a seed may be."""

import operator
import reprlib
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from numbers import Integral, Number
from typing import Any

from cpsim.constants import MAX_SEED, MAX_SEEDS

_MAX_DIGITS = 60


def read_seed(seed: Any) -> int:
    """Return a seed as an integer of Python; NumPy's integers are seeds too.

    Raises:
        ValueError: it is not a whole number from 0 to `MAX_SEED`.

    >>> read_seed(7)
    7
    >>> read_seed(1.7)
    Traceback (most recent call last):
        ...
    ValueError: a seed must be a whole number from 0 to 4294967295, not 1.7
    """
    if not _is_whole(seed) or not 0 <= seed <= MAX_SEED:
        raise ValueError(f"a seed must be a whole number from 0 to {MAX_SEED}, not {_describe(seed)}")
    return int(seed)


def read_seed_count(count: Any) -> int:
    """Return a number of seeds as an integer of Python.

    Raises:
        ValueError: it is not a whole number from 1 to `MAX_SEEDS`.
    """
    if not _is_whole(count) or not 1 <= count <= MAX_SEEDS:
        raise ValueError(
            f"the number of seeds must be a whole number from 1 to {MAX_SEEDS}, not {_describe(count)}"
        )
    return int(count)


def list_seeds(seeds: Any) -> tuple[int, ...]:
    """List the seeds to run: 1 to `seeds` if it is a number, otherwise the seeds given.

    Raises:
        ValueError: there is no seed, there are more than `MAX_SEEDS`, one is not a seed, or one is given twice.

    >>> list_seeds(3)
    (1, 2, 3)
    >>> list_seeds([11, 4])
    (11, 4)
    """
    if _is_whole(seeds):
        return tuple(range(1, read_seed_count(seeds) + 1))
    numbers = tuple(read_seed(seed) for seed in islice(_iterate(seeds), MAX_SEEDS + 1))
    if not 1 <= len(numbers) <= MAX_SEEDS:
        given = "more" if numbers else "0"
        raise ValueError(f"expected from 1 to {MAX_SEEDS} seeds, not {given}")
    repeated = [seed for seed, times in Counter(numbers).items() if times > 1]
    if repeated:
        raise ValueError(f"the seed {repeated[0]} is given twice, which would count its children twice")
    return numbers


def _iterate(seeds: Any) -> Iterator[Any]:
    """Iterate over the seeds given, which may be without end.

    Raises:
        ValueError: they are neither a list nor anything like one.
    """
    try:
        if not isinstance(seeds, str | bytes):
            return iter(seeds)
    except TypeError:  # an array of NumPy without dimensions looks like a list, too
        pass
    raise ValueError(f"expected the number of seeds or a list of seeds, not {_describe(seeds)}")


def draw_seed() -> int:
    """Draw an unpredictable seed, for a run that is given none."""
    import secrets

    return secrets.randbelow(MAX_SEED + 1)


def _is_whole(number: Any) -> bool:
    if not isinstance(number, Integral) or isinstance(number, bool):
        return False
    try:
        operator.index(number)
    except TypeError:  # a duration of NumPy says that it is a whole number, too
        return False
    return True


def _describe(value: Any) -> str:
    """Describe what was given instead of a seed: numbers and texts as they are written, others by their type."""
    if isinstance(value, int) and abs(value) >= 10**_MAX_DIGITS:
        return f"a number of more than {_MAX_DIGITS} digits"
    if isinstance(value, Number):
        return str(value)
    return (
        reprlib.repr(value)
        if value is None or isinstance(value, str)
        else f"a value of type {type(value).__name__}"
    )
