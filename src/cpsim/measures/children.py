"""The table of children: who is observed, and for how long, so that rates can be computed for any group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.casework.log import FinishedLog, Occurrence
from cpsim.constants import NEVER
from cpsim.world.calendar import CHILDHOOD

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.world import World


def build_children_table(world: World, events: FinishedLog) -> pd.DataFrame:
    """Build the table of children: one row for each child who is under 18 in an evaluated week, in order of row.

    Args:
        world: the children.
        events: the log of the run.

    Returns:
        Columns as in `cpsim.results.TABLES["children"]`.
    """
    import pandas as pd

    birth = world.children.birth.astype(np.int64)
    week0, end = world.warm_up, world.warm_up + world.evaluated_weeks
    child = np.flatnonzero((birth < end) & (birth + CHILDHOOD > week0))
    referred = events.select(Occurrence.REFERRED)
    first = np.full(len(birth), NEVER)
    first[referred.child[::-1]] = referred.week[::-1]  # in order of week, so the first is written last
    authority, _ = world.residence.find_at(child, np.maximum(birth[child], week0))
    return pd.DataFrame(
        {
            "child": child,
            "family": world.children.family[child].astype(np.int32),
            "authority": authority,
            "decile": world.children.decile[child],
            "group": np.where(world.children.group[child], "smaller", "larger"),
            "birth": birth[child] - week0,
            "first_referral": pd.Series(first[child] - week0, dtype="Int32").mask(first[child] >= NEVER),
        }
    )
