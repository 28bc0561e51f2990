"""Fixtures for all tests, which run in debug mode."""

import os

pytest_plugins = ["tests.browser"]

os.environ.setdefault("CPSIM_DEBUG", "1")
# Mesa's components break Solara's rules for hooks, which is harmless; the server of the demo sets this too.
os.environ.setdefault("SOLARA_CHECK_HOOKS", "off")
