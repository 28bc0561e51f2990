"""Scenario files: their schema, and reading them with every problem reported by file, line and column.

`load` and `from_mapping` return a `Scenario`, or raise a `ScenarioError` that lists every problem. The libraries that
they need are imported when one of these names is first used, which keeps `import cpsim` fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpsim.scenario.problems import ScenarioError
    from cpsim.scenario.read import from_mapping, load
    from cpsim.scenario.schema import Scenario

__all__ = ["Scenario", "ScenarioError", "from_mapping", "load"]

_MODULES = {"Scenario": "schema", "ScenarioError": "problems", "from_mapping": "read", "load": "read"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
