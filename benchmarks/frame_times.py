"""Measure how fast the classroom demo draws in a real browser: frames a second, and the processor time of a frame.

    python benchmarks/frame_times.py [--seconds 10] [--sizes 100 300 500] [--pairs]

For each size the script starts `cpsim show` with the number of children that makes a network of that many nodes
(organisations, front door, teams). It opens the page in Chromium, steps week by week, then plays at ten weeks a second.
It prints a table and the load of the machine. Elapsed time depends on what else runs. Processor time, which Linux
counts for each process, does not: the server's share simulates and evaluates the week and updates the browser; the
browser's share draws.
"""

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

CHILDREN_PER_NODE = 283
"""Children of an authority for each organisation in the baseline."""
TEAMS = 9
STEPS = 15
SIZE = {"width": 1920, "height": 1080}
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_DATA = "document.querySelector('canvas[data-testid=network-0]').dataset"


def list_processes(root: int) -> list[int]:
    """List a process and all its descendants."""
    found = [root]
    for process in found:
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def processor_time(root: int) -> float:
    """Processor time used by a process and all its descendants, in milliseconds."""
    ticks = 0
    for process in list_processes(root):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return 1000 * ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def run_show(*scenarios: str, children: int) -> Iterator[tuple[str, int]]:
    """Run `cpsim show` on a free port until the block ends; yield the address of its page and its process id."""
    command = [sys.executable, "-c", "from cpsim.cli import main; main()", "show", *scenarios, "--no-open"]
    settings = [f"population.children={children}", "clock.warm_up_years=3"]
    process = subprocess.Popen(
        [*command, "--port", "0", *(part for setting in settings for part in ("--set", setting))],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        address = next(filter(None, (re.search(r"http://\S+", line) for line in process.stdout)))
        yield address[0], process.pid
    finally:
        process.terminate()
        process.wait(20)


def count_frames(page: Page) -> int:
    """Return the number of frames drawn so far."""
    return int(page.evaluate(f"+{_DATA}.drawn"))


def time_steps(page: Page) -> tuple[list[float], list[float]]:
    """Return for each of `STEPS` steps the milliseconds from the click to the new frame, and those of drawing it."""
    clicks, strokes = [], []
    for _ in range(STEPS):
        week = int(page.evaluate(f"+{_DATA}.frame"))
        clicked = time.perf_counter()
        page.get_by_role("button", name="Step", exact=True).click()
        page.wait_for_function(f"week => +{_DATA}.frame > week", arg=week)
        clicks.append(1000 * (time.perf_counter() - clicked))
        strokes.append(float(page.evaluate(f"+{_DATA}.milliseconds")))
    return clicks, strokes


def time_play(page: Page, seconds: float, server: int) -> tuple[float, float, float]:
    """Return frames a second during play, and milliseconds of processor time a frame for server and browser."""
    page.locator(".v-select", has_text="Speed").click()
    page.get_by_role("option", name="10 weeks a second").click()
    page.get_by_role("button", name="▶", exact=True).click()
    page.wait_for_timeout(1500)
    here = os.getpid()
    before, start, work = (
        count_frames(page),
        time.perf_counter(),
        (processor_time(server), processor_time(here)),
    )
    page.wait_for_timeout(1000 * seconds)
    frames, elapsed = count_frames(page) - before, time.perf_counter() - start
    # This process has started both the server and the browser.
    served = processor_time(server) - work[0]
    return frames / elapsed, served / frames, (processor_time(here) - work[1] - served) / frames


def measure_show(page: Page, places: int, scenarios: tuple[str, ...], seconds: float) -> str:
    """Measure one show and return a row of the table."""
    with run_show(*scenarios, children=CHILDREN_PER_NODE * (places - TEAMS)) as (address, server):
        page.goto(address)
        page.locator("canvas[data-testid=network-0][data-drawn]").wait_for(timeout=180_000)
        page.wait_for_timeout(2000)
        nodes = page.locator("[role=listbox]").first.locator("[role=option]").count()
        clicks, strokes = time_steps(page)
        rate, served, browsed = time_play(page, seconds, server)
    click, stroke = statistics.median(clicks), statistics.median(strokes)
    systems = "two" if len(scenarios) > 1 else "one"
    cells = f"{rate:.1f} | {click:.0f} | {stroke:.1f} | {served:.0f} | {browsed:.0f}"
    return f"| {nodes} | {systems} | {cells} |"


def main() -> None:
    """Measure all sizes and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each show plays")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 500], help="nodes in the network")
    parser.add_argument("--pairs", action="store_true", help="measure two systems side by side as well")
    options = parser.parse_args()
    shows = [("baseline",), *([("baseline", "baseline")] if options.pairs else [])]
    program = shutil.which("chromium") or shutil.which("google-chrome")
    print(
        "| places | systems | frames a second | ms from Step to its frame | ms of drawing |",
        end="",
    )
    print(" processor ms: server | browser |")
    print("|---|---|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_QUIET)
        for scenarios in shows:
            for places in options.sizes:
                page = browser.new_page(viewport=SIZE)
                print(measure_show(page, places, scenarios, options.seconds), flush=True)
                page.close()
        version = browser.version
    loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(
        f"\nChromium {version}, Python {platform.python_version()}, {os.cpu_count()} cores; load averages {loads}"
    )


if __name__ == "__main__":
    main()
