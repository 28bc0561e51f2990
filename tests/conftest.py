"""Fixtures for all tests. Tests of casework and governance run in debug mode."""

import os

import pytest

pytest_plugins = ["tests.browser"]

# Mesa's components break Solara's rules for hooks, which is harmless; the server of the demo sets this too.
os.environ.setdefault("SOLARA_CHECK_HOOKS", "off")

DEBUGGED = frozenset({"casework", "governance"})
"""Folders whose tests run in debug mode, which takes about twice the time of a run."""


@pytest.fixture(autouse=True)
def _run_in_debug_mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check the transitions of cases and what stages and levers access in every model that such a test runs."""
    if request.path.parent.name in DEBUGGED:
        monkeypatch.setenv("CPSIM_DEBUG", "1")
