"""A small authority: two schools, two GP practices, a PCT, a police unit, and a kind of agency added by a scenario."""

from __future__ import annotations

from dataclasses import dataclass

import mesa
import numpy as np
from numpy.typing import NDArray

from cpsim.agents.build import (
    AUTHORITY_TRAITS,
    build_authorities,
    build_organisations,
    build_teams,
    build_workers,
    list_posts,
)
from cpsim.agents.columns import AgentTable
from cpsim.constants import AVERAGE_CHILDREN
from cpsim.scenario.sections import AgencyKindSettings, AuthoritySettings, WorkforceSettings

KINDS = ("school", "gp", "pct", "police", "youth_justice")


@dataclass(frozen=True)
class OrganisationSites:
    kinds: tuple[str, ...]
    kind: NDArray[np.int8]
    authority: NDArray[np.int16]
    area: NDArray[np.int16]


@dataclass(frozen=True)
class AuthorityProfiles:
    children: NDArray[np.float64]
    deprivation: NDArray[np.float64]


SITES = OrganisationSites(
    KINDS,
    np.array([0, 0, 1, 1, 2, 3, 4], np.int8),
    np.zeros(7, np.int16),
    np.array([0, 1, 0, 1, -1, -1, -1], np.int16),
)
AGENCIES = {
    "school": AgencyKindSettings(attention=0.8, recording=0.5),
    "gp": AgencyKindSettings(attention=0.7, recording=0.25),
    "pct": AgencyKindSettings(),
    "police": AgencyKindSettings(attention=0.95, share_threshold=2.0),
    "youth_justice": AgencyKindSettings(),
}


def authorities_of(*children: int) -> AgentTable:
    """Return a table of authorities with these numbers of children and no other differences."""
    number = len(children)
    places = AuthorityProfiles(np.array(children, np.float64), np.zeros(number))
    return build_authorities(
        AuthoritySettings(count=number), places, np.zeros((number, len(AUTHORITY_TRAITS)))
    )


class SmallAuthority(mesa.Model):
    """The smallest model that the agents need."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(rng=seed)
        workforce = WorkforceSettings(assessment_teams=2, long_term_teams=2)
        authorities = authorities_of(10_000)
        teams = build_teams(workforce, authorities, AVERAGE_CHILDREN)
        team_of_post = list_posts(workforce, teams, authorities)
        uniforms = np.random.default_rng(seed).random((team_of_post.size, 3))
        self.kinds, self.authority_names = KINDS, ("authority-01",)
        self.tables: dict[str, AgentTable] = {
            "organisations": build_organisations(AGENCIES, {}, SITES, np.full(7, 100)),
            "teams": teams,
            "authorities": authorities,
            "workers": build_workers(workforce, teams, team_of_post, uniforms),
        }
