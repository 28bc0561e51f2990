"""Social work: the teams of a local authority and the people who work in them."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

import mesa

from cpsim.agents.columns import Column
from cpsim.agents.dials import dial_column
from cpsim.agents.organisation import Trait


class TeamRole(IntEnum):
    """What a team does; the value is what the table of teams holds."""

    FRONT_DOOR = 0
    ASSESSMENT = 1
    LONG_TERM = 2


class SocialWorkTeam(mesa.Agent):
    """A team of a local authority's children's services.

    The front door takes contacts and has no posts of its own: the assessment teams man it in turn. Assessment teams do
    initial and core assessments and section 47 enquiries; long-term teams hold plans, services and children in care.

    Args:
        model: the Mesa model; it must have `tables`.
        row: its row in the table of teams.
        name: for example "front-door-001".
    """

    _role = Column[int]("teams", "role", doc="What it does", unit="index", settable=False)
    authority = Column[int]("teams", "authority", doc="Local authority", unit="index", settable=False)
    area = Column[int](
        "teams", "area", doc="Area it serves; -1 = the whole authority", unit="index", settable=False
    )
    screening_threshold_shift = dial_column("teams.screening_threshold_shift")
    records_shown = dial_column("teams.records_shown")
    accuracy = dial_column("teams.accuracy")
    capacity_factor = dial_column("teams.capacity_factor")
    paid_factor = dial_column("teams.paid_factor")
    exit_factor = dial_column("teams.exit_factor")
    contact_load = dial_column("teams.contact_load")
    workload_factor = dial_column("teams.workload_factor")
    hours_available = Column[float](
        "teams", "hours_available", doc="Casework hours this week", unit="hours_per_week", settable=False
    )
    hours_paid = Column[float](
        "teams", "hours_paid", doc="Hours that are paid for this week", unit="hours_per_week", settable=False
    )
    hours_demanded = Column[float](
        "teams",
        "hours_demanded",
        doc="Hours that this week's work would take",
        unit="hours_per_week",
        settable=False,
    )
    utilisation = Column[float](
        "teams",
        "utilisation",
        doc="Hours demanded over hours available, smoothed",
        unit="ratio",
        settable=False,
    )
    delivered_share = Column[float](
        "teams",
        "delivered_share",
        doc="Share of the planned help that is given",
        unit="share",
        settable=False,
    )
    on_time_share = Column[float](
        "teams",
        "on_time_share",
        doc="Share of its last hundred assessments or so that ended within the time limit",
        unit="share",
        settable=False,
    )
    vacancy_share = Column[float](
        "teams", "vacancy_share", doc="Share of its posts that stand empty", unit="share", settable=False
    )

    def __init__(self, model: mesa.Model, row: int, name: str) -> None:
        self.row = row
        self.name = name
        super().__init__(model)

    def __repr__(self) -> str:
        return f"<SocialWorkTeam {self.name}>"

    @property
    def role(self) -> TeamRole:
        """What the team does."""
        return TeamRole(self._role)


class SocialWorker(mesa.Agent):
    """A social worker: a person with cases, some experience, and a date of leaving.

    Rows are never reused: whoever follows into the same post is another agent, who knows none of the partners and
    none of the families.

    Args:
        model: the Mesa model; it must have `tables`.
        row: the row in the table of workers.
    """

    traits: ClassVar[tuple[Trait, ...]] = (
        Trait(
            "about one in ten leaves in a year: 11 % in 2005, 9.6 % in 2006",
            "measured",
            "Hansard (Lords), Social workers: children, 2009",
        ),
        Trait(
            "16 cases per worker who holds cases",
            "measured",
            "Community Care: government reveals average social worker caseload, 2017",
        ),
        Trait(
            "re-referral rises sharply above ten children in need per worker",
            "measured",
            "Community Care on Troncoso's study of repeat referrals, 2017",
        ),
        Trait(
            "a career lasts eight years or less",
            "measured",
            "Commons Education Committee, Social work reform, 2016",
        ),
        Trait("half of those hired come straight from training", "guess", "set here"),
    )

    team = Column[int]("workers", "team", doc="Row of the team", unit="index", settable=False)
    post = Column[int]("workers", "post", doc="Post that the worker fills", unit="index", settable=False)
    hired_week = Column[int](
        "workers",
        "hired_week",
        doc="Engine week of hiring; negative = before the run",
        unit="weeks",
        settable=False,
    )
    prior_experience_weeks = Column[int](
        "workers", "prior_experience_weeks", doc="Experience when hired", unit="weeks", low=0
    )
    employed = Column[bool](
        "workers", "employed", doc="Whether still here", unit="true_false", settable=False
    )
    left_week = Column[int](
        "workers", "left_week", doc="Engine week of leaving; -1 = still here", unit="weeks", settable=False
    )
    caseload = Column[float]("workers", "caseload", doc="Cases held", unit="cases", settable=False)
    hours_per_week = Column[float](
        "workers", "hours_per_week", doc="Hours for casework", unit="hours_per_week", low=0, high=100
    )

    def __init__(self, model: mesa.Model, row: int) -> None:
        self.row = row
        super().__init__(model)

    def __repr__(self) -> str:
        return f"<SocialWorker {self.row}>"

    def tenure(self, week: int) -> int:
        """Weeks in this post by an engine week."""
        return week - self.hired_week

    def experience(self, week: int) -> int:
        """Weeks in the profession by an engine week."""
        return self.prior_experience_weeks + self.tenure(week)
