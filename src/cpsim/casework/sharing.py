"""The decision to tell social care (M6), and asking a partner first (M5).

A professional tells social care when the evidence exceeds the bar by more than the courage that the moment needs. One who is
worried, but not enough, may first ask a partner over a lateral tie; if the two files together exceed the bar, the jigsaw
has been assembled.
"""

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.casework.log import Happening
from cpsim.casework.noticing import Concerns
from cpsim.casework.recording import Beliefs, look_up, pool
from cpsim.casework.state import KIND_ROOM, NONE, Casework, Messages

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def bars(case: Casework) -> Floats:
    """Evidence at which each organisation tells social care half the time this week, log-odds, shape (S,) (M6)."""
    settings, organisations = case.scenario.sharing, case.organisations
    bar = organisations["share_bar"] + organisations["share_bar_shift"]
    trust = case.ties.trust[case.ties.referral_tie]
    bar -= settings.trust_effect * (trust - settings.trust_reference)
    bar += settings.workload_effect * np.maximum(organisations["workload"] - 1, 0)
    # Whoever has no tie to the front door has nobody to tell.
    bar[case.ties.referral_tie < 0] = np.inf
    return bar


def share(case: Casework, concerns: Concerns, beliefs: Beliefs) -> Messages:
    """Decide who tells social care this week; returns what they send."""
    if not len(concerns.file):
        return Messages(NONE, NONE, NONE, np.empty(0), np.empty(0, np.bool_))
    settings = case.scenario.sharing
    bar = bars(case)[concerns.site] + settings.unanswered_effect * beliefs.unanswered
    above = beliefs.evidence - bar
    at_the_bar = np.flatnonzero((above >= 0) & concerns.recorded)
    case.log.add(case.week, Happening.AT_THE_BAR, concerns.child[at_the_bar], concerns.site[at_the_bar])
    tells = above > concerns.courage
    undecided = np.flatnonzero((above > -settings.consult_margin) & concerns.recorded & ~tells)
    evidence = beliefs.evidence
    if len(undecided):
        asked = _consult(case, concerns, evidence, undecided)
        evidence = evidence.copy()
        evidence[undecided] = asked
        tells[undecided] = asked - bar[undecided] > concerns.courage[undecided]
    told = np.flatnonzero(tells)
    file, child, site, said = concerns.file[told], concerns.child[told], concerns.site[told], evidence[told]
    case.files.evidence[file] *= settings.kept_after_sharing
    case.log.add(case.week, Happening.SHARED, child, site, said)
    kind = file - child * case.kinds
    return Messages(child.astype(np.int64), kind.astype(np.int64), site.astype(np.int64), said, np.zeros(len(told), np.bool_))


def _consult(case: Casework, concerns: Concerns, evidence: Floats, undecided: Ints) -> Floats:
    """Some of the undecided ask a partner; returns what each then believes, shape (len(undecided),).

    A partner is one of the child's other agencies to which a lateral tie exists, drawn at random. Whether the question is
    answered depends on the tie like the delivery of any message (M7).
    """
    settings, network, streams = case.scenario.sharing, case.scenario.network, case.streams
    child, file = concerns.child[undecided].astype(np.int64), concerns.file[undecided]
    asking = draws.keys(child * KIND_ROOM + (file - child * case.kinds), case.week)
    asks = np.flatnonzero(streams.consult.uniform(asking) < settings.consult_chance)
    believed = evidence[undecided]
    if not len(asks):
        return believed
    child, site = child[asks], concerns.site[undecided[asks]]
    partners = child[:, None] * case.kinds + np.arange(case.kinds)
    tie = case.ties.find(site[:, None], case.files.site[partners])
    lot = streams.partner.uniform(draws.keys(child[:, None] * KIND_ROOM + np.arange(case.kinds), case.week))
    lot[tie < 0] = -1.0
    choice = lot.argmax(axis=1)
    row = np.arange(len(asks))
    has_partner = np.flatnonzero(tie[row, choice] >= 0)
    if not len(has_partner):
        return believed
    chosen = tie[has_partner, choice[has_partner]]
    likely = case.ties.delivery_probability(chosen, network.delivery_base, network.delivery_trust_power)
    answered = streams.answer.uniform(asking[asks[has_partner]]) < likely
    case.ties.use(chosen, answered, case.week)
    case.ties.gain(chosen[answered], network.trust_gain)
    case.ties.lose(chosen[~answered], network.trust_loss)
    case.log.add(case.week, Happening.CONSULTED, child[has_partner], site[has_partner], believed[asks[has_partner]])
    heard = has_partner[answered]
    theirs = look_up(case, partners[heard, choice[heard]])
    own = believed[asks[heard]]
    together = pool(case, own + theirs, 1 + (theirs >= settings.live_evidence))
    # Nobody who has asked believes less for having heard that a partner holds little.
    believed[asks[heard]] = np.maximum(own, together)
    return believed
