"""Open a tab on a show, play, close it, and repeat: the memory of the server must not grow.

`python -m tests.demo.open_and_close [CYCLES]` prints the memory of the server after each tenth of the cycles; 200
cycles take some minutes. The first tenth fills caches, so only the growth after it matters.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from tests.demo.shows import Server, open_page, play, run_server, wait_for_release, wait_for_week

CYCLES = 200


def open_and_close(browser: Browser, server: Server) -> None:
    """Open a tab, play four weeks, and close the tab while it plays."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    open_page(page, server)
    play(page)
    wait_for_week(page, -48)
    page.context.close()


def resident_memory(pid: int) -> float:
    """Resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main(cycles: int) -> None:
    """Print the memory of a server over a number of cycles."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright, run_server("small") as server:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for done in range(1, cycles + 1):
            open_and_close(browser, server)
            if done % max(cycles // 10, 1) == 0 and wait_for_release(server):
                print(f"{done:5} cycles: {resident_memory(server.process.pid):7.1f} MB", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CYCLES)
