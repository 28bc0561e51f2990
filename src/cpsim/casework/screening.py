"""The front door (M10): social care's own file, and which contacts become referrals and initial assessments."""

from typing import Final, NamedTuple

import numpy as np

from cpsim.agents.tables import OrganisationColumns, TeamColumns
from cpsim.arrays import Floats, Ints, Records
from cpsim.casework.log import Judgement, Occurrence
from cpsim.casework.recording import combine_evidence, open_files, sum_other_files
from cpsim.casework.state import (
    NONE,
    WAITING_CASE,
    AgencyFiles,
    Casework,
    ChildRecords,
    Messages,
    Status,
    append_rows,
    build_rows,
)
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.network.ties import Ties
from cpsim.stages.declarations import stage

DECISION: Final = np.dtype(
    [
        ("child", np.int64),
        ("site", np.int64),
        ("score", np.float64),
        ("referred", np.bool_),
        ("assessed", np.bool_),
    ],
    align=True,
)
"""A decision of the front door about a child without an open case: the sender of the first message, the score
(log-odds), and the two decisions."""

Decisions = Records
"""Rows of `DECISION`, one for each child, shape (n,)."""


class Screening(NamedTuple):
    """The result of a week at the front doors.

    Attributes:
        contacts: number of contacts at each front door, shape (A,).
        referrals: number of referrals at each front door, shape (A,).
        escalated: children in need about whom a section 47 enquiry is to open, shape (n,).
    """

    contacts: Ints
    referrals: Ints
    escalated: Ints


@stage(
    reads=(
        Casework.authority,
        Casework.drift,
        Casework.front_door_load,
        OrganisationColumns.credibility,
        ChildRecords.plans,
        TeamColumns.accuracy,
        TeamColumns.records_shown,
        TeamColumns.screening_threshold_shift,
    ),
    writes=(
        Casework.judgements,
        Casework.waiting_initial,
        AgencyFiles.evidence,
        AgencyFiles.touched,
        AgencyFiles.unanswered,
        ChildRecords.belief,
        ChildRecords.believed,
        ChildRecords.last_referral,
        ChildRecords.referrals,
        ChildRecords.sources,
        ChildRecords.status,
        Ties.trust,
    ),
)
def screen(state: Casework, arrived: Messages) -> Screening:
    """Decide at the front door which contacts become referrals and which are assessed (M10).

    Args:
        state: the state of casework.
        arrived: messages delivered this week, shape (n,).
    """
    front_doors = len(state.authorities)
    if not len(arrived):
        nothing = np.zeros(front_doors, np.int64)
        return Screening(nothing, nothing, NONE)
    settings, records = state.scenario.front_door, state.records
    _write_to_files(state, arrived[~arrived["request"]])
    status = records.status[arrived["child"]]

    # One decision for each child without an open case, on the first message about the child.
    messages = arrived[status == Status.CLOSED]
    first_row = state.find_first_rows(messages["child"])
    first = (first_row == np.arange(len(first_row))).nonzero()[0]
    child, site = messages["child"][first], messages["site"][first]
    authority = state.authority[child]
    belief = records.belief[child] * state.belief_fade[state.week - records.believed[child]]
    # A front door that is shown other agencies' records combines them with the message (M23).
    records_shown = front_door_column(state, "records_shown")[authority]
    if records_shown.any():
        held, holders = sum_other_files(state, child, messages["kind"][first])
        belief = combine_evidence(state, belief, records_shown * held, records_shown * holders)
    score = belief + state.organisations["credibility"][site]
    score += settings.history_effect * (records.referrals[child] > 0)
    score += settings.plan_history_effect * (records.plans[child] > 0)
    score = np.where(messages["request"][first], messages["evidence"][first], score)

    noise = settings.screening_noise * np.exp(
        settings.flood_effect * np.maximum(state.front_door_load - 1, 0)
    )
    noise = (noise / front_door_column(state, "accuracy"))[authority]
    keys = state.keys.judgement(child)
    first_look, second_look = score + noise * state.streams.screening_and_second_look.normal(*keys)
    threshold_shift = (state.drift + front_door_column(state, "screening_threshold_shift"))[authority]
    referral_threshold = settings.referral_threshold + threshold_shift
    assessment_threshold = settings.assessment_threshold + threshold_shift
    referred = first_look > referral_threshold
    assessed = referred & (second_look > assessment_threshold)
    state.judgements += [
        Judgement("screening", child, score, first_look, referral_threshold, site),
        Judgement("second look", child, score, second_look, assessment_threshold, site),
    ]
    decisions = build_rows(DECISION, child, site=site, score=score, referred=referred, assessed=assessed)

    _answer_senders(state, messages, decisions[first.searchsorted(first_row)])
    out = decisions[~referred]
    state.log.add(state.week, Occurrence.SCREENED_OUT, out["child"], out["site"], out["score"])
    siblings = _add_siblings(state, decisions)
    decisions_with_siblings = append_rows(decisions, siblings)
    referrals = decisions_with_siblings[decisions_with_siblings["referred"]]
    _register_referrals(state, referrals)

    open_case_messages = arrived["child"][(status == Status.IN_NEED) & ~arrived["request"]]
    contacted = np.concatenate([messages["child"], siblings["child"]])
    return Screening(
        np.bincount(state.authority[contacted], minlength=front_doors),
        np.bincount(state.authority[referrals["child"]], minlength=front_doors),
        _select_escalations(state, open_case_messages),
    )


def front_door_column(state: Casework, dial: str) -> Floats:
    """Column `dial` of the table of teams for the front door of each authority, shape (A,)."""
    column: Floats = state.teams[dial][state.front_doors]
    return column


def _write_to_files(state: Casework, arrived: Messages) -> None:
    """Add the evidence of messages to social care's files (M4, M5).

    All messages of a week are weighed against the file as it was before that week. Evidence counts in full if the file
    has faded to history, and less if the same or another agency has already sent a message, because agencies see some
    of the same signs.
    """
    settings, records = state.scenario.front_door, state.records
    child, kind = arrived["child"], arrived["kind"]
    belief = state.update_belief(child)
    is_history = belief < settings.closed_history_below
    bit = np.left_shift(1, kind).astype(records.sources.dtype)
    before = np.where(is_history, 0, records.sources[child])
    sent_before = (before & bit) > 0
    weight = np.where(sent_before, settings.same_source_weight, settings.other_source_weight)
    weight[is_history] = 1.0
    np.add.at(records.belief, child, weight * arrived["evidence"])
    records.sources[child] = before
    np.bitwise_or.at(records.sources, child, bit)


def _answer_senders(state: Casework, messages: Messages, decisions: Decisions) -> None:
    """Answer the senders (M8, M9): an assessment counts as an answer, no assessment leaves a concern unanswered.

    Args:
        state: the state of casework.
        messages: messages about children without an open case, shape (n,).
        decisions: the decision about the child of each message, shape (n,).
    """
    settings, network = state.scenario.sharing, state.scenario.network
    concern = ~messages["request"]
    concerns, decision = messages[concern], decisions[concern]
    # Two messages from one file get one decision, which is counted once.
    file = concerns["child"] * state.kinds + concerns["kind"]
    open_files(state, file)
    state.files.unanswered[file] += np.where(decision["assessed"], -settings.answer_relief, 1.0)
    tie = state.ties.referral_tie[concerns["site"], concerns["authority"]]
    taken_up = decision["referred"]
    state.ties.raise_trust(tie[taken_up], network.trust_gain)
    state.ties.lower_trust(tie[~taken_up], network.trust_rejection)


def _add_siblings(state: Casework, decisions: Decisions) -> Decisions:
    """Draw the siblings who are named in referrals, and decide about them as about the child referred."""
    settings, children = state.scenario.front_door, state.world.children
    leads = decisions[decisions["referred"]]
    of_lead, sibling = children.find_by_family(children.family[leads["child"]])
    could_be = (state.records.status[sibling] == Status.CLOSED) & (children.birth[sibling] <= state.week)
    state.marked[decisions["child"]] = True
    could_be &= ~state.marked[sibling]
    state.marked[decisions["child"]] = False
    sibling, of_lead = sibling[could_be], of_lead[could_be]
    named = state.streams.sibling.uniform(*state.keys.judgement(sibling)) < settings.sibling_chance
    sibling, of_lead = sibling[named], of_lead[named]
    once = state.find_first_rows(sibling) == np.arange(len(sibling))
    siblings: Decisions = leads[of_lead[once]]
    siblings["child"] = sibling[once]
    siblings["score"] -= settings.sibling_discount
    return siblings


def _register_referrals(state: Casework, referred: Decisions) -> None:
    """Register the referrals, with siblings, and queue those that are to be assessed (M10)."""
    records = state.records
    child, assessed = referred["child"], referred["assessed"]
    again = state.week - records.last_referral[child] <= WEEKS_PER_YEAR
    state.log.add(state.week, Occurrence.REFERRED, child, referred["site"], again)
    records.last_referral[child] = state.week
    records.referrals[child] += 1
    # A referral that is not assessed settles half as much of the evidence as an assessment does.
    records.belief[child[~assessed]] *= (1 + state.scenario.front_door.kept_after_assessment) / 2
    waits = referred[assessed]
    state.move(waits["child"], Status.WAITING)
    arrivals = build_rows(
        WAITING_CASE, waits["child"], arrived=state.week, priority=waits["score"], enquiry=False
    )
    state.waiting_initial = append_rows(state.waiting_initial, arrivals)


def _select_escalations(state: Casework, contacted: Ints) -> Ints:
    """Select the children in need about whom a section 47 enquiry opens after new messages, shape (n,)."""
    if not len(contacted):
        return NONE
    settings = state.scenario.front_door
    in_need: Ints = np.sort(contacted[state.find_first_rows(contacted) == np.arange(len(contacted))])
    noise = settings.screening_noise * state.streams.escalation.normal(*state.keys.judgement(in_need))
    threshold = (
        settings.assessment_threshold + settings.escalation_margin + state.drift[state.authority[in_need]]
    )
    belief = state.records.belief[in_need]
    estimate = belief + noise
    state.judgements.append(Judgement("escalation", in_need, belief, estimate, threshold, -1))
    return in_need[estimate > threshold]


HIGHEST_LOAD = 5.0
"""Largest load that counts; a team without anyone in post has this load as soon as it has work."""


def update_front_door_load(state: Casework, hours_due: Floats, hours_available: Floats) -> None:
    """Update the smoothed load of each front door, and the drift of its thresholds with that load (M10).

    Args:
        state: the state of casework.
        hours_due: hours due in the assessment teams of each authority this week, shape (A,).
        hours_available: hours that these teams have this week, shape (A,).
    """
    settings = state.scenario.front_door
    memory = 1 / settings.load_memory_weeks
    load = np.minimum(hours_due / np.maximum(hours_available, 1e-9), HIGHEST_LOAD)
    state.front_door_load += memory * (load - state.front_door_load)
    log_load = np.log(np.maximum(state.front_door_load, 1e-9) / settings.load_target)
    state.drift = settings.drift * np.minimum(
        np.maximum(log_load, -settings.drift_limit), settings.drift_limit
    )
