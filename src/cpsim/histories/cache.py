"""The cache of histories: a folder of the user's, bounded, safe against parallel use and damage.

Files that cannot be read are removed, and their histories are simulated again. Each file is complete as soon as it has
its name, so several processes can use the folder at once.
"""

import os
import pickle
import secrets
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cpsim.histories.errors import CacheWarning, HistoryFileError
from cpsim.histories.file import (
    HistoryLabel,
    read_history,
    read_label,
    write_history,
)
from cpsim.scenario.memory import read_gigabytes
from cpsim.stages.checks import is_debug_mode

FOLDER_VARIABLE: Final = "CPSIM_CACHE"
"""Environment variable that names another folder than that of the platform."""
LIMIT_VARIABLE: Final = "CPSIM_CACHE_GB"
"""Environment variable that sets another limit than `LIMIT_GB`, in gigabytes; 0 switches the cache off."""
LIMIT_GB: Final = 1.0

_UNPICKLABLE: Final = (pickle.PicklingError, AttributeError, TypeError)
"""What pickling an object raises that another package has added, such as a lever defined in a function."""

_SUFFIX: Final = ".history"
_TEMPORARY: Final = ".tmp"
_ABANDONED_AFTER: Final = 24 * 60 * 60
"""Seconds after which a temporary file belongs to a process that was killed."""
_LARGEST_SHARE: Final = 0.5
"""Largest share of the limit that one history may have."""


@dataclass(frozen=True)
class CachedHistory:
    """A history in the cache.

    Attributes:
        label: what it is; None if the file cannot be read.
        size: length of the file, bytes.
        used: time when it was last read or written, seconds since 1970.
    """

    label: HistoryLabel | None
    size: int
    used: float


class HistoryCache:
    """A folder of histories by key.

    Args:
        folder: the folder, which is created when the first history is saved.
        limit: largest size of all histories together, bytes; 0 keeps none.
    """

    def __init__(self, folder: Path, limit: float) -> None:
        self.folder = folder
        self.limit = limit

    def load(self, key: str, made_by: str) -> Any | None:
        """Return the object that was saved under a key; None if there is none that can be used.

        Args:
            key: the key.
            made_by: what the numbers of this process depend on, as in `HistoryLabel`.
        """
        if not self.limit:
            return None
        path = self._get_path(key)
        try:
            state = read_history(path, made_by)
            os.utime(path)
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - a damaged pickle can raise any exception
            reason = str(error) if isinstance(error, HistoryFileError) else f"cannot be read ({error})"
            _warn(f"the cached history {reason}; it is simulated again")
            self._remove(path)
            return None
        return state

    def save(self, key: str, label: HistoryLabel, state: object, *, replaces: bool = True) -> None:
        """Keep an object under a key, unless it is too large.

        Args:
            key: the key.
            label: what it is.
            state: the object, which can be pickled.
            replaces: whether the histories that have not been used for longest are removed if the cache is full;
                otherwise the new one is not kept.
        """
        if not self.limit:
            return
        path = self._get_path(key)
        temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{_TEMPORARY}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_history(temporary, label, state)
            size = temporary.stat().st_size
            room = self.limit - size - (0 if replaces else sum(size for _, size, _ in self._scan()))
            if size <= _LARGEST_SHARE * self.limit and room >= 0:
                temporary.replace(path)
                self._shrink(keep=path)
        except (OSError, *_UNPICKLABLE) as error:
            _warn(f"the history is not kept for later runs: {error}")
        finally:
            self._remove(temporary)

    def list_histories(self) -> list[CachedHistory]:
        """List the histories, the one used last first."""
        by_use = reversed(self._scan())
        return [CachedHistory(_try_to_read_label(path), size, used) for used, size, path in by_use]

    def clear(self) -> int:
        """Remove all histories, and return how many there were."""
        return sum(self._remove(path) for _, _, path in self._scan())

    def _get_path(self, key: str) -> Path:
        return self.folder / f"{key}{_SUFFIX}"

    def _scan(self) -> list[tuple[float, int, Path]]:
        """Find when each file was last used, its size and its path; the one that was not used for longest first."""
        found = []
        for path in self.folder.glob(f"*{_SUFFIX}"):
            with suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        return sorted(found)

    def _shrink(self, keep: Path) -> None:
        """Remove the histories that have not been used for longest until the rest fit, and abandoned files."""
        by_use = self._scan()
        excess = sum(size for _, size, _ in by_use) - self.limit
        for _, size, path in by_use:
            if excess > 0 and path != keep and self._remove(path):
                excess -= size
        for path in self.folder.glob(f".*{_TEMPORARY}"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_AFTER:
                    path.unlink()

    def _remove(self, path: Path) -> bool:
        """Remove a file, and return whether it was there; one that another process has open may stay."""
        try:
            path.unlink()
        except OSError:
            return False
        return True


NO_CACHE: Final = HistoryCache(Path(), limit=0)
"""A cache that keeps nothing."""


def open_cache() -> HistoryCache:
    """Open the user's cache: the platform's cache folder, or that of `CPSIM_CACHE`, with the limit of `CPSIM_CACHE_GB`.

    It keeps and gives nothing in debug mode, in which every week is to be checked.

    Raises:
        ScenarioError: `CPSIM_CACHE_GB` is not a number of gigabytes.
    """
    limit = read_gigabytes(LIMIT_VARIABLE, LIMIT_GB, "the largest size of the cache", "from 0")
    if is_debug_mode():
        return NO_CACHE
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder is None:
        from platformdirs import user_cache_path

        path = user_cache_path("cpsim", appauthor=False)
    else:
        path = Path(folder)
    return HistoryCache(path / "histories", limit * 1e9)


def _try_to_read_label(path: Path) -> HistoryLabel | None:
    try:
        return read_label(path)
    except (HistoryFileError, OSError):
        return None


def _warn(message: str) -> None:
    warnings.warn(message, CacheWarning, stacklevel=3)
