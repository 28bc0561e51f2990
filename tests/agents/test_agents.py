"""Schools, practices, police and social workers are Mesa agents, and what is set on one is what it does."""

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
from cpsim.agents.roster import create_agents, release, sync_workers
from cpsim.agents.school import School
from cpsim.agents.social_work import SocialWorker, SocialWorkTeam, TeamRole

ALL_CLASSES = (
    *AGENT_CLASSES.values(),
    Organisation,
    OtherAgency,
    LocalAuthority,
    SocialWorkTeam,
    SocialWorker,
)


def test_every_kind_of_agency_has_its_profession(model: SmallAuthority) -> None:
    by_name = {agent.name: type(agent) for agent in model.agents if isinstance(agent, Organisation)}
    assert by_name["school-002"] is School
    assert by_name["gp-001"] is GPPractice
    assert by_name["youth_justice-001"] is OtherAgency


def test_organisations_come_first_then_authorities_then_teams_then_workers(model: SmallAuthority) -> None:
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
    release(other)


def test_agent_sets_select_sort_group_and_add_up_columns(model: SmallAuthority) -> None:
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


def test_a_data_collector_sees_what_the_engine_writes(model: SmallAuthority) -> None:
    collector = mesa.DataCollector(agenttype_reporters={School: {"noticed": "noticed"}})
    model.tables["organisations"]["noticed"][:2] = [3, 5]
    collector.collect(model)
    assert collector.get_agenttype_vars_dataframe(School)["noticed"].tolist() == [3, 5]


@pytest.mark.parametrize("again", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy])  # noqa: S301
def test_a_saved_authority_lives_on_by_itself(model: SmallAuthority, again: Callable[[Any], Any]) -> None:
    model.agents_by_type[School][0].attention = 0.6
    twin = again(model)
    school = twin.agents_by_type[School][0]
    assert school.attention == 0.6
    school.attention = 0.2
    assert twin.tables["organisations"]["attention"][0] == 0.2
    assert model.tables["organisations"]["attention"][0] == 0.6
    release(twin)


@pytest.mark.parametrize(
    ("attribute", "value", "error", "says"),
    [
        ("attention", 1.2, ValueError, r"attention of School must be between 0 and 1, not 1\.2"),
        ("attention", float("nan"), ValueError, "between 0 and 1"),
        ("attention", "high", TypeError, "attention of School must be a number, not 'high'"),
        ("attention", True, TypeError, "must be a number"),
        ("share_threshold", float("inf"), ValueError, "share_threshold of School must be a finite number"),
        ("workload", -0.1, ValueError, "at least 0"),
        ("duty_bound", 1, TypeError, "duty_bound of School must be true or false"),
        ("noticed", 4, AttributeError, "noticed of School is kept by the model"),
    ],
)
def test_an_absurd_setting_is_refused_in_a_sentence(
    model: SmallAuthority, attribute: str, value: object, error: type[Exception], says: str
) -> None:
    school = model.agents_by_type[School][0]
    before = getattr(school, attribute)
    with pytest.raises(error, match=says):
        setattr(school, attribute, value)
    assert getattr(school, attribute) == before


def test_experience_is_counted_in_whole_weeks(model: SmallAuthority) -> None:
    worker = model.agents_by_type[SocialWorker][0]
    worker.prior_experience_weeks = 104
    with pytest.raises(TypeError, match="whole number"):
        worker.prior_experience_weeks = 104.5
    assert worker.experience(10) == 104 + 10 - worker.hired_week
    assert worker.tenure(0) >= 0


def test_an_attribute_explains_itself() -> None:
    assert School.attention.__doc__ == (
        "Share of the signs that could be noticed to which somebody here attends (share)"
    )
    assert School.attention.unit == "share"


@pytest.mark.parametrize("kind", ALL_CLASSES)
def test_no_attribute_takes_a_name_that_mesa_uses(kind: type[mesa.Agent]) -> None:
    own = {name for base in kind.__mro__ if base.__module__.startswith("cpsim") for name in vars(base)}
    own |= {"row", "name", "kind"}
    allowed = {"__module__", "__doc__", "__init__", "__repr__", "__dict__", "__weakref__", "_datasets"}
    allowed |= {"__firstlineno__", "__static_attributes__", "__annotations__", "__parameters__"}
    assert own & set(dir(mesa.Agent)) <= allowed | {"__orig_bases__"}


@pytest.mark.parametrize("kind", [*AGENT_CLASSES.values(), SocialWorker])
def test_what_is_special_to_a_profession_is_sourced_or_called_a_guess(kind: type[mesa.Agent]) -> None:
    assert kind.traits
    for trait in kind.traits:
        assert trait.source
        assert trait.tag == "guess" or any(year in trait.source for year in ("19", "20", "190")), trait


def test_a_team_knows_what_it_does(model: SmallAuthority) -> None:
    teams = model.agents_by_type[SocialWorkTeam]
    assert teams.get("name")[:2] == ["front-door-001", "assessment-001"]
    assert teams[0].role is TeamRole.FRONT_DOOR
    assert repr(teams[4]) == "<SocialWorkTeam long-term-002>"


def test_who_leaves_is_removed_and_who_follows_is_somebody_else(model: SmallAuthority) -> None:
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
    follower = present[many - 1]
    assert (follower.row, follower.post, follower.tenure(30)) == (row, leaver.post, 2)
    assert leaver.left_week == 5, "who has left keeps a history"


def test_a_finished_model_is_forgotten() -> None:
    finished = SmallAuthority()
    create_agents(finished)
    release(finished)
    ghost = weakref.ref(finished)
    del finished
    gc.collect()
    assert ghost() is None
