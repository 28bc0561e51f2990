"""The child protection conference (M25): who attends, what they raise, and whether there is to be a plan."""

import numpy as np

from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.log import Judgement, Occurrence
from cpsim.casework.recording import pool_evidence, read_files
from cpsim.casework.state import Casework


def hold_conferences(state: Casework, child: Ints) -> tuple[Floats, Bools]:
    """Hold a child protection conference about each child (M25).

    Returns:
        The estimated severity of each child's harm, and whether the child gets a plan, shapes (n,).
    """
    settings = state.scenario.conference
    estimate = (
        state.harm.severity[child] + state.scenario.assessment.child_bias_remaining * state.child_bias[child]
    )
    estimate += settings.noise * state.streams.conference.normal(*state.keys.judgement(child))
    estimate += settings.evidence_weight * _evidence_raised(state, child)
    state.judgements.append(Judgement("conference", child, np.nan, estimate, settings.plan_threshold, -1))
    state.log.add(state.week, Occurrence.CONFERENCE, child, -1, estimate)
    return estimate, estimate > settings.plan_threshold


def _evidence_raised(state: Casework, child: Ints) -> Floats:
    """Pooled evidence that members of each conference raise, log-odds, shape (n,) (M25).

    An agency with a live file attends with the probability of its kind. Evidence that k members hold is raised with
    probability 1 - (1 - lambda)^k, because groups tend to discuss what all members know and to leave out what only one
    of them knows.
    """
    sharing, kinds = state.scenario.sharing, np.arange(state.kinds)
    file = child[:, None] * state.kinds + kinds
    held = read_files(state, file)
    keys = state.keys.concern(np.repeat(child, state.kinds), np.tile(kinds, len(child)))
    attendance, raising = state.streams.attendance_and_raising.uniform(*keys).reshape(2, *file.shape)
    site = state.files.site[file].astype(np.int64)
    organisations = state.organisations
    attendance_probability = (
        organisations["conference_attendance"][site] * organisations["attendance_factor"][site]
    )
    invited = state.ties.referral_tie[site, state.authority[child][:, None]] >= 0
    present = invited & (held >= sharing.live_evidence) & (attendance < attendance_probability)
    holders = present.sum(axis=1)
    raising_probability = 1 - (1 - state.scenario.conference.unique_information_chance) ** np.maximum(
        holders, 1
    )
    raised = present & (raising < raising_probability[:, None])
    return pool_evidence(state, (held * raised).sum(axis=1), raised.sum(axis=1))
