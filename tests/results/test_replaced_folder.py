"""A folder that is written again keeps the researcher's files, and a kill at any moment leaves the old or the new."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cpsim.results import temporary
from cpsim.results.errors import ForeignFileError, LinkRefusedError
from cpsim.results.folder import create_folder_atomically, replace_file, replace_folder_atomically
from cpsim.results.manifest import MANIFEST, read_manifest
from cpsim.results.temporary import remove_abandoned_folders

FIRST = {"differences.csv": "arm,difference\n", "sobol.csv": "setting,total\n"}
SECOND = {"differences.csv": "arm,difference\nbound,0.1\n", "seeds.csv": "seeds\n20\n"}
NOTES = {"notes.csv": "children I asked about\n", "drawings/figure.png": "not a picture\n"}


def write_analysis(folder: Path, files: Mapping[str, str]) -> None:
    with replace_folder_atomically(folder) as hidden:
        write_files(hidden, files)


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def read_files(folder: Path) -> dict[str, str]:
    """Read all files of a folder but its manifest."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


def list_hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


@pytest.fixture
def analysis(tmp_path: Path) -> Path:
    """An analysis with a researcher's own files in it."""
    write_analysis(tmp_path / "analysis", FIRST)
    write_files(tmp_path / "analysis", NOTES)
    return tmp_path / "analysis"


def test_a_new_version_replaces_the_earlier_one_and_keeps_the_researchers_files(analysis: Path) -> None:
    note = (analysis / "notes.csv").stat()
    for files in (SECOND, FIRST, SECOND):
        write_analysis(analysis, files)
        assert read_files(analysis) == {**files, **NOTES}
    assert (analysis / "notes.csv").stat().st_ino == note.st_ino, "it is the same file, not a copy"
    assert set(read_manifest(analysis) or ()) == set(SECOND), "the researcher's files are not on the list"
    assert list_hidden(analysis.parent) == []


def test_a_file_that_the_researcher_has_edited_belongs_to_the_researcher(analysis: Path) -> None:
    (analysis / "sobol.csv").write_text("setting,total\ntrust,0.4\n", "utf-8")
    write_analysis(analysis, SECOND)
    assert read_files(analysis)["sobol.csv"] == "setting,total\ntrust,0.4\n"


@pytest.mark.parametrize("name", ["seeds.csv", "differences.csv", MANIFEST])
def test_a_new_file_does_not_replace_one_of_the_researcher(analysis: Path, name: str) -> None:
    (analysis / name).write_text("by hand", "utf-8")
    before = read_files(analysis)
    with pytest.raises(
        ForeignFileError, match=rf"{name}: cpsim did not write this file, or it has changed since"
    ):
        write_analysis(analysis, SECOND)
    assert read_files(analysis) == before
    assert list_hidden(analysis.parent) == []


def test_a_folder_without_a_manifest_is_the_researchers(tmp_path: Path) -> None:
    write_files(tmp_path / "analysis", NOTES)
    write_analysis(tmp_path / "analysis", FIRST)
    assert read_files(tmp_path / "analysis") == {**FIRST, **NOTES}


def test_a_link_is_neither_followed_nor_replaced(analysis: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    write_files(elsewhere, {"differences.csv": "of another study", "photo.png": "of a child"})
    (tmp_path / "link").symlink_to(elsewhere, target_is_directory=True)
    (analysis / "drawings" / "more").symlink_to(elsewhere, target_is_directory=True)
    (tmp_path / "report.html").symlink_to(elsewhere / "photo.png")
    for folder in (tmp_path / "link", analysis):
        with pytest.raises(LinkRefusedError, match="this is a link"):
            write_analysis(folder, SECOND)
    with pytest.raises(LinkRefusedError, match=r"report\.html: this is a link"):
        replace_file(tmp_path / "report.html", b"new")
    assert read_files(elsewhere) == {"differences.csv": "of another study", "photo.png": "of a child"}
    assert read_files(analysis) == {**FIRST, **NOTES}
    assert list_hidden(tmp_path) == []


def test_the_folders_are_exchanged_in_two_steps_if_the_file_system_has_no_single_one(
    analysis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(temporary, "exchange_folders", lambda *_: False)
    write_analysis(analysis, SECOND)
    assert read_files(analysis) == {**SECOND, **NOTES}
    assert list_hidden(analysis.parent) == []


KILLED_AT_EACH_STEP = """
import os, shutil, sys
from pathlib import Path
from cpsim.results import temporary
from tests.results.test_replaced_folder import FIRST, NOTES, SECOND, list_hidden, read_files
from tests.results.test_replaced_folder import write_analysis, write_files

place = Path(sys.argv[1])
os.fsync = lambda handle: None  # slow, and without effect on a kill
STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.chmod", "shutil.rmtree"}

def kill_before(step):
    count = iter(range(10_000))
    sys.addaudithook(lambda event, _: event in STEPS and next(count) == step and os._exit(9))

def is_killed_before(step, folder, in_two_steps):
    if not (child := os.fork()):
        if in_two_steps:
            temporary.exchange_folders = lambda *_: False
        kill_before(step)
        write_analysis(folder, SECOND)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9

for in_two_steps in (False, True):
    step, killed = 0, True
    while killed:
        folder = place / f"{step}"
        write_analysis(folder / "analysis", FIRST)
        write_files(folder / "analysis", NOTES)
        killed = is_killed_before(step, folder / "analysis", in_two_steps)
        if in_two_steps:  # the next command puts the earlier version back
            temporary.remove_abandoned_folders(folder)
        found = read_files(folder / "analysis")
        assert found in ({**FIRST, **NOTES}, {**SECOND, **NOTES}), (step, found)
        write_analysis(folder / "analysis", SECOND)
        assert read_files(folder / "analysis") == {**SECOND, **NOTES}, step
        assert list_hidden(folder) == [], (step, list_hidden(folder))
        shutil.rmtree(folder)
        step += 1
    print(step)
"""


def test_a_kill_at_any_step_leaves_the_earlier_version_or_the_new_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED_AT_EACH_STEP, str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert min(map(int, ran.stdout.split())) > 40, "a replacement has many steps"


def test_a_file_is_replaced_only_if_cpsim_wrote_it(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    for content in (b"first", b"second", b"second", b"first"):
        replace_file(report, content)
        assert report.read_bytes() == content
    report.write_bytes(b"by hand")
    with pytest.raises(ForeignFileError, match=r"report\.html: cpsim did not write this file"):
        replace_file(report, b"third")
    assert report.read_bytes() == b"by hand"
    assert list_hidden(tmp_path) == []


def make_temporary_folder(folder: Path, owner: object) -> Path:
    """Make what a process leaves that is killed while it writes `folder/run`."""
    place = folder / ".run.tmp-0123abcd"
    write_files(place, {"owner.json": json.dumps(owner), "new/half.csv": "half a fi"})
    return place


def test_what_a_killed_run_has_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    machine = os.uname().nodename
    make_temporary_folder(tmp_path, {"target": "run", "machine": machine})
    (tmp_path / ".run.tmp-456789ab").mkdir()
    with create_folder_atomically(tmp_path / "another run"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["another run"]


@pytest.mark.parametrize(
    "owner",
    [{"target": "run", "machine": "another"}, {"target": "../run", "machine": os.uname().nodename}, {}, 7],
    ids=["of another machine", "with a path for a name", "without a name", "with a number"],
)
def test_a_temporary_folder_that_is_not_certainly_abandoned_stays(tmp_path: Path, owner: object) -> None:
    place = make_temporary_folder(tmp_path, owner)
    remove_abandoned_folders(tmp_path)
    assert (place / "new" / "half.csv").exists()


def test_a_folder_that_a_running_process_writes_stays(tmp_path: Path) -> None:
    with create_folder_atomically(tmp_path / "one run") as hidden:
        (hidden / "summary.json").touch()
        with create_folder_atomically(tmp_path / "another run"):
            pass
        assert (hidden / "summary.json").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["another run", "one run"]


def test_a_researchers_file_that_appears_during_the_replacement_is_kept(analysis: Path) -> None:
    place = make_temporary_folder(analysis.parent, {"target": "analysis", "machine": os.uname().nodename})
    write_files(place / "complete", {"late.csv": "written at the last moment\n"})
    write_analysis(analysis, SECOND)
    assert read_files(analysis) == {**SECOND, **NOTES, "late.csv": "written at the last moment\n"}
    assert not re.findall(r"\.tmp-", " ".join(list_hidden(analysis.parent)))
