"""The child protection conference (M25): who comes, what is put on the table, and whether there is to be a plan."""

import numpy as np

from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.log import Happening, Judgement
from cpsim.casework.recording import look_up, pool
from cpsim.casework.state import Casework


def confer(case: Casework, child: Ints) -> tuple[Floats, Bools]:
    """Hold the conferences of this week on each of `child`; returns the estimates and who gets a plan, shape (n,)."""
    settings = case.scenario.conference
    estimate = (
        case.harm.severity[child] + case.scenario.assessment.child_bias_remaining * case.misreading[child]
    )
    estimate += settings.noise * case.streams.conference.normal(case.keys.judgement(child))
    estimate += settings.evidence_weight * _on_the_table(case, child)
    case.minutes.append(Judgement("conference", child, np.nan, estimate, settings.plan_threshold, -1))
    case.log.add(case.week, Happening.CONFERENCE, child, -1, estimate)
    return estimate, estimate > settings.plan_threshold


def _on_the_table(case: Casework, child: Ints) -> Floats:
    """Pooled evidence that members raise, log-odds, shape (n,).

    An agency with a live file comes with the chance of its kind. What k members hold is raised by at least one of
    them with chance 1 - (1 - lambda)^k: groups repeat what all know and leave out what one alone holds.
    """
    sharing, kinds = case.scenario.sharing, np.arange(case.kinds)
    file = child[:, None] * case.kinds + kinds
    held = look_up(case, file)
    keys = case.keys.concern(child[:, None], kinds)
    attendance, raising = case.streams.attendance_and_raising.uniform(keys.ravel()).reshape(2, *keys.shape)
    site = case.files.site[file].astype(np.int64)
    organisations = case.organisations
    likely = organisations["conference_attendance"][site] * organisations["attendance_factor"][site]
    invited = case.ties.referral_tie[site, case.authority[child][:, None]] >= 0
    present = invited & (held >= sharing.live_evidence) & (attendance < likely)
    holders = present.sum(axis=1)
    chance = 1 - (1 - case.scenario.conference.unique_information_chance) ** np.maximum(holders, 1)
    raised = present & (raising < chance[:, None])
    return pool(case, (held * raised).sum(axis=1), raised.sum(axis=1))
