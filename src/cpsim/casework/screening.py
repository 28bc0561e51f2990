"""The front door (M10): social care's own file, what becomes a referral, and what goes on to an initial assessment."""

from typing import Final, NamedTuple

import numpy as np

from cpsim.arrays import Floats, Ints, Records
from cpsim.casework.log import Judgement, Occurrence
from cpsim.casework.recording import combine_evidence, open_files, sum_other_files
from cpsim.casework.state import NONE, WAITING_CASE, Casework, Messages, Status, append_rows, build_rows
from cpsim.constants import WEEKS_PER_YEAR

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
"""What the front door decided on a child who was not known: on whose word, how worried, and the two decisions."""

Decisions = Records
"""Rows of `DECISION`, one a child, shape (n,)."""


class Screening(NamedTuple):
    """The week at the front doors.

    `contacts` and `referrals` are their numbers at each front door, shape (A,); `escalated` are children with grave
    news on an open case, shape (n,).
    """

    contacts: Ints
    referrals: Ints
    escalated: Ints


def screen(state: Casework, arrived: Messages) -> Screening:
    """Read what has arrived, decide, answer the senders, and send children on to initial assessment."""
    if not len(arrived):
        nothing = np.zeros(len(state.authorities), np.int64)
        return Screening(nothing, nothing, NONE)
    _write_to_files(state, arrived[~arrived["request"]])
    status = state.records.status[arrived["child"]]
    messages = arrived[status == Status.CLOSED]
    decisions, row_of = _decide_referrals(state, messages)
    _answer_senders(state, messages, decisions, row_of)
    siblings = _add_siblings(state, decisions)
    everybody = append_rows(decisions, siblings)
    _register_referrals(state, everybody)
    grave = arrived["child"][(status == Status.IN_NEED) & ~arrived["request"]]
    spoken_of = np.concatenate([messages["child"], siblings["child"]])
    referred = everybody["child"][everybody["referred"]]
    return Screening(
        _count_by_front_door(state, spoken_of),
        _count_by_front_door(state, referred),
        _select_escalations(state, grave),
    )


def _count_by_front_door(state: Casework, child: Ints) -> Ints:
    """Number of these children, shape (n,), who belong to each front door, shape (A,)."""
    return np.bincount(state.authority[child], minlength=len(state.authorities))


def front_door_column(state: Casework, dial: str) -> Floats:
    """A column of the table of teams for the front door of each authority, shape (A,); they are its first rows."""
    column: Floats = state.teams[dial][: len(state.authorities)]
    return column


def _write_to_files(state: Casework, arrived: Messages) -> None:
    """Add what was said to the children's files (M4, M5).

    All messages of a week are read against the file as it stood before the week. New word counts in full on a file
    that is closed history, less when the agency has spoken already, and less when another has, since their readings
    overlap.
    """
    settings, records = state.scenario.front_door, state.records
    child, kind = arrived["child"], arrived["kind"]
    belief = state.update_belief(child)
    fresh = belief < settings.closed_history_below
    bit = np.left_shift(1, kind)
    before = np.where(fresh, 0, records.sources[child])
    spoken = (before & bit) > 0
    weight = np.where(spoken, settings.same_source_weight, settings.other_source_weight)
    weight[fresh] = 1.0
    np.add.at(records.belief, child, weight * arrived["evidence"])
    records.sources[child] = before
    np.bitwise_or.at(records.sources, child, bit)


def _decide_referrals(state: Casework, messages: Messages) -> tuple[Decisions, Ints]:
    """One decision a child, on the word of whoever spoke first; also the decision's row for each message.

    A front door with sight of the agencies' files lays those of all others beside this word (M23).
    """
    settings, records = state.scenario.front_door, state.records
    first_row = state.find_first_rows(messages["child"])
    first = (first_row == np.arange(len(first_row))).nonzero()[0]
    child, site = messages["child"][first], messages["site"][first]
    credibility = state.organisations["credibility"][site] + state.organisations["credibility_shift"][site]
    belief = records.belief[child] * state.belief_fade[state.week - records.believed[child]]
    door = state.authority[child]
    sight = front_door_column(state, "records_shown")[door]
    if sight.any():
        held, holders = sum_other_files(state, child, messages["kind"][first])
        belief = combine_evidence(state, belief, sight * held, sight * holders)
    score = belief + credibility
    score += settings.history_effect * (records.referrals[child] > 0)
    score += settings.plan_history_effect * (records.plans[child] > 0)
    score = np.where(messages["request"][first], messages["evidence"][first], score)
    keys = state.keys.judgement(child)
    noise = settings.screening_noise * np.exp(
        settings.flood_effect * np.maximum(state.front_door_load - 1, 0)
    )
    noise = (noise / front_door_column(state, "accuracy"))[door]
    moved = (state.drift + front_door_column(state, "screening_threshold_shift"))[door]
    first_look, second_look = score + noise * state.streams.screening_and_second_look.normal(keys)
    referred = first_look > settings.referral_threshold + moved
    assessed = referred & (second_look > settings.assessment_threshold + moved)
    state.judgements += [
        Judgement("screening", child, score, first_look, settings.referral_threshold + moved, site),
        Judgement("second look", child, score, second_look, settings.assessment_threshold + moved, site),
    ]
    decisions = build_rows(DECISION, child, site=site, score=score, referred=referred, assessed=assessed)
    return decisions, first.searchsorted(first_row)


def _answer_senders(state: Casework, messages: Messages, decisions: Decisions, row_of: Ints) -> None:
    """Senders learn what became of their concern (M8, M9): an assessment is an answer, silence is not."""
    settings, network = state.scenario.sharing, state.scenario.network
    concern = ~messages["request"]
    concerns, decision = messages[concern], decisions[row_of[concern]]
    # Two messages from one file carry one decision; it is counted once.
    file = concerns["child"] * state.kinds + concerns["kind"]
    open_files(state, file)
    state.files.unanswered[file] += np.where(decision["assessed"], -settings.answer_relief, 1.0)
    tie = state.ties.referral_tie[concerns["site"], concerns["authority"]]
    taken_up = decision["referred"]
    state.ties.raise_trust(tie[taken_up], network.trust_gain)
    state.ties.lower_trust(tie[~taken_up], network.trust_rejection)
    out = decisions[~decisions["referred"]]
    state.log.add(state.week, Occurrence.SCREENED_OUT, out["child"], out["site"], out["score"])


def _add_siblings(state: Casework, decisions: Decisions) -> Decisions:
    """Brothers and sisters who are named in a referral share its fate."""
    settings, children = state.scenario.front_door, state.world.children
    leads = decisions[decisions["referred"]]
    of_lead, sibling = children.find_by_family(children.family[leads["child"]])
    could_be = (state.records.status[sibling] == Status.CLOSED) & (children.birth[sibling] <= state.week)
    state.marked[decisions["child"]] = True
    could_be &= ~state.marked[sibling]
    state.marked[decisions["child"]] = False
    sibling, of_lead = sibling[could_be], of_lead[could_be]
    named = state.streams.sibling.uniform(state.keys.judgement(sibling)) < settings.sibling_chance
    sibling, of_lead = sibling[named], of_lead[named]
    once = state.find_first_rows(sibling) == np.arange(len(sibling))
    siblings: Decisions = leads[of_lead[once]]
    siblings["child"] = sibling[once]
    siblings["score"] -= settings.sibling_discount
    return siblings


def _register_referrals(state: Casework, decisions: Decisions) -> None:
    """Register the referrals and queue those that are to be assessed."""
    records = state.records
    referred = decisions[decisions["referred"]]
    child, assessed = referred["child"], referred["assessed"]
    again = state.week - records.last_referral[child] <= WEEKS_PER_YEAR
    state.log.add(state.week, Occurrence.REFERRED, child, referred["site"], again)
    records.last_referral[child] = state.week
    records.referrals[child] += 1
    # Looking at a referral answers part of the worry: half of what an assessment answers.
    records.belief[child[~assessed]] *= (1 + state.scenario.front_door.kept_after_assessment) / 2
    waits = referred[assessed]
    records.status[waits["child"]] = Status.WAITING
    arrivals = build_rows(
        WAITING_CASE, waits["child"], arrived=state.week, priority=waits["score"], enquiry=False
    )
    state.waiting_initial = append_rows(state.waiting_initial, arrivals)


def _select_escalations(state: Casework, spoken_of: Ints) -> Ints:
    """Children in need about whom the news is so grave that a section 47 enquiry opens; shape (n,)."""
    if not len(spoken_of):
        return NONE
    settings = state.scenario.front_door
    in_need: Ints = np.sort(spoken_of[state.find_first_rows(spoken_of) == np.arange(len(spoken_of))])
    noise = settings.screening_noise * state.streams.escalation.normal(state.keys.judgement(in_need))
    threshold = (
        settings.assessment_threshold + settings.escalation_margin + state.drift[state.authority[in_need]]
    )
    belief = state.records.belief[in_need]
    judged = belief + noise
    state.judgements.append(Judgement("escalation", in_need, belief, judged, threshold, -1))
    return in_need[judged > threshold]


HIGHEST_LOAD = 5.0
"""A load beyond which more is not felt; a desk without anybody in post has it as soon as work comes."""


def update_front_door_load(state: Casework, hours_due: Floats, hours_available: Floats) -> None:
    """Let the front door of each authority feel its load; backlog raises its thresholds (M10); shapes (A,)."""
    settings = state.scenario.front_door
    memory = 1 / settings.load_memory_weeks
    load = np.minimum(hours_due / np.maximum(hours_available, 1e-9), HIGHEST_LOAD)
    state.front_door_load += memory * (load - state.front_door_load)
    felt = np.log(np.maximum(state.front_door_load, 1e-9) / settings.load_target)
    state.drift = settings.drift * np.minimum(np.maximum(felt, -settings.drift_limit), settings.drift_limit)
