"""The authorities on their first Monday: the drawn world as objects, who is tied to whom, and who is in post."""

import math
from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from tests.twin.chance import key
from tests.twin.people import (
    Authority,
    ChangeOfAuthority,
    Child,
    File,
    Move,
    Need,
    Organisation,
    Sign,
    SocialWorker,
    Spell,
    Team,
    Tie,
)

from cpsim import draws
from cpsim.world import World

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

CHILDHOOD = 18 * 52
FRONT_DOOR = 1_000_000
LONGEST_TENURE = 40 * 52


def settle(twin: "TextbookTwin", world: World) -> None:
    """Fill the authorities."""
    kinds = list(twin.settings.agencies)
    _found_authorities(twin, world)
    _found_organisations(twin, world, kinds)
    _bring_up_teams(twin)
    _bring_up_children(twin, world, kinds)
    _bring_in_lives(twin, world, kinds)
    _tie(twin)
    _hire_the_first(twin)


def _found_authorities(twin: "TextbookTwin", world: World) -> None:
    """What an authority does not say of itself is drawn, and set off against the average of the others."""
    places, settings = world.authorities, twin.settings.authorities
    lots = draws.dense(twin.chance.seed, "traits of authorities").standard_normal((len(places), 4)).tolist()
    traits: list[dict[str, float]] = [{} for _ in lots]
    for column, trait in enumerate(("resources", "leadership", "trust", "money")):
        drawn: dict[int, float] = {}
        for number, lot in enumerate(lots):
            said = getattr(settings.named[number], trait) if number < len(settings.named) else None
            if said is None:
                value = getattr(settings, f"{trait}_spread") * lot[column]
                drawn[number] = value if trait == "trust" else math.exp(value)
            else:
                traits[number][trait] = said
        for number, value in drawn.items():
            mean = sum(drawn.values()) / len(drawn)
            traits[number][trait] = value - mean if trait == "trust" else value / mean
    twin.authorities = [
        Authority(twin, number, name, of_it)
        for number, (name, of_it) in enumerate(zip(places.names, traits, strict=True))
    ]
    for authority in twin.authorities:
        authority.first_area = int(places.first_area[authority.number])
        authority.areas = int(places.areas[authority.number])
        authority.children = round(float(places.children[authority.number]))
        authority.deprivation = float(places.deprivation[authority.number])


def _found_organisations(twin: "TextbookTwin", world: World, kinds: list[str]) -> None:
    twin.organisations = []
    sites = world.sites
    for number, (kind, area, authority) in enumerate(
        zip(sites.kind.tolist(), sites.area.tolist(), sites.authority.tolist(), strict=True)
    ):
        own = twin.authorities[authority]
        organisation = Organisation(twin, number, kinds[kind], twin.settings.agencies[kinds[kind]], own)
        organisation.serves = [other for other in twin.authorities if sites.serves[number, other.number]]
        organisation.reaches = [own] if area >= 0 else organisation.serves
        twin.organisations.append(organisation)


def _bring_up_teams(twin: "TextbookTwin") -> None:
    workforce = twin.settings.workforce
    for authority in twin.authorities:
        authority.assessment_teams = [Team(twin, authority) for _ in range(workforce.assessment_teams)]
        authority.long_term_teams = [Team(twin, authority) for _ in range(workforce.long_term_teams)]


def settle_child(child: Child, authority: Authority, area: int) -> None:
    """A child belongs to an authority, and to the teams that serve its neighbourhood there."""
    child.authority = authority
    along = area - authority.first_area
    child.assessment_team = authority.assessment_teams[
        along * len(authority.assessment_teams) // authority.areas
    ]
    child.long_term_team = authority.long_term_teams[
        along * len(authority.long_term_teams) // authority.areas
    ]


def _bring_up_children(twin: "TextbookTwin", world: World, kinds: list[str]) -> None:
    children, n = world.children, len(world.children.birth)
    block = twin.settings.assessment.judgement_block_weeks
    phase = draws.dense(twin.chance.seed, "phase of judgement").integers(0, block, n).tolist()
    misreading = draws.dense(twin.chance.seed, "misreading by social care").standard_normal(n).tolist()
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
        child.of_the_smaller_group = bool(children.group[number])
        child.phase = phase[number]
        child.misreading = twin.settings.assessment.child_bias * misreading[number]
        settle_child(child, twin.authorities[authority], area)
        child.files = {
            kind: File(twin.organisations[first[number * len(kinds) + index]])
            for index, kind in enumerate(kinds)
        }
        if -CHILDHOOD < birth <= 0:
            for file in child.files.values():
                file.organisation.on_list += 1
        child.family = families[family]
        child.family.append(child)
        twin.children.append(child)


def _bring_in_lives(twin: "TextbookTwin", world: World, kinds: list[str]) -> None:
    """Spells, needs, signs and moves of every child, as they were drawn."""
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
    for child, start, end, asks in zip(
        needs.child.tolist(), needs.start.tolist(), needs.end.tolist(), needs.asks.tolist(), strict=True
    ):
        twin.children[child].needs.append(Need(start, end, asks))

    signs = world.signs
    week_of = np.repeat(np.arange(world.weeks), np.diff(signs.offsets)).tolist()
    for week, file, strength, gate, marks in zip(
        week_of, signs.file.tolist(), signs.strength.tolist(), signs.gate.tolist(), signs.marks.tolist(), strict=True
    ):  # fmt: skip
        child, kind = divmod(file, len(kinds))
        showing = spells[gate - 1] if 0 < gate <= len(spells) else None
        shadow_of = spells[gate - 1 - len(spells)] if gate > len(spells) else None
        twin.signs[week].append(Sign(twin.children[child], kinds[kind], strength, showing, shadow_of, *marks))
    moves = world.attendance
    for week, file, site, lost in zip(
        moves.week.tolist(), moves.file.tolist(), moves.site.tolist(), moves.left_behind.tolist(), strict=True
    ):
        child, kind = divmod(file, len(kinds))
        twin.moves[week].append(Move(twin.children[child], kinds[kind], twin.organisations[site], lost))
    changes = world.residence
    for week, child, authority, area, lost in zip(
        changes.week.tolist(),
        changes.child.tolist(),
        changes.authority.tolist(),
        changes.area.tolist(),
        changes.left_behind.tolist(),
        strict=True,
    ):
        twin.changes[week].append(
            ChangeOfAuthority(twin.children[child], twin.authorities[authority], area, lost)
        )


def _tie(twin: "TextbookTwin") -> None:
    """Everybody to the front doors of those served, and partners who have most children in common to each other."""
    tied = [organisation for organisation in twin.organisations if organisation.settings.tied]
    for organisation in tied:
        for authority in organisation.serves:
            door = len(twin.organisations) + authority.number
            organisation.to_front_door[authority] = _new_tie(
                twin, organisation.number, door, FRONT_DOOR + authority.number, authority
            )
    for one, other in _partners(twin):
        if one.settings.tied and other.settings.tied:
            one.to_partner[other] = _new_tie(twin, one.number, other.number, other.number, one.authority)
            other.to_partner[one] = _new_tie(twin, other.number, one.number, one.number, other.authority)


def _new_tie(twin: "TextbookTwin", source: int, target: int, target_key: int, authority: Authority) -> Tie:
    """Trust is drawn tie by tie (M8.1)."""
    network = twin.settings.network
    pair = key(source, target_key)
    z = twin.chance.normal("trust at the start", pair)
    trust = network.trust_start + authority.trust + network.trust_spread * z
    tie = Tie(source, target, pair, min(max(trust, 0.0), 1.0))
    twin.ties.append(tie)
    return tie


def _partners(twin: "TextbookTwin") -> list[tuple[Organisation, Organisation]]:
    """The share `lateral_density` of pairs of two kinds in an authority, those with most children in common first."""
    members = Counter(
        (authority, organisation.kind)
        for organisation in twin.organisations
        for authority in organisation.reaches
    )
    shared: Counter[tuple[int, int]] = Counter()
    for child in twin.children:
        if -CHILDHOOD < child.birth <= 0:
            shared.update(combinations([file.organisation.number for file in child.files.values()], 2))
    taken: Counter[tuple[Authority, str, str]] = Counter()
    kept = []
    for (number, other_number), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        one, other = twin.organisations[number], twin.organisations[other_number]
        # A pair belongs to the authority of whichever of the two looks no further.
        place = other.authority if len(one.reaches) > 1 else one.authority
        possible = members[place, one.kind] * members[place, other.kind]
        most = round(twin.settings.network.lateral_density * possible)
        here = place in one.reaches and place in other.reaches
        if here and taken[place, one.kind, other.kind] < most:
            taken[place, one.kind, other.kind] += 1
            kept.append((one, other))
    return kept


def _hire_the_first(twin: "TextbookTwin") -> None:
    """Fill the posts but for the vacancies of the start; who is in post has been there for a while."""
    workforce = twin.settings.workforce
    twin.posts = []
    for role, rate in (
        ("assessment_teams", workforce.assessment_posts_per_10k),
        ("long_term_teams", workforce.long_term_posts_per_10k),
    ):
        for authority in twin.authorities:
            teams = getattr(authority, role)
            count = max(round(rate * (authority.children * authority.resources) / 10_000), len(teams))
            for number, team in enumerate(teams):
                twin.posts += [team] * len(range(number, count, len(teams)))
    posts = range(len(twin.posts))
    lots = draws.dense(twin.chance.seed, "workers at the start").random((len(posts), 3)).tolist()
    vacant = sorted(posts, key=lambda post: lots[post][0])[: round(workforce.vacancy_start * len(posts))]
    for post in posts:
        if post in vacant:
            wait = twin.chance.uniform("first vacancy", key(post, 0)) * workforce.refill_weeks
            twin.filled_from[post] = math.ceil(wait)
        else:
            hire(twin, post, -_tenure(twin, lots[post][1]), lots[post][2])


def hire(twin: "TextbookTwin", post: int, week: int, lot: float) -> None:
    """Somebody new takes a post; some come straight from training, others with experience."""
    workforce = twin.settings.workforce
    above = max(lot - workforce.newly_qualified_share, 0) / max(1 - workforce.newly_qualified_share, 1e-9)
    prior = round(-workforce.prior_experience_weeks * math.log1p(-above))
    twin.workers.append(SocialWorker(twin, post, twin.posts[post], week, prior))


def _tenure(twin: "TextbookTwin", lot: float) -> int:
    """Weeks in post at the start, of people who have been leaving at the same rate for ever."""
    exits = twin.settings.workforce.exit_per_year
    if exits == 0:
        return round(LONGEST_TENURE * lot)
    return round(min(-math.log1p(-lot) * 52 / exits, LONGEST_TENURE))
