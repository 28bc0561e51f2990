"""Staff turnover (M13): exits, vacancies, the trust that leavers take with them, and the hours that remain."""

import copy
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from cpsim import draws
from cpsim.agents.build import prior_experience
from cpsim.agents.columns import AgentTable
from cpsim.agents.tables import TeamColumns, WorkerColumns
from cpsim.arrays import Ints, Keys
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.network.ties import Ties
from cpsim.ranges import list_offsets, split_columns
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

    Attributes:
        team_of_post: as given.
    """

    def __init__(self, scenario: Scenario, team_of_post: Ints, workers: AgentTable, seed: int) -> None:
        self._settings = scenario.workforce
        self._trust_new = scenario.network.trust_new
        self.team_of_post = team_of_post
        self._draw_for((seed,))
        self._strain = np.zeros(int(team_of_post.max()) + 1)
        posts = np.arange(len(team_of_post))
        self._number, self._run = posts, np.zeros(len(posts), np.int64)
        filled = np.isin(posts, workers["post"][workers["employed"]])
        wait = draws.Stream(seed, "first vacancy").uniform(draws.keys(posts, 0)) * self._settings.refill_weeks
        self._filled_from = np.where(filled, _FILLED, np.ceil(wait)).astype(np.int64)

    def _draw_for(self, seeds: tuple[int, ...]) -> None:
        self._leaving = draws.Stream(seeds, "leaving")
        self._hiring = draws.Stream(seeds, "experience of a newcomer")

    @classmethod
    def join(cls, runs: Sequence[Self], seeds: tuple[int, ...]) -> Self:
        """Return the turnover of several runs together, whose teams and posts follow one another.

        Args:
            runs: the turnover of each run.
            seeds: their seeds.
        """
        joined = copy.copy(runs[0])
        joined._draw_for(seeds)
        first_team = list_offsets([len(run._strain) for run in runs])
        joined.team_of_post = np.concatenate(
            [run.team_of_post + first for run, first in zip(runs, first_team, strict=False)]
        )
        joined._number = np.concatenate([run._number for run in runs])
        joined._run = np.repeat(np.arange(len(runs)), [len(run._number) for run in runs])
        joined._strain = np.concatenate([run._strain for run in runs])
        joined._filled_from = np.concatenate([run._filled_from for run in runs])
        return joined

    def split_to(self, runs: Sequence[Self]) -> None:
        """Write what has changed since `join` back to the runs that were joined."""
        split_columns(self, runs, ("_strain", "_filled_from"))

    def __deepcopy__(self, memo: dict[int, Any]) -> "StaffTurnover":
        fork = copy.copy(self)
        fork._strain, fork._filled_from = self._strain.copy(), self._filled_from.copy()
        return fork

    @stage(
        reads=(
            TeamColumns.authority,
            TeamColumns.capacity_factor,
            TeamColumns.exit_factor,
            TeamColumns.paid_factor,
            TeamColumns.post_hours,
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
        self._fill_vacancies(workers, teams, week)
        employed = workers["employed"]
        hours = np.bincount(
            workers["team"][employed], weights=workers["hours_per_week"][employed], minlength=len(teams)
        )
        teams["hours_available"] = hours * teams["capacity_factor"]
        teams["hours_paid"] = hours * teams["paid_factor"]
        filled = np.bincount(workers["team"][employed], minlength=len(teams))
        posts = np.bincount(self.team_of_post, minlength=len(teams))
        teams["vacancy_share"] = (posts - filled) / np.maximum(posts, 1)

    def _apply_exits(self, workers: AgentTable, teams: AgentTable, ties: Ties, week: int) -> None:
        here = np.flatnonzero(workers["employed"])
        strain = self._strain[workers["team"][here]]
        yearly = self._settings.exit_per_year * np.exp(self._settings.burnout_effect * strain)
        yearly *= teams["exit_factor"][workers["team"][here]]
        probability = yearly * _MONTH / WEEKS_PER_YEAR
        leaves = here[self._leaving.uniform(*self._keys(workers["post"][here], week)) < probability]
        if not len(leaves):
            return
        workers["employed"][leaves] = False
        workers["left_week"][leaves] = week
        self._filled_from[workers["post"][leaves]] = week + self._settings.refill_weeks
        # Partners know the social workers of an authority through its front door, so each leaver takes an equal share.
        authority = teams["authority"][workers["team"][leaves]]
        share = 1 / np.bincount(teams["authority"][self.team_of_post])[authority]
        leaver, tie = ties.find_to_front_doors(authority)
        ties.apply_turnover(tie, share[leaver], self._trust_new)

    def _keys(self, post: Ints, week: int) -> tuple[Keys, Ints]:
        """Return the key and the run of a draw about each post this week, shapes (n,)."""
        return draws.keys(self._number[post], week), self._run[post]

    def _fill_vacancies(self, workers: AgentTable, teams: AgentTable, week: int) -> None:
        vacant = (self._filled_from == week).nonzero()[0]
        if not len(vacant):
            return
        rows = np.array(workers.grow(len(vacant)), np.int64)
        workers["team"][rows] = self.team_of_post[vacant]
        workers["post"][rows] = vacant
        workers["hired_week"][rows] = week
        workers["prior_experience_weeks"][rows] = prior_experience(
            self._settings, self._hiring.uniform(*self._keys(vacant, week))
        )
        workers["employed"][rows] = True
        workers["left_week"][rows] = -1
        workers["hours_per_week"][rows] = teams["post_hours"][self.team_of_post[vacant]]
