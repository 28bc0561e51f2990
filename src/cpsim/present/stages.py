"""Stages of loss: where chains of concern stop, grouped into four steps on the way from a sign to protection."""

from dataclasses import dataclass

from cpsim.present import colours


@dataclass(frozen=True)
class LossStage:
    """A stage of loss: its name, its colour in figures, and the codes of the stops that belong to it."""

    name: str
    colour: str
    stops: tuple[str, ...]


STAGES = (
    LossStage("Recognising harm", colours.ORANGE, ("C0", "C1", "C2")),
    LossStage("Between agencies", colours.VERMILION, ("C3", "C4")),
    LossStage("Decisions by social care", colours.PURPLE, ("C5", "C6", "C7")),
    LossStage("Protection", colours.BLUE, ("C8", "C9")),
)
"""The stages in the order in which a concern travels; every stop is in exactly one."""
