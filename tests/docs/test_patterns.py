"""The public patterns: planted results get the verdict that they deserve, and the page has a row for each test."""

import math
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.docs.pages import MODEL, import_script

from cpsim.scenario.evidence import load_evidence
from cpsim.scenario.read import load

TESTS = {"V1", "V5", "V7", "V8", "V10"}
NOISE = (-0.02, 0.0, 0.01, 0.01)
"""Relative differences of the seeds from their mean, which add up to 0."""


@pytest.fixture
def patterns(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return import_script("score_patterns", monkeypatch)


def find_pattern(patterns: Any, number: str) -> Any:
    return next(pattern for pattern in patterns.PATTERNS if pattern.number == number)


def plant_quarters(patterns: Any, yearly: Sequence[float]) -> Any:
    """Counts by quarter that add up to these numbers in the four years."""
    return np.repeat(np.array(yearly, float) / 4, patterns.QUARTERS // len(yearly))


def plant_shock(patterns: Any, *rises: float, noise: Sequence[float] = NOISE) -> list[Any]:
    """Counts of applications that rise, in the second and in the fourth year, by these shares of 100."""
    second, fourth = rises
    return [
        {
            patterns.BASE: {"applications": plant_quarters(patterns, [100] * 4)},
            patterns.SHOCK: {
                "applications": plant_quarters(
                    patterns, [100, *(100 * (1 + rise + error) for rise in (second, second, fourth))]
                )
            },
        }
        for error in noise
    ]


def test_a_rise_of_applications_within_the_range_passes(patterns: Any) -> None:
    found = patterns.judge(find_pattern(patterns, "V1a"), plant_shock(patterns, 0.35, 0.35))
    assert found.verdict == "pass"
    assert found.value == pytest.approx(0.35)
    assert 0.25 < found.low < 0.35 < found.high < 0.45


def test_a_rise_that_is_too_small_fails(patterns: Any) -> None:
    found = patterns.judge(find_pattern(patterns, "V1a"), plant_shock(patterns, 0.02, 0.02))
    assert (found.verdict, found.seeds_needed) == ("fail", None)


def test_a_rise_whose_interval_contains_an_end_of_the_range_is_unclear_and_says_how_many_seeds_settle_it(
    patterns: Any,
) -> None:
    pattern = find_pattern(patterns, "V1a")
    near, nearer = (patterns.judge(pattern, plant_shock(patterns, rise, rise)) for rise in (0.26, 0.255))
    assert near.verdict == nearer.verdict == "unclear"
    assert near.low < pattern.low < near.value
    assert len(NOISE) < near.seeds_needed < nearer.seeds_needed


def test_the_number_of_seeds_that_is_given_settles_the_verdict(patterns: Any) -> None:
    pattern = find_pattern(patterns, "V1a")
    needed = patterns.judge(pattern, plant_shock(patterns, 0.26, 0.26)).seeds_needed
    rounds = math.ceil(needed / len(NOISE))
    assert patterns.judge(pattern, plant_shock(patterns, 0.26, 0.26, noise=NOISE * rounds)).verdict == "pass"


def test_a_step_keeps_its_rise_and_a_pulse_does_not(patterns: Any) -> None:
    pattern = find_pattern(patterns, "V1b")
    assert patterns.judge(pattern, plant_shock(patterns, 0.35, 0.36)).verdict == "pass"
    assert patterns.judge(pattern, plant_shock(patterns, 0.35, 0.05)).verdict == "fail"


def test_what_is_left_of_a_rise_that_is_not_shown_is_undefined(patterns: Any) -> None:
    found = patterns.judge(find_pattern(patterns, "V1b"), plant_shock(patterns, 0.0, 0.3))
    assert found.verdict == "unclear"
    assert math.isnan(found.value)
    assert found.reason == patterns.UNDEFINED_RATIO


def test_an_event_that_changes_nothing_on_any_seed_does_not_pass(patterns: Any) -> None:
    """Otherwise a lever that cannot reach children would confirm that pooling brings them no gain."""
    seeds = [
        {arm: {"missed": plant_quarters(patterns, [50] * 4)} for arm in (patterns.BASE, patterns.POOL)}
        for _ in NOISE
    ]
    pattern = find_pattern(patterns, "V10c")
    assert patterns.judge(pattern, seeds).verdict == "not expressible"
    seeds[0][patterns.POOL]["missed"][patterns.SECOND_YEAR] += 0.1
    assert patterns.judge(pattern, seeds).verdict == "pass"


def test_that_no_child_with_a_serious_event_is_on_a_plan_is_a_failure_of_the_model(patterns: Any) -> None:
    counts = {
        "serious": plant_quarters(patterns, [20] * 4),
        "serious_on_plan": plant_quarters(patterns, [0] * 4),
    }
    found = patterns.judge(find_pattern(patterns, "V7b"), [{patterns.BASE: counts}] * 4)
    assert (found.verdict, found.value) == ("fail", 0)


def test_adult_grades_are_not_expressible_and_the_reason_is_given(patterns: Any) -> None:
    found = patterns.judge(find_pattern(patterns, "V5b"), [])
    assert found.verdict == "not expressible"
    assert found.reason.startswith("no lever or event affects adult social care")


def test_the_share_of_a_seed_counts_by_its_number_of_cases(patterns: Any) -> None:
    """A seed with fifty serious events says less about the share on a plan than a seed with a hundred."""
    seeds = [
        {
            patterns.BASE: {
                "serious": plant_quarters(patterns, [events]),
                "serious_on_plan": plant_quarters(patterns, [planned]),
            }
        }
        for events, planned in ((100, 10), (100, 10), (100, 10), (50, 20))
    ]
    found = patterns.judge(find_pattern(patterns, "V7b"), seeds)
    assert found.value == pytest.approx(50 / 350)


def test_a_merger_whose_dip_begins_at_vesting_day_fails_and_one_that_begins_earlier_passes(
    patterns: Any,
) -> None:
    def plant_merger(before_vesting: float) -> list[Any]:
        seeds = []
        for error in NOISE:
            base = plant_quarters(patterns, [100] * 4)
            merger = base * 1.2
            merger[patterns.BEFORE_VESTING] = base[patterns.BEFORE_VESTING] * (1 + before_vesting + error)
            seeds.append({patterns.BASE: {"missed": base}, patterns.MERGER: {"missed": merger}})
        return seeds

    early, late = find_pattern(patterns, "V10g"), find_pattern(patterns, "V10i")
    assert patterns.judge(early, plant_merger(0.1)).verdict == "pass"
    assert patterns.judge(early, plant_merger(-0.1)).verdict == "fail"
    assert patterns.judge(late, plant_merger(-0.1)).verdict == "pass"


def test_a_serious_event_is_known_closed_or_on_a_plan_by_what_was_open_in_its_week(patterns: Any) -> None:
    """Children 1 to 6: unknown, on a plan, closed, plan ended, under assessment, referred only afterwards."""
    run = SimpleNamespace(
        children=pd.DataFrame(
            {
                "child": [1, 2, 3, 4, 5, 6],
                "first_referral": pd.array([None, -90, 2, -80, 9, 11], dtype="Int32"),
            }
        ),
        services=pd.DataFrame(
            [(2, "plan", 4, None), (2, "effective", 4, None), (4, "plan", -70, 10)],
            columns=["child", "service", "start", "end"],
        ).astype({"end": "Int32"}),
        events=pd.DataFrame(
            [
                (3, 3, "initial_started"),
                (5, 3, "no_further_action"),
                (9, 5, "initial_started"),
                (12, 5, "no_further_action"),
            ],
            columns=["week", "child", "stage"],
        ),
    )
    found = patterns.find_circumstances(run, np.arange(1, 7), np.full(6, 10))
    assert found["serious_known"].tolist() == [False, True, True, True, True, False]
    assert found["serious_on_plan"].tolist() == [False, True, False, False, False, False]
    assert found["serious_closed"].tolist() == [False, False, True, True, False, False]


def test_a_grade_of_three_is_good_and_grades_of_adult_services_do_not_count(patterns: Any) -> None:
    ratings = pd.DataFrame(
        [
            (0, "children", 3),
            (0, "children", 2),
            (0, "adults", 4),
            (52, "children", 4),
            (52, "children", 3),
            (52, "adults", 1),
        ],
        columns=["week", "service", "grade"],
    )
    counts = patterns.count_grades(ratings)
    assert counts["graded"].tolist() == [2, 2]
    assert counts["graded_good"].tolist() == [1, 2]


def test_less_attention_is_left_if_it_fades_faster(patterns: Any) -> None:
    def find_left(fade_weeks: float) -> float:
        event = {"date": patterns.SHOCK_DAY, "lever": "scandal", "fade_weeks": fade_weeks}
        settings = {"clock.start": patterns.FIRST_DAY, "clock.years": patterns.YEARS, "timeline": [event]}
        return float(patterns.find_attention_left(load("small", settings)))

    assert find_left(4) < 0.05 < find_left(78)


@pytest.mark.parametrize("option", [["--seeds", "1"], ["--scenario", "smal"]])
def test_a_wrong_option_is_refused_in_one_message(
    patterns: Any, option: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["score_patterns.py", *option])
    with pytest.raises(SystemExit) as ended:
        patterns.main()
    assert ended.value.code == 2
    assert ("at least 2 seeds" if option[1] == "1" else "small") in capsys.readouterr().err


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("patterns") / "town.yaml"
    file.write_text(
        "extends: small\nname: town\npopulation: {children: 1500}\nclock: {start: 2005-04-01, warm_up_years: 3}\n",
        "utf-8",
    )
    return file


def test_a_real_run_counts_the_same_children_in_every_arm(
    patterns: Any, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "GRADED_SETTINGS", {"population.children": 200, "clock.warm_up_years": 1})
    counts = patterns.run_seed(1, str(town))
    assert set(counts) == {*patterns.EVENTS, patterns.GRADED}
    base, shock = counts[patterns.BASE], counts[patterns.SHOCK]
    before_shock = patterns.BEFORE_VESTING
    assert shock["in_harm"][before_shock].tolist() == base["in_harm"][before_shock].tolist()
    assert shock["assessed"].tolist() != base["assessed"].tolist()
    assert base["serious"].any()
    assert (base["serious_on_plan"] <= base["serious_known"]).all()
    assert (base["serious_known"] <= base["serious"]).all()
    assert counts[patterns.GRADED]["graded"][patterns.INSPECTION_2008] == 12
    page = patterns.format_page([counts, counts], "town")
    assert set(find_rows(page)) == {pattern.number for pattern in patterns.PATTERNS}


# -- the page


def find_rows(text: str) -> dict[str, list[str]]:
    """Number of each test -> cells of its row."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| V")
    ]
    return {cells[0]: cells for cells in rows}


def test_the_page_has_a_row_for_each_test_whose_verdict_follows_from_its_interval(patterns: Any) -> None:
    text = (MODEL / "patterns.md").read_text("utf-8")
    rows = find_rows(text)
    assert list(rows) == [pattern.number for pattern in patterns.PATTERNS]
    for pattern in patterns.PATTERNS:
        _, statement, evidence, within, value, interval, verdict, _ = rows[pattern.number]
        assert statement == pattern.statement
        assert evidence == pattern.evidence.replace(" ", ", ")
        assert within == pattern.format_range()
        if value == "–":
            assert f"- {pattern.number}, {verdict}: " in text
            continue
        scale = 100 if pattern.unit else 1
        low, high = (
            float(end.replace("−", "-")) / scale for end in interval.removesuffix(pattern.unit).split(" to ")
        )
        outside = high <= pattern.low or low >= pattern.high
        inside = pattern.low < low and high < pattern.high
        assert verdict.strip("*") == ("fail" if outside else "pass" if inside else "unclear")


def test_each_public_pattern_has_tests_with_figures_as_evidence(patterns: Any) -> None:
    assert {pattern.number.rstrip("abcdefghijkl") for pattern in patterns.PATTERNS} == TESTS
    for pattern in patterns.PATTERNS:
        assert pattern.low < pattern.high
        assert pattern.method.endswith(".")
        assert pattern.evidence.split()
        assert set(pattern.evidence.split()) <= set(load_evidence())
