"""The tables of all agents, built from a scenario."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from cpsim.agents.columns import AgentTable
from cpsim.agents.dials import DIALS, PolicyVariable
from cpsim.agents.signals import SIGNALS
from cpsim.agents.tables import TeamRole
from cpsim.arrays import Floats, Integers, Ints
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.scenario.places import Posts, count_posts, count_teams
from cpsim.scenario.sections import DutySettings
from cpsim.scenario.traits import trait_multipliers, trait_shifts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cpsim.scenario.sections import AgencyKindSettings, AuthoritySettings, WorkforceSettings


_POLICY_VARIABLES: tuple[PolicyVariable, ...] = (*DIALS, *SIGNALS)


def _policy_columns(table: str, **others: DTypeLike) -> dict[str, DTypeLike]:
    """Return the columns of a table's dials and signals, float64 unless `others` gives another dtype."""
    return {
        value.column: others.get(value.column, np.float64)
        for value in _POLICY_VARIABLES
        if value.table == table
    }


def _set_to_neutral(table: AgentTable, name: str) -> None:
    """Set all dials and signals of the table called `name` to their neutral values."""
    for value in _POLICY_VARIABLES:
        if value.table == name and value.neutral is not None:
            table[value.column] = value.neutral


ORGANISATIONS: dict[str, DTypeLike] = {
    "kind": np.int8,
    "authority": np.int16,
    "area": np.int16,
    "children": np.int32,
    "attention": np.float64,
    "recording": np.float64,
    "share_threshold": np.float64,
    "credibility": np.float64,
    "conference_attendance": np.float64,
    "workload": np.float64,
    **_policy_columns("organisations", absorbed_by=np.int32, duty_bound=np.bool_),
    "noticed": np.int64,
    "recorded": np.int64,
    "consulted": np.int64,
    "shared": np.int64,
}
"""Columns of the table of organisations; row i is organisation i of the world."""

TEAMS: dict[str, DTypeLike] = {
    "authority": np.int16,
    "role": np.int8,
    "area": np.int16,
    **_policy_columns("teams"),
    "post_hours": np.float64,
    "hours_available": np.float64,
    "hours_paid": np.float64,
    "hours_demanded": np.float64,
    "utilisation": np.float64,
    "delivered_share": np.float64,
    "on_time_share": np.float64,
    "vacancy_share": np.float64,
}
"""Columns of the table of teams: front doors, then assessment teams, then long-term teams, each by authority."""

WORKERS: dict[str, DTypeLike] = {
    "team": np.int64,
    "post": np.int64,
    "hired_week": np.int32,
    "prior_experience_weeks": np.int32,
    "employed": np.bool_,
    "left_week": np.int32,
    "caseload": np.float64,
    "hours_per_week": np.float64,
}
"""Columns of the table of social workers; a row is one person and is never reused."""

AUTHORITIES: dict[str, DTypeLike] = {
    "children": np.int32,
    "deprivation": np.float64,
    "resources": np.float64,
    "leadership": np.float64,
    "trust": np.float64,
    "money": np.float64,
    **_policy_columns("authorities"),
    "visible_events": np.int64,
    "score": np.float64,
    "grade": np.int8,
    "adult_score": np.float64,
    "adult_grade": np.int8,
}
"""Columns of the table of authorities. `visible_events` counts last week's serious events to children known to social
care; grades are those of the last inspection, from 1 (lowest) to 4, and 0 before the first inspection."""

AUTHORITY_TRAITS = ("resources", "leadership", "trust", "money")
"""Traits of an authority that affect its services but not its children, in the order of their random numbers."""

KIND_COLUMNS = ("attention", "recording", "share_threshold", "credibility", "conference_attendance")
"""Columns in which every organisation starts with the value of its kind of agency."""


class OrganisationSites(Protocol):
    """The organisations of a drawn world; S organisations."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds of agency."""
        ...

    @property
    def kind(self) -> NDArray[np.int8]:
        """Index into `kinds` of each organisation: int8[S]."""
        ...

    @property
    def authority(self) -> NDArray[np.int16]:
        """Authority that each organisation belongs to: int16[S]."""
        ...

    @property
    def area(self) -> NDArray[np.int16]:
        """Neighbourhood of each organisation, -1 if it serves a whole authority or region: int16[S]."""
        ...


class AuthorityProfiles(Protocol):
    """The authorities of a drawn world; A authorities."""

    @property
    def children(self) -> Floats:
        """Expected number of children living in each authority: float64[A]."""
        ...

    @property
    def deprivation(self) -> Floats:
        """Deciles by which each authority is more deprived than the average: float64[A]."""
        ...


_NO_DUTY = DutySettings(bound=False)
"""The duty to co-operate of a kind of agency for which the scenario gives none."""


def build_organisations(
    agencies: Mapping[str, AgencyKindSettings],
    duties: Mapping[str, DutySettings],
    sites: OrganisationSites,
    children: Integers,
) -> AgentTable:
    """Return the table of organisations, one row per organisation of the world.

    Args:
        agencies: the scenario's kinds of agency by name.
        duties: the scenario's duties to co-operate by kind of agency; a kind that is left out is not bound.
        sites: the organisations of the world.
        children: number of children that each organisation serves at the start: integers[S].

    Raises:
        KeyError: the world has a kind of agency that the scenario does not have.
        ValueError: the length of `children` is not the number of organisations.
    """
    table = AgentTable(ORGANISATIONS, sites.kind.size)
    table["kind"] = sites.kind
    table["authority"] = sites.authority
    table["area"] = sites.area
    table["children"] = children
    for column in KIND_COLUMNS:
        table[column] = np.array([getattr(agencies[kind], column) for kind in sites.kinds])[sites.kind]
    for part in ("bound", "awareness", "sanction"):
        given = [getattr(duties.get(kind, _NO_DUTY), part) for kind in sites.kinds]
        table[f"duty_{part}"] = np.array(given)[sites.kind]
    table["workload"] = 1.0
    table["absorbed_by"] = np.arange(sites.kind.size)
    _set_to_neutral(table, "organisations")
    return table


def build_teams(workforce: WorkforceSettings, authorities: AgentTable, children: int) -> AgentTable:
    """Return the table of teams: front doors, assessment teams, long-term teams, each authority by authority.

    Args:
        workforce: settings of the scenario.
        authorities: the table of authorities.
        children: mean number of children in the authorities of the scenario.
    """
    everywhere = np.arange(len(authorities))
    numbers = count_teams(workforce, children)
    in_each = {
        TeamRole.FRONT_DOOR: 1,
        TeamRole.ASSESSMENT: numbers.assessment,
        TeamRole.LONG_TERM: numbers.long_term,
    }
    table = AgentTable(TEAMS, len(everywhere) * sum(in_each.values()))
    _set_to_neutral(table, "teams")
    table["role"] = np.repeat(list(in_each), np.array(list(in_each.values())) * len(everywhere)).astype(
        np.int8
    )
    table["authority"] = np.concatenate(
        [np.repeat(everywhere, number) for number in in_each.values()]
    ).astype(np.int16)
    table["area"] = -1
    table["delivered_share"] = table["on_time_share"] = 1.0
    # Levers multiply the value that an authority has by itself.
    table["accuracy"] = authorities["leadership"][table["authority"]]
    for members, posts in _staff_teams(workforce, table, authorities):
        table["post_hours"][members] = workforce.casework_hours_per_week * posts.full_time_share
    return table


def _staff_teams(
    workforce: WorkforceSettings, teams: AgentTable, authorities: AgentTable
) -> Iterator[tuple[Ints, Posts]]:
    """Yield the teams of each role in each authority, with their posts."""
    per_10k = {
        TeamRole.ASSESSMENT: workforce.assessment_posts_per_10k,
        TeamRole.LONG_TERM: workforce.long_term_posts_per_10k,
    }
    staffed = (authorities["children"] * authorities["resources"]).tolist()
    for role, rate in per_10k.items():
        for authority, children in enumerate(staffed):
            members = np.flatnonzero((teams["role"] == role) & (teams["authority"] == authority))
            yield members, count_posts(rate, children, members.size)


def build_authorities(settings: AuthoritySettings, profiles: AuthorityProfiles, z: Floats) -> AgentTable:
    """Return the table of authorities, one row per authority.

    Args:
        settings: settings that say how much the authorities differ.
        profiles: the authorities of the world.
        z: standard normal numbers, one for each of `AUTHORITY_TRAITS`: float64[A, 4].
    """
    table = AgentTable(AUTHORITIES, len(z))
    _set_to_neutral(table, "authorities")
    table["children"] = np.round(profiles.children).astype(np.int32)
    table["deprivation"] = profiles.deprivation
    for column, trait in zip(z.T, AUTHORITY_TRAITS, strict=True):
        differences = trait_shifts if trait == "trust" else trait_multipliers
        table[trait] = differences(settings, trait, getattr(settings, f"{trait}_spread"), column)
    for supply in ("supply_in_need", "supply_on_plan"):
        table[supply] = table["money"]
    return table


def list_posts(workforce: WorkforceSettings, teams: AgentTable, authorities: AgentTable) -> Ints:
    """List all posts, filled or vacant, by the row of their team: int64[posts].

    The hours of all posts of a role in an authority are proportional to its children (0-17) and to its resources. The
    posts are distributed over the teams as evenly as whole posts allow. The front door has no posts: the assessment
    teams staff it in turn.
    """
    return np.concatenate(
        [
            np.sort(np.resize(members, posts.number))
            for members, posts in _staff_teams(workforce, teams, authorities)
        ]
    )


def build_workers(
    workforce: WorkforceSettings, teams: AgentTable, team_of_post: Ints, uniforms: Floats
) -> AgentTable:
    """Return the table of social workers at the start, one row per filled post.

    The share of vacant posts is the scenario's, rounded to whole posts. The distribution of tenure is the stationary
    one under the scenario's rate of leaving.

    Args:
        workforce: settings of the scenario.
        teams: the table of teams.
        team_of_post: team of every post, as returned by `list_posts`: int64[P].
        uniforms: uniform numbers that decide about vacancy, tenure and prior experience: float64[P, 3], in [0, 1).

    Raises:
        ValueError: `uniforms` does not have the shape (P, 3).
    """
    if uniforms.shape != (team_of_post.size, 3):
        raise ValueError(f"uniforms must have shape {(team_of_post.size, 3)}, not {uniforms.shape}")
    vacant = round(workforce.vacancy_start * team_of_post.size)
    filled = np.sort(np.argsort(uniforms[:, 0], kind="stable")[vacant:])
    table = AgentTable(WORKERS, filled.size)
    table["team"] = team_of_post[filled]
    table["post"] = filled
    table["hired_week"] = -_tenure(uniforms[filled, 1], workforce.exit_per_year)
    table["prior_experience_weeks"] = prior_experience(workforce, uniforms[filled, 2])
    table["employed"] = True
    table["left_week"] = -1
    table["hours_per_week"] = teams["post_hours"][table["team"]]
    return table


def prior_experience(workforce: WorkforceSettings, uniforms: Floats) -> NDArray[np.int32]:
    """Return weeks in the profession before hiring, from uniform numbers in [0, 1): int32, same shape as `uniforms`.

    A share of those hired is newly qualified; the others have exponentially distributed experience.
    """
    newly_qualified = workforce.newly_qualified_share
    above = np.maximum(uniforms - newly_qualified, 0) / max(1 - newly_qualified, 1e-9)
    return np.round(-workforce.prior_experience_weeks * np.log1p(-above)).astype(np.int32)


def _tenure(uniforms: Floats, exit_per_year: float) -> NDArray[np.int32]:
    """Return weeks in post at the start, at most 40 years; uniform over these years if no one ever leaves."""
    longest = 40 * WEEKS_PER_YEAR
    if exit_per_year == 0:
        return np.round(longest * uniforms).astype(np.int32)
    with np.errstate(over="ignore"):  # a tiny exit rate gives infinity, which is cut to the longest tenure
        weeks = -np.log1p(-uniforms) * WEEKS_PER_YEAR / exit_per_year
    return np.round(np.minimum(weeks, longest)).astype(np.int32)


def number_names(labels: Iterable[str]) -> list[str]:
    """Return a unique name for each label by numbering equal labels.

    >>> number_names(["gp", "school", "gp"])
    ['gp-001', 'school-001', 'gp-002']
    """
    seen: Counter[str] = Counter()
    result = []
    for label in labels:
        seen[label] += 1
        result.append(f"{label}-{seen[label]:03d}")
    return result


def organisation_names(organisations: AgentTable, kinds: tuple[str, ...]) -> list[str]:
    """Return the names of the organisations by row, such as "school-012"."""
    return number_names(kinds[kind] for kind in organisations["kind"])


def team_names(teams: AgentTable) -> list[str]:
    """Return the names of the teams by row, such as "front-door-001" and "assessment-002"."""
    return number_names(TeamRole(int(role)).name.lower().replace("_", "-") for role in teams["role"])
