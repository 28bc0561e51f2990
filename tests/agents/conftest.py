"""The small authority as a Mesa model with all its agents."""

from collections.abc import Iterator

import pytest
from tests.agents.small_authority import SmallAuthority

from cpsim.agents.roster import create_agents, release_model


@pytest.fixture
def model() -> Iterator[SmallAuthority]:
    small = SmallAuthority()
    create_agents(small)
    yield small
    release_model(small)
