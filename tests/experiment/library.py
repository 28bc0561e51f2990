"""The experiments that come with cpsim, for tests that are run with each of them."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from cpsim.cli import main

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "experiment_library.md"
LIBRARY = sorted((ROOT / "experiments").glob("*.yaml"))

of_the_library = pytest.mark.parametrize("file", LIBRARY, ids=lambda file: file.stem)


def read(file: Path) -> dict[str, Any]:
    """Read an experiment file without cpsim."""
    content: dict[str, Any] = YAML(typ="safe").load(file)
    return content


def run_cpsim(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result
