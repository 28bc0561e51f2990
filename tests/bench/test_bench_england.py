"""A tenth of the tiles of England is run and extrapolated."""

import pytest
from click.testing import CliRunner
from tests.tiles.land import LAND

from cpsim.bench.england import measure_england
from cpsim.cli import main


def test_the_time_of_all_tiles_follows_from_the_children_of_those_that_were_run() -> None:
    stages: list[tuple[int, int, str]] = []
    measured = measure_england(seed=3, on_stage=lambda *stage: stages.append(stage), scenario=LAND)
    assert (measured.tiles, measured.tiles_run, measured.workers) == (3, 1, 1)
    assert (measured.children_run, measured.children) == (1_000, 1_900)
    assert measured.seconds_for_all == pytest.approx(1.9 * measured.seconds)
    assert measured.child_weeks_per_second == pytest.approx(1_000 * 156 / measured.seconds)
    assert 50 < measured.worker_memory_mb < measured.memory_mb
    assert measured.to_dict()["setup"]["seed"] == 3
    assert stages[0] == (0, 1, "tiles of England")


@pytest.mark.parametrize("others", [["--sweep"], ["--years", "2"], ["--children", "500"], ["--against-twin"]])
def test_england_is_measured_alone(others: list[str]) -> None:
    refused = CliRunner().invoke(main, ["bench", "--england", *others])
    assert refused.exit_code == 2
    assert "measures its own runs; use only" in refused.stderr
