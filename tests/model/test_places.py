"""With several authorities, each child is counted in one, and cases stay in theirs unless the child moves."""

import numpy as np
import pandas as pd
import pytest
from tests.model.authority import assert_same, build_model, run_scenario, run_to_end, scenario
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
    return run_scenario(county())


SUMS = {
    "referrals": "referrals",
    "initial_finished": "initial_finished",
    "initial_on_time": "initial_on_time",
    "s47_started": "s47_started",
    "plans_started": "plans_started",
    "serious_events": "serious_events",
    "assessed_neither": "assessed_neither",
    "messages_sent": "messages_sent",
    "messages_lost": "messages_lost",
    "hours_demanded": "hours_demanded",
    "hours_available": "hours_available",
}


@pytest.mark.parametrize("column", SUMS)
def test_the_numbers_of_the_authorities_add_up_to_the_total(result: RunResult, column: str) -> None:
    evaluated = result.weekly[result.weekly["phase"] == "evaluated"]
    assert result.authorities[column].sum() == pytest.approx(evaluated[SUMS[column]].sum())


def test_each_child_is_counted_in_one_authority(result: RunResult) -> None:
    evaluated = result.weekly[result.weekly["phase"] == "evaluated"]
    assert result.authorities["children"].sum() == pytest.approx(evaluated["children"].mean())


def test_each_spell_is_counted_in_one_authority(result: RunResult) -> None:
    places, spells = result.authorities, result.spells
    assert places["spells"].sum() == len(spells)
    of_each = spells["authority"].value_counts().reindex(range(4), fill_value=0)
    np.testing.assert_array_equal(places.groupby("authority")["spells"].sum(), of_each)
    verdicts = places[["missed", "protected", "self_resolved", "censored"]]
    np.testing.assert_array_equal(verdicts.sum(axis=1), places["spells"])


def test_each_message_is_delivered_or_lost_or_misdirected_or_in_transit() -> None:
    model = build_model(county(other_need=NO_REQUESTS), collect=False)
    result = run_to_end(model)
    weekly, stages = result.weekly, result.events["stage"].value_counts()
    out = (
        weekly["messages_delivered"].sum()
        + weekly["messages_lost"].sum()
        + stages["misdirected"]
        + len(model.casework.messages_in_transit)
    )
    assert stages["misdirected"] > 20
    assert 0 <= weekly["messages_sent"].sum() - out <= 0.02 * weekly["messages_sent"].sum()


NO_REQUESTS = {need: {"help_request_chance": 0} for need in ("disability", "family_stress", "older_teenager")}


def test_organisations_that_serve_one_authority_do_not_send_messages_to_another() -> None:
    """No family moves, so only PCTs and schools near a boundary can mistake the authority."""
    settled = {**COUNTY["authorities"], "moves_between": 0}
    result = run_scenario(county(authorities=settled))
    misdirected = result.events.loc[result.events["stage"] == "misdirected", "agency"]
    kinds = result.agencies.set_index("agency")["kind"]
    assert set(kinds[misdirected]) == {"pct", "school"}
    careful = run_scenario(county(authorities=settled, network={**SLOW_POST, "wrong_authority": 0}))
    assert "misdirected" not in set(careful.events["stage"])


def test_some_misses_are_caused_by_messages_to_the_wrong_authority() -> None:
    lost = run_scenario(county(network={**SLOW_POST, "wrong_authority": 0.9}, harm={"onset_per_year": 0.2}))
    assert (lost.spells["stopped_at_part"] == "C4c").sum() > 0


def test_each_open_case_is_held_in_the_authority_where_the_child_lives() -> None:
    model, moved = build_model(county(), collect=False), 0
    while model.running:
        model.step()
        state = model.casework
        held = np.flatnonzero(state.records.worker >= 0)
        team = model.tables["workers"]["team"][state.records.worker[held]]
        np.testing.assert_array_equal(model.tables["teams"]["authority"][team], state.authority[held])
        status = state.records.status[state.newcomers]
        moved += int(((status > Status.CLOSED) & (status < Status.ADULT)).sum())
    assert moved > 20


def test_history_is_lost_if_the_file_does_not_follow_the_child() -> None:
    again = []
    for share in (1.0, 0.0):
        models = [
            build_model(
                county(population={**COUNTY["population"], "file_left_behind": share}), seed, collect=False
            )
            for seed in range(1, 5)
        ]
        again.append(np.mean([run_to_end(model).summary["rereferral_share_12m"] for model in models]))
    assert again[0] < again[1]


def test_a_newcomer_whose_file_was_left_behind_has_no_history_until_someone_makes_contact() -> None:
    model = build_model(county(population={**COUNTY["population"], "file_left_behind": 1.0}), collect=False)
    moved = 0
    while model.running:
        model.step()
        records, children = model.casework.records, model.world.children
        contacted = children.family[model.this_week.delivered_messages["child"]]
        newcomers = model.casework.newcomers
        newcomers = newcomers[~np.isin(children.family[newcomers], contacted)]
        moved += len(newcomers)
        assert not records.referrals[newcomers].any()
        assert not records.belief[newcomers].any()
    assert moved > 100


def test_each_front_door_has_its_own_load_and_thresholds() -> None:
    unequal = {"count": 3, "named": [{"name": "Ashford", "resources": 0.3}]}
    model = build_model(
        county(authorities=unequal, workforce={"assessment_posts_per_10k": 30}), collect=False
    )
    places = run_to_end(model).authorities
    assert places.groupby("name")["front_door_load"].mean().idxmax() == "Ashford"
    assert model.casework.drift[0] > model.casework.drift[1:].max()


def test_settings_for_differences_between_authorities_do_not_affect_a_single_authority() -> None:
    differing = scenario(
        "authorities.size_spread=0.5", "authorities.deprivation_spread=2", "authorities.resources_spread=0.4",
        "authorities.leadership_spread=0.3", "authorities.trust_spread=0.1", "authorities.money_spread=0.3",
        "authorities.moves_between=0.5", "population.school_outside_share=0.3", "network.wrong_authority=1",
    )  # fmt: skip
    assert_same(run_scenario(scenario()), run_scenario(differing))


@pytest.mark.parametrize(
    ("trait", "outcome"), [("leadership", "missed_risk_rate"), ("money", "missed_risk_rate_52w")]
)
def test_better_leadership_or_more_money_for_services_reduces_missed_risk(trait: str, outcome: str) -> None:
    def mean(value: float) -> float:
        named = [{"name": f"place {row}", trait: value} for row in range(2)]
        favoured = county(
            authorities={"count": 2, "named": named},
            harm={"onset_per_year": 0.2},
            workforce={"assessment_posts_per_10k": 30, "long_term_posts_per_10k": 60},
            clock={"warm_up_years": 1, "years": 3},
        )
        return float(np.mean([run_scenario(favoured, seed).summary[outcome] for seed in (1, 2)]))

    assert mean(3.0) < mean(0.4)


def test_a_fork_with_several_authorities_has_the_results_of_the_uninterrupted_run() -> None:
    model = build_model(county(), collect=False)
    for _ in range(70):
        model.step()
    one, other = run_to_end(model.fork()), run_to_end(model)
    assert_same(one, other)
    pd.testing.assert_frame_equal(one.authorities, other.authorities, check_exact=True)


def test_each_authority_is_an_agent() -> None:
    model = ChildProtectionModel(county(), seed=1, collect=False)
    authorities = [agent for agent in model.agents if type(agent).__name__ == "LocalAuthority"]
    assert [agent.name for agent in authorities][:2] == ["Ashford", "Barton"]
    assert authorities[0].deprivation == 4
