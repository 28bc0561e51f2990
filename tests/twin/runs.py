"""The scenarios and seeds on which engine and twin are docked: some by default, all others in `tests/long`."""

from collections.abc import Iterable

import pytest
from tests.model.authority import get_world
from tests.twin.docking import dock
from tests.twin.scenarios import SCENARIOS, build_scenario

RUNS = [*((name, 1) for name in SCENARIOS), ("baseline", 2), ("no noise", 2), ("long careers", 2)]

DEFAULT_RUNS = [
    ("dated duty", 1),
    ("merged in stages", 1),
    ("three authorities", 1),
    ("the strong and the weak", 1),
    ("long careers", 2),
]
"""Those that reach most of the code."""


def dock_each(runs: Iterable[tuple[str, int]]) -> pytest.MarkDecorator:
    """Run a test with each of these, in processes of their own."""
    return pytest.mark.parametrize(
        ("name", "seed"),
        [pytest.param(*run, marks=pytest.mark.xdist_group(f"docking of {run}")) for run in runs],
    )


def assert_same_events(name: str, seed: int) -> None:
    """Dock engine and twin in a scenario by name."""
    settings = build_scenario(name)
    assert len(dock(settings, get_world(settings, seed)).history) > 5_000
