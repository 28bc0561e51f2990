"""Staff turnover (M13): exits, vacancies, the trust that leavers take with them, and the hours that remain."""

from typing import Any

import numpy as np

from cpsim import draws
from cpsim.agents.build import prior_experience
from cpsim.agents.columns import AgentTable
from cpsim.agents.tables import TeamColumns, WorkerColumns
from cpsim.arrays import Ints
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.network.ties import Ties
from cpsim.scenario.schema import Scenario
from cpsim.stages.declarations import stage

_MONTH = 4  # weeks
_STRAIN_UPDATE = 1 / 26  # strain is overload averaged over about half a year
_FILLED = -1  # a week before the run: the post is not waiting for a newcomer
_MAX_OVERLOAD = 1.0  # work beyond twice the capacity does not raise exits further


class StaffTurnover:
    """Exits and hiring of social workers: changes capacity, vacancies and trust (M13).

    Exits happen at the end of each month of four weeks, with one random draw per post and month. Vacant posts are
    filled after `refill_weeks`. Partners lose trust in proportion to the share of staff who leave.

    Args:
        scenario: the scenario with the settings of the workforce.
        team_of_post: row of the team of each post, shape (posts,).
        workers: the table of social workers.
        seed: the seed of the run.
    """

    def __init__(self, scenario: Scenario, team_of_post: Ints, workers: AgentTable, seed: int) -> None:
        self._settings = scenario.workforce
        self._trust_new = scenario.network.trust_new
        self._team_of_post = team_of_post
        self._leaving = draws.Stream(seed, "leaving")
        self._hiring = draws.Stream(seed, "experience of a newcomer")
        self._strain = np.zeros(int(team_of_post.max()) + 1)
        posts = np.arange(len(team_of_post))
        filled = np.isin(posts, workers["post"][workers["employed"]])
        wait = draws.Stream(seed, "first vacancy").uniform(draws.keys(posts, 0)) * self._settings.refill_weeks
        self._filled_from = np.where(filled, _FILLED, np.ceil(wait)).astype(np.int64)

    def __deepcopy__(self, memo: dict[int, Any]) -> "StaffTurnover":
        copy = object.__new__(StaffTurnover)
        copy.__dict__ = dict(self.__dict__)
        copy._strain, copy._filled_from = self._strain.copy(), self._filled_from.copy()
        return copy

    @stage(
        reads=(
            TeamColumns.authority,
            TeamColumns.capacity_factor,
            TeamColumns.exit_factor,
            TeamColumns.paid_factor,
            TeamColumns.utilisation,
            Ties.role,
            Ties.target,
        ),
        writes=(
            TeamColumns.hours_available,
            TeamColumns.hours_paid,
            TeamColumns.vacancy_share,
            WorkerColumns.employed,
            WorkerColumns.hired_week,
            WorkerColumns.hours_per_week,
            WorkerColumns.left_week,
            WorkerColumns.post,
            WorkerColumns.prior_experience_weeks,
            WorkerColumns.team,
            Ties.trust,
        ),
    )
    def update(self, workers: AgentTable, teams: AgentTable, ties: Ties, week: int) -> None:
        """Apply the exits and hirings of a week of the run, and update the hours and vacancies of each team."""
        if week % _MONTH == 0:
            overload = np.clip(teams["utilisation"][: len(self._strain)] - 1, 0, _MAX_OVERLOAD)
            self._strain += _MONTH * _STRAIN_UPDATE * (overload - self._strain)
            self._apply_exits(workers, teams, ties, week)
        self._fill_vacancies(workers, week)
        employed = workers["employed"]
        hours = np.bincount(
            workers["team"][employed], weights=workers["hours_per_week"][employed], minlength=len(teams)
        )
        teams["hours_available"] = hours * teams["capacity_factor"]
        teams["hours_paid"] = hours * teams["paid_factor"]
        filled = np.bincount(workers["team"][employed], minlength=len(teams))
        posts = np.bincount(self._team_of_post, minlength=len(teams))
        teams["vacancy_share"] = (posts - filled) / np.maximum(posts, 1)

    def vacancy_share(self, workers: AgentTable) -> float:
        """Share of posts that are vacant, 0 to 1."""
        return float(1 - workers["employed"].sum() / len(self._team_of_post))

    def _apply_exits(self, workers: AgentTable, teams: AgentTable, ties: Ties, week: int) -> None:
        here = np.flatnonzero(workers["employed"])
        strain = self._strain[workers["team"][here]]
        yearly = self._settings.exit_per_year * np.exp(self._settings.burnout_effect * strain)
        yearly *= teams["exit_factor"][workers["team"][here]]
        probability = yearly * _MONTH / WEEKS_PER_YEAR
        leaves = here[self._leaving.uniform(draws.keys(workers["post"][here], week)) < probability]
        if not len(leaves):
            return
        workers["employed"][leaves] = False
        workers["left_week"][leaves] = week
        self._filled_from[workers["post"][leaves]] = week + self._settings.refill_weeks
        # Partners know the social workers of an authority through its front door, so each leaver takes an equal share.
        authority = teams["authority"][workers["team"][leaves]]
        share = 1 / np.bincount(teams["authority"][self._team_of_post])[authority]
        referral = np.flatnonzero(ties.role == 0)
        tie, leaver = np.nonzero(ties.target[referral, None] - ties.organisations == authority)
        ties.apply_turnover(referral[tie], share[leaver], self._trust_new)

    def _fill_vacancies(self, workers: AgentTable, week: int) -> None:
        vacant = (self._filled_from == week).nonzero()[0]
        if not len(vacant):
            return
        rows = np.array(workers.grow(len(vacant)), np.int64)
        workers["team"][rows] = self._team_of_post[vacant]
        workers["post"][rows] = vacant
        workers["hired_week"][rows] = week
        workers["prior_experience_weeks"][rows] = prior_experience(
            self._settings, self._hiring.uniform(draws.keys(vacant, week))
        )
        workers["employed"][rows] = True
        workers["left_week"][rows] = -1
        workers["hours_per_week"][rows] = self._settings.casework_hours_per_week
