"""Fixtures for all tests. Tests of casework run in debug mode."""

import os

import pytest

pytest_plugins = ["tests.browser"]

# Mesa's components break Solara's rules for hooks, which is harmless; the server of the demo sets this too.
os.environ.setdefault("SOLARA_CHECK_HOOKS", "off")


@pytest.fixture
def in_debug_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check moves of cases, and what stages and levers access, in every model of a test; a run takes twice as long."""
    monkeypatch.setenv("CPSIM_DEBUG", "1")


@pytest.fixture(autouse=True)
def _run_casework_in_debug_mode(request: pytest.FixtureRequest) -> None:
    if request.path.parent.name == "casework":
        request.getfixturevalue("in_debug_mode")
