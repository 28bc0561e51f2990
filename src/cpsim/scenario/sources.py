"""Find the files of users, and read their bytes without being led astray."""

import os
import re
import stat
from pathlib import Path, PureWindowsPath

from cpsim.scenario.problems import Place, Problem, ScenarioError, did_you_mean, shown

MAX_BYTES = 1_000_000

_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile(r"\r\n|\r|\n")


def shipped() -> dict[str, Path]:
    """The scenarios that come with cpsim: name -> file, by name."""
    installed = Path(__file__).parents[1] / "_scenarios"
    folder = installed if installed.is_dir() else Path(__file__).parents[3] / "scenarios"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def is_name(text: str) -> bool:
    """Whether the text is a bare name, such as `baseline`, and not the path of a file."""
    return re.fullmatch(r"[\w-]+", text) is not None


def by_name(name: str, beside: Path, place: Place = Place(), path: str = "") -> Path:
    """The shipped scenario of that name.

    Raises:
        ScenarioError: there is none; the message names the nearest, or the file in `beside` that may be meant.
    """
    scenarios = shipped()
    if name in scenarios:
        return scenarios[name]
    file = f"{name}.yaml"
    hint = (
        f"; did you mean the file {file!r}?" if (beside / file).is_file() else did_you_mean(name, scenarios)
    )
    message = f"no scenario {shown(name)} comes with cpsim{hint or '; `cpsim scenarios` lists those that do'}"
    raise ScenarioError([Problem(message, place, path)])


def find(path_or_name: str | os.PathLike[str]) -> Path:
    """The file of a shipped scenario's name, or the path itself.

    Raises:
        ScenarioError: a bare name that no shipped scenario has.
    """
    if isinstance(path_or_name, str) and is_name(path_or_name):
        return by_name(path_or_name, Path())
    return Path(path_or_name)


def within(root: Path, folder: Path, text: str) -> Path:
    """The file that `text`, written in a file of `folder`, points to; links are followed before it is judged.

    Raises:
        ValueError: it is absolute, cannot be a path, or leads out of the tree of `root`.
    """
    if not text or Path(text).is_absolute() or PureWindowsPath(text).drive or PureWindowsPath(text).root:
        raise ValueError("a path must be relative to the file that names it")
    try:
        target = (folder / text).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise ValueError(f"{shown(text)} cannot be the path of a file") from error
    if not target.is_relative_to(root.resolve()):
        raise ValueError(
            f"{shown(text)} lies outside the folder {shown(str(root))} of the file that names it and what is below"
        )
    return folder / text


def read_text(path: Path) -> str:
    """The text of a file: UTF-8, with or without a byte order mark, at most a megabyte.

    Raises:
        ScenarioError: there is no such file, it is no ordinary file, cannot be read, is too large, or is not text.
    """
    return _decoded(_bytes(path), str(path))


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise _refusal(path, "this is a folder; the path of a file is needed")
        if not stat.S_ISREG(status.st_mode):
            raise _refusal(path, "this is not an ordinary file")
        if status.st_size > MAX_BYTES:
            raise _refusal(path, f"the file has {status.st_size:,} bytes; at most {MAX_BYTES:,} are read")
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except FileNotFoundError:
        raise _refusal(path, f"there is no such file{_nearest_file(path)}") from None
    except (OSError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _refusal(path, f"the file cannot be read: {reason.lower()}") from error


def _nearest_file(path: Path) -> str:
    try:
        neighbours = [file.name for file in path.parent.iterdir() if file.suffix in {".yaml", ".yml"}]
    except (OSError, ValueError):
        return f"; there is no folder {shown(str(path.parent))}"
    return did_you_mean(path.name, neighbours) or did_you_mean(path.stem, shipped())


def _refusal(path: Path, message: str, place: tuple[int, int] | None = None) -> ScenarioError:
    return ScenarioError([Problem(message, Place(str(path), *place) if place else Place(str(path)))])


def _decoded(data: bytes, file: str) -> str:
    if data.startswith(_UTF_16_MARKS):
        raise _refusal(Path(file), "the file is in UTF-16; save it as UTF-8", (1, 1))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _position(data[: error.start].decode("utf-8-sig"))
        message = f"byte {error.start} (0x{data[error.start]:02x}) is not UTF-8; save the file as UTF-8"
        raise _refusal(Path(file), message, place) from None
    if bad := _UNREADABLE.search(text):
        message = f"the character U+{ord(bad[0]):04X} does not belong in a text file"
        raise _refusal(Path(file), message, _position(text[: bad.start()]))
    return text


def _position(before: str) -> tuple[int, int]:
    """Line and column, from 1, of what follows the text `before`."""
    ends = [match.end() for match in _LINE_END.finditer(before)]
    return len(ends) + 1, len(before) - (ends[-1] if ends else 0) + 1
