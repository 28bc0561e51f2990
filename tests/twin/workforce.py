"""Social workers: who leaves and comes, who works on a case, how well (M13)."""

import math
from typing import TYPE_CHECKING

from tests.twin.building import hire
from tests.twin.chance import key
from tests.twin.people import CONFERENCE, CORE, ENQUIRY, INITIAL, Child, Team

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

MONTH = 4
HALF_A_YEAR = 26
MOST_OVERLOAD = 1.0
LEAST_FACTOR = 0.1


def turn_over(twin: "TextbookTwin") -> None:
    """People leave at the end of a month, the more the greater the strain (M13.2); posts are filled after a while."""
    if twin.week % MONTH == 0:
        for team in twin.teams:
            overload = min(max(team.load - 1, 0.0), MOST_OVERLOAD)
            team.strain += MONTH / HALF_A_YEAR * (overload - team.strain)
        leave(twin)
    for post, week in sorted(twin.filled_from.items()):
        if week == twin.week:
            del twin.filled_from[post]
            hire(twin, post, week, twin.chance.uniform("experience of a newcomer", key(post, week)))
    for team in twin.teams:
        here = [worker for worker in twin.workers if worker.team is team and worker.left is None]
        team.hours = len(here) * twin.settings.workforce.casework_hours_per_week * team.capacity_factor
        team.vacant = 1 - len(here) / twin.posts.count(team)


def leave(twin: "TextbookTwin") -> None:
    """Leavers take along some of the trust that partners have in the front door (M8.5, M13.1)."""
    settings = twin.settings.workforce
    for worker in [worker for worker in twin.workers if worker.left is None]:
        yearly = settings.exit_per_year * math.exp(settings.burnout_effect * worker.team.strain)
        yearly *= worker.team.exit_factor
        if twin.chance.uniform("leaving", key(worker.post, twin.week)) < yearly * MONTH / 52:
            worker.left = twin.week
            twin.filled_from[worker.post] = twin.week + settings.refill_weeks
            authority = worker.team.authority
            posts = sum(team.authority is authority for team in twin.posts)
            front_door = len(twin.organisations) + authority.number
            for tie in twin.ties:
                if tie.target == front_door:
                    tie.move(twin.settings.network.trust_new, 1 / posts)


def count_caseloads(twin: "TextbookTwin") -> None:
    """Caseloads of the moment, and the order in which workers get new cases until they are counted again."""
    for worker in twin.workers:
        worker.caseload = 0
    for child in twin.children:
        if child.worker is not None:
            child.worker.caseload += 1
    for team in twin.teams:
        here = [worker for worker in twin.workers if worker.team is team and worker.left is None]
        team.roster = sorted(here, key=lambda worker: worker.caseload)


def allocate(twin: "TextbookTwin", children: list[Child], role: str, *, limited: bool = False) -> None:
    """Cases go round the team from the least loaded worker on; with `limited`, full workers get nobody."""
    turn = dict.fromkeys(twin.teams, 0)
    for child in children:
        team: Team = getattr(child, role)
        child.worker = team.roster[turn[team] % len(team.roster)] if team.roster else None
        turn[team] += 1
        if limited and child.worker and child.worker.caseload >= twin.settings.workforce.caseload_limit:
            child.worker = None


def error_of(twin: "TextbookTwin", child: Child, team: Team, unhurried: float) -> float:
    """Error of judgement: more under time pressure, more by a worker new to the job (M11.1, M11.4, M13.3)."""
    settings = twin.settings.workforce
    error = unhurried / math.sqrt(team.pace) / team.accuracy
    if child.worker is not None:
        experience = twin.week - child.worker.hired + child.worker.prior_experience
        error *= 1 + settings.learning_noise * max(1 - experience / settings.learning_weeks, 0.0)
    return error


def hand_over(twin: "TextbookTwin") -> None:
    """Cases of those who left, and of children who left the authority, get a new worker, and take longer (M13.4)."""
    cases = [
        child
        for child in twin.under_way + twin.served
        if child.worker is not None
        and (child.worker.left == twin.week or child.worker.team.authority is not child.authority)
    ]
    if not cases:
        return
    for child in cases:
        child.worker = None
        child.worker_changes += 1
        twin.note("worker_changed", child, value=child.worker_changes)
    count_caseloads(twin)
    under_enquiry = {CORE, ENQUIRY, CONFERENCE}
    allocate(twin, [child for child in cases if child.status == INITIAL], "assessment_team")
    allocate(twin, [child for child in cases if child.status in under_enquiry], "long_term_team")
    in_services = [child for child in cases if child.status not in under_enquiry | {INITIAL}]
    allocate(twin, in_services, "long_term_team", limited=True)
    factor = max(twin.settings.protection.worker_change_factor, LEAST_FACTOR)
    for child in cases:
        if child.status in {INITIAL, CORE}:
            extra = math.ceil(max(child.finish - twin.week, 0) * (1 / factor - 1))
            child.finish += extra
            child.working_days += 5 * extra
