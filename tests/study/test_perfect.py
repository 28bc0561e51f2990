"""Stages made perfect: who passes, who is left alone, and what must follow."""

import numpy as np
import pytest
from tests.model.authority import assert_same, finished, model_of, outcome, scenario
from tests.study.uncoupled import of_last_moment, spells_with

from cpsim.model import ChildProtectionModel, Step
from cpsim.results.attribution import STAGE_GROUPS
from cpsim.study.perfect import Oracle, make_perfect

STAGES = tuple(STAGE_GROUPS)
STAGE_OF = {code: place for place, codes in enumerate(STAGE_GROUPS.values()) for code in codes}


def tiny(*perfect: str, week: int, settings: tuple[str, ...] = ()) -> ChildProtectionModel:
    """The tiny authority, in which these stages are perfect from a week of the run on."""
    model = model_of(scenario(*settings))
    while model.week < week:
        model.step()
    make_perfect(model, perfect)
    return model


def test_an_oracle_that_has_nobody_to_help_changes_nothing() -> None:
    unharmed = ("harm.harm_cutoff=3", "harm.severity_spread=0")
    assert outcome(*unharmed).summary["harm_spells"] == 0
    assert_same(finished(tiny(*STAGES, week=0, settings=unharmed)), outcome(*unharmed))


def test_no_stage_made_perfect_is_the_system_as_it_is() -> None:
    assert_same(finished(tiny(week=52)), outcome())


def test_perfect_from_week_0_on_is_the_same_whether_asked_for_then_or_at_the_beginning_of_history() -> None:
    assert_same(finished(tiny(*STAGES, week=0)), finished(tiny(*STAGES, week=52)))


def test_a_fork_of_a_model_with_perfect_stages_has_them_too_and_an_oracle_of_its_own() -> None:
    parent = tiny(*STAGES, week=52)
    for _ in range(30):
        parent.step()
    fork = parent.fork()
    assert_same(finished(fork), finished(tiny(*STAGES, week=52)))
    assert_same(finished(parent), finished(tiny(*STAGES, week=52)))


def test_a_stage_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"no stage is called luck; there are opportunity, .*protection"):
        make_perfect(model_of(scenario()), ["transit", "luck"])


def test_asked_at_the_deadline_the_oracle_lays_a_miss_where_the_ledger_does() -> None:
    model = model_of(scenario())
    oracle, found = Oracle(model), {}

    def ask(model: ChildProtectionModel) -> None:
        spells, week0 = model.world.spells, model.world.warm_up
        for stage in STAGES:
            row = oracle.spell[oracle.stopped(model.casework, stage)]
            due = row[np.minimum(spells.onset[row] + 13, spells.serious[row]) == model.week]
            found.update({(spells.child[spell], spells.onset[spell] - week0): stage for spell in due})

    model.plan.append(Step("ask", "asks where everybody has stopped", ask))
    spells = finished(model).spells
    missed = spells[(spells["result_13w"] == "missed") & ~of_last_moment(spells)]
    laid = {(row.child, row.onset): STAGES[STAGE_OF[row.cause]] for row in missed.itertuples()}
    assert len(laid) > 50
    assert {key: found[key] for key in laid} == laid


@pytest.mark.parametrize("place", range(len(STAGES)), ids=STAGES)
def test_where_nobody_shares_anything_and_all_that_follows_is_perfect_a_stage_rescues_whom_the_ledger_lost_there(
    place: int,
) -> None:
    stage, further = STAGES[place], STAGES[place + 1 :]
    before, after = spells_with(further), spells_with([stage, *further])
    here = before["missed"] & before["cause"].isin(STAGE_GROUPS[stage])
    rescued, plain = before["missed"] & ~after["missed"], ~of_last_moment(before)
    assert here.sum() > 5, "the stage should lose somebody"
    assert (rescued & plain).tolist() == (here & plain).tolist()
    assert not (after["missed"] & ~before["missed"]).any()


def test_a_perfect_front_door_rescues_exactly_whom_it_and_assessment_lost_where_protection_follows_at_once() -> (
    None
):
    lasting = (
        "protection.plan_closure_threshold=0",
        "protection.in_need_closure_threshold=0",
        "protection.review_noise=0",
        "protection.effective_hours_share=0",
    )
    before, after = spells_with((), *lasting), spells_with(["front door and assessment"], *lasting)
    here = before["missed"] & before["cause"].isin(["C5", "C6", "C7"])
    plain = ~of_last_moment(before)
    assert here.sum() > 30
    assert ((before["missed"] & ~after["missed"]) & plain).tolist() == (here & plain).tolist()


@pytest.mark.parametrize("stage", STAGES)
def test_a_perfect_stage_touches_no_miss_before_it_and_lets_every_other_get_beyond_it(stage: str) -> None:
    before, after = spells_with(), spells_with([stage])
    still = before["missed"] & after["missed"] & ~of_last_moment(before)
    was, is_now = (spells.loc[still, "cause"].map(STAGE_OF).astype(int) for spells in (before, after))
    short_of_it = was < STAGES.index(stage)
    assert (is_now[short_of_it] == was[short_of_it]).all()
    if (
        stage != "opportunity"
    ):  # the ledger knows of the world's meetings only, not of those that an oracle brings about
        assert (is_now[~short_of_it] > STAGES.index(stage)).all()


def test_with_every_stage_perfect_only_harm_that_strikes_in_its_first_week_is_missed() -> None:
    for settings in ((), ("workforce.long_term_posts_per_10k=3", "workforce.assessment_posts_per_10k=2")):
        spells = finished(tiny(*STAGES, week=52, settings=settings)).spells
        missed = spells[spells["result_13w"] == "missed"]
        assert (missed["serious_week"] == missed["onset"]).all()


def test_perfect_transit_changes_nothing_before_the_first_word_about_a_child_in_harm_has_failed_to_arrive() -> (
    None
):
    as_it_is, perfect = outcome().events, finished(tiny("transit", week=52)).events
    assert len(as_it_is) > 1000
    together = as_it_is.merge(perfect, how="outer", indicator=True)
    first = together.loc[together["_merge"] != "both", "week"].min()
    arrived = perfect[(perfect["week"] == first) & (perfect["stage"] == "delivered")]
    new = arrived.merge(as_it_is, how="left", indicator=True)
    child = new.loc[new["_merge"] == "left_only", "child"]
    assert len(child) == 1
    spells = outcome().spells
    harmed = spells[(spells["child"] == child.item()) & (spells["onset"] <= first)]
    assert (harmed["end_actual"] > first).any()
    told = as_it_is[(as_it_is["child"] == child.item()) & (as_it_is["stage"] == "shared")]
    assert told["week"].between(harmed["onset"].max() - 26, first).any()
