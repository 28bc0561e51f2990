"""The model is an ordinary Mesa model, with agents, data collection and batch runs."""

import inspect
import pickle
from typing import Any

import mesa
import networkx as nx
import numpy as np
import pytest
import solara
from mesa.batchrunner import batch_run
from mesa.visualization import make_space_component
from mesa.visualization.components import AgentPortrayalStyle
from tests.model.authority import (
    FRONT_DOOR_SHUT,
    TINY,
    WEEKS,
    assert_same,
    build_model,
    get_world,
    run_to_end,
    scenario,
    select_events,
    signature,
    tiny_result,
)

from cpsim.agents.school import School
from cpsim.agents.social_work import SocialWorker, SocialWorkTeam
from cpsim.model import ChildProtectionModel
from cpsim.simulation import PLAN, Step


def tiny_parameters() -> dict[str, Any]:
    settings = dict(setting.split("=") for setting in TINY)
    return {"scenario": "small", **{path: int(value) for path, value in settings.items()}}


def test_a_batch_runs_the_model_with_each_setting() -> None:
    seeds: dict[str, Any] = {"rng": [1]} if "rng" in inspect.signature(batch_run).parameters else {}
    given = {} if seeds else {"seed": [1]}
    rows = batch_run(
        ChildProtectionModel,
        {**tiny_parameters(), **given, "sharing.share_noise": [0.5, 0.7], "sharing.duty_effect": [0.0, 0.5]},
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


def test_the_data_collector_has_the_columns_of_the_weekly_table() -> None:
    model = build_model(scenario())
    result = run_to_end(model)
    collected = model.datacollector.get_model_vars_dataframe()
    assert len(collected) == WEEKS
    for column in collected:
        np.testing.assert_array_equal(collected[column], result.weekly[column])


def test_a_users_data_collector_can_read_agents() -> None:
    model = build_model(scenario())
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


def test_each_organisation_team_and_social_worker_is_an_agent() -> None:
    model = build_model(scenario())
    schools = model.agents_by_type[School]
    assert len(schools) == (model.tables["organisations"]["kind"] == 0).sum()
    assert len(model.agents_by_type[SocialWorkTeam]) == len(model.tables["teams"])
    assert len(model.agents_by_type[SocialWorker]) == model.tables["workers"]["employed"].sum()
    assert len(schools.select(lambda school: school.attention > 0)) == len(schools)


def noticed_signs(model: ChildProtectionModel) -> set[tuple[Any, ...]]:
    return signature(select_events(run_to_end(model), "noticed"), "week", "child", "agency", "value")


def test_a_school_without_attention_notices_nothing_and_other_agencies_notice_the_same_signs() -> None:
    """A front door that accepts no contacts has no effect on noticing, so this holds in all weeks."""
    changed, unchanged = build_model(scenario(*FRONT_DOOR_SHUT)), tiny_result(*FRONT_DOOR_SHUT)
    school = next(iter(changed.agents_by_type[School]))
    school.attention = 0.0
    before = signature(select_events(unchanged, "noticed"), "week", "child", "agency", "value")
    after = noticed_signs(changed)
    assert after == {event for event in before if event[2] != school.row}
    assert len(after) < len(before)


def test_in_the_first_week_other_agencies_notice_the_same_signs_even_if_the_front_door_accepts_referrals() -> (
    None
):
    first = -scenario().clock.warm_up_years * 52
    changed = build_model(scenario())
    for school in changed.agents_by_type[School]:
        school.attention = 0.0
    schools = len(changed.agents_by_type[School])
    columns = ("child", "agency", "value")
    events = select_events(tiny_result(), "noticed")
    before = signature(events[events["week"] == first], *columns)
    events = select_events(run_to_end(changed), "noticed")
    after = signature(events[events["week"] == first], *columns)
    assert after == {event for event in before if event[1] >= schools}


def test_an_agent_can_be_changed_during_a_run() -> None:
    model = build_model(scenario(*FRONT_DOOR_SHUT))
    while model.week < 150:
        model.step()
    for school in model.agents_by_type[School]:
        school.attention = 0.0
    schools = len(model.agents_by_type[School])
    since = 150 - get_world(scenario()).warm_up
    events = select_events(run_to_end(model), "noticed")
    by_schools = events[events["agency"] < schools]
    assert by_schools["week"].max() < since
    assert len(by_schools) > 0
    others = events[(events["agency"] >= schools) & (events["week"] >= since)]
    assert len(others) > 0


def test_leavers_are_removed_and_new_social_workers_appear() -> None:
    model = build_model(
        scenario("workforce.exit_per_year=1", "workforce.refill_weeks=4", "front_door.flood_effect=0")
    )
    at_the_start = {worker.row for worker in model.agents_by_type[SocialWorker]}
    while model.week < 80:
        model.step()
        rows = {worker.row for worker in model.agents_by_type[SocialWorker]}
        assert rows == set(np.flatnonzero(model.tables["workers"]["employed"]).tolist())
    assert at_the_start - rows, "no social worker left"
    assert rows - at_the_start, "no social worker was hired"


def test_the_network_is_a_graph_of_organisations_and_their_front_door() -> None:
    model = build_model(scenario())
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


def test_mesas_component_of_the_space_draws_the_network() -> None:
    model = build_model(scenario())
    model.step()
    nodes, drawn = len(model.network), []

    def portray(agent: mesa.Agent) -> AgentPortrayalStyle:
        drawn.append(agent)
        return AgentPortrayalStyle(color="red" if isinstance(agent, School) else "grey", size=20)

    component = make_space_component(portray)
    _, context = solara.render(component(model), handle_error=False)
    context.close()
    assert len(drawn) == nodes
    assert sum(isinstance(agent, SocialWorkTeam) for agent in drawn) == 1, "the front door is a node"
    ties = {tuple(sorted(pair)) for pair in zip(model.ties.source, model.ties.target, strict=True)}
    assert {tuple(sorted(edge)) for edge in model.grid.G.edges} == ties


@pytest.mark.parametrize("collect", [True, False])
def test_a_pickled_model_continues_to_the_same_results_as_the_original(collect: bool) -> None:
    original = build_model(
        scenario("clock.years=1", "population.children=300", "clock.warm_up_years=0"), collect=collect
    )
    assert len(original.agents) > 0
    while original.week < 40:
        original.step()
    restored = pickle.loads(pickle.dumps(original))  # noqa: S301
    assert not restored.world.children.birth.flags.writeable, "nothing changes the world"
    assert_same(run_to_end(restored), run_to_end(original))


def test_a_step_of_ones_own_can_be_inserted_in_the_plan() -> None:
    seen: list[int] = []
    model = build_model(scenario())
    model.plan.insert(
        3,
        Step(
            "probe", "counts the concerns of the week", lambda m: seen.append(len(m.this_week.concerns.file))
        ),
    )
    run_to_end(model)
    assert len(seen) == WEEKS
    assert sum(seen) == len(select_events(tiny_result(), "noticed"))
    assert "probe" not in [step.name for step in (*PLAN, *build_model(scenario()).plan)], (
        "the added step must be in the plan of one model only"
    )


def test_a_result_of_the_week_cannot_be_read_before_the_step_that_writes_it() -> None:
    model = build_model(scenario(), collect=False)
    model.step()
    model.plan.insert(0, Step("early", "reads the screening too early", lambda m: m.this_week.screening))
    with pytest.raises(AttributeError, match="week 1 has no screening yet"):
        model.step()


def test_a_finished_run_cannot_be_stepped_and_an_unfinished_run_has_no_result() -> None:
    model = build_model(scenario("clock.years=1", "population.children=200", "clock.warm_up_years=0"))
    with pytest.raises(RuntimeError, match="week 0"):
        model.result()
    run_to_end(model)
    assert not model.running
    week = model.week
    model.step()
    assert model.week == week


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="seed"):
        ChildProtectionModel("small", seed=-1)


def test_a_world_of_another_seed_or_other_world_settings_is_refused() -> None:
    with pytest.raises(ValueError, match="another seed"):
        ChildProtectionModel(scenario(), seed=2, world=get_world(scenario(), 1))
    with pytest.raises(ValueError, match="other world settings"):
        ChildProtectionModel(scenario("harm.harm_cutoff=1.2"), seed=1, world=get_world(scenario(), 1))
