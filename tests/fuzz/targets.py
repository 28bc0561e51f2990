"""All targets of fuzzing."""

from tests.fuzz.experiment_text import EXPERIMENT_TEXT
from tests.fuzz.folders import ANALYSES, CONTINUED_SWEEPS, FOLDERS
from tests.fuzz.lesson_text import LESSON_TEXT
from tests.fuzz.network_file import NETWORK_FILE
from tests.fuzz.python_settings import ADAPTERS, PYTHON_NAMES, PYTHON_SETTINGS
from tests.fuzz.scenario_text import SCENARIO_TEXT
from tests.fuzz.seeds import SEEDS, TYPED_SEEDS
from tests.fuzz.target import Target
from tests.fuzz.timelines import TIMELINE

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        SCENARIO_TEXT,
        EXPERIMENT_TEXT,
        LESSON_TEXT,
        NETWORK_FILE,
        TIMELINE,
        FOLDERS,
        CONTINUED_SWEEPS,
        ANALYSES,
        PYTHON_SETTINGS,
        PYTHON_NAMES,
        ADAPTERS,
        SEEDS,
        TYPED_SEEDS,
    )
}
"""Targets by name."""
