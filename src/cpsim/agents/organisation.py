"""The base class of all organisations that meet children.

In the example, `model` is a `ChildProtectionModel` with one organisation of each kind, at the start of its history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import mesa

from cpsim.agents.table_agent import TableAgent
from cpsim.agents.tables import OrganisationColumns

__all__ = ["Organisation", "OtherAgency", "Trait"]


@dataclass(frozen=True)
class Trait:
    """A characteristic of a kind of agency, with its source.

    Attributes:
        description: the characteristic, in one sentence.
        tag: "measured", "derived" or "guess".
        source: title and year of the source; for a guess, where it is set or calibrated.

    >>> from cpsim.agents.school import School
    >>> [trait.description for trait in School.traits if trait.tag == "derived"]
    ['closed to children in 13 weeks of the year']
    """

    description: str
    tag: Literal["measured", "derived", "guess"]
    source: str


class Organisation(OrganisationColumns, TableAgent):
    """An organisation that meets children, such as a school, a GP practice, a trust or a police unit.

    It is a view of one row of `model.tables["organisations"]`. The engine uses a value that is set here from the same
    week on, for this organisation only. It cannot be removed.

    Args:
        model: the Mesa model; it must have `tables`.
        row: row in the table of organisations.
        name: name, such as "school-012".
        kind: kind of agency, such as "school".

    Its columns are attributes. One that the model computes cannot be set:

    >>> school, practice, *_ = model.agents.select(agent_type=Organisation)
    >>> school.name, practice.name
    ('school-001', 'gp-001')
    >>> school.share_threshold += 0.5
    >>> school.children = 10
    Traceback (most recent call last):
    ...
    AttributeError: children of School is computed by the model and cannot be set
    """

    traits: ClassVar[tuple[Trait, ...]] = ()
    instead = "set its attention to 0, or merge organisations with the lever boundaries"

    def __init__(self, model: mesa.Model, row: int, name: str, kind: str) -> None:
        # Mesa registers the agent in its constructor, so all attributes must be set before that.
        self.row = row
        self.name = name
        self.kind = kind
        super().__init__(model)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class OtherAgency(Organisation):
    """A kind of agency that a scenario adds by name, such as youth justice or Connexions.

    It has no traits: the scenario defines everything about it.

    >>> from cpsim import ChildProtectionModel
    >>> connexions = {"sites_per_10k_children": 1.0}
    >>> model = ChildProtectionModel("small", **{"population.children": 500, "agencies.connexions": connexions})
    >>> [agency.name for agency in model.agents_by_type[OtherAgency]]
    ['connexions-001']
    """
