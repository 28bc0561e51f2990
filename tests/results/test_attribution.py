"""An attribution is saved and loaded unchanged, and its sentences fit its numbers."""

from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal
from tests.results.attributions import BUT_FOR, FLOOR, MISSED, attribution

from cpsim.results.attribution import ATTRIBUTION_TABLES, STAGE_GROUPS, Attribution
from cpsim.results.errors import OutputError
from cpsim.results.names import STOPS


def test_every_cause_belongs_to_exactly_one_stage() -> None:
    assert [code for codes in STAGE_GROUPS.values() for code in codes] == list(STOPS)


@pytest.mark.parametrize("missed", [MISSED, 0])
def test_a_saved_attribution_is_loaded_unchanged(tmp_path: Path, missed: int) -> None:
    saved = attribution(missed=missed, seeds=(3, 4))
    saved.save(tmp_path)
    loaded = Attribution.load(tmp_path)
    for name in ATTRIBUTION_TABLES:
        assert_frame_equal(getattr(loaded, name), getattr(saved, name))
    assert (loaded.scenario, loaded.seeds, loaded.orders, loaded.provenance) == (
        saved.scenario, saved.seeds, saved.orders, saved.provenance,
    )  # fmt: skip


def test_loading_from_a_folder_without_an_attribution_fails_with_a_clear_message(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="not the folder of a run with an attribution"):
        Attribution.load(tmp_path)
    (tmp_path / "attribution.json").write_text('{"scenario": "x"}', encoding="utf-8")
    with pytest.raises(OutputError, match=r"attribution\.json: seeds: field required"):
        Attribution.load(tmp_path, anyway=True)


def test_saving_into_a_folder_that_does_not_exist_fails(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"attribution\.json"):
        attribution().save(tmp_path / "nowhere")


def test_the_floor_is_the_share_of_misses_that_remain_when_all_stages_are_perfect() -> None:
    assert attribution().floor == pytest.approx(FLOOR)


def test_the_printed_table_shows_all_three_methods_and_the_new_misses_of_every_stage() -> None:
    page = str(attribution())
    (row,) = (line.split() for line in page.splitlines() if line.startswith("  Noticing and recording"))
    assert row[3:] == ["40%", "8.0%", "20%", "4.0", "16", "12"]
    assert "200 of 300 spells of harm missed" in page
    assert max(map(len, str(attribution(seeds=(1, 2))).splitlines()[:12])) <= 80


def test_the_sentences_explain_why_the_but_for_shares_add_up_to_less_or_more_than_the_whole() -> None:
    short, over = attribution().describe(), attribution(tuple(3 * share for share in BUT_FOR)).describe()
    assert "avert 45% of the misses in sum; all together avert 90%" in short[1]
    assert "At least 45% of the misses need more than one perfect stage" in short[1]
    assert "avert 135% of the misses in sum; all together avert 90%" in over[1]
    assert "averted at more than one stage" in over[1]


def test_the_sentences_report_the_new_misses_as_well_as_the_misses_averted() -> None:
    assert any(
        "noticing and recording perfect, 12 spells" in sentence for sentence in attribution().describe()
    )


def test_without_misses_the_only_sentence_says_so() -> None:
    assert attribution(missed=0).describe() == ["Nothing was missed, so there is nothing to attribute."]
