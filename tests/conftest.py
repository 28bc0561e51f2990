"""What holds for all tests: the tests of a file run in one process, and a test can ask for the debug mode."""

import os

import pytest

pytest_plugins = ["tests.browser"]

# Tests must not depend on earlier runs; those of the cache have a folder of their own.
os.environ["CPSIM_CACHE_GB"] = "0"

# Mesa's components break Solara's rules for hooks, which is harmless; the server of the demo sets this too.
os.environ.setdefault("SOLARA_CHECK_HOOKS", "off")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of a file in one process, so that the runs and browsers that they share are started once."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.as_posix()))


@pytest.fixture
def in_debug_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check moves of cases, and what stages and levers access, in every model of a test; a run takes twice as long."""
    monkeypatch.setenv("CPSIM_DEBUG", "1")
