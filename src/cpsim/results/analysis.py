"""What the analysis of a sweep leaves behind for pictures and pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Analysis:
    """What one sweep has been asked, and what was found.

    Attributes:
        source: what was analysed: the name of the experiment.
        outcomes: at most three outcomes that its figures show side by side.
        tables: by name: differences, differences_by_point, seeds, effects, interactions, sobol, morris, conditions,
            conditions_way, regret, pareto; those that the design allows.
        gaps: what could not be asked, and why, a sentence each.
    """

    source: str
    outcomes: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame]
    gaps: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Analysis of {self.source}: {', '.join(self.tables)}>"
