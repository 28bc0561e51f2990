"""What a scenario can be compared with: the scenario that it extends."""

from __future__ import annotations

import os
from pathlib import Path

from cpsim.scenario.merge import list_extended_files, read_settings
from cpsim.scenario.sources import find_scenario, find_shipped_scenarios

_BASELINE = "baseline"


def find_reference(path_or_name: str) -> str:
    """Find the scenario that another extends, as a user would type it: a name or a path; the baseline if none.

    Args:
        path_or_name: the path of a file, or the name of a shipped scenario, as the user typed it.

    Raises:
        ScenarioError: one of the files cannot be found or read.

    >>> find_reference("small"), find_reference("duty_complete")
    ('baseline', 'before_the_act')
    """
    path = find_scenario(path_or_name)
    base = next(list_extended_files(read_settings(path, []), path), None)
    if base is None:
        return _BASELINE
    if find_shipped_scenarios().get(base.stem) == base:
        return base.stem
    return str(base) if Path(path_or_name).is_absolute() else os.path.relpath(base)
