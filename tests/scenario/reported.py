"""The problems that cpsim reports for a scenario file."""

from pathlib import Path

import pytest

from cpsim.scenario import ScenarioError, load


def load_problems(path: Path | str, *overrides: str) -> list[str]:
    """Load a scenario that cannot be used, and return one line for each problem, without the folder of the file."""
    with pytest.raises(ScenarioError) as caught:
        load(path, overrides)
    folder = f"{Path(path).parent}/"
    return [str(problem).replace(folder, "") for problem in caught.value.problems]
