"""Social workers: turnover, allocation of cases, and error of judgement (M13)."""

import math
from typing import TYPE_CHECKING

from tests.twin.agents import CONFERENCE, CORE, ENQUIRY, INITIAL, Child, Team
from tests.twin.initial_state import hire
from tests.twin.random_draws import key

from cpsim.constants import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

WEEKS_PER_MONTH = 4
STRAIN_MEMORY_WEEKS = 26
HIGHEST_OVERLOAD = 1.0
LOWEST_FACTOR = 0.1


def update_workforce(twin: "TextbookTwin") -> None:
    """Let social workers leave every month, more of them under strain (M13.2), and fill vacant posts."""
    if twin.week % WEEKS_PER_MONTH == 0:
        for team in twin.teams:
            overload = min(max(team.load - 1, 0.0), HIGHEST_OVERLOAD)
            team.strain += WEEKS_PER_MONTH / STRAIN_MEMORY_WEEKS * (overload - team.strain)
        apply_exits(twin)
    for post, week in sorted(twin.refill_week.items()):
        if week == twin.week:
            del twin.refill_week[post]
            hire(twin, post, week, twin.draws.uniform("experience of a newcomer", key(post, week)))
    for team in twin.teams:
        here = [worker for worker in twin.workers if worker.team is team and worker.left_week is None]
        team.hours = len(here) * team.post_hours * team.capacity_factor
        team.vacancy_share = 1 - len(here) / twin.posts.count(team)


def apply_exits(twin: "TextbookTwin") -> None:
    """Draw who leaves, and lower partners' trust in the front door (M8.5, M13.1)."""
    settings = twin.settings.workforce
    for worker in [worker for worker in twin.workers if worker.left_week is None]:
        yearly = settings.exit_per_year * math.exp(settings.burnout_effect * worker.team.strain)
        yearly *= worker.team.exit_factor
        if (
            twin.draws.uniform("leaving", key(worker.post, twin.week))
            < yearly * WEEKS_PER_MONTH / WEEKS_PER_YEAR
        ):
            worker.left_week = twin.week
            twin.refill_week[worker.post] = twin.week + settings.refill_weeks
            authority = worker.team.authority
            posts = sum(team.authority is authority for team in twin.posts)
            front_door = len(twin.organisations) + authority.number
            for tie in twin.ties:
                if tie.target == front_door:
                    tie.move_trust(twin.settings.network.trust_new, 1 / posts)


def count_caseloads(twin: "TextbookTwin") -> None:
    """Count caseloads, and set the order in which social workers get new cases."""
    for worker in twin.workers:
        worker.caseload = 0
    for child in twin.children:
        if child.worker is not None:
            child.worker.caseload += 1
    for team in twin.teams:
        here = [worker for worker in twin.workers if worker.team is team and worker.left_week is None]
        team.roster = sorted(here, key=lambda worker: worker.caseload)


def allocate_workers(
    twin: "TextbookTwin", children: list[Child], role: str, *, limited: bool = False
) -> None:
    """Allocate cases in turn from the smallest caseload; with `limited`, none to social workers at the limit."""
    turn = dict.fromkeys(twin.teams, 0)
    for child in children:
        team: Team = getattr(child, role)
        child.worker = team.roster[turn[team] % len(team.roster)] if team.roster else None
        turn[team] += 1
        if limited and child.worker and child.worker.caseload >= twin.settings.workforce.caseload_limit:
            child.worker = None


def judgement_error(twin: "TextbookTwin", child: Child, team: Team, noise: float) -> float:
    """SD of the error of judgement: larger under time pressure and for a new social worker (M11.1, M11.4, M13.3)."""
    settings = twin.settings.workforce
    error = noise / math.sqrt(team.time_per_case) / team.accuracy
    if child.worker is not None:
        experience = twin.week - child.worker.hired_week + child.worker.prior_experience
        error *= 1 + settings.learning_noise * max(1 - experience / settings.learning_weeks, 0.0)
    return error


def hand_over_cases(twin: "TextbookTwin") -> None:
    """Reallocate cases whose social worker or child left the authority; they take longer (M13.4)."""
    cases = [
        child
        for child in twin.under_way + twin.receiving_services
        if child.worker is not None
        and (child.worker.left_week == twin.week or child.worker.team.authority is not child.authority)
    ]
    if not cases:
        return
    for child in cases:
        child.worker = None
        child.worker_changes += 1
        twin.record_event("worker_changed", child, value=child.worker_changes)
    count_caseloads(twin)
    under_enquiry = {CORE, ENQUIRY, CONFERENCE}
    allocate_workers(twin, [child for child in cases if child.status == INITIAL], "assessment_team")
    allocate_workers(twin, [child for child in cases if child.status in under_enquiry], "long_term_team")
    in_services = [child for child in cases if child.status not in under_enquiry | {INITIAL}]
    allocate_workers(twin, in_services, "long_term_team", limited=True)
    factor = max(twin.settings.protection.worker_change_factor, LOWEST_FACTOR)
    for child in cases:
        if child.status in {INITIAL, CORE}:
            extra_weeks = math.ceil(max(child.finish - twin.week, 0) * (1 / factor - 1))
            child.finish += extra_weeks
            child.working_days += 5 * extra_weeks
