"""The signs of a world prepared for one run, without those that no organisation could notice at any attention.

Everything about a sign that cannot change during a run is computed for some weeks at once. What policy can change
(attention, recording, thresholds, ties) is applied week by week.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Ints
from cpsim.scenario.schema import Scenario
from cpsim.world import World
from cpsim.world.signs import MarkedSigns

_WEEKS_AT_ONCE: Final = 26
"""Weeks whose signs are prepared together: more need more memory, and fewer take more time."""


class Sightings(NamedTuple):
    """Signs that can be noticed; V rows.

    Attributes:
        file: row of the agency's file on the child, `child * K + kind`, int32, shape (V,).
        gate: gate that lets the sign through, as in `world.signs.MarkedSigns`, int32, shape (V,).
        attention_needed: noticed by an organisation whose attention is above this (M3), float32, shape (V,).
        hidden_above: hidden if protection hides a larger share than this of the child's signs; 2 for signs that
            protection cannot hide, float32, shape (V,).
        evidence: evidence that the sign adds to the file (M4), log-odds, float32, shape (V,).
        recording_needed: recorded by an organisation whose share of recorded signs is above this (M4), float32,
            shape (V,).
        sharing_noise: shared if the evidence exceeds the threshold by more than this (M6), log-odds, float32,
            shape (V,).
    """

    file: NDArray[np.int32]
    gate: NDArray[np.int32]
    attention_needed: NDArray[np.float32]
    hidden_above: NDArray[np.float32]
    evidence: NDArray[np.float32]
    recording_needed: NDArray[np.float32]
    sharing_noise: NDArray[np.float32]

    def select_rows(self, rows: slice | Ints) -> "Sightings":
        """Select some rows."""
        return Sightings._make(column[rows] for column in self)


class WeeklySightings(Protocol):
    """Signs that can be noticed, by week."""

    def of_week(self, week: int) -> Sightings:
        """Return the signs of a week that can be noticed; the arrays must not be written to."""
        ...

    def clear(self) -> None:
        """Free the memory of prepared weeks."""
        ...


class SightingsByWeek:
    """The sightings of a run, prepared for some weeks at once when the first of these weeks is read.

    Args:
        scenario: provides the agencies.
        world: provides the signs.

    Forks share the object, since nothing that they can differ in changes a sighting.

    >>> from cpsim.scenario.read import load
    >>> from cpsim.world import draw_world
    >>> town = load("small", {"population.children": 500, "clock.years": 1, "clock.warm_up_years": 1})
    >>> sightings = SightingsByWeek(town, draw_world(town, seed=7))
    >>> sightings.of_week(60).file.tolist() == sightings.of_week(60).file.tolist() != []
    True
    """

    def __init__(self, scenario: Scenario, world: World) -> None:
        self._scenario, self._world = scenario, world
        self._prepared: dict[int, Sightings] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> "SightingsByWeek":
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Return everything but what can be prepared again."""
        return self.__dict__ | {"_prepared": {}}

    def of_week(self, week: int) -> Sightings:
        """Return the signs of a week that can be noticed; the arrays must not be written to."""
        prepared = self._prepared
        if week not in prepared:
            prepared = self._prepared = self._prepare(week // _WEEKS_AT_ONCE * _WEEKS_AT_ONCE)
        return prepared[week]

    def clear(self) -> None:
        """Free the memory of prepared weeks."""
        self._prepared = {}

    def _prepare(self, first: int) -> dict[int, Sightings]:
        """Prepare the signs of some weeks from `first` on, by week and within a week by kind of agency and child."""
        world, end = self._world, min(first + _WEEKS_AT_ONCE, self._world.weeks)
        week_of: list[NDArray[np.int16]] = []
        parts: list[Sightings] = []
        for signs in world.signs:
            kept, sightings = prepare_sightings(self._scenario, world, signs.mark(first, end))
            week_of.append(signs.find_weeks(first, end)[kept])
            parts.append(sightings)
        week = np.concatenate(week_of)
        order = np.argsort(week, kind="stable")
        together = Sightings._make(np.concatenate(column)[order] for column in zip(*parts, strict=True))
        offsets = np.searchsorted(week[order], np.arange(first, end + 1)).tolist()
        return {
            week: together.select_rows(slice(offsets[week - first], offsets[week - first + 1]))
            for week in range(first, end)
        }


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

    def clear(self) -> None:
        """Free the memory of prepared weeks."""
        for run in self._runs:
            run.clear()

    def of_week(self, week: int) -> Sightings:
        """Return the signs of a week that can be noticed, in the order of the runs."""
        parts = [run.of_week(week) for run in self._runs]
        together = Sightings._make(map(np.concatenate, zip(*parts, strict=True)))
        run = np.arange(len(parts)).repeat([len(part.file) for part in parts])
        gate = together.gate
        shift = np.where(gate > self._spells[run], self._hiding[run], self._causing[run])
        return together._replace(
            file=together.file + self._file[run], gate=np.where(gate > 0, gate + shift, 0)
        )


def prepare_sightings(scenario: Scenario, world: World, signs: MarkedSigns) -> tuple[Ints, Sightings]:
    """Compute everything about signs that no policy can change during the run (M3, M4, M6).

    Returns:
        The rows of the signs that can be noticed, int64, shape (V,), and these as sightings.
    """
    from scipy.special import expit, logit

    agencies = list(scenario.agencies.values())
    softness = scenario.sharing.notice_softness
    chance = signs.strength - _values_by_kind(agencies, "notice_threshold")[signs.kind]
    chance /= np.float32(softness)
    expit(chance, out=chance)
    # A sign with a probability of 0 needs infinite attention.
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.divide(signs.marks[:, 0], chance, out=chance)
    kept = np.flatnonzero(needed < 1.0)
    kind = signs.kind if isinstance(signs.kind, int) else signs.kind[kept]
    gate, marks = signs.gate[kept], signs.marks[kept]
    strength = (
        signs.strength[kept]
        - _values_by_kind(agencies, "weakest_visible_sign")[kind]
        + np.float32(scenario.sharing.least_evidence)
    )
    within_a_spell = (gate > 0) & (gate <= len(world.spells.child))
    return kept, Sightings(
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
