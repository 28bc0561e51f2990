"""What a history depends on: the scenario up to the end of the warm-up, the seed, the code, and the arithmetic."""

import hashlib
import json
import platform
from functools import cache
from pathlib import Path

import numpy as np
from numpy.lib import introspect

from cpsim.results.origin import hash_code, list_added_levers
from cpsim.scenario.history import describe_history
from cpsim.scenario.schema import Scenario

_ROUNDED_BY_PROCESSOR = "^(exp|expm1|log|log1p|power|sqrt|add|multiply|divide)$"
"""Functions whose last digit can depend on the instructions that NumPy chooses for the processor."""


def compute_key(kind: type, scenario: Scenario, seed: int, weeks: int) -> str:
    """Compute the key of the first weeks of a run: equal for all scenarios with the same history.

    Args:
        kind: the class of the model.
        scenario: the scenario.
        seed: the seed of the run.
        weeks: number of weeks.

    Raises:
        OSError: the scenario's network file cannot be read.

    >>> from cpsim.scenario import load
    >>> small, renamed = load("small"), load("small", {"name": "renamed"})
    >>> compute_key(object, small, 1, weeks=936) == compute_key(object, renamed, 1, weeks=936)
    True
    >>> compute_key(object, small, 1, weeks=936) == compute_key(object, small, 2, weeks=936)
    False
    """
    settings, events = describe_history(scenario, weeks)
    graphml = scenario.network.graphml
    network = None if graphml is None else hashlib.sha256(Path(graphml).read_bytes()).hexdigest()
    parts = [kind.__qualname__, settings, [event.model_dump() for event in events], network, seed, weeks]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


@cache
def describe_arithmetic() -> str:
    """Describe what the numbers of this process depend on, apart from scenario and seed, as a digest."""
    parts = [
        hash_code(),
        platform.python_version(),
        np.__version__,
        introspect.opt_func_info(func_name=_ROUNDED_BY_PROCESSOR),
        list_added_levers(),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
