"""cpsim: a simulation of multi-agency child protection in England.

- `load` reads a scenario and `run` runs it; `RunResult` holds the results of a run and `plot` draws them.
- `ChildProtectionModel` is the Mesa model that `run` steps through.
- `compare` runs several scenarios on the same children and estimates the differences.
- `story` follows one child through a run; `attribute` estimates how much each stage of casework contributes to what
  is missed.
- `load_experiment` reads an experiment, `sweep` runs it and saves the results in a folder, `load_sweep` reads that
  folder and `analyse` summarises it.

Modules with large dependencies are imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "ChildProtectionModel",
    "Comparison",
    "RunResult",
    "analyse",
    "attribute",
    "compare",
    "load",
    "load_experiment",
    "load_sweep",
    "run",
    "story",
    "sweep",
]

if TYPE_CHECKING:
    from cpsim.model import ChildProtectionModel, run
    from cpsim.results import Comparison, RunResult
    from cpsim.scenario.read import load
    from cpsim.study.analysis.door import analyse
    from cpsim.study.attribution import attribute
    from cpsim.study.compare import compare
    from cpsim.study.experiment import load_experiment
    from cpsim.study.loaded import load_sweep
    from cpsim.study.story import story
    from cpsim.study.sweep import sweep

_MODULES = {
    "ChildProtectionModel": "cpsim.model",
    "Comparison": "cpsim.results",
    "RunResult": "cpsim.results",
    "analyse": "cpsim.study.analysis.door",
    "attribute": "cpsim.study.attribution",
    "compare": "cpsim.study.compare",
    "load": "cpsim.scenario.read",
    "load_experiment": "cpsim.study.experiment",
    "load_sweep": "cpsim.study.loaded",
    "run": "cpsim.model",
    "story": "cpsim.study.story",
    "sweep": "cpsim.study.sweep",
}


def __getattr__(name: str) -> Any:
    if name == "plot":
        return import_module("cpsim.plot")
    if name not in _MODULES:
        raise AttributeError(f"module 'cpsim' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
