"""The decision to tell social care (M6), asking a partner first (M5), and looking the child up (M23).

A professional tells social care when the evidence exceeds the threshold by more than the courage that the moment needs. One
who is worried, but not enough, may first ask a partner over a lateral tie; if the two files together exceed the threshold,
the jigsaw has been assembled. Where agencies share a record, whoever still keeps silent may look the child up in it.
"""

import numpy as np

from cpsim.arrays import Floats, Ints
from cpsim.casework.log import Judgement, Occurrence
from cpsim.casework.noticing import Concerns
from cpsim.casework.recording import Beliefs, combine_evidence, read_files, sum_other_files
from cpsim.casework.state import MESSAGE, Casework, Messages, build_rows


def sharing_thresholds(state: Casework) -> Floats:
    """Evidence at which an organisation tells each authority's social care half the time this week (M6).

    Log-odds, shape (S, A).
    """
    settings, organisations = state.scenario.sharing, state.organisations
    threshold: Floats = organisations["share_threshold"] + organisations["share_threshold_shift"]
    trust = state.ties.trust[state.ties.referral_tie]
    threshold = threshold[:, None] - settings.trust_effect * (trust - settings.trust_reference)
    threshold += settings.workload_effect * np.maximum(organisations["workload"] - 1, 0)[:, None]
    # Whoever has no tie to the front door has nobody to tell.
    threshold[state.ties.referral_tie < 0] = np.inf
    return threshold


def child_sharing_thresholds(state: Casework, child: Ints, site: Ints) -> Floats:
    """Evidence at which organisations tell of children half the time this week, shape of the broadcast arguments.

    A child of the smaller group may be told about sooner or later than others (M30).
    """
    threshold: Floats = sharing_thresholds(state)[site, state.authority[child]]
    threshold += state.organisations["group_threshold_shift"][site] * state.world.children.group[child]
    return threshold


def share_concerns(state: Casework, concerns: Concerns, beliefs: Beliefs) -> Messages:
    """Decide who tells social care this week; returns what they send."""
    settings = state.scenario.sharing
    threshold = (
        child_sharing_thresholds(state, concerns.child, concerns.site)
        + settings.unanswered_effect * beliefs.unanswered
    )
    above = beliefs.evidence - threshold
    threshold_crossed = ((above >= 0) & concerns.recorded).nonzero()[0]
    state.log.add(
        state.week,
        Occurrence.THRESHOLD_CROSSED,
        concerns.child[threshold_crossed],
        concerns.site[threshold_crossed],
    )
    tells = above > concerns.sharing_noise
    undecided = ((above > -settings.consult_margin) & concerns.recorded & ~tells).nonzero()[0]
    evidence = beliefs.evidence
    if len(undecided):
        asked = _consult_partners(state, concerns, evidence, undecided)
        evidence = evidence.copy()
        evidence[undecided] = asked
        tells[undecided] = asked - threshold[undecided] > concerns.sharing_noise[undecided]
    if state.organisations["lookup"].any():
        silent = (concerns.recorded & ~tells).nonzero()[0]
        believed = np.maximum(
            evidence[silent], _check_shared_record(state, concerns, beliefs.evidence, silent)
        )
        evidence = evidence.copy()
        evidence[silent] = believed
        tells[silent] = believed - threshold[silent] > concerns.sharing_noise[silent]
    judged = evidence - concerns.sharing_noise
    state.judgements.append(Judgement("sharing", concerns.child, evidence, judged, threshold, concerns.site))
    who = tells.nonzero()[0]
    return write_messages(state, concerns.file[who], concerns.child[who], concerns.site[who], evidence[who])


def write_messages(state: Casework, file: Ints, child: Ints, site: Ints, said: Floats) -> Messages:
    """Organisations tell social care what they believe, from one file each, shapes (n,); returns what they send."""
    state.files.evidence[file] *= state.scenario.sharing.kept_after_sharing
    state.organisations["shared"] += np.bincount(site, minlength=len(state.organisations))
    state.log.add(state.week, Occurrence.SHARED, child, site, said)
    kind = file - child * state.kinds
    return build_rows(
        MESSAGE,
        child,
        kind=kind,
        site=site,
        evidence=said,
        request=False,
        authority=state.authority[child],
        due=state.week,
    )


def _consult_partners(state: Casework, concerns: Concerns, evidence: Floats, undecided: Ints) -> Floats:
    """Some of the undecided ask a partner; returns what each then believes, shape (len(undecided),).

    A partner is one of the child's other agencies to which a lateral tie exists, drawn at random. Whether the
    question is answered depends on the tie like the delivery of any message (M7).
    """
    settings, network, streams = state.scenario.sharing, state.scenario.network, state.streams
    believed = evidence[undecided]
    child = concerns.child[undecided]
    keys = state.keys.concern(child, concerns.file[undecided] - child * state.kinds)
    consult, answer = streams.consult_and_answer.uniform(keys)
    asks = (consult < settings.consult_chance).nonzero()[0]
    if not len(asks):
        return believed
    child, site = child[asks, None], concerns.site[undecided[asks]]
    kinds = np.arange(state.kinds)
    partners = child * state.kinds + kinds
    ties = state.ties.find(site[:, None], state.files.site[partners])
    lot = streams.partner.uniform(state.keys.concern(child, kinds))
    lot[ties < 0] = -1.0
    choice = lot.argmax(axis=1)
    tie = ties[np.arange(len(asks)), choice]
    likely = state.ties.delivery_probability(tie, network.delivery_base, network.delivery_trust_power)
    tied = tie >= 0
    answered = tied & (answer[asks] < likely)
    unanswered = tied & ~answered
    state.ties.record_use(tie[tied], answered[tied], state.week)
    state.ties.raise_trust(tie[answered], network.trust_gain)
    state.ties.lower_trust(tie[unanswered], network.trust_loss)
    state.organisations["consulted"] += np.bincount(site[tied], minlength=len(state.organisations))
    state.log.add(state.week, Occurrence.CONSULTED, child[tied, 0], site[tied], believed[asks[tied]])
    heard = answered.nonzero()[0]
    theirs = read_files(state, partners[heard, choice[heard]])
    own = believed[asks[heard]]
    believed[asks[heard]] = combine_evidence(state, own, theirs, theirs >= settings.live_evidence)
    return believed


def _check_shared_record(state: Casework, concerns: Concerns, evidence: Floats, silent: Ints) -> Floats:
    """Some of those who keep silent look the child up; returns what each then believes, shape (len(silent),) (M23).

    The record shows a share of what all other agencies hold, of another child if it mistakes the one for the other. No
    tie is needed and none suffers: nobody is asked.
    """
    organisations = state.organisations
    believed = evidence[silent]
    child, site = concerns.child[silent], concerns.site[silent]
    kind = concerns.file[silent] - child * state.kinds
    look, mistake = state.streams.look_and_mistake.uniform(state.keys.concern(child, kind))
    looks = (look < organisations["lookup"][site]).nonzero()[0]
    child, kind, site = child[looks], kind[looks], site[looks]
    mistaken = mistake[looks] < organisations["false_match"][site]
    held, holders = sum_other_files(
        state, np.where(mistaken, _find_mistaken_child(state, child), child), kind
    )
    reach = organisations["lookup_reach"][site]
    state.log.add(state.week, Occurrence.LOOKED_UP, child, site, reach * held)
    believed[looks] = combine_evidence(state, believed[looks], reach * held, reach * holders)
    return believed


def _find_mistaken_child(state: Casework, child: Ints) -> Ints:
    """The child whose entry a record may show instead: the one born next, so of the same age; shape (n,)."""
    # Children are in order of birth; nobody comes after the last one.
    last = len(state.records.status) - 1
    return np.where(child < last, child + 1, child - 1)
