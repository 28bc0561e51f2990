"""A witness: writes down, week by week, what the files on a few children hold and why each decision fell as it did.

It stands beside the plan as steps of its own, reads, and changes nothing: a run with a witness is the same run to the
last bit. What everybody may know later is in the log; a witness adds what is gone by next week: the signs that were in
sight of somebody who did not notice them, evidence and thresholds on every file, and the minutes of each judgement.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Floats, Ints
from cpsim.measures.ledger import Pieces, pieces_of
from cpsim.model import ChildProtectionModel, Step


class Sighting(NamedTuple):
    """A sign that was in sight of an organisation, which did not notice it: week, child, site, log-odds."""

    week: int
    child: int
    site: int
    evidence: float


class Minute(NamedTuple):
    """One judgement about one child; see `cpsim.casework.log.Judgement`."""

    week: int
    what: str
    child: int
    site: int
    evidence: float
    judged: float
    threshold: float


class Week(NamedTuple):
    """How a week ended for the children watched, in their order; K kinds of agency.

    Attributes:
        week: week of the run.
        pieces: what lies on the agencies' files, shapes (n, K) and (n,).
        status: `cpsim.casework.state.Status` with social care, shape (n,).
        belief: evidence on social care's own file, log-odds, shape (n,).
        door_threshold: at which their front door accepts a referral, log-odds, shape (n,).
        authority: in which they live, shape (n,).
    """

    week: int
    pieces: Pieces
    status: NDArray[np.int8]
    belief: Floats
    door_threshold: Floats
    authority: Ints


class Witness:
    """Watches a few children of a model from its present week on.

    Args:
        model: it gets further steps in its plan; a fork of it takes a copy of the witness along.
        children: rows of the children to watch.

    Attributes:
        model: the model.
        children: whom it watches, int64, shape (n,).
        passed_by: signs in sight that nobody noticed.
        minutes: judgements about these children.
        weeks: how each week ended.
    """

    def __init__(self, model: ChildProtectionModel, *children: int) -> None:
        self.model = model
        self.children = np.array(children, np.int64)
        self.passed_by: list[Sighting] = []
        self.minutes: list[Minute] = []
        self.weeks: list[Week] = []
        self._signs = self._in_reach()
        names = [step.name for step in model.plan]
        model.plan.insert(
            names.index("ledger") + 1, Step("witness of the week", "files and judgements", self._close)
        )
        model.plan.insert(
            names.index("noticing") + 1, Step("witness of signs", "what nobody noticed", self._look)
        )

    def _in_reach(self) -> Ints:
        """Rows of the signs about these children that somebody could notice, in order of week, shape (s,)."""
        file, kinds = self.model.casework.sightings.file, self.model.casework.kinds
        about = [
            np.flatnonzero((file >= child * kinds) & (file < (child + 1) * kinds)) for child in self.children
        ]
        rows: Ints = np.sort(np.concatenate(about))
        return rows

    def _look(self, model: ChildProtectionModel) -> None:
        """Signs of this week that occur, in sight of an organisation that has not noticed them."""
        state, sightings = model.casework, model.casework.sightings
        first, end = np.searchsorted(self._signs, sightings.offsets[model.week : model.week + 2])
        rows = self._signs[first:end]
        file = sightings.file[rows].astype(np.int64)
        child = file // state.kinds
        in_sight = state.harm.gate[sightings.gate[rows]]
        in_sight &= state.harm.hidden_share[child] <= sightings.hiding[rows]
        in_sight &= ~np.isin(file, model.concerns.file)
        for row in in_sight.nonzero()[0].tolist():
            site, evidence = int(state.files.site[file[row]]), float(sightings.evidence[rows[row]])
            self.passed_by.append(Sighting(model.week, int(child[row]), site, evidence))

    def _close(self, model: ChildProtectionModel) -> None:
        """The minutes of this week, and where things stand at its end."""
        state, children = model.casework, self.children
        for judgement in state.minutes:
            about = np.isin(judgement.child, children).nonzero()[0]
            if len(about):
                n = len(judgement.child)
                site, evidence, threshold = (
                    np.broadcast_to(part, n)[about].tolist()
                    for part in (judgement.site, judgement.evidence, judgement.threshold)
                )
                child, judged = judgement.child[about].tolist(), judgement.judged[about].tolist()
                self.minutes += [
                    Minute(model.week, judgement.what, *row)
                    for row in zip(child, site, evidence, judged, threshold, strict=True)
                ]
        door = state.authority[children]
        moved = state.drift[door] + state.teams["screening_threshold_shift"][door]
        age = state.week - state.records.believed[children]
        self.weeks.append(
            Week(
                model.week,
                pieces_of(state, children),
                state.records.status[children].copy(),
                state.records.belief[children] * state.belief_fade[age],
                state.scenario.front_door.referral_threshold + moved,
                door,
            )
        )
