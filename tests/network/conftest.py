"""An authority with two schools, two GP practices and one PCT, and the ties between them."""

import numpy as np
import pytest

from cpsim.agents.build import ORGANISATIONS
from cpsim.agents.columns import AgentTable
from cpsim.network.nodes import Nodes
from cpsim.network.ties import Ties


@pytest.fixture
def nodes() -> Nodes:
    organisations = AgentTable(ORGANISATIONS, 5)
    organisations["kind"] = [0, 0, 1, 1, 2]
    organisations["area"] = [0, 1, 0, 1, -1]
    return Nodes.of(organisations, ("school", "gp", "pct"), np.ones((5, 1), np.bool_))


@pytest.fixture
def ties() -> Ties:
    """All organisations are tied to the front door (node 5), school 0 to practice 2, and school 1 to PCT 4."""
    source = [1, 0, 2, 3, 4, 0, 2, 1, 4]
    target = [5, 5, 5, 5, 5, 2, 0, 4, 1]
    return Ties(source, target, np.linspace(0.2, 0.9, 9), organisations=5)
