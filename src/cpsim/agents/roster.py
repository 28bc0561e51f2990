"""The roster: tables of all agents as a scenario describes them, and, on demand, the Mesa agents that view them.

A headless run needs the tables only. `create_agents` is for whoever asks for `model.agents`: a notebook, the
visualiser, a DataCollector.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

import mesa
import numpy as np
from numpy.typing import DTypeLike, NDArray

from cpsim.agents.columns import HasTables, Table
from cpsim.agents.dials import DIALS
from cpsim.agents.kinds import agent_class
from cpsim.agents.local_authority import LocalAuthority
from cpsim.agents.social_work import SocialWorker, SocialWorkTeam, TeamRole
from cpsim.arrays import Floats, Integers, Ints
from cpsim.scenario.authorities import multipliers, shifts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cpsim.scenario.sections import AgencyKind, Authorities, Workforce


def _dials_of(table: str, **others: DTypeLike) -> dict[str, DTypeLike]:
    """The dials of a table as columns, float64 unless said otherwise."""
    return {dial.column: others.get(dial.column, np.float64) for dial in DIALS if dial.table == table}


def _set_to_neutral(table: Table, name: str) -> None:
    for dial in DIALS:
        if dial.table == name and dial.neutral is not None:
            table[dial.column] = dial.neutral


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
    "duty_bound": np.bool_,
    **_dials_of("organisations", absorbed_by=np.int32),
    "noticed": np.int64,
    "recorded": np.int64,
    "consulted": np.int64,
    "shared": np.int64,
}
"""Columns of the table of organisations; row i is site i of the world."""

TEAMS: dict[str, DTypeLike] = {
    "authority": np.int16,
    "role": np.int8,
    "area": np.int16,
    **_dials_of("teams"),
    "hours_available": np.float64,
    "hours_paid": np.float64,
    "hours_demanded": np.float64,
    "utilisation": np.float64,
    "delivered_share": np.float64,
    "on_time_share": np.float64,
    "vacancy_share": np.float64,
}
"""Columns of the table of teams; all front doors first, then all assessment teams, then all long-term teams, each role
authority by authority."""

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
"""Columns of the table of workers: people, so that a row is never reused."""

AUTHORITIES: dict[str, DTypeLike] = {
    "children": np.int32,
    "deprivation": np.float64,
    "resources": np.float64,
    "leadership": np.float64,
    "trust": np.float64,
    "money": np.float64,
    **_dials_of("authorities"),
    "visible_events": np.int64,
    "score": np.float64,
    "grade": np.int8,
    "adult_score": np.float64,
    "adult_grade": np.int8,
}
"""Columns of the table of authorities; last week's serious events to children whom social care knew are visible, and
what inspectors have given last: grades run from 1, the lowest, to 4, and are 0 before anybody came."""

TRAITS = ("resources", "leadership", "trust", "money")
"""What sets authorities apart but not their children, in the order of its random numbers."""

FROM_THE_KIND = ("attention", "recording", "share_threshold", "credibility", "conference_attendance")
"""Columns in which every organisation starts with the value of its kind."""


class Sites(Protocol):
    """The sites of a drawn world, one an organisation."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds of agency."""
        ...

    @property
    def kind(self) -> NDArray[np.int8]:
        """Index into `kinds` of each site: int8[S]."""
        ...

    @property
    def authority(self) -> NDArray[np.int16]:
        """Authority that each site belongs to: int16[S]."""
        ...

    @property
    def area(self) -> NDArray[np.int16]:
        """Area of each site, -1 for one that serves a whole authority or region: int16[S]."""
        ...


class Places(Protocol):
    """The authorities of a drawn world."""

    @property
    def children(self) -> Floats:
        """Children expected to live in each: float64[A]."""
        ...

    @property
    def deprivation(self) -> Floats:
        """Deciles by which each is more deprived than the average: float64[A]."""
        ...


class AgentModel(HasTables, Protocol):
    """What `create_agents` needs of a Mesa model: its tables, and the names of its kinds of agency and authorities."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds of agency, in the order of the column `kind`."""
        ...

    @property
    def authority_names(self) -> tuple[str, ...]:
        """Names of the authorities, by row of their table."""
        ...


def build_organisations(agencies: Mapping[str, AgencyKind], sites: Sites, children: Integers) -> Table:
    """The table of organisations, one row a site.

    Args:
        agencies: the scenario's kinds of agency by name.
        sites: the sites of the world.
        children: children on the list of each site at the start: integers[S].

    Raises:
        KeyError: if the world has a kind that the scenario does not.
        ValueError: if `children` has not one number a site.
    """
    table = Table(ORGANISATIONS, sites.kind.size)
    table["kind"] = sites.kind
    table["authority"] = sites.authority
    table["area"] = sites.area
    table["children"] = children
    for column in FROM_THE_KIND:
        table[column] = np.array([getattr(agencies[kind], column) for kind in sites.kinds])[sites.kind]
    table["workload"] = 1.0
    table["absorbed_by"] = np.arange(sites.kind.size)
    _set_to_neutral(table, "organisations")
    return table


def build_teams(workforce: Workforce, authorities: Table) -> Table:
    """The table of teams: front doors, then assessment teams, then long-term teams, each authority by authority."""
    everywhere = np.arange(len(authorities))
    in_each = {
        TeamRole.FRONT_DOOR: 1,
        TeamRole.ASSESSMENT: workforce.assessment_teams,
        TeamRole.LONG_TERM: workforce.long_term_teams,
    }
    table = Table(TEAMS, len(everywhere) * sum(in_each.values()))
    _set_to_neutral(table, "teams")
    table["role"] = np.repeat(list(in_each), np.array(list(in_each.values())) * len(everywhere)).astype(
        np.int8
    )
    table["authority"] = np.concatenate(
        [np.repeat(everywhere, number) for number in in_each.values()]
    ).astype(np.int16)
    table["area"] = -1
    table["delivered_share"] = table["on_time_share"] = 1.0
    # Levers multiply what an authority has of itself.
    table["accuracy"] = authorities["leadership"][table["authority"]]
    return table


def build_authorities(settings: Authorities, places: Places, z: Floats) -> Table:
    """The table of authorities, one row each.

    Args:
        settings: how far they differ.
        places: the authorities of the world.
        z: standard normal numbers that decide about `TRAITS`: float64[A, 4].
    """
    table = Table(AUTHORITIES, len(z))
    _set_to_neutral(table, "authorities")
    table["children"] = np.round(places.children).astype(np.int32)
    table["deprivation"] = places.deprivation
    for column, trait in zip(z.T, TRAITS, strict=True):
        differences = shifts if trait == "trust" else multipliers
        table[trait] = differences(settings, trait, getattr(settings, f"{trait}_spread"), column)
    for supply in ("supply_in_need", "supply_on_plan"):
        table[supply] = table["money"]
    return table


def posts(workforce: Workforce, teams: Table, authorities: Table) -> Ints:
    """Team of every post, filled or vacant: int64[posts].

    The posts of each role in an authority follow its children (0-17) and its resources, and are spread over its teams
    as evenly as whole posts allow. The front door has none: the assessment teams man it in turn.
    """
    per_10k = {
        TeamRole.ASSESSMENT: workforce.assessment_posts_per_10k,
        TeamRole.LONG_TERM: workforce.long_term_posts_per_10k,
    }
    staffed = (authorities["children"] * authorities["resources"]).tolist()
    spread = []
    for role, rate in per_10k.items():
        for authority, children in enumerate(staffed):
            members = np.flatnonzero((teams["role"] == role) & (teams["authority"] == authority))
            # At least one post: a team of nobody would leave its cases waiting for ever.
            count = max(round(rate * children / 10_000), members.size)
            spread.append(np.sort(np.resize(members, count)))
    return np.concatenate(spread)


def build_workers(workforce: Workforce, team_of_post: Ints, uniforms: Floats) -> Table:
    """The table of workers at the start: one row a filled post.

    The share of vacant posts is the scenario's, to the nearest post. Tenure is that of a workforce which people have
    been leaving at the scenario's rate for ever.

    Args:
        workforce: the scenario's settings.
        team_of_post: team of every post, as `posts` gives it: int64[P].
        uniforms: keyed uniforms that decide about vacancy, tenure and prior experience: float64[P, 3], in [0, 1).

    Raises:
        ValueError: if `uniforms` has another shape.
    """
    if uniforms.shape != (team_of_post.size, 3):
        raise ValueError(f"uniforms must have shape {(team_of_post.size, 3)}, not {uniforms.shape}")
    vacant = round(workforce.vacancy_start * team_of_post.size)
    filled = np.sort(np.argsort(uniforms[:, 0], kind="stable")[vacant:])
    table = Table(WORKERS, filled.size)
    table["team"] = team_of_post[filled]
    table["post"] = filled
    table["hired_week"] = -_tenure(uniforms[filled, 1], workforce.exit_per_year)
    table["prior_experience_weeks"] = prior_experience(workforce, uniforms[filled, 2])
    table["employed"] = True
    table["left_week"] = -1
    table["hours_per_week"] = workforce.casework_hours_per_week
    return table


def prior_experience(workforce: Workforce, uniforms: Floats) -> NDArray[np.int32]:
    """Weeks in the profession that people bring when they are hired, by keyed uniforms in [0, 1): int32, same shape."""
    newly_qualified = workforce.newly_qualified_share
    above = np.maximum(uniforms - newly_qualified, 0) / max(1 - newly_qualified, 1e-9)
    return np.round(-workforce.prior_experience_weeks * np.log1p(-above)).astype(np.int32)


def _tenure(uniforms: Floats, exit_per_year: float) -> NDArray[np.int32]:
    """Weeks in post at the start; at most 40 years, which also serves a workforce that nobody ever leaves."""
    longest = 40 * 52
    if exit_per_year == 0:
        return np.round(longest * uniforms).astype(np.int32)
    weeks = -np.log1p(-uniforms) * 52 / exit_per_year
    return np.round(np.minimum(weeks, longest)).astype(np.int32)


def names(labels: Iterable[str]) -> list[str]:
    """A name for each label, numbered among its equals: gp, school, gp -> gp-001, school-001, gp-002."""
    seen: Counter[str] = Counter()
    result = []
    for label in labels:
        seen[label] += 1
        result.append(f"{label}-{seen[label]:03d}")
    return result


def organisation_names(organisations: Table, kinds: tuple[str, ...]) -> list[str]:
    """Names of the organisations, by row: "school-012"."""
    return names(kinds[kind] for kind in organisations["kind"])


def team_names(teams: Table) -> list[str]:
    """Names of the teams, by row: "front-door-001", "assessment-002"."""
    return names(TeamRole(int(role)).name.lower().replace("_", "-") for role in teams["role"])


def create_agents(model: AgentModel) -> None:
    """Create the Mesa agents of a model as views of its tables, by row.

    Organisations come first, then authorities, teams and workers.

    Call it once, when somebody first asks for the agents.
    """
    assert isinstance(model, mesa.Model)
    organisations, teams = model.tables["organisations"], model.tables["teams"]
    labels = [model.kinds[kind] for kind in organisations["kind"]]
    for row, (name, kind) in enumerate(zip(names(labels), labels, strict=True)):
        agent_class(kind)(model, row, name, kind)
    for row, name in enumerate(model.authority_names):
        LocalAuthority(model, row, name)
    for row, name in enumerate(team_names(teams)):
        SocialWorkTeam(model, row, name)
    sync_workers(model)


def sync_workers(model: AgentModel) -> None:
    """Bring the agents of social workers in step with their table: who left is removed, who came is created.

    Call it after the week's leavers and starters are known, once agents exist.
    """
    assert isinstance(model, mesa.Model)
    employed = set(np.flatnonzero(model.tables["workers"]["employed"]).tolist())
    present = {worker.row: worker for worker in model.agents_by_type.get(SocialWorker, ())}
    for row in sorted(present.keys() - employed):
        present[row].remove()
    for row in sorted(employed - present.keys()):
        SocialWorker(model, row)


def release(model: mesa.Model) -> None:
    """Let go of a finished model's memory.

    Before version 3.4.2 Mesa counts the agents of every model in a dictionary that outlives it, so that a process would
    keep all models it has ever run.
    """
    counters = getattr(mesa.Agent, "_ids", None)
    if counters is not None:
        counters.pop(model, None)
    # Mesa keeps two bound methods on the model itself, a circle that only the garbage collector would find, and it
    # seldom looks, since a run makes few Python objects. Without them the model is gone when nobody holds it.
    for bound in ("step", "_user_step"):
        vars(model).pop(bound, None)
