"""A run's folder is written completely or not at all."""

import errno
import hashlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.results.synthetic import run_result

from cpsim.results import OutputError, RunResult, TargetExists, check_target

FILES = [
    "summary.json",
    "weekly.parquet",
    "spells.parquet",
    "children.parquet",
    "conditions.parquet",
    "services.parquet",
    "assessments.parquet",
    "agencies.parquet",
    "ties.parquet",
    "events.parquet",
    "authorities.parquet",
    "ratings.parquet",
    "scenario.yaml",
    "provenance.json",
]
MANIFEST = "manifest.json"


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run_result(years=1, spells=100)


def fail_at(
    place: int, error: BaseException, result: RunResult
) -> Callable[[], dict[str, Callable[[Path], None]]]:
    """Return the writers of `result`, with the one at `place` replaced by one that fails in the middle of its file."""
    writers = result._list_writers()

    def fail(path: Path) -> None:
        path.write_bytes(b"half a fi")
        raise error

    name = list(writers)[place]
    return lambda: writers | {name: fail}


def test_a_saved_run_has_the_documented_files_and_those_added_by_the_caller(
    result: RunResult, tmp_path: Path
) -> None:
    result.save(tmp_path / "run", extra=lambda folder: (folder / "figures").mkdir())
    assert {path.name for path in (tmp_path / "run").iterdir()} == {*FILES, "figures", MANIFEST}


def test_the_manifest_lists_every_file_with_its_digest(result: RunResult, tmp_path: Path) -> None:
    result.save(tmp_path / "run")
    manifest = json.loads((tmp_path / "run" / MANIFEST).read_text("utf-8"))["files"]
    assert set(manifest) == set(FILES)
    for name, digests in manifest.items():
        assert digests == [hashlib.sha256((tmp_path / "run" / name).read_bytes()).hexdigest()]


@pytest.mark.parametrize("place", range(len(FILES)), ids=FILES)
def test_a_full_disk_leaves_no_partial_folder(
    result: RunResult, place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(result, "_list_writers", fail_at(place, full, result))
    with pytest.raises(OutputError, match="No space left on device"):
        result.save(tmp_path / "above" / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a bug")])
def test_an_interruption_or_a_bug_leaves_no_partial_folder(
    result: RunResult, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result, "_list_writers", fail_at(3, error, result))
    with pytest.raises(type(error)):
        result.save(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_to_write_the_figures_leaves_no_partial_folder(result: RunResult, tmp_path: Path) -> None:
    def extra(folder: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.raises(OutputError):
        result.save(tmp_path / "run", extra)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit", [100, 4_000, 20_000])
def test_a_limit_on_file_size_leaves_no_partial_folder(result: RunResult, limit: int, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(OutputError, match="File too large"):
            result.save(tmp_path / "run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_an_existing_name_is_refused_before_and_after_the_run(result: RunResult, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("folder", "file", "link"):
        with pytest.raises(TargetExists, match="exists already"):
            check_target(tmp_path / name)
        with pytest.raises(TargetExists):
            result.save(tmp_path / name)
    assert (tmp_path / "file").read_text("utf-8") == "mine"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_that_appears_during_the_run_is_left_unchanged(result: RunResult, tmp_path: Path) -> None:
    def create_target(_: Path) -> None:
        (tmp_path / "run").mkdir()

    with pytest.raises(TargetExists):
        result.save(tmp_path / "run", create_target)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_file_in_place_of_a_parent_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="Not a directory"):
        check_target(tmp_path / "file" / "run")


def test_a_read_only_disk_is_reported_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(OutputError, match="Read-only file system"):
        check_target(tmp_path / "deep" / "run")


def test_checking_a_target_leaves_no_folder_behind(tmp_path: Path) -> None:
    check_target(tmp_path / "deep" / "run")
    assert list(tmp_path.iterdir()) == []


def test_the_longest_name_that_the_file_system_allows_can_be_used(result: RunResult, tmp_path: Path) -> None:
    longest = os.pathconf(tmp_path, "PC_NAME_MAX")
    assert result.save(tmp_path / ("r" * longest)).is_dir()
    with pytest.raises(OutputError, match="File name too long"):
        check_target(tmp_path / ("r" * (longest + 1)))


def test_a_killed_run_leaves_only_a_hidden_folder_which_the_next_run_removes(
    result: RunResult, tmp_path: Path
) -> None:
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from cpsim.results.folder import create_folder_atomically\n"
        "with create_folder_atomically(sys.argv[1]) as folder:\n"
        "    (folder / 'summary.json').touch()\n"
        "    os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "run")], check=False)
    assert [path.name.startswith(".run.tmp-") for path in tmp_path.iterdir()] == [True]
    result.save(tmp_path / "another run")
    assert [path.name for path in tmp_path.iterdir()] == ["another run"]
