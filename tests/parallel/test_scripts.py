"""A script whose code the worker processes would repeat gets one sentence that says what to write instead."""

import subprocess
import sys
from pathlib import Path

TOWN = '{"extends": "small", "population": {"children": 200}, "clock": {"years": 1, "warm_up_years": 0}}'
COMPARE = f"cpsim.compare({TOWN}, {TOWN}, seeds=1, prevalences=(), engine=open_local_engine(1))"
IMPORTS = "import cpsim\nfrom cpsim.parallel.engine import open_local_engine\n"
GUARD = 'if __name__ == "__main__":\n    '
INSTEAD = (
    'put its code below `if __name__ == "__main__":`, or run it in this process with '
    "engine=open_in_process_engine()"
)


def run_script(script: str, folder: Path, *, from_file: bool = True) -> "subprocess.CompletedProcess[str]":
    file = folder / "script.py"
    file.write_text(script, "utf-8")
    command = [sys.executable, str(file) if from_file else "-"]
    given = None if from_file else script
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=120)


def test_a_script_without_a_main_guard_gets_one_sentence(tmp_path: Path) -> None:
    found = run_script(f"{IMPORTS}print({COMPARE}.arms)", tmp_path)
    assert (found.returncode, found.stdout) == (1, "")
    assert (
        found.stderr == f"cpsim: every worker process imports this script and would start others; {INSTEAD}\n"
    )


def test_a_script_on_standard_input_gets_one_sentence(tmp_path: Path) -> None:
    found = run_script(f"{IMPORTS}{GUARD}print({COMPARE}.arms)", tmp_path, from_file=False)
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == (
        "cpsim: worker processes cannot import a script that is read from standard input; save it as a file and "
        f"{INSTEAD}\n"
    )


def test_a_script_with_a_main_guard_runs(tmp_path: Path) -> None:
    found = run_script(f"{IMPORTS}{GUARD}print({COMPARE}.arms)", tmp_path)
    assert (found.returncode, found.stdout, found.stderr) == (0, "('small', 'small (2)')\n", "")
