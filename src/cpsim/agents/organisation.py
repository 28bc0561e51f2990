"""What every organisation that meets children has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import mesa

from cpsim.agents.columns import Column
from cpsim.agents.dials import dial_column


@dataclass(frozen=True)
class Trait:
    """One thing that sets a profession apart, as a sentence, with where it is known from.

    Attributes:
        says: the trait, in one sentence.
        tag: measured, derived or guess.
        source: title and year of the source; for a guess, where it is set or calibrated.
    """

    says: str
    tag: Literal["measured", "derived", "guess"]
    source: str


class Organisation(mesa.Agent):
    """An organisation that meets children: a school, a practice, a trust, a police unit.

    A view of one row of `model.tables["organisations"]`: whatever is set here, the engine acts on in the same week,
    for this organisation and no other. Removing the agent removes the view, not the organisation.

    Args:
        model: the Mesa model; it must have `tables`.
        row: its row in the table of organisations.
        name: for example "school-012".
        kind: for example "school".
    """

    traits: ClassVar[tuple[Trait, ...]] = ()

    authority = Column[int](
        "organisations", "authority", doc="Local authority it belongs to", unit="index", settable=False
    )
    area = Column[int](
        "organisations",
        "area",
        doc="Area it stands in; -1 = the whole authority",
        unit="index",
        settable=False,
    )
    children = Column[int](
        "organisations", "children", doc="Children on its list", unit="children", settable=False
    )
    attention = Column[float](
        "organisations",
        "attention",
        doc="Share of the signs that could be noticed to which somebody here attends",
        unit="share",
        low=0,
        high=1,
    )
    recording = Column[float](
        "organisations",
        "recording",
        doc="Chance that a noticed concern is written down",
        unit="probability",
        low=0,
        high=1,
    )
    share_threshold = Column[float](
        "organisations",
        "share_threshold",
        doc="Evidence at which a professional here tells social care half the time",
        unit="log_odds",
    )
    credibility = Column[float](
        "organisations",
        "credibility",
        doc="Weight that the front door adds to this sender's word",
        unit="log_odds",
    )
    conference_attendance = Column[float](
        "organisations",
        "conference_attendance",
        doc="Chance that somebody comes to a child protection conference",
        unit="probability",
        low=0,
        high=1,
    )
    workload = Column[float](
        "organisations",
        "workload",
        doc="Work over capacity; above 1 there is less time to tell anybody",
        unit="ratio",
        low=0,
    )
    share_threshold_shift = dial_column("organisations.share_threshold_shift")
    group_threshold_shift = dial_column("organisations.group_threshold_shift")
    attention_factor = dial_column("organisations.attention_factor")
    group_exposure = dial_column("organisations.group_exposure")
    recording_factor = dial_column("organisations.recording_factor")
    credibility_shift = dial_column("organisations.credibility_shift")
    attendance_factor = dial_column("organisations.attendance_factor")
    lookup = dial_column("organisations.lookup")
    lookup_reach = dial_column("organisations.lookup_reach")
    false_match = dial_column("organisations.false_match")
    wrong_authority = dial_column("organisations.wrong_authority")
    absorbed_by = dial_column("organisations.absorbed_by")
    file_lost = dial_column("organisations.file_lost")
    duty_bound = Column[bool](
        "organisations", "duty_bound", doc="Whether the duty to cooperate binds it", unit="true_false"
    )
    noticed = Column[int](
        "organisations", "noticed", doc="Signs noticed since the start", unit="signs", settable=False
    )
    recorded = Column[int](
        "organisations",
        "recorded",
        doc="Concerns written down since the start",
        unit="concerns",
        settable=False,
    )
    consulted = Column[int](
        "organisations",
        "consulted",
        doc="Partners asked since the start",
        unit="consultations",
        settable=False,
    )
    shared = Column[int](
        "organisations",
        "shared",
        doc="Messages sent to social care since the start",
        unit="messages",
        settable=False,
    )

    def __init__(self, model: mesa.Model, row: int, name: str, kind: str) -> None:
        # Mesa registers the agent in its constructor, so what others may look at must be there before.
        self.row = row
        self.name = name
        self.kind = kind
        super().__init__(model)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class OtherAgency(Organisation):
    """A kind of agency that a scenario adds by name, such as youth justice or Connexions.

    It has no trait of its own: everything about it is said in the scenario.
    """
