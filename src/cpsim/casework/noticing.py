"""Noticing (M3): which of the week's signs practitioners notice, and which of these they record."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.tables import OrganisationColumns
from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.log import Occurrence
from cpsim.casework.sightings import Sightings
from cpsim.casework.state import AgencyFiles, Casework, CurrentHarm
from cpsim.stages.declarations import stage


class Concerns(NamedTuple):
    """Signs noticed this week, at most one for each file; shapes (n,).

    Attributes:
        file: row of the agency's file on the child, `child * K + kind`, int64.
        child: row of the child, int64.
        site: row of the organisation that noticed the sign, int64.
        evidence: evidence that the sign adds, log-odds, float32.
        recorded: whether the sign is recorded, bool.
        sharing_noise: the concern is shared if the evidence exceeds the threshold by more than this, log-odds, float32.
    """

    file: Ints
    child: Ints
    site: Ints
    evidence: NDArray[np.float32]
    recorded: Bools
    sharing_noise: NDArray[np.float32]


@stage(
    reads=(
        AgencyFiles.site,
        CurrentHarm.gate,
        CurrentHarm.hidden_share,
        OrganisationColumns.attention,
        OrganisationColumns.attention_factor,
        OrganisationColumns.group_exposure,
        OrganisationColumns.recording,
        OrganisationColumns.recording_factor,
    ),
    writes=(OrganisationColumns.noticed,),
)
def notice_signs(state: Casework) -> Concerns:
    """Decide which of this week's signs organisations notice and record (M3, M4)."""
    return notice_sightings(state, state.sightings.of_week(state.week))


def notice_sightings(state: Casework, sightings: Sightings) -> Concerns:
    """Decide which of these signs organisations notice and record this week (M3, M4).

    A sign occurs if its gate is open (the spell that causes it continues, or the spell that would hide it is over) and
    protection does not hide it. It is noticed if the organisation's attention is high enough.

    Args:
        state: the state of casework; events and the organisations' counts are added to it.
        sightings: signs that can be noticed.
    """
    organisations = state.organisations
    file = sightings.file.astype(np.int64)
    site = state.files.site[file].astype(np.int64)
    noticed = _attention(state, file, site) > sightings.attention_needed
    noticed &= state.harm.gate.take(sightings.gate)
    seen = noticed.nonzero()[0]
    child = file[seen] // state.kinds
    in_sight = state.harm.hidden_share[child] <= sightings.hidden_above[seen]
    seen, child = seen[in_sight], child[in_sight]
    site = site[seen]
    evidence = sightings.evidence[seen]
    recording = organisations["recording"][site] * organisations["recording_factor"][site]
    recorded = recording > sightings.recording_needed[seen]
    organisations["noticed"] += np.bincount(site, minlength=len(organisations))
    state.log.add(state.week, Occurrence.NOTICED, child, site, evidence)
    return Concerns(file[seen], child, site, evidence, recorded, sightings.sharing_noise[seen])


def _attention(state: Casework, file: Ints, site: Ints) -> Floats:
    """Attention that each file's child gets at an organisation this week (M3, M30), shape (n,)."""
    organisations = state.organisations
    attention: Floats = (organisations["attention"] * organisations["attention_factor"])[site]
    exposure = organisations["group_exposure"]
    if (exposure != 1).any():  # usually both groups get the same attention, and there are many signs
        smaller = state.world.children.group[file // state.kinds]
        attention[smaller] *= exposure[site[smaller]]
    return attention
