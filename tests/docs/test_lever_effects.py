"""The page of lever effects counts each institution once: moving, without a difference, or not in play."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.files import ROOT

sys.path.insert(0, str(ROOT / "experiments"))

import lever_effects as page

SEEDS = 4
MOVING, SAME = "department_merger", "pooled_budget"


def invent_rows() -> list[dict[str, page.Row]]:
    """Invent outcomes: chance for every arm, a large effect of one, and none at all of another."""
    generator = np.random.default_rng(1)
    rows: list[dict[str, page.Row]] = []
    for sign in (1, -1) * (SEEDS // 2):
        base = {name: 0.5 + 0.1 * generator.random() for name in page.HEADLINES}
        row = {
            arm: {name: base[name] + 0.01 * sign * generator.random() for name in base}
            for arm in page.group_arms()
        }
        row |= {page.BASE_ARM: base, SAME: base, page.BASELINE_ARM: base}
        row[MOVING] = {name: base[name] + 10 + 1e-6 * generator.random() for name in base}
        rows.append(row)
    return rows


@pytest.fixture(scope="module")
def text() -> str:
    return page.format_page(invent_rows())


def test_every_institution_is_counted_once(text: str) -> None:
    counts = [int(number) for number in re.findall(r"^- \*\*(\d+) institutions?\*\*", text, re.MULTILINE)]
    assert sum(counts) == len(page.build_arms()) - 1
    moving, _, same, idle = counts
    assert (moving, same, idle) == (1, 1, len(page.find_idle()))


def test_what_is_not_in_play_is_in_no_table_of_differences(text: str) -> None:
    tables, _, idle = text.partition("## Not in play")
    for name in page.find_idle():
        assert f"`{name}`" not in tables
        assert f"`{name}`" in idle


def test_every_institution_is_named_and_equal_ones_share_a_line(text: str) -> None:
    for name in page.build_arms():
        assert name == page.BASE_ARM or f"`{name}`" in text
    shared = [line for line in text.splitlines() if "`cpa_rating`" in line]
    assert all("`inspection_toughening`" in line and "`ofsted_rating`" in line for line in shared)


def test_the_page_says_what_would_have_been_shown_and_the_load_next_to_the_baseline(text: str) -> None:
    sizes = text.partition("would have been shown: half of the institutions")[2].partition("\n\n")[0]
    assert all(page.OUTCOMES[name].label in sizes for name in page.HEADLINES)
    assert re.search(r"have a load of 0\.5\d, those of the baseline 0\.5\d", text)


def test_no_table_has_more_than_five_outcomes(text: str) -> None:
    heads = [line for line in text.splitlines() if line.startswith("| institution | missed")]
    assert heads
    assert all(line.count("|") <= page.MOST_COLUMNS + 2 for line in heads)


def test_outcomes_are_read_as_they_were_written(tmp_path: Path) -> None:
    rows = invent_rows()
    page.write_outcomes(rows, tmp_path / "effects.csv")
    for read, row in zip(page.read_outcomes(tmp_path / "effects.csv"), rows, strict=True):
        for arm, values in row.items():
            assert list(read[arm].values()) == pytest.approx(list(values.values()), rel=1e-5)


def test_a_file_of_other_outcomes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "effects.csv").write_text("seed,arm,misses\n301,base,0.5\n", "utf-8")
    with pytest.raises(ValueError, match=r"has no column .*missed_risk_rate.*; run the experiment without"):
        page.read_outcomes(tmp_path / "effects.csv")


def test_one_seed_is_refused_in_one_sentence() -> None:
    command = [sys.executable, str(ROOT / "experiments" / "lever_effects.py"), "--seeds", "1"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "an interval needs at least 2 seeds" in ran.stderr
