"""The documentation matches the program: generated pages are up to date, and other pages agree with the code."""

import re
from typing import Any

import click
import pytest
from tests.docs.pages import MODEL, ROOT, import_script

from cpsim.casework.state import STATUSES
from cpsim.casework.transitions import TRANSITIONS
from cpsim.cli import main
from cpsim.comparison.prevalence import ADVERSITY, HARM, compute_prevalence
from cpsim.plot.registry import FIGURES
from cpsim.scenario.register import load_register
from cpsim.simulation import PLAN

WRITTEN = (
    "model/parameters.md",
    "model/bibliography.md",
    "model/odd.md",
    "model/dials.md",
    "results.md",
    "scenario_reference.md",
    "levers.md",
)


def extract_rows(heading: str, text: str) -> list[list[str]]:
    """Return the cells of the first table after a heading, without the table's head."""
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("page", WRITTEN)
def test_a_generated_page_is_up_to_date(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_docs = import_script("write_docs", monkeypatch)
    advice = "run: python tools/write_docs.py"
    assert (ROOT / "docs" / page).read_text("utf-8") == write_docs.build_page(page), advice
    assert set(write_docs.PAGES) == set(WRITTEN)


def test_the_tables_of_figures_show_every_figure_of_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    write_docs = import_script("write_docs", monkeypatch)
    text = (ROOT / "docs" / "figures.md").read_text("utf-8")
    assert text == write_docs.build_figures_page(), "run: python tools/write_docs.py"
    missing = [each.question for each in FIGURES.values() if f"| {each.question} |" not in text]
    assert not missing, "a figure is in no table of the page"


def test_the_page_of_parameters_states_how_many_numbers_are_guesses() -> None:
    tags = [row.tag for row in load_register().values()]
    text = (MODEL / "parameters.md").read_text("utf-8")
    assert f"{tags.count('measured')} of them are measured" in text
    assert f"{tags.count('guess')} are guesses" in text


def test_the_page_on_running_lists_every_command() -> None:
    shown = [
        cells[0] for cells in extract_rows("All commands", (ROOT / "docs" / "running.md").read_text("utf-8"))
    ]
    assert sorted(shown) == [f"`cpsim {name}`" for name in main.list_commands(click.Context(main))]


def test_the_week_on_the_model_page_is_the_plan_of_the_model() -> None:
    shown = extract_rows("The week", (MODEL / "index.md").read_text("utf-8"))
    assert shown == [[step.name, step.description] for step in PLAN]


def test_the_transitions_of_a_case_on_the_model_page_are_those_of_the_model() -> None:
    shown = extract_rows("A child's case", (MODEL / "index.md").read_text("utf-8"))
    assert shown == [
        [STATUSES[row.before], STATUSES[row.after], row.step, row.description] for row in TRANSITIONS
    ]


def test_every_mechanism_of_the_register_is_described_on_the_model_page() -> None:
    headings = " ".join(re.findall(r"^#+ .*$", (MODEL / "index.md").read_text("utf-8"), re.MULTILINE))
    described = set(re.findall(r"M\d+", headings))
    assert {row.mechanism for row in load_register().values() if row.mechanism} <= described


@pytest.mark.parametrize("page", ["model/missed_risk.md", "model/calibration.md"])
def test_pages_about_misses_say_that_official_statistics_do_not_determine_them(page: str) -> None:
    text = " ".join((ROOT / "docs" / page).read_text("utf-8").split()).lower()
    assert re.search(
        r"not determine the missed-risk rate|missed-risk rate is not pinned by official figures", text
    )


@pytest.mark.parametrize("spell_weeks", [15.0, 60.0])
def test_cells_with_other_lengths_of_spells_have_the_same_prevalence_of_adversity(
    spell_weeks: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel: Any = import_script("missed_risk_panel", monkeypatch)
    scaled, shipped = panel.load_cell(panel.cell_of_length(spell_weeks)), panel.load_cell(panel.Cell(()))
    assert compute_prevalence(scaled)[ADVERSITY] == pytest.approx(
        compute_prevalence(shipped)[ADVERSITY], rel=0.01
    )


def test_cells_with_more_harm_have_the_prevalence_of_harm_in_their_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    panel: Any = import_script("missed_risk_panel", monkeypatch)
    assert compute_prevalence(panel.load_cell(panel.cell_of_prevalence(0.04)))[HARM] == pytest.approx(
        0.04, rel=0.01
    )
