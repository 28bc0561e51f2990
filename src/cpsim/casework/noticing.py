"""Noticing (M3): which of the week's signs somebody sees, and which of these are written down."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.log import Occurrence
from cpsim.casework.sightings import Sightings
from cpsim.casework.state import Casework


class Concerns(NamedTuple):
    """Signs noticed this week, at most one for each file; shapes (n,).

    Attributes:
        file: `child * K + kind`, int64.
        child: int64.
        site: the organisation that noticed, int64.
        evidence: what the sign adds, log-odds, float32.
        recorded: whether it is to be written down, bool.
        courage: shared when what is believed exceeds the threshold by more than this, log-odds, float32.
    """

    file: Ints
    child: Ints
    site: Ints
    evidence: NDArray[np.float32]
    recorded: Bools
    sharing_noise: NDArray[np.float32]


def notice_signs(state: Casework) -> Concerns:
    """Let each organisation meet its children's signs of this week."""
    offsets = state.sightings.offsets
    return notice_rows(state, state.sightings, slice(offsets[state.week], offsets[state.week + 1]))


def notice_rows(state: Casework, sightings: Sightings, rows: slice | Ints) -> Concerns:
    """Let organisations meet the signs in these rows of `sightings` this week.

    A sign occurs if its gate is open (its spell lasts, or the spell that would hide it is over) and protection does not
    hide it; it is noticed if the organisation's attention suffices.
    """
    organisations = state.organisations
    file = sightings.file[rows].astype(np.int64)
    site = state.files.site[file].astype(np.int64)
    noticed = _attention(state, file, site) > sightings.attention_needed[rows]
    noticed &= state.harm.gate.take(sightings.gate[rows])
    seen = noticed.nonzero()[0]
    child = file[seen] // state.kinds
    in_sight = state.harm.hidden_share[child] <= sightings.hidden_above[rows][seen]
    seen, child = seen[in_sight], child[in_sight]
    site = site[seen]
    evidence = sightings.evidence[rows][seen]
    recording = organisations["recording"][site] * organisations["recording_factor"][site]
    recorded = recording > sightings.recording_needed[rows][seen]
    organisations["noticed"] += np.bincount(site, minlength=len(organisations))
    state.log.add(state.week, Occurrence.NOTICED, child, site, evidence)
    return Concerns(file[seen], child, site, evidence, recorded, sightings.sharing_noise[rows][seen])


def _attention(state: Casework, file: Ints, site: Ints) -> Floats:
    """How much attention each file's child gets at an organisation this week (M3, M30), shape (n,)."""
    organisations = state.organisations
    attention: Floats = (organisations["attention"] * organisations["attention_factor"])[site]
    exposure = organisations["group_exposure"]
    if (exposure != 1).any():  # as a rule nobody looks at one group more, and there are many signs
        smaller = state.world.children.group[file // state.kinds]
        attention[smaller] *= exposure[site[smaller]]
    return attention
