"""The report of a run is complete, accessible, printable, and safe with hostile names."""

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from markupsafe import escape
from ruamel.yaml import YAML
from tests.browser import NewPage
from tests.present.examples import create_result, resolve_scenario
from tests.present.pages import (
    HOSTILE,
    assert_well_formed,
    extract_file,
    extract_text,
    read_colours,
)
from tests.results.attributions import MISSED, attribution
from tests.results.synthetic import run_result

from cpsim.plot import cascade
from cpsim.plot.figures import list_run_figures
from cpsim.present.run_page import render_run_page
from cpsim.results import SUMMARY, RunResult
from cpsim.scenario.read import from_mapping, load


@pytest.fixture(scope="module")
def trust() -> str:
    """Return the report of a scenario with a question, claims and a timeline."""
    return render_run_page(create_result(resolve_scenario("childrens_trust")))


def test_a_report_is_well_formed(trust: str) -> None:
    assert_well_formed(trust)


def test_a_report_states_the_question_and_the_claims_of_the_scenario(trust: str) -> None:
    text = extract_text(trust)
    assert "What does a children's trust change, and how long must an evaluation be to see it?" in text
    assert "While an organisation reorganises, it pays attention to itself and not to children." in text


def test_the_first_screen_has_four_numbers_with_ranges_and_the_first_picture(trust: str) -> None:
    header = re.search(r"<header>.*</header>", trust, re.DOTALL)
    assert header is not None
    assert header[0].count('class="tile"') == 4
    assert re.search(r"\d+% to \d+% of spells of harm", extract_text(header[0]))
    assert header[0].count("<svg") == 1
    assert trust.count('role="img"') == len(
        list_run_figures(create_result(resolve_scenario("childrens_trust")))
    )


def test_the_first_screen_says_what_the_events_can_do_and_what_has_no_effect(trust: str) -> None:
    text = extract_text(trust)
    assert "Regional change advisers: signs noticed ×1.015" in text
    assert "Without effect: exits: 1 (plausible: 1 to 2.5), gain: 0" in text
    plain = extract_text(render_run_page(create_result(resolve_scenario("baseline"))))
    assert "This scenario has no events: the rules of 1 April 2005 hold throughout." in plain


def test_the_name_of_every_outcome_leads_to_its_meaning_on_the_page(trust: str) -> None:
    linked = set(re.findall('href="#(term-.*?)"', trust))
    assert linked == set(re.findall('id="(term-.*?)"', trust)), (
        "only outcomes that the page shows are explained"
    )
    assert "term-missed_risk_rate" in linked


def test_yearly_figures_have_intervals(trust: str) -> None:
    table = extract_text(trust).partition("Year by year")[2].partition("Ties between")[0]
    assert "95%, chance between the spells and families of this run" in table
    assert re.search(r"\d+ 5\d% \(\d+% to \d+%\) [\d.]+ \([\d.]+ to [\d.]+\)", table)


def test_the_timeline_shows_dates_and_names_of_institutions(trust: str) -> None:
    text = extract_text(trust)
    assert "From 1 April 2008: Children's trust arrangements in every area" in text
    assert "From 1 April 2007 to 1 October 2008: Regional change advisers" in text


def test_only_settings_that_differ_from_the_baseline_are_listed() -> None:
    page = extract_text(
        render_run_page(create_result(resolve_scenario("baseline", "sharing.share_noise=0.5")))
    )
    listed = page.partition("Settings that differ from the baseline")[2].partition("Where risks")[0]
    expected = (
        "Setting Value In the baseline Meaning "
        "sharing.share_noise 0.5 0.687 scale of the random variation in the sharing decision [log_odds]"
    )
    assert listed.split() == expected.split()


def test_the_report_of_the_baseline_says_that_no_setting_differs() -> None:
    page = extract_text(render_run_page(create_result(resolve_scenario("baseline"))))
    assert "All settings outside the timeline are those of the baseline." in page
    assert "No rules change: the timeline is empty." in page


def test_every_outcome_of_the_summary_is_in_the_report_with_its_meaning(trust: str) -> None:
    text = trust.replace("<wbr>", "")
    for name, quantity in SUMMARY.items():
        assert re.search(rf"<code>{name}(\.\w+)?</code>", text), name
        assert str(escape(quantity.meaning)) in text


def test_a_report_states_how_many_numbers_are_guesses_and_that_it_makes_no_predictions(trust: str) -> None:
    text = extract_text(trust)
    assert re.search(
        r"Of the \d+ numbers that the model uses, \d+ are measured, \d+ derived, \d+ choices and \d+ guesses",
        text,
    )
    assert "The report makes no predictions about any real child or council." in text


def test_a_report_shows_the_command_and_the_scenario_that_repeat_it(trust: str) -> None:
    assert "<code>cpsim run scenario.yaml --seed 7</code>" in trust
    settings = YAML(typ="safe").load(extract_file(trust, "scenario.yaml"))
    assert from_mapping(settings) == load("childrens_trust")


def test_a_report_contains_neither_the_time_nor_the_platform_of_the_run(trust: str) -> None:
    assert "2026-01-05" not in trust
    assert "platform" not in trust.lower()


def test_a_run_without_harm_has_a_report() -> None:
    whole = run_result(years=1, spells=50)
    nothing = RunResult(
        **{
            **vars(whole),
            "spells": whole.spells.iloc[:0],
            "ties": whole.ties.assign(uses=0, delivered=0),
            "summary": dict.fromkeys(SUMMARY, None)
            | {"chain_stopped_at": {}, "chain_stopped_at_part": {}, "source_share": {}},
        }
    )
    page = render_run_page(nothing)
    assert_well_formed(page)
    assert "so none could be missed" in page


def test_several_authorities_are_compared_in_a_table() -> None:
    whole = run_result(years=2, spells=300)
    second = whole.authorities.assign(authority=1, name="<b>Ashford</b>")
    both = pd.concat([whole.authorities, second])
    page = render_run_page(RunResult(**{**vars(whole), "authorities": both}))
    assert_well_formed(page)
    assert "&lt;b&gt;Ashford&lt;/b&gt;" in page


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_name_is_shown_as_text(kind: str, new_page: NewPage, tmp_path: Path) -> None:
    name = HOSTILE[kind]
    settings = resolve_scenario("childrens_trust") | {"name": name[:200], "question": name, "claims": (name,)}
    settings["timeline"] = [{"date": date(2007, 1, 1), "lever": name, "institution": None, name: name}]
    file = tmp_path / "report.html"
    result = create_result(settings)
    file.write_text(render_run_page(result, {"cascade": cascade(result)}), "utf-8")
    assert_well_formed(file.read_text("utf-8"))
    page = new_page()
    page.goto(file.as_uri())
    assert page.title() != "taken"
    assert page.locator("script, img").count() == 0
    shown = page.locator(".kind bdi").inner_text()
    assert shown.split()[:1] == name[:200].replace("\x07", "�").split()[:1]


def test_half_a_surrogate_pair_is_shown_as_a_replacement_character() -> None:
    result = create_result(resolve_scenario("baseline") | {"question": "Half \ud800 a sign?"})
    page = render_run_page(result, {"cascade": cascade(result)})
    assert_well_formed(page)
    assert "Half \N{REPLACEMENT CHARACTER} a sign?" in page


def test_figures_follow_the_dark_theme_and_are_light_in_print(
    trust: str, new_page: NewPage, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(trust, "utf-8")
    page = new_page(theme="dark")
    page.goto(file.as_uri())
    ground = "getComputedStyle(document.querySelector('figure svg path')).fill"
    dark, figure = read_colours(page)[0], page.evaluate(ground)
    page.emulate_media(media="print")
    assert (dark, figure) == ("rgb(20, 23, 26)",) * 2
    assert (read_colours(page)[0], page.evaluate(ground)) == ("rgb(255, 255, 255)",) * 2


def test_keyboard_users_can_skip_the_contents(trust: str, new_page: NewPage, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(trust, "utf-8")
    page = new_page()
    page.goto(file.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_scenario_defined_in_python_has_a_report() -> None:
    mine = from_mapping({"name": "mine", "agencies": {"youth_justice": {}}}).model_dump(mode="python")
    page = render_run_page(create_result(mine))
    assert_well_formed(page)
    assert "agencies.<wbr>youth_<wbr>justice" in page


@pytest.mark.parametrize("missed", [MISSED, 0])
def test_the_attribution_is_reported_if_there_is_one(missed: int) -> None:
    made = attribution(missed=missed)
    page = render_run_page(run_result(years=1, spells=50), attribution=made)
    assert_well_formed(page)
    text = extract_text(page)
    assert "At which stage risks were missed" in text
    assert all(" ".join(sentence.split()) in text for sentence in made.describe())
