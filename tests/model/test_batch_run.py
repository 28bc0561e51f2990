"""Mesa's batch runner can run the model."""

from mesa.batchrunner import batch_run
from tests.model.authority import TINY

from cpsim.model import ChildProtectionModel


def test_batch_run_without_a_seed() -> None:
    """Since version 3.5 Mesa's batch runner passes `seed=None` if no seed is given."""
    tiny = {path: int(value) for path, value in (setting.split("=") for setting in TINY)}
    rows = batch_run(
        ChildProtectionModel,
        {"scenario": "small", **tiny, "sharing.share_noise": [0.5, 0.7]},
        number_processes=1,
        max_steps=10,
        display_progress=False,
    )
    assert [row["sharing.share_noise"] for row in rows] == [0.5, 0.7]
