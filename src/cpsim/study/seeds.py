"""The seeds on which something is run."""

from collections.abc import Sequence


def numbered(seeds: int | Sequence[int]) -> tuple[int, ...]:
    """The seeds that are meant: so many, from 1 on, or those that are given.

    Raises:
        ValueError: there is none, one is negative, or one comes twice.
    """
    numbers = tuple(range(1, seeds + 1)) if isinstance(seeds, int) else tuple(int(seed) for seed in seeds)
    if not numbers or min(numbers) < 0 or len(set(numbers)) < len(numbers):
        raise ValueError("seeds are at least one whole number from 0 on, each once")
    return numbers
