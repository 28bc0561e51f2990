"""The reports of runs, comparisons and sweeps are accessible on phone and desktop and in print."""

from pathlib import Path

from tests.analysis.studies import study
from tests.browser import NewPage
from tests.present.examples import DRAWN, create_result, render_page, resolve_scenario
from tests.present.pages import TWO_READERS, assert_readable
from tests.results.synthetic_comparison import comparison

from cpsim.present.comparison_page import render_comparison_page
from cpsim.present.run_page import render_run_page


def test_the_report_of_a_run_is_accessible(new_page: NewPage, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_run_page(create_result(resolve_scenario("childrens_trust"))), "utf-8")
    assert_readable(new_page, file, "run")


def test_a_very_long_name_does_not_widen_the_page(new_page: NewPage, tmp_path: Path) -> None:
    settings = resolve_scenario("baseline") | {"name": "x" * 200, "question": "never-ending" * 166}
    file = tmp_path / "report.html"
    file.write_text(render_run_page(create_result(settings)), "utf-8")
    assert_readable(new_page, file, "long-name", TWO_READERS)


def test_the_report_of_a_comparison_is_accessible(new_page: NewPage, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_comparison_page(comparison()), "utf-8")
    assert_readable(new_page, file, "comparison")


def test_the_report_of_a_sweep_is_accessible(new_page: NewPage, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_page(study(DRAWN)), "utf-8")
    assert_readable(new_page, file, "sweep")


def test_the_first_picture_of_a_sweep_is_on_the_first_screen(new_page: NewPage, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_page(study(DRAWN)), "utf-8")
    page = new_page((1280, 800))
    page.goto(file.as_uri())
    box = page.locator("header svg").first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 800
    assert page.locator("header .tile").count() == 3
    assert file.stat().st_size < 1_000_000
