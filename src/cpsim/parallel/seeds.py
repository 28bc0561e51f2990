"""The seeds of a comparison or an attribution."""

from collections.abc import Sequence


def list_seeds(seeds: int | Sequence[int]) -> tuple[int, ...]:
    """List the seeds to run: 1 to `seeds` if it is a number, otherwise the seeds given.

    Raises:
        ValueError: there is no seed, a seed is negative, or a seed is given twice.

    >>> list_seeds(3)
    (1, 2, 3)
    >>> list_seeds([11, 4])
    (11, 4)
    """
    numbers = tuple(range(1, seeds + 1)) if isinstance(seeds, int) else tuple(int(seed) for seed in seeds)
    if not numbers or min(numbers) < 0 or len(set(numbers)) < len(numbers):
        raise ValueError("expected at least one seed, each a whole number of 0 or more and given only once")
    return numbers
