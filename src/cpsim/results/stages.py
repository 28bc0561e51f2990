"""In whose hands the causes of misses lie: four stretches of the way from a sign to protection."""

from dataclasses import dataclass

from cpsim.results import colours


@dataclass(frozen=True)
class Stage:
    """Causes that lie in the same hands: what the stretch is called, its colour, and its codes of the ledger."""

    name: str
    colour: str
    causes: tuple[str, ...]


STAGES = (
    Stage("Before anybody tells", colours.ORANGE, ("C0", "C1", "C2")),
    Stage("Between agencies", colours.VERMILION, ("C3", "C4")),
    Stage("When social care decides", colours.PURPLE, ("C5", "C6", "C7")),
    Stage("Under protection", colours.BLUE, ("C8", "C9")),
)
"""In the order in which a concern travels; together they hold every cause once."""
