"""Measure a week of cpsim and a step of other frameworks for models of agents, one after another.

    python3 -m venv peers && peers/bin/pip install -r benchmarks/peers/requirements.txt
    python benchmarks/compare_peers.py --peers peers/bin/python [--sizes 10000 73000] [--steps 156] [--repeats 3]

Each measurement is a fresh process. A repeat measures every framework at every size, so that a machine that is slow for
a while slows all of them down. The steps do different things, and what each does is in the table: the numbers say what
a step costs in each framework, not which of them would simulate child protection faster.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

PROGRAMS = Path(__file__).parent / "peers"
CPSIM = "cpsim_baseline.py"
PEERS = ("plain_mesa.py", "starsim_epidemic.py", "vivarium_mortality.py")


def measure(python: str, program: str, agents: int, steps: int) -> dict[str, Any]:
    """Run a program in a fresh process, and return what it reports."""
    command = [python, str(PROGRAMS / program), str(agents), str(steps)]
    quiet = {"STARSIM_INSTALL_FONTS": "0", "MPLBACKEND": "agg"}
    ended = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | quiet)
    reported: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return reported


def main() -> None:
    """Measure, and print a table in Markdown."""
    options = argparse.ArgumentParser(description="Measure a step of cpsim and of other frameworks.")
    options.add_argument("--peers", required=True, help="Python of the environment with the other frameworks")
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 73_000])
    options.add_argument("--steps", type=int, default=156)
    options.add_argument("--repeats", type=int, default=3)
    given = options.parse_args()
    pythons = {CPSIM: sys.executable} | dict.fromkeys(PEERS, given.peers)
    seconds: dict[tuple[str, int], list[float]] = defaultdict(list)
    about: dict[str, dict[str, Any]] = {}
    for _ in range(given.repeats):
        for size in given.sizes:
            for program, python in pythons.items():
                about[program] = measure(python, program, size, given.steps)
                seconds[program, size].append(about[program]["seconds"])
    columns = [f"{size:,} agents, ms a step" for size in given.sizes]
    print("| framework |", " | ".join([*columns, "what a step does for each agent"]), "|")
    print("|" + "---|" * (len(columns) + 2))
    for program, report in about.items():
        each = [median(seconds[program, size]) / given.steps * 1e3 for size in given.sizes]
        times = [f"{milliseconds:,.2f}" for milliseconds in each]
        print("|", " | ".join([f"{report['package']} {report['version']}", *times, report["does"]]), "|")


if __name__ == "__main__":
    main()
