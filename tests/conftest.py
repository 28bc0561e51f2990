"""Fixtures for all tests."""

import os

pytest_plugins = ["tests.browser"]

# Mesa's components break Solara's rules for hooks, which is harmless; the server of the demo sets this too.
os.environ.setdefault("SOLARA_CHECK_HOOKS", "off")
