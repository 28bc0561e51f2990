"""Organisations, teams and social workers are Mesa agents, and setting a value on one changes its behaviour."""

import copy
import gc
import pickle
import weakref
from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
import pytest
from tests.agents.small_authority import SmallAuthority

from cpsim.agents.gp_practice import GPPractice
from cpsim.agents.kinds import AGENT_CLASSES
from cpsim.agents.local_authority import LocalAuthority
from cpsim.agents.organisation import Organisation, OtherAgency
from cpsim.agents.roster import create_agents, release_model, sync_workers
from cpsim.agents.school import School
from cpsim.agents.social_work import SocialWorker, SocialWorkTeam
from cpsim.agents.tables import TeamRole
from cpsim.model import ChildProtectionModel

ALL_CLASSES = (
    *AGENT_CLASSES.values(),
    Organisation,
    OtherAgency,
    LocalAuthority,
    SocialWorkTeam,
    SocialWorker,
)


def test_each_kind_of_agency_has_its_own_class(model: SmallAuthority) -> None:
    by_name = {agent.name: type(agent) for agent in model.agents if isinstance(agent, Organisation)}
    assert by_name["school-002"] is School
    assert by_name["gp-001"] is GPPractice
    assert by_name["youth_justice-001"] is OtherAgency


def test_agents_are_in_the_order_organisations_authorities_teams_social_workers(
    model: SmallAuthority,
) -> None:
    order = [type(agent) for agent in model.agents]
    assert order[:2] == [School, School]
    assert order[7] is LocalAuthority
    assert order[8:13] == [SocialWorkTeam] * 5
    assert set(order[13:]) == {SocialWorker}
    assert [agent.unique_id for agent in model.agents] == list(range(1, len(order) + 1))


def test_setting_attention_on_one_school_changes_that_row_only(model: SmallAuthority) -> None:
    before = {name: table.copy() for name, table in model.tables.items()}
    school = model.agents_by_type[School][1]
    school.attention = 0.25
    assert school.attention == 0.25
    assert model.tables["organisations"]["attention"].tolist() == [0.8, 0.25, 0.7, 0.7, 0.8, 0.95, 0.8]
    model.tables["organisations"]["attention"][1] = 0.8
    for name, table in model.tables.items():
        for column in table:
            np.testing.assert_array_equal(table[column], before[name][column])


def test_two_authorities_in_one_process_do_not_touch_each_other(model: SmallAuthority) -> None:
    other = SmallAuthority(seed=2)
    create_agents(other)
    other.agents_by_type[School].set("attention", 0.1)
    assert model.agents_by_type[School].get("attention") == [0.8, 0.8]
    release_model(other)


def test_agent_sets_can_select_sort_group_and_aggregate(model: SmallAuthority) -> None:
    organisations = model.agents.select(lambda agent: isinstance(agent, Organisation))
    assert organisations.agg("attention", max) == 0.95
    assert organisations.select(lambda agent: agent.attention > 0.9).get("name") == ["police-001"]
    assert organisations.sort("attention").get("kind")[0] == "police"
    assert organisations.groupby("kind").count() == {
        "school": 2,
        "gp": 2,
        "pct": 1,
        "police": 1,
        "youth_justice": 1,
    }
    organisations.set("share_threshold_shift", -0.26)
    assert set(organisations.get("share_threshold_shift")) == {-0.26}


def test_values_are_plain_python_numbers(model: SmallAuthority) -> None:
    school = model.agents_by_type[School][0]
    assert type(school.attention) is float
    assert type(school.noticed) is int
    assert school.duty_bound is False


def test_a_data_collector_reads_the_values_that_the_engine_writes(model: SmallAuthority) -> None:
    collector = mesa.DataCollector(agenttype_reporters={School: {"noticed": "noticed"}})
    model.tables["organisations"]["noticed"][:2] = [3, 5]
    collector.collect(model)
    assert collector.get_agenttype_vars_dataframe(School)["noticed"].tolist() == [3, 5]


@pytest.mark.parametrize("again", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy])  # noqa: S301
def test_a_copied_authority_is_independent_of_the_original(
    model: SmallAuthority, again: Callable[[Any], Any]
) -> None:
    model.agents_by_type[School][0].attention = 0.6
    duplicate = again(model)
    school = duplicate.agents_by_type[School][0]
    assert school.attention == 0.6
    school.attention = 0.2
    assert duplicate.tables["organisations"]["attention"][0] == 0.2
    assert model.tables["organisations"]["attention"][0] == 0.6
    release_model(duplicate)


@pytest.mark.parametrize(
    ("attribute", "value", "error", "message"),
    [
        ("attention", 1.2, ValueError, r"attention of School must be between 0 and 1, not 1\.2"),
        ("attention", float("nan"), ValueError, "between 0 and 1"),
        ("attention", "high", TypeError, "attention of School must be a number, not 'high'"),
        ("attention", True, TypeError, "must be a number"),
        ("share_threshold", float("inf"), ValueError, "share_threshold of School must be a finite number"),
        ("workload", -0.1, ValueError, "at least 0"),
        ("duty_bound", 1, TypeError, "duty_bound of School must be true or false"),
        ("noticed", 4, AttributeError, "noticed of School is computed by the model"),
    ],
)
def test_an_invalid_value_is_refused_with_an_explanation(
    model: SmallAuthority, attribute: str, value: object, error: type[Exception], message: str
) -> None:
    school = model.agents_by_type[School][0]
    before = getattr(school, attribute)
    with pytest.raises(error, match=message):
        setattr(school, attribute, value)
    assert getattr(school, attribute) == before


def test_experience_is_counted_in_whole_weeks(model: SmallAuthority) -> None:
    worker = model.agents_by_type[SocialWorker][0]
    worker.prior_experience_weeks = 104
    with pytest.raises(TypeError, match="whole number"):
        worker.prior_experience_weeks = 104.5
    assert worker.experience(10) == 104 + 10 - worker.hired_week
    assert worker.tenure(0) >= 0


def test_an_attribute_documents_its_meaning_and_unit() -> None:
    assert School.attention.__doc__ == "Probability that a noticeable sign is noticed (share)"
    assert School.attention.unit == "share"


@pytest.mark.parametrize("kind", ALL_CLASSES)
def test_no_attribute_has_a_name_that_mesa_uses(kind: type[mesa.Agent]) -> None:
    own = {name for base in kind.__mro__ if base.__module__.startswith("cpsim") for name in vars(base)}
    own |= {"row", "name", "kind"}
    allowed = {
        "remove",
        "__module__",
        "__doc__",
        "__init__",
        "__repr__",
        "__dict__",
        "__weakref__",
        "_datasets",
    }
    allowed |= {"__firstlineno__", "__static_attributes__", "__annotations__", "__parameters__"}
    assert own & set(dir(mesa.Agent)) <= allowed | {"__orig_bases__"}


@pytest.mark.parametrize("kind", [*AGENT_CLASSES.values(), SocialWorker])
def test_each_trait_of_an_agent_has_a_source_or_is_marked_as_a_guess(kind: type[mesa.Agent]) -> None:
    assert kind.traits
    for trait in kind.traits:
        assert trait.source
        assert trait.tag == "guess" or any(year in trait.source for year in ("19", "20", "190")), trait


def test_each_team_has_its_role(model: SmallAuthority) -> None:
    teams = model.agents_by_type[SocialWorkTeam]
    assert teams.get("name")[:2] == ["front-door-001", "assessment-001"]
    assert teams[0].role is TeamRole.FRONT_DOOR
    assert repr(teams[4]) == "<SocialWorkTeam long-term-002>"


def test_a_leaver_is_removed_and_the_successor_is_a_new_agent(model: SmallAuthority) -> None:
    workers = model.tables["workers"]
    leaver = model.agents_by_type[SocialWorker][3]
    many = len(model.agents_by_type[SocialWorker])
    workers["employed"][leaver.row] = False
    workers["left_week"][leaver.row] = 5
    (row,) = workers.grow(1)
    for column, value in {
        "post": leaver.post,
        "team": leaver.team,
        "employed": True,
        "hired_week": 28,
    }.items():
        workers[column][row] = value
    sync_workers(model)
    present = model.agents_by_type[SocialWorker]
    assert leaver not in present
    assert len(present) == many
    successor = present[many - 1]
    assert (successor.row, successor.post, successor.tenure(30)) == (row, leaver.post, 2)
    assert leaver.left_week == 5, "the history of a leaver must remain"


@pytest.mark.parametrize(
    ("kind", "instead"),
    [
        (School, "set its attention to 0"),
        (SocialWorkTeam, "set its capacity_factor to 0"),
        (SocialWorker, "set its hours_per_week to 0"),
        (LocalAuthority, "lower authorities.count"),
    ],
)
def test_no_agent_can_be_removed_by_hand_and_the_error_says_what_to_do_instead(
    model: SmallAuthority, kind: type[mesa.Agent], instead: str
) -> None:
    agent, before = model.agents_by_type[kind][0], len(model.agents)
    with pytest.raises(
        RuntimeError, match=f"cannot be removed, because the model refers to its row; {instead}"
    ):
        agent.remove()
    with pytest.raises(RuntimeError, match="cannot be removed"):
        model.remove_all_agents()
    assert len(model.agents) == before


@pytest.mark.parametrize("again", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy])  # noqa: S301
def test_a_new_agent_of_a_copied_model_has_a_number_of_its_own(again: Callable[[Any], Any]) -> None:
    model = ChildProtectionModel("small", seed=1, **{"population.children": 200, "clock.warm_up_years": 0})
    present = set(model.agents.get("unique_id"))
    duplicate = again(model)
    assert SocialWorker(duplicate, 0).unique_id not in present
    for each in (model, duplicate):
        release_model(each)


def test_a_finished_model_does_not_stay_in_memory() -> None:
    finished = SmallAuthority()
    create_agents(finished)
    release_model(finished)
    reference = weakref.ref(finished)
    del finished
    gc.collect()
    assert reference() is None
