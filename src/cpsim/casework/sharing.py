"""The decision to tell social care (M6), asking a partner first (M5), and looking the child up (M23).

A professional tells social care when the evidence exceeds the threshold by more than the courage that the moment needs. One
who is worried, but not enough, may first ask a partner over a lateral tie; if the two files together exceed the threshold,
the jigsaw has been assembled. Where agencies share a record, whoever still keeps silent may look the child up in it.
"""

import numpy as np

from cpsim.arrays import Floats, Ints
from cpsim.casework.log import Happening, Judgement
from cpsim.casework.noticing import Concerns
from cpsim.casework.recording import Beliefs, held_elsewhere, look_up, put_together
from cpsim.casework.state import MESSAGE, Casework, Messages, table_of


def thresholds(case: Casework) -> Floats:
    """Evidence at which an organisation tells each authority's social care half the time this week (M6).

    Log-odds, shape (S, A).
    """
    settings, organisations = case.scenario.sharing, case.organisations
    threshold: Floats = organisations["share_threshold"] + organisations["share_threshold_shift"]
    trust = case.ties.trust[case.ties.referral_tie]
    threshold = threshold[:, None] - settings.trust_effect * (trust - settings.trust_reference)
    threshold += settings.workload_effect * np.maximum(organisations["workload"] - 1, 0)[:, None]
    # Whoever has no tie to the front door has nobody to tell.
    threshold[case.ties.referral_tie < 0] = np.inf
    return threshold


def thresholds_about(case: Casework, child: Ints, site: Ints) -> Floats:
    """Evidence at which organisations tell of children half the time this week, shape of the broadcast arguments.

    A child of the smaller group may be told about sooner or later than others (M30).
    """
    threshold: Floats = thresholds(case)[site, case.authority[child]]
    threshold += case.organisations["group_threshold_shift"][site] * case.world.children.group[child]
    return threshold


def share(case: Casework, concerns: Concerns, beliefs: Beliefs) -> Messages:
    """Decide who tells social care this week; returns what they send."""
    settings = case.scenario.sharing
    threshold = (
        thresholds_about(case, concerns.child, concerns.site)
        + settings.unanswered_effect * beliefs.unanswered
    )
    above = beliefs.evidence - threshold
    threshold_crossed = ((above >= 0) & concerns.recorded).nonzero()[0]
    case.log.add(
        case.week,
        Happening.THRESHOLD_CROSSED,
        concerns.child[threshold_crossed],
        concerns.site[threshold_crossed],
    )
    tells = above > concerns.courage
    undecided = ((above > -settings.consult_margin) & concerns.recorded & ~tells).nonzero()[0]
    evidence = beliefs.evidence
    if len(undecided):
        asked = _consult(case, concerns, evidence, undecided)
        evidence = evidence.copy()
        evidence[undecided] = asked
        tells[undecided] = asked - threshold[undecided] > concerns.courage[undecided]
    if case.organisations["lookup"].any():
        silent = (concerns.recorded & ~tells).nonzero()[0]
        believed = np.maximum(evidence[silent], _look_up_child(case, concerns, beliefs.evidence, silent))
        evidence = evidence.copy()
        evidence[silent] = believed
        tells[silent] = believed - threshold[silent] > concerns.courage[silent]
    judged = evidence - concerns.courage
    case.minutes.append(Judgement("telling", concerns.child, evidence, judged, threshold, concerns.site))
    who = tells.nonzero()[0]
    return tell(case, concerns.file[who], concerns.child[who], concerns.site[who], evidence[who])


def tell(case: Casework, file: Ints, child: Ints, site: Ints, said: Floats) -> Messages:
    """Organisations tell social care what they believe, from one file each, shapes (n,); returns what they send."""
    case.files.evidence[file] *= case.scenario.sharing.kept_after_sharing
    case.organisations["shared"] += np.bincount(site, minlength=len(case.organisations))
    case.log.add(case.week, Happening.SHARED, child, site, said)
    kind = file - child * case.kinds
    return table_of(
        MESSAGE,
        child,
        kind=kind,
        site=site,
        evidence=said,
        request=False,
        authority=case.authority[child],
        due=case.week,
    )


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
    believed[asks[heard]] = put_together(case, own, theirs, theirs >= settings.live_evidence)
    return believed


def _look_up_child(case: Casework, concerns: Concerns, evidence: Floats, silent: Ints) -> Floats:
    """Some of those who keep silent look the child up; returns what each then believes, shape (len(silent),) (M23).

    The record shows a share of what all other agencies hold, of another child if it mistakes the one for the other. No
    tie is needed and none suffers: nobody is asked.
    """
    organisations = case.organisations
    believed = evidence[silent]
    child, site = concerns.child[silent], concerns.site[silent]
    kind = concerns.file[silent] - child * case.kinds
    look, mistake = case.streams.look_and_mistake.uniform(case.keys.concern(child, kind))
    looks = (look < organisations["lookup"][site]).nonzero()[0]
    child, kind, site = child[looks], kind[looks], site[looks]
    mistaken = mistake[looks] < organisations["false_match"][site]
    held, holders = held_elsewhere(case, np.where(mistaken, _mistaken_for(case, child), child), kind)
    reach = organisations["lookup_reach"][site]
    case.log.add(case.week, Happening.LOOKED_UP, child, site, reach * held)
    believed[looks] = put_together(case, believed[looks], reach * held, reach * holders)
    return believed


def _mistaken_for(case: Casework, child: Ints) -> Ints:
    """The child whose entry a record may show instead: the one born next, so of the same age; shape (n,)."""
    # Children are in order of birth; nobody comes after the last one.
    last = len(case.records.status) - 1
    return np.where(child < last, child + 1, child - 1)
