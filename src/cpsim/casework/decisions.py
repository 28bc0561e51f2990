"""The random draws for decisions in casework: one stream for each kind of decision, and the keys of its draws."""

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from cpsim import draws
from cpsim.arrays import Bools, Ints, Keys
from cpsim.scenario.schema import Scenario
from cpsim.world import World


class DecisionStreams:
    """The keyed streams of random draws for casework, one for each kind of decision."""

    def __init__(self, seeds: tuple[int, ...]) -> None:
        self.consult_and_answer = draws.Stream(seeds, "consult", "answer")
        self.partner = draws.Stream(seeds, "partner")
        self.look_and_mistake = draws.Stream(seeds, "look in a shared record", "false match")
        self.delivery_delay_and_wrong_door = draws.Stream(seeds, "delivery", "delay", "wrong door")
        self.screening_and_second_look = draws.Stream(seeds, "screening", "second look")
        self.sibling = draws.Stream(seeds, "sibling")
        self.escalation = draws.Stream(seeds, "escalation")
        self.initial_days = draws.Stream(seeds, "days of initial assessment")
        self.initial = draws.Stream(seeds, "initial assessment")
        self.other_need = draws.Stream(seeds, "other need seen")
        self.core_weeks = draws.Stream(seeds, "weeks of core assessment")
        self.core = draws.Stream(seeds, "core assessment or enquiry")
        self.conference = draws.Stream(seeds, "conference")
        self.attendance_and_raising = draws.Stream(seeds, "attendance", "raising")
        self.review = draws.Stream(seeds, "review")
        self.first_review = draws.Stream(seeds, "first review")
        self.care = draws.Stream(seeds, "care")
        self.care_length = draws.Stream(seeds, "length of care")
        self.merging_files = draws.Stream(seeds, "files lost in a merger")

    def __deepcopy__(self, memo: dict[int, Any]) -> "DecisionStreams":
        return self


class DrawKeys(NamedTuple):
    """Keys of random draws, as `cpsim.draws.Stream` takes them.

    Attributes:
        key: the keys, any shape.
        run: run that each key belongs to, same shape; None if there is only one run.
    """

    key: Keys
    run: Ints | None


class DecisionKeys:
    """Keys of the random draws for decisions about children: the child and the time, and the kind of agency by name.

    Judgements by social care are keyed by blocks of several weeks, with a different phase for each child, so that a
    decision which a policy moves by a week usually uses the same draw.

    Attributes:
        phase: weeks by which the blocks of each child are shifted, int64, shape (N,).
        run: run that each child belongs to, int64, shape (N,); None if there is only one run.
    """

    def __init__(self, scenario: Scenario, world: World) -> None:
        n, length = len(world.children.birth), scenario.assessment.judgement_block_weeks
        self.run: Ints | None = None
        self.phase = draws.generator(world.seed, "phase of judgement").integers(0, length, n)
        self._child = draws.keys(np.arange(n), 0)
        self._kind = np.array([draws.named_key(kind) for kind in scenario.agencies], np.uint64)
        self._phases = np.arange(length)
        self._weeks = draws.keys(np.arange(world.weeks), 1)
        self._blocks = draws.keys(np.arange(world.weeks // length + 2), 2)
        self._week, self._block = self._weeks[0, ...], self._blocks[self._phases // length]

    @classmethod
    def join(cls, runs: Sequence[Self]) -> Self:
        """Return the keys of several runs of one scenario together, whose children follow one another."""
        sizes = [len(run.phase) for run in runs]
        joined = copy.copy(runs[0])
        joined.run = np.repeat(np.arange(len(runs)), sizes)
        joined.phase = np.concatenate([run.phase for run in runs])
        joined._child = np.concatenate([run._child for run in runs])
        return joined

    def has_next(self, child: Ints) -> Bools:
        """Return whether each child has a next one in its run, same shape."""
        last = len(self.phase) - 1
        if self.run is None:
            return child < last
        following = np.minimum(child + 1, last)
        same_run: Bools = self.run[following] == self.run[child]
        return (child < last) & same_run

    def start_week(self, week: int) -> None:
        """Make the keys of a week current."""
        self._week = self._weeks[week, ...]
        self._block = self._blocks[(self._phases + week) // len(self._phases)]

    def judgement(self, child: Ints) -> DrawKeys:
        """Keys of a judgement about each child in the current block of weeks, any shape."""
        return self._of(child, self._block[self.phase[child]])

    def file(self, child: Ints, kind: Ints) -> DrawKeys:
        """Keys of a draw made once in a run for the file that an agency of `kind` holds on each child, any shape."""
        return self._of(child, self._kind[kind])

    def concern(self, child: Ints, kind: Ints) -> DrawKeys:
        """Keys of what an agency of `kind` does about each child this week, any shape."""
        return self._of(child, self._kind[kind] ^ self._week)

    def _of(self, child: Ints, occasion: Keys) -> DrawKeys:
        return DrawKeys(self._child[child] ^ occasion, None if self.run is None else self.run[child])
