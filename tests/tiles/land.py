"""A small land in two regions, and helpers that run its tiles."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cpsim.parallel.engine import open_in_process_engine
from cpsim.tiles import JoinedTiles, TileProgress, join_tiles, run_tiles

LAND: dict[str, Any] = {
    "extends": "small",
    "name": "land",
    "clock": {"years": 1, "warm_up_years": 1},
    "population": {"children": 500, "school_outside_share": 0.05},
    "authorities": {
        "count": 4,
        "regions": [{"name": "North", "count": 3}, {"name": "South", "count": 1, "size": 0.8}],
        "tile_children": 1_000,
        "size_spread": 0.3,
        "deprivation_spread": 1.0,
        "resources_spread": 0.2,
        "moves_between": 0.2,
    },
}
"""Three tiles: North 01 and 02, North 03, and South 01."""

TILES = ("001-North-1", "002-North-2", "003-South-1")


def run_land(out: Path, stop: Callable[[], bool] = lambda: False, seed: int = 1) -> TileProgress:
    """Run the tiles in this process."""
    return run_tiles(LAND, out, seed, open_in_process_engine(), stop=stop)


def join_land(out: Path) -> JoinedTiles:
    """Join the tiles."""
    return join_tiles(LAND, out)


def read_files(out: Path) -> dict[str, bytes]:
    """Read the files of all tiles and of the joined result, without those that have the time of the run."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for folder in ("tiles", "joined")
        for path in sorted((out / folder).rglob("*"))
        if path.is_file() and path.name not in ("provenance.json", "manifest.json", "tiles.csv")
    }


def start_command(scenario: Path, out: Path, *options: str) -> "subprocess.Popen[str]":
    """Start `cpsim run` in a new process group, as in a separate terminal."""
    script = "from cpsim.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", script, "run", str(scenario), "--out", str(out), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def press_ctrl_c(running: "subprocess.Popen[str]") -> None:
    """Send the signal to every process of the group, as a terminal does."""
    os.killpg(running.pid, signal.SIGINT)
