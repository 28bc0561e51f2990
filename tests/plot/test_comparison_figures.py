"""The figures of a comparison show the values of its tables, with assessments and intervals."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from tests.plot.baseline import save_small
from tests.plot.figure_text import read_figure_text
from tests.results.synthetic_comparison import comparison

from cpsim import plot
from cpsim.formatting import format_outcome_name
from cpsim.measures.outcomes.registry import PATH
from cpsim.plot import style
from cpsim.plot.figures import save_comparison_figures
from cpsim.plot.labels import spread_labels
from cpsim.plot.registry import FIGURES as REGISTERED
from cpsim.present.comparison_exhibits import create_children_table, create_flow_table, format_change
from cpsim.present.tones import choose_tone
from cpsim.results.comparison import Comparison
from cpsim.results.comparison_tables import HEADLINES, NEWLY_MISSED, NEWLY_REACHED
from cpsim.results.names import STOPS
from cpsim.results.verdicts import HIGHER, LOWER, NOT_SHOWN

FIGURES = (*plot.COMPARISON_FIGURES, *plot.ARM_FIGURES)
MARKERS = ("o", "s", "^", "D")
ODD = "costs $5 and $6 <b> שלום " + "x" * 300


@pytest.fixture(scope="module")
def arms() -> Comparison:
    return comparison(seeds=8)


def remove_paired_children(arms: Comparison) -> Comparison:
    """Change the comparison so that its arms have different children from the reference."""
    tables = {name: getattr(arms, name).iloc[:0] for name in ("children", "flows", "turns")}
    return Comparison(**{**vars(arms), **tables, "pairing": dict.fromkeys(arms.others, "seed")})


def replace_rows(arms: Comparison, arm: str, outcome: str, **values: float | str) -> Comparison:
    """Change the difference of an arm in an outcome, at the scenarios' own prevalence."""
    table = arms.differences.astype({"verdict": "str"})
    own = (table["arm"] == arm) & (table["outcome"] == outcome) & table["prevalence"].isna()
    for name, value in values.items():
        table[name] = table[name].mask(own, value)
    return Comparison(**{**vars(arms), "differences": table})


def find_dots(figure: Figure, panel: int = 0, marker: str = "o") -> list[Line2D]:
    return [line for line in figure.axes[panel].lines if line.get_marker() == marker]


def find_intervals(figure: Figure) -> dict[float, list[tuple[float, float]]]:
    """Find the ends of the intervals in a panel of rows by their height, without the guide lines."""
    found: dict[float, list[tuple[float, float]]] = {}
    for lines in figure.axes[0].collections:
        if isinstance(lines, LineCollection) and to_hex(lines.get_colors()[0]) != style.FAINT:  # type: ignore[index]
            ((low, height), (high, _)) = lines.get_segments()[0]
            found.setdefault(float(height), []).append((float(low), float(high)))
    return found


def read_labels(figure: Figure) -> list[str]:
    """Read the labels at the left edge of a figure, from top to bottom."""
    return [text.get_text() for text in figure.axes[0].texts if text.get_position()[0] == style.LEFT]


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_has_a_question_and_the_caution_about_synthetic_children(
    arms: Comparison, name: str
) -> None:
    text = read_figure_text(getattr(plot, name)(arms))
    assert text.splitlines()[0].endswith("?")
    assert "no predictions about any real child or council" in text
    shown = "duty_complete, pooled_budget" if name in plot.COMPARISON_FIGURES else "duty_complete"
    assert f"· {shown} against small · 8 seeds ·" in text


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


@pytest.mark.parametrize("name", plot.ARM_FIGURES)
def test_an_arm_that_is_not_compared_is_refused(arms: Comparison, name: str) -> None:
    with pytest.raises(ValueError, match="'small' is not compared with the reference"):
        getattr(plot, name)(arms, "small")


def test_differences_show_near_outcomes_and_every_headline_with_interval_in_words(arms: Comparison) -> None:
    text = read_figure_text(plot.differences(arms)).splitlines()
    rows = arms.select_rows().set_index(["arm", "outcome"], drop=False)
    near = ("contacts_by_kind_per_10k_year.school", "source_share.school", "plan_stock_per_10k")
    for outcome in (*near, *HEADLINES):
        assert format_outcome_name(outcome) in text
        for arm in arms.others:
            assert format_change(dict(rows.loc[(arm, outcome)]), short=True) in text, (arm, outcome)


def test_a_dot_is_at_its_difference_on_the_scale_of_its_row(arms: Comparison) -> None:
    figure = plot.answer(arms, "duty_complete")
    rows = arms.select_rows()
    rows = rows[rows["arm"] == "duty_complete"].set_index("outcome")
    shown = [
        *arms.near["duty_complete"],
        *(name for name in PATH if name[:3] not in ("s47", "con")),
        "missed_risk_rate",
    ]
    shown.insert(2, "contacts_per_10k_year")
    expected = [rows["difference"][name] / rows.loc[name, ["low", "high"]].abs().max() for name in shown]
    drawn = [float(np.asarray(dot.get_xdata())[0]) for dot in find_dots(figure)]
    assert drawn == pytest.approx(expected)
    assert read_labels(figure) == [format_outcome_name(name) for name in shown]


@pytest.mark.parametrize("name", ["answer", "differences"])
def test_each_row_has_its_own_scale_which_its_intervals_fill(arms: Comparison, name: str) -> None:
    heights = find_intervals(getattr(plot, name)(arms))
    if name == "answer":
        rows = list(heights.values())
        assert len(rows) == 8
    else:
        lines = [ends for _, found in sorted(heights.items()) for ends in found]
        rows = [lines[place : place + 2] for place in range(0, len(lines), 2)]
        assert len(rows) == 3 + len(HEADLINES)
    for row in rows:
        assert max(abs(end) for ends in row for end in ends) == pytest.approx(1)


@pytest.mark.parametrize("name", ["answer", "differences"])
def test_an_interval_far_from_zero_is_inside_its_row_and_changes_no_other(
    arms: Comparison, name: str
) -> None:
    outcome = "missed_risk_rate"
    far = replace_rows(arms, "duty_complete", outcome, difference=50.0, low=40.0, high=60.0)
    before, after = (find_intervals(getattr(plot, name)(each)) for each in (arms, far))
    left, right = getattr(plot, name)(far).axes[0].get_xlim()
    ends = [end for found in after.values() for pair in found for end in pair]
    assert left <= min(ends)
    assert max(ends) <= right
    assert [(pytest.approx(2 / 3), pytest.approx(1))] in after.values()
    changed = [height for height in before if before[height] != after[height]]
    assert 1 <= len(changed) <= len(arms.others), "only the lines of one row"


def test_a_filled_marker_is_shown_and_a_coloured_one_better_or_worse_by_itself(arms: Comparison) -> None:
    figure = plot.differences(arms)
    colours = {"better": style.BETTER, "worse": style.WORSE, "none": style.INK}
    seen = set()
    for arm, marker in zip(arms.others, MARKERS, strict=False):
        own = arms.select_rows()
        verdicts = own[own["arm"] == arm].set_index("outcome")["verdict"].astype("str").to_dict()
        _, *dots = find_dots(figure, marker=marker)[::-1]  # the last is in the legend
        for outcome, dot in zip(reversed(HEADLINES), dots, strict=False):
            shown = verdicts[outcome] in (HIGHER, LOWER)
            colour = colours[choose_tone(outcome, verdicts)] if shown else style.PAPER
            assert to_hex(dot.get_markerfacecolor()) == colour.lower(), (arm, outcome)
            seen.add(colour)
    assert {style.BETTER, style.WORSE, style.PAPER} <= seen
    assert "no difference shown" in read_figure_text(figure)


@pytest.mark.parametrize(("referrals", "colour"), [(LOWER, style.INK), (NOT_SHOWN, style.BETTER)])
def test_a_lower_cost_is_coloured_only_if_nothing_else_explains_it(
    arms: Comparison, referrals: str, colour: str
) -> None:
    verdicts = {"cost_gbp_per_child_year": LOWER, "referrals_per_10k_year": referrals}
    changed = arms
    for outcome, verdict in verdicts.items():
        changed = replace_rows(changed, "pooled_budget", outcome, verdict=verdict)
    alone = Comparison(
        **{**vars(changed), "near": {**arms.near, "pooled_budget": ["cost_gbp_per_child_year"]}}
    )
    first = find_dots(plot.answer(alone, "pooled_budget"))[0]
    assert to_hex(first.get_markerfacecolor()) == colour.lower()


def test_the_markers_of_arms_differ_by_shape_and_are_named(arms: Comparison) -> None:
    many = comparison(arms=("small", *(f"arm {number}" for number in range(4))), seeds=3)
    figure = plot.differences(many)
    for arm, marker in zip(many.others, MARKERS, strict=True):
        assert find_dots(figure, marker=marker), arm
        assert arm in read_figure_text(figure).splitlines()


def test_the_first_picture_shows_no_row_twice_and_three_near_outcomes_at_most(arms: Comparison) -> None:
    near = ["missed_risk_rate", "contacts_per_10k_year", "utilisation_mean", "cost_gbp_per_child_year"]
    many = Comparison(**{**vars(arms), "near": {**arms.near, "duty_complete": near}})
    labels = read_labels(plot.answer(many, "duty_complete"))
    assert labels[:3] == ["Missed risk", "Contacts", "Hours demanded"]
    assert labels[3] == "Referrals"
    assert len(set(labels)) == len(labels) == 7


def test_the_first_picture_shows_the_primary_outcome_of_the_comparison(arms: Comparison) -> None:
    by_cost = Comparison(**{**vars(arms), "primary": "cost_gbp_per_child_year"})
    assert read_labels(plot.answer(by_cost))[-2:] == ["Missed risk", "Cost"]


def test_the_steps_from_contacts_to_protection_add_up(arms: Comparison) -> None:
    figure = plot.why(arms, "duty_complete")
    labels = [format_outcome_name(name) for name in PATH]
    assert read_labels(figure) == labels
    written = [text.get_text() for text in figure.axes[0].texts if text.get_text() not in ("", *labels)]
    numbers = [float(re.match(r"[+−]?[\d.]+", text)[0].replace("−", "-")) for text in written]  # type: ignore[index]
    steps, rests = numbers[::2], numbers[1::2]
    assert len(steps) == len(PATH)
    for (step, following), rest in zip(pairwise(steps), rests, strict=True):
        assert step == pytest.approx(rest + following)
    assert written[1].endswith("screened out")
    bars = [patch.get_width() for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert bars == pytest.approx(steps), "all on one scale"


@pytest.mark.parametrize("name", ["answer", "differences", "why"])
def test_the_text_alternative_has_the_scale_the_unit_and_the_numbers(arms: Comparison, name: str) -> None:
    of: Any = "comparison" if name == "differences" else "arm"
    exhibit = REGISTERED[of, name].exhibit
    assert exhibit is not None
    outcome = PATH[0] if name == "why" else "contacts_by_kind_per_10k_year.school"
    planted = replace_rows(arms, "duty_complete", outcome, difference=12.0, low=9.0, high=15.0)
    alternative = exhibit.describe(*((planted,) if of == "comparison" else (planted, "duty_complete")))
    assert ("all on one scale" if name == "why" else "each row has its own scale") in alternative
    assert "per 10,000 children a year" in alternative
    assert (
        "+12.0 (9.0 to 15.0)" if name == "why" else "+12 per 10,000 children a year (9 to 15)"
    ) in alternative


def test_misses_are_always_shown_with_assessments_workload_and_cost(arms: Comparison) -> None:
    for figure in (plot.differences(arms), plot.prevalence(arms)):
        text = read_figure_text(figure).replace("\n", " ")
        for word in ("Missed risk", "Assessed, neither need nor harm", "Hours demanded", "Cost"):
            assert word in text


def test_one_seed_has_no_intervals_and_the_figure_explains_why() -> None:
    single = comparison(seeds=1)
    for name in ("differences", "trade_off", "prevalence"):
        assert "One seed: no interval" in read_figure_text(getattr(plot, name)(single))
    for name in ("answer", "differences", "why"):
        assert "(no interval)" in read_figure_text(getattr(plot, name)(single))
    for name in ("answer", "differences"):
        assert not find_intervals(getattr(plot, name)(single)), "a dot without an interval would seem certain"
    assert " to " not in read_figure_text(plot.children(single)).partition("Newly reached")[2]


def test_an_outcome_that_is_equal_with_every_seed_is_named_so() -> None:
    equal = comparison(arms=("small", "again"), seeds=3)
    for name in ("answer", "differences"):
        assert "the same, with every seed" in read_figure_text(getattr(plot, name)(equal))
    exhibit = REGISTERED["comparison", "differences"].exhibit
    assert exhibit is not None
    assert "over 3 seeds" in exhibit.describe(equal)


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
    assert "a dot is 1 spell." in read_figure_text(figure)
    assert drawn == len(select("duty_complete"))


def test_a_dot_stands_for_several_spells_if_there_are_very_many() -> None:
    many = comparison(arms=("small", "duty_complete"), seeds=20)
    figure = plot.children(many)
    newly_reached = len(many.select_newly_reached("duty_complete"))
    drawn = sum(
        len(np.asarray(line.get_xdata())) for line in find_dots(figure) if line.get_color() == style.BETTER
    )
    assert "a dot is 2 spells." in read_figure_text(figure)
    assert newly_reached / 2 <= drawn <= newly_reached / 2 + len(STOPS)


def test_few_spells_are_counts_over_all_seeds_and_never_percentages() -> None:
    few = comparison(arms=("small", "duty_complete"), seeds=2, spells=60)
    text = read_figure_text(plot.flow(few)).replace("Percentages: of all spells", "")
    percentages = [float(number) for number in re.findall(r"([\d.]+)%", text)]
    assert percentages
    assert min(percentages) * 120 / 100 >= 19.5, "20 of 120 spells are the fewest that are a percentage"
    counts = [int(number) for number in re.findall(r"(\d+) of 120", text)]
    assert counts
    assert max(counts) < 20
    for name in ("flow", "children"):
        exhibit = REGISTERED["arm", name].exhibit
        assert exhibit is not None
        alternative = exhibit.describe(few, "duty_complete")
        assert "120 spells" in alternative
        assert "over 2 seeds" in alternative
        assert "%" not in alternative.replace("95%", "")
    for table in (create_flow_table(few, "duty_complete"), create_children_table(few, "duty_complete")):
        assert "%" not in str(table.groups)


def test_spells_are_newly_reached_or_newly_missed_and_no_child_is_lost(arms: Comparison) -> None:
    for name in ("flow", "children"):
        text = read_figure_text(getattr(plot, name)(arms)).lower()
        assert "newly reached" in text
        assert "newly missed" in text
        assert "spells" in text
        assert not re.search(r"children (are |were )?(lost|newly|gained)", text)


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
    rows = arms.select_rows(0.02).set_index(["arm", "outcome"], drop=False)
    words = format_change(dict(rows.loc[("duty_complete", "assessed_neither_per_10k_year")]), short=True)
    assert words in text, "an interval narrower than its dot is visible in words"
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
