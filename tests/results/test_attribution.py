"""An attribution is kept, comes back equal, and says the same in words whichever way the numbers lie."""

from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal
from tests.results.attributions import BUT_FOR, FLOOR, MISSED, attribution

from cpsim.results.attribution import ATTRIBUTION_TABLES, STAGE_GROUPS, Attribution
from cpsim.results.folder import OutputError
from cpsim.results.names import CAUSES


def test_the_stages_hold_every_cause_once() -> None:
    assert [code for codes in STAGE_GROUPS.values() for code in codes] == list(CAUSES)


@pytest.mark.parametrize("missed", [MISSED, 0])
def test_what_is_saved_comes_back_equal(tmp_path: Path, missed: int) -> None:
    kept = attribution(missed=missed, seeds=(3, 4))
    kept.save(tmp_path)
    back = Attribution.load(tmp_path)
    for name in ATTRIBUTION_TABLES:
        assert_frame_equal(getattr(back, name), getattr(kept, name))
    assert (back.scenario, back.seeds, back.orders, back.provenance) == (
        kept.scenario, kept.seeds, kept.orders, kept.provenance,
    )  # fmt: skip


def test_a_folder_without_one_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="not an attribution"):
        Attribution.load(tmp_path)
    (tmp_path / "attribution.json").write_text('{"scenario": "x"}', encoding="utf-8")
    with pytest.raises(OutputError, match="not an attribution"):
        Attribution.load(tmp_path)


def test_it_cannot_be_written_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"attribution\.json"):
        attribution().save(tmp_path / "nowhere")


def test_the_floor_is_what_stays_missed_when_all_is_perfect() -> None:
    assert attribution().floor == pytest.approx(FLOOR)


def test_the_page_shows_every_stage_in_all_three_readings_and_whom_it_loses() -> None:
    page = str(attribution())
    (row,) = (line.split() for line in page.splitlines() if line.startswith("  Noticing and recording"))
    assert row[3:] == ["40", "%", "8.0", "%", "20", "%", "4.0", "16", "12"]
    assert "200 missed of 300 spells" in page
    assert max(map(len, str(attribution(seeds=(1, 2))).splitlines()[:12])) <= 80


def test_it_says_why_the_sum_of_but_for_shares_is_not_the_whole_whichever_way() -> None:
    short, over = attribution().sentences(), attribution(tuple(3 * share for share in BUT_FOR)).sentences()
    assert "rescue 45 % of the missed, all together 90 %" in short[1]
    assert "at least 45 % needed more than one repair" in short[1]
    assert "rescue 135 % of the missed, all together 90 %" in over[1]
    assert "found in more than one way" in over[1]


def test_it_never_speaks_of_the_rescued_without_the_lost() -> None:
    assert any("noticing and recording alone 12 spells" in sentence for sentence in attribution().sentences())


def test_where_nothing_was_missed_it_says_just_that() -> None:
    assert attribution(missed=0).sentences() == ["Nothing was missed, so there is nothing to share out."]
