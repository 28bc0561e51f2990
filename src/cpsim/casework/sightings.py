"""The signs of a world prepared for one run, without those that no organisation could notice at any attention.

Everything about a sign that cannot change during a run is computed once for all signs. What policy can change
(attention, recording, thresholds, ties) is applied week by week.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Ints
from cpsim.scenario.schema import Scenario
from cpsim.world import World
from cpsim.world.signs import Signs


class SightingRows(NamedTuple):
    """Some signs that can be noticed; shapes (n,).

    Attributes:
        file: row of the agency's file on the child, `child * K + kind`, int32.
        gate: gate that lets the sign through, as in `world.signs.Signs`, int32.
        attention_needed: noticed by an organisation whose attention is above this (M3), float32.
        hidden_above: hidden if protection hides a larger share than this of the child's signs; 2 for signs that
            protection cannot hide, float32.
        evidence: evidence that the sign adds to the file (M4), log-odds, float32.
        recording_needed: recorded by an organisation whose share of recorded signs is above this (M4), float32.
        sharing_noise: shared if the evidence exceeds the threshold by more than this (M6), log-odds, float32.
    """

    file: NDArray[np.int32]
    gate: NDArray[np.int32]
    attention_needed: NDArray[np.float32]
    hidden_above: NDArray[np.float32]
    evidence: NDArray[np.float32]
    recording_needed: NDArray[np.float32]
    sharing_noise: NDArray[np.float32]


@dataclass(frozen=True)
class Sightings:
    """Signs that can be noticed, in the order of the weeks; V rows.

    Attributes:
        offsets: sightings of week t are rows `offsets[t] : offsets[t + 1]`, int64, shape (weeks + 1,).
        file, gate, attention_needed, hidden_above, evidence, recording_needed, sharing_noise: as in `SightingRows`,
            shapes (V,).
    """

    offsets: Ints
    file: NDArray[np.int32]
    gate: NDArray[np.int32]
    attention_needed: NDArray[np.float32]
    hidden_above: NDArray[np.float32]
    evidence: NDArray[np.float32]
    recording_needed: NDArray[np.float32]
    sharing_noise: NDArray[np.float32]

    def __deepcopy__(self, memo: dict[int, Any]) -> "Sightings":
        return self

    def select_week(self, week: int) -> SightingRows:
        """Select the sightings of a week."""
        return self.select(slice(self.offsets[week], self.offsets[week + 1]))

    def select(self, rows: slice | Ints) -> SightingRows:
        """Select some sightings."""
        return SightingRows(*(getattr(self, column)[rows] for column in SightingRows._fields))


class WeeklySightings(Protocol):
    """Signs that can be noticed, by week."""

    def select_week(self, week: int) -> SightingRows:
        """Select the sightings of a week."""
        ...


class JoinedSightings:
    """The sightings of several runs of one scenario together, whose files and spells follow one another.

    Args:
        runs: the sightings of each run.
        first_file: first file of each run, and the end of the last, int64, shape (runs + 1,).
        first_spell: first spell of each run, and the end of the last, int64, shape (runs + 1,).
    """

    def __init__(self, runs: Sequence[WeeklySightings], first_file: Ints, first_spell: Ints) -> None:
        self._runs = tuple(runs)
        self._file = first_file[:-1].astype(np.int32)
        before = first_spell[:-1].astype(np.int32)
        # Gates of signs that a spell hides come after those of all spells of all runs.
        self._spells = np.diff(first_spell).astype(np.int32)
        self._causing, self._hiding = before, (before + first_spell[-1] - self._spells).astype(np.int32)

    def __deepcopy__(self, memo: dict[int, Any]) -> "JoinedSightings":
        return self

    def select_week(self, week: int) -> SightingRows:
        """Select the sightings of a week, in the order of the runs."""
        parts = [run.select_week(week) for run in self._runs]
        rows = SightingRows(*map(np.concatenate, zip(*parts, strict=True)))
        run = np.repeat(np.arange(len(parts)), [len(part.file) for part in parts])
        gate = rows.gate
        shift = np.where(gate > self._spells[run], self._hiding[run], self._causing[run])
        return rows._replace(file=rows.file + self._file[run], gate=np.where(gate > 0, gate + shift, 0))


NO_SIGHTINGS: Final = Sightings(
    offsets=np.zeros(1, np.int64),
    file=np.empty(0, np.int32),
    gate=np.empty(0, np.int32),
    attention_needed=np.empty(0, np.float32),
    hidden_above=np.empty(0, np.float32),
    evidence=np.empty(0, np.float32),
    recording_needed=np.empty(0, np.float32),
    sharing_noise=np.empty(0, np.float32),
)
"""No sightings: they replace those of a finished run, to free memory."""


def prepare_sightings(scenario: Scenario, world: World, signs: Signs) -> Sightings:
    """Compute everything about the signs in `world` that no policy can change during the run (M3, M4, M6)."""
    from scipy.special import expit, logit

    agencies = list(scenario.agencies.values())
    kind = signs.file % len(agencies)
    softness = scenario.sharing.notice_softness
    chance = _values_by_kind(agencies, "notice_threshold")[kind]
    np.subtract(signs.strength, chance, out=chance)
    chance /= np.float32(softness)
    expit(chance, out=chance)
    # A sign with a probability of 0 needs infinite attention.
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.divide(signs.marks[:, 0], chance, out=chance)
    kept = np.flatnonzero(needed < 1.0)
    kind = kind[kept]
    gate = signs.gate[kept]
    marks = signs.marks[kept]
    strength = (
        signs.strength[kept]
        - _values_by_kind(agencies, "weakest_visible_sign")[kind]
        + np.float32(scenario.sharing.least_evidence)
    )
    within_a_spell = (gate > 0) & (gate <= len(world.spells.child))
    return Sightings(
        offsets=np.searchsorted(kept, signs.offsets),
        file=signs.file[kept],
        gate=gate,
        attention_needed=needed[kept],
        hidden_above=np.where(within_a_spell, marks[:, 3], np.float32(2.0)),
        evidence=_values_by_kind(agencies, "evidence_weight")[kind] * np.maximum(strength, 0),
        recording_needed=marks[:, 1],
        sharing_noise=(scenario.sharing.share_noise * logit(np.clip(marks[:, 2], 1e-7, 1 - 1e-7))).astype(
            np.float32
        ),
    )


def _values_by_kind(agencies: list[Any], name: str) -> NDArray[np.float32]:
    return np.array([getattr(kind, name) for kind in agencies], np.float32)
