"""The base class of all organisations that meet children.

In the example, `model` is a `ChildProtectionModel` with one organisation of each kind, at the start of its history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import mesa

from cpsim.agents.columns import AgentColumn
from cpsim.agents.dials import dial_column
from cpsim.agents.table_agent import TableAgent

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


class Organisation(TableAgent):
    """An organisation that meets children, such as a school, a GP practice, a trust or a police unit.

    It is a view of one row of `model.tables["organisations"]`. The engine uses a value that is set here from the same
    week on, for this organisation only. It cannot be removed.

    Args:
        model: the Mesa model; it must have `tables`.
        row: row in the table of organisations.
        name: name, such as "school-012".
        kind: kind of agency, such as "school".

    Its columns are attributes. One that the model computes cannot be set:

    >>> organisations = model.agents.select(agent_type=Organisation)
    >>> [organisation.name for organisation in organisations][:2]
    ['school-001', 'gp-001']
    >>> organisations[0].share_threshold += 0.5
    >>> organisations[0].children = 10
    Traceback (most recent call last):
    ...
    AttributeError: children of School is computed by the model and cannot be set
    """

    traits: ClassVar[tuple[Trait, ...]] = ()
    instead = "set its attention to 0, or merge organisations with the lever boundaries"

    kind_code = AgentColumn[int](
        "organisations",
        "kind",
        doc="Kind of agency, as an index into `model.kinds`",
        unit="index",
        settable=False,
    )
    authority = AgentColumn[int](
        "organisations", "authority", doc="Local authority it belongs to", unit="index", settable=False
    )
    area = AgentColumn[int](
        "organisations",
        "area",
        doc="Neighbourhood; -1 = the whole authority",
        unit="index",
        settable=False,
    )
    children = AgentColumn[int](
        "organisations", "children", doc="Children on its list", unit="children", settable=False
    )
    attention = AgentColumn[float](
        "organisations",
        "attention",
        doc="Probability that a noticeable sign is noticed",
        unit="share",
        low=0,
        high=1,
    )
    recording = AgentColumn[float](
        "organisations",
        "recording",
        doc="Probability that a noticed concern is recorded",
        unit="probability",
        low=0,
        high=1,
    )
    share_threshold = AgentColumn[float](
        "organisations",
        "share_threshold",
        doc="Evidence at which a practitioner here contacts children's social care half the time",
        unit="log_odds",
    )
    credibility = AgentColumn[float](
        "organisations",
        "credibility",
        doc="Weight that the front door adds to this organisation's messages",
        unit="log_odds",
    )
    conference_attendance = AgentColumn[float](
        "organisations",
        "conference_attendance",
        doc="Probability of attending a child protection conference",
        unit="probability",
        low=0,
        high=1,
    )
    workload = AgentColumn[float](
        "organisations",
        "workload",
        doc="Work relative to capacity; above 1 there is less time to share information",
        unit="ratio",
        low=0,
    )
    share_threshold_shift = dial_column("organisations.share_threshold_shift")
    group_threshold_shift = dial_column("organisations.group_threshold_shift")
    attention_factor = dial_column("organisations.attention_factor")
    group_exposure = dial_column("organisations.group_exposure")
    recording_factor = dial_column("organisations.recording_factor")
    attendance_factor = dial_column("organisations.attendance_factor")
    lookup = dial_column("organisations.lookup")
    lookup_reach = dial_column("organisations.lookup_reach")
    false_match = dial_column("organisations.false_match")
    wrong_authority = dial_column("organisations.wrong_authority")
    absorbed_by = dial_column("organisations.absorbed_by")
    file_lost = dial_column("organisations.file_lost")
    duty_bound = AgentColumn[bool](
        "organisations", "duty_bound", doc="Whether the duty to co-operate binds it", unit="true_false"
    )
    noticed = AgentColumn[int](
        "organisations", "noticed", doc="Signs noticed since the start", unit="signs", settable=False
    )
    recorded = AgentColumn[int](
        "organisations",
        "recorded",
        doc="Concerns recorded since the start",
        unit="concerns",
        settable=False,
    )
    consulted = AgentColumn[int](
        "organisations",
        "consulted",
        doc="Partners consulted since the start",
        unit="consultations",
        settable=False,
    )
    shared = AgentColumn[int](
        "organisations",
        "shared",
        doc="Messages sent to children's social care since the start",
        unit="messages",
        settable=False,
    )

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
