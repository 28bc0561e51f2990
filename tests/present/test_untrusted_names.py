"""Names in a loaded result may contain anything; wherever they are shown they are text, and control nothing."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from click.testing import CliRunner
from rich.console import Console
from tests.results.attributions import attribution
from tests.results.synthetic import run_result
from tests.results.synthetic_comparison import comparison
from tests.stories.stories import find_stories

from cpsim import plot
from cpsim.analysis.wording import escape_markdown
from cpsim.cli import main
from cpsim.results import RunResult
from cpsim.results.comparison import Comparison
from cpsim.results.story import Stories

HOSTILE = (
    "ok\x1b]0;OWNED\x1b\\\x1b[31m\x9b2J\u202egnp.exe\u2066 [/b] [link=http://evil.example]x :smile: $\\frac{$"
)
SHOWN = (
    r"ok\x1b]0;OWNED\x1b\\x1b[31m\x9b2J\u202egnp.exe\u2066 [/b] [link=http://evil.example]x :smile: $\frac{$"
)


def name_run(name: str) -> RunResult:
    result = run_result(years=1, spells=200)
    places = pd.concat([result.authorities, result.authorities.assign(authority=1)]).assign(name=name)
    return RunResult(**{**vars(result), "scenario": result.scenario | {"name": name}, "authorities": places})


def name_comparison(name: str) -> Comparison:
    return comparison(arms=("small", name), seeds=2, prevalences=(None,), spells=60)


def name_stories(name: str) -> Stories:
    """Two stories in which the scenario, the authority, and everyone who acts have the name."""
    return Stories(
        tuple(
            replace(
                story,
                scenario=name,
                about=story.about | {"authority": name},
                entries=tuple(replace(entry, who=name) for entry in story.entries),
            )
            for story in find_stories("newly-missed", side_by_side=True)
        )
    )


NAMED = {
    "run": name_run,
    "comparison": name_comparison,
    "story": name_stories,
    "attribution": lambda name: replace(attribution(), scenario=name),
}


def assert_harmless(text: str) -> None:
    """Check that a text has no control character except line ends, and changes no direction of reading."""
    assert not set(text) & set("\x1b\x9b\x07\u202e\u2066\r")


@pytest.mark.parametrize("kind", NAMED)
def test_a_name_in_the_terminal_is_neither_a_command_nor_markup(kind: str) -> None:
    result = NAMED[kind](HOSTILE)
    assert_harmless(result.text(width=400))
    assert SHOWN[:40] in result.text(width=400)
    page = io.StringIO()
    Console(file=page, width=400, color_system=None).print(result)
    assert_harmless(page.getvalue())
    assert "[/b]" in page.getvalue()
    assert ":smile:" in page.getvalue()


@pytest.mark.parametrize("kind", NAMED)
def test_a_name_in_a_notebook_or_a_representation_is_text(kind: str) -> None:
    result = NAMED[kind](HOSTILE)
    assert_harmless(repr(result))
    assert not set(result._repr_html_()) & set("\x1b\x9b\x07")


@pytest.mark.parametrize("kind", ["comparison", "story"])
def test_a_name_in_json_is_escaped_and_read_back_unchanged(kind: str) -> None:
    text = NAMED[kind](HOSTILE).to_json()
    assert_harmless(text)
    content = json.loads(text)
    assert HOSTILE in (content["arms"] if kind == "comparison" else content["stories"][0].values())


def draw_all(named: Any) -> dict[str, Any]:
    """Draw every figure of a result."""
    if isinstance(named, RunResult):
        return {name: draw(named) for name, draw in plot.RUN_FIGURES.items()}
    if isinstance(named, Comparison):
        return {name: draw() for name, draw in plot.list_comparison_figures(named).items()}
    return (
        {"timeline": plot.timeline(*named)}
        if isinstance(named, Stories)
        else {"readings": plot.readings(named)}
    )


@pytest.mark.parametrize("kind", NAMED)
def test_a_name_in_a_figure_is_text_and_the_file_is_valid(kind: str, tmp_path: Path) -> None:
    for name, figure in draw_all(NAMED[kind](HOSTILE)).items():
        plot.save(figure, tmp_path / f"{name}.svg")
        text = (tmp_path / f"{name}.svg").read_text("utf-8")
        assert_harmless(text)
        ET.fromstring(text)
        assert_harmless(plot.to_svg(figure))


def test_markup_in_a_line_of_markdown_is_escaped() -> None:
    assert escape_markdown("<b> [x](http://a.b) *x* a|b `code_1` snake_case _x_") == (
        r"\<b\> \[x\](http:\//a.b) \*x\* a\|b `code_1` snake_case \_x\_"
    )
    assert escape_markdown("# a\x1b") == r"\# a\x1b".replace("\\x1b", "\\\\x1b")


def test_the_name_of_a_file_cannot_control_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "a\x1b[31m.yaml"
    file.write_text("extends: small", "utf-8")
    for arguments in (["validate", str(file)], ["validate", "\x1b[2J"], ["table", "\x1b[2J"]):
        assert_harmless(CliRunner().invoke(main, arguments).output)
