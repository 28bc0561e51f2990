"""Fill the stories of `docs/stories.md` again after an intended change of results.

    python tools/stories_page.py

Every block of the page below a comment such as `<!-- cpsim story small --find jigsaw -->` is filled with what that
command prints, and the figure that the next line names is drawn.
"""

import re
import shlex
from pathlib import Path

from images import save_image

from cpsim import plot
from cpsim.cli.story import story as command
from cpsim.results.story import Stories
from cpsim.stories.story import story

PAGE = Path(__file__).parents[1] / "docs" / "stories.md"
BLOCK = re.compile(r"<!-- cpsim story (.+?) -->\n(?:!\[.*?\]\((\S+)\)\n\n)?```text\n(.*?)```", re.DOTALL)
WIDTH = 110


def build_stories(arguments: str) -> Stories:
    """Build the stories for the arguments of a `cpsim story` command."""
    with command.make_context("story", shlex.split(arguments)) as context:
        options = context.params
    sources = [options[name] for name in ("run_or_scenario", "other") if options[name]]
    return story(*sources, **{name: options[name] for name in ("child", "find", "nth", "seed", "full")})


def fill_page(page: str) -> str:
    """Return the page with the text of every story filled in."""
    return BLOCK.sub(
        lambda match: f"{match[0][: match.start(3) - match.start()]}{build_stories(match[1]).text(WIDTH)}```",
        page,
    )


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    for arguments, figure, _ in BLOCK.findall(text):
        if figure:
            save_image(plot.timeline(*build_stories(arguments)), PAGE.parent / figure)
    PAGE.write_text(fill_page(text), encoding="utf-8", newline="\n")
