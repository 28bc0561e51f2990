"""Measure how fast the classroom demo draws, in a real browser: pictures a second, and where their time goes.

python experiments/frame_times.py [--seconds 10] [--sizes 100 300 500] [--pairs]

For each size it starts `cpsim show` with as many children as make so many places (organisations, front door, teams),
opens the page in Chromium, steps week by week, then plays at ten weeks a second. It prints a table, and how busy the
machine was. Time on the clock depends on what else runs; time of the processor, which Linux counts for each process,
says what a picture costs: the server's share (living the week, judging it, telling the browser) and the browser's.
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

CHILDREN_A_PLACE = 283
"""Children of an authority for each organisation in the baseline."""
TEAMS = 9
STEPS = 15
SIZE = {"width": 1920, "height": 1080}
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_DATA = "document.querySelector('canvas[data-testid=network-0]').dataset"


def processes(root: int) -> list[int]:
    """A process and all that it has started, and what these have."""
    found = [root]
    for process in found:
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def worked(root: int) -> float:
    """Milliseconds of a processor that a process and all that it has started have used."""
    ticks = 0
    for process in processes(root):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return 1000 * ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def showing(*scenarios: str, children: int) -> Iterator[tuple[str, int]]:
    """Run `cpsim show` on a free port until the block ends; gives the address of its page and its process."""
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


def drawn(page: Page) -> int:
    """Pictures drawn so far."""
    return int(page.evaluate(f"+{_DATA}.drawn"))


def stepped(page: Page) -> tuple[list[float], list[float]]:
    """Milliseconds from a click on Step to the new picture, and those of drawing its network, for some steps."""
    clicks, strokes = [], []
    for _ in range(STEPS):
        week = int(page.evaluate(f"+{_DATA}.frame"))
        clicked = time.perf_counter()
        page.get_by_role("button", name="Step", exact=True).click()
        page.wait_for_function(f"week => +{_DATA}.frame > week", arg=week)
        clicks.append(1000 * (time.perf_counter() - clicked))
        strokes.append(float(page.evaluate(f"+{_DATA}.milliseconds")))
    return clicks, strokes


def played(page: Page, seconds: float, server: int) -> tuple[float, float, float]:
    """While the show plays: pictures a second, and milliseconds of a processor for each, server's and browser's."""
    page.locator(".v-select", has_text="Speed").click()
    page.get_by_role("option", name="10 weeks a second").click()
    page.get_by_role("button", name="▶", exact=True).click()
    page.wait_for_timeout(1500)
    here = os.getpid()
    before, began, work = drawn(page), time.perf_counter(), (worked(server), worked(here))
    page.wait_for_timeout(1000 * seconds)
    pictures, lasted = drawn(page) - before, time.perf_counter() - began
    # What this process has started is the server and the browser.
    served = worked(server) - work[0]
    return pictures / lasted, served / pictures, (worked(here) - work[1] - served) / pictures


def measured(page: Page, places: int, scenarios: tuple[str, ...], seconds: float) -> str:
    """A row of the table."""
    with showing(*scenarios, children=CHILDREN_A_PLACE * (places - TEAMS)) as (address, server):
        page.goto(address)
        page.locator("canvas[data-testid=network-0][data-drawn]").wait_for(timeout=180_000)
        page.wait_for_timeout(2000)
        nodes = page.locator("[role=listbox]").first.locator("[role=option]").count()
        clicks, strokes = stepped(page)
        rate, served, browsed = played(page, seconds, server)
    click, stroke = statistics.median(clicks), statistics.median(strokes)
    shown = "two" if len(scenarios) > 1 else "one"
    cells = f"{rate:.1f} | {click:.0f} | {stroke:.1f} | {served:.0f} | {browsed:.0f}"
    return f"| {nodes} | {shown} | {cells} |"


def main() -> None:
    """Measure all sizes and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each show plays")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 500], help="places in the network")
    parser.add_argument("--pairs", action="store_true", help="two systems side by side too")
    options = parser.parse_args()
    shows = [("baseline",), *([("baseline", "baseline")] if options.pairs else [])]
    program = shutil.which("chromium") or shutil.which("google-chrome")
    print(
        "| places | systems | pictures a second | ms from Step to its picture | of these drawing the network |",
        end="",
    )
    print(" processor ms a picture, server | browser |")
    print("|---|---|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_QUIET)
        for scenarios in shows:
            for places in options.sizes:
                page = browser.new_page(viewport=SIZE)
                print(measured(page, places, scenarios, options.seconds), flush=True)
                page.close()
        version = browser.version
    loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(
        f"\nChromium {version}, Python {platform.python_version()}, {os.cpu_count()} cores; load averages {loads}"
    )


if __name__ == "__main__":
    main()
