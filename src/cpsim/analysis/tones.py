"""Whether a difference is better or worse, where nothing else explains it."""

from collections.abc import Hashable, Mapping
from typing import Any, Literal

import pandas as pd

from cpsim.measures.outcomes import OUTCOMES, sign_of_worse
from cpsim.results.verdicts import HIGHER, LOWER

__all__ = ["judge_tone"]

Tone = Literal["better", "worse", "none"]

Row = Mapping[Hashable, Any]


def judge_tone(row: Row, table: pd.DataFrame) -> Tone:
    """Judge whether a difference between arms is better or worse; "none" unless it is shown and unambiguous.

    A better value does not count if an outcome that can explain it is shown to be lower, or was not recorded, such as a
    lower cost if fewer children may have been served.

    Args:
        row: a row of the table of differences.
        table: the whole table.

    >>> cheaper = {"outcome": "cost_gbp_per_child_year", "arm": "cut", "verdict": "lower"}
    >>> judge_tone(cheaper, pd.DataFrame([cheaper]))
    'none'
    """
    outcome = row["outcome"]
    worse = sign_of_worse(outcome)
    if not worse or row["verdict"] not in (HIGHER, LOWER):
        return "none"
    if (row["verdict"] == HIGHER) == (worse > 0):
        return "worse"
    own = table[table["arm"] == row["arm"]].set_index("outcome")["verdict"]
    explained = any(own.get(other, LOWER) == LOWER for other in OUTCOMES[outcome].explained_by)
    return "none" if explained else "better"
