"""The small authority, ready to be looked at."""

from collections.abc import Iterator

import pytest
from tests.agents.small_authority import SmallAuthority

from cpsim.agents.roster import create_agents, release


@pytest.fixture
def model() -> Iterator[SmallAuthority]:
    small = SmallAuthority()
    create_agents(small)
    yield small
    release(small)
