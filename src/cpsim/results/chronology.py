"""How stories are laid out for a terminal: facts, chronology, the pieces of the jigsaw, what it came to, a legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

if TYPE_CHECKING:
    from cpsim.results.story import Stories, Story


def laid_out(story: Story) -> Group:
    """One story from top to bottom."""
    return Group(*(Text(f"{entry.date:%d %b %Y}  {entry.who}: {entry.says}") for entry in story.entries))


def beside(stories: Stories) -> Group:
    """Several stories of one child, week by week beside each other."""
    return Group(*(laid_out(story) for story in stories))
