"""The decision to tell social care (M6), and asking a partner first (M5).

A professional tells social care when the evidence exceeds the bar by more than the courage that the moment needs. One
who is worried, but not enough, may first ask a partner over a lateral tie; if the two files together exceed the bar,
the jigsaw has been assembled.
"""

import numpy as np
from numpy.typing import NDArray

from cpsim.casework.log import Happening
from cpsim.casework.noticing import Concerns
from cpsim.casework.recording import Beliefs, look_up, pool
from cpsim.casework.state import MESSAGE, Casework, Messages, table_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def bars(case: Casework) -> Floats:
    """Evidence at which each organisation tells social care half the time this week, log-odds, shape (S,) (M6)."""
    settings, organisations = case.scenario.sharing, case.organisations
    bar: Floats = organisations["share_bar"] + organisations["share_bar_shift"]
    trust = case.ties.trust[case.ties.referral_tie]
    bar -= settings.trust_effect * (trust - settings.trust_reference)
    bar += settings.workload_effect * np.maximum(organisations["workload"] - 1, 0)
    # Whoever has no tie to the front door has nobody to tell.
    bar[case.ties.referral_tie < 0] = np.inf
    return bar


def share(case: Casework, concerns: Concerns, beliefs: Beliefs) -> Messages:
    """Decide who tells social care this week; returns what they send."""
    settings = case.scenario.sharing
    bar = bars(case)[concerns.site] + settings.unanswered_effect * beliefs.unanswered
    above = beliefs.evidence - bar
    at_the_bar = ((above >= 0) & concerns.recorded).nonzero()[0]
    case.log.add(case.week, Happening.AT_THE_BAR, concerns.child[at_the_bar], concerns.site[at_the_bar])
    tells = above > concerns.courage
    undecided = ((above > -settings.consult_margin) & concerns.recorded & ~tells).nonzero()[0]
    evidence = beliefs.evidence
    if len(undecided):
        asked = _consult(case, concerns, evidence, undecided)
        evidence = evidence.copy()
        evidence[undecided] = asked
        tells[undecided] = asked - bar[undecided] > concerns.courage[undecided]
    who = tells.nonzero()[0]
    file, child, site, said = concerns.file[who], concerns.child[who], concerns.site[who], evidence[who]
    case.files.evidence[file] *= settings.kept_after_sharing
    case.organisations["shared"] += np.bincount(site, minlength=len(case.organisations))
    case.log.add(case.week, Happening.SHARED, child, site, said)
    kind = file - child * case.kinds
    return table_of(MESSAGE, child, kind=kind, site=site, evidence=said, request=False, due=case.week)


def _consult(case: Casework, concerns: Concerns, evidence: Floats, undecided: Ints) -> Floats:
    """Some of the undecided ask a partner; returns what each then believes, shape (len(undecided),).

    A partner is one of the child's other agencies to which a lateral tie exists, drawn at random. Whether the
    question is answered depends on the tie like the delivery of any message (M7).
    """
    settings, network, streams = case.scenario.sharing, case.scenario.network, case.streams
    believed = evidence[undecided]
    child = concerns.child[undecided]
    keys = case.keys.concern(child, concerns.file[undecided] - child * case.kinds)
    consult, answer = streams.consult_and_answer.uniform(keys)
    asks = (consult < settings.consult_chance).nonzero()[0]
    if not len(asks):
        return believed
    child, site = child[asks, None], concerns.site[undecided[asks]]
    kinds = np.arange(case.kinds)
    partners = child * case.kinds + kinds
    ties = case.ties.find(site[:, None], case.files.site[partners])
    lot = streams.partner.uniform(case.keys.concern(child, kinds))
    lot[ties < 0] = -1.0
    choice = lot.argmax(axis=1)
    tie = ties[np.arange(len(asks)), choice]
    likely = case.ties.delivery_probability(tie, network.delivery_base, network.delivery_trust_power)
    tied = tie >= 0
    answered = tied & (answer[asks] < likely)
    unanswered = tied & ~answered
    case.ties.use(tie[tied], answered[tied], case.week)
    case.ties.gain(tie[answered], network.trust_gain)
    case.ties.lose(tie[unanswered], network.trust_loss)
    case.organisations["consulted"] += np.bincount(site[tied], minlength=len(case.organisations))
    case.log.add(case.week, Happening.CONSULTED, child[tied, 0], site[tied], believed[asks[tied]])
    heard = answered.nonzero()[0]
    theirs = look_up(case, partners[heard, choice[heard]])
    own = believed[asks[heard]]
    together = pool(case, own + theirs, 1 + (theirs >= settings.live_evidence))
    # Nobody who has asked believes less for having heard that a partner holds little.
    believed[asks[heard]] = np.maximum(own, together)
    return believed
