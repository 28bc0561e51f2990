"""The ledger's verdicts on a model that is still running: each spell as soon as its deadline has passed.

They are the ledger's own, by its own code, and are never revised; when the run is over they are those of its result.
"""

import numpy as np
import pandas as pd

from cpsim.casework.log import Occurrence, Recent
from cpsim.constants import NEVER
from cpsim.measures.ledger import LOOK_BACK, PRIMARY, judge, spells_judged
from cpsim.model import ChildProtectionModel

_REMEMBERED = PRIMARY + LOOK_BACK + 1
"""Weeks before a deadline of which the ledger asks what happened: the spell itself, and the look back before it."""
_WHOLE = (Occurrence.EFFECTIVE_FROM, Occurrence.EFFECTIVE_UNTIL)
"""Protection in force may have begun long ago, so of these the ledger needs the whole past."""


class Verdicts:
    """What has become of the harmed children of one model so far, 13 weeks after each spell began.

    Attributes:
        model: the model, which somebody else steps.
        table: spells whose deadline has passed, in the order of their deadlines: the columns of
            `cpsim.results.TABLES["spells"]` as they were known then, and `deadline` (week from week 0); the index is
            the row of the spell in the run's table of spells, so it is the same under every scenario of a seed.
    """

    def __init__(self, model: ChildProtectionModel) -> None:
        self.model = model
        self._judged = spells_judged(model.world)
        self.table = self._passed_since(0)
        self._week = model.week

    def catch_up(self) -> bool:
        """Judge the spells whose deadline has passed since the last time; whether there were any."""
        if self.model.week == self._week:
            return False
        fresh = self._passed_since(self._week)
        self._week = self.model.week
        if not fresh.empty:
            self.table = fresh if self.table.empty else pd.concat([self.table, fresh])
        return not fresh.empty

    def _passed_since(self, week: int) -> pd.DataFrame:
        """The spells whose deadline lies in the weeks of the run from `week` to the last one that was lived."""
        model, judged = self.model, self._judged
        recent = Recent(model.casework.log, max(week - _REMEMBERED, 0), _WHOLE)
        deadline = model.world.spells.onset[judged] + PRIMARY
        due = (deadline >= week) & (deadline < model.week)
        # A serious event brings the deadline forward; if it was late, the spell is judged once more and left out below.
        due |= np.isin(judged, model.casework.log.of(Occurrence.SERIOUS_EVENT, week).value.astype(np.int64))
        spells = judge(model.world, recent, model.snapshots, judged[due]).set_index(np.flatnonzero(due))
        serious = spells["serious_week"].fillna(NEVER).astype(np.int64)
        spells["deadline"] = np.minimum(spells["onset"] + PRIMARY, serious)
        week0 = model.world.warm_up
        passed = spells["deadline"].between(week - week0, model.week - week0, inclusive="left")
        return spells[passed].sort_values("deadline", kind="stable")
