"""A sweep that is killed at random times, with all its processes, loses only the runs under way."""

import random
from pathlib import Path

import pytest
from tools.kill_sweep import kill_sweeps

# The times of the kills depend on the speed of an undisturbed sweep, so no other workers run meanwhile.
pytestmark = pytest.mark.xdist_group("workers that are stopped")


def test_a_sweep_that_is_killed_five_times_gives_the_tables_of_an_undisturbed_one(tmp_path: Path) -> None:
    sweeps = kill_sweeps(5, tmp_path, workers=1, draws=random.Random(5), seeds=12)
    assert sum(sweep.kills for sweep in sweeps) == 5
