"""The figures of a comparison show the values of its tables, with assessments and intervals."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from tests.plot.baseline import save_small
from tests.plot.figure_text import read_figure_text
from tests.results.synthetic_comparison import comparison

from cpsim import plot
from cpsim.measures.outcomes import sign_of_worse
from cpsim.plot import style
from cpsim.plot.figures import save_comparison_figures
from cpsim.plot.labels import spread_labels
from cpsim.results.comparison import Comparison
from cpsim.results.comparison_tables import HEADLINES, NEWLY_MISSED, NEWLY_REACHED
from cpsim.results.names import STOPS

FIGURES = (*plot.COMPARISON_FIGURES, *plot.ARM_FIGURES)
ODD = "costs $5 and $6 <b> שלום " + "x" * 300


@pytest.fixture(scope="module")
def arms() -> Comparison:
    return comparison(seeds=8)


def remove_paired_children(arms: Comparison) -> Comparison:
    """Change the comparison so that its arms have different children from the reference."""
    tables = {name: getattr(arms, name).iloc[:0] for name in ("children", "flows", "turns")}
    return Comparison(**{**vars(arms), **tables, "pairing": dict.fromkeys(arms.others, "seed")})


def find_dots(figure: Figure, panel: int = 0) -> list[Line2D]:
    return [line for line in figure.axes[panel].lines if line.get_marker() == "o"]


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_has_a_question_and_the_caution_about_synthetic_children(
    arms: Comparison, name: str
) -> None:
    text = read_figure_text(getattr(plot, name)(arms))
    assert text.splitlines()[0].endswith("?")
    assert "no predictions about any real child or council" in text
    assert "duty_complete, pooled_budget against small · 8 seeds" in text


ODD_ONES: dict[str, Callable[[], Comparison]] = {
    "one seed": lambda: comparison(seeds=1, prevalences=(None,)),
    "nothing differs": lambda: comparison(arms=("small", "again"), seeds=3),
    "seven arms": lambda: comparison(arms=("small", *(f"arm {number}" for number in range(6))), seeds=3),
    "odd names": lambda: comparison(arms=(ODD, ODD + "!"), seeds=2),
    "other children": lambda: remove_paired_children(comparison(seeds=3)),
}


@pytest.mark.parametrize("what", ODD_ONES)
def test_every_comparison_can_be_drawn(what: str, tmp_path: Path) -> None:
    odd = ODD_ONES[what]()
    for name in FIGURES:
        save_small(getattr(plot, name)(odd), tmp_path / f"{name}.png")


@pytest.mark.parametrize("name", ["flow", "children"])
def test_an_arm_that_is_not_compared_is_refused(arms: Comparison, name: str) -> None:
    with pytest.raises(ValueError, match="'small' is not compared with the reference"):
        getattr(plot, name)(arms, "small")


def test_differences_show_every_headline_outcome_at_its_value(arms: Comparison) -> None:
    figure = plot.differences(arms)
    for panel, arm in enumerate(arms.others):
        table = arms.select_rows().set_index(["arm", "outcome"])["relative"]
        expected = [table[arm, outcome] for outcome in HEADLINES]
        assert [float(np.asarray(dot.get_xdata())[0]) for dot in find_dots(figure, panel)] == pytest.approx(
            expected
        )


def test_a_shown_difference_is_coloured_by_its_direction_and_any_other_is_hollow(arms: Comparison) -> None:
    figure = plot.differences(arms)
    for panel, arm in enumerate(arms.others):
        table = arms.select_rows().set_index(["arm", "outcome"])["verdict"]
        for outcome, dot in zip(HEADLINES, find_dots(figure, panel), strict=True):
            more = {"higher": 1, "lower": -1}.get(table[arm, outcome], 0)
            colour = {1: style.WORSE, -1: style.BETTER, 0: style.PAPER}[more * sign_of_worse(outcome)]
            assert to_hex(dot.get_markerfacecolor()) == colour.lower(), outcome
    assert "no difference shown" in read_figure_text(figure)


def test_misses_are_always_shown_with_assessments_workload_and_cost(arms: Comparison) -> None:
    for figure in (plot.differences(arms), plot.prevalence(arms)):
        text = read_figure_text(figure).replace("\n", " ")
        for word in ("Missed risks", "Assessed, neither need nor harm", "Hours demanded", "Cost"):
            assert word in text


def test_an_interval_much_wider_than_any_difference_is_cut_off_and_marked(arms: Comparison) -> None:
    wide = arms.differences.assign(
        relative_high=arms.differences["relative_high"].where(
            arms.differences["outcome"] != "harm_weeks_per_10k_year", 9.0
        )
    )
    figure = plot.differences(Comparison(**{**vars(arms), "differences": wide}))
    assert figure.axes[0].get_xlim()[1] < 1
    assert [line for line in figure.axes[0].lines if line.get_marker() == ">"]


def test_one_very_large_difference_does_not_compress_the_others(arms: Comparison) -> None:
    table = arms.differences
    own = (table["outcome"] == "utilisation_mean") & (table["arm"] == "duty_complete")
    far = arms.differences.assign(
        **{
            name: arms.differences[name].where(~own, value)
            for name, value in (("relative", 2.75), ("relative_low", 2.5), ("relative_high", 3.0))
        }
    )
    figure = plot.differences(Comparison(**{**vars(arms), "differences": far}))
    assert figure.axes[0].get_xlim()[1] < 0.5
    assert "(+275%)" in read_figure_text(figure)
    assert len(find_dots(figure)) == len(HEADLINES) - 1


def test_one_seed_has_no_intervals_and_the_figure_explains_why() -> None:
    single = comparison(seeds=1)
    for name in ("differences", "trade_off", "prevalence"):
        assert "One seed: no interval" in read_figure_text(getattr(plot, name)(single))
    assert " to " not in read_figure_text(plot.children(single)).partition("Newly reached")[2]


def test_arms_with_different_children_are_not_described_as_paired(arms: Comparison) -> None:
    others = remove_paired_children(arms)
    assert "on the same children" in read_figure_text(plot.differences(arms))
    assert "on different children with the same seed" in read_figure_text(plot.differences(others))
    for name in ("flow", "children"):
        assert "no spell can be compared" in read_figure_text(getattr(plot, name)(others))


def test_bands_show_all_spells_whose_result_changes(arms: Comparison) -> None:
    (_, axes) = plot.flow(arms, "duty_complete").axes
    flows = arms.flows[(arms.flows["arm"] == "duty_complete") & (arms.flows["spells"] > 0)]
    changed = flows[flows["before"].astype(str) != flows["after"].astype(str)]
    bands = [patch for patch in axes.patches if isinstance(patch, PathPatch)]
    assert len(bands) == len(changed)
    corners = [np.asarray(band.get_path().vertices) for band in bands]
    heights = np.sort([corner[7, 1] - corner[0, 1] for corner in corners])
    spells = np.sort(changed["spells"])
    assert heights / heights.sum() == pytest.approx(spells / spells.sum())


def test_newly_reached_and_newly_missed_have_their_own_colours(arms: Comparison) -> None:
    (_, axes) = plot.flow(arms, "duty_complete").axes
    colours = [to_hex(patch.get_facecolor()) for patch in axes.patches if isinstance(patch, PathPatch)]
    flows = arms.flows[(arms.flows["arm"] == "duty_complete") & (arms.flows["spells"] > 0)]
    newly_reached = flows["before"].isin(list(STOPS)) & (flows["after"] == "protected")
    newly_missed = flows["after"].isin(list(STOPS)) & (flows["before"] == "protected")
    assert colours.count(style.BETTER.lower()) == newly_reached.sum() > 0
    assert colours.count(style.WORSE.lower()) == newly_missed.sum() > 0


def test_an_arm_without_changes_has_no_bands() -> None:
    figure = plot.flow(comparison(arms=("small", "again")))
    assert "Every spell has the same result" in read_figure_text(figure)
    assert not [patch for patch in figure.axes[1].patches if isinstance(patch, PathPatch)]


@pytest.mark.parametrize(("turn", "colour"), [(NEWLY_REACHED, style.BETTER), (NEWLY_MISSED, style.WORSE)])
def test_a_dot_is_a_spell_newly_reached_or_newly_missed(arms: Comparison, turn: str, colour: str) -> None:
    figure = plot.children(arms, "duty_complete")
    drawn = sum(len(np.asarray(line.get_xdata())) for line in find_dots(figure) if line.get_color() == colour)
    select = {NEWLY_REACHED: arms.select_newly_reached, NEWLY_MISSED: arms.select_newly_missed}[turn]
    assert "one spell of significant harm" in read_figure_text(figure)
    assert drawn == len(select("duty_complete"))


def test_a_dot_stands_for_several_children_if_there_are_very_many() -> None:
    many = comparison(arms=("small", "duty_complete"), seeds=20)
    figure = plot.children(many)
    newly_reached = len(many.select_newly_reached("duty_complete"))
    drawn = sum(
        len(np.asarray(line.get_xdata())) for line in find_dots(figure) if line.get_color() == style.BETTER
    )
    assert "A dot: 2 spells" in read_figure_text(figure)
    assert newly_reached / 2 <= drawn <= newly_reached / 2 + len(STOPS)


def test_each_seed_has_its_own_line_from_the_reference_to_the_arm(arms: Comparison) -> None:
    (axes,) = plot.trade_off(arms).axes
    runs = arms.select_rows(table="runs").set_index(["arm", "seed"])
    faint = [line for line in axes.lines if line.get_alpha()]
    assert len(faint) == len(arms.seeds) * len(arms.others)
    first = np.column_stack(faint[0].get_data())
    for arm, point in zip(("small", "duty_complete"), first, strict=True):
        run = runs.loc[(arm, 1)]
        assert tuple(point) == (run["assessed_neither_per_10k_year"], run["missed_risk_rate"])


def test_every_prevalence_has_a_row_for_every_arm(arms: Comparison) -> None:
    figure = plot.prevalence(arms)
    text = read_figure_text(figure)
    for name in ("as set", "1%", "2%", "4%"):
        assert name in text
    for panel in range(4):
        assert len(find_dots(figure, panel)) == len(arms.prevalences) * len(arms.others)


def test_the_figures_of_each_arm_have_its_number(arms: Comparison) -> None:
    listed = plot.list_comparison_figures(arms)
    assert list(listed) == [
        *plot.COMPARISON_FIGURES,
        *(f"{name}_1" for name in plot.ARM_FIGURES),
        *(f"{name}_2" for name in plot.ARM_FIGURES),
    ]
    for number, arm in enumerate(("duty_complete", "pooled_budget"), 1):
        assert f"Under {arm}" in read_figure_text(listed[f"flow_{number}"]())
        assert f"{arm} against small" in read_figure_text(listed[f"children_{number}"]())


def test_every_figure_that_applies_is_saved_as_png_and_svg(tmp_path: Path) -> None:
    alone = comparison(arms=("small", "duty_complete"), prevalences=(None,), spells=100)
    save_comparison_figures(alone, tmp_path / "figures")
    names = {*plot.COMPARISON_FIGURES, *plot.ARM_FIGURES}  # one arm needs no number
    assert "prevalence" in names
    expected = {f"{name}.{suffix}" for name in names - {"prevalence"} for suffix in ("png", "svg")}
    assert {path.name for path in (tmp_path / "figures").iterdir()} == expected, (
        "there is only one prevalence"
    )


def test_labels_do_not_overlap_and_keep_their_order() -> None:
    wanted = [0.5, 0.5, 0.52, 0.0, 1.0, 0.98]
    heights = spread_labels(wanted, apart=0.1)
    ordered = heights[np.argsort(wanted, kind="stable")]
    assert all(low + 0.1 <= high + 1e-9 for low, high in pairwise(ordered))
    assert heights.min() >= 0
    assert heights.max() <= 1
    assert spread_labels([0.2, 0.6], apart=0.1).tolist() == pytest.approx([0.2, 0.6])


def test_drawing_does_not_change_the_tables_of_a_comparison(arms: Comparison) -> None:
    before = {name: getattr(arms, name).copy() for name in ("runs", "differences", "flows", "children")}
    for name in FIGURES:
        getattr(plot, name)(arms)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(getattr(arms, name), frame)
