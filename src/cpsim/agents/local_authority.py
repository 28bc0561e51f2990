"""Local authorities and the traits in which they differ.

In the example, `model` is a `ChildProtectionModel` of one authority, at the start of its history.
"""

from __future__ import annotations

import mesa

from cpsim.agents.columns import AgentColumn
from cpsim.agents.dials import dial_column
from cpsim.agents.table_agent import TableAgent

__all__ = ["LocalAuthority"]


class LocalAuthority(TableAgent):
    """A local authority, with its children, posts, leadership, and money for services.

    Its social work teams are agents of their own.

    Args:
        model: the Mesa model; it must have `tables`.
        row: row in the table of authorities.
        name: name, such as "authority-01".

    >>> authority = model.agents_by_type[LocalAuthority][0]
    >>> authority.name, authority.children
    ('authority-01', 500)
    """

    instead = "lower authorities.count in the scenario"

    children = AgentColumn[int](
        "authorities",
        "children",
        doc="Expected number of children living there",
        unit="children",
        settable=False,
    )
    deprivation = AgentColumn[float](
        "authorities",
        "deprivation",
        doc="Deprivation above the average",
        unit="deciles",
        settable=False,
    )
    resources = AgentColumn[float](
        "authorities",
        "resources",
        doc="Posts per child relative to the average",
        unit="multiplier",
        settable=False,
    )
    leadership = AgentColumn[float](
        "authorities",
        "leadership",
        doc="How well its teams distinguish harm from no harm, without levers",
        unit="multiplier",
        settable=False,
    )
    trust = AgentColumn[float](
        "authorities",
        "trust",
        doc="Trust at the start above the average",
        unit="trust_0_1",
        settable=False,
    )
    money = AgentColumn[float](
        "authorities",
        "money",
        doc="Services that it can buy relative to the average, without levers",
        unit="multiplier",
        settable=False,
    )
    visible_events = AgentColumn[int](
        "authorities",
        "visible_events",
        doc="Last week's serious events to children known to social care",
        unit="events",
        settable=False,
    )
    score = AgentColumn[float](
        "authorities",
        "score",
        doc="Score of the last inspection of children's services",
        unit="sd",
        settable=False,
    )
    grade = AgentColumn[int](
        "authorities",
        "grade",
        doc="Grade of the last inspection, 1 (lowest) to 4; 0 before the first inspection",
        unit="grade",
        settable=False,
    )
    adult_score = AgentColumn[float](
        "authorities",
        "adult_score",
        doc="Score of the last inspection of adult social care",
        unit="sd",
        settable=False,
    )
    adult_grade = AgentColumn[int](
        "authorities",
        "adult_grade",
        doc="Grade of adult social care, 1 (lowest) to 4; 0 before the first inspection",
        unit="grade",
        settable=False,
    )
    supply_in_need = dial_column("authorities.supply_in_need")
    supply_on_plan = dial_column("authorities.supply_on_plan")
    pool_overhead = dial_column("authorities.pool_overhead")
    council_pooled = AgentColumn[float](
        "authorities",
        "council_pooled",
        doc="Share of the council's money for joint packages that is in a pooled budget",
        unit="share",
        settable=False,
    )
    health_pooled = AgentColumn[float](
        "authorities",
        "health_pooled",
        doc="Share of the health bodies' money for joint packages that is in a pooled budget",
        unit="share",
        settable=False,
    )

    def __init__(self, model: mesa.Model, row: int, name: str) -> None:
        self.row = row
        self.name = name
        super().__init__(model)

    def __repr__(self) -> str:
        return f"<LocalAuthority {self.name}>"
