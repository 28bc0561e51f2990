"""Protection and its end (M14): services, plans and care; what they do to harm; reviews, closure, effectiveness."""

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Bools, Floats, Integers, Ints
from cpsim.casework.allocation import allocate, let_go
from cpsim.casework.assessment import Assessed
from cpsim.casework.conference import confer
from cpsim.casework.living import Due
from cpsim.casework.log import Happening, Judgement
from cpsim.casework.state import ENDED, STARTED, Casework, Status
from cpsim.constants import NEVER


def protect(case: Casework, assessed: Assessed, serious: Due) -> None:
    """The week of children under protection: conferences, services, reviews, court, and what it all achieves."""
    _enter_care(case)
    instead_of_plan = _hold_conferences(case, assessed.conferences)
    stepped_down = _review(case)
    _start(
        case,
        np.concatenate([assessed.in_need, instead_of_plan, stepped_down]),
        Status.IN_NEED,
        case.scenario.protection.in_need_review_weeks,
    )
    status = _keep_the_roll(case)
    effective = _judge_effect(case, status)
    _reduce_harm(case, status, effective)
    _suffer(case, serious[case.week])


def _start(case: Casework, child: Ints, status: int, review_in: Ints | int) -> None:
    """Begin a service for each child; shape (n,). Children new to services join the roll."""
    if not len(child):
        return
    records, settings = case.records, case.scenario.protection
    newcomer = child[records.status[child] < Status.IN_NEED]
    case.served = np.concatenate([case.served, newcomer])
    records.status[child] = status
    records.since[child] = case.week
    records.review[child] = case.week + review_in
    hidden = {
        Status.IN_NEED: settings.signs_hidden_in_need,
        Status.PLAN: settings.signs_hidden_on_plan,
        Status.CARE: 1.0,  # nothing that happens at home is seen while the child lives elsewhere
    }
    case.harm.hidden_share[child] = hidden[status]
    case.log.add(case.week, STARTED[status], child, -1, records.plans[child])


def _end(case: Casework, child: Ints, status: int) -> None:
    """Note that a service ends, with its length in weeks; what follows is the caller's to decide."""
    case.log.add(case.week, ENDED[status], child, -1, case.week - case.records.since[child])


def _hold_conferences(case: Casework, child: Ints) -> Ints:
    """Conferences that are due; returns children who get a child-in-need service instead of a plan."""
    if not len(child):
        return child
    estimate, planned = confer(case, child)
    on_plan = child[planned]
    put_on_plan(case, on_plan, estimate[planned])
    served: Ints = child[~planned]
    return served


def put_on_plan(case: Casework, child: Ints, estimate: Floats) -> None:
    """Decide on a plan for each child whose harm is judged as `estimate`, and on care where that is gravest.

    Shapes (n,).
    """
    _start(case, child, Status.PLAN, case.scenario.protection.first_review_weeks)
    case.records.plans[child] += 1
    _seek_care(case, child, estimate)


def _seek_care(case: Casework, child: Ints, estimate: Floats) -> None:
    """Where the estimate is gravest, care is sought: by agreement at once, or by section 31 application."""
    settings, records = case.scenario.protection, case.records
    grave = child[(estimate > settings.care_threshold) & (records.care_from[child] == NEVER)]
    if not len(grave):
        return
    by_agreement = case.streams.care.uniform(case.keys.judgement(grave)) < settings.care_voluntary_share
    to_court = grave[~by_agreement]
    records.care_from[to_court] = case.week + settings.court_weeks
    case.log.add(case.week, Happening.COURT_APPLICATION, to_court)
    _take_into_care(case, grave[by_agreement])


def _enter_care(case: Casework) -> None:
    """Care orders take effect on the day the court has set, if the child still has a plan."""
    records = case.records
    ordered = case.served[records.care_from[case.served] == case.week]
    _take_into_care(case, ordered[records.status[ordered] == Status.PLAN])


def _take_into_care(case: Casework, child: Ints) -> None:
    """Children on a plan come into care."""
    if not len(child):
        return
    settings, records = case.scenario.protection, case.records
    _end(case, child, Status.PLAN)
    z = case.streams.care_length.normal(case.keys.judgement(child))
    stay = np.maximum(1, settings.care_median_weeks * np.exp(settings.care_spread * z)).astype(np.int64)
    _start(case, child, Status.CARE, stay)
    records.care_from[child] = NEVER


def _review(case: Casework) -> Ints:
    """Reviews that are due; returns children whose plan or care ends and who step down to a child-in-need service."""
    settings, records = case.scenario, case.records
    child: Ints = case.served[records.review[case.served] == case.week]
    if not len(child):
        return child
    status = records.status[child]
    estimate = case.harm.severity[child] + settings.assessment.child_bias_remaining * case.misreading[child]
    estimate += settings.protection.review_noise * case.streams.review.normal(case.keys.judgement(child))
    in_need, on_plan, in_care = status == Status.IN_NEED, status == Status.PLAN, child[status == Status.CARE]
    _review_in_need(case, child[in_need], estimate[in_need])
    _end(case, in_care, Status.CARE)
    return np.concatenate([_review_plans(case, child[on_plan], estimate[on_plan]), in_care])


def _review_plans(case: Casework, child: Ints, estimate: Floats) -> Ints:
    """Plans under review; returns the children whose plan ends."""
    if not len(child):
        return child
    settings, records = case.scenario.protection, case.records
    first = case.week - records.since[child] <= settings.first_review_weeks
    chance = case.streams.first_review.uniform(case.keys.judgement(child))
    may_close = ~first | (chance < settings.first_review_closure_chance)
    ends = (estimate < settings.plan_closure_threshold) & may_close & (records.care_from[child] == NEVER)
    case.minutes.append(Judgement("review", child, np.nan, estimate, settings.plan_closure_threshold, -1))
    stays = child[~ends]
    records.review[stays] = case.week + settings.review_every_weeks
    _end(case, child[ends], Status.PLAN)
    _seek_care(case, stays, estimate[~ends])
    ended: Ints = child[ends]
    return ended


def _review_in_need(case: Casework, child: Ints, estimate: Floats) -> None:
    """Child-in-need services under review: pressure of work raises the threshold for keeping a case open."""
    settings, records = case.scenario.protection, case.records
    threshold = (
        settings.in_need_closure_threshold + settings.closure_pressure * case.drift[case.authority[child]]
    )
    ends = (estimate < threshold) & (case.harm.other_needs[child] == 0)
    case.minutes.append(Judgement("review", child, np.nan, estimate, threshold, -1))
    records.review[child[~ends]] = case.week + settings.in_need_review_weeks
    closed = child[ends]
    _end(case, closed, Status.IN_NEED)
    records.belief[closed] *= settings.kept_after_closure
    let_go(case, closed)


def _keep_the_roll(case: Casework) -> NDArray[np.int8]:
    """Strike off those who left services, and look for a worker for those who have none.

    Returns the status of each child on the roll, shape (n,).
    """
    records = case.records
    status = records.status[case.served]
    stays = (status >= Status.IN_NEED) & (status <= Status.CARE)
    if np.count_nonzero(stays) < len(stays):
        left = case.served[~stays]
        case.served, status = case.served[stays], status[stays]
        _lose_protection(case, left[records.protected_since[left] >= 0])
    allocate(case, case.long_term_desk, case.served[records.worker[case.served] < 0], limited=True)
    return status


def _lose_protection(case: Casework, child: Ints) -> None:
    case.records.protected_since[child] = -1
    case.log.add(case.week, Happening.EFFECTIVE_UNTIL, child)


def _judge_effect(case: Casework, status: NDArray[np.int8]) -> Bools:
    """Whether each child on the roll is effectively protected this week, shape (n,).

    Care always is. A plan needs an allocated worker; a child-in-need service needs its hours delivered as well (ledger,
    section 2).
    """
    records, roll, desk = case.records, case.served, case.long_term_desk
    enough = case.teams["delivered_share"][desk.rows] >= case.scenario.protection.effective_hours_share
    effective: Bools = (records.worker[roll] >= 0) & (
        enough[desk.of_child[roll]] | (status != Status.IN_NEED)
    )
    effective |= status == Status.CARE
    changed = effective != (records.protected_since[roll] >= 0)
    begins = roll[changed & effective]
    records.protected_since[begins] = case.week
    case.log.add(case.week, Happening.EFFECTIVE_FROM, begins)
    _lose_protection(case, roll[changed & ~effective])
    return effective


def _reduce_harm(case: Casework, status: NDArray[np.int8], effective: Bools) -> None:
    """Effective protection works against the spell's resistance; every change of worker slows it (M13, M14).

    Harm at home does not reach a child in care.
    """
    settings, records = case.scenario.protection, case.records
    spell = case.harm.spell[case.served]
    at_work = ((spell >= 0) & effective).nonzero()[0]
    child, spell, status = case.served[at_work], spell[at_work], status[at_work]
    on_plan = status == Status.PLAN
    # What money does not buy does not help.
    supply, authority = case.authorities, case.authority[child]
    on_a_plan = settings.recovery_on_plan_per_week * supply["supply_on_plan"][authority]
    in_need = settings.recovery_in_need_per_week * supply["supply_in_need"][authority]
    gain = np.where(on_plan, on_a_plan, in_need)
    gain *= settings.worker_change_factor ** records.worker_changes[child]
    case.harm.progress[spell] += gain
    overcome = case.harm.progress[spell] > case.world.spells.resistance[spell]
    _end_harm(case, spell[overcome | (status == Status.CARE)])


def _end_harm(case: Casework, spell: Integers) -> None:
    """Spells that protection ends: their signs stop, and the signs that they would have hidden can occur."""
    if not len(spell):
        return
    spells, gate = case.world.spells, case.harm.gate
    child = spells.child[spell]
    case.harm.spell[child] = -1
    case.harm.severity[child] = 0.0
    np.subtract.at(case.harm.troubles, case.world.children.family[child], 1)
    gate[1 + spell] = False
    gate[1 + len(spells.child) + spell] = True
    case.log.add(case.week, Happening.HARM_ENDED_BY_PROTECTION, child, -1, spell)


def _suffer(case: Casework, spell: Ints) -> None:
    """Serious events of this week in spells that last; a plan in effect averts some of them."""
    spells, records = case.world.spells, case.records
    spell = spell[case.harm.spell[spells.child[spell]] == spell]
    case.authorities["visible_events"] = 0
    if not len(spell):
        return
    child = spells.child[spell]
    on_plan = (records.protected_since[child] >= 0) & (records.status[child] == Status.PLAN)
    averted = on_plan & (spells.serious_mark[spell] < case.scenario.protection.serious_event_averted_share)
    case.log.add(case.week, Happening.SERIOUS_EVENT_AVERTED, child[averted], -1, spell[averted])
    case.log.add(case.week, Happening.SERIOUS_EVENT, child[~averted], -1, spell[~averted])
    _come_to_light(case, child[~averted])


def _come_to_light(case: Casework, child: Ints) -> None:
    """What happens to a child whom social care has known since some referral is on record and will be asked about."""
    known = child[case.records.referrals[child] > 0]
    desk = case.long_term_desk
    authority = case.teams["authority"][desk.rows[desk.of_child[known]]]
    case.authorities["visible_events"] = np.bincount(authority, minlength=len(case.authorities))
