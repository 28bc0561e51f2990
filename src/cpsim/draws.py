"""Keyed random numbers: every draw depends on its key alone, never on what was drawn before it.

Dense draws (`dense`) come from a counter-based generator keyed by (seed, stream name, period). Sparse draws
(`Stream`) are hashes keyed by (seed, stream name, who, occasion). Adding an agent, a lever or a draw therefore never
shifts another one.

The occasion of a judgement must not be the bare week: a decision that a policy moves by a week would be drawn afresh,
and the difference would be noise. Judgements are keyed by slow blocks with a phase of their own for each child.
"""

import hashlib
from typing import Final

import numpy as np
from scipy.special import ndtri

from cpsim.arrays import Floats, Integers, Keys


def _constant(value: int) -> Keys:
    """A whole number as an array without axes, which NumPy combines with small arrays in half the time of a scalar."""
    return np.array(value, np.uint64)


_WHO: Final = _constant(0x9E3779B97F4A7C15)
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


def dense(seed: int, name: str, period: int = 0) -> np.random.Generator:
    """A generator of its own for (seed, stream name, period), for drawing one value per row of an array."""
    return np.random.Generator(np.random.Philox(key=int.from_bytes(_digest(seed, name, period), "little")))


def keys(who: Integers, occasion: Integers | int) -> Keys:
    """One 64-bit key per row for (who, occasion); both are whole numbers of shape (n,), or the occasion a scalar.

    Streams that decide about the same rows on the same occasion share the keys and so the work of making them.
    """
    key: Keys = who.astype(np.uint64) * _WHO
    key = key + np.asarray(occasion).astype(np.uint64) * _OCCASION
    return _mixed(key)


def named_key(name: str) -> Keys:
    """A key for something that has a name, to be joined to other keys by exclusive or."""
    return _constant(int.from_bytes(_digest(0, name, 0)[:8], "little"))


def _mixed(key: Keys) -> Keys:
    """The finaliser of splitmix64, in place: neighbouring keys become unrelated ones."""
    key ^= key >> _SHIFT_1
    key *= _MIX_1
    key ^= key >> _SHIFT_2
    key *= _MIX_2
    key ^= key >> _SHIFT_3
    return key


class Stream:
    """Sparse keyed draws for one kind of decision, or for several that are taken together.

    Several names give what a stream of each name would give, drawn in one go: for keys of shape (n,), numbers of shape
    (names, n).
    """

    def __init__(self, seed: int, *names: str) -> None:
        salts = [int.from_bytes(_digest(seed, name, 0)[:8], "little") for name in names]
        self._salt: Final = _constant(salts[0]) if len(salts) == 1 else np.array(salts, np.uint64)[:, None]

    def uniform(self, key: Keys) -> Floats:
        """Uniform numbers in the open interval (0, 1), float64, one for each key."""
        # The keys are mixed already; two multiplications part the streams, and anything more would be felt every week.
        mixed = key ^ self._salt
        mixed *= _MIX_1
        mixed ^= mixed >> _HALF
        mixed *= _MIX_2
        mixed >>= _BITS
        number = mixed.astype(np.float64)
        number += _MIDDLE
        number *= _STEP
        return number

    def normal(self, key: Keys) -> Floats:
        """Standard normal numbers, float64, one for each key."""
        normal: Floats = ndtri(self.uniform(key))
        return normal
