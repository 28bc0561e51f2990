"""What a student is told about a scenario."""

from pathlib import Path

import pytest

from cpsim.scenario import ScenarioError, load


def told(path: Path | str, *overrides: str) -> list[str]:
    """The problems of a scenario that cannot be used, a line for each, with the file's bare name."""
    with pytest.raises(ScenarioError) as caught:
        load(path, overrides)
    folder = f"{Path(path).parent}/"
    return [str(problem).replace(folder, "") for problem in caught.value.problems]
