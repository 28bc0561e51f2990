"""Which levers turn each dial and which modules read it, and which levers send and read each signal.

Nothing here is typed by hand. Levers declare what they turn, send and read as class attributes, and stages declare the
columns that they read. Modules that only show a value, such as those of the demo, are not readers.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cpsim import casework, governance, measures, network
from cpsim.agents.dials import DIALS, PolicyVariable
from cpsim.agents.signals import SIGNALS
from cpsim.governance.duties import CooperationDuties
from cpsim.governance.lever import Lever
from cpsim.scenario.events import load_levers
from cpsim.stages.declarations import Declaration, find_declaration, list_stages

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOMS = (casework, governance, network, measures)
"""The packages whose stages can read dials or signals."""


@dataclass(frozen=True)
class Use:
    """What changes and what reads a dial or a signal.

    Attributes:
        changed_by: names of the levers that turn the dial or send the signal; "law" is the duties to co-operate.
        read_by_modules: names of the modules that read it, such as "casework.sharing".
        read_by_levers: names of the levers that read it.
    """

    changed_by: tuple[str, ...]
    read_by_modules: tuple[str, ...]
    read_by_levers: tuple[str, ...]

    @property
    def readers(self) -> tuple[str, ...]:
        """All modules and levers that read it."""
        return self.read_by_modules + self.read_by_levers


@cache
def find_dial_uses() -> dict[str, Use]:
    """Find what turns and what reads each dial: name of the dial -> use.

    >>> find_dial_uses()["ties.delivery"].readers
    ('casework.delivery', 'casework.sharing')
    """
    levers, modules = _load_levers_and_law(), _find_reading_modules(DIALS)
    return {
        dial.name: Use(
            tuple(name for name, lever in levers.items() if dial.name in lever.dials),
            tuple(name for name, reads in modules.items() if dial.name in reads),
            tuple(
                name
                for name, lever in levers.items()
                if dial.name in (*lever.dials_read, *Declaration.of(lever.reads, ()).reads)
            ),
        )
        for dial in DIALS
    }


def find_signal_uses() -> dict[str, Use]:
    """Find what sends and what reads each signal: name of the signal -> use.

    >>> find_signal_uses()["authorities.tier_gap_closed"].changed_by
    ('reallocation',)
    """
    levers, modules = _load_levers_and_law(), _find_reading_modules(SIGNALS)
    return {
        signal.name: Use(
            tuple(name for name, lever in levers.items() if signal.name in lever.signals_sent),
            tuple(name for name, reads in modules.items() if signal.name in reads),
            tuple(name for name, lever in levers.items() if signal.name in lever.signals_read),
        )
        for signal in SIGNALS
    }


def _find_reading_modules(variables: tuple[PolicyVariable, ...]) -> dict[str, set[str]]:
    """Find the dials or signals that the stages of each module read: module, such as "casework.sharing" -> names.

    A stage that writes a dial which is a state, such as trust, develops it from its value and so reads it too.
    """
    states = {variable.name for variable in variables if variable.composes == "state"}
    names = {variable.name for variable in variables}
    return {
        module: {
            column
            for stage in list_stages(f"cpsim.{module}")
            for declared in [find_declaration(stage)]
            for column in (*names.intersection(declared.reads), *states.intersection(declared.writes))
        }
        for module in _import_modules()
    }


def _import_modules() -> Iterator[str]:
    """Import the modules that can declare stages, and yield their names, such as "casework.sharing"."""
    for room in _ROOMS:
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            importlib.import_module(module.name)
            yield module.name.removeprefix("cpsim.")


def _load_levers_and_law() -> dict[str, type[Lever]]:
    levers = {name: lever for name, lever in load_levers().items() if issubclass(lever, Lever)}
    return levers | {"law": CooperationDuties}
