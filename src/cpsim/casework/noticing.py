"""Noticing (M3): which of the week's signs somebody sees, and which of these are written down."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.casework.log import Happening
from cpsim.casework.state import Casework

Ints = NDArray[np.int64]


class Concerns(NamedTuple):
    """Signs noticed this week, at most one for each file; shapes (n,).

    Attributes:
        file: `child * K + kind`, int64.
        child: int64.
        site: the organisation that noticed, int16.
        evidence: what the sign adds, log-odds, float32.
        recorded: whether it is to be written down, bool.
        courage: shared when what is believed exceeds the bar by more than this, log-odds, float32.
    """

    file: Ints
    child: Ints
    site: NDArray[np.int16]
    evidence: NDArray[np.float32]
    recorded: NDArray[np.bool_]
    courage: NDArray[np.float32]


def notice(case: Casework) -> Concerns:
    """Let each organisation meet its children's signs of this week.

    A sign occurs if its gate is open (its spell lasts, or the spell that would hide it is over) and protection does not
    hide it; it is noticed if the organisation's attention suffices.
    """
    sightings, organisations = case.sightings, case.organisations
    rows = slice(sightings.offsets[case.week], sightings.offsets[case.week + 1])
    file = sightings.file[rows]
    site = case.files.site[file]
    noticed = organisations["attention"][site] > sightings.attention_needed[rows]
    noticed &= case.harm.gate[sightings.gate[rows]]
    child = file // np.int32(case.kinds)
    noticed &= case.harm.hidden_share[child] <= sightings.hiding[rows]
    seen = noticed.nonzero()[0]
    site = site[seen]
    child = child[seen].astype(np.int64)
    evidence = sightings.evidence[rows][seen]
    recorded = organisations["recording"][site] > sightings.recording_needed[rows][seen]
    organisations["noticed"] += np.bincount(site, minlength=len(organisations))
    case.log.add(case.week, Happening.NOTICED, child, site, evidence)
    return Concerns(
        file[seen].astype(np.int64), child, site, evidence, recorded, sightings.courage[rows][seen]
    )
