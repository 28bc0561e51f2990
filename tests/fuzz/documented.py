"""What may come out of an entry point: the documented errors, and how the command line reports them."""

from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from tests.fuzz.target import Fault

from cpsim.cli import main
from cpsim.scenario.problems import ScenarioError


def check_text(text: str, *, lines: bool = False) -> None:
    """Check that a message says something, and that any terminal can show it.

    Raises:
        Fault: it does not.
    """
    if not text.strip():
        raise Fault("a message without text")
    unsafe = [
        character for character in text if not (character.isprintable() or (lines and character in "\n\t"))
    ]
    if unsafe:
        raise Fault(f"a message with characters that cannot be printed: {text!r}")
    if "Traceback" in text or " object at 0x" in text:
        raise Fault(f"a message with the inside of a program: {text!r}")


def check_problems(error: ScenarioError) -> None:
    """Check that each problem of an error is one line with a message.

    Raises:
        Fault: it is not.
    """
    if not error.problems:
        raise Fault("an error without a problem")
    for problem in error.problems:
        check_text(problem.message)
        check_text(str(problem))


def check_problems_of_file(error: ScenarioError, file: Path) -> None:
    """Check that each problem names a file, and a line that is in it.

    Raises:
        Fault: it does not.
    """
    check_problems(error)
    for problem in error.problems:
        if not problem.file:
            raise Fault(f"a problem that names no file: {problem}")
        content = file.read_bytes() if problem.file == str(file) and file.is_file() else None
        if content is not None and problem.line is not None:
            lines = 1 + content.count(b"\n") + content.count(b"\r") + content.count("\x85".encode())
            lines += content.count("\u2028".encode()) + content.count("\u2029".encode())
            if not 1 <= problem.line <= lines + 1:
                raise Fault(f"a problem on a line that the file does not have: {problem}")


def run_command(*arguments: str, codes: tuple[int, ...] = (0, 2)) -> Result:
    """Run a command of cpsim and check that it reports an error with a message and without a traceback.

    Args:
        arguments: the arguments of the command.
        codes: exit codes that are documented.

    Raises:
        Fault: it does not.
    """
    result = CliRunner().invoke(main, arguments)
    error: Any = result.exception
    if error is not None and not isinstance(error, SystemExit):
        raise error
    if result.exit_code not in codes:
        raise Fault(f"exit code {result.exit_code}: {result.output}")
    if result.exit_code:
        check_text(result.stderr, lines=True)
    if "Traceback" in result.output:
        raise Fault(f"a traceback is printed: {result.output}")
    return result
