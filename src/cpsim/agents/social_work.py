"""Social work teams of a local authority, and their social workers.

In the examples, `model` is a `ChildProtectionModel` of one authority, at the start of its history.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

import mesa

from cpsim.agents.columns import AgentColumn
from cpsim.agents.dials import dial_column
from cpsim.agents.organisation import Trait
from cpsim.agents.table_agent import TableAgent

__all__ = ["SocialWorkTeam", "SocialWorker", "TeamRole"]


class TeamRole(IntEnum):
    """The role of a team, with its number in the table of teams.

    >>> [role.name for role in TeamRole]
    ['FRONT_DOOR', 'ASSESSMENT', 'LONG_TERM']
    >>> (model.tables["teams"]["role"] == TeamRole.FRONT_DOOR).sum().item()
    1
    """

    FRONT_DOOR = 0
    ASSESSMENT = 1
    LONG_TERM = 2


class SocialWorkTeam(TableAgent):
    """A social work team of a local authority's children's services.

    The front door receives contacts and has no posts of its own; the assessment teams staff it in turn. Assessment
    teams carry out initial and core assessments and section 47 enquiries. Long-term teams hold the cases of children
    in need, on plans and in care.

    Args:
        model: the Mesa model; it must have `tables`.
        row: row in the table of teams.
        name: name, such as "front-door-001".

    >>> team = model.agents_by_type[SocialWorkTeam][0]
    >>> team.name, team.role
    ('front-door-001', <TeamRole.FRONT_DOOR: 0>)
    """

    instead = "set its capacity_factor to 0"

    role_code = AgentColumn[int](
        "teams", "role", doc="Role of the team, as a number of `TeamRole`", unit="index", settable=False
    )
    authority = AgentColumn[int]("teams", "authority", doc="Local authority", unit="index", settable=False)
    area = AgentColumn[int](
        "teams", "area", doc="Neighbourhood it serves; -1 = the whole authority", unit="index", settable=False
    )
    screening_threshold_shift = dial_column("teams.screening_threshold_shift")
    records_shown = dial_column("teams.records_shown")
    accuracy = dial_column("teams.accuracy")
    capacity_factor = dial_column("teams.capacity_factor")
    paid_factor = dial_column("teams.paid_factor")
    exit_factor = dial_column("teams.exit_factor")
    contact_load = dial_column("teams.contact_load")
    workload_factor = dial_column("teams.workload_factor")
    hours_available = AgentColumn[float](
        "teams", "hours_available", doc="Casework hours this week", unit="hours_per_week", settable=False
    )
    hours_paid = AgentColumn[float](
        "teams", "hours_paid", doc="Hours that are paid for this week", unit="hours_per_week", settable=False
    )
    hours_demanded = AgentColumn[float](
        "teams",
        "hours_demanded",
        doc="Hours needed for this week's work",
        unit="hours_per_week",
        settable=False,
    )
    utilisation = AgentColumn[float](
        "teams",
        "utilisation",
        doc="Hours demanded divided by hours available, smoothed over time",
        unit="ratio",
        settable=False,
    )
    delivered_share = AgentColumn[float](
        "teams",
        "delivered_share",
        doc="Share of the planned help that is delivered",
        unit="share",
        settable=False,
    )
    on_time_share = AgentColumn[float](
        "teams",
        "on_time_share",
        doc="Share of roughly its last hundred assessments that were completed within the time limit",
        unit="share",
        settable=False,
    )
    vacancy_share = AgentColumn[float](
        "teams", "vacancy_share", doc="Share of its posts that are vacant", unit="share", settable=False
    )

    def __init__(self, model: mesa.Model, row: int, name: str) -> None:
        self.row = row
        self.name = name
        super().__init__(model)

    def __repr__(self) -> str:
        return f"<SocialWorkTeam {self.name}>"

    @property
    def role(self) -> TeamRole:
        """Role of the team."""
        return TeamRole(self.role_code)


class SocialWorker(TableAgent):
    """A social worker, with a caseload, experience, and a time in post.

    Rows are never reused: a successor in the same post is a new agent, with no ties to partners or families.

    Args:
        model: the Mesa model; it must have `tables`.
        row: row in the table of workers.

    >>> worker = model.agents_by_type[SocialWorker][0]
    >>> worker.experience(week=10) - worker.tenure(week=10) == worker.prior_experience_weeks
    True
    """

    instead = "set its hours_per_week to 0, or raise the exit_factor of its team"

    traits: ClassVar[tuple[Trait, ...]] = (
        Trait(
            "about one in ten leaves in a year: 11% in 2005, 9.6% in 2006",
            "measured",
            "Hansard (Lords), Social workers: children, 2009",
        ),
        Trait(
            "16 cases per social worker who holds cases",
            "measured",
            "Community Care: government reveals average social worker caseload, 2017",
        ),
        Trait(
            "re-referrals rise sharply above ten children in need per social worker",
            "measured",
            "Community Care on Troncoso's study of repeat referrals, 2017",
        ),
        Trait(
            "a career lasts eight years or less",
            "measured",
            "Commons Education Committee, Social work reform, 2016",
        ),
        Trait("half of those hired are newly qualified", "guess", "set here"),
    )

    team = AgentColumn[int](
        "workers", "team", doc="Row of the team in its table", unit="index", settable=False
    )
    post = AgentColumn[int](
        "workers", "post", doc="Post that the social worker fills", unit="index", settable=False
    )
    hired_week = AgentColumn[int](
        "workers",
        "hired_week",
        doc="Week of the run in which hired; negative = before the run",
        unit="weeks",
        settable=False,
    )
    prior_experience_weeks = AgentColumn[int](
        "workers", "prior_experience_weeks", doc="Experience when hired", unit="weeks", low=0
    )
    employed = AgentColumn[bool](
        "workers", "employed", doc="Whether still employed", unit="true_false", settable=False
    )
    left_week = AgentColumn[int](
        "workers",
        "left_week",
        doc="Week of the run in which the social worker left; -1 = still employed",
        unit="weeks",
        settable=False,
    )
    caseload = AgentColumn[float]("workers", "caseload", doc="Cases held", unit="cases", settable=False)
    hours_per_week = AgentColumn[float](
        "workers", "hours_per_week", doc="Hours a week for casework", unit="hours_per_week", low=0, high=100
    )

    def __init__(self, model: mesa.Model, row: int) -> None:
        self.row = row
        super().__init__(model)

    def __repr__(self) -> str:
        return f"<SocialWorker {self.row}>"

    def tenure(self, week: int) -> int:
        """Return the weeks in this post up to a week of the run."""
        return week - self.hired_week

    def experience(self, week: int) -> int:
        """Return the weeks in the profession up to a week of the run."""
        return self.prior_experience_weeks + self.tenure(week)
