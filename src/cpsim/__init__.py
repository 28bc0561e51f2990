"""cpsim: a simulation of multi-agency child protection.

`load` reads a scenario, `run` runs it, `ChildProtectionModel` is the Mesa model behind both, `RunResult` is what a run
leaves behind, and `plot` draws it. `story` tells of one child. `attribute` tells which stage answers for what was
missed. `load_experiment` reads an experiment, `sweep` runs it into a folder, `load_sweep` reads that folder and
`analyse` asks what it has found.
Everything heavy is imported when it is first asked for.
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

_HOME = {
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
    if name not in _HOME:
        raise AttributeError(f"module 'cpsim' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
