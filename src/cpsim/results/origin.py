"""Where the code of a run comes from: its hash, the commit of its checkout, and levers that other packages add."""

import hashlib
import re
import tomllib
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from cpsim.scenario.events import LEVER_GROUP

_OWN_NAME = "cpsim"
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REFERENCE = re.compile(r"refs/[\w./-]+")


@cache
def find_commit() -> str | None:
    """Find the commit of the checkout from which this package is imported; None for an installed copy."""
    package = Path(__file__).parents[1]
    checkout = package.parents[1]
    return read_commit(checkout) if package.parent.name == "src" and _is_own_checkout(checkout) else None


def _is_own_checkout(folder: Path) -> bool:
    try:
        project: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
        return bool(project["project"]["name"] == _OWN_NAME)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def read_commit(checkout: Path) -> str | None:
    """Read the commit that is checked out in a folder; None if the folder is not under git.

    Git itself is not run, because it would execute hooks and commands of the checkout's configuration.
    """
    try:
        git = checkout / ".git"
        if git.is_file():  # a further work tree of a repository
            git = checkout / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref:"):
            return _check_hash(head)
        shared = git / "commondir"
        common = git / shared.read_text(encoding="utf-8").strip() if shared.is_file() else git
        return _read_reference(common, head.removeprefix("ref:").strip())
    except (OSError, ValueError):
        return None


def _read_reference(git: Path, name: str) -> str | None:
    """Read the commit of a branch from its own file or, if it has none, from the list of packed references."""
    if not _REFERENCE.fullmatch(name) or ".." in name:
        return None
    if (git / name).is_file():
        return _check_hash((git / name).read_text(encoding="utf-8").strip())
    packed = (git / "packed-refs").read_text(encoding="utf-8").splitlines()
    found = (line.split()[0] for line in packed if line.endswith(f" {name}"))
    return _check_hash(next(found, ""))


def _check_hash(text: str) -> str | None:
    return text if _HASH.fullmatch(text) else None


@cache
def hash_code() -> str:
    """Hash the package's own source and data (SHA-256), to distinguish an edited copy from a release."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(path for suffix in ("py", "csv", "yaml") for path in package.rglob(f"*.{suffix}")):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def list_added_levers() -> list[dict[str, str | None]]:
    """List the levers that other packages add: name of the lever, distribution, and its version."""
    return [
        {
            "lever": point.name,
            "distribution": point.dist.name if point.dist else None,
            "version": point.dist.version if point.dist else None,
        }
        for point in sorted(entry_points(group=LEVER_GROUP), key=lambda point: point.name)
        if point.dist is None or point.dist.name != _OWN_NAME
    ]
