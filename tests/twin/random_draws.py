"""Keyed random draws, one number at a time: the only part of the engine's code that the twin runs.

The decision, the child or organisation, and the occasion make up the key. The same key always gives the same number.
"""

from functools import cache

import numpy as np

from cpsim import draws


def key(identifier: int, occasion: int) -> int:
    """Key of a child, organisation or post on an occasion."""
    return int(draws.keys(np.array([identifier]), occasion)[0])


_cached_key = cache(key)
_kind_key = cache(lambda name: int(draws.named_key(name)))


class RandomDraws:
    """All random draws of one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, draws.Stream] = {}

    def uniform(self, stream: str, key: int) -> float:
        """Draw a number between 0 and 1."""
        return float(self._stream(stream).uniform(np.array([key], np.uint64))[0])

    def normal(self, stream: str, key: int) -> float:
        """Draw a standard normal number."""
        return float(self._stream(stream).normal(np.array([key], np.uint64))[0])

    def _stream(self, name: str) -> draws.Stream:
        if name not in self._streams:
            self._streams[name] = draws.Stream(self.seed, name)
        return self._streams[name]


def concern_key(child: int, kind: str, week: int) -> int:
    """Key of the decisions of a kind of agency about a child in one week."""
    return _cached_key(child, 0) ^ _kind_key(kind) ^ _cached_key(week, 1)


def file_key(child: int, kind: str) -> int:
    """Key of the decisions about the file of a kind of agency on a child that are made once only."""
    return _cached_key(child, 0) ^ _kind_key(kind)


def judgement_key(child: int, block: int) -> int:
    """Key of social care's judgements about a child, the same throughout a block of weeks."""
    return _cached_key(child, 0) ^ _cached_key(block, 2)
