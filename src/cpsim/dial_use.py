"""Which levers turn each dial and which modules read it, and which levers send and read each signal.

Nothing here is typed by hand. Levers declare the dials and signals that they use as class attributes, and modules that
read dials or signals declare them as `READS_DIALS` and `READS_SIGNALS` next to their code. Modules that only show a
value, such as those of the demo, are not readers.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cpsim import casework, governance, measures, network
from cpsim.agents.dials import DIALS
from cpsim.agents.signals import SIGNALS
from cpsim.governance.duties import CooperationDuties
from cpsim.governance.lever import Lever
from cpsim.scenario.events import load_levers

if TYPE_CHECKING:
    from collections.abc import Iterator

READING_ROOMS = (casework, governance, network, measures)
"""The packages whose modules can read dials or signals."""

Declaration = Literal["READS_DIALS", "READS_SIGNALS"]


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


def find_dial_uses() -> dict[str, Use]:
    """Find what turns and what reads each dial: name of the dial -> use.

    >>> find_dial_uses()["ties.delivery"].readers
    ('network.ties',)
    """
    levers, modules = _load_levers_and_law(), _read_declarations("READS_DIALS")
    return {
        dial.name: Use(
            tuple(name for name, lever in levers.items() if dial.name in lever.dials),
            tuple(name for name, read in modules.items() if dial.name in read),
            tuple(name for name, lever in levers.items() if dial.name in lever.dials_read),
        )
        for dial in DIALS
    }


def find_signal_uses() -> dict[str, Use]:
    """Find what sends and what reads each signal: name of the signal -> use.

    >>> find_signal_uses()["authorities.tier_gap_closed"].changed_by
    ('reallocation',)
    """
    levers, modules = _load_levers_and_law(), _read_declarations("READS_SIGNALS")
    return {
        signal.name: Use(
            tuple(name for name, lever in levers.items() if signal.name in lever.signals_sent),
            tuple(name for name, read in modules.items() if signal.name in read),
            tuple(name for name, lever in levers.items() if signal.name in lever.signals_read),
        )
        for signal in SIGNALS
    }


def list_reading_modules() -> Iterator[str]:
    """List the modules that can read dials or signals, such as "casework.sharing"."""
    for room in READING_ROOMS:
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            yield module.name.removeprefix("cpsim.")


def _read_declarations(declaration: Declaration) -> dict[str, tuple[str, ...]]:
    """Read what each module declares; modules without the declaration declare nothing."""
    return {
        name: getattr(importlib.import_module(f"cpsim.{name}"), declaration, ())
        for name in list_reading_modules()
    }


def _load_levers_and_law() -> dict[str, type[Lever]]:
    levers = {name: lever for name, lever in load_levers().items() if issubclass(lever, Lever)}
    return levers | {"law": CooperationDuties}
