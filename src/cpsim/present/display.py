"""How each class of results is shown: in a terminal, in a notebook, as plain text, and in sentences."""

import io
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement

from cpsim.present.attribution_terminal import describe_attribution, format_attribution
from cpsim.present.comparison_answer import describe_comparison
from cpsim.present.comparison_terminal import format_comparison
from cpsim.present.notebook import (
    render_attribution_html,
    render_comparison_html,
    render_run_html,
    render_story_html,
)
from cpsim.present.run_terminal import format_run
from cpsim.present.story_terminal import format_side_by_side, format_story
from cpsim.results.attribution import Attribution
from cpsim.results.comparison import Comparison
from cpsim.results.run_result import RunResult
from cpsim.results.story import Stories, Story
from cpsim.scenario.text import escape_unsafe


@dataclass(frozen=True)
class _Escaped:
    """Content for rich in which what cannot be printed is escaped, and square brackets are not markup.

    A loaded result may come from a source that is not trusted, and its names must not control the terminal.
    """

    content: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self.content, options.update(markup=False)):
            text = segment.text if segment.control else escape_unsafe(segment.text, keep_lines=True)
            yield segment._replace(text=text)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options.update(markup=False), self.content)


def format_for_terminal(result: Any, *details: Any) -> RenderableType:
    """Format a result for rich, which prints it in colour.

    Args:
        result: the result.
        *details: what a class of results takes besides, such as the line that compares a run with a reference.

    Raises:
        TypeError: results of this class cannot be shown in a terminal.
    """
    return _Escaped(_lay_out(result, *details))


@singledispatch
def _lay_out(result: Any, *_: Any) -> RenderableType:
    """Lay out a result for rich."""
    raise TypeError(f"a {type(result).__name__} cannot be shown in a terminal")


_lay_out.register(RunResult, format_run)
_lay_out.register(Comparison, format_comparison)
_lay_out.register(Attribution, format_attribution)
_lay_out.register(Story, format_story)


@_lay_out.register
def _format_stories(stories: Stories) -> RenderableType:
    return format_side_by_side(stories) if len(stories) > 1 else format_story(stories[0])


@singledispatch
def format_for_notebook(result: Any) -> str:
    """Format a result as HTML."""
    raise TypeError(f"a {type(result).__name__} cannot be shown in a notebook")


format_for_notebook.register(RunResult, render_run_html)
format_for_notebook.register(Comparison, render_comparison_html)
format_for_notebook.register(Attribution, render_attribution_html)
format_for_notebook.register(Story, render_story_html)
format_for_notebook.register(Stories, render_story_html)


@singledispatch
def describe(result: Any) -> list[str]:
    """Describe the findings of a result in sentences."""
    raise TypeError(f"a {type(result).__name__} has no findings")


describe.register(Comparison, describe_comparison)
describe.register(Attribution, describe_attribution)


def format_as_text(result: Any, width: int) -> str:
    """Format a result as plain text, `width` characters wide."""
    text = io.StringIO()
    Console(file=text, width=width, color_system=None).print(result)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"
