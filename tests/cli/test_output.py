"""Commands end without a traceback if their output is not read, or if it cannot be written."""

import subprocess
import sys
from pathlib import Path

import pytest

CPSIM = [sys.executable, "-m", "cpsim"]
COMMANDS = [["--version"], ["run", "--help"], ["scenarios"], ["validate", "small"]]
ids = [" ".join(command) for command in COMMANDS]


def run_in_shell(command: list[str], stdout: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in a shell that connects its standard output as given, such as `>&-`."""
    line = f'"$@" {stdout}'
    return subprocess.run(
        ["bash", "-c", line, "bash", *CPSIM, *command], capture_output=True, text=True, check=False
    )


def test_the_package_can_be_run_as_a_module() -> None:
    found = subprocess.run([*CPSIM, "--version"], capture_output=True, text=True, check=True)
    assert (found.stdout, found.stderr) == ("cpsim, version 0.1.0\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_output_that_cannot_be_written_is_an_error_in_one_sentence(command: list[str]) -> None:
    found = run_in_shell(command, "> /dev/full")
    assert found.returncode == 2
    assert found.stderr == "Error: standard output: No space left on device\n"


@pytest.mark.parametrize("stdout", [">&-", "| true; exit ${PIPESTATUS[0]}"], ids=["closed", "no longer read"])
@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_output_that_is_not_read_is_no_error(command: list[str], stdout: str) -> None:
    found = run_in_shell(command, stdout)
    assert (found.returncode, found.stderr) == (0, "")
