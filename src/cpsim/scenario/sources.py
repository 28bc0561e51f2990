"""Finding and reading the text files that users name."""

import os
import re
from pathlib import Path

from cpsim.scenario.paths import NoSuchFileError, UnreadableFileError, is_file, read_bytes
from cpsim.scenario.problems import Place, Problem, ScenarioError, find_nearest, format_value, suggest_nearest
from cpsim.scenario.text import describe_character

MAX_BYTES = 250_000
"""Size limit of a scenario, an experiment or a lesson in bytes; it takes less than two seconds to read."""
SCENARIO_ENDINGS = (".yaml", ".yml")
"""Endings of the names of scenario files that another file may name."""
MAX_NETWORK_BYTES = 20_000_000
"""Size limit of a network file in bytes, enough for about 100,000 edges."""
NETWORK_ENDINGS = (".graphml", ".xml")
"""Endings of the names of network files that a scenario file may name."""

_OTHER_FORMATS = (
    (b"PK\x03\x04", "a word processor's document, a spreadsheet or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "a document or a spreadsheet of an older office program"),
    (b"{\\rtf", "a word processor's document (RTF)"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"RIFF", "a picture or a sound (RIFF)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"BZh", "a compressed file (bzip2)"),
    (b"7z\xbc\xaf", "a compressed file (7z)"),
    (b"Rar!", "a compressed file (rar)"),
    (b"<!DOCTYPE", "a web page (HTML)"),
    (b"<html", "a web page (HTML)"),
    (b"PAR1", "a table (Parquet)"),
    (b"SQLite format 3", "a database (SQLite)"),
    (b"\x7fELF", "a program"),
)
"""The first bytes of files that are not text, and what such a file is."""
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
        f"; did you mean the file {file!r}?" if is_file(folder / file) else suggest_nearest(name, scenarios)
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


def read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """Read a text file in UTF-8, with or without a byte order mark, of at most `limit` bytes.

    Raises:
        ScenarioError: the file does not exist, is not an ordinary file, cannot be read, is too large, or is not text.
    """
    try:
        return _decode(read_bytes(path, limit), path)
    except UnreadableFileError as error:
        hint = _suggest_file(path) if isinstance(error, NoSuchFileError) else ""
        raise _file_error(path, f"{error}{hint}") from None


def _suggest_file(path: Path) -> str:
    try:
        neighbours = {
            file.stem: file.name for file in path.parent.iterdir() if file.suffix in SCENARIO_ENDINGS
        }
    except (OSError, ValueError):
        return f"; there is no folder {format_value(str(path.parent))}"
    if near := find_nearest(path.stem, neighbours):
        return f"; did you mean {neighbours[near]!r}?"
    return suggest_nearest(path.stem, find_shipped_scenarios())


def _file_error(path: Path, message: str, place: tuple[int, int] | None = None) -> ScenarioError:
    return ScenarioError([Problem(message, Place(str(path), *place) if place else Place(str(path)))])


def _decode(data: bytes, path: Path) -> str:
    for start, what in _OTHER_FORMATS:
        if data.startswith(start):
            raise _file_error(path, f"this is {what}, not a text file; save it as plain text", (1, 1))
    if data.startswith(_UTF_16_MARKS) or _is_utf_16(data):
        raise _file_error(path, "the file is in UTF-16; save it as UTF-8", (1, 1))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _line_and_column(data[: error.start].decode("utf-8-sig"))
        message = f"byte {error.start} (0x{data[error.start]:02x}) is not UTF-8; save the file as UTF-8"
        raise _file_error(path, message, place) from None
    if bad := _UNREADABLE.search(text):
        message = f"{describe_character(bad[0])} is not allowed in a text file"
        raise _file_error(path, message, _line_and_column(text[: bad.start()]))
    return text


def _is_utf_16(data: bytes) -> bool:
    """Whether every other of the first bytes is zero, as in an English text in UTF-16 without a byte order mark."""
    start = data[:100]
    return len(start) >= 4 and any(
        not any(start[offset::2]) and all(start[1 - offset :: 2]) for offset in (0, 1)
    )


def _line_and_column(before: str) -> tuple[int, int]:
    """Return the line and column, from 1, of the character that follows the text `before`."""
    ends = [match.end() for match in _LINE_END.finditer(before)]
    return len(ends) + 1, len(before) - (ends[-1] if ends else 0) + 1
