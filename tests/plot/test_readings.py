"""The figure of an attribution shows the values of its table on one scale and explains the totals."""

import pytest
from tests.plot.figure_text import read_figure_text
from tests.results.attributions import BUT_FOR, LEDGER, SHAPLEY, attribution

from cpsim.plot import readings


def test_the_bars_of_each_panel_show_its_measure_and_all_panels_have_one_scale() -> None:
    ledger, but_for, shapley = readings(attribution()).axes
    assert [bar.get_width() for bar in ledger.patches] == pytest.approx(LEDGER)
    assert [bar.get_width() for bar in but_for.patches[:6]] == pytest.approx(BUT_FOR)
    assert [bar.get_width() for bar in shapley.patches] == pytest.approx(SHAPLEY)
    assert ledger.get_xlim() == but_for.get_xlim() == shapley.get_xlim()


def test_spells_newly_missed_when_a_stage_is_perfect_are_drawn_as_well() -> None:
    newly_missed = [bar.get_width() for bar in readings(attribution()).axes[1].patches[6:]]
    assert newly_missed == pytest.approx([0, -0.06, -0.005, 0, -0.02, 0])


def test_a_total_that_is_not_the_whole_is_shown_and_explained() -> None:
    short, over = (
        read_figure_text(readings(attribution())),
        read_figure_text(readings(attribution(tuple(3 * x for x in BUT_FOR)))),
    )
    assert "45% in all" in short
    assert "45% or more need several stages" in short
    assert "135% in all" in over
    assert "protected in several ways" in over
    assert "10% are missed even then" in short


def test_it_shows_the_number_of_seeds_and_the_caution_about_synthetic_children() -> None:
    text = read_figure_text(readings(attribution(seeds=(1, 2, 3))))
    assert "mean over 3 seeds" in text
    assert "no predictions about any real child or council" in text


def test_an_attribution_without_missed_spells_says_so() -> None:
    assert "Nothing was missed." in read_figure_text(readings(attribution(missed=0)))
