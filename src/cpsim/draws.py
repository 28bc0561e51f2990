"""Keyed random numbers: each draw depends on its key alone, not on what was drawn before it.

`generator` returns a counter-based generator keyed by (seed, stream name, period), for one value per row of an array.
`Stream` hashes (seed, stream name, child or agent, occasion), for draws that only some rows need. Adding an agent, a
lever or a draw therefore changes no other draw.

Do not use the week as the occasion of a judgement: a decision that a policy moves by one week would be drawn again, and
the comparison of two runs would be noisy. Judgements are keyed by long blocks of weeks, with a phase for each child.
"""

import hashlib
from functools import cache
from typing import Any, Final

import numpy as np

from cpsim.arrays import Floats, Integers, Ints, Keys


def _constant(value: int) -> Keys:
    """Return a 0-dimensional array, which NumPy combines with small arrays twice as fast as a scalar."""
    return np.array(value, np.uint64)


_ROW: Final = _constant(0x9E3779B97F4A7C15)
_OCCASION: Final = _constant(0xD1342543DE82EF95)
_MIX_1: Final = _constant(0xBF58476D1CE4E5B9)
_MIX_2: Final = _constant(0x94D049BB133111EB)
_BITS: Final = _constant(11)
_SHIFT_1, _SHIFT_2, _SHIFT_3 = _constant(30), _constant(27), _constant(31)
_HALF: Final = _constant(32)
_STEP: Final = np.array(2.0**-53)
_MIDDLE: Final = np.array(0.5)


def _digest(seed: int, name: str, period: int) -> bytes:
    return hashlib.blake2b(f"{seed}|{name}|{period}".encode(), digest_size=16).digest()


def generator(seed: int, name: str, period: int = 0, skip: int = 0) -> np.random.Generator:
    """Return the random generator of (seed, stream name, period), for drawing one value per row of an array.

    Args:
        seed: seed of the run.
        name: name of the stream.
        period: number of the period.
        skip: numbers to leave out at the beginning, in steps of four numbers of 64 bits.

    >>> generator(1, "first birth").integers(0, 100, 3).tolist()
    [0, 40, 84]
    >>> bool(generator(1, "first birth").random(5)[4] == generator(1, "first birth", skip=1).random())
    True
    """
    bits = np.random.Philox(key=int.from_bytes(_digest(seed, name, period), "little"))
    return np.random.Generator(bits.advance(skip) if skip else bits)


def keys(row: Integers, occasion: Integers | int) -> Keys:
    """Return one 64-bit key per row, to be passed to `Stream`.

    Streams that draw for the same rows on the same occasion can share the keys, which saves computing them again.

    Args:
        row: number of the child, organisation or other row, shape (n,).
        occasion: number of the week, block of weeks or turn, shape (n,), or one number for all rows.

    >>> keys(np.array([0, 1]), 0).tolist() == keys(np.array([0, 1], np.int16), np.array([0, 0])).tolist()
    True
    """
    key: Keys = row.astype(np.uint64) * _ROW
    key = key + np.asarray(occasion).astype(np.uint64) * _OCCASION
    return _mix(key)


def named_key(name: str) -> Keys:
    """Return the key of a name, uint64 without axes; combine it with other keys by exclusive or (`^`)."""
    return _constant(int.from_bytes(_digest(0, name, 0)[:8], "little"))


def _mix(key: Keys) -> Keys:
    """Apply the finaliser of splitmix64 in place, so that neighbouring keys become unrelated."""
    key ^= key >> _SHIFT_1
    key *= _MIX_1
    key ^= key >> _SHIFT_2
    key *= _MIX_2
    key ^= key >> _SHIFT_3
    return key


@cache
def _import_ndtri() -> Any:
    """Import SciPy's function when it is first needed: a run needs it, and checking a scenario does not."""
    from scipy.special import ndtri

    return ndtri


class Stream:
    """Random numbers by key for one kind of decision, or for several kinds that are drawn together.

    Args:
        seeds: seed of the run, or the seeds of several runs.
        *names: name of each kind of decision. With several names, the numbers have shape (names, n) for n keys, and
            each row is what a stream of that name alone would give.

    >>> stream = Stream(1, "delivery")
    >>> children = np.arange(4)
    >>> together, one = stream.uniform(keys(children, 7)), stream.uniform(keys(children[2:3], 7))
    >>> bool(together[2] == one[0])  # the number of a child does not depend on which other children are drawn
    True

    A stream of several seeds gives what a stream of each seed would give:

    >>> both = Stream((1, 2), "delivery").uniform(keys(children, 7), run=np.array([0, 0, 1, 0]))
    >>> bool(both[2] == Stream(2, "delivery").uniform(keys(children, 7))[2])
    True
    """

    def __init__(self, seeds: int | tuple[int, ...], *names: str) -> None:
        several = (seeds,) if isinstance(seeds, int) else seeds
        salts = np.array(
            [[int.from_bytes(_digest(seed, name, 0)[:8], "little") for seed in several] for name in names],
            np.uint64,
        )
        self._salts: Final = salts if len(names) > 1 else salts[0]
        self._salt: Final = salts if len(names) > 1 else salts[0, 0, ...]

    def uniform(self, key: Keys, run: Ints | None = None) -> Floats:
        """Return uniform numbers in the open interval (0, 1), one for each key.

        Args:
            key: keys, any shape for one name, else shape (n,).
            run: position of each key's seed among the seeds of the stream, in a shape that can be broadcast with `key`;
                None if there is one seed.
        """
        # The keys are already mixed, so two multiplications separate the streams; more would slow down every week.
        mixed = key ^ (self._salt if run is None else self._salts[..., run])
        mixed *= _MIX_1
        mixed ^= mixed >> _HALF
        mixed *= _MIX_2
        mixed >>= _BITS
        number = mixed.astype(np.float64)
        number += _MIDDLE
        number *= _STEP
        return number

    def normal(self, key: Keys, run: Ints | None = None) -> Floats:
        """Return standard normal numbers, one for each key; see `uniform` for the arguments."""
        normal: Floats = _import_ndtri()(self.uniform(key, run))
        return normal
