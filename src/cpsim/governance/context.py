"""The lever context: how policy levers select the agents that they affect and turn the dials that casework reads."""

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
from cpsim.scenario.events import AuthorityChoice
from cpsim.scenario.sections import DutySettings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cpsim.agents.columns import AgentTable
    from cpsim.governance.lever import Lever
    from cpsim.network.ties import Ties
    from cpsim.scenario.schema import Scenario


class LeverContext:
    """What levers can see of a model, and the dials that they can turn.

    Args:
        settings: the scenario.
        tables: the agent tables of the model by name; the dials are columns of these tables.
        ties: the network of ties between organisations and front doors.
        names: names of the authorities, in the order of their table.
        seed: the seed of the run.

    Attributes:
        week: the current week of the run; -1 before the first step.
        duties: the duty to co-operate in force, by organisation.
        ratings: the ratings that inspectors have given so far.
    """

    def __init__(
        self,
        settings: Scenario,
        tables: Mapping[str, AgentTable],
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
        self.duties = CooperationDuties(settings, tables["organisations"]["kind"])
        self.ratings = Ratings()

    def _column(self, dial: Dial) -> NDArray[Any]:
        return self.tables[dial.table][dial.column]

    # -- which agents a lever affects

    def select_authorities(self, lever: Lever) -> Ints:
        """Return the rows of the authorities that a lever affects, in ascending order."""
        wanted = lever.authorities
        everyone = np.arange(len(self.names))
        if wanted is None:
            return everyone
        if isinstance(wanted, AuthorityChoice):
            return self._choose_authorities(wanted)
        return np.sort([self.names.index(name) for name in wanted])

    def _choose_authorities(self, choice: AuthorityChoice) -> Ints:
        """Return the authorities that a rule picks.

        Ties go to the earlier row. A larger number chosen by lot includes every authority of a smaller number.
        """
        number, authorities = len(self.names), self.tables["authorities"]
        if choice.lot is not None:
            luck = draws.Stream(self.seed, "authorities by lot").uniform(draws.keys(np.arange(number), 0))
            return np.sort(np.argsort(luck, kind="stable")[: choice.lot])
        if choice.most_deprived is not None:
            order = np.argsort(-authorities["deprivation"], kind="stable")
            return np.sort(order[: choice.most_deprived])
        return np.sort(np.argsort(authorities["resources"], kind="stable")[: choice.least_resourced])

    def select_organisations(self, lever: Lever, kinds: Collection[str] | None = None) -> Ints:
        """Return the rows of the organisations in the authorities that a lever affects.

        Args:
            lever: the lever, which names the authorities.
            kinds: kinds of agency to include; None = all.
        """
        organisations = self.tables["organisations"]
        concerned = _mask_members(self.select_authorities(lever), organisations["authority"], len(self.names))
        if kinds is not None:
            codes = [self.kinds.index(kind) for kind in kinds if kind not in (FRONT_DOOR, SOCIAL_CARE)]
            concerned &= _mask_members(codes, organisations["kind"], len(self.kinds))
        return np.flatnonzero(concerned)

    def select_teams(self, lever: Lever, *roles: TeamRole) -> Ints:
        """Return the rows of the teams in the authorities that a lever affects.

        Args:
            lever: the lever, which names the authorities.
            roles: roles of team to include; none given = all.
        """
        teams = self.tables["teams"]
        concerned = _mask_members(self.select_authorities(lever), teams["authority"], len(self.names))
        if roles:
            concerned &= _mask_members([int(role) for role in roles], teams["role"], len(TeamRole))
        return np.flatnonzero(concerned)

    def select_nodes(self, lever: Lever, services: Collection[str]) -> Ints:
        """Return the network nodes of some services in the authorities that a lever affects.

        Args:
            lever: the lever, which names the authorities.
            services: kinds of agency, `front_door` or `social_care`. In the network the last two are the same node.
        """
        organisations = self.select_organisations(lever, services)
        if not {FRONT_DOOR, SOCIAL_CARE}.intersection(services):
            return organisations
        return np.concatenate([organisations, self.ties.organisations + self.select_authorities(lever)])

    # -- dials

    def turn_dial(self, dial: str, rows: Ints, value: float | Floats) -> None:
        """Combine a lever's value for a dial with the values of the levers before it, in some rows.

        Args:
            dial: name of the dial, as `table.column`.
            rows: rows of the dial's table.
            value: what the lever adds, multiplies by or sets, as the dial's rule of composition says; one value for
                all rows or one per row.

        Raises:
            PermissionError: the active lever does not declare the dial.
        """
        self.check_dial(dial)
        current = self._value.setdefault(dial, self._base[dial].copy())
        current[rows] = _compose(self._composed[dial].composes, current[rows], value)

    def check_dial(self, dial: str) -> None:
        """Check that the active lever declares a dial.

        Raises:
            PermissionError: it does not.
        """
        if self._lever is not None and dial not in self._lever.dials:
            raise PermissionError(
                f"the lever {self._lever.lever!r} must not turn the dial {dial}; add it to the class attribute `dials`"
            )

    def read_dial(self, dial: str) -> Floats:
        """Return a dial as the levers applied so far this week leave it, one value per row of its table."""
        value: Floats = self._value.get(dial, self._base[dial])
        return value

    # -- calls of the timeline, once a week

    def reset_dials(self) -> None:
        """Reset all dials and duties to what the scenario gives without levers."""
        self._value = {}
        self.duties = CooperationDuties(self.settings, self.tables["organisations"]["kind"])

    def set_active_lever(self, lever: Lever | None) -> None:
        """Set the lever whose declared dials may be turned from now on; None = all dials may be turned."""
        self._lever = lever

    def write_dials(self) -> None:
        """Write the dials into the agent tables; a dial that no lever has ever turned is left as it is."""
        organisations = self.tables["organisations"]
        everyone = np.arange(len(organisations))
        organisations["duty_bound"] = self.duties.bound
        self.turn_dial("organisations.share_threshold_shift", everyone, self.duties.threshold_shift())
        for name in self._written | set(self._value):
            self._column(self._composed[name])[:] = self.read_dial(name)
        self._written |= set(self._value)


_NO_DUTY = DutySettings(bound=False)
"""The duty of a kind of agency for which the scenario gives none."""


def _mask_members(wanted: Ints | list[int], codes: NDArray[Any], size: int) -> Bools:
    """Return whether each code (all below `size`) is wanted, same shape; five times as fast as `np.isin`."""
    marked = np.zeros(size, np.bool_)
    marked[wanted] = True
    among: Bools = marked[codes]
    return among


def _compose(rule: Composition, current: Floats, value: float | Floats) -> Floats:
    """Combine the value of one lever with the current values by a dial's rule of composition."""
    if rule == "adds":
        return current + value
    if rule == "multiplies":
        return current * value
    if rule == "chances":
        return current + value * (1 - current)
    larger: Floats = np.maximum(current, value)
    return larger


class CooperationDuties:
    """The duty to co-operate in force, with one entry per organisation (M6); all shapes (organisations,).

    Attributes:
        bound: whether the duty binds the organisation, bool.
        awareness: share of its staff who know of the duty, float64.
        sanction: strength of the sanction for not sharing, 0 to 1, float64.
    """

    def __init__(self, settings: Scenario, kind: NDArray[np.int8]) -> None:
        duties = [settings.duties.get(name) for name in settings.agencies]
        self.bound = np.array([bool(duty and duty.bound) for duty in duties])[kind]
        given = [duty or _NO_DUTY for duty in duties]
        self.awareness = np.array([duty.awareness for duty in given], np.float64)[kind]
        self.sanction = np.array([duty.sanction for duty in given], np.float64)[kind]
        self._sharing = settings.sharing

    def threshold_shift(self) -> Floats:
        """Shift of the sharing threshold, log-odds: a known duty and a sanction lower it, shape (organisations,)."""
        weight = self._sharing.duty_effect * self.awareness + self._sharing.sanction_effect * self.sanction
        shift: Floats = np.where(self.bound, -weight, 0.0)
        return shift
