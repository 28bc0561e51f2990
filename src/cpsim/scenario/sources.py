"""Finding and safely reading the text files that users name."""

import os
import re
import stat
from pathlib import Path, PureWindowsPath

from cpsim.scenario.problems import Place, Problem, ScenarioError, format_value, suggest_nearest

MAX_BYTES = 1_000_000

_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile(r"\r\n|\r|\n")


def find_shipped_scenarios() -> dict[str, Path]:
    """Find the scenarios that come with cpsim: name -> file, in the order of their names.

    >>> "baseline" in find_shipped_scenarios()
    True
    """
    installed = Path(__file__).parents[1] / "_scenarios"
    folder = installed if installed.is_dir() else Path(__file__).parents[3] / "scenarios"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def is_scenario_name(text: str) -> bool:
    """Whether a text is a bare name, such as `baseline`, and not the path of a file.

    >>> is_scenario_name("baseline"), is_scenario_name("./baseline.yaml")
    (True, False)
    """
    return re.fullmatch(r"[\w-]+", text) is not None


def find_by_name(name: str, folder: Path, place: Place = Place(), path: str = "") -> Path:
    """Find the file of a shipped scenario by its name.

    Args:
        name: bare name of the scenario.
        folder: folder in which the user may have a file of that name, for the message of an error.
        place: where the name was written, for the message of an error.
        path: the setting that names it, for the message of an error.

    Raises:
        ScenarioError: there is no such scenario; the message suggests the nearest name or a file in `folder`.
    """
    scenarios = find_shipped_scenarios()
    if name in scenarios:
        return scenarios[name]
    file = f"{name}.yaml"
    hint = (
        f"; did you mean the file {file!r}?"
        if (folder / file).is_file()
        else suggest_nearest(name, scenarios)
    )
    message = f"no scenario {format_value(name)} comes with cpsim{hint or '; `cpsim scenarios` lists those that do'}"
    raise ScenarioError([Problem(message, place, path)])


def find_scenario(path_or_name: str | os.PathLike[str]) -> Path:
    """Find the file of a shipped scenario by its name; a path is returned unchanged.

    Raises:
        ScenarioError: no shipped scenario has this bare name.
    """
    if isinstance(path_or_name, str) and is_scenario_name(path_or_name):
        return find_by_name(path_or_name, Path())
    return Path(path_or_name)


def resolve_within(root: Path, folder: Path, text: str) -> Path:
    """Resolve a path that a file names, and refuse it if it leaves the tree of `root`.

    Symbolic links are followed before the check.

    Args:
        root: the folder that the path may not leave.
        folder: the folder of the file that contains the path.
        text: the path, relative to `folder`.

    Raises:
        ValueError: the path is absolute, invalid, or outside `root`.
    """
    if not text or Path(text).is_absolute() or PureWindowsPath(text).drive or PureWindowsPath(text).root:
        raise ValueError("a path must be relative to the file that names it")
    try:
        target = (folder / text).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise ValueError(f"{format_value(text)} cannot be the path of a file") from error
    if not target.is_relative_to(root.resolve()):
        raise ValueError(
            f"{format_value(text)} is outside the folder {format_value(str(root))} of the file that names it"
        )
    return folder / text


def read_text(path: Path) -> str:
    """Read a text file in UTF-8, with or without a byte order mark, of at most 1,000,000 bytes.

    Raises:
        ScenarioError: the file does not exist, is not an ordinary file, cannot be read, is too large, or is not text.
    """
    return _decode(_read_bytes(path), str(path))


def _read_bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise _file_error(path, "this is a folder; give the path of a file")
        if not stat.S_ISREG(status.st_mode):
            raise _file_error(path, "this is not an ordinary file")
        if status.st_size > MAX_BYTES:
            raise _file_error(
                path, f"the file has {status.st_size:,} bytes; at most {MAX_BYTES:,} are allowed"
            )
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except FileNotFoundError:
        raise _file_error(path, f"there is no such file{_suggest_file(path)}") from None
    except (OSError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _file_error(path, f"the file cannot be read: {reason.lower()}") from error


def _suggest_file(path: Path) -> str:
    try:
        neighbours = [file.name for file in path.parent.iterdir() if file.suffix in {".yaml", ".yml"}]
    except (OSError, ValueError):
        return f"; there is no folder {format_value(str(path.parent))}"
    return suggest_nearest(path.name, neighbours) or suggest_nearest(path.stem, find_shipped_scenarios())


def _file_error(path: Path, message: str, place: tuple[int, int] | None = None) -> ScenarioError:
    return ScenarioError([Problem(message, Place(str(path), *place) if place else Place(str(path)))])


def _decode(data: bytes, file: str) -> str:
    if data.startswith(_UTF_16_MARKS):
        raise _file_error(Path(file), "the file is in UTF-16; save it as UTF-8", (1, 1))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _line_and_column(data[: error.start].decode("utf-8-sig"))
        message = f"byte {error.start} (0x{data[error.start]:02x}) is not UTF-8; save the file as UTF-8"
        raise _file_error(Path(file), message, place) from None
    if bad := _UNREADABLE.search(text):
        message = f"the character U+{ord(bad[0]):04X} is not allowed in a text file"
        raise _file_error(Path(file), message, _line_and_column(text[: bad.start()]))
    return text


def _line_and_column(before: str) -> tuple[int, int]:
    """Return the line and column, from 1, of the character that follows the text `before`."""
    ends = [match.end() for match in _LINE_END.finditer(before)]
    return len(ends) + 1, len(before) - (ends[-1] if ends else 0) + 1
