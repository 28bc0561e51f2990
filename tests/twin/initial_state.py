"""The state of the authorities before the first week: the drawn world as agents, ties, and social workers in post."""

import math
from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from tests.twin.agents import (
    Authority,
    AuthorityChange,
    Child,
    File,
    Need,
    Organisation,
    OrganisationChange,
    Sign,
    SocialWorker,
    Spell,
    Team,
    Tie,
)
from tests.twin.random_draws import key

from cpsim import draws
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.world import World

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

CHILDHOOD_WEEKS = 18 * WEEKS_PER_YEAR
FRONT_DOOR_KEY = 1_000_000
AVERAGE_CHILDREN = 73_000
LONGEST_TENURE_WEEKS = 40 * WEEKS_PER_YEAR


def build_initial_state(twin: "TextbookTwin", world: World) -> None:
    """Build the authorities with their organisations, teams, children, ties and social workers."""
    kinds = list(twin.settings.agencies)
    _build_authorities(twin, world)
    _build_organisations(twin, world, kinds)
    _build_teams(twin)
    _build_children(twin, world, kinds)
    _add_life_events(twin, world, kinds)
    _build_ties(twin)
    _fill_posts(twin)


def _build_authorities(twin: "TextbookTwin", world: World) -> None:
    """Draw the traits that the scenario does not set, relative to the average of all that are drawn (M27.3)."""
    places, settings = world.authorities, twin.settings.authorities
    random_numbers = (
        draws.generator(twin.draws.seed, "traits of authorities").standard_normal((len(places), 4)).tolist()
    )
    traits: list[dict[str, float]] = [{} for _ in random_numbers]
    for column, trait in enumerate(("resources", "leadership", "trust", "money")):
        drawn: dict[int, float] = {}
        for number, random_number in enumerate(random_numbers):
            given = getattr(settings.named[number], trait) if number < len(settings.named) else None
            if given is None:
                value = getattr(settings, f"{trait}_spread") * random_number[column]
                drawn[number] = value if trait == "trust" else math.exp(value)
            else:
                traits[number][trait] = given
        for number, value in drawn.items():
            mean = sum(drawn.values()) / len(drawn)
            traits[number][trait] = value - mean if trait == "trust" else value / mean
    twin.authorities = [
        Authority(twin, number, name, own_traits)
        for number, (name, own_traits) in enumerate(zip(places.names, traits, strict=True))
    ]
    for authority in twin.authorities:
        authority.first_area = int(places.first_area[authority.number])
        authority.areas = int(places.areas[authority.number])
        authority.children = round(float(places.children[authority.number]))
        authority.deprivation = float(places.deprivation[authority.number])


def _build_organisations(twin: "TextbookTwin", world: World, kinds: list[str]) -> None:
    twin.organisations = []
    sites = world.sites
    for number, (kind, area, authority) in enumerate(
        zip(sites.kind.tolist(), sites.area.tolist(), sites.authority.tolist(), strict=True)
    ):
        own = twin.authorities[authority]
        organisation = Organisation(twin, number, kinds[kind], twin.settings.agencies[kinds[kind]], own)
        organisation.serves = [other for other in twin.authorities if sites.serves[number, other.number]]
        organisation.partner_authorities = [own] if area >= 0 else organisation.serves
        twin.organisations.append(organisation)


def _build_teams(twin: "TextbookTwin") -> None:
    for authority in twin.authorities:
        assessment, long_term = _count_teams(twin)
        authority.assessment_teams = [Team(twin, authority) for _ in range(assessment)]
        authority.long_term_teams = [Team(twin, authority) for _ in range(long_term)]


def _count_teams(twin: "TextbookTwin") -> tuple[int, int]:
    """Count assessment teams (M12.8) and long-term teams (M12.9)."""
    workforce, size = twin.settings.workforce, twin.settings.population.children / AVERAGE_CHILDREN
    assessment = workforce.assessment_teams * (size if size < 1 else math.sqrt(size))
    return max(round(assessment), 1), max(round(workforce.long_term_teams * math.sqrt(size)), 1)


def place_child(child: Child, authority: Authority, area: int) -> None:
    """Place a child in an authority, with the teams that serve its neighbourhood."""
    child.authority = authority
    position = area - authority.first_area
    child.assessment_team = authority.assessment_teams[
        position * len(authority.assessment_teams) // authority.areas
    ]
    child.long_term_team = authority.long_term_teams[
        position * len(authority.long_term_teams) // authority.areas
    ]


def _build_children(twin: "TextbookTwin", world: World, kinds: list[str]) -> None:
    children, n = world.children, len(world.children.birth)
    block = twin.settings.assessment.judgement_block_weeks
    phase = draws.generator(twin.draws.seed, "phase of judgement").integers(0, block, n).tolist()
    misreading = draws.generator(twin.draws.seed, "misreading by social care").standard_normal(n).tolist()
    first = world.attendance.first.tolist()
    families: dict[int, list[Child]] = defaultdict(list)
    twin.children = []
    home = world.residence
    for number, (birth, family, authority, area) in enumerate(
        zip(
            children.birth.tolist(),
            children.family.tolist(),
            home.first.tolist(),
            home.first_area.tolist(),
            strict=True,
        )
    ):
        child = Child(twin, number, birth)
        child.in_smaller_group = bool(children.group[number])
        child.phase = phase[number]
        child.bias = twin.settings.assessment.child_bias * misreading[number]
        place_child(child, twin.authorities[authority], area)
        child.files = {
            kind: File(twin.organisations[first[number * len(kinds) + index]])
            for index, kind in enumerate(kinds)
        }
        if -CHILDHOOD_WEEKS < birth <= 0:
            for file in child.files.values():
                file.organisation.children_at_start += 1
        child.family = families[family]
        child.family.append(child)
        twin.children.append(child)


def _add_life_events(twin: "TextbookTwin", world: World, kinds: list[str]) -> None:
    """Add the spells, needs, signs and moves that were drawn for every child."""
    drawn = world.spells
    columns = (drawn.onset, drawn.end, drawn.severity, drawn.serious, drawn.serious_mark, drawn.resistance)
    spells = [
        Spell(number, *row)
        for number, row in enumerate(zip(*(column.tolist() for column in columns), strict=True))
    ]
    for child, spell in zip(drawn.child.tolist(), spells, strict=True):
        twin.children[child].spells.append(spell)
        if spell.onset < 0:
            twin.children[child].spell = spell
    needs = world.needs
    for child, start, end, requests_help in zip(
        needs.child.tolist(),
        needs.start.tolist(),
        needs.end.tolist(),
        needs.requests_help.tolist(),
        strict=True,
    ):
        twin.children[child].needs.append(Need(start, end, requests_help))

    for kind, to_kind in zip(kinds, world.signs, strict=True):
        signs = to_kind.mark(0, world.weeks)
        week_of = to_kind.find_weeks(0, world.weeks).tolist()
        columns = (signs.file // len(kinds), signs.strength, signs.gate, signs.marks)
        for week, child, strength, gate, marks in zip(
            week_of, *(column.tolist() for column in columns), strict=True
        ):
            causing = spells[gate - 1] if 0 < gate <= len(spells) else None
            hiding = spells[gate - 1 - len(spells)] if gate > len(spells) else None
            twin.signs[week].append(Sign(twin.children[child], kind, strength, causing, hiding, *marks))
    moves = world.attendance
    for week, file, site, lost in zip(
        moves.week.tolist(), moves.file.tolist(), moves.site.tolist(), moves.left_behind.tolist(), strict=True
    ):
        child, kind = divmod(file, len(kinds))
        change = OrganisationChange(twin.children[child], kinds[kind], twin.organisations[site], lost)
        twin.organisation_changes[week].append(change)
    changes = world.residence
    for week, child, authority, area, lost in zip(
        changes.week.tolist(),
        changes.child.tolist(),
        changes.authority.tolist(),
        changes.area.tolist(),
        changes.left_behind.tolist(),
        strict=True,
    ):
        twin.authority_changes[week].append(
            AuthorityChange(twin.children[child], twin.authorities[authority], area, lost)
        )


def _build_ties(twin: "TextbookTwin") -> None:
    """Tie organisations to the front doors of the authorities that they serve, and partners to each other."""
    tied = [organisation for organisation in twin.organisations if organisation.settings.tied]
    for organisation in tied:
        for authority in organisation.serves:
            door = len(twin.organisations) + authority.number
            organisation.to_front_door[authority] = _add_tie(
                twin, organisation.number, door, FRONT_DOOR_KEY + authority.number, authority
            )
    for one, other in _select_partner_pairs(twin):
        if one.settings.tied and other.settings.tied:
            one.to_partner[other] = _add_tie(twin, one.number, other.number, other.number, one.authority)
            other.to_partner[one] = _add_tie(twin, other.number, one.number, one.number, other.authority)


def _add_tie(twin: "TextbookTwin", source: int, target: int, target_key: int, authority: Authority) -> Tie:
    """Add a tie and draw its trust (M8.1)."""
    network = twin.settings.network
    pair = key(source, target_key)
    z = twin.draws.normal("trust at the start", pair)
    trust = network.trust_start + authority.trust + network.trust_spread * z
    tie = Tie(source, target, pair, min(max(trust, 0.0), 1.0))
    twin.ties.append(tie)
    return tie


def _select_partner_pairs(twin: "TextbookTwin") -> list[tuple[Organisation, Organisation]]:
    """Select the share `lateral_density` of the pairs of two kinds, those with most shared children first."""
    members = Counter(
        (authority, organisation.kind)
        for organisation in twin.organisations
        for authority in organisation.partner_authorities
    )
    shared: Counter[tuple[int, int]] = Counter()
    for child in twin.children:
        if -CHILDHOOD_WEEKS < child.birth <= 0:
            shared.update(combinations([file.organisation.number for file in child.files.values()], 2))
    number_selected: Counter[tuple[Authority, str, str]] = Counter()
    selected = []
    for (number, other_number), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        one, other = twin.organisations[number], twin.organisations[other_number]
        # A pair counts in the authority of the organisation that serves only one authority.
        place = other.authority if len(one.partner_authorities) > 1 else one.authority
        possible = members[place, one.kind] * members[place, other.kind]
        most = round(twin.settings.network.lateral_density * possible)
        here = place in one.partner_authorities and place in other.partner_authorities
        if here and number_selected[place, one.kind, other.kind] < most:
            number_selected[place, one.kind, other.kind] += 1
            selected.append((one, other))
    return selected


def _fill_posts(twin: "TextbookTwin") -> None:
    """Fill the posts that are not vacant at the start with social workers who have been there for a while."""
    workforce = twin.settings.workforce
    twin.posts = []
    for role, rate in (
        ("assessment_teams", workforce.assessment_posts_per_10k),
        ("long_term_teams", workforce.long_term_posts_per_10k),
    ):
        for authority in twin.authorities:
            teams = getattr(authority, role)
            in_average_authority = max(round(rate * AVERAGE_CHILDREN / 10_000), 1)
            full_time = in_average_authority * (authority.children * authority.resources) / AVERAGE_CHILDREN
            count = max(math.ceil(full_time - 1e-9), len(teams))
            for number, team in enumerate(teams):
                team.post_hours = workforce.casework_hours_per_week * (full_time / count)
                twin.posts += [team] * len(range(number, count, len(teams)))
    posts = range(len(twin.posts))
    random_numbers = draws.generator(twin.draws.seed, "workers at the start").random((len(posts), 3)).tolist()
    vacant = sorted(posts, key=lambda post: random_numbers[post][0])[
        : round(workforce.vacancy_start * len(posts))
    ]
    for post in posts:
        if post in vacant:
            wait = twin.draws.uniform("first vacancy", key(post, 0)) * workforce.refill_weeks
            twin.refill_week[post] = math.ceil(wait)
        else:
            hire(twin, post, -_tenure_weeks(twin, random_numbers[post][1]), random_numbers[post][2])


def hire(twin: "TextbookTwin", post: int, week: int, random_number: float) -> None:
    """Fill a post; some social workers are newly qualified, others have experience."""
    workforce = twin.settings.workforce
    above = max(random_number - workforce.newly_qualified_share, 0) / max(
        1 - workforce.newly_qualified_share, 1e-9
    )
    prior = round(-workforce.prior_experience_weeks * math.log1p(-above))
    twin.workers.append(SocialWorker(twin, post, twin.posts[post], week, prior))


def _tenure_weeks(twin: "TextbookTwin", random_number: float) -> int:
    """Weeks in post at the start, if exit rates have always been the same."""
    exits = twin.settings.workforce.exit_per_year
    if exits == 0:
        return round(LONGEST_TENURE_WEEKS * random_number)
    return round(min(-math.log1p(-random_number) * WEEKS_PER_YEAR / exits, LONGEST_TENURE_WEEKS))
