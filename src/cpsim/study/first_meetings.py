"""The meeting that every harmed child would have in the very week of onset, were there no lack of opportunity.

Drawn like the signs of the world (M2), with keys of its own, for one professional of the child's: which kind of agency
it is follows how often each meets children of that age.
"""

import numpy as np
from scipy.special import ndtri

from cpsim import draws
from cpsim.arrays import Floats, Ints, Keys
from cpsim.casework.sightings import Sightings, prepare_sightings
from cpsim.scenario.schema import Scenario
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD
from cpsim.world.ranges import expand_ranges
from cpsim.world.signs import Signs, misreading, practitioner_meetings

_MARKS = tuple(f"first meeting, mark {number}" for number in range(4))


class FirstMeetings:
    """One meeting for each spell; shapes (J,), by place in `spell`.

    Args:
        scenario: the agencies.
        world: the children.
        spell: rows of the spells, shape (J,).

    Attributes:
        kind: which kind of agency meets the child, int64.
    """

    def __init__(self, scenario: Scenario, world: World, spell: Ints) -> None:
        spells = world.spells
        keys = draws.keys(spells.child[spell], spells.onset[spell] + CHILDHOOD)
        self.kind = _who_meets(scenario, world, spell, keys)
        signs = Signs(
            offsets=np.arange(len(spell) + 1),
            file=(spells.child[spell] * len(scenario.agencies) + self.kind).astype(np.int32),
            strength=_strength(scenario, world, spell, self.kind, keys).astype(np.float32),
            gate=(1 + spell).astype(np.int32),
            marks=draws.Stream(world.seed, *_MARKS).uniform(keys).T.astype(np.float32),
        )
        self.sightings: Sightings = prepare_sightings(scenario, world, signs)

    def rows(self, place: Ints) -> Ints:
        """Rows of `sightings` of the meetings at these places; one at which nothing could be noticed has none."""
        first, end = self.sightings.offsets[place], self.sightings.offsets[place + 1]
        return expand_ranges(first, end - first)[1]


def _who_meets(scenario: Scenario, world: World, spell: Ints, keys: Keys) -> Ints:
    """Which kind of agency meets each child: a professional, in proportion to its meetings at that age, shape (J,)."""
    rates = practitioner_meetings(scenario.agencies, world.children, world.spells)
    nobody = np.zeros(len(world.spells.child))
    rate = np.stack([rates.get(name, nobody)[spell] for name in scenario.agencies], axis=1)
    upto = rate.cumsum(axis=1)
    lot = draws.Stream(world.seed, "first meeting").uniform(keys) * upto[:, -1]
    kind: Ints = np.minimum((upto <= lot[:, None]).sum(axis=1), len(scenario.agencies) - 1)
    return kind


def _strength(scenario: Scenario, world: World, spell: Ints, kind: Ints, keys: Keys) -> Floats:
    """How strongly harm shows at each meeting, shape (J,); not at all below what is visible."""
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
