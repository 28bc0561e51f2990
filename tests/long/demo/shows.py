"""A show of the tiny authority on its own server, as `cpsim show` starts it, and the actions of tests on its page."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

from playwright.sync_api import Browser, Page, TimeoutError, expect  # noqa: A004  Playwright's own
from tests.browser import record_faults
from tests.live.rooms import TINY
from tests.long.demo.counted_show import HELD

NewTab = Callable[..., Page]
"""Opens a tab on the show; keyword arguments are settings of the Playwright context."""

SOLARA_TYPO = "find module.exports"
"""Part of a warning on every page of Solara, because one of its files has a misspelt export."""

VUETIFY_RULE = "nested-interactive"
"""Rule that Vuetify's selects break by a field in a button; keyboards and screen readers can still use them."""

SMALLEST = tuple(part for setting in TINY for part in ("--set", setting))
_SECONDS_TO_START = 90
_MILLISECONDS_TO_REST = 600
_FADED_IN = "document.getAnimations().every(each => each.effect.getComputedTiming().iterations === Infinity)"
"""Elements that are still fading in have too little contrast for axe."""

_CULL_TIMEOUT = "2s"
"""Time after which the server releases a lost tab."""


class Server:
    """A running `cpsim show`.

    Attributes:
        process: the process.
        start_output: what it printed until it was ready.
        address: address of its page.
    """

    def __init__(
        self, process: "subprocess.Popen[str]", output: "Queue[str]", counts: "Queue[dict[str, int]]"
    ) -> None:
        self.process, self._output, self._counts = process, output, counts
        self.start_output = _read_until_ready(output)
        self.address = re.findall(r"http://\S+", self.start_output)[-1]

    def stop(self, number: int = signal.SIGINT) -> int:
        """Stop it by a signal, by default that of Ctrl-C, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)

    def count_held(self) -> dict[str, int]:
        """Count what it holds for its tabs, by the names of `counted_show.count_held`."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self._counts.get(timeout=_SECONDS_TO_START)

    @property
    def output(self) -> str:
        """What it has printed since it was ready."""
        lines = []
        while not self._output.empty():
            lines.append(self._output.get())
        return "".join(lines)


@contextmanager
def run_server(*arguments: str, settings: tuple[str, ...] = SMALLEST) -> Iterator[Server]:
    """Run `cpsim show` with some arguments and settings on a free port until the block ends."""
    command = [sys.executable, str(Path(__file__).with_name("counted_show.py")), *arguments]
    process = subprocess.Popen(
        [*command, *settings, "--port", "0", "--no-open"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "SOLARA_KERNEL_CULL_TIMEOUT": _CULL_TIMEOUT},
    )
    output: Queue[str] = Queue()
    counts: Queue[dict[str, int]] = Queue()
    threading.Thread(target=_read_output, args=[process, output, counts], daemon=True).start()
    try:
        yield Server(process, output, counts)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait(20)
        assert process.stdin is not None
        process.stdin.close()


def _read_output(
    process: "subprocess.Popen[str]", output: "Queue[str]", counts: "Queue[dict[str, int]]"
) -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            if line.startswith(HELD):
                counts.put(json.loads(line.removeprefix(HELD)))
            else:
                output.put(line)
    output.put("")


def _read_until_ready(output: "Queue[str]") -> str:
    lines: list[str] = []
    while not (lines and "http://" in lines[-1]):
        lines.append(output.get(timeout=_SECONDS_TO_START))
        assert lines[-1], "the server did not start:\n" + "".join(lines)
    return "".join(lines)


# -- actions on the page


def open_page(page: Page, server: Server) -> None:
    """Open the page and wait until the first frame is drawn."""
    page.set_default_timeout(30_000)
    page.goto(server.address)
    page.locator("canvas[data-testid=network-0][data-frame]").wait_for()
    page.wait_for_function(_FADED_IN)


@contextmanager
def open_tabs(browser: Browser, server: Server) -> Iterator[NewTab]:
    """Open tabs on a show; fail at the end on any error in a tab or any request to another server."""
    errors: list[str] = []
    contexts = []

    def open_tab(**settings: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **settings})
        contexts.append(context)
        page = context.new_page()
        record_faults(page, server.address, errors)
        open_page(page, server)
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert [error for error in errors if SOLARA_TYPO not in error] == []


def wait_for_release(server: Server) -> bool:
    """Wait up to 30 seconds until the server has released all classrooms; return whether it has."""
    for _ in range(60):
        if server.count_held()["sessions"] == 0:
            return True
        time.sleep(0.5)
    return False


def read_week(page: Page, side: int = 0) -> int:
    """Return the week that the network of a side shows, counted from week 0."""
    return int(page.locator(f"canvas[data-testid=network-{side}]").get_attribute("data-frame") or "nothing")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def play(page: Page) -> None:
    press(page, "▶")


def pause(page: Page) -> None:
    """Pause, and wait until the week in progress has been simulated."""
    press(page, "❚❚")
    page.get_by_role("button", name="▶", exact=True).wait_for()
    page.wait_for_timeout(_MILLISECONDS_TO_REST)


def step(page: Page) -> None:
    """Step one week and wait until it is drawn."""
    before = read_week(page)
    press(page, "Step")
    wait_for_week(page, before + 1)


def wait_for_week(page: Page, wanted: int, milliseconds: float | None = None) -> None:
    """Wait until the network shows a week, or a later one."""
    page.wait_for_function(
        "wanted => +document.querySelector('canvas[data-testid=network-0]')?.dataset.frame >= wanted",
        arg=wanted,
        timeout=milliseconds,
    )


def step_to(page: Page, wanted: int) -> None:
    """Step until the network shows a week; a click is lost if the buttons are redrawn during it."""
    for _ in range(10):
        press(page, "Step")
        with contextlib.suppress(TimeoutError):
            return wait_for_week(page, wanted, milliseconds=3_000)
    return wait_for_week(page, wanted)


def expect_slider(page: Page, slider: str, reading: str) -> None:
    """Wait until a slider shows a value."""
    label = page.locator(".cpsim-panel .v-input__slider label", has_text=slider)
    expect(label).to_have_text(f"{slider} – {reading}")


def move_slider(page: Page, slider: str, keys: str, reading: str) -> None:
    """Move a slider by keys, such as `ArrowLeft ArrowLeft` or `End`, and wait until it shows a value."""
    page.get_by_role("slider", name=slider).focus()
    for key in keys.split():
        page.keyboard.press(key)
    expect_slider(page, slider, reading)


def download(page: Page, name: str, folder: Path) -> Path:
    """Click on a download button and save the file."""
    with page.expect_download() as started:
        press(page, name)
    file = folder / started.value.suggested_filename
    started.value.save_as(file)
    return file
