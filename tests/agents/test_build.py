"""The tables of organisations, teams, posts and social workers follow the scenario."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.agents.small_authority import SITES, AuthorityProfiles, SmallAuthority, authorities_of

from cpsim.agents.build import (
    AUTHORITY_TRAITS,
    build_authorities,
    build_organisations,
    build_teams,
    build_workers,
    list_posts,
    number_names,
    organisation_names,
    prior_experience,
)
from cpsim.agents.columns import AgentTable
from cpsim.agents.dials import DIALS
from cpsim.agents.signals import SIGNALS
from cpsim.agents.tables import TeamRole
from cpsim.network.ties import TIES
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import AuthoritySettings, WorkforceSettings


def uniforms(team_of_post: np.ndarray) -> np.ndarray:
    return np.random.default_rng(3).random((team_of_post.size, 3))


def test_organisations_start_with_the_values_of_their_kind_of_agency(model: SmallAuthority) -> None:
    table = model.tables["organisations"]
    assert table["attention"].tolist() == [0.8, 0.8, 0.7, 0.7, 0.8, 0.95, 0.8]
    assert table["share_threshold_shift"].tolist() == [0.0] * 7
    assert table["workload"].tolist() == [1.0] * 7
    assert organisation_names(table, model.kinds)[3] == "gp-002"


def test_the_table_of_organisations_can_be_built_from_the_default_scenario() -> None:
    agencies = {"youth_justice": {}}
    scenario = Scenario.model_validate({"agencies": agencies})
    table = build_organisations(scenario.agencies, scenario.duties, SITES, np.arange(7))
    assert table["conference_attendance"][2] == pytest.approx(0.1), "GPs rarely attend conferences"
    with pytest.raises(ValueError, match="broadcast"):
        build_organisations(scenario.agencies, scenario.duties, SITES, np.arange(6))


def test_posts_are_proportional_to_children_and_the_front_door_has_none() -> None:
    workforce = WorkforceSettings()
    authorities = authorities_of(73_000)
    teams = build_teams(workforce, authorities, 73_000)
    team_of_post = list_posts(workforce, teams, authorities)
    per_team = np.bincount(team_of_post, minlength=len(teams))
    assert per_team[teams["role"] == TeamRole.FRONT_DOOR].tolist() == [0]
    assert per_team[teams["role"] == TeamRole.ASSESSMENT].sum() == round(
        workforce.assessment_posts_per_10k * 7.3
    )
    assert per_team[teams["role"] == TeamRole.LONG_TERM].sum() == round(
        workforce.long_term_posts_per_10k * 7.3
    )
    assert np.ptp(per_team[1:4]) <= 1


def test_every_team_of_a_tiny_authority_has_a_post() -> None:
    workforce = WorkforceSettings()
    authorities = authorities_of(200)
    teams = build_teams(workforce, authorities, 200)
    assert set(list_posts(workforce, teams, authorities).tolist()) == set(range(1, len(teams)))


def test_each_authority_has_its_own_teams_and_posts_in_proportion_to_children_and_resources() -> None:
    workforce, authorities = WorkforceSettings(), authorities_of(10_000, 40_000)
    authorities["resources"] = [1.5, 1.0]
    teams = build_teams(workforce, authorities, 25_000)
    assert teams["role"][:2].tolist() == [TeamRole.FRONT_DOOR] * 2
    assert np.bincount(teams["authority"]).tolist() == [len(teams) // 2] * 2
    team_of_post = list_posts(workforce, teams, authorities)
    hours = np.bincount(teams["authority"][team_of_post], weights=teams["post_hours"][team_of_post])
    assert hours[1] / hours[0] == pytest.approx(4 / 1.5)


def staff(children: int) -> AgentTable:
    """Return the teams of an authority, with the numbers of their posts and the hours of all posts together."""
    workforce, authorities = WorkforceSettings(), authorities_of(children)
    teams = build_teams(workforce, authorities, children)
    posts = np.bincount(list_posts(workforce, teams, authorities), minlength=len(teams))
    staffed = AgentTable({"role": np.int8, "posts": np.int64, "hours": np.float64}, len(teams))
    staffed["role"], staffed["posts"], staffed["hours"] = teams["role"], posts, posts * teams["post_hours"]
    return staffed


AVERAGE = staff(73_000)

any_size = given(st.integers(2_000, 300_000))


@pytest.mark.parametrize("role", [TeamRole.ASSESSMENT, TeamRole.LONG_TERM])
@any_size
def test_an_authority_of_any_size_has_the_hours_of_the_average_one_in_proportion(
    role: TeamRole, children: int
) -> None:
    here = staff(children)
    hours, posts = (here[column][here["role"] == role].sum() for column in ("hours", "posts"))
    in_proportion = {
        column: children / 73_000 * AVERAGE[column][AVERAGE["role"] == role].sum()
        for column in ("hours", "posts")
    }
    assert hours == pytest.approx(in_proportion["hours"])
    assert posts == pytest.approx(in_proportion["posts"], abs=1)


def posts_of(staffed: AgentTable, role: TeamRole) -> np.ndarray:
    """Return the number of posts of each team of a role."""
    posts: np.ndarray = staffed["posts"][staffed["role"] == role]
    return posts


@any_size
def test_only_a_single_assessment_team_is_smaller_than_three_quarters_of_the_usual_size(
    children: int,
) -> None:
    posts = posts_of(staff(children), TeamRole.ASSESSMENT)
    assert np.ptp(posts) <= 1
    assert len(posts) == 1 or posts.min() >= 0.75 * posts_of(AVERAGE, TeamRole.ASSESSMENT).min()


@any_size
def test_long_term_teams_grow_in_number_and_in_size(children: int) -> None:
    here, fourfold = (posts_of(staff(number), TeamRole.LONG_TERM) for number in (children, 4 * children))
    assert np.ptp(here) <= 1
    assert len(fourfold) == pytest.approx(2 * len(here), abs=1)
    assert 4 * here.sum() == pytest.approx(fourfold.sum(), abs=4)


def test_traits_that_are_not_set_for_an_authority_vary_around_the_average() -> None:
    settings = AuthoritySettings.model_validate(
        {"count": 4, "named": [{"name": "Ashford", "resources": 0.8}], "resources_spread": 0.2}
    )
    z = np.random.default_rng(5).standard_normal((4, len(AUTHORITY_TRAITS)))
    table = build_authorities(settings, AuthorityProfiles(np.full(4, 5000.0), np.zeros(4)), z)
    assert table["resources"][0] == 0.8
    assert table["resources"][1:].mean() == pytest.approx(1)
    assert np.ptp(table["resources"][1:]) > 0
    assert table["leadership"].tolist() == [1.0] * 4


def test_each_post_is_either_filled_by_one_social_worker_or_vacant() -> None:
    workforce = WorkforceSettings()
    authorities = authorities_of(73_000)
    teams = build_teams(workforce, authorities, 73_000)
    team_of_post = list_posts(workforce, teams, authorities)
    workers = build_workers(workforce, teams, team_of_post, uniforms(team_of_post))
    assert len(workers) == team_of_post.size - round(0.095 * team_of_post.size)
    assert np.unique(workers["post"]).size == len(workers)
    np.testing.assert_array_equal(workers["team"], team_of_post[workers["post"]])
    assert workers["employed"].all()
    assert (workers["hired_week"] <= 0).all()


def test_tenure_at_the_start_has_its_stationary_distribution() -> None:
    workforce = WorkforceSettings(exit_per_year=0.2)
    teams = build_teams(workforce, authorities_of(73_000), 73_000)
    team_of_post = np.ones(20_000, np.int16)
    workers = build_workers(workforce, teams, team_of_post, uniforms(team_of_post))
    assert -workers["hired_week"].mean() / 52 == pytest.approx(1 / 0.2, rel=0.03)
    assert (
        build_workers(WorkforceSettings(exit_per_year=0.0), teams, team_of_post, uniforms(team_of_post))[
            "hired_week"
        ].min()
        >= -2080
    )


def test_half_of_those_hired_are_newly_qualified() -> None:
    weeks = prior_experience(WorkforceSettings(), np.random.default_rng(4).random(10_000))
    assert np.mean(weeks == 0) == pytest.approx(0.5, abs=0.03)
    assert (weeks >= 0).all()


def test_uniform_numbers_of_the_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        build_workers(WorkforceSettings(), AVERAGE, np.zeros(3, np.int16), np.zeros((3, 2)))


def test_equal_labels_are_numbered() -> None:
    assert number_names(["gp", "school", "gp"]) == ["gp-001", "school-001", "gp-002"]


def test_each_dial_and_signal_is_a_column_of_a_table_and_starts_at_its_neutral_value(
    model: SmallAuthority,
) -> None:
    for dial in (*DIALS, *SIGNALS):
        assert dial.name == f"{dial.table}.{dial.column}"
        if dial.table == "ties":
            assert dial.column in TIES
            continue
        values = model.tables[dial.table][dial.column]
        if dial.neutral is not None:
            assert (values == dial.neutral).all(), dial.name
