"""Policy: every Monday all dials go back to neutral, and every lever in force turns its own, agent by agent.

A lever is a function of the authority, the event of the timeline and the weeks since its date. `TURNS` are those that
turn dials as long as they are in force, in the order of the timeline; `HAPPENS` are those that do something for good on
a day. What a lever must remember it keeps in `twin.remembered`.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from statistics import NormalDist, fmean, pstdev
from typing import TYPE_CHECKING, Any

from tests.twin.chance import key
from tests.twin.people import Authority, Organisation, SocialWorker, Team, Tie

from cpsim.scenario.events import Choice
from cpsim.scenario.sections import Duty

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

Lever = Callable[["TextbookTwin", Any, int], None]

FRONT_DOOR, SOCIAL_CARE = "front_door", "social_care"

LAST: tuple[str, ...] = ("budget", "judgement", "pool", "takeover", "tiers")
"""Levers that are asked after all others, since they look at what those have turned."""


def turn_dials(twin: "TextbookTwin") -> None:
    """Let happen what happens this week, and set every dial anew."""
    in_force = [
        (event, twin.week - event.week(twin.settings.clock))
        for event in sorted(twin.settings.timeline, key=lambda event: event.lever in LAST)
        if is_in_force(twin, event)
    ]
    for event, since in in_force:
        if event.lever in HAPPENS:
            HAPPENS[event.lever](twin, event, since)
    for agent in (*twin.authorities, *twin.organisations, *teams(twin), *twin.ties):
        agent.back_to_neutral()
    duties = {organisation: duty_of(twin, organisation) for organisation in twin.organisations}
    for event, since in in_force:
        if event.lever == "duty":
            change_duties(twin, event, duties)
        elif event.lever in TURNS:
            TURNS[event.lever](twin, event, since)
    for organisation, duty in duties.items():
        organisation.share_threshold_shift += shift_of(twin, duty)


def is_in_force(twin: "TextbookTwin", event: Any) -> bool:
    """From its date, or from when it was announced, to its end."""
    ends = event.ends(twin.settings.clock)
    return event.begins(twin.settings.clock) <= twin.week and (ends is None or twin.week < ends)


# -- whom an event concerns


def concerned(twin: "TextbookTwin", event: Any) -> list[Authority]:
    """The authorities that an event concerns."""
    if event.authorities is None:
        return twin.authorities
    if isinstance(event.authorities, Choice):
        return chosen(twin, event.authorities)
    return [authority for authority in twin.authorities if authority.name in event.authorities]


def chosen(twin: "TextbookTwin", choice: Choice) -> list[Authority]:
    """The first so many in an order: by luck, from the most deprived, or from the one with the fewest posts."""
    number, in_order = next(
        (number, sorted(twin.authorities, key=order))
        for number, order in (
            (
                choice.lot,
                lambda authority: twin.chance.uniform("authorities by lot", key(authority.number, 0)),
            ),
            (choice.most_deprived, lambda authority: -authority.deprivation),
            (choice.least_resourced, lambda authority: authority.resources),
        )
        if number is not None
    )
    return in_order[:number]


def organisations(twin: "TextbookTwin", event: Any, kinds: Any) -> Iterator[Organisation]:
    """Organisations of some kinds in those authorities."""
    authorities = concerned(twin, event)
    for organisation in twin.organisations:
        if organisation.kind in kinds and organisation.authority in authorities:
            yield organisation


def teams(twin: "TextbookTwin", authorities: list[Authority] | None = None) -> Iterator[Team]:
    """Front doors and teams."""
    for authority in twin.authorities if authorities is None else authorities:
        yield authority.front_door
        yield from authority.assessment_teams
        yield from authority.long_term_teams


# -- duties to cooperate (M6)


def duty_of(twin: "TextbookTwin", organisation: Organisation) -> Duty:
    """The duty that binds an organisation from the beginning."""
    return twin.settings.duties.get(organisation.kind, Duty(bound=False))


def change_duties(twin: "TextbookTwin", event: Any, duties: dict[Organisation, Duty]) -> None:
    """What is not said stays as it was."""
    said = event.model_dump(include={"bound", "awareness", "sanction"}, exclude_none=True)
    for organisation in organisations(twin, event, event.kinds):
        duties[organisation] = duties[organisation].model_copy(update=said)


def shift_of(twin: "TextbookTwin", duty: Duty) -> float:
    """A known duty and a sanction lower the threshold of those who are bound."""
    settings = twin.settings.sharing
    weight = settings.duty_effect * duty.awareness + settings.sanction_effect * duty.sanction
    return -weight if duty.bound else 0.0


# -- thresholds moved by decree or persuasion (M6)


def move_bars(twin: "TextbookTwin", event: Any, since: int) -> None:
    """The thresholds of some kinds, and of the front door."""
    shift = event.shift if event.fade_weeks is None else event.shift * math.exp(-since / event.fade_weeks)
    for organisation in organisations(twin, event, event.kinds):
        organisation.share_threshold_shift += shift
    if FRONT_DOOR in event.kinds:
        for authority in concerned(twin, event):
            authority.front_door.screening_threshold_shift += shift


# -- shared records (M23)


def share_record(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Some kinds may look children up; of several records any may be looked into, and the fullest shows most."""
    for organisation in organisations(twin, event, event.kinds or twin.settings.agencies):
        organisation.lookup = either(organisation.lookup, event.lookup)
        organisation.lookup_reach = max(organisation.lookup_reach, event.reach)
        organisation.false_match = either(organisation.false_match, event.false_match)
    more_contacts(twin, event)


def read_in_one_basket(twin: "TextbookTwin", event: Any, since: int) -> None:
    """The front door sees the agencies' files."""
    for authority in concerned(twin, event):
        authority.front_door.records_shown = max(authority.front_door.records_shown, event.share_shown)
    more_contacts(twin, event)


def more_contacts(twin: "TextbookTwin", event: Any) -> None:
    """What is seen has to be read at the front door."""
    for authority in concerned(twin, event):
        authority.front_door.contact_load *= 1 + event.extra_contacts


def either(one: float, other: float) -> float:
    """The chance that at least one of two things happens."""
    return 1 - (1 - one) * (1 - other)


# -- everyday practice (M3, M25)


def attend(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Some kinds attend to more signs, or to fewer (M3.3)."""
    for organisation in organisations(twin, event, event.kinds or twin.settings.agencies):
        organisation.attention_factor *= event.factor


def write_down(twin: "TextbookTwin", event: Any, since: int) -> None:
    """A share of what is still left out comes to be written down (M3.4)."""
    for organisation in organisations(twin, event, event.kinds or twin.settings.agencies):
        habit = organisation.settings.recording
        if habit > 0:
            now = min(habit * organisation.recording_factor, 1.0)
            organisation.recording_factor *= (now + event.gain * (1 - now)) / now
    more_contacts(twin, event)


def come(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Some kinds come to conferences more often, or less (M25.4)."""
    for organisation in organisations(twin, event, event.kinds or twin.settings.agencies):
        organisation.attendance_factor *= event.factor


# -- outrage after a publicised death (M24)


def cause_a_scandal(twin: "TextbookTwin", event: Any, since: int) -> None:
    """A scandal lowers all thresholds, and events that come to light a week after they happen lower them further (M24.2)."""
    for authority in twin.authorities:
        fall = event.size * left_of_scandal(event, since)
        for week in authority.in_the_news:
            if week >= twin.week - since:
                fall += event.known_child_event * left_of_scandal(event, twin.week - week - 1)
        if authority not in concerned(twin, event):
            fall *= event.spillover
        authority.front_door.screening_threshold_shift -= fall
        for organisation in twin.organisations:
            if organisation.authority is authority:
                organisation.share_threshold_shift -= fall


def left_of_scandal(event: Any, weeks: int) -> float:
    """A part fades, the rest stays (M24.1)."""
    fading: float = (1 - event.lasting_share) * math.exp(-weeks / event.fade_weeks)
    return fading + event.lasting_share


# -- inspectors and their grades (M18)


def inspect(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Inspectors see, err, and give grades by cut-offs that their first scores set (M18.7, M18.9)."""
    authorities = inspected(twin, event)
    if since % event.every_weeks or not authorities:
        return
    scatter = scatter_of_scores(event)
    error = scatter * math.sqrt(1 / event.reliability - 1)
    for service, values in seen_by_inspectors(twin, event, authorities).items():
        for authority, value in zip(authorities, values, strict=True):
            z = twin.chance.normal(f"inspection of {service}", key(authority.number, twin.week))
            authority.score[service] = value + error * z
        scores = [authority.score[service] for authority in authorities]
        if service not in twin.cut_offs:
            below = (event.bottom_share, (event.bottom_share + 1 - event.top_share) / 2, 1 - event.top_share)
            spread = scatter / math.sqrt(event.reliability)
            twin.cut_offs[service] = [cut_off(scores, share, spread) for share in below]
        for authority, score in zip(authorities, scores, strict=True):
            authority.grade[service] = 1 + sum(score >= threshold for threshold in twin.cut_offs[service])


def inspected(twin: "TextbookTwin", event: Any) -> list[Authority]:
    """The authorities that an inspection concerns until a later one takes over."""
    authorities, later = concerned(twin, event), False
    for other in twin.settings.timeline:
        if later and other.lever == "inspection" and other.begins(twin.settings.clock) <= twin.week:
            authorities = [authority for authority in authorities if authority not in concerned(twin, other)]
        later = later or other is event
    return authorities


def seen_by_inspectors(
    twin: "TextbookTwin", event: Any, authorities: list[Authority]
) -> dict[str, list[float]]:
    """What is counted, true quality, and adult social care, which nothing touches (M18.6)."""
    qualities = [fmean(quality_of(team) for team in caseholders(authority)) for authority in authorities]
    on_time = [fmean(team.on_time for team in caseholders(authority)) for authority in authorities]
    if not twin.scale:
        for found, least in ((qualities, event.quality_spread), (on_time, event.on_time_spread)):
            twin.scale.append((fmean(found), max(pstdev(found), least)))
    (middle, spread), (usually_on_time, spread_on_time) = twin.scale
    w, r = event.proxy_weight, event.truth_correlation
    seen: dict[str, list[float]] = {"children": [], "adults": []}
    for authority, quality, share in zip(authorities, qualities, on_time, strict=True):
        true = (quality - middle) / spread
        returns = r * true + math.sqrt(1 - r**2) * (share - usually_on_time) / spread_on_time
        returns += event.returns_gain * time_moved(event)
        seen["children"].append(w * returns + (1 - w) * true + event.shift)
        adults = twin.chance.normal("adult social care", key(authority.number, 0))
        seen["adults"].append(scatter_of_scores(event) * adults)
    return seen


def scatter_of_scores(event: Any) -> float:
    """How far what is seen varies between authorities (M18.8)."""
    w, r = event.proxy_weight, event.truth_correlation
    return math.sqrt(w**2 + (1 - w) ** 2 + 2 * w * (1 - w) * r)


def caseholders(authority: Authority) -> list[Team]:
    return authority.assessment_teams + authority.long_term_teams


def quality_of(team: Team) -> float:
    """How well a team judges, times what it has of the time, the help and the people that there should be (M18.1)."""
    return team.accuracy / max(team.load, 1) * sum(team.delivered) / 4 * (1 - team.vacant)


def cut_off(scores: list[float], below: float, scatter: float) -> float:
    """The score below which a share of the authorities lies, or, if there is one, would lie."""
    if len(scores) == 1:
        return scatter * NormalDist().inv_cdf(below)
    ordered = sorted(scores)
    place = min(max(len(scores) * below - 0.5, 0.0), len(scores) - 1.0)
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def time_moved(event: Any) -> float:
    """Time goes to what is scored and not checked (M18.3)."""
    unchecked = event.proxy_weight * (1 - event.verification)
    return event.gaming * unchecked / (unchecked + 1 - event.proxy_weight) if unchecked else 0.0


def work_for_the_grade(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Hours and attention go to what is scored, and partners tell more if joint work is (M18.4, M18.5, M18.10)."""
    moved = time_moved(event)
    authorities = inspected(twin, event)
    for team in teams(twin, authorities):
        team.capacity_factor *= 1 - moved
        team.accuracy *= math.sqrt(1 - moved)
    for organisation in twin.organisations:
        if organisation.authority in authorities:
            organisation.share_threshold_shift -= event.joint_effect * event.joint_work


# -- the aftermath of a judgement (M19)


def fall_or_fail(twin: "TextbookTwin", event: Any, since: int) -> None:
    """A judgement falls by date or on the lowest grade; at the deadline it must be better."""
    memory = twin.remembered.setdefault(id(event), {"judged": {}, "struck": {}, "grade": {}})
    for authority in concerned(twin, event):
        grade = authority.grade["children"]
        newly_lowest = grade == 1 and memory["grade"].get(authority) != 1
        if newly_lowest if event.lowest_grade else since == 0:
            memory["judged"][authority] = memory["struck"][authority] = twin.week
        weeks = twin.week - memory["struck"].get(authority, math.inf)
        if weeks == event.deadline_weeks and grade <= 1:
            memory["struck"][authority] = twin.week
        memory["grade"][authority] = grade


def live_with_a_judgement(twin: "TextbookTwin", event: Any, since: int) -> None:
    """What the judgement broke mends; help comes late (M19.2 to M19.6)."""
    memory = twin.remembered[id(event)]
    for authority, judged in memory["judged"].items():
        weeks, struck = twin.week - judged, twin.week - memory["struck"][authority]
        authority.front_door.screening_threshold_shift -= event.threshold_fall * math.exp(
            -struck / event.threshold_fade_weeks
        )
        hours = hours_of(twin, authority)
        taken = min(event.review_hours / max(math.ceil(event.support_delay), 1), hours)
        for team in teams(twin, [authority]):
            team.exit_factor *= 1 + (event.exits - 1) * left_of_damage(event, struck)
            team.workload_factor *= 1 + (event.workload - 1) * left_of_damage(event, struck)
            if weeks >= event.support_delay:
                team.capacity_factor *= 1 + event.support
            elif hours > 0:
                team.capacity_factor *= 1 - taken / hours
            if team.accuracy < 1:
                team.accuracy = 1 - (1 - team.accuracy) * left_of_damage(event, weeks)


def left_of_damage(event: Any, weeks: int) -> float:
    """It mends slowly (M19.1)."""
    return 1.0 if event.recovery_weeks is None else math.exp(-weeks / event.recovery_weeks)


def hours_of(twin: "TextbookTwin", authority: Authority) -> float:
    """Hours of those in post, before anything is taken off."""
    return len(in_post(twin, authority)) * twin.settings.workforce.casework_hours_per_week


def in_post(twin: "TextbookTwin", authority: Authority) -> list[SocialWorker]:
    its_teams = set(teams(twin, [authority]))
    return [worker for worker in twin.workers if worker.left is None and worker.team in its_teams]


# -- freedoms, and takeovers by the strong (M21)


def free_the_strong(twin: "TextbookTwin", event: Any, since: int) -> None:
    """A week of freedom counts once it is over."""
    memory = twin.remembered.setdefault(id(event), {"weeks": defaultdict(int), "free": []})
    for authority in memory["free"]:
        memory["weeks"][authority] += 1
    memory["free"] = [
        authority
        for authority in concerned(twin, event)
        if not event.top_grade or authority.grade["children"] == 4
    ]


def grow_and_attract(twin: "TextbookTwin", event: Any, since: int) -> None:
    """The free judge better every year, and people leave where reputation is low (M21.1, M21.2)."""
    weeks = twin.remembered[id(event)]["weeks"]
    scores = [authority.score["children"] for authority in twin.authorities if authority.grade["children"]]
    apart = pstdev(scores) if scores else 0.0
    push, staff = {}, {}
    for authority in concerned(twin, event):
        rated = authority.grade["children"] > 0 and apart > 0
        reputation = (authority.score["children"] - fmean(scores)) / apart if rated else 0.0
        push[authority] = math.exp(-event.staff_flow * reputation)
        staff[authority] = len(in_post(twin, authority))
    everybody = sum(staff.values())
    mean = sum(push[one] * staff[one] for one in push) / everybody if everybody else 1.0
    for authority, pushed in push.items():
        for team in teams(twin, [authority]):
            team.accuracy *= (1 + event.growth) ** (weeks[authority] / 52)
            team.exit_factor *= pushed / mean if everybody else 1.0


def find_who_takes_over(twin: "TextbookTwin", event: Any, since: int) -> None:
    """By name, or the best of those left, by score or, where nobody inspects, by quality."""
    if since:
        return
    weak = concerned(twin, event)
    others = [authority for authority in twin.authorities if authority not in weak]

    def seen(authority: Authority) -> float:
        if any(one.grade["children"] for one in twin.authorities):
            return authority.score["children"]
        return fmean(quality_of(team) for team in caseholders(authority))

    named = [authority for authority in twin.authorities if authority.name == event.donor]
    twin.remembered[id(event)] = named[0] if named else max(others, key=seen)


def take_over(twin: "TextbookTwin", event: Any, since: int) -> None:
    """The weak judge better, and the strong work some of their hours there (M21.3, M21.4)."""
    strong = twin.remembered[id(event)]
    hours = {
        authority: sum(
            twin.settings.workforce.casework_hours_per_week * worker.team.capacity_factor
            for worker in in_post(twin, authority)
        )
        for authority in twin.authorities
    }
    skill = {one: fmean(team.accuracy for team in teams(twin, [one])) for one in twin.authorities}
    weak = [authority for authority in concerned(twin, event) if authority is not strong and hours[authority]]
    for authority in weak:
        for team in teams(twin, [authority]):
            team.accuracy *= 1 + event.transfer * max(skill[strong] / skill[authority] - 1, 0)
            team.capacity_factor *= 1 + event.drain * hours[strong] / len(weak) / hours[authority]
    for team in teams(twin, [strong]) if weak else ():
        team.capacity_factor *= 1 - event.drain


# -- reorganising services (M16)


def reorganise(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Each phase is a small reorganisation: a dip, people who leave, and later what it was meant for."""
    attention, leaving, done = 1.0, 0.0, 0.0
    for phase in range(event.phases):
        weeks = since - phase * event.phase_gap_weeks
        dip = shape_of_dip(weeks + event.announced_weeks, event.worst_weeks)
        depth = event.depth * (1 + event.resistance_effect * event.resistance)
        attention *= 1 - depth / event.phases * dip
        leaving += dip / event.phases
        done += (1 - math.exp(-max(weeks, 0) / event.gain_weeks)) / event.phases
    attention *= 1 + event.gain * done
    for organisation in organisations(twin, event, event.services):
        organisation.attention_factor *= attention
    if SOCIAL_CARE in event.services:
        for team in teams(twin, concerned(twin, event)):
            team.accuracy *= attention
            team.exit_factor *= 1 + (event.exits - 1) * leaving


def shape_of_dip(weeks: int, worst: float) -> float:
    """How much of the worst there is so many weeks after the announcement (M16.1)."""
    return weeks / worst * math.exp(1 - weeks / worst) if weeks > 0 else 0.0


def part_people(twin: "TextbookTwin", event: Any, since: int) -> None:
    """On the day of each phase some ties of the services start afresh, by a lot that holds for a year (M16.5)."""
    phase, weeks_off = divmod(since, event.phase_gap_weeks)
    if weeks_off or not 0 <= phase < event.phases:
        return
    moved = {organisation.number for organisation in organisations(twin, event, event.services)}
    if SOCIAL_CARE in event.services:
        moved |= {len(twin.organisations) + authority.number for authority in concerned(twin, event)}
    broken = min(event.tie_cut * (1 + event.resistance_effect * event.resistance), 1.0) / event.phases
    year = event.date.year if event.date else 0
    for tie in twin.ties:
        lot = twin.chance.uniform("ties cut", tie.key ^ key(year, 3))
        if moved & {tie.source, tie.target} and phase * broken <= lot < (phase + 1) * broken:
            tie.trust = twin.settings.network.trust_new


# -- what money buys, and what is asked of it (M12)


def change_budgets(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Money buys fewer hours each year, and what others have paid for goes, as far as it is not bought back (M12.6)."""
    for authority in concerned(twin, event):
        free = 1 - authority.fenced["council"]
        share = (1 + event.step) * (1 - event.hours_lost * (1 - event.replaced_share * free))
        for _ in range(1 + since // 52):
            share *= 1 + event.per_year
        for team in teams(twin, [authority]):
            team.capacity_factor *= share


def raise_demand(twin: "TextbookTwin", event: Any, since: int) -> None:
    """More contacts, more work at the front door (M12.7)."""
    for authority in concerned(twin, event):
        authority.front_door.contact_load *= min((1 + event.per_year) ** (since / 52), event.limit)


# -- an agency for nothing but child protection (M28)


def found_an_agency(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Others leave the matter to it, and its own people may judge better (M28.1, M28.2)."""
    for organisation in organisations(twin, event, twin.settings.agencies):
        organisation.share_threshold_shift += event.threshold_rise
    for team in teams(twin, concerned(twin, event)):
        team.accuracy *= 1 + event.accuracy_gain


# -- autonomy and league tables (M6, M8)


def free_by_lot(twin: "TextbookTwin", event: Any) -> list[Organisation]:
    """The organisations that leave the council's orbit."""
    by_lot = sorted(
        organisations(twin, event, event.kinds),
        key=lambda organisation: twin.chance.uniform("autonomy by lot", key(organisation.number, 0)),
    )
    return by_lot[: round(event.share * len(by_lot))]


def judge_by_results(twin: "TextbookTwin", event: Any, since: int) -> None:
    """League tables raise the thresholds of the free (M6.7)."""
    for organisation in free_by_lot(twin, event):
        organisation.share_threshold_shift += event.league_effect * event.league_weight


def leave_the_council(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Their ties to the front door loosen on the day (M8.6)."""
    if since == 0:
        for organisation in free_by_lot(twin, event):
            for tie in organisation.to_front_door.values():
                tie.move(twin.settings.network.trust_new, event.tie_loss)


# -- how agencies turn to each other (M8, M26)


def ties_between(twin: "TextbookTwin", event: Any) -> Iterator[Tie]:
    """Ties that lead from one end to the other or back."""
    everybody = [*twin.settings.agencies, FRONT_DOOR]
    one, other = (nodes(twin, event, kinds) for kinds in (event.kinds, event.partners or everybody))
    for tie in twin.ties:
        if (tie.source in one and tie.target in other) or (tie.source in other and tie.target in one):
            yield tie


def nodes(twin: "TextbookTwin", event: Any, kinds: Any) -> set[int]:
    """Numbers of organisations and front doors."""
    numbers = {organisation.number for organisation in organisations(twin, event, kinds)}
    if FRONT_DOOR in kinds:
        numbers |= {len(twin.organisations) + authority.number for authority in concerned(twin, event)}
    return numbers


def part_and_meet(twin: "TextbookTwin", event: Any, since: int) -> None:
    """On the day some people part and others get to know each other (M8.7, M8.8)."""
    if since == 0:
        for tie in ties_between(twin, event):
            tie.move(twin.settings.network.trust_new, event.tie_cut)
            tie.move(1.0, event.trust_gain)


def ease_messages(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Messages over these ties arrive more or less often (M26.1)."""
    for tie in ties_between(twin, event):
        tie.delivery *= event.delivery


def run_a_hub(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Some messages go over the hub, which everybody trusts alike (M26.2)."""
    senders = {organisation.number for organisation in organisations(twin, event, event.kinds)}
    for tie in twin.ties:
        if tie.source in senders and tie.trust > 0:
            worth = (event.hub_trust / tie.trust) ** twin.settings.network.delivery_trust_power
            tie.delivery *= (1 - event.strength) + event.strength * worth


# -- the leadership of a merged department (M17)


def lead_two_services(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Attention is shared out by size, leans towards the director's field, and makes teams judge well or badly."""
    social = math.pow(event.social_share, event.convexity)
    other = math.pow(1 - event.social_share, event.convexity)
    attention = {"social_care": social / (social + other), "education": other / (social + other)}
    if event.background in attention:
        attention = {field: (1 - event.leader_weight) * share for field, share in attention.items()}
        attention[event.background] += event.leader_weight
    for team in teams(twin, concerned(twin, event)):
        team.accuracy *= attention["social_care"] / event.social_share
        team.accuracy /= 1 + event.span_penalty * (event.spans - 1)
        if event.background == "education":
            team.accuracy *= 1 - event.skill_loss


# -- services shared by several authorities (M20)


def buy_more_hours(twin: "TextbookTwin", event: Any, since: int) -> None:
    """A larger service has cheaper hours (M20.1)."""
    for team in teams(twin, concerned(twin, event)):
        team.capacity_factor *= math.pow(event.authorities_sharing, event.economy * (1 - event.saved_share))


def know_partners_less(twin: "TextbookTwin", event: Any, since: int) -> None:
    """A larger service stands farther from those it works with (M20.3)."""
    local = {organisation.number for organisation in organisations(twin, event, twin.settings.agencies)}
    for tie in twin.ties:
        if since == 0 and local & {tie.source, tie.target}:
            tie.trust *= math.pow(event.authorities_sharing, -event.tie_loss)


# -- pooled budgets (M15)


def run_a_deficit(twin: "TextbookTwin", event: Any, since: int) -> None:
    """A funder has spent more than it had."""
    for authority in concerned(twin, event):
        authority.deficit[event.funder] += event.share_of_budget


def fence(twin: "TextbookTwin", event: Any, since: int) -> None:
    """A part of what was free to move is not any more."""
    for authority in concerned(twin, event):
        authority.fenced[event.funder] += event.share * (1 - authority.fenced[event.funder])


def pool(twin: "TextbookTwin", event: Any, since: int) -> None:
    """What two funders put in one pot, and what it changes (M15.5)."""
    offers = {"council": event.contribution_council, "health": event.contribution_health}
    extra_weeks = event.agreement_delay * (event.parties / 2) ** event.agreement_power - event.agreement_delay
    for authority in concerned(twin, event):
        before = services(authority, event)
        for funder, offer in offers.items():
            paid = pays_in(authority, event, funder, offer)
            authority.pooled[funder] += paid
            setup = event.setup_cost if since < 52 else 0.0
            authority.pool_overhead += paid / 2 * (event.running_cost + setup)
        authority.agreement_delay += extra_weeks
        bought = services(authority, event) / before
        authority.supply_in_need *= bought
        authority.supply_on_plan *= bought


def pays_in(authority: Authority, event: Any, funder: str, offer: float) -> float:
    """A funder in deficit holds back, and nobody gives what is fenced or in another pot (M15.1)."""
    fear = math.exp((authority.deficit[funder] - event.deficit_midpoint) / event.deficit_slope)
    free = 1 - authority.fenced[funder] - authority.pooled[funder]
    return max(min(offer * event.voluntary / (1 + fear), free), 0.0)


def services(authority: Authority, event: Any) -> float:
    """Services for what there would be without any pool: those that one funder pays alone, and joint ones (M15.5)."""
    without = (1 - event.dispute_loss) * min(0.5 / event.need_share, 0.5 / (1 - event.need_share))
    delay = max(event.agreement_delay + authority.agreement_delay, 0)
    prompt = (52 + event.agreement_delay) / (52 + delay)
    return 1 - event.package_share + event.package_share * packages(authority, event) / without * prompt


def packages(authority: Authority, event: Any) -> float:
    """Packages from money apart, of which each funder must have its share, and from the pots (M15.2)."""
    council, health = authority.pooled["council"], authority.pooled["health"]
    apart = min((1 - council) / 2 / event.need_share, (1 - health) / 2 / (1 - event.need_share))
    return (1 - event.dispute_loss) * apart + (council + health) / 2 - authority.pool_overhead


# -- merging organisations and drawing their boundaries (M27)


def mistake_the_authority(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Those that do not match one authority write to the wrong one now and then (M27.1)."""
    for organisation in organisations(twin, event, {event.kind}):
        if twin.chance.uniform("matching boundaries", key(organisation.number, 0)) >= event.overlap:
            organisation.wrong_authority = 1 - (1 - organisation.wrong_authority) * (
                1 - event.wrong_authority
            )


def merge_neighbours(twin: "TextbookTwin", event: Any, since: int) -> None:
    """As many groups of neighbours as are to be left in an authority, as even as can be; each becomes one."""
    if since != 0 or event.merge_to is None:
        return
    for authority in concerned(twin, event):
        left = [
            organisation
            for organisation in organisations(twin, event, {event.kind})
            if organisation.heir is organisation and organisation.authority is authority
        ]
        groups = min(event.merge_to, len(left))
        sizes = [len(left) // groups + (number < len(left) % groups) for number in range(groups)]
        for size in sizes:
            group, left = left[:size], left[size:]
            heir = max(group, key=lambda organisation: organisation.on_list)
            for former in group:
                if former is not heir:
                    absorb(twin, heir, former, event.file_lost)


def absorb(twin: "TextbookTwin", heir: Organisation, former: Organisation, file_lost: float) -> None:
    """Children, files and ties go to the heir; ties that it has itself are its own (M27.2)."""
    for organisation in twin.organisations:
        if organisation.heir is former:
            organisation.heir = heir
    twin.files_lost[former] = file_lost
    heir.serves = [authority for authority in twin.authorities if authority in heir.serves + former.serves]
    heir.to_front_door = {**former.to_front_door, **heir.to_front_door}
    for partner, tie in former.to_partner.items():
        if partner is not heir:
            heir.to_partner.setdefault(partner, tie)
    for partner in twin.organisations:
        if former in partner.to_partner and partner is not heir:
            partner.to_partner.setdefault(heir, partner.to_partner[former])


# -- tiers of need (M29)


def spend_by_indicators(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Targeted money helps children in need, acute money those on a plan (M29.1)."""
    money = event.universal + event.targeted + event.acute
    need = event.need_universal + event.need_targeted + event.need_acute
    for authority in concerned(twin, event):
        gap = event.targeted / money / (event.need_targeted / need) - 1
        authority.supply_in_need *= 1 + authority.tier_gap_open * gap
        gap = event.acute / money / (event.need_acute / need) - 1
        authority.supply_on_plan *= 1 + authority.tier_gap_open * gap


def reallocate(twin: "TextbookTwin", event: Any, since: int) -> None:
    """A part of the gap is closed (M29.2)."""
    for authority in concerned(twin, event):
        authority.tier_gap_open *= 1 - event.share


# -- initiatives by the dozen (M22)


def launch_initiatives(twin: "TextbookTwin", event: Any, since: int) -> None:
    """What initiatives take is a matter of all of them, so that each takes what it adds (M22.1 to M22.3)."""
    for authority in concerned(twin, event):
        core_time, exits = core_time_left(authority, event), pull(twin, authority)
        authority.initiative_load += event.number * event.cost ** (1 / event.power)
        authority.initiative_drain += event.number * event.staff_drawn
        authority.movers_go *= 1 - event.workforce_plan
        for team in teams(twin, [authority]):
            team.capacity_factor *= core_time_left(authority, event) / core_time if core_time else 0.0
            team.exit_factor *= pull(twin, authority) / exits
            team.accuracy *= 1 / math.sqrt(1 + event.goal_noise**2)


def core_time_left(authority: Authority, event: Any) -> float:
    return max(1 - authority.initiative_load**event.power, 0.0)


def pull(twin: "TextbookTwin", authority: Authority) -> float:
    usual = twin.settings.workforce.exit_per_year
    return 1 + authority.initiative_drain * authority.movers_go / usual if usual else 1.0


# -- unequal treatment (M30)


def treat_unequally(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Children of the smaller group are told about and looked at otherwise (M30.1, M30.2)."""
    for organisation in organisations(twin, event, event.kinds):
        organisation.group_threshold_shift += event.threshold_gap
        organisation.group_exposure *= 1 + event.exposure_gap


TURNS: dict[str, Lever] = {
    "attendance_practice": come,
    "attention_practice": attend,
    "autonomy": judge_by_results,
    "thresholds": move_bars,
    "boundaries": mistake_the_authority,
    "budget": change_budgets,
    "dedicated_agency": found_an_agency,
    "deficit": run_a_deficit,
    "demand": raise_demand,
    "freedoms": grow_and_attract,
    "hub": run_a_hub,
    "attached_records": read_in_one_basket,
    "initiatives": launch_initiatives,
    "inspection": work_for_the_grade,
    "judgement": live_with_a_judgement,
    "leadership": lead_two_services,
    "links": ease_messages,
    "pool": pool,
    "reallocation": reallocate,
    "recording_practice": write_down,
    "restructure": reorganise,
    "ringfence": fence,
    "scale": buy_more_hours,
    "scandal": cause_a_scandal,
    "shared_record": share_record,
    "takeover": take_over,
    "tiers": spend_by_indicators,
    "unequal": treat_unequally,
}
"""Levers that turn dials."""

HAPPENS: dict[str, Lever] = {
    "autonomy": leave_the_council,
    "boundaries": merge_neighbours,
    "freedoms": free_the_strong,
    "inspection": inspect,
    "judgement": fall_or_fail,
    "links": part_and_meet,
    "restructure": part_people,
    "scale": know_partners_less,
    "takeover": find_who_takes_over,
}
"""Levers that change something for good on a day."""
