"""The workforce (M13): who leaves, how long a post stays vacant, what leavers take along, which hours remain."""

from typing import Any

import numpy as np

from cpsim import draws
from cpsim.agents.columns import Table
from cpsim.agents.roster import prior_experience
from cpsim.arrays import Ints
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.network.ties import Ties
from cpsim.scenario.schema import Scenario

_NOTICE = 4  # weeks
_MEMORY_OF_STRAIN = 1 / 26  # strain is overload averaged over half a year
_IN_THE_PAST = -1
_MOST_OVERLOAD = 1.0  # beyond twice the work that can be done, more of it makes nobody leave any sooner


class Workforce:
    """Turns capacity and ties: people leave, posts stand empty, newcomers are hired, and trust goes with those who go.

    People leave at the end of a month of four weeks. A post has a luck of its own: whether its holder leaves is drawn
    by post and month.
    """

    def __init__(self, scenario: Scenario, team_of_post: Ints, workers: Table, seed: int) -> None:
        self._settings = scenario.workforce
        self._trust_new = scenario.network.trust_new
        self._team_of_post = team_of_post
        self._leaving = draws.Stream(seed, "leaving")
        self._hiring = draws.Stream(seed, "experience of a newcomer")
        self._strain = np.zeros(int(team_of_post.max()) + 1)
        posts = np.arange(len(team_of_post))
        filled = np.isin(posts, workers["post"][workers["employed"]])
        wait = draws.Stream(seed, "first vacancy").uniform(draws.keys(posts, 0)) * self._settings.refill_weeks
        self._filled_from = np.where(filled, _IN_THE_PAST, np.ceil(wait)).astype(np.int64)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Workforce":
        twin = object.__new__(Workforce)
        twin.__dict__ = dict(self.__dict__)
        twin._strain, twin._filled_from = self._strain.copy(), self._filled_from.copy()
        return twin

    def turn(self, workers: Table, teams: Table, ties: Ties, week: int) -> None:
        """Let people leave and come, and count the hours of each team."""
        if week % _NOTICE == 0:
            overload = np.clip(teams["utilisation"][: len(self._strain)] - 1, 0, _MOST_OVERLOAD)
            self._strain += _NOTICE * _MEMORY_OF_STRAIN * (overload - self._strain)
            self._leave(workers, teams, ties, week)
        self._hire(workers, week)
        employed = workers["employed"]
        hours = np.bincount(
            workers["team"][employed], weights=workers["hours_per_week"][employed], minlength=len(teams)
        )
        teams["hours_available"] = hours * teams["capacity_factor"]
        teams["hours_paid"] = hours * teams["paid_factor"]
        filled = np.bincount(workers["team"][employed], minlength=len(teams))
        posts = np.bincount(self._team_of_post, minlength=len(teams))
        teams["vacancy_share"] = (posts - filled) / np.maximum(posts, 1)

    def vacancy_share(self, workers: Table) -> float:
        """Share of posts without anybody."""
        return float(1 - workers["employed"].sum() / len(self._team_of_post))

    def _leave(self, workers: Table, teams: Table, ties: Ties, week: int) -> None:
        here = np.flatnonzero(workers["employed"])
        strain = self._strain[workers["team"][here]]
        yearly = self._settings.exit_per_year * np.exp(self._settings.burnout_effect * strain)
        yearly *= teams["exit_factor"][workers["team"][here]]
        chance = yearly * _NOTICE / WEEKS_PER_YEAR
        leaves = here[self._leaving.uniform(draws.keys(workers["post"][here], week)) < chance]
        if not len(leaves):
            return
        workers["employed"][leaves] = False
        workers["left_week"][leaves] = week
        self._filled_from[workers["post"][leaves]] = week + self._settings.refill_weeks
        # Each worker is one of those whom partners knew at the front door of the authority.
        authority = teams["authority"][workers["team"][leaves]]
        share = 1 / np.bincount(teams["authority"][self._team_of_post])[authority]
        referral = np.flatnonzero(ties.role == 0)
        tie, leaver = np.nonzero(ties.target[referral, None] - ties.organisations == authority)
        ties.turnover(referral[tie], share[leaver], self._trust_new)

    def _hire(self, workers: Table, week: int) -> None:
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
