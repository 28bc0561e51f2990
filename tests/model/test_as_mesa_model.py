"""The model is an ordinary Mesa model: agents can be listed, set and drawn, data collected, batches run."""

import inspect
from typing import Any

import mesa
import networkx as nx
import numpy as np
import pytest
from mesa.batchrunner import batch_run
from tests.model.authority import (
    FRONT_DOOR_SHUT,
    TINY,
    WEEKS,
    finished,
    model_of,
    outcome,
    scenario,
    signature,
    stage,
    world_of,
)

from cpsim.agents.school import School
from cpsim.agents.social_work import SocialWorker, SocialWorkTeam
from cpsim.model import PLAN, ChildProtectionModel, Step


def tiny() -> dict[str, Any]:
    return {"scenario": "small", **dict(setting.split("=") for setting in TINY)}


def test_a_batch_runs_the_model_under_each_setting() -> None:
    seeds: dict[str, Any] = {"rng": [1]} if "rng" in inspect.signature(batch_run).parameters else {}
    given = {} if seeds else {"seed": [1]}
    rows = batch_run(
        ChildProtectionModel,
        {**tiny(), **given, "sharing.share_noise": [0.5, 0.7], "sharing.duty_effect": [0.0, 0.5]},
        number_processes=1,
        max_steps=60,
        display_progress=False,
        **seeds,
    )
    assert len(rows) == 4
    assert {(row["sharing.share_noise"], row["sharing.duty_effect"]) for row in rows} == {
        (0.5, 0.0), (0.5, 0.5), (0.7, 0.0), (0.7, 0.5),
    }  # fmt: skip
    assert all(0 <= row["trust_mean"] <= 1 for row in rows)


def test_the_datacollector_holds_what_the_weekly_table_holds() -> None:
    model = model_of(scenario())
    result = finished(model)
    collected = model.datacollector.get_model_vars_dataframe()
    assert len(collected) == WEEKS
    for column in collected:
        np.testing.assert_array_equal(collected[column], result.weekly[column])


def test_a_users_own_datacollector_may_look_at_agents() -> None:
    model = model_of(scenario())
    collector = mesa.DataCollector(
        model_reporters={
            "attention of schools": lambda m: m.agents_by_type[School].agg("attention", np.mean)
        },
        agent_reporters={"caseload": lambda agent: getattr(agent, "caseload", None)},
    )
    for _ in range(3):
        model.step()
        collector.collect(model)
    means = collector.get_model_vars_dataframe()["attention of schools"]
    assert means.nunique() == 1
    assert len(collector.get_agent_vars_dataframe()) >= 3 * len(model.tables["organisations"])


def test_every_organisation_team_and_worker_is_an_agent() -> None:
    model = model_of(scenario())
    schools = model.agents_by_type[School]
    assert len(schools) == (model.tables["organisations"]["kind"] == 0).sum()
    assert len(model.agents_by_type[SocialWorkTeam]) == len(model.tables["teams"])
    assert len(model.agents_by_type[SocialWorker]) == model.tables["workers"]["employed"].sum()
    assert len(schools.select(lambda school: school.attention > 0)) == len(schools)


def noticed(model: ChildProtectionModel) -> set[tuple[Any, ...]]:
    return signature(stage(finished(model), "noticed"), "week", "child", "agency", "value")


def test_a_school_without_attention_notices_nothing_and_everybody_else_what_they_did() -> None:
    """With a front door that takes up nothing, noticing has no feedback, so this holds for all weeks."""
    deaf, usual = model_of(scenario(*FRONT_DOOR_SHUT)), outcome(*FRONT_DOOR_SHUT)
    school = next(iter(deaf.agents_by_type[School]))
    school.attention = 0.0
    before = signature(stage(usual, "noticed"), "week", "child", "agency", "value")
    after = noticed(deaf)
    assert after == {event for event in before if event[2] != school.row}
    assert len(after) < len(before)


def test_in_the_first_week_the_same_holds_with_the_front_door_open() -> None:
    first = -scenario().clock.warm_up_years * 52
    deaf = model_of(scenario())
    for school in deaf.agents_by_type[School]:
        school.attention = 0.0
    schools = len(deaf.agents_by_type[School])
    columns = ("child", "agency", "value")
    everybody = stage(outcome(), "noticed")
    before = signature(everybody[everybody["week"] == first], *columns)
    late = stage(finished(deaf), "noticed")
    after = signature(late[late["week"] == first], *columns)
    assert after == {event for event in before if event[1] >= schools}


def test_an_agent_may_be_set_in_the_middle_of_the_story() -> None:
    model = model_of(scenario(*FRONT_DOOR_SHUT))
    while model.week < 150:
        model.step()
    for school in model.agents_by_type[School]:
        school.attention = 0.0
    schools = len(model.agents_by_type[School])
    since = 150 - world_of(scenario()).warm_up
    events = stage(finished(model), "noticed")
    by_schools = events[events["agency"] < schools]
    assert by_schools["week"].max() < since
    assert len(by_schools) > 0
    others = events[(events["agency"] >= schools) & (events["week"] >= since)]
    assert len(others) > 0


def test_who_leaves_is_removed_and_a_newcomer_appears() -> None:
    model = model_of(
        scenario("workforce.exit_per_year=1", "workforce.refill_weeks=4", "front_door.flood_effect=0")
    )
    at_the_start = {worker.row for worker in model.agents_by_type[SocialWorker]}
    while model.week < 80:
        model.step()
        rows = {worker.row for worker in model.agents_by_type[SocialWorker]}
        assert rows == set(np.flatnonzero(model.tables["workers"]["employed"]).tolist())
    assert at_the_start - rows, "nobody left"
    assert rows - at_the_start, "nobody came"


def test_the_network_is_a_graph_of_organisations_and_their_front_door() -> None:
    model = model_of(scenario())
    for _ in range(20):
        model.step()
    graph = model.network
    assert isinstance(graph, nx.DiGraph)
    assert graph.number_of_nodes() == len(model.tables["organisations"]) + 1
    assert graph.number_of_edges() == len(model.tables["ties"])
    front_door = [name for name, kind in graph.nodes(data="kind") if kind == "front_door"]
    assert graph.in_degree(front_door[0]) == len(model.tables["organisations"])
    assert graph.out_degree(front_door[0]) == 0
    for _, _, trust in graph.edges(data="trust"):
        assert 0 <= trust <= 1


def test_the_week_is_a_plan_that_takes_a_step_of_ones_own() -> None:
    seen: list[int] = []
    model = model_of(scenario())
    model.plan.insert(
        3, Step("probe", "looks at the concerns of the week", lambda m: seen.append(len(m.concerns.file)))
    )
    finished(model)
    assert len(seen) == WEEKS
    assert sum(seen) == len(stage(outcome(), "noticed"))
    assert len(PLAN) == len(model.plan) - 1, "the probe belongs to one model alone"


def test_a_run_that_is_over_stands_still_and_one_that_is_not_has_no_result() -> None:
    model = model_of(scenario("clock.years=1", "population.children=200", "clock.warm_up_years=0"))
    with pytest.raises(RuntimeError, match="week 0"):
        model.result()
    finished(model)
    assert not model.running
    week = model.week
    model.step()
    assert model.week == week


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="seed"):
        ChildProtectionModel("small", seed=-1)


def test_a_world_of_another_seed_or_of_other_children_is_refused() -> None:
    with pytest.raises(ValueError, match="another seed"):
        ChildProtectionModel(scenario(), seed=2, world=world_of(scenario(), 1))
    with pytest.raises(ValueError, match="other world settings"):
        ChildProtectionModel(scenario("harm.harm_cutoff=1.2"), seed=1, world=world_of(scenario(), 1))
