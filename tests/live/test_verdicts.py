"""The results of a running model equal those of the ledger when the run has finished."""

import numpy as np
import pandas as pd
import pytest

from cpsim.casework.log import FinishedLog
from cpsim.live.verdicts import RunningVerdicts
from cpsim.measures.ledger import build_spells_table
from cpsim.model import ChildProtectionModel

VERDICT = [
    "child",
    "onset",
    "severity",
    "result_13w",
    "stopped_at",
    "stopped_at_part",
    "new_harm_after_closure",
]


def build_tiny_model(seed: int = 1) -> ChildProtectionModel:
    """Build a small authority with enough children for some harm and a short history."""
    settings = {"population.children": 4000, "clock.warm_up_years": 2, "clock.years": 2}
    return ChildProtectionModel("small", seed=seed, collect=False, **settings)


@pytest.mark.parametrize("every", [1, 5, 52], ids=["each week", "now and then", "each year"])
def test_running_verdicts_equal_those_of_the_finished_run(every: int) -> None:
    model = build_tiny_model()
    verdicts = RunningVerdicts(model)
    while model.running:
        model.step()
        if model.week % every == 0:
            verdicts.catch_up()
    verdicts.catch_up()
    spells = build_spells_table(model.settings, model.world, FinishedLog(model.casework.log), model.snapshots)
    assert {"missed", "protected"} <= set(spells["result_13w"])
    pd.testing.assert_frame_equal(verdicts.table.sort_index()[VERDICT], spells[VERDICT])


def test_no_spell_is_evaluated_before_its_deadline() -> None:
    model = build_tiny_model()
    verdicts = RunningVerdicts(model)
    while model.running:
        model.step()
        fresh = len(verdicts.table)
        verdicts.catch_up()
        deadlines = verdicts.table["deadline"].to_numpy()[fresh:]
        assert (deadlines == model.week - 1 - model.world.warm_up).all()
    onset = verdicts.table["onset"]
    early = verdicts.table["deadline"] < onset + 13
    np.testing.assert_array_equal(
        verdicts.table["deadline"][early], verdicts.table["serious_week"][early].astype(np.int64)
    )


def test_verdicts_created_later_include_all_results_so_far() -> None:
    model = build_tiny_model()
    from_start = RunningVerdicts(model)
    for _ in range(200):
        model.step()
        from_start.catch_up()
    pd.testing.assert_frame_equal(
        RunningVerdicts(model).table[VERDICT].sort_index(), from_start.table[VERDICT].sort_index()
    )
    assert not from_start.catch_up()
