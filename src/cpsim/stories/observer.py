"""An observer that records, week by week, what the files on a few children hold and how each decision was made.

The observer adds steps of its own to the plan of the week. They only read, so a run with an observer is bit-identical
to the run without it. The log holds all events; the observer adds what is overwritten by the next week: signs that were
in sight of an organisation and went unnoticed, the evidence and threshold of every file, and the judgements.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Floats, Ints
from cpsim.measures.ledger import FileEvidence, gather_file_evidence
from cpsim.simulation import Simulation, Step

__all__ = ["Observer"]


class UnnoticedSign(NamedTuple):
    """A sign that was in sight of an organisation and went unnoticed: week, child, site, evidence in log-odds."""

    week: int
    child: int
    site: int
    evidence: float


class ObservedJudgement(NamedTuple):
    """One judgement about one child; see `cpsim.casework.log.Judgement`."""

    week: int
    decision: str
    child: int
    site: int
    evidence: float
    estimate: float
    threshold: float


class ObservedWeek(NamedTuple):
    """The state of the observed children at the end of a week, in the order of the children; K kinds of agency.

    Attributes:
        week: week of the run.
        pieces: what the agencies' files hold, shapes (n, K) and (n,).
        status: `cpsim.casework.state.Status` with social care, shape (n,).
        belief: evidence on social care's own file, log-odds, shape (n,).
        door_threshold: evidence from which the children's front door accepts a referral, log-odds, shape (n,).
        authority: authority of residence, shape (n,).
    """

    week: int
    pieces: FileEvidence
    status: NDArray[np.int8]
    belief: Floats
    door_threshold: Floats
    authority: Ints


class Observer:
    """Observes a few children of a model from its present week on.

    Args:
        model: receives further steps in its plan; a fork of the model takes a copy of the observer with it.
        children: rows of the children to observe.

    Attributes:
        model: the model.
        children: rows of the observed children, int64, shape (n,).
        unnoticed_signs: signs that were in sight of an organisation and went unnoticed.
        judgements: judgements about these children.
        weeks: the state at the end of each week.

    >>> model = Simulation("small", seed=7, overrides={"population.children": 500})
    >>> observer = Observer(model, 3, 4)
    >>> for _ in range(2):
    ...     model.step()
    >>> [observed.week for observed in observer.weeks], observer.weeks[0].status.shape
    ([0, 1], (2,))
    """

    def __init__(self, model: Simulation, *children: int) -> None:
        self.model = model
        self.children = np.array(children, np.int64)
        self.unnoticed_signs: list[UnnoticedSign] = []
        self.judgements: list[ObservedJudgement] = []
        self.weeks: list[ObservedWeek] = []
        names = [step.name for step in model.plan]
        model.plan.insert(
            names.index("ledger") + 1,
            Step("observe the week", "the observer records files and judgements", self._record_week),
        )
        model.plan.insert(
            names.index("noticing") + 1,
            Step("observe signs", "the observer records unnoticed signs", self._record_unnoticed_signs),
        )

    def _record_unnoticed_signs(self, model: Simulation) -> None:
        """Record the signs of this week that were in sight of an organisation and went unnoticed."""
        state, sightings = model.casework, model.casework.sightings.of_week(model.week)
        about = np.isin(sightings.file // state.kinds, self.children).nonzero()[0]
        sightings = sightings.select_rows(about)
        file = sightings.file.astype(np.int64)
        child = file // state.kinds
        in_sight = state.harm.gate[sightings.gate]
        in_sight &= state.harm.hidden_share[child] <= sightings.hidden_above
        in_sight &= ~np.isin(file, model.this_week.concerns.file)
        for row in in_sight.nonzero()[0].tolist():
            site, evidence = int(state.files.site[file[row]]), float(sightings.evidence[row])
            self.unnoticed_signs.append(UnnoticedSign(model.week, int(child[row]), site, evidence))

    def _record_week(self, model: Simulation) -> None:
        """Record the judgements of this week and the state at its end."""
        state, children = model.casework, self.children
        for judgement in state.judgements:
            about = np.isin(judgement.child, children).nonzero()[0]
            if len(about):
                n = len(judgement.child)
                site, evidence, threshold = (
                    np.broadcast_to(part, n)[about].tolist()
                    for part in (judgement.site, judgement.evidence, judgement.threshold)
                )
                child, estimate = judgement.child[about].tolist(), judgement.estimate[about].tolist()
                self.judgements += [
                    ObservedJudgement(model.week, judgement.decision, *row)
                    for row in zip(child, site, evidence, estimate, threshold, strict=True)
                ]
        door = state.authority[children]
        shift = state.drift[door] + state.teams["screening_threshold_shift"][door]
        age = state.week - state.records.believed[children]
        self.weeks.append(
            ObservedWeek(
                model.week,
                gather_file_evidence(state, children),
                state.records.status[children].copy(),
                state.records.belief[children] * state.belief_fade[age],
                state.scenario.front_door.referral_threshold + shift,
                door,
            )
        )
