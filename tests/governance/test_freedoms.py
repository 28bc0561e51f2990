"""Freedoms make the strong stronger, staff follow reputation, and a takeover costs the strong what the weak gain."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.boards import WEEK
from tests.governance.examples import FROM
from tests.model.authority import changed, model_of, scenario

from cpsim.governance.context import LeverContext
from cpsim.governance.timeline import Timeline
from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.schema import Scenario

COUNT = 6
HERE = ("authorities.count=6", "authorities.resources_spread=0.5", "population.children=1000")
SKILL = np.array([0.7, 1.2, 0.9, 1.0, 0.8, 1.1])


def under(*events: dict[str, Any]) -> Scenario:
    return changed(scenario(*HERE), timeline=[{"date": FROM, **event} for event in events])


class Country:
    """Six authorities that judge unequally well, in which only governance does anything."""

    def __init__(self, *events: dict[str, Any], grades: list[int] | None = None) -> None:
        settings = under(*events)
        self.model: ChildProtectionModel = model_of(settings, collect=False)
        tables = self.model.tables
        self.of_team = tables["teams"]["authority"]
        tables["teams"]["accuracy"] = SKILL[self.of_team]
        if grades:
            tables["authorities"]["grade"] = grades
            tables["authorities"]["score"] = np.array(grades, float)
        context = LeverContext(settings, tables, self.model.ties, self.model.authority_names, seed=1)
        self.timeline = Timeline(settings, context)
        for week in range(WEEK):
            self.timeline.apply_levers(week)

    def after(self, weeks: int) -> "Country":
        for week in range(WEEK, WEEK + weeks + 1):
            self.timeline.apply_levers(week)
        return self

    def of(self, column: str) -> NDArray[np.float64]:
        """A dial of the teams by authority, in which all teams are alike."""
        values = self.model.tables["teams"][column]
        return np.array([np.unique(values[self.of_team == row]).item() for row in range(COUNT)])

    def in_post(self) -> NDArray[np.float64]:
        """Social workers by authority."""
        workers = self.model.tables["workers"]
        return np.bincount(self.of_team[workers["team"][workers["employed"]]], minlength=COUNT)


def takeover(**settings: Any) -> dict[str, Any]:
    return {"lever": "takeover", "authorities": ["authority-01", "authority-05"], **settings}


def freedoms(**settings: Any) -> dict[str, Any]:
    return {"lever": "freedoms", **settings}


def test_years_of_freedom_add_up() -> None:
    free = Country(freedoms(growth=0.03, authorities=["authority-02"])).after(104)
    expected = SKILL.copy()
    expected[1] *= 1.03**2
    assert free.of("accuracy") == pytest.approx(expected)


def test_only_those_on_top_are_free_and_keep_what_they_have_learnt_when_they_fall() -> None:
    inspection = {"lever": "inspection", "gaming": 0.0, "date": "2009-01-05"}
    free = Country(freedoms(growth=0.03, top_grade=True), inspection, grades=[4, 1, 3, 4, 2, 3]).after(26)
    grown = free.of("accuracy") / SKILL
    assert grown == pytest.approx([1.03**0.5, 1, 1, 1.03**0.5, 1, 1])
    free.model.tables["authorities"]["grade"] = 1
    for week in range(WEEK + 27, WEEK + 79):
        free.timeline.apply_levers(week)
    assert free.of("accuracy") / SKILL == pytest.approx(1.03 ** (np.array([27, 0, 0, 27, 0, 0]) / 52))


def test_people_leave_where_reputation_is_low_instead_of_elsewhere_and_none_are_made_or_lost() -> None:
    country = Country(freedoms(growth=0.0, staff_flow=1.0), grades=[4, 1, 3, 4, 2, 3]).after(0)
    exits, in_post = country.of("exit_factor"), country.in_post()
    assert (exits * in_post).sum() == pytest.approx(in_post.sum())
    assert exits[1] > exits[4] > exits[2] > exits[0]
    assert exits[0] == exits[3]


def test_the_stronger_the_pull_of_reputation_the_wider_the_gap() -> None:
    gaps = [
        np.ptp(
            Country(freedoms(growth=0.0, staff_flow=pull), grades=[4, 1, 3, 4, 2, 3])
            .after(0)
            .of("exit_factor")
        )
        for pull in (0.0, 0.5, 1.5)
    ]
    assert gaps == sorted(gaps)
    assert gaps[0] == 0 < gaps[1] < gaps[2]


def test_where_nobody_has_a_grade_nobody_has_a_reputation() -> None:
    assert (Country(freedoms(growth=0.0, staff_flow=1.5)).after(0).of("exit_factor") == 1).all()


def test_the_weak_gain_a_share_of_what_the_strong_judge_better() -> None:
    skill = Country(takeover(donor="authority-04", transfer=0.5, drain=0.0)).after(0).of("accuracy")
    assert skill == pytest.approx([0.85, 1.2, 0.9, 1.0, 0.9, 1.1])


def test_nobody_loses_by_being_taken_over_by_somebody_worse() -> None:
    skill = Country(takeover(authorities=["authority-02"], donor="authority-01")).after(0).of("accuracy")
    assert skill == pytest.approx(SKILL)


def test_hours_move_from_the_strong_to_the_weak_and_none_are_made_or_lost() -> None:
    country = Country(takeover(donor="authority-04", drain=0.15)).after(0)
    factors, in_post = country.of("capacity_factor"), country.in_post()
    assert (factors * in_post).sum() == pytest.approx(in_post.sum())
    assert factors[3] == pytest.approx(0.85)
    moved = (factors - 1) * in_post
    assert moved[0] == pytest.approx(moved[4])
    assert moved[[1, 2, 5]] == pytest.approx(0)


def test_the_best_of_those_left_takes_over_by_score_where_there_are_grades() -> None:
    def donor(**settings: Any) -> int:
        return int(np.argmin(Country(takeover(drain=0.1), **settings).after(0).of("capacity_factor")))

    assert donor() == 1
    assert donor(grades=[4, 1, 3, 4, 2, 3]) == 3


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"authorities": None}, "nobody is left"),
        ({"authorities": {"most_deprived": 6}}, "nobody is left"),
        ({"donor": "authority-05"}, "cannot take over itself"),
        ({"donor": "Ashford"}, "no authority is called"),
    ],
)
def test_a_takeover_needs_somebody_else_who_takes_over(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        under(takeover(**settings))


def test_top_grades_need_somebody_who_gives_them() -> None:
    with pytest.raises(ScenarioError, match="needs an inspection"):
        under(freedoms(top_grade=True))
