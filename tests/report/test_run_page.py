"""The page of a run can be read, heard, printed and handed in, whatever names it holds."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from markupsafe import escape
from ruamel.yaml import YAML
from tests.browser import NewPage
from tests.report.pages import HOSTILE, TWO_READERS, colours, held_file, readable, sound, text_of
from tests.results.attributions import MISSED, attribution
from tests.results.synthetic import run_result

from cpsim.plot import cascade
from cpsim.report import run_page
from cpsim.results import SUMMARY, RunResult
from cpsim.scenario.read import from_mapping, load


def result_of(scenario: dict[str, Any], **changes: Any) -> RunResult:
    """A made-up result of a real scenario."""
    return RunResult(**{**vars(run_result(years=2, spells=300)), "scenario": scenario, **changes})


def resolved(name: str, *overrides: str) -> dict[str, Any]:
    return load(name, overrides).model_dump(mode="python")


@pytest.fixture(scope="module")
def trust() -> str:
    """The page of a scenario with a question, claims and a timeline."""
    return run_page(result_of(resolved("childrens_trust")))


def test_a_page_is_sound(trust: str) -> None:
    sound(trust)


def test_a_page_asks_the_question_of_the_scenario_and_names_the_claims(trust: str) -> None:
    text = text_of(trust)
    assert "What does a children's trust change, and how long must an evaluation be to see it?" in text
    assert "While an organisation reorganises, its attention goes to itself and not to children." in text


def test_misses_are_never_told_without_the_false_alarms(trust: str) -> None:
    lead = re.findall(r'<p class="lead">(.*?)</p>', trust)[1]
    assert re.search(r"\d+ \(\d+\s%\) were missed, while each year \d+ families", lead)


def test_the_timeline_is_told_with_dates_in_words_and_the_names_of_the_institutions(trust: str) -> None:
    text = text_of(trust)
    assert "From 1 April 2008: Children's trust arrangements everywhere" in text
    assert "From 1 April 2007 to 1 October 2008: Regional change advisers" in text


def test_only_what_differs_from_the_baseline_is_listed() -> None:
    page = text_of(run_page(result_of(resolved("baseline", "sharing.share_noise=0.5"))))
    listed = page.partition("Settings that differ from the baseline")[2].partition("Where the risks")[0]
    head = "Setting Here In the baseline Meaning"
    assert (
        listed.split()
        == f"{head} sharing.share_noise 0.5 0.687 softness of the decision to share [log_odds]".split()
    )


def test_the_baseline_says_that_it_is_the_baseline() -> None:
    page = text_of(run_page(result_of(resolved("baseline"))))
    assert "Every setting outside the timeline is that of the baseline." in page
    assert "No rule changes: the timeline is empty." in page


def test_every_number_of_the_summary_is_on_the_page_with_its_meaning(trust: str) -> None:
    text = trust.replace("<wbr>", "")
    for name, quantity in SUMMARY.items():
        assert re.search(rf"<code>{name}(\.\w+)?</code>", text), name
        assert str(escape(quantity.meaning)) in text


def test_a_page_says_how_many_of_its_numbers_are_guesses_and_that_it_predicts_for_nobody(trust: str) -> None:
    text = text_of(trust)
    assert re.search(
        r"Of the \d+ numbers that the model uses, \d+ are measured, \d+ derived and \d+ guesses", text
    )
    assert "It predicts for no real child and no real council." in text


def test_a_page_tells_how_to_have_the_same_numbers_again(trust: str) -> None:
    assert "<code>cpsim run scenario.yaml --seed 7</code>" in trust
    settings = YAML(typ="safe").load(held_file(trust, "scenario.yaml"))
    assert from_mapping(settings) == load("childrens_trust")


def test_neither_the_hour_nor_the_machine_of_a_run_is_on_its_page(trust: str) -> None:
    assert "2026-01-05" not in trust
    assert "platform" not in trust.lower()


def test_a_year_without_harm_still_has_a_page() -> None:
    whole = run_result(years=1, spells=50)
    nothing = RunResult(
        **{
            **vars(whole),
            "spells": whole.spells.iloc[:0],
            "ties": whole.ties.assign(uses=0, delivered=0),
            "summary": dict.fromkeys(SUMMARY, None)
            | {"missed_by_cause": {}, "missed_by_cause_part": {}, "source_share": {}},
        }
    )
    page = run_page(nothing)
    sound(page)
    assert "so that nobody could be missed" in page


def test_many_authorities_stand_beside_each_other() -> None:
    whole = run_result(years=2, spells=300)
    second = whole.authorities.assign(authority=1, name="<b>Ashford</b>")
    both = pd.concat([whole.authorities, second])
    page = run_page(RunResult(**{**vars(whole), "authorities": both}))
    sound(page)
    assert "&lt;b&gt;Ashford&lt;/b&gt;" in page


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_name_is_shown_as_what_it_is(kind: str, new_page: NewPage, tmp_path: Path) -> None:
    name = HOSTILE[kind]
    settings = resolved("childrens_trust") | {"name": name[:200], "question": name, "claims": (name,)}
    settings["timeline"] = [{"date": date(2007, 1, 1), "lever": name, "institution": None, name: name}]
    file = tmp_path / "report.html"
    result = result_of(settings)
    file.write_text(run_page(result, {"cascade": cascade(result)}), "utf-8")
    sound(file.read_text("utf-8"))
    page = new_page()
    page.goto(file.as_uri())
    assert page.title() != "taken"
    assert page.locator("script, img").count() == 0
    shown = page.locator("h1 bdi").inner_text()
    assert shown.split()[:1] == name[:200].replace("\x07", "�").split()[:1]


def test_half_a_sign_is_shown_as_what_cannot_be_shown() -> None:
    result = result_of(resolved("baseline") | {"question": "Half \ud800 a sign?"})
    page = run_page(result, {"cascade": cascade(result)})
    sound(page)
    assert "Half \N{REPLACEMENT CHARACTER} a sign?" in page


def test_everybody_can_read_the_page(trust: str, new_page: NewPage, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(trust, "utf-8")
    readable(new_page, file, "run")


def test_the_longest_name_neither_widens_a_phone_nor_stands_in_the_way(
    new_page: NewPage, tmp_path: Path
) -> None:
    settings = resolved("baseline") | {"name": "x" * 200, "question": "never-ending" * 166}
    file = tmp_path / "report.html"
    file.write_text(run_page(result_of(settings)), "utf-8")
    readable(new_page, file, "long-name", TWO_READERS)


def test_figures_are_dark_with_the_page_and_light_on_paper(
    trust: str, new_page: NewPage, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(trust, "utf-8")
    page = new_page(ink="dark")
    page.goto(file.as_uri())
    ground = "getComputedStyle(document.querySelector('figure svg path')).fill"
    dark, figure = colours(page)[0], page.evaluate(ground)
    page.emulate_media(media="print")
    assert (dark, figure) == ("rgb(20, 23, 26)",) * 2
    assert (colours(page)[0], page.evaluate(ground)) == ("rgb(255, 255, 255)",) * 2


def test_a_reader_without_a_mouse_comes_past_the_contents_to_the_report(
    trust: str, new_page: NewPage, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(trust, "utf-8")
    page = new_page()
    page.goto(file.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_scenario_of_ones_own_in_python_has_the_same_page() -> None:
    mine = from_mapping({"name": "mine", "agencies": {"youth_justice": {}}}).model_dump(mode="python")
    page = run_page(result_of(mine))
    sound(page)
    assert "agencies.<wbr>youth_<wbr>justice" in page


@pytest.mark.parametrize("missed", [MISSED, 0])
def test_which_stage_answers_for_the_misses_is_told_where_that_was_asked(missed: int) -> None:
    asked = attribution(missed=missed)
    page = run_page(run_result(years=1, spells=50), attribution=asked)
    sound(page)
    text = text_of(page)
    assert "Which stage answers for it" in text
    assert all(" ".join(sentence.split()) in text for sentence in asked.describe())
