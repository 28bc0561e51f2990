"""Measure whether the demo gives back its memory: open and close tabs in turn, then many at once.

python tools/demo_sessions.py [--turns 200] [--at-once 30] [--scenario small]

It starts `cpsim show` on this machine and opens tabs without a browser (tests/long/demo/sessions.py). Each plays
four weeks; every fifth loses its connection instead of closing. The memory at the end is compared with that after the
first tab, which loads libraries and fills caches. Exit code 1 if it is more than 10% larger, or if a session is left.
Linux only.
"""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.long.demo.sessions import Tab  # noqa: E402
from tests.long.demo.shows import Server, run_server, wait_for_release  # noqa: E402

WEEKS = 4
EACH_LOST = 5
"""One tab in so many loses its connection."""
REST = 25
"""Seconds in which the server returns free memory and ends idle threads; a busy machine may need a second rest."""
SETTLED = 0.01
"""The server is at rest when its memory has fallen by less than this share."""
ALLOWED = 0.10
"""Growth that is allowed, as a share of the memory after the first tab."""


def open_and_play(server: Server) -> Tab:
    """Open a tab and play some weeks."""
    tab = Tab(server.address)
    for _ in range(WEEKS):
        tab.step()
    return tab


def leave(tab: Tab, number: int) -> None:
    """Close a tab, or let it lose its connection."""
    if number % EACH_LOST:
        tab.close()
    else:
        tab.lose()


def read_memory(server: Server) -> float:
    """Return the memory of the server in MB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6


def report(server: Server, when: str) -> float:
    """Print and return the memory of the server in MB, with what it holds."""
    held = ", ".join(f"{number} {name}" for name, number in server.count_held().items())
    memory = read_memory(server)
    print(f"{when:24} {memory:7.1f} MB   {held}", flush=True)
    return memory


def report_at_rest(server: Server, when: str) -> float:
    """Wait until all sessions have been released and the memory has been returned, and report."""
    if not wait_for_release(server):
        sys.exit(f"{when}: not all sessions were released: {server.count_held()}")
    before = float("inf")
    while read_memory(server) < (1 - SETTLED) * before:
        before = read_memory(server)
        time.sleep(REST)
    return report(server, when)


def main() -> None:
    """Open and close the tabs, and compare the memory at the end with that after the first tab."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=200, help="tabs that are opened and closed in turn")
    parser.add_argument("--at-once", type=int, default=30, help="tabs that are open at once")
    parser.add_argument("--scenario", default="small", help="the scenario that is shown")
    given = parser.parse_args()
    with run_server(given.scenario, settings=()) as server, ThreadPoolExecutor(given.at_once) as pool:
        report(server, "started")
        leave(open_and_play(server), 1)
        first = report_at_rest(server, "after the first tab")
        for number in range(1, given.turns + 1):
            leave(open_and_play(server), number)
            if number % max(given.turns // 4, 1) == 0:
                report_at_rest(server, f"after {number} in turn")
        tabs = list(pool.map(open_and_play, [server] * given.at_once))
        report(server, f"with {given.at_once} at once")
        list(pool.map(leave, tabs, range(given.at_once)))
        last = report_at_rest(server, f"after {given.at_once} at once")
        print(server.output, end="")
    growth = last / first - 1
    print(f"growth since the first tab: {growth:+.1%}")
    sys.exit(growth > ALLOWED)


if __name__ == "__main__":
    main()
