"""Tell the stories of `docs/stories.md` anew, after an intended change of what happens to children.

    python experiments/stories_page.py

fills every block of the page below a comment such as `<!-- cpsim story small --find jigsaw -->` with what that command
prints, and draws the picture that the next line names.
"""

import re
import shlex
from pathlib import Path

from cpsim import plot
from cpsim.cli.story import story as command
from cpsim.results.story import Stories
from cpsim.study.story import story

PAGE = Path(__file__).parents[1] / "docs" / "stories.md"
BLOCK = re.compile(r"<!-- cpsim story (.+?) -->\n(?:!\[.*?\]\((\S+)\)\n\n)?```text\n(.*?)```", re.DOTALL)
WIDTH = 110


def told(words: str) -> Stories:
    """The stories that a command line tells."""
    with command.make_context("story", shlex.split(words)) as context:
        named = context.params
    sources = [named[name] for name in ("run_or_scenario", "other") if named[name]]
    return story(*sources, **{name: named[name] for name in ("child", "find", "nth", "seed", "whole")})


def filled(page: str) -> str:
    """The page with every story told anew."""
    return BLOCK.sub(
        lambda found: f"{found[0][: found.start(3) - found.start()]}{told(found[1]).text(WIDTH)}```", page
    )


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    for words, picture, _ in BLOCK.findall(text):
        if picture:
            plot.save(plot.timeline(*told(words)), PAGE.parent / picture)
    PAGE.write_text(filled(text), encoding="utf-8", newline="\n")
