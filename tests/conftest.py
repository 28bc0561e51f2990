"""Fixtures for all tests, which run in debug mode."""

import os

pytest_plugins = ["tests.browser"]

os.environ.setdefault("CPSIM_DEBUG", "1")
