"""Sharing decisions (M6), consultation of a partner (M5) and checks of a shared record (M23).

A practitioner makes contact with children's social care if the evidence exceeds the organisation's threshold by more
than the noise of the decision. A practitioner whose evidence is just below the threshold may first consult a partner
over a lateral tie: if both files together exceed the threshold, the jigsaw has been assembled. Where agencies have a
shared record, practitioners who still make no contact may look the child up in it.
"""

import numpy as np

from cpsim.agents.tables import OrganisationColumns
from cpsim.arrays import Floats, Ints
from cpsim.casework.log import Judgement, Occurrence
from cpsim.casework.noticing import Concerns
from cpsim.casework.recording import Beliefs, combine_evidence, read_files, sum_other_files
from cpsim.casework.state import MESSAGE, AgencyFiles, Casework, Messages, build_rows
from cpsim.network.ties import Ties
from cpsim.stages.declarations import stage


def sharing_thresholds(state: Casework, site: Ints, authority: Ints) -> Floats:
    """Evidence at which organisations contact an authority's social care half of the time this week (M6).

    Args:
        state: the state of casework.
        site: rows of organisations.
        authority: rows of authorities, in a shape that can be broadcast with `site`.

    Returns:
        Log-odds, in the shape of the arguments broadcast together, infinite where there is no tie to the front door.
    """
    settings, organisations = state.scenario.sharing, state.organisations
    tie = state.ties.referral_tie[site, authority]
    own = organisations["share_threshold"] + organisations["share_threshold_shift"]
    trust = np.append(state.ties.trust, 0.0)[tie]  # row -1 is for those without a tie
    threshold: Floats = own[site] - settings.trust_effect * (trust - settings.trust_reference)
    threshold += settings.workload_effect * np.maximum(organisations["workload"] - 1, 0)[site]
    # An organisation without a tie to the front door cannot make contact.
    threshold[tie < 0] = np.inf
    return threshold


def child_sharing_thresholds(state: Casework, child: Ints, site: Ints) -> Floats:
    """Evidence at which organisations make contact about children half of the time this week (M6, M30).

    Args:
        state: the state of casework.
        child: rows of children.
        site: rows of organisations, in a shape that can be broadcast with `child`.

    Returns:
        Log-odds, in the shape of the arguments broadcast together. The threshold for children of the smaller group may
        be lower or higher than for others.
    """
    threshold = sharing_thresholds(state, site, state.authority[child])
    threshold += state.organisations["group_threshold_shift"][site] * state.world.children.group[child]
    return threshold


@stage(
    reads=(
        Casework.authority,
        AgencyFiles.site,
        AgencyFiles.touched,
        OrganisationColumns.false_match,
        OrganisationColumns.group_threshold_shift,
        OrganisationColumns.lookup,
        OrganisationColumns.lookup_reach,
        OrganisationColumns.share_threshold,
        OrganisationColumns.share_threshold_shift,
        OrganisationColumns.workload,
        Ties.delivery,
    ),
    writes=(
        Casework.judgements,
        AgencyFiles.evidence,
        OrganisationColumns.consulted,
        OrganisationColumns.shared,
        Ties.delivered,
        Ties.last_use,
        Ties.trust,
        Ties.uses,
    ),
)
def share_concerns(state: Casework, concerns: Concerns, beliefs: Beliefs) -> Messages:
    """Decide which concerns organisations share with social care this week (M5, M6, M23); return their messages."""
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
    shares = above > concerns.sharing_noise
    undecided = ((above > -settings.consult_margin) & concerns.recorded & ~shares).nonzero()[0]
    evidence = beliefs.evidence
    if len(undecided):
        consulted = _consult_partners(state, concerns, evidence, undecided)
        evidence = evidence.copy()
        evidence[undecided] = consulted
        shares[undecided] = consulted - threshold[undecided] > concerns.sharing_noise[undecided]
    if state.organisations["lookup"].any():
        silent = (concerns.recorded & ~shares).nonzero()[0]
        believed = np.maximum(
            evidence[silent], _check_shared_record(state, concerns, beliefs.evidence, silent)
        )
        evidence = evidence.copy()
        evidence[silent] = believed
        shares[silent] = believed - threshold[silent] > concerns.sharing_noise[silent]
    estimate = evidence - concerns.sharing_noise
    state.judgements.append(
        Judgement("sharing", concerns.child, evidence, estimate, threshold, concerns.site)
    )
    sharing = shares.nonzero()[0]
    return write_messages(
        state, concerns.file[sharing], concerns.child[sharing], concerns.site[sharing], evidence[sharing]
    )


def write_messages(state: Casework, file: Ints, child: Ints, site: Ints, evidence: Floats) -> Messages:
    """Write one message to social care from each file, and log that it was shared.

    Args:
        state: the state of casework; the files keep only a part of their evidence (M6).
        file: rows of the agencies' files, shape (n,).
        child: rows of the children, shape (n,).
        site: rows of the organisations that send, shape (n,).
        evidence: evidence that each message reports, log-odds, shape (n,).
    """
    state.files.evidence[file] *= state.scenario.sharing.kept_after_sharing
    state.organisations["shared"] += np.bincount(site, minlength=len(state.organisations))
    state.log.add(state.week, Occurrence.SHARED, child, site, evidence)
    kind = file - child * state.kinds
    return build_rows(
        MESSAGE,
        child,
        kind=kind,
        site=site,
        evidence=evidence,
        request=False,
        authority=state.authority[child],
        due=state.week,
    )


def _consult_partners(state: Casework, concerns: Concerns, evidence: Floats, undecided: Ints) -> Floats:
    """Let some undecided practitioners consult a partner (M5).

    The partner is one of the child's other agencies to which a lateral tie exists, drawn at random. The probability of
    an answer depends on the tie in the same way as the delivery of a message (M7).

    Returns:
        What each undecided practitioner then believes, log-odds, shape (len(undecided),).
    """
    settings, network, streams = state.scenario.sharing, state.scenario.network, state.streams
    believed = evidence[undecided]
    child = concerns.child[undecided]
    keys = state.keys.concern(child, concerns.file[undecided] - child * state.kinds)
    consult, answer = streams.consult_and_answer.uniform(keys)
    consulting = (consult < settings.consult_chance).nonzero()[0]
    if not len(consulting):
        return believed
    child, site = child[consulting, None], concerns.site[undecided[consulting]]
    kinds = np.arange(state.kinds)
    partners = child * state.kinds + kinds
    ties = state.ties.find(site[:, None], state.files.site[partners])
    draw = streams.partner.uniform(state.keys.concern(child, kinds))
    draw[ties < 0] = -1.0
    choice = draw.argmax(axis=1)
    tie = ties[np.arange(len(consulting)), choice]
    probability = state.ties.delivery_probability(tie, network.delivery_base, network.delivery_trust_power)
    tied = tie >= 0
    answered = tied & (answer[consulting] < probability)
    unanswered = tied & ~answered
    state.ties.record_use(tie[tied], answered[tied], state.week)
    state.ties.raise_trust(tie[answered], network.trust_gain)
    state.ties.lower_trust(tie[unanswered], network.trust_loss)
    state.organisations["consulted"] += np.bincount(site[tied], minlength=len(state.organisations))
    state.log.add(state.week, Occurrence.CONSULTED, child[tied, 0], site[tied], believed[consulting[tied]])
    answered_rows = answered.nonzero()[0]
    partner_evidence = read_files(state, partners[answered_rows, choice[answered_rows]])
    own = believed[consulting[answered_rows]]
    believed[consulting[answered_rows]] = combine_evidence(
        state, own, partner_evidence, partner_evidence >= settings.live_evidence
    )
    return believed


def _check_shared_record(state: Casework, concerns: Concerns, evidence: Floats, silent: Ints) -> Floats:
    """Let some practitioners who make no contact look the child up in the shared record (M23).

    The record shows a share of the evidence that all other agencies hold about the child, or about another child if the
    entries are mismatched. It needs no tie and changes none, since no partner has to answer.

    Returns:
        What each of them then believes, log-odds, shape (len(silent),).
    """
    organisations = state.organisations
    believed = evidence[silent]
    child, site = concerns.child[silent], concerns.site[silent]
    kind = concerns.file[silent] - child * state.kinds
    look, mistake = state.streams.look_and_mistake.uniform(state.keys.concern(child, kind))
    looks = (look < organisations["lookup"][site]).nonzero()[0]
    child, kind, site = child[looks], kind[looks], site[looks]
    mistaken = mistake[looks] < organisations["false_match"][site]
    # Children are in order of birth, so a neighbour in the table is of about the same age; the last has no next one.
    neighbour = np.where(child < len(state.world.children.birth) - 1, child + 1, child - 1)
    held, holders = sum_other_files(state, np.where(mistaken, neighbour, child), kind)
    reach = organisations["lookup_reach"][site]
    state.log.add(state.week, Occurrence.LOOKED_UP, child, site, reach * held)
    believed[looks] = combine_evidence(state, believed[looks], reach * held, reach * holders)
    return believed
