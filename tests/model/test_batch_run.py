"""Mesa's own batch runner drives the model as any Mesa user would have it."""

from mesa.batchrunner import batch_run
from tests.model.authority import TINY

from cpsim.model import ChildProtectionModel


def test_batch_run_without_a_word_about_seeds() -> None:
    """From Mesa 3.5 on the batch runner hands over `seed=None` when nobody asks for a seed."""
    tiny = dict(setting.split("=") for setting in TINY)
    rows = batch_run(
        ChildProtectionModel,
        {"scenario": "small", **tiny, "sharing.share_noise": [0.5, 0.7]},
        number_processes=1,
        max_steps=10,
        display_progress=False,
    )
    assert [row["sharing.share_noise"] for row in rows] == [0.5, 0.7]
