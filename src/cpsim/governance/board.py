"""The board of dials: where levers find the agents that they concern and turn what casework will read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.agents.dials import DIALS, Composition, Dial
from cpsim.agents.social_work import TeamRole
from cpsim.arrays import Bools, Floats, Ints
from cpsim.constants import FRONT_DOOR, SOCIAL_CARE
from cpsim.governance.ratings import Ratings
from cpsim.scenario.events import Choice
from cpsim.scenario.sections import Duty

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cpsim.agents.columns import Table
    from cpsim.governance.lever import Lever
    from cpsim.network.ties import Ties
    from cpsim.scenario.schema import Scenario


"""What stands for the front door of social care among the names of kinds of agency."""


"""What stands for the social work of the council among them: its front door and all its teams."""


class Board:
    """All dials of a model, from which every lever turns its own.

    Args:
        settings: the scenario.
        tables: the tables of the model by name; they hold the dials.
        ties: the network.
        names: names of the authorities, by row of their table.
        seed: the seed of the run.

    Attributes:
        week: the week of the run; -1 before the first.
        law: who is bound by a duty to cooperate, and how far it is known, by organisation.
        ratings: what inspectors have found.
    """

    def __init__(
        self,
        settings: Scenario,
        tables: Mapping[str, Table],
        ties: Ties,
        names: tuple[str, ...],
        seed: int,
    ) -> None:
        self.settings, self.tables, self.ties, self.names, self.seed = settings, tables, ties, names, seed
        self.week = -1
        self.kinds = tuple(settings.agencies)
        self._composed = {dial.name: dial for dial in DIALS if dial.composes != "state"}
        self._base = {name: self._column(dial).copy() for name, dial in self._composed.items()}
        self._value: dict[str, Floats] = {}
        self._written: set[str] = set()
        self._lever: Lever | None = None
        self.law = Law(settings, tables["organisations"]["kind"])
        self.ratings = Ratings()

    def _column(self, dial: Dial) -> NDArray[Any]:
        return self.tables[dial.table][dial.column]

    # -- whom a lever concerns

    def authorities(self, lever: Lever) -> Ints:
        """Ints of the authorities that a lever concerns, ascending."""
        wanted = lever.authorities
        everybody = np.arange(len(self.names))
        if wanted is None:
            return everybody
        if isinstance(wanted, Choice):
            return self._chosen(wanted)
        return np.sort([self.names.index(name) for name in wanted])

    def _chosen(self, choice: Choice) -> Ints:
        """The authorities that a rule picks; of equals the earlier row, and by lot more of them never exclude one."""
        number, authorities = len(self.names), self.tables["authorities"]
        if choice.lot is not None:
            luck = draws.Stream(self.seed, "authorities by lot").uniform(draws.keys(np.arange(number), 0))
            return np.sort(np.argsort(luck, kind="stable")[: choice.lot])
        if choice.most_deprived is not None:
            order = np.argsort(-authorities["deprivation"], kind="stable")
            return np.sort(order[: choice.most_deprived])
        return np.sort(np.argsort(authorities["resources"], kind="stable")[: choice.least_resourced])

    def organisations(self, lever: Lever, kinds: Collection[str] | None = None) -> Ints:
        """Ints of the organisations of some kinds (None = all) in the authorities that a lever concerns."""
        organisations = self.tables["organisations"]
        concerned = _among(self.authorities(lever), organisations["authority"], len(self.names))
        if kinds is not None:
            codes = [self.kinds.index(kind) for kind in kinds if kind not in (FRONT_DOOR, SOCIAL_CARE)]
            concerned &= _among(codes, organisations["kind"], len(self.kinds))
        return np.flatnonzero(concerned)

    def teams(self, lever: Lever, *roles: TeamRole) -> Ints:
        """Ints of the teams of some roles (none named = all) in the authorities that a lever concerns."""
        teams = self.tables["teams"]
        concerned = _among(self.authorities(lever), teams["authority"], len(self.names))
        if roles:
            concerned &= _among([int(role) for role in roles], teams["role"], len(TeamRole))
        return np.flatnonzero(concerned)

    def nodes(self, lever: Lever, services: Collection[str]) -> Ints:
        """Nodes of the network that belong to services in the authorities that a lever concerns.

        Services are kinds of agency, the front door or social care; the latter two are one node in the network.
        """
        organisations = self.organisations(lever, services)
        if not {FRONT_DOOR, SOCIAL_CARE}.intersection(services):
            return organisations
        return np.concatenate([organisations, self.ties.organisations + self.authorities(lever)])

    # -- turning

    def turn(self, dial: str, rows: Ints, value: float | Floats) -> None:
        """Turn a dial of some rows by one lever's value, composed with what other levers have turned it by.

        Raises:
            PermissionError: the lever whose turn it is does not declare the dial.
        """
        self.check(dial)
        current = self._value.setdefault(dial, self._base[dial].copy())
        current[rows] = _composed(self._composed[dial].composes, current[rows], value)

    def check(self, dial: str) -> None:
        """Make sure that the lever whose turn it is has declared a dial.

        Raises:
            PermissionError: it has not.
        """
        if self._lever is not None and dial not in self._lever.dials:
            raise PermissionError(f"the lever {self._lever.lever!r} does not declare the dial {dial}")

    def value(self, dial: str) -> Floats:
        """A dial as the levers asked so far have turned it this week; shape of its table's rows."""
        value: Floats = self._value.get(dial, self._base[dial])
        return value

    # -- the round of the week

    def clear(self) -> None:
        """Set all dials back to where the scenario has them without levers."""
        self._value = {}
        self.law = Law(self.settings, self.tables["organisations"]["kind"])

    def hand_to(self, lever: Lever | None) -> None:
        """From now on it is this lever's turn; None = nobody's, and all dials may be turned."""
        self._lever = lever

    def write(self) -> None:
        """Write what was turned into the columns; a dial that nobody turned, now or before, keeps what it has."""
        organisations = self.tables["organisations"]
        everybody = np.arange(len(organisations))
        organisations["duty_bound"] = self.law.bound
        self.turn("organisations.share_threshold_shift", everybody, self.law.shift())
        for name in self._written | set(self._value):
            self._column(self._composed[name])[:] = self.value(name)
        self._written |= set(self._value)


_UNKNOWN = Duty(bound=False)
"""What holds of a kind of agency on which the scenario says nothing."""


def _among(wanted: Ints | list[int], codes: NDArray[Any], size: int) -> Bools:
    """Which of some codes below `size` are wanted, same shape; `np.isin` would take five times as long every week."""
    marked = np.zeros(size, np.bool_)
    marked[wanted] = True
    among: Bools = marked[codes]
    return among


def _composed(rule: Composition, current: Floats, value: float | Floats) -> Floats:
    if rule == "adds":
        return current + value
    if rule == "multiplies":
        return current * value
    if rule == "chances":
        return current + value * (1 - current)
    larger: Floats = np.maximum(current, value)
    return larger


class Law:
    """Duties to cooperate as they stand, one entry an organisation (M6); shapes (S,).

    Attributes:
        bound: whether the duty binds it, bool.
        awareness: share of its staff who know of the duty, float64.
        sanction: strength of the sanction for not sharing, float64.
    """

    def __init__(self, settings: Scenario, kind: NDArray[np.int8]) -> None:
        duties = [settings.duties.get(name) for name in settings.agencies]
        self.bound = np.array([bool(duty and duty.bound) for duty in duties])[kind]
        known = [duty or _UNKNOWN for duty in duties]
        self.awareness = np.array([duty.awareness for duty in known], np.float64)[kind]
        self.sanction = np.array([duty.sanction for duty in known], np.float64)[kind]
        self._sharing = settings.sharing

    def shift(self) -> Floats:
        """How far the threshold for telling social care moves: a known duty and a sanction lower it, log-odds, shape (S,)."""
        weight = self._sharing.duty_effect * self.awareness + self._sharing.sanction_effect * self.sanction
        shift: Floats = np.where(self.bound, -weight, 0.0)
        return shift
