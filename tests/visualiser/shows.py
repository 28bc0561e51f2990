"""A show of the tiny authority on a server of its own, as `cpsim show` starts it."""

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
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, TimeoutError, expect  # noqa: A004  Playwright's own
from tests.browser import watch
from tests.visualiser.rooms import TINY

NewTab = Callable[..., Page]
"""Opens a tab on the show, with settings of Playwright's for its context."""

SLIP_OF_SOLARA = "find module.exports"
"""One of Solara's own files misspells it, and every page of Solara warns of that."""

SLIP_OF_VUETIFY = "nested-interactive"
"""Its lists to choose from are a button around a field; keyboard and screen readers cope."""

SMALLEST = tuple(part for setting in TINY for part in ("--set", setting))
_SECONDS_TO_START = 90
_MILLISECONDS_TO_REST = 600
_FADED_IN = "document.getAnimations().every(each => each.effect.getComputedTiming().iterations === Infinity)"
"""What is still being faded in is pale, and axe would complain of its contrast."""

_PATIENCE = "2s"
"""How long a tab that was lost is waited for."""


class Server:
    """A running `cpsim show`.

    Attributes:
        process: the process.
        before: what it printed until it was ready.
        address: of its page.
    """

    def __init__(self, process: "subprocess.Popen[str]", said: "Queue[str]") -> None:
        self.process, self._said = process, said
        self.before = _until_ready(said)
        self.address = re.findall(r"http://\S+", self.before)[-1]

    def stop(self, number: int = signal.SIGINT) -> int:
        """End it as Ctrl-C does, and give its exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)

    @property
    def said(self) -> str:
        """All that it has printed since it said that it was ready."""
        lines = []
        while not self._said.empty():
            lines.append(self._said.get())
        return "".join(lines)


@contextmanager
def serving(*arguments: str, settings: tuple[str, ...] = SMALLEST) -> Iterator[Server]:
    """Run `cpsim show` with `arguments` and `settings` on a free port until the block ends."""
    command = [sys.executable, "-c", "from cpsim.cli import main; main()", "show", *arguments]
    process = subprocess.Popen(
        [*command, *settings, "--port", "0", "--no-open"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "SOLARA_KERNEL_CULL_TIMEOUT": _PATIENCE},
    )
    said: Queue[str] = Queue()
    threading.Thread(target=_listen, args=[process, said], daemon=True).start()
    try:
        yield Server(process, said)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait(20)


def _listen(process: "subprocess.Popen[str]", said: "Queue[str]") -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            said.put(line)
    said.put("")


def _until_ready(said: "Queue[str]") -> str:
    lines: list[str] = []
    while not (lines and "http://" in lines[-1]):
        lines.append(said.get(timeout=_SECONDS_TO_START))
        assert lines[-1], "the server did not start:\n" + "".join(lines)
    return "".join(lines)


# -- what a test does on the page


def look_at(page: Page, server: Server) -> None:
    """Open the page and wait until the class can begin."""
    page.set_default_timeout(30_000)
    page.goto(server.address)
    page.locator("canvas[data-testid=network-0][data-frame]").wait_for()
    page.wait_for_function(_FADED_IN)


@contextmanager
def tabs(browser: Browser, server: Server) -> Iterator[NewTab]:
    """Open tabs on a show; at the end the test fails on what any of them complained of or asked for elsewhere."""
    faults: list[str] = []
    contexts = []

    def opened(**settings: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **settings})
        contexts.append(context)
        page = context.new_page()
        watch(page, server.address, faults)
        look_at(page, server)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [fault for fault in faults if SLIP_OF_SOLARA not in fault] == []


def let_go(server: Server) -> bool:
    """Whether the server lets go of all its classes before long."""
    for _ in range(60):
        with urlopen(f"{server.address}resourcez", timeout=10) as answer:
            if json.load(answer)["kernels"]["total"] == 0:
                return True
        time.sleep(0.5)
    return False


def week(page: Page, side: int = 0) -> int:
    """The week that the network of a side shows, from week 0 on."""
    return int(page.locator(f"canvas[data-testid=network-{side}]").get_attribute("data-frame") or "nothing")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def play(page: Page) -> None:
    press(page, "▶")


def pause(page: Page) -> None:
    """Stop playing; the week that was under way is still lived."""
    press(page, "❚❚")
    page.get_by_role("button", name="▶", exact=True).wait_for()
    page.wait_for_timeout(_MILLISECONDS_TO_REST)


def step(page: Page) -> None:
    """Live a week, and wait until it is drawn."""
    before = week(page)
    press(page, "Step")
    reach(page, before + 1)


def reach(page: Page, wanted: int, milliseconds: float | None = None) -> None:
    """Wait until the network shows a week, or a later one."""
    page.wait_for_function(
        "wanted => +document.querySelector('canvas[data-testid=network-0]')?.dataset.frame >= wanted",
        arg=wanted,
        timeout=milliseconds,
    )


def step_on(page: Page, wanted: int) -> None:
    """Step until the network shows a week; a click is lost if the buttons are drawn anew while it is made."""
    for _ in range(10):
        press(page, "Step")
        with contextlib.suppress(TimeoutError):
            return reach(page, wanted, milliseconds=3_000)
    return reach(page, wanted)


def stands_at(page: Page, slider: str, reading: str) -> None:
    """Wait until a slider reads so."""
    label = page.locator(".cpsim-panel .v-input__slider label", has_text=slider)
    expect(label).to_have_text(f"{slider} – {reading}")


def move(page: Page, slider: str, keys: str, reading: str) -> None:
    """Move a slider by keys, such as `ArrowLeft ArrowLeft` or `End`, until it reads so."""
    page.get_by_role("slider", name=slider).focus()
    for key in keys.split():
        page.keyboard.press(key)
    stands_at(page, slider, reading)


def downloaded(page: Page, name: str, folder: Path) -> Path:
    """Click on a download and keep what comes."""
    with page.expect_download() as coming:
        press(page, name)
    file = folder / coming.value.suggested_filename
    coming.value.save_as(file)
    return file
