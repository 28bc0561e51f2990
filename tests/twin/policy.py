"""Policy: each week all dials are reset, and the levers in force turn theirs, agent by agent.

A lever is a function of the twin, the event of the timeline and the weeks since its date. `DIAL_CHANGES` holds the
functions that turn dials while the lever is in force, in the order of the timeline. `ONE_OFF_CHANGES` holds those that
change something permanently on a date. What a lever has to remember is in `twin.lever_memory`.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from statistics import NormalDist, fmean, pstdev
from typing import TYPE_CHECKING, Any

from tests.twin.agents import Authority, Organisation, SocialWorker, Team, Tie
from tests.twin.random_draws import key

from cpsim.constants import WEEKS_PER_YEAR
from cpsim.scenario.events import AuthorityChoice
from cpsim.scenario.sections import DutySettings

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

Lever = Callable[["TextbookTwin", Any, int], None]

FRONT_DOOR, SOCIAL_CARE = "front_door", "social_care"

APPLIED_LAST: tuple[str, ...] = ("budget", "inspection_judgement", "pool", "takeover", "tiers")
"""Levers that are applied after all others, because they read the dials that those have turned."""


def turn_dials(twin: "TextbookTwin") -> None:
    """Apply the one-off changes that are due this week, then reset and turn all dials."""
    in_force = [
        (event, twin.week - event.effective_week(twin.settings.clock))
        for event in sorted(twin.settings.timeline, key=lambda event: event.lever in APPLIED_LAST)
        if is_in_force(twin, event)
    ]
    for event, since in in_force:
        if event.lever in ONE_OFF_CHANGES:
            ONE_OFF_CHANGES[event.lever](twin, event, since)
    for agent in (*twin.authorities, *twin.organisations, *select_teams(twin), *twin.ties):
        agent.reset_dials()
    duties = {organisation: initial_duty(twin, organisation) for organisation in twin.organisations}
    for event, since in in_force:
        if event.lever == "duty":
            change_duties(twin, event, duties)
        elif event.lever in DIAL_CHANGES:
            DIAL_CHANGES[event.lever](twin, event, since)
    for organisation, duty in duties.items():
        organisation.share_threshold_shift += duty_threshold_shift(twin, duty)


def is_in_force(twin: "TextbookTwin", event: Any) -> bool:
    """Return whether an event is in force: from its date or its announcement until its end."""
    ends = event.end_week(twin.settings.clock)
    return event.first_week(twin.settings.clock) <= twin.week and (ends is None or twin.week < ends)


# -- what an event applies to


def select_authorities(twin: "TextbookTwin", event: Any) -> list[Authority]:
    """Select the authorities to which an event applies."""
    if event.authorities is None:
        return twin.authorities
    if isinstance(event.authorities, AuthorityChoice):
        return choose_authorities(twin, event.authorities)
    return [authority for authority in twin.authorities if authority.name in event.authorities]


def choose_authorities(twin: "TextbookTwin", choice: AuthorityChoice) -> list[Authority]:
    """Choose authorities at random, from the most deprived, or from those with the fewest posts."""
    number, in_order = next(
        (number, sorted(twin.authorities, key=order))
        for number, order in (
            (
                choice.lot,
                lambda authority: twin.draws.uniform("authorities by lot", key(authority.number, 0)),
            ),
            (choice.most_deprived, lambda authority: -authority.deprivation),
            (choice.least_resourced, lambda authority: authority.resources),
        )
        if number is not None
    )
    return in_order[:number]


def select_organisations(twin: "TextbookTwin", event: Any, kinds: Any) -> Iterator[Organisation]:
    """Select organisations of some kinds in the authorities to which an event applies."""
    authorities = select_authorities(twin, event)
    for organisation in twin.organisations:
        if organisation.kind in kinds and organisation.authority in authorities:
            yield organisation


def select_teams(twin: "TextbookTwin", authorities: list[Authority] | None = None) -> Iterator[Team]:
    """Select the front doors and teams of authorities, of all by default."""
    for authority in twin.authorities if authorities is None else authorities:
        yield authority.front_door
        yield from authority.assessment_teams
        yield from authority.long_term_teams


# -- duties to co-operate (M6)


def initial_duty(twin: "TextbookTwin", organisation: Organisation) -> DutySettings:
    """Return the duty of an organisation at the start."""
    return twin.settings.duties.get(organisation.kind, DutySettings(bound=False))


def change_duties(twin: "TextbookTwin", event: Any, duties: dict[Organisation, DutySettings]) -> None:
    """Change the duties of some kinds; settings that the event leaves out stay as they were."""
    changes = event.model_dump(include={"bound", "awareness", "sanction"}, exclude_none=True)
    for organisation in select_organisations(twin, event, event.kinds):
        duties[organisation] = duties[organisation].model_copy(update=changes)


def duty_threshold_shift(twin: "TextbookTwin", duty: DutySettings) -> float:
    """Shift of the threshold of an organisation: a duty that staff know of and a sanction lower it if it is bound."""
    settings = twin.settings.sharing
    weight = settings.duty_effect * duty.awareness + settings.sanction_effect * duty.sanction
    return -weight if duty.bound else 0.0


# -- thresholds of agencies and the front door (M6)


def shift_thresholds(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Shift the thresholds of some kinds of agency and of the front door."""
    shift = event.shift if event.fade_weeks is None else event.shift * math.exp(-since / event.fade_weeks)
    for organisation in select_organisations(twin, event, event.kinds):
        organisation.share_threshold_shift += shift
    if FRONT_DOOR in event.kinds:
        for authority in select_authorities(twin, event):
            authority.front_door.screening_threshold_shift += shift


# -- shared records (M23)


def provide_shared_record(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Let some kinds look children up; of several shared records the one that shows most counts."""
    for organisation in select_organisations(twin, event, event.kinds or twin.settings.agencies):
        organisation.lookup = probability_of_either(organisation.lookup, event.lookup)
        organisation.lookup_reach = max(organisation.lookup_reach, event.reach)
        organisation.false_match = probability_of_either(organisation.false_match, event.false_match)
    add_contacts(twin, event)


def attach_records(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Show the front door a share of other agencies' records with each message."""
    for authority in select_authorities(twin, event):
        authority.front_door.records_shown = max(authority.front_door.records_shown, event.share_shown)
    add_contacts(twin, event)


def add_contacts(twin: "TextbookTwin", event: Any) -> None:
    """Add to the contacts that the front door has to read."""
    for authority in select_authorities(twin, event):
        authority.front_door.contact_load *= 1 + event.extra_contacts


def probability_of_either(one: float, other: float) -> float:
    """Probability of at least one of two independent events."""
    return 1 - (1 - one) * (1 - other)


# -- everyday practice (M3, M25)


def change_attention(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Change the attention of some kinds of agency (M3.3)."""
    for organisation in select_organisations(twin, event, event.kinds or twin.settings.agencies):
        organisation.attention_factor *= event.factor


def improve_recording(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Raise the share of concerns that are recorded, by a share of its gap to 1 (M3.4)."""
    for organisation in select_organisations(twin, event, event.kinds or twin.settings.agencies):
        usual = organisation.settings.recording
        if usual > 0:
            now = min(usual * organisation.recording_factor, 1.0)
            organisation.recording_factor *= (now + event.gain * (1 - now)) / now
    add_contacts(twin, event)


def change_attendance(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Change how often some kinds of agency attend conferences (M25.4)."""
    for organisation in select_organisations(twin, event, event.kinds or twin.settings.agencies):
        organisation.attendance_factor *= event.factor


# -- scandals and public concern (M24)


def lower_thresholds_after_scandal(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Lower all thresholds after a scandal, and further after each event that becomes public (M24.2)."""
    for authority in twin.authorities:
        fall = event.size * remaining_concern(event, since)
        for week in authority.visible_event_weeks:
            if week >= twin.week - since:
                fall += event.known_child_event * remaining_concern(event, twin.week - week - 1)
        if authority not in select_authorities(twin, event):
            fall *= event.spillover
        authority.front_door.screening_threshold_shift -= fall
        for organisation in twin.organisations:
            if organisation.authority is authority:
                organisation.share_threshold_shift -= fall


def remaining_concern(event: Any, weeks: int) -> float:
    """Share of the first effect that remains after a number of weeks (M24.1)."""
    fading: float = (1 - event.lasting_share) * math.exp(-weeks / event.fade_weeks)
    return fading + event.lasting_share


# -- inspections and their grades (M18)


def hold_inspection(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Score the authorities with an error, and grade them by the cut-offs of the first scores (M18.7, M18.9)."""
    authorities = select_inspected(twin, event)
    if since % event.every_weeks or not authorities:
        return
    scatter = score_spread(event)
    error = scatter * math.sqrt(1 / event.reliability - 1)
    for service, values in measure_performance(twin, event, authorities).items():
        for authority, value in zip(authorities, values, strict=True):
            z = twin.draws.normal(f"inspection of {service}", key(authority.number, twin.week))
            authority.score[service] = value + error * z
        scores = [authority.score[service] for authority in authorities]
        if service not in twin.grade_cut_offs:
            below = (event.bottom_share, (event.bottom_share + 1 - event.top_share) / 2, 1 - event.top_share)
            spread = scatter / math.sqrt(event.reliability)
            twin.grade_cut_offs[service] = [cut_off(scores, share, spread) for share in below]
        for authority, score in zip(authorities, scores, strict=True):
            authority.grade[service] = 1 + sum(
                score >= threshold for threshold in twin.grade_cut_offs[service]
            )


def select_inspected(twin: "TextbookTwin", event: Any) -> list[Authority]:
    """Select the authorities to which an inspection applies, without those of a later one."""
    authorities, later = select_authorities(twin, event), False
    for other in twin.settings.timeline:
        if later and other.lever == "inspection" and other.first_week(twin.settings.clock) <= twin.week:
            authorities = [
                authority for authority in authorities if authority not in select_authorities(twin, other)
            ]
        later = later or other is event
    return authorities


def measure_performance(
    twin: "TextbookTwin", event: Any, authorities: list[Authority]
) -> dict[str, list[float]]:
    """Measure what inspectors see of children's social care and of adult social care, without error (M18.6)."""
    qualities = [fmean(true_quality(team) for team in casework_teams(authority)) for authority in authorities]
    on_time = [fmean(team.on_time_share for team in casework_teams(authority)) for authority in authorities]
    if not twin.quality_scale:
        for found, least in ((qualities, event.quality_spread), (on_time, event.on_time_spread)):
            twin.quality_scale.append((fmean(found), max(pstdev(found), least)))
    (middle, spread), (usually_on_time, spread_on_time) = twin.quality_scale
    w, r = event.proxy_weight, event.truth_correlation
    seen: dict[str, list[float]] = {"children": [], "adults": []}
    for authority, quality, share in zip(authorities, qualities, on_time, strict=True):
        true = (quality - middle) / spread
        returns = r * true + math.sqrt(1 - r**2) * (share - usually_on_time) / spread_on_time
        returns += event.returns_gain * gaming_share(event)
        seen["children"].append(w * returns + (1 - w) * true + event.shift)
        adults = twin.draws.normal("adult social care", key(authority.number, 0))
        seen["adults"].append(score_spread(event) * adults)
    return seen


def score_spread(event: Any) -> float:
    """SD between authorities of what inspectors see (M18.8)."""
    w, r = event.proxy_weight, event.truth_correlation
    return math.sqrt(w**2 + (1 - w) ** 2 + 2 * w * (1 - w) * r)


def casework_teams(authority: Authority) -> list[Team]:
    return authority.assessment_teams + authority.long_term_teams


def true_quality(team: Team) -> float:
    """True quality of a team (M18.1)."""
    return (
        team.accuracy / max(team.load, 1) * sum(team.recent_delivered_shares) / 4 * (1 - team.vacancy_share)
    )


def cut_off(scores: list[float], below: float, scatter: float) -> float:
    """Return the score below which a share of the authorities is; for one authority, of a normal distribution."""
    if len(scores) == 1:
        return scatter * NormalDist().inv_cdf(below)
    ordered = sorted(scores)
    place = min(max(len(scores) * below - 0.5, 0.0), len(scores) - 1.0)
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def gaming_share(event: Any) -> float:
    """Share of working time that goes to what is scored and not verified (M18.3)."""
    unchecked = event.proxy_weight * (1 - event.verification)
    return event.gaming * unchecked / (unchecked + 1 - event.proxy_weight) if unchecked else 0.0


def divert_time_to_scored_work(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Divert time to what is scored, and lower partners' thresholds if joint work is (M18.4, M18.5, M18.10)."""
    moved = gaming_share(event)
    authorities = select_inspected(twin, event)
    for team in select_teams(twin, authorities):
        team.capacity_factor *= 1 - moved
        team.accuracy *= math.sqrt(1 - moved)
    for organisation in twin.organisations:
        if organisation.authority in authorities:
            organisation.share_threshold_shift -= event.joint_effect * event.joint_work


# -- the effects of an inspection judgement (M19)


def record_judgements(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Record new judgements, on a date or with the lowest grade, and missed deadlines."""
    memory = twin.lever_memory.setdefault(id(event), {"judged": {}, "shocked": {}, "grade": {}})
    for authority in select_authorities(twin, event):
        grade = authority.grade["children"]
        newly_lowest = grade == 1 and memory["grade"].get(authority) != 1
        if newly_lowest if event.lowest_grade else since == 0:
            memory["judged"][authority] = memory["shocked"][authority] = twin.week
        weeks = twin.week - memory["shocked"].get(authority, math.inf)
        if weeks == event.deadline_weeks and grade <= 1:
            memory["shocked"][authority] = twin.week
        memory["grade"][authority] = grade


def apply_judgement(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Turn the dials for the effects of a judgement that remain, and for support and recovery (M19.2 to M19.6)."""
    memory = twin.lever_memory[id(event)]
    for authority, judged_week in memory["judged"].items():
        weeks, since_shock = twin.week - judged_week, twin.week - memory["shocked"][authority]
        authority.front_door.screening_threshold_shift -= event.threshold_fall * math.exp(
            -since_shock / event.threshold_fade_weeks
        )
        hours = casework_hours(twin, authority)
        taken = min(event.review_hours / max(math.ceil(event.support_delay), 1), hours)
        for team in select_teams(twin, [authority]):
            team.exit_factor *= 1 + (event.exits - 1) * remaining_effect(event, since_shock)
            team.workload_factor *= 1 + (event.workload - 1) * remaining_effect(event, since_shock)
            if weeks >= event.support_delay:
                team.capacity_factor *= 1 + event.support
            elif hours > 0:
                team.capacity_factor *= 1 - taken / hours
            if team.accuracy < 1:
                team.accuracy = 1 - (1 - team.accuracy) * remaining_effect(event, weeks)


def remaining_effect(event: Any, weeks: int) -> float:
    """Share of the effects that remains after a number of weeks (M19.1)."""
    return 1.0 if event.recovery_weeks is None else math.exp(-weeks / event.recovery_weeks)


def casework_hours(twin: "TextbookTwin", authority: Authority) -> float:
    """Hours of the social workers in post, before any dial."""
    return sum(worker.team.post_hours for worker in workers_in_post(twin, authority))


def workers_in_post(twin: "TextbookTwin", authority: Authority) -> list[SocialWorker]:
    its_teams = set(select_teams(twin, [authority]))
    return [worker for worker in twin.workers if worker.left_week is None and worker.team in its_teams]


# -- freedoms of strong authorities, and takeovers (M21)


def count_weeks_of_freedom(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Count the past week of freedom, and decide which authorities are free this week."""
    memory = twin.lever_memory.setdefault(id(event), {"weeks": defaultdict(int), "free": []})
    for authority in memory["free"]:
        memory["weeks"][authority] += 1
    memory["free"] = [
        authority
        for authority in select_authorities(twin, event)
        if not event.top_grade or authority.grade["children"] == 4
    ]


def apply_freedoms(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Raise accuracy by the years of freedom, and change exit rates by reputation (M21.1, M21.2)."""
    weeks = twin.lever_memory[id(event)]["weeks"]
    scores = [authority.score["children"] for authority in twin.authorities if authority.grade["children"]]
    score_sd = pstdev(scores) if scores else 0.0
    push, staff = {}, {}
    for authority in select_authorities(twin, event):
        rated = authority.grade["children"] > 0 and score_sd > 0
        reputation = (authority.score["children"] - fmean(scores)) / score_sd if rated else 0.0
        push[authority] = math.exp(-event.staff_flow * reputation)
        staff[authority] = len(workers_in_post(twin, authority))
    all_staff = sum(staff.values())
    mean = sum(push[one] * staff[one] for one in push) / all_staff if all_staff else 1.0
    for authority, factor in push.items():
        for team in select_teams(twin, [authority]):
            team.accuracy *= (1 + event.growth) ** (weeks[authority] / WEEKS_PER_YEAR)
            team.exit_factor *= factor / mean if all_staff else 1.0


def choose_donor(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Choose the donor by name, or the best of the others by score or, without inspection, by quality."""
    if since:
        return
    weak = select_authorities(twin, event)
    others = [authority for authority in twin.authorities if authority not in weak]

    def visible_quality(authority: Authority) -> float:
        if any(one.grade["children"] for one in twin.authorities):
            return authority.score["children"]
        return fmean(true_quality(team) for team in casework_teams(authority))

    named = [authority for authority in twin.authorities if authority.name == event.donor]
    twin.lever_memory[id(event)] = named[0] if named else max(others, key=visible_quality)


def apply_takeover(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Raise the accuracy of weak authorities, with hours of the strong one (M21.3, M21.4)."""
    strong = twin.lever_memory[id(event)]
    hours = {
        authority: sum(
            worker.team.post_hours * worker.team.capacity_factor
            for worker in workers_in_post(twin, authority)
        )
        for authority in twin.authorities
    }
    accuracy = {one: fmean(team.accuracy for team in select_teams(twin, [one])) for one in twin.authorities}
    weak = [
        authority
        for authority in select_authorities(twin, event)
        if authority is not strong and hours[authority]
    ]
    for authority in weak:
        for team in select_teams(twin, [authority]):
            team.accuracy *= 1 + event.transfer * max(accuracy[strong] / accuracy[authority] - 1, 0)
            team.capacity_factor *= 1 + event.drain * hours[strong] / len(weak) / hours[authority]
    for team in select_teams(twin, [strong]) if weak else ():
        team.capacity_factor *= 1 - event.drain


# -- restructuring of services (M16)


def reorganise(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Lower attention and raise exits in each phase, and apply the lasting gain (M16.2 to M16.4)."""
    attention, leaving, done = 1.0, 0.0, 0.0
    for phase in range(event.phases):
        weeks = since - phase * event.phase_gap_weeks
        dip = dip_shape(weeks + event.announced_weeks, event.worst_weeks)
        depth = event.depth * (1 + event.resistance_effect * event.resistance)
        attention *= 1 - depth / event.phases * dip
        leaving += dip / event.phases
        done += (1 - math.exp(-max(weeks, 0) / event.gain_weeks)) / event.phases
    attention *= 1 + event.gain * done
    for organisation in select_organisations(twin, event, event.services):
        organisation.attention_factor *= attention
    if SOCIAL_CARE in event.services:
        for team in select_teams(twin, select_authorities(twin, event)):
            team.accuracy *= attention
            team.exit_factor *= 1 + (event.exits - 1) * leaving


def dip_shape(weeks: int, worst: float) -> float:
    """Share of the deepest dip so many weeks after the announcement (M16.1)."""
    return weeks / worst * math.exp(1 - weeks / worst) if weeks > 0 else 0.0


def cut_ties(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Cut some ties of the services on the date of each phase, by a draw that is the same for a year (M16.5)."""
    phase, weeks_off = divmod(since, event.phase_gap_weeks)
    if weeks_off or not 0 <= phase < event.phases:
        return
    moved = {organisation.number for organisation in select_organisations(twin, event, event.services)}
    if SOCIAL_CARE in event.services:
        moved |= {len(twin.organisations) + authority.number for authority in select_authorities(twin, event)}
    cut_share = min(event.tie_cut * (1 + event.resistance_effect * event.resistance), 1.0) / event.phases
    year = event.date.year if event.date else 0
    for tie in twin.ties:
        draw = twin.draws.uniform("ties cut", tie.key ^ key(year, 3))
        if moved & {tie.source, tie.target} and phase * cut_share <= draw < (phase + 1) * cut_share:
            tie.trust = twin.settings.network.trust_new


# -- budgets of social care, and demand (M12)


def change_budgets(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Change the hours that the budget buys, and take away hours that partners no longer provide (M12.6)."""
    for authority in select_authorities(twin, event):
        free = 1 - authority.ring_fenced["council"]
        share = (1 + event.step) * (1 - event.hours_lost * (1 - event.replaced_share * free))
        for _ in range(1 + since // WEEKS_PER_YEAR):
            share *= 1 + event.per_year
        for team in select_teams(twin, [authority]):
            team.capacity_factor *= share


def raise_demand(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Raise the work of the front door with the number of contacts (M12.7)."""
    for authority in select_authorities(twin, event):
        authority.front_door.contact_load *= min(
            (1 + event.per_year) ** (since / WEEKS_PER_YEAR), event.limit
        )


# -- a dedicated agency for child protection (M28)


def establish_dedicated_agency(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Raise the thresholds of other agencies, and the accuracy of the teams (M28.1, M28.2)."""
    for organisation in select_organisations(twin, event, twin.settings.agencies):
        organisation.share_threshold_shift += event.threshold_rise
    for team in select_teams(twin, select_authorities(twin, event)):
        team.accuracy *= 1 + event.accuracy_gain


# -- autonomy and league tables (M6, M8)


def select_autonomous(twin: "TextbookTwin", event: Any) -> list[Organisation]:
    """Select the organisations that become autonomous, at random."""
    in_random_order = sorted(
        select_organisations(twin, event, event.kinds),
        key=lambda organisation: twin.draws.uniform("autonomy by lot", key(organisation.number, 0)),
    )
    return in_random_order[: round(event.share * len(in_random_order))]


def raise_thresholds_of_autonomous(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Raise the thresholds of autonomous organisations by the weight of league tables (M6.7)."""
    for organisation in select_autonomous(twin, event):
        organisation.share_threshold_shift += event.league_effect * event.league_weight


def loosen_ties_of_autonomous(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Loosen the ties of autonomous organisations to the front door on the date (M8.6)."""
    if since == 0:
        for organisation in select_autonomous(twin, event):
            for tie in organisation.to_front_door.values():
                tie.move_trust(twin.settings.network.trust_new, event.tie_loss)


# -- links between agencies, and hubs (M8, M26)


def select_ties_between(twin: "TextbookTwin", event: Any) -> Iterator[Tie]:
    """Select the ties between two groups of organisations, in both directions."""
    all_kinds = [*twin.settings.agencies, FRONT_DOOR]
    one, other = (node_numbers(twin, event, kinds) for kinds in (event.kinds, event.partners or all_kinds))
    for tie in twin.ties:
        if (tie.source in one and tie.target in other) or (tie.source in other and tie.target in one):
            yield tie


def node_numbers(twin: "TextbookTwin", event: Any, kinds: Any) -> set[int]:
    """Numbers of the organisations and front doors of some kinds, as ties use them."""
    numbers = {organisation.number for organisation in select_organisations(twin, event, kinds)}
    if FRONT_DOOR in kinds:
        numbers |= {
            len(twin.organisations) + authority.number for authority in select_authorities(twin, event)
        }
    return numbers


def change_ties(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Cut and strengthen ties on the date (M8.7, M8.8)."""
    if since == 0:
        for tie in select_ties_between(twin, event):
            tie.move_trust(twin.settings.network.trust_new, event.tie_cut)
            tie.move_trust(1.0, event.trust_gain)


def change_delivery(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Change the probability that messages over these ties are delivered (M26.1)."""
    for tie in select_ties_between(twin, event):
        tie.delivery *= event.delivery


def route_messages_through_hub(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Send a share of the messages through the hub, in which all have the same trust (M26.2)."""
    senders = {organisation.number for organisation in select_organisations(twin, event, event.kinds)}
    for tie in twin.ties:
        if tie.source in senders and tie.trust > 0:
            factor = (event.hub_trust / tie.trust) ** twin.settings.network.delivery_trust_power
            tie.delivery *= (1 - event.strength) + event.strength * factor


# -- leadership of a merged department (M17)


def divide_attention(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Divide attention by size and by the director's field, and change accuracy with it (M17.1 to M17.3)."""
    social = math.pow(event.social_share, event.convexity)
    other = math.pow(1 - event.social_share, event.convexity)
    attention = {"social_care": social / (social + other), "education": other / (social + other)}
    if event.background in attention:
        attention = {field: (1 - event.leader_weight) * share for field, share in attention.items()}
        attention[event.background] += event.leader_weight
    for team in select_teams(twin, select_authorities(twin, event)):
        team.accuracy *= attention["social_care"] / event.social_share
        team.accuracy /= 1 + event.span_penalty * (event.spans - 1)
        if event.background == "education":
            team.accuracy *= 1 - event.skill_loss


# -- scale: services shared by several authorities (M20)


def apply_economies_of_scale(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Add the hours that a larger service saves (M20.1)."""
    for team in select_teams(twin, select_authorities(twin, event)):
        team.capacity_factor *= math.pow(event.authorities_sharing, event.economy * (1 - event.saved_share))


def weaken_ties_by_size(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Lower the trust of ties within a larger service on the date (M20.3)."""
    local = {
        organisation.number for organisation in select_organisations(twin, event, twin.settings.agencies)
    }
    for tie in twin.ties:
        if since == 0 and local & {tie.source, tie.target}:
            tie.trust *= math.pow(event.authorities_sharing, -event.tie_loss)


# -- pooled budgets (M15)


def add_deficit(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Add to the deficit of a funder."""
    for authority in select_authorities(twin, event):
        authority.deficit[event.funder] += event.share_of_budget


def ring_fence(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Ring-fence a share of the money that a funder may still move."""
    for authority in select_authorities(twin, event):
        authority.ring_fenced[event.funder] += event.share * (1 - authority.ring_fenced[event.funder])


def pool_budgets(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Pool money of both funders, and change the supply of services (M15.3 to M15.5)."""
    offers = {"council": event.contribution_council, "health": event.contribution_health}
    extra_weeks = event.agreement_delay * (event.parties / 2) ** event.agreement_power - event.agreement_delay
    for authority in select_authorities(twin, event):
        before = relative_supply(authority, event)
        for funder, offer in offers.items():
            paid_in = contribution(authority, event, funder, offer)
            authority.pooled[funder] += paid_in
            setup = event.setup_cost if since < WEEKS_PER_YEAR else 0.0
            authority.pool_overhead += paid_in / 2 * (event.running_cost + setup)
        authority.agreement_delay += extra_weeks
        bought = relative_supply(authority, event) / before
        authority.supply_in_need *= bought
        authority.supply_on_plan *= bought


def contribution(authority: Authority, event: Any, funder: str, offer: float) -> float:
    """Share of its joint money that a funder pays in; ring-fenced and pooled money is not available (M15.1)."""
    reluctance = math.exp((authority.deficit[funder] - event.deficit_midpoint) / event.deficit_slope)
    free = 1 - authority.ring_fenced[funder] - authority.pooled[funder]
    return max(min(offer * event.voluntary / (1 + reluctance), free), 0.0)


def relative_supply(authority: Authority, event: Any) -> float:
    """Supply of services, relative to the supply without any pool (M15.5)."""
    without = (1 - event.dispute_loss) * min(0.5 / event.need_share, 0.5 / (1 - event.need_share))
    delay = max(event.agreement_delay + authority.agreement_delay, 0)
    timeliness = (WEEKS_PER_YEAR + event.agreement_delay) / (WEEKS_PER_YEAR + delay)
    return (
        1
        - event.package_share
        + event.package_share * packages_bought(authority, event) / without * timeliness
    )


def packages_bought(authority: Authority, event: Any) -> float:
    """Joint packages bought with unpooled and with pooled money (M15.2)."""
    council, health = authority.pooled["council"], authority.pooled["health"]
    unpooled = min((1 - council) / 2 / event.need_share, (1 - health) / 2 / (1 - event.need_share))
    return (1 - event.dispute_loss) * unpooled + (council + health) / 2 - authority.pool_overhead


# -- boundaries of organisations, and mergers (M27)


def misdirect_messages(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Let organisations that do not match one authority send some messages to the wrong one (M27.1)."""
    for organisation in select_organisations(twin, event, {event.kind}):
        if twin.draws.uniform("matching boundaries", key(organisation.number, 0)) >= event.overlap:
            organisation.wrong_authority = 1 - (1 - organisation.wrong_authority) * (
                1 - event.wrong_authority
            )


def merge_neighbours(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Merge neighbouring organisations on the date until `merge_to` are left in each authority (M27.2)."""
    if since != 0 or event.merge_to is None:
        return
    for authority in select_authorities(twin, event):
        remaining = [
            organisation
            for organisation in select_organisations(twin, event, {event.kind})
            if organisation.absorbed_by is organisation and organisation.authority is authority
        ]
        groups = min(event.merge_to, len(remaining))
        sizes = [len(remaining) // groups + (number < len(remaining) % groups) for number in range(groups)]
        for size in sizes:
            group, remaining = remaining[:size], remaining[size:]
            successor = max(group, key=lambda organisation: organisation.children_at_start)
            for former in group:
                if former is not successor:
                    absorb_organisation(twin, successor, former, event.file_lost)


def absorb_organisation(
    twin: "TextbookTwin", successor: Organisation, former: Organisation, file_lost: float
) -> None:
    """Transfer files and ties to the successor, which keeps its own ties where both have one (M27.2)."""
    for organisation in twin.organisations:
        if organisation.absorbed_by is former:
            organisation.absorbed_by = successor
    twin.file_loss_probability[former] = file_lost
    successor.serves = [
        authority for authority in twin.authorities if authority in successor.serves + former.serves
    ]
    successor.to_front_door = {**former.to_front_door, **successor.to_front_door}
    for partner, tie in former.to_partner.items():
        if partner is not successor:
            successor.to_partner.setdefault(partner, tie)
    for partner in twin.organisations:
        if former in partner.to_partner and partner is not successor:
            partner.to_partner.setdefault(successor, partner.to_partner[former])


# -- tiers of need (M29)


def allocate_by_indicators(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Change the supply of services in need and on a plan by the money for their tiers (M29.1)."""
    total_money = event.universal + event.targeted + event.acute
    need = event.need_universal + event.need_targeted + event.need_acute
    for authority in select_authorities(twin, event):
        gap = event.targeted / total_money / (event.need_targeted / need) - 1
        authority.supply_in_need *= 1 + authority.open_tier_gap * gap
        gap = event.acute / total_money / (event.need_acute / need) - 1
        authority.supply_on_plan *= 1 + authority.open_tier_gap * gap


def close_tier_gap(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Close a share of the gap between the tiers that is still open (M29.2)."""
    for authority in select_authorities(twin, event):
        authority.open_tier_gap *= 1 - event.share


# -- central initiatives (M22)


def add_initiatives(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Add the effect of more initiatives to that of the events before (M22.1 to M22.3)."""
    for authority in select_authorities(twin, event):
        core_time, exits = core_time_share(authority, event), exit_factor(twin, authority)
        authority.initiative_load += event.number * event.cost ** (1 / event.power)
        authority.initiative_drain += event.number * event.staff_drawn
        authority.leaving_share *= 1 - event.workforce_plan
        for team in select_teams(twin, [authority]):
            team.capacity_factor *= core_time_share(authority, event) / core_time if core_time else 0.0
            team.exit_factor *= exit_factor(twin, authority) / exits
            team.accuracy *= 1 / math.sqrt(1 + event.goal_noise**2)


def core_time_share(authority: Authority, event: Any) -> float:
    return max(1 - authority.initiative_load**event.power, 0.0)


def exit_factor(twin: "TextbookTwin", authority: Authority) -> float:
    usual = twin.settings.workforce.exit_per_year
    return 1 + authority.initiative_drain * authority.leaving_share / usual if usual else 1.0


# -- unequal treatment (M30)


def apply_unequal_treatment(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Change thresholds and attention for children of the smaller group (M30.1, M30.2)."""
    for organisation in select_organisations(twin, event, event.kinds):
        organisation.group_threshold_shift += event.threshold_gap
        organisation.group_exposure *= 1 + event.exposure_gap


DIAL_CHANGES: dict[str, Lever] = {
    "attendance_practice": change_attendance,
    "attention_practice": change_attention,
    "autonomy": raise_thresholds_of_autonomous,
    "thresholds": shift_thresholds,
    "boundaries": misdirect_messages,
    "budget": change_budgets,
    "dedicated_agency": establish_dedicated_agency,
    "deficit": add_deficit,
    "demand": raise_demand,
    "freedoms": apply_freedoms,
    "hub": route_messages_through_hub,
    "attached_records": attach_records,
    "initiatives": add_initiatives,
    "inspection": divert_time_to_scored_work,
    "inspection_judgement": apply_judgement,
    "leadership": divide_attention,
    "links": change_delivery,
    "pool": pool_budgets,
    "reallocation": close_tier_gap,
    "recording_practice": improve_recording,
    "restructure": reorganise,
    "ringfence": ring_fence,
    "scale": apply_economies_of_scale,
    "scandal": lower_thresholds_after_scandal,
    "shared_record": provide_shared_record,
    "takeover": apply_takeover,
    "tiers": allocate_by_indicators,
    "unequal_treatment": apply_unequal_treatment,
}
"""The levers that turn dials while they are in force."""

ONE_OFF_CHANGES: dict[str, Lever] = {
    "autonomy": loosen_ties_of_autonomous,
    "boundaries": merge_neighbours,
    "freedoms": count_weeks_of_freedom,
    "inspection": hold_inspection,
    "inspection_judgement": record_judgements,
    "links": change_ties,
    "restructure": cut_ties,
    "scale": weaken_ties_by_size,
    "takeover": choose_donor,
}
"""The levers that change something permanently on a date."""
