"""cpsim: a simulation of multi-agency child protection in England.

- `load` reads a scenario and `run` runs it; `RunResult` holds the results of a run and `plot` draws them.
- `ChildProtectionModel` is a run as a Mesa model, to step through.
- `compare` runs several scenarios on the same children and estimates the differences.
- `story` follows one child through a run; `attribute` estimates how much each stage of casework contributes to what
  is missed.
- `load_experiment` reads an experiment, `sweep` runs it and saves the results in a folder, `load_sweep` reads that
  folder and `analyse` summarises it.

Modules with large dependencies are imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cpsim.constants import VERSION

__version__ = VERSION
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
    from cpsim.analysis.analyse import analyse
    from cpsim.attribution.attribute import attribute
    from cpsim.comparison.compare import compare
    from cpsim.experiment.read import load_experiment
    from cpsim.model import ChildProtectionModel
    from cpsim.results import Comparison, RunResult
    from cpsim.scenario.read import load
    from cpsim.simulation import run
    from cpsim.stories.story import story
    from cpsim.sweeps.loaded import load_sweep
    from cpsim.sweeps.sweep import sweep

_MODULES = {
    "ChildProtectionModel": "cpsim.model",
    "Comparison": "cpsim.results",
    "RunResult": "cpsim.results",
    "analyse": "cpsim.analysis.analyse",
    "attribute": "cpsim.attribution.attribute",
    "compare": "cpsim.comparison.compare",
    "load": "cpsim.scenario.read",
    "load_experiment": "cpsim.experiment.read",
    "load_sweep": "cpsim.sweeps.loaded",
    "run": "cpsim.simulation",
    "story": "cpsim.stories.story",
    "sweep": "cpsim.sweeps.sweep",
}


def __getattr__(name: str) -> Any:
    if name == "plot":
        return import_module("cpsim.plot")
    if name not in _MODULES:
        raise AttributeError(f"module 'cpsim' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
