"""The meeting that every harmed child would have in the week of onset if opportunity were perfect.

Meetings are drawn like the signs of the world (M2), with keys of their own, one for each spell. The kind of agency is
drawn in proportion to how often each kind meets children of that age.
"""

import numpy as np
from scipy.special import ndtri

from cpsim import draws
from cpsim.arrays import Floats, Ints, Keys
from cpsim.casework.sightings import Sightings, prepare_sightings
from cpsim.scenario.schema import Scenario
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD
from cpsim.world.signs import MarkedSigns, misreading, practitioner_meetings

_MARKS = tuple(f"first meeting, mark {number}" for number in range(4))


class FirstMeetings:
    """One meeting for each of some spells; shapes (J,), by place in `spell`.

    Args:
        scenario: provides the agencies.
        world: provides the children.
        spell: rows of the spells, shape (J,).

    Attributes:
        kind: kind of agency that meets the child, int64.
    """

    def __init__(self, scenario: Scenario, world: World, spell: Ints) -> None:
        spells = world.spells
        keys = draws.keys(spells.child[spell], spells.onset[spell] + CHILDHOOD)
        self.kind = _draw_kind(scenario, world, spell, keys)
        signs = MarkedSigns(
            kind=self.kind,
            file=(spells.child[spell] * len(scenario.agencies) + self.kind).astype(np.int32),
            strength=_draw_strength(scenario, world, spell, self.kind, keys).astype(np.float32),
            gate=(1 + spell).astype(np.int32),
            marks=draws.Stream(world.seed, *_MARKS).uniform(keys).T.astype(np.float32),
        )
        self._place, self._sightings = prepare_sightings(scenario, world, signs)

    def find_sightings(self, place: Ints) -> Sightings:
        """Return the signs at the meetings at these places, as the noticing stage reads them; some have none."""
        return self._sightings.select_rows(np.isin(self._place, place).nonzero()[0])


def _draw_kind(scenario: Scenario, world: World, spell: Ints, keys: Keys) -> Ints:
    """Draw the kind of agency that meets each child, in proportion to its meetings at that age, shape (J,)."""
    rates = practitioner_meetings(scenario.agencies, world.children, world.spells)
    no_meetings = np.zeros(len(world.spells.child))
    rate = np.stack([rates.get(name, no_meetings)[spell] for name in scenario.agencies], axis=1)
    cumulative = rate.cumsum(axis=1)
    draw = draws.Stream(world.seed, "first meeting").uniform(keys) * cumulative[:, -1]
    kind: Ints = np.minimum((cumulative <= draw[:, None]).sum(axis=1), len(scenario.agencies) - 1)
    return kind


def _draw_strength(scenario: Scenario, world: World, spell: Ints, kind: Ints, keys: Keys) -> Floats:
    """Draw how strongly harm shows at each meeting, shape (J,); minus infinity below the weakest visible sign."""
    spells = world.spells
    child, agencies = spells.child[spell], list(scenario.agencies.values())
    bias = np.stack(
        [misreading(scenario.signs, name, world.children, world.seed) for name in scenario.agencies]
    )
    signal = np.array([agency.signal_strength for agency in agencies])[kind]
    weakest_visible_sign = np.array([agency.weakest_visible_sign for agency in agencies])[kind]
    noise = ndtri(draws.Stream(world.seed, "first meeting, sign").uniform(keys))
    strength: Floats = bias[kind, child] + signal * spells.severity[spell] + noise
    return np.where(strength >= weakest_visible_sign, strength, -np.inf)
