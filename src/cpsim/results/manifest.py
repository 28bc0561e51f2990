"""The list of the files that cpsim wrote in a folder; a file that is not on it belongs to the user.

Only files on the list are ever replaced or deleted, and only while they have a content that was written.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from cpsim.constants import VERSION
from cpsim.results.errors import ForeignFileError
from cpsim.results.files import compute_digest, list_entries
from cpsim.scenario.paths import read_bytes

MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 100_000_000
_WRITTEN_BY, _FILES = "written_by", "files"

Manifest = Mapping[str, Sequence[str]]
"""Path of each file in the folder -> digests (SHA-256) of the contents that were written under this path."""


def list_written_files(folder: Path) -> Manifest:
    """List all files of a folder, with digests of their contents.

    Raises:
        OSError: a file cannot be read.
    """
    names = (path.relative_to(folder).as_posix() for path in list_entries(folder) if path.is_file())
    return {
        name: [compute_digest((folder / name).read_bytes())] for name in sorted(names) if name != MANIFEST
    }


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a folder.

    Raises:
        OSError: it cannot be written.
    """
    content = {_WRITTEN_BY: f"cpsim {VERSION}", _FILES: manifest}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest of a folder; None if it has none, or one that is damaged or not from cpsim."""
    try:
        content = json.loads(read_bytes(folder / MANIFEST, MAX_MANIFEST_BYTES))
        if not str(content[_WRITTEN_BY]).startswith("cpsim "):
            return None
        return {str(name): [str(digest) for digest in digests] for name, digests in content[_FILES].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def is_listed(file: Path, name: str, manifest: Manifest | None) -> bool:
    """Return whether a file has a content that a manifest lists under `name`; a readable manifest lists itself."""
    if manifest is None or not file.is_file():
        return False
    return name == MANIFEST or compute_digest(file.read_bytes()) in manifest.get(name, ())


def make_foreign_error(file: Path) -> ForeignFileError:
    """Make the error for a file that cannot be replaced, because it belongs to the user."""
    return ForeignFileError(
        f"{file}: cpsim did not write this file, or it has changed since, so it is not replaced; "
        "move it to another folder and repeat the command"
    )
