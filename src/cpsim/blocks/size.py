"""How many seeds are simulated in one block: as many as gain from it, fit the memory and keep the workers busy."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Final, NamedTuple

from cpsim.formatting import format_decimals
from cpsim.scenario.memory import count_children, estimate_memory
from cpsim.scenario.schema import Scenario
from cpsim.stages.checks import is_debug_mode

CHILDREN: Final = 120_000
"""Children in a block: a week of more children no longer fits the caches of processors, so that little is gained."""

LARGEST_RUN: Final = 50_000
"""Children in a run that can be part of a block; a larger one spends little of its time on what runs would share."""

SEEDS: Final = 50
"""Seeds in a block: more gain little, and all runs of a block are lost if it is interrupted."""

BLOCK_GB: Final = 1.0
"""Most memory of a block and of its fork, in gigabytes, beyond what one run needs."""


class BlockSize(NamedTuple):
    """The number of seeds in each block.

    Attributes:
        seeds: number of seeds; 1 = each run is simulated by itself.
        reason: why each run is simulated by itself; None if it is not.
    """

    seeds: int
    reason: str | None


def choose_block_size(scenarios: Iterable[Scenario], seeds: int, slots: int) -> BlockSize:
    """Choose how many seeds of some scenarios are simulated together.

    Args:
        scenarios: the scenarios, of which the largest decides.
        seeds: number of seeds on which they run.
        slots: number of blocks that should be under way at the same time.

    >>> from cpsim.scenario import load
    >>> choose_block_size([load("small", {"population.children": 2_000})], seeds=20, slots=2)
    BlockSize(seeds=10, reason=None)
    >>> choose_block_size([load("baseline")], seeds=20, slots=2).reason
    'a run has 73,000 children, and only runs of up to 50,000 gain from it'
    """
    largest = max(scenarios, key=count_children)
    children = count_children(largest)
    if is_debug_mode():
        return BlockSize(1, "debug mode checks every run by itself")
    if children > LARGEST_RUN:
        found, most = format_decimals(children), format_decimals(LARGEST_RUN)
        return BlockSize(1, f"a run has {found} children, and only runs of up to {most} gain from it")
    room = int(BLOCK_GB * 1e9 // (2 * estimate_memory(largest).bytes_of_run))
    if room < 2:
        return BlockSize(1, f"two runs would need more than the {BLOCK_GB:g} GB that a block may need")
    size = min(SEEDS, int(CHILDREN // children), room, max(ceil(seeds / slots), 1))
    if size < 2:
        return BlockSize(1, "there are no more seeds than worker processes")
    # Blocks of one size end at about the same time.
    return BlockSize(ceil(seeds / ceil(seeds / size)), None)
