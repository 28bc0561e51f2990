"""A small authority: two schools, two practices, a trust, a police unit, and a kind that a scenario has added."""

from __future__ import annotations

from dataclasses import dataclass

import mesa
import numpy as np
from numpy.typing import NDArray

from cpsim.agents.columns import Table
from cpsim.agents.roster import (
    TRAITS,
    build_authorities,
    build_organisations,
    build_teams,
    build_workers,
    posts,
)
from cpsim.scenario.sections import AgencyKind, Authorities, Workforce

KINDS = ("school", "gp", "pct", "police", "youth_justice")


@dataclass(frozen=True)
class Sites:
    kinds: tuple[str, ...]
    kind: NDArray[np.int8]
    authority: NDArray[np.int16]
    area: NDArray[np.int16]


@dataclass(frozen=True)
class Places:
    children: NDArray[np.float64]
    deprivation: NDArray[np.float64]


SITES = Sites(
    KINDS,
    np.array([0, 0, 1, 1, 2, 3, 4], np.int8),
    np.zeros(7, np.int16),
    np.array([0, 1, 0, 1, -1, -1, -1], np.int16),
)
AGENCIES = {
    "school": AgencyKind(attention=0.8, recording=0.5),
    "gp": AgencyKind(attention=0.7, recording=0.25),
    "pct": AgencyKind(),
    "police": AgencyKind(attention=0.95, share_threshold=2.0),
    "youth_justice": AgencyKind(),
}


def authorities_of(*children: int) -> Table:
    """Authorities of these sizes that do not differ in anything else."""
    number = len(children)
    places = Places(np.array(children, np.float64), np.zeros(number))
    return build_authorities(Authorities(count=number), places, np.zeros((number, len(TRAITS))))


class SmallAuthority(mesa.Model):
    """A model as small as the agents need."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(rng=seed)
        workforce = Workforce(assessment_teams=2, long_term_teams=2)
        authorities = authorities_of(10_000)
        teams = build_teams(workforce, authorities)
        team_of_post = posts(workforce, teams, authorities)
        uniforms = np.random.default_rng(seed).random((team_of_post.size, 3))
        self.kinds, self.authority_names = KINDS, ("authority-01",)
        self.tables: dict[str, Table] = {
            "organisations": build_organisations(AGENCIES, SITES, np.full(7, 100)),
            "teams": teams,
            "authorities": authorities,
            "workers": build_workers(workforce, team_of_post, uniforms),
        }
