"""Several authorities: nobody is counted in two of them, and what happens in one stays there unless a child moves."""

import numpy as np
import pandas as pd
import pytest
from tests.model.authority import assert_same, finished, model_of, run_of, scenario
from tests.world.test_places import COUNTY

from cpsim.casework.state import Status
from cpsim.model import ChildProtectionModel
from cpsim.results import RunResult
from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario

SLOW_POST = {"message_delay_weeks": 2, "wrong_authority": 0.2}


def county(**sections: object) -> Scenario:
    return from_mapping({**COUNTY, "network": SLOW_POST, **sections})


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run_of(county())


SUMS = {
    "referrals": "referrals",
    "initial_finished": "initial_finished",
    "initial_on_time": "initial_on_time",
    "s47_started": "s47_started",
    "plans_started": "plans_started",
    "serious_events": "serious_events",
    "false_alarm_families": "false_alarm_families",
    "messages_sent": "messages_sent",
    "messages_lost": "messages_lost",
    "hours_demanded": "hours_demanded",
    "hours_available": "hours_available",
}


@pytest.mark.parametrize("column", SUMS)
def test_what_is_done_in_all_authorities_is_what_is_done_in_each(result: RunResult, column: str) -> None:
    judged = result.weekly[result.weekly["phase"] == "evaluated"]
    assert result.authorities[column].sum() == pytest.approx(judged[SUMS[column]].sum())


def test_every_child_is_counted_in_one_authority(result: RunResult) -> None:
    judged = result.weekly[result.weekly["phase"] == "evaluated"]
    assert result.authorities["children"].sum() == pytest.approx(judged["children"].mean())


def test_every_spell_is_judged_in_one_authority(result: RunResult) -> None:
    places, spells = result.authorities, result.spells
    assert places["spells"].sum() == len(spells)
    of_each = spells["authority"].value_counts().reindex(range(4), fill_value=0)
    np.testing.assert_array_equal(places.groupby("authority")["spells"].sum(), of_each)
    verdicts = places[["missed", "protected", "self_resolved", "censored"]]
    np.testing.assert_array_equal(verdicts.sum(axis=1), places["spells"])


def test_every_message_arrives_or_is_lost_or_goes_astray_or_is_under_way() -> None:
    model = model_of(county(other_need=NOBODY_ASKS), collect=False)
    result = finished(model)
    weekly, stages = result.weekly, result.events["stage"].value_counts()
    out = (
        weekly["messages_delivered"].sum()
        + weekly["messages_lost"].sum()
        + stages["misdirected"]
        + len(model.casework.in_post)
    )
    assert stages["misdirected"] > 20
    assert 0 <= weekly["messages_sent"].sum() - out <= 0.02 * weekly["messages_sent"].sum()


NOBODY_ASKS = {need: {"help_request_chance": 0} for need in ("disability", "family_stress", "older_teenager")}


def test_messages_of_those_who_serve_one_authority_never_go_to_another() -> None:
    """Nobody moves, so that only trusts and schools near a border can be mistaken."""
    settled = {**COUNTY["authorities"], "moves_between": 0}
    result = run_of(county(authorities=settled))
    astray = result.events.loc[result.events["stage"] == "misdirected", "agency"]
    kinds = result.agencies.set_index("agency")["kind"]
    assert set(kinds[astray]) == {"pct", "school"}
    careful = run_of(county(authorities=settled, network={**SLOW_POST, "wrong_authority": 0}))
    assert "misdirected" not in set(careful.events["stage"])


def test_a_concern_that_went_to_the_wrong_authority_explains_some_misses() -> None:
    lost = run_of(county(network={**SLOW_POST, "wrong_authority": 0.9}, harm={"onset_per_year": 0.2}))
    assert (lost.spells["cause_part"] == "C4c").sum() > 0


def test_every_open_case_is_with_a_worker_of_the_authority_where_the_child_lives() -> None:
    model, moved = model_of(county(), collect=False), 0
    while model.running:
        model.step()
        state = model.casework
        held = np.flatnonzero(state.records.worker >= 0)
        team = model.tables["workers"]["team"][state.records.worker[held]]
        np.testing.assert_array_equal(model.tables["teams"]["authority"][team], state.authority[held])
        status = state.records.status[state.newcomers]
        moved += int(((status > Status.CLOSED) & (status < Status.GROWN_UP)).sum())
    assert moved > 20


def test_a_file_that_stays_behind_takes_history_along() -> None:
    always, never = (
        model_of(county(population={**COUNTY["population"], "file_left_behind": share}), collect=False)
        for share in (1.0, 0.0)
    )
    while always.running:
        always.step()
        never.step()
        assert not always.casework.records.referrals[always.casework.newcomers].any()
        assert not always.casework.records.belief[always.casework.newcomers].any()
    assert finished(always).summary["rereferral_share_12m"] < finished(never).summary["rereferral_share_12m"]


def test_each_front_door_has_a_load_and_bars_of_its_own() -> None:
    unequal = {"count": 3, "named": [{"name": "Ashford", "resources": 0.3}]}
    model = model_of(county(authorities=unequal, workforce={"assessment_posts_per_10k": 30}), collect=False)
    places = finished(model).authorities
    assert places.groupby("name")["front_door_load"].mean().idxmax() == "Ashford"
    assert model.casework.drift[0] > model.casework.drift[1:].max()


def test_a_single_authority_lives_the_same_life_however_far_authorities_differ() -> None:
    differing = scenario(
        "authorities.size_spread=0.5", "authorities.deprivation_spread=2", "authorities.resources_spread=0.4",
        "authorities.leadership_spread=0.3", "authorities.trust_spread=0.1", "authorities.money_spread=0.3",
        "authorities.moves_between=0.5", "population.school_outside_share=0.3", "network.wrong_authority=1",
    )  # fmt: skip
    assert_same(run_of(scenario()), run_of(differing))


@pytest.mark.parametrize(
    ("trait", "figure"), [("leadership", "missed_risk_rate"), ("money", "missed_risk_rate_52w")]
)
def test_who_is_led_better_or_can_buy_more_services_leaves_fewer_children_in_harm(
    trait: str, figure: str
) -> None:
    def mean(value: float) -> float:
        named = [{"name": f"place {row}", trait: value} for row in range(2)]
        gifted = county(
            authorities={"count": 2, "named": named},
            harm={"onset_per_year": 0.2},
            workforce={"assessment_posts_per_10k": 30, "long_term_posts_per_10k": 60},
            clock={"warm_up_years": 1, "years": 3},
        )
        return float(np.mean([run_of(gifted, seed).summary[figure] for seed in (1, 2)]))

    assert mean(3.0) < mean(0.4)


def test_a_fork_with_several_authorities_goes_on_as_if_it_had_run_so_from_the_start() -> None:
    model = model_of(county(), collect=False)
    for _ in range(70):
        model.step()
    one, other = finished(model.fork()), finished(model)
    assert_same(one, other)
    pd.testing.assert_frame_equal(one.authorities, other.authorities, check_exact=True)


def test_authorities_are_agents_of_their_own() -> None:
    model = ChildProtectionModel(county(), collect=False)
    authorities = [agent for agent in model.agents if type(agent).__name__ == "LocalAuthority"]
    assert [agent.name for agent in authorities][:2] == ["Ashford", "Barton"]
    assert authorities[0].deprivation == 4
