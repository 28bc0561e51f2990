"""All targets of fuzzing."""

from tests.fuzz.python_settings import ADAPTERS, PYTHON_NAMES, PYTHON_SETTINGS
from tests.fuzz.scenario_text import SCENARIO_TEXT
from tests.fuzz.seeds import SEEDS, TYPED_SEEDS
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (SCENARIO_TEXT, PYTHON_SETTINGS, PYTHON_NAMES, ADAPTERS, SEEDS, TYPED_SEEDS)
}
"""Targets by name."""
