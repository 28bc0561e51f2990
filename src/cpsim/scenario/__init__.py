"""What a scenario file may say, and the reading of it: one schema, faults with file, line and column, real dates.

`load` and `from_mapping` give a `Scenario`, or raise a `ScenarioError` that lists every fault. The libraries that do
the work are imported when one of these names is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpsim.scenario.problems import ScenarioError
    from cpsim.scenario.read import from_mapping, load
    from cpsim.scenario.schema import Scenario

__all__ = ["Scenario", "ScenarioError", "from_mapping", "load"]

_HOMES = {"Scenario": "schema", "ScenarioError": "problems", "from_mapping": "read", "load": "read"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
