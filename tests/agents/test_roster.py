"""The roster is what the scenario says: organisations, teams, posts and people."""

import numpy as np
import pytest
from tests.agents.small_authority import SITES, Places, SmallAuthority, authorities_of

from cpsim.agents.dials import DIALS, table_text
from cpsim.agents.roster import (
    TRAITS,
    build_authorities,
    build_organisations,
    build_teams,
    build_workers,
    names,
    organisation_names,
    posts,
    prior_experience,
)
from cpsim.agents.social_work import TeamRole
from cpsim.network.ties import TIES
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import Authorities, Workforce


def uniforms(team_of_post: np.ndarray) -> np.ndarray:
    return np.random.default_rng(3).random((team_of_post.size, 3))


def test_organisations_start_with_the_values_of_their_kind(model: SmallAuthority) -> None:
    table = model.tables["organisations"]
    assert table["attention"].tolist() == [0.8, 0.8, 0.7, 0.7, 0.8, 0.95, 0.8]
    assert table["share_threshold_shift"].tolist() == [0.0] * 7
    assert table["workload"].tolist() == [1.0] * 7
    assert organisation_names(table, model.kinds)[3] == "gp-002"


def test_the_baseline_scenario_fills_a_table() -> None:
    agencies = {"youth_justice": {}}
    scenario = Scenario.model_validate({"agencies": agencies})
    table = build_organisations(scenario.agencies, SITES, np.arange(7))
    assert table["conference_attendance"][2] == pytest.approx(0.1), "general practitioners rarely come"
    with pytest.raises(ValueError, match="broadcast"):
        build_organisations(scenario.agencies, SITES, np.arange(6))


def test_posts_follow_the_children_and_the_front_door_has_none() -> None:
    workforce = Workforce()
    authorities = authorities_of(73_000)
    teams = build_teams(workforce, authorities)
    team_of_post = posts(workforce, teams, authorities)
    per_team = np.bincount(team_of_post, minlength=len(teams))
    assert per_team[teams["role"] == TeamRole.FRONT_DOOR].tolist() == [0]
    assert per_team[teams["role"] == TeamRole.ASSESSMENT].sum() == round(
        workforce.assessment_posts_per_10k * 7.3
    )
    assert per_team[teams["role"] == TeamRole.LONG_TERM].sum() == round(
        workforce.long_term_posts_per_10k * 7.3
    )
    assert np.ptp(per_team[1:4]) <= 1


def test_even_a_tiny_authority_has_somebody_in_every_team() -> None:
    workforce = Workforce()
    authorities = authorities_of(200)
    teams = build_teams(workforce, authorities)
    assert set(posts(workforce, teams, authorities).tolist()) == set(range(1, len(teams)))


def test_each_authority_has_teams_of_its_own_and_posts_by_its_children_and_resources() -> None:
    workforce, authorities = Workforce(), authorities_of(10_000, 40_000)
    authorities["resources"] = [1.5, 1.0]
    teams = build_teams(workforce, authorities)
    assert teams["role"][:2].tolist() == [TeamRole.FRONT_DOOR] * 2
    assert np.bincount(teams["authority"]).tolist() == [len(teams) // 2] * 2
    staffed = np.bincount(teams["authority"][posts(workforce, teams, authorities)])
    assert staffed[1] / staffed[0] == pytest.approx(4 / 1.5, rel=0.05)


def test_what_authorities_do_not_say_of_themselves_differs_around_the_average() -> None:
    settings = Authorities.model_validate(
        {"count": 4, "named": [{"name": "Ashford", "resources": 0.8}], "resources_spread": 0.2}
    )
    z = np.random.default_rng(5).standard_normal((4, len(TRAITS)))
    table = build_authorities(settings, Places(np.full(4, 5000.0), np.zeros(4)), z)
    assert table["resources"][0] == 0.8
    assert table["resources"][1:].mean() == pytest.approx(1)
    assert np.ptp(table["resources"][1:]) > 0
    assert table["leadership"].tolist() == [1.0] * 4


def test_posts_are_filled_or_vacant_and_never_both() -> None:
    workforce = Workforce()
    authorities = authorities_of(73_000)
    team_of_post = posts(workforce, build_teams(workforce, authorities), authorities)
    workers = build_workers(workforce, team_of_post, uniforms(team_of_post))
    assert len(workers) == team_of_post.size - round(0.095 * team_of_post.size)
    assert np.unique(workers["post"]).size == len(workers)
    np.testing.assert_array_equal(workers["team"], team_of_post[workers["post"]])
    assert workers["employed"].all()
    assert (workers["hired_week"] <= 0).all()


def test_the_workforce_has_been_turning_over_for_ever() -> None:
    workforce = Workforce(exit_per_year=0.2)
    team_of_post = np.zeros(20_000, np.int16)
    workers = build_workers(workforce, team_of_post, uniforms(team_of_post))
    assert -workers["hired_week"].mean() / 52 == pytest.approx(1 / 0.2, rel=0.03)
    assert (
        build_workers(Workforce(exit_per_year=0.0), team_of_post, uniforms(team_of_post))["hired_week"].min()
        >= -2080
    )


def test_half_of_those_hired_are_newly_qualified() -> None:
    weeks = prior_experience(Workforce(), np.random.default_rng(4).random(10_000))
    assert np.mean(weeks == 0) == pytest.approx(0.5, abs=0.03)
    assert (weeks >= 0).all()


def test_uniforms_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        build_workers(Workforce(), np.zeros(3, np.int16), np.zeros((3, 2)))


def test_equals_are_numbered_among_themselves() -> None:
    assert names(["gp", "school", "gp"]) == ["gp-001", "school-001", "gp-002"]


def test_every_dial_is_a_column_that_exists_and_starts_neutral(model: SmallAuthority) -> None:
    for dial in DIALS:
        assert dial.name == f"{dial.table}.{dial.column}"
        if dial.table == "ties":
            assert dial.column in TIES
            continue
        values = model.tables[dial.table][dial.column]
        if dial.neutral is not None:
            assert (values == dial.neutral).all(), dial.name


def test_every_dial_has_a_name_of_its_own_and_says_what_reads_it() -> None:
    assert len({dial.name for dial in DIALS}) == len(DIALS)
    assert all(dial.read_by and dial.says for dial in DIALS)
    assert table_text().count("\n") == len(DIALS)
    assert "organisations.share_threshold_shift" in table_text()
