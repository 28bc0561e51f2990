"""Results in a notebook: their content, their accessibility, and their safety with hostile names."""

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
from tests.stories.stories import find_story

from cpsim.results import RunResult
from cpsim.results.names import STOPS

HOSTILE = "<script>alert('x')</script>\"'& שלום 🙂 " + "x" * 5000


def rename_scenario(name: str) -> RunResult:
    result = run_result(years=1, spells=200)
    return RunResult(**{**vars(result), "scenario": result.scenario | {"name": name}})


def extract_text(html: str) -> str:
    """Return the visible text of a piece of HTML."""
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL))


def embed_in_page(html: str, paper: str = "#fff", ink: str = "#111") -> str:
    body = f"<body style='background: {paper}; color: {ink}'><main><h1>Notebook</h1>{html}</main>"
    return f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Notebook</title>{body}</html>"


@pytest.fixture(scope="module")
def results() -> dict[str, str]:
    return {
        "run": run_result(years=2, spells=1000)._repr_html_(),
        "comparison": comparison()._repr_html_(),
        "hostile run": rename_scenario(HOSTILE)._repr_html_(),
        "hostile comparison": comparison(arms=("small", HOSTILE), seeds=1)._repr_html_(),
        "attribution": attribution()._repr_html_(),
        "hostile story": replace(find_story("missed"), scenario=HOSTILE)._repr_html_(),
    }


EVERYTHING = ("run", "comparison", "hostile run", "hostile comparison", "attribution", "hostile story")


def test_a_run_shows_misses_with_assessments_workload_and_money() -> None:
    text = extract_text(run_result(years=2, spells=1000)._repr_html_())
    for word in (
        "Missed risk",
        "Assessed, neither need nor harm",
        "Hours demanded",
        "£312",
        "no predictions about any real child",
    ):
        assert word in text


def test_the_bar_of_a_run_has_a_text_label_and_covers_every_spell() -> None:
    result = run_result(years=2, spells=1000)
    html = result._repr_html_()
    label = re.search(r"role='img' aria-label='([^']*)'", html)
    assert label is not None
    for name in ("Protected in time", "Ended without protection", "Missed: between agencies"):
        assert name in label[1]
    shares = [float(share) for share in re.findall(r"flex: ([\d.]+) 0 0", html)]
    assert sum(shares) == pytest.approx(1, abs=0.001)
    between = result.summary["chain_stopped_at"]
    assert isinstance(between, dict)
    assert shares[3] == pytest.approx(
        result.summary["missed_risk_rate"] * (between["C3"] + between["C4"]), abs=1e-4
    )


def test_a_run_without_harm_says_so() -> None:
    result = run_result(years=1, spells=200)
    nothing = result.summary | dict.fromkeys(("missed_risk_rate", "protected_share", "self_resolved_share"))
    stops = dict.fromkeys(STOPS, 0.0)
    empty = RunResult(**{**vars(result), "summary": nothing | {"chain_stopped_at": stops}})
    assert "no spells of harm" in empty._repr_html_()
    assert "nan" not in extract_text(empty._repr_html_())


def test_a_comparison_labels_better_and_worse_in_text_and_counts_newly_reached_and_newly_missed() -> None:
    text = extract_text(comparison()._repr_html_())
    assert "● better" in text
    assert "● worse" in text
    assert "no difference shown" in text
    assert "Newly reached" in text
    assert "Newly missed" in text


def test_a_comparison_of_one_seed_shows_no_interval() -> None:
    text = extract_text(comparison(seeds=1)._repr_html_())
    assert "cannot be said" in text
    assert "nan" not in text


@pytest.mark.parametrize("what", EVERYTHING)
def test_the_html_is_valid_and_free_of_scripts(results: dict[str, str], what: str) -> None:
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(embed_in_page(results[what]))
    assert "<script" not in results[what]
    assert len(results[what]) < 40_000


@pytest.mark.parametrize("what", EVERYTHING)
@pytest.mark.parametrize(("paper", "ink"), [("#fff", "#111"), ("#111", "#ddd")])
def test_the_html_is_accessible_in_light_and_dark_and_on_a_phone(
    results: dict[str, str], what: str, paper: str, ink: str, new_page: NewPage, tmp_path: Path
) -> None:
    file = tmp_path / "notebook.html"
    file.write_text(embed_in_page(results[what], paper, ink), encoding="utf-8")
    page = new_page(PHONE)
    page.goto(file.as_uri())
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_attribution_shows_the_three_methods_and_the_misses_that_remain() -> None:
    text = extract_text(attribution()._repr_html_())
    for word in ("200 of 300 spells of harm missed", "Shapley", "Front door and assessment 35% 30% 48%"):
        assert word in text
    assert "Missed even if all stages are perfect 10%" in text
    assert "–" in extract_text(attribution(missed=0)._repr_html_())
