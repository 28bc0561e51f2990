"""What the page says of children while a run is under way is what the ledger says when it is over."""

import numpy as np
import pandas as pd
import pytest

from cpsim.casework.log import Record
from cpsim.measures.ledger import PRIMARY, judge
from cpsim.model import ChildProtectionModel
from cpsim.visualiser.verdicts import Verdicts

VERDICT = ["child", "onset", "severity", "result_13w", "cause", "cause_part"]


def tiny(seed: int = 1) -> ChildProtectionModel:
    """Enough children for some harm, and little history."""
    settings = {"population.children": 4000, "clock.warm_up_years": 2, "clock.years": 2}
    return ChildProtectionModel("small", seed=seed, collect=False, **settings)


@pytest.mark.parametrize("every", [1, 5, 52], ids=["each week", "now and then", "each year"])
def test_verdicts_given_on_the_way_are_those_of_the_finished_run(every: int) -> None:
    model = tiny()
    verdicts = Verdicts(model)
    while model.running:
        model.step()
        if model.week % every == 0:
            verdicts.catch_up()
    verdicts.catch_up()
    spells = judge(model.world, Record(model.casework.log), model.snapshots)
    assert {"missed", "protected"} <= set(spells["result_13w"])
    pd.testing.assert_frame_equal(verdicts.table.sort_index()[VERDICT], spells[VERDICT])


def test_nobody_is_judged_before_the_deadline_has_passed() -> None:
    model = tiny()
    verdicts = Verdicts(model)
    while model.running:
        model.step()
        fresh = len(verdicts.table)
        verdicts.catch_up()
        deadlines = verdicts.table["deadline"].to_numpy()[fresh:]
        assert (deadlines == model.week - 1 - model.world.warm_up).all()
    onset = verdicts.table["onset"]
    early = verdicts.table["deadline"] < onset + PRIMARY
    np.testing.assert_array_equal(
        verdicts.table["deadline"][early], verdicts.table["serious_week"][early].astype(np.int64)
    )


def test_who_comes_late_sees_all_verdicts_so_far() -> None:
    model = tiny()
    present = Verdicts(model)
    for _ in range(200):
        model.step()
        present.catch_up()
    pd.testing.assert_frame_equal(
        Verdicts(model).table[VERDICT].sort_index(), present.table[VERDICT].sort_index()
    )
    assert not present.catch_up()
