"""`python tools/fuzz.py` counts the inputs, and shows what fails, how to repeat it, and what is left behind."""

import re
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import strategies as st
from tests.files import ROOT
from tests.fuzz.target import Round, Target, run_round, run_rounds
from tests.fuzz.targets import TARGETS
from tools import fuzz

LEFT: list[Callable[[], object]] = []
"""Functions that remove what the targets leave behind."""


def make_target(attempt: Callable[[int, Path], bool], seconds: float = 20) -> Target:
    return Target("children", "numbers of children", st.integers(0, 1_000), attempt, 50, 50, seconds)


def refuse_few(children: int, folder: Path) -> bool:
    return children >= 200


def fail_for_many(children: int, folder: Path) -> bool:
    if children > 700:
        raise ZeroDivisionError("no child in need")
    return True


def leave_file(children: int, folder: Path) -> bool:
    Path(tempfile.mkstemp()[1]).write_text("a child", "utf-8")
    return True


def leave_file_in_current_folder(children: int, folder: Path) -> bool:
    Path("report.html").write_text("a child", "utf-8")
    return True


def leave_file_open(children: int, folder: Path) -> bool:
    file = (folder / "input.yaml").open("w", encoding="utf-8")
    LEFT.append(file.close)
    return True


def leave_process(children: int, folder: Path) -> bool:
    process = get_context("spawn").Process(target=time.sleep, args=(60,), daemon=True)
    process.start()
    LEFT.append(process.kill)
    return True


def wait_for_ever(children: int, folder: Path) -> bool:
    while True:
        time.sleep(0.01)


def warn(children: int, folder: Path) -> bool:
    warnings.warn("a mean of no children", RuntimeWarning, stacklevel=1)
    return True


def test_a_round_counts_what_is_accepted_and_is_the_same_each_time() -> None:
    ended = run_round(make_target(refuse_few), 3, 50)
    assert ended.failure is None
    assert 0 < ended.accepted < ended.tried == 50
    assert run_round(make_target(refuse_few), 3, 50).accepted == ended.accepted


def test_the_smallest_input_that_fails_is_shown() -> None:
    failure = run_round(make_target(fail_for_many), 3, 50).failure
    assert failure is not None
    assert (failure.given, failure.seed) == ("701", 3)
    assert "ZeroDivisionError: no child in need" in failure.report
    assert "in fail_for_many" in failure.report


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (leave_file, "files are left behind"),
        (leave_file_in_current_folder, r"files are left behind: \['report.html'\]"),
        (leave_file_open, "files are left open"),
        (leave_process, "processes are left behind"),
        (wait_for_ever, "no end after 2 seconds"),
        (warn, "RuntimeWarning: a mean of no children"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_left_behind_or_does_not_end_is_a_failure(
    attempt: Callable[[int, Path], bool], message: str, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(lambda: [remove() for remove in LEFT])
    seconds = 2 if attempt is wait_for_ever else 60
    failure = run_round(make_target(attempt, seconds), 1, 1).failure
    assert failure is not None
    assert re.search(message, failure.report)


class EnoughRounds(Exception):
    pass


def test_rounds_go_on_until_the_time_is_up_with_a_new_seed_each() -> None:
    seeds: list[int] = []

    def report(ended: Round, target: Target) -> None:
        assert ended.failure is not None
        seeds.append(ended.failure.seed)
        if len(seeds) == 4:
            raise EnoughRounds

    run_rounds([make_target(fail_for_many)], 3, 0, report)
    assert seeds == [3]
    with pytest.raises(EnoughRounds):
        run_rounds([make_target(fail_for_many)], 7, 600, report)
    assert seeds == [3, 7, 8, 9]


def test_the_command_prints_a_table_and_each_kind_of_failure_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(TARGETS, "children", make_target(fail_for_many))
    assert fuzz.main(["--target", "children", "--seed", "5", "--minutes", "0.01"]) == 1
    printed = capsys.readouterr().out
    assert printed.count("failure of children: ZeroDivisionError: no child in need") == 1
    assert "input: 701\nrepeat: python tools/fuzz.py --target children --seed 5 --minutes 0" in printed
    heading, row = printed.splitlines()[-3:-1]
    assert heading.split() == [
        "target",
        "inputs",
        "accepted",
        "refused",
        "failed",
        "failures",
        "slowest",
        "(s)",
    ]
    assert row.split()[0] == "children"

    monkeypatch.setitem(TARGETS, "children", make_target(refuse_few))
    assert fuzz.main(["--target", "children", "--seed", "5", "--minutes", "0"]) == 0
    assert "failure of" not in capsys.readouterr().out


def test_the_script_runs_by_itself() -> None:
    command = [
        sys.executable,
        str(ROOT / "tools" / "fuzz.py"),
        "--target",
        "python_names",
        "--seed",
        "1",
        "--minutes",
        "0",
    ]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "python_names" in printed.stdout
    assert not printed.stderr
