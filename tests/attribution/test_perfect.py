"""Perfect stages: which children pass, which are not touched, and what follows."""

from functools import cache

import numpy as np
import pytest
from tests.attribution.uncoupled import is_at_last_moment, simulate_spells
from tests.model.authority import assert_same, build_model, run_to_end, scenario, tiny_result

from cpsim.attribution.perfect_stages import Oracle, make_stages_perfect
from cpsim.casework.state import Status
from cpsim.model import ChildProtectionModel
from cpsim.results import RunResult
from cpsim.results.attribution import STAGE_GROUPS
from cpsim.simulation import Step

STAGES = tuple(STAGE_GROUPS)
STAGE_OF = {code: place for place, codes in enumerate(STAGE_GROUPS.values()) for code in codes}


def build_tiny(*perfect: str, week: int, settings: tuple[str, ...] = ()) -> ChildProtectionModel:
    """Build the tiny authority with stages that are perfect from a week of the run."""
    model = build_model(scenario(*settings))
    while model.week < week:
        model.step()
    make_stages_perfect(model, perfect)
    return model


@cache
def run_perfect() -> RunResult:
    """Run the tiny authority with every stage perfect from the end of the warm-up."""
    return run_to_end(build_tiny(*STAGES, week=52))


def test_perfect_stages_change_nothing_if_no_child_is_harmed() -> None:
    unharmed = ("harm.harm_cutoff=3", "harm.severity_spread=0")
    assert tiny_result(*unharmed).summary["harm_spells"] == 0
    assert_same(run_to_end(build_tiny(*STAGES, week=0, settings=unharmed)), tiny_result(*unharmed))


def test_without_perfect_stages_the_run_is_unchanged() -> None:
    assert_same(run_to_end(build_tiny(week=52)), tiny_result())


def test_perfect_stages_act_from_week_0_whenever_they_were_added_before() -> None:
    assert_same(run_to_end(build_tiny(*STAGES, week=0)), run_perfect())


def test_a_fork_of_a_model_with_perfect_stages_has_its_own_oracle() -> None:
    parent = build_tiny(*STAGES, week=52)
    for _ in range(30):
        parent.step()
    fork = parent.fork()
    assert_same(run_to_end(fork), run_perfect())
    assert_same(run_to_end(parent), run_perfect())


def test_an_unknown_stage_is_refused_with_the_names_of_all_stages() -> None:
    with pytest.raises(ValueError, match=r"there is no stage luck; stages are: opportunity, .*protection"):
        make_stages_perfect(build_model(scenario()), ["transit", "luck"])


def test_at_the_deadline_the_oracle_agrees_with_the_ledger_about_the_stage() -> None:
    model = build_model(scenario())
    oracle, found = Oracle(model), {}

    def record_stopped(model: ChildProtectionModel) -> None:
        spells, week0 = model.world.spells, model.world.warm_up
        for stage in STAGES:
            row = oracle.spell[oracle.select_stopped(model.casework, stage)]
            due = row[np.minimum(spells.onset[row] + 13, spells.serious[row]) == model.week]
            found.update({(spells.child[spell], spells.onset[spell] - week0): stage for spell in due})

    model.plan.append(Step("record", "records where each child has stopped", record_stopped))
    spells = run_to_end(model).spells
    missed = spells[(spells["result_13w"] == "missed") & ~is_at_last_moment(spells)]
    expected = {(row.child, row.onset): STAGES[STAGE_OF[row.stopped_at]] for row in missed.itertuples()}
    assert len(expected) > 50
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize("place", range(len(STAGES)), ids=STAGES)
def test_in_uncoupled_cases_a_perfect_stage_protects_exactly_the_children_that_the_ledger_lost_there(
    place: int,
) -> None:
    stage, further = STAGES[place], STAGES[place + 1 :]
    before, after = simulate_spells(further), simulate_spells([stage, *further])
    here = before["missed"] & before["stopped_at"].isin(STAGE_GROUPS[stage])
    newly_reached, regular = before["missed"] & ~after["missed"], ~is_at_last_moment(before)
    assert here.sum() > 5, "the stage should lose some children"
    assert (newly_reached & regular).tolist() == (here & regular).tolist()
    assert not (after["missed"] & ~before["missed"]).any()


def test_a_perfect_front_door_protects_exactly_its_own_misses_if_protection_follows_at_once() -> None:
    lasting = (
        "protection.plan_closure_threshold=0",
        "protection.in_need_closure_threshold=0",
        "protection.review_noise=0",
        "protection.effective_hours_share=0",
    )
    before, after = simulate_spells((), *lasting), simulate_spells(["front door and assessment"], *lasting)
    here = before["missed"] & before["stopped_at"].isin(["C5", "C6", "C7"])
    regular = ~is_at_last_moment(before)
    assert here.sum() > 30
    assert ((before["missed"] & ~after["missed"]) & regular).tolist() == (here & regular).tolist()


@pytest.mark.parametrize("stage", STAGES)
def test_a_perfect_stage_leaves_earlier_misses_and_moves_all_others_beyond_it(stage: str) -> None:
    before, after = simulate_spells(), simulate_spells([stage])
    still = before["missed"] & after["missed"] & ~is_at_last_moment(before)
    was, is_now = (spells.loc[still, "stopped_at"].map(STAGE_OF).astype(int) for spells in (before, after))
    before_stage = was < STAGES.index(stage)
    assert (is_now[before_stage] == was[before_stage]).all()
    if stage != "opportunity":  # the ledger counts the meetings of the world only, not those of an oracle
        assert (is_now[~before_stage] > STAGES.index(stage)).all()


def test_with_every_stage_perfect_only_serious_events_in_the_week_of_onset_are_missed() -> None:
    few_staff = ("workforce.long_term_posts_per_10k=3", "workforce.assessment_posts_per_10k=2")
    for result in (run_perfect(), run_to_end(build_tiny(*STAGES, week=52, settings=few_staff))):
        spells = result.spells
        missed = spells[spells["result_13w"] == "missed"]
        assert (missed["serious_week"] == missed["onset"]).all()


def test_a_child_whose_service_gives_way_to_an_enquiry_is_listed_once_when_a_plan_starts() -> None:
    model = build_tiny("front door and assessment", week=52, settings=("front_door.referral_threshold=1",))
    escalated = 0

    def escalate(model: ChildProtectionModel) -> None:
        nonlocal escalated
        state, week = model.casework, model.this_week
        child = np.flatnonzero((state.records.status == Status.IN_NEED) & (state.harm.spell >= 0))
        state.records.protected_since[child] = -1
        week.screening = week.screening._replace(escalated=child)
        escalated += len(child)

    place = [step.name for step in model.plan].index("assessment")
    model.plan.insert(place, Step("escalate", "an enquiry opens about each child in need and harm", escalate))
    while model.running:
        model.step()
        listed = model.casework.receiving_services
        assert len(np.unique(listed)) == len(listed), "a child is listed twice, and its hours count twice"
    assert escalated > 5


def test_perfect_transit_changes_nothing_before_the_first_message_about_a_harmed_child_is_lost() -> None:
    as_it_is, perfect = tiny_result().events, run_to_end(build_tiny("transit", week=52)).events
    assert len(as_it_is) > 1000
    together = as_it_is.merge(perfect, how="outer", indicator=True)
    first = together.loc[together["_merge"] != "both", "week"].min()
    arrived = perfect[(perfect["week"] == first) & (perfect["stage"] == "delivered")]
    new = arrived.merge(as_it_is, how="left", indicator=True)
    child = new.loc[new["_merge"] == "left_only", "child"]
    assert len(child) == 1
    spells = tiny_result().spells
    harmed = spells[(spells["child"] == child.item()) & (spells["onset"] <= first)]
    assert (harmed["end_actual"] > first).any()
    shared = as_it_is[(as_it_is["child"] == child.item()) & (as_it_is["stage"] == "shared")]
    assert shared["week"].between(harmed["onset"].max() - 26, first).any()
