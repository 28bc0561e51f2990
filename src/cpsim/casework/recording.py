"""Evidence on the agencies' own files (M4): it adds up and fades; a sign that is not recorded counts only once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.tables import OrganisationColumns
from cpsim.arrays import Floats, Integers, Ints, Numbers
from cpsim.casework.log import Occurrence
from cpsim.casework.noticing import Concerns
from cpsim.casework.state import AgencyFiles, Casework
from cpsim.stages.declarations import stage


class Beliefs(NamedTuple):
    """Beliefs of the organisations that noticed a sign this week; shapes (n,), rows as in `Concerns`.

    Attributes:
        evidence: evidence from the file and this week's sign together, log-odds, float64.
        unanswered: number of earlier concerns that were not acted on, faded up to this week, float32.
    """

    evidence: Floats
    unanswered: NDArray[np.float32]


@stage(
    reads=(),
    writes=(
        AgencyFiles.evidence,
        AgencyFiles.touched,
        AgencyFiles.unanswered,
        OrganisationColumns.recorded,
    ),
)
def record_concerns(state: Casework, concerns: Concerns) -> Beliefs:
    """Add the recorded signs to the organisations' files (M4) and return what the organisations now believe."""
    held, unanswered = open_files(state, concerns.file)
    evidence = held + concerns.evidence
    write_evidence(state, concerns.file, np.where(concerns.recorded, evidence, held))
    written = concerns.recorded.nonzero()[0]
    child, site = concerns.child[written], concerns.site[written]
    state.organisations["recorded"] += np.bincount(site, minlength=len(state.organisations))
    state.log.add(state.week, Occurrence.RECORDED, child, site)
    return Beliefs(evidence, unanswered)


def open_files(state: Casework, file: Integers) -> tuple[Floats, NDArray[np.float32]]:
    """Fade files up to this week (M4) and return their evidence and unanswered concerns, shape (n,) each."""
    files = state.files
    fade = state.file_fade.take(state.week - files.touched[file])
    files.evidence[file] = held = files.evidence[file] * fade
    files.unanswered[file] = unanswered = (files.unanswered[file] * fade).astype(np.float32)
    files.touched[file] = state.week
    return held, unanswered


def write_evidence(state: Casework, file: Integers, evidence: Floats) -> None:
    """Write evidence as of this week, log-odds, on files that have been opened this week; shapes (n,)."""
    state.files.evidence[file] = evidence


def read_files(state: Casework, file: Integers) -> Floats:
    """Read the evidence on each file, faded up to this week, without changing the file; any shape."""
    files = state.files
    evidence: Floats = files.evidence[file] * state.file_fade.take(state.week - files.touched[file])
    return evidence


def sum_other_files(state: Casework, child: Ints, kind: Ints) -> tuple[Floats, Ints]:
    """Sum the evidence that all agencies except that of `kind` hold about each child this week.

    Returns:
        The sum in log-odds and the number of live files, shapes (n,). A file is live if it holds at least
        `sharing.live_evidence`.
    """
    kinds = np.arange(state.kinds)
    others = kinds != kind[:, None]
    held = read_files(state, child[:, None] * state.kinds + kinds)
    live = others & (held >= state.scenario.sharing.live_evidence)
    total: Floats = (held * others).sum(axis=1)
    return total, live.sum(axis=1)


def combine_evidence(state: Casework, own: Floats, others: Floats, holders: Numbers) -> Floats:
    """Combine an agency's own evidence with that of other agencies (M5, M23).

    Args:
        state: the state of casework, for the correlation between agencies' evidence.
        own: evidence of the agency itself, log-odds, shape (n,).
        others: summed evidence of the other agencies, log-odds, shape (n,).
        holders: number of other agencies that hold evidence, or a share of it if only a share is visible, shape (n,).

    Returns:
        Log-odds, shape (n,), never below `own`: little evidence elsewhere does not lower an agency's belief.
    """
    together: Floats = np.maximum(own, pool_evidence(state, own + others, 1 + holders))
    return together


def pool_evidence(state: Casework, total: Floats, holders: Numbers) -> Floats:
    """Pool the evidence that several agencies hold about the same children (M5).

    Args:
        state: the state of casework, for the correlation between agencies' evidence.
        total: sum of the agencies' evidence, log-odds, shape (n,).
        holders: number of agencies that hold evidence, shape (n,).

    Returns:
        Log-odds, shape (n,): the sum, discounted because agencies see some of the same signs.
    """
    correlation = state.scenario.sharing.signal_correlation
    pooled: Floats = total / (1 + np.maximum(holders - 1, 0) * correlation)
    return pooled
