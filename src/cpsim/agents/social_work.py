"""Social work teams of a local authority, and their social workers.

In the examples, `model` is a `ChildProtectionModel` of one authority, at the start of its history.
"""

from __future__ import annotations

from typing import ClassVar

import mesa

from cpsim.agents.organisation import Trait
from cpsim.agents.table_agent import TableAgent
from cpsim.agents.tables import TeamColumns, TeamRole, WorkerColumns

__all__ = ["SocialWorkTeam", "SocialWorker"]


class SocialWorkTeam(TeamColumns, TableAgent):
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


class SocialWorker(WorkerColumns, TableAgent):
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
