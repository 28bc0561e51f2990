"""The lever context: how levers select the agents that they affect, turn dials, and send signals to other levers.

In the examples, `model` is a `ChildProtectionModel` of one authority with one organisation of each kind.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.agents.dials import DIALS, Composition, PolicyVariable
from cpsim.agents.signals import SIGNALS
from cpsim.agents.tables import AuthorityColumns, OrganisationColumns, TeamColumns, TeamRole
from cpsim.arrays import Bools, Floats, Ints
from cpsim.constants import FRONT_DOOR, SOCIAL_CARE
from cpsim.governance.ratings import Ratings
from cpsim.network.ties import Ties
from cpsim.scenario.events import AuthorityChoice
from cpsim.scenario.problems import suggest_nearest
from cpsim.stages.declarations import Declaration

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cpsim.agents.columns import AgentTable
    from cpsim.governance.lever import Lever
    from cpsim.scenario.schema import Scenario


__all__ = ["DeclarationError", "LeverContext"]

_DIALS = {dial.name: dial for dial in DIALS}
_SIGNALS = {signal.name: signal for signal in SIGNALS}
_COMPOSED: dict[str, PolicyVariable] = {
    variable.name: variable for variable in (*DIALS, *SIGNALS) if variable.composes != "state"
}

WRITTEN: tuple[PolicyVariable, ...] = tuple(_COMPOSED.values())
"""The dials and signals that `write_dials` writes; a lever itself sets those that are states."""

_SELECTED_BY = (
    AuthorityColumns.deprivation,
    AuthorityColumns.resources,
    OrganisationColumns.authority,
    OrganisationColumns.kind_code,
    TeamColumns.authority,
    TeamColumns.role_code,
    Ties.role,
    Ties.source,
    Ties.target,
)
"""Lasting characteristics by which levers select agents and ties; any lever may read them."""


def declare_accesses(lever: Lever) -> Declaration:
    """Name the columns that a lever may access in the tables, apart from those that `write_dials` writes for it."""

    def find_states(names: tuple[str, ...]) -> list[PolicyVariable]:
        return [_DIALS[name] for name in names if name not in _COMPOSED]

    return Declaration.of(
        (*_SELECTED_BY, *lever.reads, *find_states(lever.dials_read)),
        (*lever.writes, *find_states(lever.dials)),
    )


class DeclarationError(Exception):
    """A lever uses a dial or a signal that does not exist, that it does not declare, or in the wrong way.

    >>> from cpsim.governance.practice import AttentionPractice
    >>> training = AttentionPractice(lever="attention_practice", factor=1.2)
    >>> model.lever_context.set_active_lever(training)
    >>> model.lever_context.turn_dial("teams.accuracy", np.array([0]), 1.1)
    Traceback (most recent call last):
    ...
    cpsim.governance.context.DeclarationError: the lever 'attention_practice' must not turn the dial teams.accuracy;
    add it to the class attribute `dials`
    """


class LeverContext:
    """What levers can see of a model, the dials that they can turn, and the signals that they can exchange.

    A lever turns and reads dials, and sends and reads signals, only through the methods of this class, and only those
    that it declares. The law (M6) is a lever too.

    Args:
        settings: the scenario.
        tables: the agent tables of the model by name; dials and signals are columns of these tables.
        ties: the network of ties between organisations and front doors.
        names: names of the authorities, in the order of their table.
        seed: the seed of the run.

    Attributes:
        week: the current week of the run; -1 before the first step.
        ratings: the ratings that inspectors have given so far.

    >>> from cpsim.governance.lever import Lever
    >>> class Cuts(Lever):
    ...     dials = ("teams.capacity_factor", "ties.trust")
    ...     dials_read = ("teams.capacity_factor",)
    ...     signals_sent = ("authorities.council_deficit",)
    ...     signals_read = ("authorities.council_deficit",)
    >>> cuts, context = Cuts(lever="cuts"), model.lever_context

    A lever selects rows of tables, in the authorities that its event names:

    >>> context.select_authorities(cuts).tolist()
    [0]
    >>> context.select_organisations(cuts, ["school", "police"]).tolist()
    [0, 4]
    >>> context.select_nodes(cuts, ["school", "front_door"]).tolist()
    [0, 6]
    >>> teams = context.select_teams(cuts, TeamRole.FRONT_DOOR)

    Its effects on a dial combine as the dial says; casework sees the result in the tables of the model:

    >>> context.set_active_lever(cuts)
    >>> context.turn_dial("teams.capacity_factor", teams, 0.5)
    >>> context.turn_dial("teams.capacity_factor", teams, 0.8)
    >>> context.read_dial("teams.capacity_factor")[teams].round(2).tolist()
    [0.4]
    >>> context.write_dials()
    >>> model.tables["teams"]["capacity_factor"][teams].round(2).tolist()
    [0.4]

    A state is set once and then develops in the model; a signal is read by other levers only:

    >>> context.set_state("ties.trust", np.arange(len(model.ties.trust)), 0.1)
    >>> context.send_signal("authorities.council_deficit", context.select_authorities(cuts), 0.05)
    >>> context.read_signal("authorities.council_deficit").tolist()
    [0.05]

    In the next week the timeline starts from the scenario's own values:

    >>> context.reset_dials()
    >>> context.read_dial("teams.capacity_factor")[teams].tolist()
    [1.0]
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
        self._base = {name: self._column(value).copy() for name, value in _COMPOSED.items()}
        self._value: dict[str, Floats] = {}
        self._written: set[str] = set()
        self._lever: Lever | None = None
        self.ratings = Ratings()

    def _column(self, variable: PolicyVariable) -> NDArray[Any]:
        return self.tables[variable.table][variable.column]

    # -- which agents a lever affects

    def select_authorities(self, lever: Lever) -> Ints:
        """Return the rows of the authorities that a lever affects, in ascending order: int64, shape (n,)."""
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
        """Return the rows of the organisations in the authorities that a lever affects: int64, shape (n,).

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
        """Return the rows of the teams in the authorities that a lever affects: int64, shape (n,).

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
        """Return the network nodes of some services in the authorities that a lever affects: int64, shape (n,).

        Args:
            lever: the lever, which names the authorities.
            services: kinds of agency, `front_door` or `social_care`. In the network the last two are the same node.
        """
        organisations = self.select_organisations(lever, services)
        if not {FRONT_DOOR, SOCIAL_CARE}.intersection(services):
            return organisations
        return np.concatenate([organisations, self.ties.organisations + self.select_authorities(lever)])

    # -- dials: what casework, the workforce, ties and costs read

    def turn_dial(self, dial: str, rows: Ints, value: float | Floats) -> None:
        """Combine a lever's value for a dial with the values of the levers before it, in some rows.

        Args:
            dial: name of the dial, as `table.column`.
            rows: rows of the dial's table.
            value: what the lever adds or multiplies by, as the dial's rule of composition says; one value for all rows
                or one per row.

        Raises:
            DeclarationError: the active lever does not declare the dial, or the dial is a state.
        """
        self._check_dial(dial, "dials", "turn")
        if dial not in _COMPOSED:
            raise DeclarationError(f"the dial {dial} is a state; set it with set_state in apply_event")
        self._combine(dial, rows, value)

    def set_state(self, dial: str, rows: Ints, value: float | Floats | Ints) -> None:
        """Set a dial that is a state, such as trust, in some rows; from then on the model itself changes it.

        Args:
            dial: name of the dial, as `table.column`.
            rows: rows of the dial's table.
            value: the new value, one for all rows or one per row.

        Raises:
            DeclarationError: the active lever does not declare the dial, or the dial is not a state.
        """
        self._check_dial(dial, "dials", "turn")
        if dial in _COMPOSED:
            raise DeclarationError(f"the dial {dial} is not a state; turn it with turn_dial in turn_dials")
        self._column(_DIALS[dial])[rows] = value

    def read_dial(self, dial: str) -> NDArray[Any]:
        """Return a dial as the levers applied so far this week leave it, one value per row of its table.

        Raises:
            DeclarationError: the active lever does not declare that it reads the dial.
        """
        self._check_dial(dial, "dials_read", "read")
        return self._read(dial) if dial in _COMPOSED else self._column(_DIALS[dial])

    # -- signals: what only other levers read

    def send_signal(self, signal: str, rows: Ints, value: float | Floats) -> None:
        """Combine a lever's value for a signal with the values of the levers before it, in some rows.

        Args:
            signal: name of the signal, as `table.column`.
            rows: rows of the signal's table.
            value: what the lever sends, one value for all rows or one per row.

        Raises:
            DeclarationError: the active lever does not declare that it sends the signal.
        """
        self._check_signal(signal, "signals_sent", "send")
        self._combine(signal, rows, value)

    def read_signal(self, signal: str) -> NDArray[Any]:
        """Return a signal as the levers applied so far this week have sent it, one value per row of its table.

        Raises:
            DeclarationError: the active lever does not declare that it reads the signal.
        """
        self._check_signal(signal, "signals_read", "read")
        return self._read(signal)

    def _combine(self, name: str, rows: Ints, value: float | Floats) -> None:
        current = self._value.setdefault(name, self._base[name].copy())
        variable = _COMPOSED[name]
        combined = _compose(variable.composes, current[rows], value)
        is_limited = math.isfinite(variable.high)
        current[rows] = np.clip(combined, variable.low, variable.high) if is_limited else combined

    def _read(self, name: str) -> NDArray[Any]:
        return self._value.get(name, self._base[name])

    def _check_dial(self, dial: str, declared_in: str, verb: str) -> None:
        if dial in _SIGNALS:
            raise DeclarationError(f"{dial} is a signal, not a dial; use send_signal and read_signal")
        self._check_declaration("dial", dial, _DIALS, declared_in, verb)

    def _check_signal(self, signal: str, declared_in: str, verb: str) -> None:
        if signal in _DIALS:
            raise DeclarationError(f"{signal} is a dial, not a signal; use turn_dial and read_dial")
        self._check_declaration("signal", signal, _SIGNALS, declared_in, verb)

    def _check_declaration(
        self, kind: str, name: str, known: Collection[str], declared_in: str, verb: str
    ) -> None:
        """Check that a dial or signal exists and that the active lever lists it in a class attribute."""
        if name not in known:
            raise DeclarationError(f"there is no {kind} {name}{suggest_nearest(name, known)}")
        if self._lever is None:
            raise DeclarationError(f"no lever is active, so nothing may {verb} the {kind} {name}")
        if name not in getattr(self._lever, declared_in):
            raise DeclarationError(
                f"the lever {self._lever.lever!r} must not {verb} the {kind} {name}; "
                f"add it to the class attribute `{declared_in}`"
            )

    # -- calls of the timeline, once a week

    def reset_dials(self) -> None:
        """Reset all dials and signals to what the scenario gives without levers."""
        self._value = {}

    def set_active_lever(self, lever: Lever | None) -> None:
        """Set the lever whose declared dials and signals may be used from now on; None = no lever."""
        self._lever = lever

    def write_dials(self) -> None:
        """Write dials and signals into the agent tables; one that no lever has ever changed is left as it is."""
        for name in self._written | set(self._value):
            self._column(_COMPOSED[name])[:] = self._read(name)
        self._written |= set(self._value)


def _mask_members(wanted: Ints | list[int], codes: NDArray[Any], size: int) -> Bools:
    """Return whether each code (all below `size`) is wanted, same shape; five times as fast as `np.isin`."""
    marked = np.zeros(size, np.bool_)
    marked[wanted] = True
    among: Bools = marked[codes]
    return among


def _compose(rule: Composition, current: Floats, value: float | Floats) -> float | Floats:
    """Combine the value of one lever with the current values by a rule of composition."""
    if rule == "adds":
        return current + value
    if rule == "multiplies":
        return current * value
    if rule == "chances":
        return current + value * (1 - current)
    if rule == "last":
        return value
    larger: Floats = np.maximum(current, value)
    return larger
