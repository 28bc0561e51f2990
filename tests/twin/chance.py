"""Keyed random numbers, one at a time: the only machinery that the twin shares with the engine.

Who asks, about whom and on which occasion makes the key; the same key always brings the same number.
"""

from functools import cache

import numpy as np

from cpsim import draws


def key(who: int, occasion: int) -> int:
    """The key of somebody on an occasion."""
    return int(draws.keys(np.array([who]), occasion)[0])


_key = cache(key)
_name = cache(lambda name: int(draws.named_key(name)))


class Chance:
    """All the chances of one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, draws.Stream] = {}

    def uniform(self, stream: str, key: int) -> float:
        """A number between 0 and 1."""
        return float(self._stream(stream).uniform(np.array([key], np.uint64))[0])

    def normal(self, stream: str, key: int) -> float:
        """A standard normal number."""
        return float(self._stream(stream).normal(np.array([key], np.uint64))[0])

    def _stream(self, name: str) -> draws.Stream:
        if name not in self._streams:
            self._streams[name] = draws.Stream(self.seed, name)
        return self._streams[name]


def concern_key(child: int, kind: str, week: int) -> int:
    """The key of what an agency of a kind does about a child in this very week."""
    return _key(child, 0) ^ _name(kind) ^ _key(week, 1)


def file_key(child: int, kind: str) -> int:
    """The key of what happens once and for all to the file of an agency of a kind on a child."""
    return _key(child, 0) ^ _name(kind)


def judgement_key(child: int, block: int) -> int:
    """The key of what social care thinks of a child during a slow block of weeks."""
    return _key(child, 0) ^ _key(block, 2)
