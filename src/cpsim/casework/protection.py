"""Protection and its end (M14): services, plans and care; what they do to harm; reviews, closure, effectiveness."""

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Bools, Floats, Integers, Ints
from cpsim.casework.allocation import allocate_workers, close_cases
from cpsim.casework.assessment import AssessmentOutcome
from cpsim.casework.conference import hold_conferences
from cpsim.casework.life_events import RowsByWeek
from cpsim.casework.log import Judgement, Occurrence
from cpsim.casework.state import SERVICE_ENDED, SERVICE_STARTED, Casework, Status
from cpsim.constants import NEVER


def protect(state: Casework, assessed: AssessmentOutcome, serious: RowsByWeek) -> None:
    """The week of children under protection: conferences, services, reviews, court, and what it all achieves."""
    _start_ordered_care(state)
    instead_of_plan = _decide_conferences(state, assessed.conferences)
    stepped_down = _hold_reviews(state)
    _start_service(
        state,
        np.concatenate([assessed.in_need, instead_of_plan, stepped_down]),
        Status.IN_NEED,
        state.scenario.protection.in_need_review_weeks,
    )
    status = _update_roll(state)
    effective = _update_effective_protection(state, status)
    _reduce_harm(state, status, effective)
    _apply_serious_events(state, serious[state.week])


def _start_service(state: Casework, child: Ints, status: int, review_in: Ints | int) -> None:
    """Begin a service for each child; shape (n,). Children new to services join the roll."""
    if not len(child):
        return
    records, settings = state.records, state.scenario.protection
    newcomer = child[records.status[child] < Status.IN_NEED]
    state.receiving_services = np.concatenate([state.receiving_services, newcomer])
    records.status[child] = status
    records.since[child] = state.week
    records.review[child] = state.week + review_in
    hidden = {
        Status.IN_NEED: settings.signs_hidden_in_need,
        Status.PLAN: settings.signs_hidden_on_plan,
        Status.CARE: 1.0,  # nothing that happens at home is seen while the child lives elsewhere
    }
    state.harm.hidden_share[child] = hidden[status]
    state.log.add(state.week, SERVICE_STARTED[status], child, -1, records.plans[child])


def _log_service_end(state: Casework, child: Ints, status: int) -> None:
    """Note that a service ends, with its length in weeks; what follows is the caller's to decide."""
    state.log.add(state.week, SERVICE_ENDED[status], child, -1, state.week - state.records.since[child])


def _decide_conferences(state: Casework, child: Ints) -> Ints:
    """Conferences that are due; returns children who get a child-in-need service instead of a plan."""
    if not len(child):
        return child
    estimate, planned = hold_conferences(state, child)
    on_plan = child[planned]
    start_plans(state, on_plan, estimate[planned])
    served: Ints = child[~planned]
    return served


def start_plans(state: Casework, child: Ints, estimate: Floats) -> None:
    """Decide on a plan for each child whose harm is judged as `estimate`, and on care where that is gravest.

    Shapes (n,).
    """
    _start_service(state, child, Status.PLAN, state.scenario.protection.first_review_weeks)
    state.records.plans[child] += 1
    _seek_care(state, child, estimate)


def _seek_care(state: Casework, child: Ints, estimate: Floats) -> None:
    """Where the estimate is gravest, care is sought: by agreement at once, or by section 31 application."""
    settings, records = state.scenario.protection, state.records
    grave = child[(estimate > settings.care_threshold) & (records.care_from[child] == NEVER)]
    if not len(grave):
        return
    by_agreement = state.streams.care.uniform(state.keys.judgement(grave)) < settings.care_voluntary_share
    to_court = grave[~by_agreement]
    records.care_from[to_court] = state.week + settings.court_weeks
    state.log.add(state.week, Occurrence.COURT_APPLICATION, to_court)
    _start_care(state, grave[by_agreement])


def _start_ordered_care(state: Casework) -> None:
    """Care orders take effect on the day the court has set, if the child still has a plan."""
    records = state.records
    ordered = state.receiving_services[records.care_from[state.receiving_services] == state.week]
    _start_care(state, ordered[records.status[ordered] == Status.PLAN])


def _start_care(state: Casework, child: Ints) -> None:
    """Children on a plan come into care."""
    if not len(child):
        return
    settings, records = state.scenario.protection, state.records
    _log_service_end(state, child, Status.PLAN)
    z = state.streams.care_length.normal(state.keys.judgement(child))
    stay = np.maximum(1, settings.care_median_weeks * np.exp(settings.care_spread * z)).astype(np.int64)
    _start_service(state, child, Status.CARE, stay)
    records.care_from[child] = NEVER


def _hold_reviews(state: Casework) -> Ints:
    """Reviews that are due; returns children whose plan or care ends and who step down to a child-in-need service."""
    settings, records = state.scenario, state.records
    child: Ints = state.receiving_services[records.review[state.receiving_services] == state.week]
    if not len(child):
        return child
    status = records.status[child]
    estimate = state.harm.severity[child] + settings.assessment.child_bias_remaining * state.child_bias[child]
    estimate += settings.protection.review_noise * state.streams.review.normal(state.keys.judgement(child))
    in_need, on_plan, in_care = status == Status.IN_NEED, status == Status.PLAN, child[status == Status.CARE]
    _review_in_need(state, child[in_need], estimate[in_need])
    _log_service_end(state, in_care, Status.CARE)
    return np.concatenate([_review_plans(state, child[on_plan], estimate[on_plan]), in_care])


def _review_plans(state: Casework, child: Ints, estimate: Floats) -> Ints:
    """Plans under review; returns the children whose plan ends."""
    if not len(child):
        return child
    settings, records = state.scenario.protection, state.records
    first = state.week - records.since[child] <= settings.first_review_weeks
    chance = state.streams.first_review.uniform(state.keys.judgement(child))
    may_close = ~first | (chance < settings.first_review_closure_chance)
    ends = (estimate < settings.plan_closure_threshold) & may_close & (records.care_from[child] == NEVER)
    state.judgements.append(Judgement("review", child, np.nan, estimate, settings.plan_closure_threshold, -1))
    stays = child[~ends]
    records.review[stays] = state.week + settings.review_every_weeks
    _log_service_end(state, child[ends], Status.PLAN)
    _seek_care(state, stays, estimate[~ends])
    ended: Ints = child[ends]
    return ended


def _review_in_need(state: Casework, child: Ints, estimate: Floats) -> None:
    """Child-in-need services under review: pressure of work raises the threshold for keeping a case open."""
    settings, records = state.scenario.protection, state.records
    threshold = (
        settings.in_need_closure_threshold + settings.closure_pressure * state.drift[state.authority[child]]
    )
    ends = (estimate < threshold) & (state.harm.other_needs[child] == 0)
    state.judgements.append(Judgement("review", child, np.nan, estimate, threshold, -1))
    records.review[child[~ends]] = state.week + settings.in_need_review_weeks
    closed = child[ends]
    _log_service_end(state, closed, Status.IN_NEED)
    records.belief[closed] *= settings.kept_after_closure
    close_cases(state, closed)


def _update_roll(state: Casework) -> NDArray[np.int8]:
    """Strike off those who left services, and look for a worker for those who have none.

    Returns the status of each child on the roll, shape (n,).
    """
    records = state.records
    status = records.status[state.receiving_services]
    stays = (status >= Status.IN_NEED) & (status <= Status.CARE)
    if np.count_nonzero(stays) < len(stays):
        left = state.receiving_services[~stays]
        state.receiving_services, status = state.receiving_services[stays], status[stays]
        _log_lost_protection(state, left[records.protected_since[left] >= 0])
    allocate_workers(
        state,
        state.long_term_teams,
        state.receiving_services[records.worker[state.receiving_services] < 0],
        limited=True,
    )
    return status


def _log_lost_protection(state: Casework, child: Ints) -> None:
    state.records.protected_since[child] = -1
    state.log.add(state.week, Occurrence.EFFECTIVE_UNTIL, child)


def _update_effective_protection(state: Casework, status: NDArray[np.int8]) -> Bools:
    """Whether each child on the roll is effectively protected this week, shape (n,).

    Care always is. A plan needs an allocated worker; a child-in-need service needs its hours delivered as well (ledger,
    section 2).
    """
    records, roll, teams = state.records, state.receiving_services, state.long_term_teams
    enough = state.teams["delivered_share"][teams.rows] >= state.scenario.protection.effective_hours_share
    effective: Bools = (records.worker[roll] >= 0) & (
        enough[teams.of_child[roll]] | (status != Status.IN_NEED)
    )
    effective |= status == Status.CARE
    changed = effective != (records.protected_since[roll] >= 0)
    begins = roll[changed & effective]
    records.protected_since[begins] = state.week
    state.log.add(state.week, Occurrence.EFFECTIVE_FROM, begins)
    _log_lost_protection(state, roll[changed & ~effective])
    return effective


def _reduce_harm(state: Casework, status: NDArray[np.int8], effective: Bools) -> None:
    """Effective protection works against the spell's resistance; every change of worker slows it (M13, M14).

    Harm at home does not reach a child in care.
    """
    settings, records = state.scenario.protection, state.records
    spell = state.harm.spell[state.receiving_services]
    at_work = ((spell >= 0) & effective).nonzero()[0]
    child, spell, status = state.receiving_services[at_work], spell[at_work], status[at_work]
    on_plan = status == Status.PLAN
    # What money does not buy does not help.
    supply, authority = state.authorities, state.authority[child]
    on_a_plan = settings.recovery_on_plan_per_week * supply["supply_on_plan"][authority]
    in_need = settings.recovery_in_need_per_week * supply["supply_in_need"][authority]
    gain = np.where(on_plan, on_a_plan, in_need)
    gain *= settings.worker_change_factor ** records.worker_changes[child]
    state.harm.progress[spell] += gain
    overcome = state.harm.progress[spell] > state.world.spells.resistance[spell]
    _end_harm(state, spell[overcome | (status == Status.CARE)])


def _end_harm(state: Casework, spell: Integers) -> None:
    """Spells that protection ends: their signs stop, and the signs that they would have hidden can occur."""
    if not len(spell):
        return
    spells, gate = state.world.spells, state.harm.gate
    child = spells.child[spell]
    state.harm.spell[child] = -1
    state.harm.severity[child] = 0.0
    np.subtract.at(state.harm.family_needs, state.world.children.family[child], 1)
    gate[1 + spell] = False
    gate[1 + len(spells.child) + spell] = True
    state.log.add(state.week, Occurrence.HARM_ENDED_BY_PROTECTION, child, -1, spell)


def _apply_serious_events(state: Casework, spell: Ints) -> None:
    """Serious events of this week in spells that last; a plan in effect averts some of them."""
    spells, records = state.world.spells, state.records
    spell = spell[state.harm.spell[spells.child[spell]] == spell]
    state.authorities["visible_events"] = 0
    if not len(spell):
        return
    child = spells.child[spell]
    on_plan = (records.protected_since[child] >= 0) & (records.status[child] == Status.PLAN)
    averted = on_plan & (spells.serious_mark[spell] < state.scenario.protection.serious_event_averted_share)
    state.log.add(state.week, Occurrence.SERIOUS_EVENT_AVERTED, child[averted], -1, spell[averted])
    state.log.add(state.week, Occurrence.SERIOUS_EVENT, child[~averted], -1, spell[~averted])
    _count_visible_events(state, child[~averted])


def _count_visible_events(state: Casework, child: Ints) -> None:
    """What happens to a child whom social care has known since some referral is on record and will be asked about."""
    known = child[state.records.referrals[child] > 0]
    teams = state.long_term_teams
    authority = state.teams["authority"][teams.rows[teams.of_child[known]]]
    state.authorities["visible_events"] = np.bincount(authority, minlength=len(state.authorities))
