"""Local authorities: what sets one apart from the next."""

from __future__ import annotations

import mesa

from cpsim.agents.columns import Column
from cpsim.agents.dials import dial_column


class LocalAuthority(mesa.Agent):
    """A local authority: a place with children, posts, leadership, and money for services.

    Its social work teams are agents of their own.

    Args:
        model: the Mesa model; it must have `tables`.
        row: its row in the table of authorities.
        name: for example "authority-01".
    """

    children = Column[int](
        "authorities", "children", doc="Children expected to live there", unit="children", settable=False
    )
    deprivation = Column[float](
        "authorities",
        "deprivation",
        doc="How much more deprived than the average it is",
        unit="deciles",
        settable=False,
    )
    resources = Column[float](
        "authorities",
        "resources",
        doc="Posts per child relative to the average",
        unit="multiplier",
        settable=False,
    )
    leadership = Column[float](
        "authorities",
        "leadership",
        doc="How well its teams tell harm from no harm by themselves",
        unit="multiplier",
        settable=False,
    )
    trust = Column[float](
        "authorities",
        "trust",
        doc="Trust at the start beyond the average",
        unit="trust_0_1",
        settable=False,
    )
    money = Column[float](
        "authorities",
        "money",
        doc="Services that it can buy by itself relative to the average",
        unit="multiplier",
        settable=False,
    )
    visible_events = Column[int](
        "authorities",
        "visible_events",
        doc="Last week's serious events to children whom social care knew",
        unit="events",
        settable=False,
    )
    score = Column[float](
        "authorities",
        "score",
        doc="Score of the last inspection of children's services",
        unit="sd",
        settable=False,
    )
    grade = Column[int](
        "authorities",
        "grade",
        doc="Grade from 1, the lowest, to 4; 0 before any",
        unit="grade",
        settable=False,
    )
    adult_score = Column[float](
        "authorities", "adult_score", doc="The same for adult social care", unit="sd", settable=False
    )
    adult_grade = Column[int](
        "authorities", "adult_grade", doc="The same for adult social care", unit="grade", settable=False
    )
    supply_in_need = dial_column("authorities.supply_in_need")
    supply_on_plan = dial_column("authorities.supply_on_plan")

    def __init__(self, model: mesa.Model, row: int, name: str) -> None:
        self.row = row
        self.name = name
        super().__init__(model)

    def __repr__(self) -> str:
        return f"<LocalAuthority {self.name}>"
