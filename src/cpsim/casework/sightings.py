"""The world's signs made ready for one run: those that nobody could notice, however attentive, are put aside.

What decides about a sign and does not change during a run is worked out once for all signs; only what policy can turn
(attention, recording, thresholds, ties) is left for the week itself.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from cpsim.arrays import Ints
from cpsim.scenario.schema import Scenario
from cpsim.world import World
from cpsim.world.signs import Signs


@dataclass(frozen=True)
class Sightings:
    """Signs that could be noticed, in order of week; V rows.

    Attributes:
        offsets: sightings of week t are rows `offsets[t] : offsets[t + 1]`, int64, shape (weeks + 1,).
        file: `child * K + kind`, int32, shape (V,).
        gate: which spell lets it through, as in `world.signs.Signs`, int32, shape (V,).
        attention_needed: noticed by an organisation whose attention is above this (M3), float32, shape (V,).
        hiding: hidden from view when the child's hidden share is above this; 2 for signs that protection cannot hide,
            float32, shape (V,).
        evidence: what it adds to the file (M4), log-odds, float32, shape (V,).
        recording_needed: written down where the recording habit is above this, float32, shape (V,).
        courage: shared when evidence exceeds the threshold by more than this, log-odds (M6), float32, shape (V,).
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
"""What is left to see when a run is over."""


def prepare_sightings(scenario: Scenario, world: World, signs: Signs) -> Sightings:
    """Work out everything about signs in `world` that no policy can change during the run (M3, M4, M6)."""
    agencies = list(scenario.agencies.values())
    kind = signs.file % len(agencies)
    softness = scenario.sharing.notice_softness
    chance = _by_kind(agencies, "notice_threshold")[kind]
    np.subtract(signs.strength, chance, out=chance)
    chance /= np.float32(softness)
    expit(chance, out=chance)
    with np.errstate(
        divide="ignore", invalid="ignore"
    ):  # what nobody could notice asks for endless attention
        needed = np.divide(signs.marks[:, 0], chance, out=chance)
    kept = np.flatnonzero(needed < 1.0)
    kind = kind[kept]
    gate = signs.gate[kept]
    marks = signs.marks[kept]
    strength = (
        signs.strength[kept]
        - _by_kind(agencies, "weakest_visible_sign")[kind]
        + np.float32(scenario.sharing.least_evidence)
    )
    within_a_spell = (gate > 0) & (gate <= len(world.spells.child))
    return Sightings(
        offsets=np.searchsorted(kept, signs.offsets),
        file=signs.file[kept],
        gate=gate,
        attention_needed=needed[kept],
        hidden_above=np.where(within_a_spell, marks[:, 3], np.float32(2.0)),
        evidence=_by_kind(agencies, "evidence_weight")[kind] * np.maximum(strength, 0),
        recording_needed=marks[:, 1],
        sharing_noise=(scenario.sharing.share_noise * logit(np.clip(marks[:, 2], 1e-7, 1 - 1e-7))).astype(
            np.float32
        ),
    )


def _by_kind(agencies: list[Any], name: str) -> NDArray[np.float32]:
    return np.array([getattr(kind, name) for kind in agencies], np.float32)
