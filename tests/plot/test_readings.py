"""The figure of the three readings says what the table says, on one scale, with sums that are explained."""

import pytest
from tests.plot.test_figures import words
from tests.results.attributions import BUT_FOR, LEDGER, SHAPLEY, attribution

from cpsim.plot import readings


def test_the_bars_of_each_panel_are_its_reading_and_all_panels_have_one_scale() -> None:
    ledger, but_for, shapley = readings(attribution()).axes
    assert [bar.get_width() for bar in ledger.patches] == pytest.approx(LEDGER)
    assert [bar.get_width() for bar in but_for.patches[:6]] == pytest.approx(BUT_FOR)
    assert [bar.get_width() for bar in shapley.patches] == pytest.approx(SHAPLEY)
    assert ledger.get_xlim() == but_for.get_xlim() == shapley.get_xlim()


def test_whoever_a_perfect_stage_loses_is_drawn_beside_whom_it_rescues() -> None:
    lost = [bar.get_width() for bar in readings(attribution()).axes[1].patches[6:]]
    assert lost == pytest.approx([0, -0.06, -0.005, 0, -0.02, 0])


def test_a_sum_that_is_not_the_whole_is_written_out_and_explained_whichever_way_it_lies() -> None:
    short, over = words(readings(attribution())), words(readings(attribution(tuple(3 * x for x in BUT_FOR))))
    assert "45 % in all" in short
    assert "45 % or more need several repairs" in short
    assert "135 % in all" in over
    assert "found in several ways" in over
    assert "10 % are missed even so" in short


def test_it_says_how_many_seeds_it_shows_and_that_its_children_are_invented() -> None:
    text = words(readings(attribution(seeds=(1, 2, 3))))
    assert "mean over 3 seeds" in text
    assert "no real child and no real council" in text


def test_where_nothing_was_missed_it_says_so() -> None:
    assert "Nothing was missed." in words(readings(attribution(missed=0)))
