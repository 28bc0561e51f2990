"""Protection and its end (M14): services, plans and care, their effect on harm, reviews and closure."""

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.tables import AuthorityColumns, OrganisationColumns, TeamColumns, WorkerColumns
from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.allocation import allocate_workers, close_cases
from cpsim.casework.assessment import AssessmentOutcome
from cpsim.casework.conference import hold_conferences
from cpsim.casework.life_events import RowsByWeek
from cpsim.casework.log import Judgement, Occurrence
from cpsim.casework.state import (
    SERVICE_ENDED,
    SERVICE_STARTED,
    AgencyFiles,
    Casework,
    ChildRecords,
    CurrentHarm,
    Status,
)
from cpsim.constants import NEVER
from cpsim.stages.declarations import stage


@stage(
    reads=(
        AuthorityColumns.supply_in_need,
        AuthorityColumns.supply_on_plan,
        Casework.authority,
        Casework.drift,
        Casework.long_term_teams,
        Casework.roster,
        AgencyFiles.evidence,
        AgencyFiles.site,
        AgencyFiles.touched,
        CurrentHarm.other_needs,
        OrganisationColumns.attendance_factor,
        OrganisationColumns.conference_attendance,
        ChildRecords.referrals,
        TeamColumns.authority,
        TeamColumns.delivered_share,
        WorkerColumns.caseload,
    ),
    writes=(
        AuthorityColumns.visible_events,
        Casework.judgements,
        Casework.receiving_services,
        CurrentHarm.gate,
        CurrentHarm.hidden_share,
        CurrentHarm.progress,
        CurrentHarm.severity,
        CurrentHarm.spell,
        ChildRecords.belief,
        ChildRecords.care_from,
        ChildRecords.plans,
        ChildRecords.protected_since,
        ChildRecords.review,
        ChildRecords.since,
        ChildRecords.status,
        ChildRecords.worker,
        ChildRecords.worker_changes,
    ),
)
def protect(state: Casework, assessed: AssessmentOutcome, serious: RowsByWeek) -> None:
    """Hold conferences and reviews, start and end services, plans and care, and apply their effects (M14, M25).

    Args:
        state: the state of casework.
        assessed: the result of this week's assessments.
        serious: rows of spells by the week of their serious event.
    """
    settings, records = state.scenario.protection, state.records
    # A care order takes effect only if the child still has a plan.
    ordered = state.receiving_services[records.care_from[state.receiving_services] == state.week]
    _start_care(state, ordered[records.status[ordered] == Status.PLAN])

    service_instead = assessed.conferences
    if len(assessed.conferences):
        estimate, planned = hold_conferences(state, assessed.conferences)
        start_plans(state, assessed.conferences[planned], estimate[planned])
        service_instead = assessed.conferences[~planned]
    stepped_down = _hold_reviews(state)
    to_services = np.concatenate([assessed.in_need, service_instead, stepped_down])
    _start_service(state, to_services, Status.IN_NEED, settings.in_need_review_weeks)

    # Children who have left services are taken off the list, and those without a social worker get one if possible.
    status = records.status[state.receiving_services]
    stays = (status >= Status.IN_NEED) & (status <= Status.CARE)
    if np.count_nonzero(stays) < len(stays):
        left = state.receiving_services[~stays]
        state.receiving_services, status = state.receiving_services[stays], status[stays]
        _log_lost_protection(state, left[records.protected_since[left] >= 0])
    without_worker = state.receiving_services[records.worker[state.receiving_services] < 0]
    allocate_workers(state, state.long_term_teams, without_worker, limited=True)

    effective = _update_effective_protection(state, status)
    _reduce_harm(state, status, effective)
    _apply_serious_events(state, serious[state.week])


def _start_service(state: Casework, child: Ints, status: int, review_in: Ints | int) -> None:
    """Start a service for each child, shape (n,).

    Args:
        state: the state of casework.
        child: rows of the children, shape (n,).
        status: status that goes with the service.
        review_in: weeks to the first review, or length of care in weeks, shape (n,) or one for all.
    """
    if not len(child):
        return
    records, settings = state.records, state.scenario.protection
    state.move(child, status)
    records.since[child] = state.week
    records.review[child] = state.week + review_in
    hidden = {
        Status.IN_NEED: settings.signs_hidden_in_need,
        Status.PLAN: settings.signs_hidden_on_plan,
        Status.CARE: 1.0,  # the child does not live at home
    }
    state.harm.hidden_share[child] = hidden[status]
    state.log.add(state.week, SERVICE_STARTED[status], child, -1, records.plans[child])


def _log_service_end(state: Casework, child: Ints, status: int) -> None:
    """Log the end of a service with its length in weeks; the caller sets the new status."""
    state.log.add(state.week, SERVICE_ENDED[status], child, -1, state.week - state.records.since[child])


def start_plans(state: Casework, child: Ints, estimate: Floats) -> None:
    """Start a child protection plan for each child, and seek care for those with the highest estimates (M14).

    Args:
        state: the state of casework.
        child: rows of the children, shape (n,).
        estimate: estimated severity of each child's harm, shape (n,).
    """
    _start_service(state, child, Status.PLAN, state.scenario.protection.first_review_weeks)
    state.records.plans[child] += 1
    _seek_care(state, child, estimate)


def _seek_care(state: Casework, child: Ints, estimate: Floats) -> None:
    """Seek care where the estimate exceeds the care threshold: by agreement at once, or by a section 31 application."""
    settings, records = state.scenario.protection, state.records
    needs_care = child[(estimate > settings.care_threshold) & (records.care_from[child] == NEVER)]
    if not len(needs_care):
        return
    by_agreement = (
        state.streams.care.uniform(*state.keys.judgement(needs_care)) < settings.care_voluntary_share
    )
    to_court = needs_care[~by_agreement]
    records.care_from[to_court] = state.week + settings.court_weeks
    state.log.add(state.week, Occurrence.COURT_APPLICATION, to_court)
    _start_care(state, needs_care[by_agreement])


def _start_care(state: Casework, child: Ints) -> None:
    """End the plans of these children and start care; shape (n,)."""
    if not len(child):
        return
    settings, records = state.scenario.protection, state.records
    _log_service_end(state, child, Status.PLAN)
    z = state.streams.care_length.normal(*state.keys.judgement(child))
    weeks = settings.care_median_weeks * np.exp(settings.care_spread * z)
    stay = np.clip(weeks, 1, NEVER).astype(np.int64)
    _start_service(state, child, Status.CARE, stay)
    records.care_from[child] = NEVER


def _hold_reviews(state: Casework) -> Ints:
    """Hold the reviews that are due; return the children who step down from a plan or care to a service."""
    settings, records = state.scenario, state.records
    child: Ints = state.receiving_services[records.review[state.receiving_services] == state.week]
    if not len(child):
        return child
    status = records.status[child]
    estimate = state.harm.severity[child] + settings.assessment.child_bias_remaining * state.child_bias[child]
    estimate += settings.protection.review_noise * state.streams.review.normal(*state.keys.judgement(child))
    in_need, on_plan, in_care = status == Status.IN_NEED, status == Status.PLAN, child[status == Status.CARE]
    _review_in_need(state, child[in_need], estimate[in_need])
    _log_service_end(state, in_care, Status.CARE)
    return np.concatenate([_review_plans(state, child[on_plan], estimate[on_plan]), in_care])


def _review_plans(state: Casework, child: Ints, estimate: Floats) -> Ints:
    """Review plans; return the children whose plan ends."""
    if not len(child):
        return child
    settings, records = state.scenario.protection, state.records
    first = state.week - records.since[child] <= settings.first_review_weeks
    chance = state.streams.first_review.uniform(*state.keys.judgement(child))
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
    """Review child-in-need services; workload raises the threshold for continuing them."""
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


def postpone_reviews(state: Casework, child: Ints) -> None:
    """Postpone the next review of each child, shape (n,), by the interval between reviews of a plan."""
    state.records.review[child] += state.scenario.protection.review_every_weeks


def start_effective_protection(state: Casework, child: Ints) -> None:
    """Record and log that these children are effectively protected from this week on; shape (n,)."""
    state.records.protected_since[child] = state.week
    state.log.add(state.week, Occurrence.EFFECTIVE_FROM, child)


def _log_lost_protection(state: Casework, child: Ints) -> None:
    """Log that these children are no longer effectively protected; shape (n,)."""
    state.records.protected_since[child] = -1
    state.log.add(state.week, Occurrence.EFFECTIVE_UNTIL, child)


def _update_effective_protection(state: Casework, status: NDArray[np.int8]) -> Bools:
    """Determine which children with services are effectively protected this week, and log the changes.

    Care always protects. A plan needs an allocated social worker, and a child-in-need service also needs its hours
    delivered (section 2 of the page on the ledger).

    Returns:
        One value for each child in `state.receiving_services`, shape (n,).
    """
    records, listed, teams = state.records, state.receiving_services, state.long_term_teams
    enough = state.teams["delivered_share"][teams.rows] >= state.scenario.protection.effective_hours_share
    effective: Bools = (records.worker[listed] >= 0) & (
        enough[teams.of_child[listed]] | (status != Status.IN_NEED)
    )
    effective |= status == Status.CARE
    changed = effective != (records.protected_since[listed] >= 0)
    start_effective_protection(state, listed[changed & effective])
    _log_lost_protection(state, listed[changed & ~effective])
    return effective


def _reduce_harm(state: Casework, status: NDArray[np.int8], effective: Bools) -> None:
    """Add to the progress of effective protection, and end spells whose resistance it exceeds (M13, M14).

    Every change of social worker slows the progress. Care ends harm at home at once.
    """
    settings, records = state.scenario.protection, state.records
    spell = state.harm.spell[state.receiving_services].astype(np.int64)
    protected_rows = ((spell >= 0) & effective).nonzero()[0]
    child, spell, status = (
        state.receiving_services[protected_rows],
        spell[protected_rows],
        status[protected_rows],
    )
    on_plan = status == Status.PLAN
    # Services that the budget does not cover have no effect.
    supply, authority = state.authorities, state.authority[child]
    on_a_plan = settings.recovery_on_plan_per_week * supply["supply_on_plan"][authority]
    in_need = settings.recovery_in_need_per_week * supply["supply_in_need"][authority]
    gain = np.where(on_plan, on_a_plan, in_need)
    gain *= settings.worker_change_factor ** records.worker_changes[child]
    state.harm.progress[spell] += gain
    resolved = state.harm.progress[spell] > state.world.spells.resistance[spell]
    ended = spell[resolved | (status == Status.CARE)]
    if not len(ended):
        return
    # Signs of a spell that has ended stop, and signs that it would have hidden can occur.
    spells, gate = state.world.spells, state.harm.gate
    child = spells.child[ended]
    state.harm.spell[child] = -1
    state.harm.severity[child] = 0.0
    gate[1 + ended] = False
    gate[1 + len(spells.child) + ended] = True
    state.log.add(state.week, Occurrence.HARM_ENDED_BY_PROTECTION, child, -1, ended)


def _apply_serious_events(state: Casework, spell: Ints) -> None:
    """Apply this week's serious events to the spells that continue; an effective plan averts a share (M14, M24)."""
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
    # The events of children with an earlier referral become public (M24).
    harmed = child[~averted]
    known = harmed[records.referrals[harmed] > 0]
    teams = state.long_term_teams
    authority = state.teams["authority"][teams.rows[teams.of_child[known]]]
    state.authorities["visible_events"] = np.bincount(authority, minlength=len(state.authorities))
