"""Evidence on the agencies' own files (M4): it fades, it adds up, and what is not written down counts only once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Floats, Integers, Ints, Numbers
from cpsim.casework.log import Occurrence
from cpsim.casework.noticing import Concerns
from cpsim.casework.state import Casework

"""How many agencies hold something; where only a share of it is seen, that share of them."""


class Beliefs(NamedTuple):
    """What those who noticed something now believe; shapes (n,), rows as in `Concerns`.

    Attributes:
        evidence: log-odds from the file and this week's sign, float64.
        unanswered: earlier concerns that were not acted on, as they weigh today, float32.
    """

    evidence: Floats
    unanswered: NDArray[np.float32]


def record_concerns(state: Casework, concerns: Concerns) -> Beliefs:
    """Open the file of everybody who noticed something, and write down what is to be recorded."""
    held, unanswered = open_files(state, concerns.file)
    evidence = held + concerns.evidence
    state.files.evidence[concerns.file] = np.where(concerns.recorded, evidence, held)
    written = concerns.recorded.nonzero()[0]
    child, site = concerns.child[written], concerns.site[written]
    state.organisations["recorded"] += np.bincount(site, minlength=len(state.organisations))
    state.log.add(state.week, Occurrence.RECORDED, child, site)
    return Beliefs(evidence, unanswered)


def open_files(state: Casework, file: Integers) -> tuple[Floats, NDArray[np.float32]]:
    """Bring files up to this week; returns evidence and unanswered concerns as they weigh today, shape (n,) each."""
    files = state.files
    fade = state.file_fade.take(state.week - files.touched[file])
    files.evidence[file] = held = files.evidence[file] * fade
    files.unanswered[file] = unanswered = (files.unanswered[file] * fade).astype(np.float32)
    files.touched[file] = state.week
    return held, unanswered


def read_files(state: Casework, file: Integers) -> Floats:
    """Evidence on each file as it weighs today, without opening it; any shape."""
    files = state.files
    evidence: Floats = files.evidence[file] * state.file_fade.take(state.week - files.touched[file])
    return evidence


def sum_other_files(state: Casework, child: Ints, kind: Ints) -> tuple[Floats, Ints]:
    """What all agencies but that of one `kind` hold about each child today: the sum, and how many files are live.

    Shapes (n,).
    """
    kinds = np.arange(state.kinds)
    others = kinds != kind[:, None]
    held = read_files(state, child[:, None] * state.kinds + kinds)
    live = others & (held >= state.scenario.sharing.live_evidence)
    total: Floats = (held * others).sum(axis=1)
    return total, live.sum(axis=1)


def combine_evidence(state: Casework, own: Floats, others: Floats, holders: Numbers) -> Floats:
    """What somebody believes who hears what `others` hold, in log-odds, shape (n,) (M5, M23).

    `holders` is how many of them hold any. Nobody believes less for having heard that others hold little.
    """
    together: Floats = np.maximum(own, pool_evidence(state, own + others, 1 + holders))
    return together


def pool_evidence(state: Casework, total: Floats, holders: Numbers) -> Floats:
    """Evidence of several agencies taken together (M5): the sum, discounted because their readings are correlated.

    `total` is the sum of their log-odds and `holders` how many hold any; shapes (n,).
    """
    correlation = state.scenario.sharing.signal_correlation
    pooled: Floats = total / (1 + np.maximum(holders - 1, 0) * correlation)
    return pooled
