"""Freedoms raise accuracy, staff follow reputation, and a takeover moves hours from strong to weak authorities."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.examples import FROM
from tests.governance.lever_models import WEEK
from tests.model.authority import build_model, replace_sections, scenario

from cpsim.governance.context import LeverContext
from cpsim.governance.timeline import Timeline
from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.schema import Scenario

COUNT = 6
HERE = ("authorities.count=6", "authorities.resources_spread=0.5", "population.children=1000")
SKILL = np.array([0.7, 1.2, 0.9, 1.0, 0.8, 1.1])


def build_scenario(*events: dict[str, Any]) -> Scenario:
    return replace_sections(scenario(*HERE), timeline=[{"date": FROM, **event} for event in events])


class Country:
    """Six authorities of different accuracy, in which levers turn dials but no casework takes place."""

    def __init__(self, *events: dict[str, Any], grades: list[int] | None = None) -> None:
        settings = build_scenario(*events)
        self.model: ChildProtectionModel = build_model(settings, collect=False)
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

    def run_until(self, weeks: int) -> "Country":
        """Apply the levers up to a number of weeks after their date."""
        for week in range(WEEK, WEEK + weeks + 1):
            self.timeline.apply_levers(week)
        return self

    def read_dial(self, column: str) -> NDArray[np.float64]:
        """Return a dial of the teams by authority; all teams of an authority have the same value."""
        values = self.model.tables["teams"][column]
        return np.array([np.unique(values[self.of_team == row]).item() for row in range(COUNT)])

    def count_in_post(self) -> NDArray[np.float64]:
        """Return the number of social workers in post by authority."""
        workers = self.model.tables["workers"]
        return np.bincount(self.of_team[workers["team"][workers["employed"]]], minlength=COUNT)

    def count_hours(self) -> NDArray[np.float64]:
        """Return the weekly hours of the social workers in post by authority."""
        workers = self.model.tables["workers"]
        employed = workers["employed"]
        authority = self.of_team[workers["team"][employed]]
        return np.bincount(authority, weights=workers["hours_per_week"][employed], minlength=COUNT)


def takeover(**settings: Any) -> dict[str, Any]:
    return {"lever": "takeover", "authorities": ["authority-01", "authority-05"], **settings}


def freedoms(**settings: Any) -> dict[str, Any]:
    return {"lever": "freedoms", **settings}


def test_accuracy_grows_with_every_year_of_freedom() -> None:
    free = Country(freedoms(growth=0.03, authorities=["authority-02"])).run_until(104)
    expected = SKILL.copy()
    expected[1] *= 1.03**2
    assert free.read_dial("accuracy") == pytest.approx(expected)


def test_only_authorities_with_the_top_grade_are_free_and_they_keep_their_gain_when_they_lose_it() -> None:
    inspection = {"lever": "inspection", "gaming": 0.0, "date": "2009-01-05"}
    free = Country(freedoms(growth=0.03, top_grade=True), inspection, grades=[4, 1, 3, 4, 2, 3]).run_until(26)
    grown = free.read_dial("accuracy") / SKILL
    assert grown == pytest.approx([1.03**0.5, 1, 1, 1.03**0.5, 1, 1])
    free.model.tables["authorities"]["grade"] = 1
    for week in range(WEEK + 27, WEEK + 79):
        free.timeline.apply_levers(week)
    assert free.read_dial("accuracy") / SKILL == pytest.approx(1.03 ** (np.array([27, 0, 0, 27, 0, 0]) / 52))


def test_more_staff_leave_where_reputation_is_low_and_the_total_stays_the_same() -> None:
    country = Country(freedoms(growth=0.0, staff_flow=1.0), grades=[4, 1, 3, 4, 2, 3]).run_until(0)
    exits, in_post = country.read_dial("exit_factor"), country.count_in_post()
    assert (exits * in_post).sum() == pytest.approx(in_post.sum())
    assert exits[1] > exits[4] > exits[2] > exits[0]
    assert exits[0] == exits[3]


def test_the_gap_in_exit_rates_widens_with_the_effect_of_reputation() -> None:
    gaps = [
        np.ptp(
            Country(freedoms(growth=0.0, staff_flow=flow), grades=[4, 1, 3, 4, 2, 3])
            .run_until(0)
            .read_dial("exit_factor")
        )
        for flow in (0.0, 0.5, 1.5)
    ]
    assert gaps == sorted(gaps)
    assert gaps[0] == 0 < gaps[1] < gaps[2]


def test_reputation_has_no_effect_without_grades() -> None:
    assert (Country(freedoms(growth=0.0, staff_flow=1.5)).run_until(0).read_dial("exit_factor") == 1).all()


def test_weak_authorities_close_a_share_of_the_gap_in_accuracy() -> None:
    skill = (
        Country(takeover(donor="authority-04", transfer=0.5, drain=0.0)).run_until(0).read_dial("accuracy")
    )
    assert skill == pytest.approx([0.85, 1.2, 0.9, 1.0, 0.9, 1.1])


def test_a_takeover_by_a_weaker_authority_does_not_lower_accuracy() -> None:
    skill = (
        Country(takeover(authorities=["authority-02"], donor="authority-01"))
        .run_until(0)
        .read_dial("accuracy")
    )
    assert skill == pytest.approx(SKILL)


def test_hours_move_from_the_donor_to_the_weak_authorities_and_the_total_stays_the_same() -> None:
    country = Country(takeover(donor="authority-04", drain=0.15)).run_until(0)
    factors, hours = country.read_dial("capacity_factor"), country.count_hours()
    assert (factors * hours).sum() == pytest.approx(hours.sum())
    assert factors[3] == pytest.approx(0.85)
    moved = (factors - 1) * hours
    assert moved[0] == pytest.approx(moved[4])
    assert moved[[1, 2, 5]] == pytest.approx(0)


def test_the_best_other_authority_takes_over_by_quality_or_by_score_if_there_are_grades() -> None:
    def donor(**settings: Any) -> int:
        return int(
            np.argmin(Country(takeover(drain=0.1), **settings).run_until(0).read_dial("capacity_factor"))
        )

    assert donor() == 1
    assert donor(grades=[4, 1, 3, 4, 2, 3]) == 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"authorities": None}, "none is left"),
        ({"authorities": {"most_deprived": 6}}, "none is left"),
        ({"donor": "authority-05"}, "cannot take over itself"),
        ({"donor": "Ashford"}, "no authority is called"),
    ],
)
def test_a_takeover_without_a_valid_donor_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        build_scenario(takeover(**settings))


def test_freedoms_by_grade_need_an_inspection() -> None:
    with pytest.raises(ScenarioError, match="add an `inspection`"):
        build_scenario(freedoms(top_grade=True))
