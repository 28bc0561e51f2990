"""Results show themselves in a notebook: what they say, to whom, and that no name from a file can do harm."""

import re
from dataclasses import replace
from pathlib import Path

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.browser import PHONE, NewPage
from tests.results.attributions import attribution
from tests.results.synthetic import run_result
from tests.results.synthetic_comparison import comparison
from tests.study.stories import alone

from cpsim.results import RunResult
from cpsim.results.names import CAUSES

HOSTILE = "<script>alert('x')</script>\"'& שלום 🙂 " + "x" * 5000


def named(name: str) -> RunResult:
    result = run_result(years=1, spells=200)
    return RunResult(**{**vars(result), "scenario": result.scenario | {"name": name}})


def words(html: str) -> str:
    """What is read of it, without its style."""
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL))


def in_a_page(html: str, paper: str = "#fff", ink: str = "#111") -> str:
    body = f"<body style='background: {paper}; color: {ink}'><main><h1>Notebook</h1>{html}</main>"
    return f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Notebook</title>{body}</html>"


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    return {
        "run": run_result(years=2, spells=1000)._repr_html_(),
        "comparison": comparison()._repr_html_(),
        "hostile run": named(HOSTILE)._repr_html_(),
        "hostile comparison": comparison(arms=("small", HOSTILE), seeds=1)._repr_html_(),
        "attribution": attribution()._repr_html_(),
        "hostile story": replace(alone("missed"), scenario=HOSTILE)._repr_html_(),
    }


EVERYTHING = ("run", "comparison", "hostile run", "hostile comparison", "attribution", "hostile story")


def test_a_run_shows_misses_beside_false_alarms_work_and_money() -> None:
    text = words(run_result(years=2, spells=1000)._repr_html_())
    for word in (
        "Missed risks",
        "Families alarmed",
        "Hours demanded",
        "£312",
        "predicts for no real child",
    ):
        assert word in text


def test_the_bar_of_a_run_is_told_in_words_and_holds_every_spell() -> None:
    result = run_result(years=2, spells=1000)
    html = result._repr_html_()
    label = re.search(r"role='img' aria-label='([^']*)'", html)
    assert label is not None
    for name in ("Protected in time", "Ended by itself", "Lost: between agencies"):
        assert name in label[1]
    shares = [float(share) for share in re.findall(r"flex: ([\d.]+) 0 0", html)]
    assert sum(shares) == pytest.approx(1, abs=0.001)
    between = result.summary["missed_by_cause"]
    assert isinstance(between, dict)
    assert shares[3] == pytest.approx(
        result.summary["missed_risk_rate"] * (between["C3"] + between["C4"]), abs=1e-4
    )


def test_a_run_in_which_no_child_came_to_harm_says_so() -> None:
    result = run_result(years=1, spells=200)
    nothing = result.summary | dict.fromkeys(("missed_risk_rate", "protected_share", "self_resolved_share"))
    causes = dict.fromkeys(CAUSES, 0.0)
    empty = RunResult(**{**vars(result), "summary": nothing | {"missed_by_cause": causes}})
    assert "no spells of harm" in empty._repr_html_()
    assert "nan" not in words(empty._repr_html_())


def test_a_comparison_tells_better_and_worse_in_words_and_who_was_caught_and_lost() -> None:
    text = words(comparison()._repr_html_())
    assert "● better" in text
    assert "● worse" in text
    assert "no difference shown" in text
    assert "Caught, who were missed" in text
    assert "Missed, who were caught" in text


def test_one_seed_shows_no_interval() -> None:
    text = words(comparison(seeds=1)._repr_html_())
    assert "cannot be said" in text
    assert "nan" not in text


@pytest.mark.parametrize("what", EVERYTHING)
def test_what_is_shown_is_html_without_a_fault(shown: dict[str, str], what: str) -> None:
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(in_a_page(shown[what]))
    assert "<script" not in shown[what]
    assert len(shown[what]) < 40_000


@pytest.mark.parametrize("what", EVERYTHING)
@pytest.mark.parametrize(("paper", "ink"), [("#fff", "#111"), ("#111", "#ddd")])
def test_everybody_can_read_it_light_and_dark_and_on_a_phone(
    shown: dict[str, str], what: str, paper: str, ink: str, new_page: NewPage, tmp_path: Path
) -> None:
    file = tmp_path / "notebook.html"
    file.write_text(in_a_page(shown[what], paper, ink), encoding="utf-8")
    page = new_page(PHONE)
    page.goto(file.as_uri())
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_attribution_shows_its_three_readings_and_what_is_left() -> None:
    text = words(attribution()._repr_html_())
    for word in ("200 of 300 spells of harm missed", "Shapley", "Front door and assessment 35 % 30 % 48 %"):
        assert word in text
    assert "Missed whatever is perfect 10 %" in text
    assert "–" in words(attribution(missed=0)._repr_html_())
