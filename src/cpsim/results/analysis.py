"""The result of the analysis of a sweep, for figures and pages.

In the example, `analysis` is what `cpsim.analyse` returned for a sweep of three arms over two settings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from cpsim.scenario.descriptions import SettingDescription

__all__ = ["Analysis"]


@dataclass(frozen=True, eq=False, repr=False)
class Analysis:
    """The questions put to one sweep, and the findings.

    Attributes:
        source: name of the experiment that was analysed.
        outcomes: at most three outcomes that the figures show side by side.
        tables: tables by name: differences, differences_by_point, seeds, effects, interactions, sobol, morris,
            conditions, conditions_way, regret, pareto; only those that the design allows.
        gaps: questions that the design cannot answer and why, one sentence each.
        settings: the varied settings in words, by path.

    >>> analysis.outcomes[0], "differences" in analysis.tables
    ('missed_risk_rate', True)
    >>> table = analysis.tables["differences"].set_index(["outcome", "arm"])
    >>> table.loc[("assessed_neither_per_10k_year", "bound"), "verdict"]
    'higher'
    """

    source: str
    outcomes: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame]
    gaps: tuple[str, ...] = ()
    settings: Mapping[str, SettingDescription] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Analysis of {self.source}: {', '.join(self.tables)}>"
