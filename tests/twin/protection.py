"""Conferences, plans, services and care, their end, and their effect on harm (M14, M25)."""

import math
from typing import TYPE_CHECKING

from tests.twin.agencies import pool_evidence
from tests.twin.agents import CARE, IN_NEED, PLAN, SERVICES, Child
from tests.twin.assessment import close_case
from tests.twin.random_draws import concern_key
from tests.twin.workforce import allocate_workers

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin


def protect(twin: "TextbookTwin", in_need: list[Child], conferences: list[Child]) -> None:
    """Hold conferences and reviews, start and end services, plans and care, and apply their effects."""
    for child in list(twin.receiving_services):
        if child.care_from == twin.week and child.status == PLAN:
            start_care(twin, child)
    in_need = in_need + hold_conferences(twin, conferences) + hold_reviews(twin)
    for child in in_need:
        start_service(twin, child, IN_NEED, twin.settings.protection.in_need_review_weeks)
    update_services_list(twin)
    for child in twin.receiving_services:
        apply_protection(twin, child)
    for child in twin.children:
        apply_serious_event(twin, child)


def start_service(twin: "TextbookTwin", child: Child, status: str, review_in: int) -> None:
    """Start a service, a plan or care."""
    settings = twin.settings.protection
    if child.status not in SERVICES:
        twin.receiving_services.append(child)
    child.status, child.since, child.review = status, twin.week, twin.week + review_in
    hidden = {IN_NEED: settings.signs_hidden_in_need, PLAN: settings.signs_hidden_on_plan, CARE: 1.0}
    child.hidden_share = hidden[status]
    twin.record_event(f"{status}_started", child, value=child.plans)


def log_service_end(twin: "TextbookTwin", child: Child) -> None:
    """Record the end of a service, a plan or care; the caller sets the new status."""
    twin.record_event(f"{child.status}_ended", child, value=twin.week - child.since)


def hold_conferences(twin: "TextbookTwin", children: list[Child]) -> list[Child]:
    """Hold conferences and start plans; return children who get a service instead (M25.1)."""
    settings, instead = twin.settings.conference, []
    for child in children:
        estimate = child.severity + twin.settings.assessment.child_bias_remaining * child.bias
        estimate += settings.noise * twin.draws.normal("conference", child.judgement_key())
        estimate += settings.evidence_weight * evidence_raised(twin, child)
        twin.record_event("conference", child, value=estimate)
        if estimate > settings.plan_threshold:
            start_service(twin, child, PLAN, twin.settings.protection.first_review_weeks)
            child.plans += 1
            seek_care(twin, child, estimate)
        else:
            instead.append(child)
    return instead


def evidence_raised(twin: "TextbookTwin", child: Child) -> float:
    """Pooled evidence that the members of a conference raise, log-odds (M25.2, M25.3)."""
    present = []
    for kind, file in child.files.items():
        draw = twin.draws.uniform("attendance", concern_key(child.number, kind, twin.week))
        invited = file.organisation.settings.tied and file.evidence >= twin.settings.sharing.live_evidence
        organisation = file.organisation
        if invited and draw < organisation.settings.conference_attendance * organisation.attendance_factor:
            present.append(kind)
    chance = 1 - (1 - twin.settings.conference.unique_information_chance) ** max(len(present), 1)
    raised = [
        child.files[kind].evidence
        for kind in present
        if twin.draws.uniform("raising", concern_key(child.number, kind, twin.week)) < chance
    ]
    return pool_evidence(twin, sum(raised), len(raised))


def seek_care(twin: "TextbookTwin", child: Child, estimate: float) -> None:
    """Seek care above the care threshold: by agreement at once, or by a section 31 application (M14.8)."""
    settings = twin.settings.protection
    if estimate <= settings.care_threshold or child.care_from is not None:
        return
    if twin.draws.uniform("care", child.judgement_key()) < settings.care_voluntary_share:
        start_care(twin, child)
    else:
        child.care_from = twin.week + settings.court_weeks
        twin.record_event("court_application", child)


def start_care(twin: "TextbookTwin", child: Child) -> None:
    """End the plan and start care (M14.9)."""
    settings = twin.settings.protection
    log_service_end(twin, child)
    z = twin.draws.normal("length of care", child.judgement_key())
    start_service(
        twin, child, CARE, int(max(1, settings.care_median_weeks * math.exp(settings.care_spread * z)))
    )
    child.care_from = None


def hold_reviews(twin: "TextbookTwin") -> list[Child]:
    """Hold reviews; return children who step down from a plan or care to a child-in-need service (M14.4)."""
    settings = twin.settings
    from_plan, from_care = [], []
    due = [
        child for child in twin.receiving_services if child.review == twin.week and child.status in SERVICES
    ]
    for child in due:
        estimate = child.severity + settings.assessment.child_bias_remaining * child.bias
        estimate += settings.protection.review_noise * twin.draws.normal("review", child.judgement_key())
        if child.status == IN_NEED:
            review_in_need(twin, child, estimate)
        elif child.status == CARE:
            log_service_end(twin, child)
            from_care.append(child)
        elif is_plan_ending(twin, child, estimate):
            log_service_end(twin, child)
            from_plan.append(child)
        else:
            child.review = twin.week + settings.protection.review_every_weeks
            seek_care(twin, child, estimate)
    return from_plan + from_care


def is_plan_ending(twin: "TextbookTwin", child: Child, estimate: float) -> bool:
    """Return whether a plan ends: at the first review only sometimes, and never with a case in court (M14.5)."""
    settings = twin.settings.protection
    first = twin.week - child.since <= settings.first_review_weeks
    if (
        first
        and twin.draws.uniform("first review", child.judgement_key()) >= settings.first_review_closure_chance
    ):
        return False
    return estimate < settings.plan_closure_threshold and child.care_from is None


def review_in_need(twin: "TextbookTwin", child: Child, estimate: float) -> None:
    """Review a child-in-need service; workload raises the threshold for continuing it (M14.6, M14.7)."""
    settings = twin.settings.protection
    threshold = settings.in_need_closure_threshold + settings.closure_pressure * child.authority.drift
    if estimate < threshold and not child.has_other_need:
        log_service_end(twin, child)
        child.belief *= settings.kept_after_closure
        close_case(child)
    else:
        child.review = twin.week + settings.in_need_review_weeks


def update_services_list(twin: "TextbookTwin") -> None:
    """Remove children who left services from the list, and allocate social workers to those who have none."""
    for child in twin.receiving_services:
        if child.status not in SERVICES:
            set_effective_protection(twin, child, protected=False)
    twin.receiving_services = [child for child in twin.receiving_services if child.status in SERVICES]
    without = [child for child in twin.receiving_services if child.worker is None]
    allocate_workers(twin, without, "long_term_team", limited=True)


def set_effective_protection(twin: "TextbookTwin", child: Child, *, protected: bool) -> None:
    if protected != child.protected:
        child.protected = protected
        twin.record_event("effective_from" if protected else "effective_until", child)


def apply_protection(twin: "TextbookTwin", child: Child) -> None:
    """Determine whether a child is effectively protected, and reduce its harm if so (M14.2, M14.3)."""
    settings = twin.settings.protection
    delivered_share = sum(child.long_term_team.recent_delivered_shares) / 4
    enough = child.status == PLAN or delivered_share >= settings.effective_hours_share
    set_effective_protection(
        twin, child, protected=child.status == CARE or (child.worker is not None and enough)
    )
    if child.spell is None or not child.protected:
        return
    authority = child.authority
    if child.status == PLAN:
        gain = settings.recovery_on_plan_per_week * authority.supply_on_plan
    else:
        gain = settings.recovery_in_need_per_week * authority.supply_in_need
    child.spell.progress += gain * settings.worker_change_factor**child.worker_changes
    if child.status == CARE or child.spell.progress > child.spell.resistance:
        end_harm(twin, child)


def end_harm(twin: "TextbookTwin", child: Child) -> None:
    """End a spell through protection: its signs stop, and signs that it would have hidden can occur."""
    if child.spell is not None:
        twin.record_event("harm_ended_by_protection", child, value=child.spell.number)
        child.spell.ended_by_protection = True
        child.spell = None


def apply_serious_event(twin: "TextbookTwin", child: Child) -> None:
    """Apply the serious event of a spell that continues; an effective plan averts a share of them."""
    if child.spell is None or child.spell.serious_week != twin.week:
        return
    on_plan = child.protected and child.status == PLAN
    averted = on_plan and child.spell.serious_mark < twin.settings.protection.serious_event_averted_share
    twin.record_event(
        "serious_event_averted" if averted else "serious_event", child, value=child.spell.number
    )
    if child.referrals and not averted:
        child.authority.visible_event_weeks.append(twin.week)
