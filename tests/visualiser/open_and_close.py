"""Open a tab on a show, play a little, close it, and again: the memory of the server must not grow.

`python -m tests.visualiser.open_and_close [CYCLES]` prints the memory of the server every tenth of the cycles, 200 of
which take some minutes. The first tenth fills caches; what counts is the growth after it.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from tests.visualiser.shows import Server, let_go, look_at, play, reach, serving

CYCLES = 200


def open_and_close(browser: Browser, server: Server) -> None:
    """One tab: it plays four weeks, makes something happen and is closed while it plays on."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    look_at(page, server)
    play(page)
    reach(page, -48)
    page.context.close()


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main(cycles: int) -> None:
    """Print how the memory of a server goes over so many cycles."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright, serving("small") as server:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for done in range(1, cycles + 1):
            open_and_close(browser, server)
            if done % max(cycles // 10, 1) == 0 and let_go(server):
                print(f"{done:5} cycles: {megabytes(server.process.pid):7.1f} MB", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CYCLES)
