"""Type the commands of a page of the documentation in an empty folder, and compare what is printed with the page.

    python -m tools.typed_pages docs/tutorial.md    # type everything, show what differs, take the pictures again

A block of `sh` on such a page has commands of cpsim (others are left out), and the block of `text` below it is what
the last of them prints; a line with only … stands for lines that are left out. A block of `yaml` below a comment such
as `<!-- save bound_schools.yaml -->` is a file that the reader saves. A comment such as
`<!-- picture of runs/small-seed1/report.html -->` says what the picture below it shows: a page, one of its parts
(`report.html#whom`), an image, or `the terminal`.
"""

import html
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, sync_playwright
from tools.images import reduce_colours

ROOT = Path(__file__).parents[1]
LEFT_OUT = "…"
WIDTH = 80
"""Characters in a line of the terminal."""
SCREEN = (1280, 800)

_BLOCK = re.compile(
    r"(?:^<!-- save (?P<file>\S+) -->\n+)?^```(?P<kind>sh|yaml|text)\n(?P<content>.*?)^```$"
    r"|^<!-- picture of (?P<subject>.+?) -->\n!\[[^\]]*\]\((?P<picture>\S+?)\)$",
    re.DOTALL | re.MULTILINE,
)
_TERMINAL = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0;background:#1b1d21">
<style>pre { margin: 0; padding: 24px 28px; width: 100ch; white-space: pre-wrap; color: #e6e6e6;
font: 18px/1.4 'DejaVu Sans Mono', monospace }</style><pre>"""


@dataclass(frozen=True)
class TypedBlock:
    """What a page asks the reader to type or to save, what it shows as printed, or a picture.

    Attributes:
        kind: `sh` (a command), `yaml` (a file), `text` (printed lines) or `picture`.
        content: the command, the text, or the path of the picture, relative to the page.
        subject: the name of the file, or what the picture shows; empty for commands and printed lines.
    """

    kind: Literal["sh", "yaml", "text", "picture"]
    content: str
    subject: str = ""


def list_blocks(page: Path) -> Iterator[TypedBlock]:
    """Yield the commands, files, printed lines and pictures of a page, in the order in which they stand there."""
    for found in _BLOCK.finditer(page.read_text("utf-8")):
        if found["picture"]:
            yield TypedBlock("picture", found["picture"], found["subject"])
        elif found["kind"] == "sh":
            commands = (line.partition(" #")[0].strip() for line in found["content"].splitlines())
            yield from (TypedBlock("sh", each) for each in commands if each.startswith("cpsim "))
        elif found["kind"] == "text":
            yield TypedBlock("text", found["content"])
        elif found["file"]:
            yield TypedBlock("yaml", found["content"], found["file"])


def type_page(page: Path, folder: Path) -> Iterator[tuple[TypedBlock, str, str]]:
    """Type the commands of a page in a folder and save its files there.

    Yields:
        Each block with the last command before it and what that command printed.
    """
    command = printed = ""
    for block in list_blocks(page):
        if block.kind == "yaml":
            (folder / block.subject).write_text(block.content, "utf-8")
        elif block.kind == "sh":
            command, printed = block.content, type_command(block.content, folder)
        yield block, command, printed


def type_command(command: str, folder: Path) -> str:
    """Run a command of cpsim in a folder, and return what it prints: its result, or the message if it fails."""
    arguments = [sys.executable, "-m", "cpsim", *shlex.split(command)[1:]]
    settings = {**os.environ, "COLUMNS": str(WIDTH), "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
    ran = subprocess.run(
        arguments, cwd=folder, env=settings, capture_output=True, encoding="utf-8", check=False
    )
    return ran.stdout if ran.returncode == 0 else ran.stderr


def find_difference(shown: str, printed: str) -> str:
    """Return the first lines that a page shows and that were not printed there; empty if there are none.

    >>> printed = "one\\ntwo\\nthree\\nfour\\n"
    >>> find_difference("one\\n…\\nthree\\nfour", printed), find_difference("one\\nthree", printed)
    ('', 'one\\nthree')
    """
    lines = [line.rstrip() for line in printed.strip("\n").splitlines()]
    parts = [
        part.strip("\n").splitlines() for part in re.split(rf"^ *{LEFT_OUT}$", shown, flags=re.MULTILINE)
    ]
    position = 0
    for number, part in enumerate(parts):
        starts = [
            start
            for start in range(position, len(lines) - len(part) + 1)
            if lines[start : start + len(part)] == [line.rstrip() for line in part]
            and (number > 0 or not part or start == 0)
            and (number < len(parts) - 1 or not part or start + len(part) == len(lines))
        ]
        if not starts:
            return "\n".join(part)
        position = starts[0] + len(part)
    return ""


def take_picture(browser: Browser, subject: str, shown: str, folder: Path, picture: Path) -> None:
    """Save a picture of the first screen of a page, of one of its parts, of an image, or of the terminal."""
    file, _, part = subject.partition("#")
    if file.endswith(".png"):
        shutil.copyfile(folder / file, picture)
        reduce_colours(picture)
        return
    page = browser.new_page(viewport={"width": SCREEN[0], "height": SCREEN[1]})
    if subject == "the terminal":
        page.set_content(_TERMINAL + html.escape(shown))
    else:
        page.goto((folder / file).as_uri())
    if part or subject == "the terminal":
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        page.locator(f"#{part}" if part else "pre").first.screenshot(path=picture)
    else:
        page.screenshot(path=picture)
    page.close()
    reduce_colours(picture)


def main() -> None:
    """Type the pages named on the command line, print what differs, and take their pictures."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    for name in sys.argv[1:]:
        page = ROOT / name
        with TemporaryDirectory() as temporary, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--disable-gpu"]
            )
            shown = ""
            for block, command, printed in type_page(page, Path(temporary)):
                if block.kind == "text":
                    shown = f"$ {command}\n{block.content}"
                    if find_difference(block.content, printed):
                        print(f"{name} differs from what this prints:\n$ {command}\n{printed}")
                elif block.kind == "picture":
                    take_picture(browser, block.subject, shown, Path(temporary), page.parent / block.content)
            browser.close()


if __name__ == "__main__":
    main()
