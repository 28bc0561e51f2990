"""The results of spells of harm in a model that is still running, each from the week in which its deadline passes.

The code of the ledger computes them. They are never revised, and when the run is over they equal those of its result.
"""

import numpy as np
import pandas as pd

from cpsim.casework.log import Occurrence, RecentLog
from cpsim.constants import NEVER
from cpsim.measures.deadlines import find_deadline
from cpsim.measures.horizons import result_column
from cpsim.measures.ledger import LOOK_BACK, build_spells_table, select_evaluated_spells
from cpsim.simulation import Simulation

_WHOLE_HISTORY = (
    Occurrence.EFFECTIVE_FROM,
    Occurrence.EFFECTIVE_UNTIL,
    Occurrence.PLAN_STARTED,
    Occurrence.PLAN_ENDED,
    Occurrence.CARE_STARTED,
    Occurrence.CARE_ENDED,
    Occurrence.HARM_ENDED_BY_PROTECTION,
)
"""Kinds of event that the ledger needs from the whole run, because protection in force may have begun long ago."""


class RunningVerdicts:
    """The results so far of the spells of harm in one model, 13 weeks after each spell began.

    Attributes:
        model: the model, which the caller steps.
        table: spells whose deadline has passed, in the order of their deadlines. It has the columns of
            `cpsim.results.TABLES["spells"]` as known at the deadline, `deadline` (week from week 0) and `result`.
            The index is the row of the spell in the run's table of spells, the same under every scenario of a seed.
    """

    def __init__(self, model: Simulation) -> None:
        self.model = model
        self._evaluated = select_evaluated_spells(model.world)
        self.table = self._select_due_since(0)
        self._week = model.week

    def catch_up(self) -> bool:
        """Add the spells whose deadline has passed since the last call; return whether there were any."""
        if self.model.week == self._week:
            return False
        fresh = self._select_due_since(self._week)
        self._week = self.model.week
        if not fresh.empty:
            self.table = fresh if self.table.empty else pd.concat([self.table, fresh])
        return not fresh.empty

    def _select_due_since(self, week: int) -> pd.DataFrame:
        """Return the spells whose deadline is in the weeks from `week` of the run to the last simulated week."""
        model, evaluated, horizon = self.model, self._evaluated, self.model.snapshots.horizon
        recent = RecentLog(model.casework.log, max(week - horizon - LOOK_BACK - 1, 0), _WHOLE_HISTORY)
        deadline = model.world.spells.onset[evaluated] + horizon
        due = (deadline >= week) & (deadline < model.week)
        # A serious event brings the deadline forward. A spell with a later event is built again and left out below.
        due |= np.isin(
            evaluated, model.casework.log.select(Occurrence.SERIOUS_EVENT, week).value.astype(np.int64)
        )
        spells = build_spells_table(
            model.settings, model.world, recent, model.snapshots, evaluated[due]
        ).set_index(np.flatnonzero(due))
        onset, serious = (
            spells[name].to_numpy(np.int64, na_value=NEVER) for name in ("onset", "serious_week")
        )
        spells["deadline"] = find_deadline(onset.astype(np.int64), serious.astype(np.int64), horizon)
        spells["result"] = spells[result_column(horizon)]
        week0 = model.world.warm_up
        passed = spells["deadline"].between(week - week0, model.week - week0, inclusive="left")
        return spells[passed].sort_values("deadline", kind="stable")
