"""The files of the project."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def list_project_files() -> list[Path]:
    """List the files that git tracks; in a copy without git, the files of all folders that hold source or text."""
    if (ROOT / ".git").exists():
        command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
        names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
        files = [ROOT / name for name in names if name]
    else:
        tops = [top for top in ROOT.iterdir() if not top.name.startswith(".") or top.name == ".ci"]
        files = [file for top in tops for file in (top, *top.rglob("*")) if "__pycache__" not in file.parts]
    return sorted(file for file in files if file.is_file())
