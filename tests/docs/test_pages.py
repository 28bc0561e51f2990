"""The documentation says what the program does: what can be read off the program is, and the rest is held to it."""

import re
from typing import Any

import pytest
from tests.docs.pages import MODEL, ROOT, experiment

from cpsim.model import PLAN
from cpsim.scenario.register import register
from cpsim.study.prevalence import ADVERSITY, HARM, stocks

WRITTEN = (
    "model/parameters.md",
    "model/odd.md",
    "model/dials.md",
    "results.md",
    "scenario_reference.md",
    "levers.md",
)


def rows_of(heading: str, text: str) -> list[list[str]]:
    """Cells of the first table after a heading of a page, without its head."""
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("page", WRITTEN)
def test_a_page_that_is_read_off_the_program_is_up_to_date(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_docs = experiment("write_docs", monkeypatch)
    told = "run: python experiments/write_docs.py"
    assert (ROOT / "docs" / page).read_text("utf-8") == write_docs.text_of(page), told
    assert set(write_docs.PAGES) == set(WRITTEN)


def test_the_pages_tell_how_many_numbers_are_guesses() -> None:
    tags = [row.tag for row in register().values()]
    text = (MODEL / "parameters.md").read_text("utf-8")
    assert f"{tags.count('measured')} of them are measured" in text
    assert f"{tags.count('guess')} are guesses" in text


def test_the_week_of_the_model_page_is_the_plan_of_the_model() -> None:
    shown = rows_of("The week", (MODEL / "index.md").read_text("utf-8"))
    assert shown == [[step.name, step.says] for step in PLAN]


def test_every_mechanism_of_the_register_is_told_on_the_model_page() -> None:
    headings = " ".join(re.findall(r"^#+ .*$", (MODEL / "index.md").read_text("utf-8"), re.MULTILINE))
    told = set(re.findall(r"M\d+", headings))
    assert {row.mechanism for row in register().values() if row.mechanism} <= told


@pytest.mark.parametrize("page", ["model/missed_risk.md", "model/calibration.md"])
def test_a_page_that_shows_misses_says_that_official_figures_do_not_pin_them(page: str) -> None:
    text = " ".join((ROOT / "docs" / page).read_text("utf-8").split()).lower()
    assert re.search(r"not pin the missed-risk rate|missed-risk rate is not pinned by official figures", text)


@pytest.mark.parametrize("spell_weeks", [15.0, 60.0])
def test_worlds_with_other_spells_have_as_many_children_in_adversity_at_a_time(
    spell_weeks: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel: Any = experiment("missed_risk_panel", monkeypatch)
    scaled, shipped = panel.baseline(panel.cell_of_length(spell_weeks)), panel.baseline(panel.Cell(()))
    assert stocks(scaled)[ADVERSITY] == pytest.approx(stocks(shipped)[ADVERSITY], rel=0.01)


def test_worlds_with_more_harm_have_the_share_of_children_in_harm_that_they_are_named_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    panel: Any = experiment("missed_risk_panel", monkeypatch)
    assert stocks(panel.baseline(panel.cell_of_prevalence(0.04)))[HARM] == pytest.approx(0.04, rel=0.01)
