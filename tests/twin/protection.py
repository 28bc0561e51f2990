"""Conferences, plans, services, care and their end; what protection does to harm (M14, M25)."""

import math
from typing import TYPE_CHECKING

from tests.twin.agencies import pooled
from tests.twin.assessment import let_go
from tests.twin.chance import concern_key
from tests.twin.people import CARE, IN_NEED, PLAN, SERVICES, Child
from tests.twin.workforce import allocate

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin


def protect(twin: "TextbookTwin", in_need: list[Child], conferences: list[Child]) -> None:
    """The week of children under protection."""
    for child in list(twin.served):
        if child.care_from == twin.week and child.status == PLAN:
            take_into_care(twin, child)
    in_need = in_need + hold_conferences(twin, conferences) + review(twin)
    for child in in_need:
        start(twin, child, IN_NEED, twin.settings.protection.in_need_review_weeks)
    keep_the_roll(twin)
    for child in twin.served:
        feel_protection(twin, child)
    for child in twin.children:
        suffer(twin, child)


def start(twin: "TextbookTwin", child: Child, status: str, review_in: int) -> None:
    """A service, a plan or care begins."""
    settings = twin.settings.protection
    if child.status not in SERVICES:
        twin.served.append(child)
    child.status, child.since, child.review = status, twin.week, twin.week + review_in
    hidden = {IN_NEED: settings.signs_hidden_in_need, PLAN: settings.signs_hidden_on_plan, CARE: 1.0}
    child.hidden_share = hidden[status]
    twin.note(f"{status}_started", child, value=child.plans)


def end(twin: "TextbookTwin", child: Child) -> None:
    """It ends; what follows is for the caller to say."""
    twin.note(f"{child.status}_ended", child, value=twin.week - child.since)


def hold_conferences(twin: "TextbookTwin", children: list[Child]) -> list[Child]:
    """Returns children who get a service instead of a plan (M25.1)."""
    settings, instead = twin.settings.conference, []
    for child in children:
        estimate = child.severity + twin.settings.assessment.child_bias_remaining * child.misreading
        estimate += settings.noise * twin.chance.normal("conference", child.judged())
        estimate += settings.evidence_weight * on_the_table(twin, child)
        twin.note("conference", child, value=estimate)
        if estimate > settings.plan_threshold:
            start(twin, child, PLAN, twin.settings.protection.first_review_weeks)
            child.plans += 1
            seek_care(twin, child, estimate)
        else:
            instead.append(child)
    return instead


def on_the_table(twin: "TextbookTwin", child: Child) -> float:
    """Evidence that members raise; groups repeat what all know and leave out what one alone holds (M25.2, M25.3)."""
    present = []
    for kind, file in child.files.items():
        comes = twin.chance.uniform("attendance", concern_key(child.number, kind, twin.week))
        invited = file.organisation.settings.tied and file.evidence >= twin.settings.sharing.live_evidence
        organisation = file.organisation
        if invited and comes < organisation.settings.conference_attendance * organisation.attendance_factor:
            present.append(kind)
    chance = 1 - (1 - twin.settings.conference.unique_information_chance) ** max(len(present), 1)
    raised = [
        child.files[kind].evidence
        for kind in present
        if twin.chance.uniform("raising", concern_key(child.number, kind, twin.week)) < chance
    ]
    return pooled(twin, sum(raised), len(raised))


def seek_care(twin: "TextbookTwin", child: Child, estimate: float) -> None:
    """In the gravest cases, by agreement at once or by court order later (M14.8)."""
    settings = twin.settings.protection
    if estimate <= settings.care_threshold or child.care_from is not None:
        return
    if twin.chance.uniform("care", child.judged()) < settings.care_voluntary_share:
        take_into_care(twin, child)
    else:
        child.care_from = twin.week + settings.court_weeks
        twin.note("court_application", child)


def take_into_care(twin: "TextbookTwin", child: Child) -> None:
    """The plan gives way to care (M14.9)."""
    settings = twin.settings.protection
    end(twin, child)
    z = twin.chance.normal("length of care", child.judged())
    start(twin, child, CARE, int(max(1, settings.care_median_weeks * math.exp(settings.care_spread * z))))
    child.care_from = None


def review(twin: "TextbookTwin") -> list[Child]:
    """Returns children whose plan or care ends and who step down to a child-in-need service (M14.4)."""
    settings = twin.settings
    from_plan, from_care = [], []
    due = [child for child in twin.served if child.review == twin.week and child.status in SERVICES]
    for child in due:
        estimate = child.severity + settings.assessment.child_bias_remaining * child.misreading
        estimate += settings.protection.review_noise * twin.chance.normal("review", child.judged())
        if child.status == IN_NEED:
            review_in_need(twin, child, estimate)
        elif child.status == CARE:
            end(twin, child)
            from_care.append(child)
        elif plan_may_end(twin, child, estimate):
            end(twin, child)
            from_plan.append(child)
        else:
            child.review = twin.week + settings.protection.review_every_weeks
            seek_care(twin, child, estimate)
    return from_plan + from_care


def plan_may_end(twin: "TextbookTwin", child: Child, estimate: float) -> bool:
    """At the first review only sometimes, and never with a case in court (M14.5)."""
    settings = twin.settings.protection
    first = twin.week - child.since <= settings.first_review_weeks
    if first and twin.chance.uniform("first review", child.judged()) >= settings.first_review_closure_chance:
        return False
    return estimate < settings.plan_closure_threshold and child.care_from is None


def review_in_need(twin: "TextbookTwin", child: Child, estimate: float) -> None:
    """Pressure of work closes cases (M14.6, M14.7)."""
    settings = twin.settings.protection
    threshold = settings.in_need_closure_threshold + settings.closure_pressure * child.authority.drift
    if estimate < threshold and not child.has_other_need:
        end(twin, child)
        child.belief *= settings.kept_after_closure
        let_go(child)
    else:
        child.review = twin.week + settings.in_need_review_weeks


def keep_the_roll(twin: "TextbookTwin") -> None:
    """Strike off those who left services, and look for a worker for those who have none."""
    for child in twin.served:
        if child.status not in SERVICES:
            set_protected(twin, child, protected=False)
    twin.served = [child for child in twin.served if child.status in SERVICES]
    without = [child for child in twin.served if child.worker is None]
    allocate(twin, without, "long_term_team", limited=True)


def set_protected(twin: "TextbookTwin", child: Child, *, protected: bool) -> None:
    if protected != child.protected:
        child.protected = protected
        twin.note("effective_from" if protected else "effective_until", child)


def feel_protection(twin: "TextbookTwin", child: Child) -> None:
    """Protection works against the resistance of a spell; a change of worker slows it (M14.2, M14.3)."""
    settings = twin.settings.protection
    delivered = sum(child.long_term_team.delivered) / 4
    enough = child.status == PLAN or delivered >= settings.effective_hours_share
    set_protected(twin, child, protected=child.status == CARE or (child.worker is not None and enough))
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
    """Protection ends the spell; its signs stop, and what it hid can show."""
    if child.spell is not None:
        twin.note("harm_ended_by_protection", child, value=child.spell.number)
        child.spell.ended_by_protection = True
        child.spell = None


def suffer(twin: "TextbookTwin", child: Child) -> None:
    """The serious event of a spell that lasts; a plan in effect averts some."""
    if child.spell is None or child.spell.serious_week != twin.week:
        return
    on_plan = child.protected and child.status == PLAN
    averted = on_plan and child.spell.serious_mark < twin.settings.protection.serious_event_averted_share
    twin.note("serious_event_averted" if averted else "serious_event", child, value=child.spell.number)
    if child.referrals and not averted:
        child.authority.in_the_news.append(twin.week)
