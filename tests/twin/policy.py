"""Policy: every Monday all dials go back to neutral, and every lever in force turns its own, agent by agent.

A lever is a function of the authority, the event of the timeline and the weeks since its date. `TURNS` are those that
turn dials as long as they are in force, in the order of the timeline; `HAPPENS` are those that do something for good on
a day. What a lever must remember it keeps in `twin.remembered`.
"""

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tests.twin.chance import key
from tests.twin.people import Authority, Organisation, Team, Tie

from cpsim.scenario.sections import Duty

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

Lever = Callable[["TextbookTwin", Any, int], None]

FRONT_DOOR, SOCIAL_CARE = "front_door", "social_care"

LAST: tuple[str, ...] = ("budget", "judgement", "pool")
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
        organisation.share_bar_shift += shift_of(twin, duty)


def is_in_force(twin: "TextbookTwin", event: Any) -> bool:
    """From its date, or from when it was announced, to its end."""
    ends = event.ends(twin.settings.clock)
    return event.begins(twin.settings.clock) <= twin.week and (ends is None or twin.week < ends)


# -- whom an event concerns


def concerned(twin: "TextbookTwin", event: Any) -> list[Authority]:
    """The authorities that an event concerns."""
    if event.authorities is None:
        return twin.authorities
    return [authority for authority in twin.authorities if authority.name in event.authorities]


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
    """A known duty and a sanction lower the bar of those who are bound."""
    settings = twin.settings.sharing
    weight = settings.duty_effect * duty.awareness + settings.sanction_effect * duty.sanction
    return -weight if duty.bound else 0.0


# -- bars moved by decree or persuasion (M6)


def move_bars(twin: "TextbookTwin", event: Any, since: int) -> None:
    """The bars of some kinds, and of the front door."""
    shift = event.shift if event.fades_weeks is None else event.shift * math.exp(-since / event.fades_weeks)
    for organisation in organisations(twin, event, event.kinds):
        organisation.share_bar_shift += shift
    if FRONT_DOOR in event.kinds:
        for authority in concerned(twin, event):
            authority.front_door.screen_bar_shift += shift


# -- shared records (M23)


def share_record(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Some kinds may look children up; of several records any may be looked into, and the fullest shows most."""
    for organisation in organisations(twin, event, event.kinds or twin.settings.agencies):
        organisation.lookup = either(organisation.lookup, event.lookup)
        organisation.lookup_reach = max(organisation.lookup_reach, event.reach)
        organisation.false_match = either(organisation.false_match, event.false_match)
    more_contacts(twin, event)


def more_contacts(twin: "TextbookTwin", event: Any) -> None:
    """What is seen has to be read at the front door."""
    for authority in concerned(twin, event):
        authority.front_door.contact_load *= 1 + event.extra_contacts


def either(one: float, other: float) -> float:
    """The chance that at least one of two things happens."""
    return 1 - (1 - one) * (1 - other)


# -- outrage after a publicised death (M24)


def cause_a_scandal(twin: "TextbookTwin", event: Any, since: int) -> None:
    """A scandal lowers all bars, and events that come to light a week after they happen lower them further (M24.2)."""
    for authority in twin.authorities:
        fall = event.size * left_of_scandal(event, since)
        for week in authority.in_the_news:
            if week >= twin.week - since:
                fall += event.visible_event * left_of_scandal(event, twin.week - week - 1)
        if authority not in concerned(twin, event):
            fall *= event.spillover
        authority.front_door.screen_bar_shift -= fall
        for organisation in twin.organisations:
            if organisation.authority is authority:
                organisation.share_bar_shift -= fall


def left_of_scandal(event: Any, weeks: int) -> float:
    """A part fades, the rest stays (M24.1)."""
    fading: float = (1 - event.persists) * math.exp(-weeks / event.fades_weeks)
    return fading + event.persists


# -- the aftermath of a judgement (M19)


def live_with_a_judgement(twin: "TextbookTwin", event: Any, since: int) -> None:
    """What the judgement broke mends; help comes late (M19.2 to M19.6)."""
    left = 1.0 if event.recovery_weeks is None else math.exp(-since / event.recovery_weeks)
    for authority in concerned(twin, event):
        authority.front_door.screen_bar_shift -= event.bar_pulse * math.exp(-since / event.bar_fades_weeks)
        hours = hours_of(twin, authority)
        taken = min(event.review_hours / max(event.support_delay, 1), hours)
        for team in teams(twin, [authority]):
            team.exit_factor *= 1 + (event.exits - 1) * left
            team.workload_factor *= 1 + (event.workload - 1) * left
            if since >= event.support_delay:
                team.capacity_factor *= 1 + event.support
            elif hours > 0:
                team.capacity_factor *= 1 - taken / hours
            if team.accuracy < 1:
                team.accuracy = 1 - (1 - team.accuracy) * left


def hours_of(twin: "TextbookTwin", authority: Authority) -> float:
    """Hours of those in post, before anything is taken off."""
    its_teams = set(teams(twin, [authority]))
    here = [worker for worker in twin.workers if worker.left is None and worker.team in its_teams]
    return len(here) * twin.settings.workforce.casework_hours_per_week


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
        share = (1 + event.step) * (1 - event.hours_lost * (1 - event.made_good * free))
        for _ in range(1 + since // 52):
            share *= 1 + event.per_year
        for team in teams(twin, [authority]):
            team.capacity_factor *= share


def raise_demand(twin: "TextbookTwin", event: Any, since: int) -> None:
    """More contacts, more work at the front door (M12.7)."""
    for authority in concerned(twin, event):
        authority.front_door.contact_load *= min((1 + event.per_year) ** (since / 52), event.most)


# -- an agency for nothing but child protection (M28)


def found_an_agency(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Others leave the matter to it, and its own people may judge better (M28.1, M28.2)."""
    for organisation in organisations(twin, event, twin.settings.agencies):
        organisation.share_bar_shift += event.bar_rise
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
    """League tables raise the bars of the free (M6.7)."""
    for organisation in free_by_lot(twin, event):
        organisation.share_bar_shift += event.league_effect * event.league_weight


def leave_the_council(twin: "TextbookTwin", event: Any, since: int) -> None:
    """Their ties to the front door loosen on the day (M8.6)."""
    if since == 0:
        for organisation in free_by_lot(twin, event):
            if organisation.to_front_door is not None:
                organisation.to_front_door.move(twin.settings.network.trust_new, event.tie_loss)


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
        team.capacity_factor *= math.pow(event.together, event.economy * (1 - event.saved))


def know_partners_less(twin: "TextbookTwin", event: Any, since: int) -> None:
    """A larger service stands farther from those it works with (M20.3)."""
    local = {organisation.number for organisation in organisations(twin, event, twin.settings.agencies)}
    for tie in twin.ties:
        if since == 0 and local & {tie.source, tie.target}:
            tie.trust *= math.pow(event.together, -event.tie_loss)


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
    delay = event.agreement_delay * (event.parties / 2) ** event.agreement_power
    for authority in concerned(twin, event):
        before = packages(authority, event)
        for funder, offer in offers.items():
            paid = pays_in(authority, event, funder, offer)
            authority.pooled[funder] += paid
            setup = event.setup_cost if since < 52 else 0.0
            authority.pool_overhead += paid / 2 * (event.running_cost + setup)
        without = (1 - event.dispute_loss) * min(0.5 / event.need_share, 0.5 / (1 - event.need_share))
        prompt = (52 + event.agreement_delay) / (52 + delay)
        now = 1 - event.package_share + event.package_share * packages(authority, event) / without * prompt
        bought = now / (1 - event.package_share + event.package_share * before / without)
        authority.supply_in_need *= bought
        authority.supply_on_plan *= bought


def pays_in(authority: Authority, event: Any, funder: str, offer: float) -> float:
    """A funder in deficit holds back, and nobody gives what is fenced or in another pot (M15.1)."""
    fear = math.exp((authority.deficit[funder] - event.deficit_midpoint) / event.deficit_slope)
    free = 1 - authority.fenced[funder] - authority.pooled[funder]
    return max(min(offer * event.voluntary / (1 + fear), free), 0.0)


def packages(authority: Authority, event: Any) -> float:
    """Packages from money apart, of which each funder must have its share, and from the pots (M15.2)."""
    council, health = authority.pooled["council"], authority.pooled["health"]
    apart = min((1 - council) / 2 / event.need_share, (1 - health) / 2 / (1 - event.need_share))
    return (1 - event.dispute_loss) * apart + (council + health) / 2 - authority.pool_overhead


TURNS: dict[str, Lever] = {
    "budget": change_budgets,
    "deficit": run_a_deficit,
    "demand": raise_demand,
    "pool": pool,
    "ringfence": fence,
    "bars": move_bars,
    "shared_record": share_record,
    "judgement": live_with_a_judgement,
    "leadership": lead_two_services,
    "restructure": reorganise,
    "scale": buy_more_hours,
    "scandal": cause_a_scandal,
    "dedicated_agency": found_an_agency,
    "autonomy": judge_by_results,
    "links": ease_messages,
    "hub": run_a_hub,
}
"""Levers that turn dials."""

HAPPENS: dict[str, Lever] = {
    "restructure": part_people,
    "scale": know_partners_less,
    "autonomy": leave_the_council,
    "links": part_and_meet,
}
"""Levers that change something for good on a day."""
