"""A comparison is read back equal, saved whole or not at all, and never speaks of misses alone."""

import errno
import json
import os
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from rich.console import Console
from tests.results.synthetic_comparison import comparison

from cpsim.results import COMPARISON_TABLES, FATES, HEADLINES, Comparison, OutputError, TargetExists
from cpsim.results.comparison_words import amount, listed, signed
from cpsim.results.names import CAUSES, SUMMARY


@pytest.fixture(scope="module")
def found() -> Comparison:
    return comparison()


def changed(one: Comparison, **parts: object) -> Comparison:
    return Comparison(**{**vars(one), **parts})  # type: ignore[arg-type]


def test_what_is_saved_is_read_back_equal(found: Comparison, tmp_path: Path) -> None:
    found.save(tmp_path / "one", extra=lambda folder: (folder / "figures").mkdir())
    again = Comparison.load(tmp_path / "one")
    for name in COMPARISON_TABLES:
        assert_frame_equal(getattr(again, name), getattr(found, name), check_exact=True, obj=name)
    for name in ("arms", "scenarios", "pairing", "seeds", "prevalences", "provenance"):
        assert getattr(again, name) == getattr(found, name), name
    assert again.sentences() == found.sentences()
    again.save(tmp_path / "two", extra=lambda folder: (folder / "figures").mkdir())
    for file in (path for path in (tmp_path / "one").rglob("*") if path.is_file()):
        assert file.read_bytes() == (tmp_path / "two" / file.relative_to(tmp_path / "one")).read_bytes()


def test_a_spreadsheet_reads_the_differences(found: Comparison, tmp_path: Path) -> None:
    found.save(tmp_path / "one")
    table = pd.read_csv(tmp_path / "one" / "differences.csv")
    assert table["difference"].tolist() == pytest.approx(found.differences["difference"].tolist())


def test_every_column_is_described_and_a_column_nobody_described_is_refused(found: Comparison) -> None:
    for name, columns in COMPARISON_TABLES.items():
        assert all(column.meaning.endswith(".") for column in columns.values())
        with pytest.raises(ValueError, match="luck"):
            changed(found, **{name: getattr(found, name).assign(luck=1)})


def test_every_figure_of_the_summary_is_in_the_table_of_runs() -> None:
    columns = {name.partition(".")[0] for name in COMPARISON_TABLES["runs"]}
    assert set(SUMMARY) - columns == {"cost_gbp_per_unprotected_week_averted"}
    assert set(HEADLINES) <= set(SUMMARY)


def test_a_fate_is_a_result_or_the_cause_of_a_miss(found: Comparison) -> None:
    assert list(FATES) == ["protected", "self_resolved", "censored", "not_begun", *CAUSES]
    with pytest.raises(ValueError, match="C10"):
        changed(found, children=found.children.assign(after="C10"))


def test_a_disk_that_fills_up_leaves_nothing_behind(found: Comparison, tmp_path: Path) -> None:
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OutputError, match="No space left"):
        found.save(tmp_path / "above" / "one", full)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(found: Comparison, tmp_path: Path) -> None:
    with pytest.raises(TargetExists):
        found.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", ["nothing", "half", "other"])
def test_a_folder_that_holds_no_comparison_is_refused(found: Comparison, tmp_path: Path, fault: str) -> None:
    folder = tmp_path / "one"
    if fault == "half":
        found.save(folder)
        (folder / "flows.parquet").unlink()
    elif fault == "other":
        folder.mkdir()
        (folder / "comparison.json").write_text("[]", "utf-8")
    with pytest.raises(OutputError, match="not the folder of a comparison"):
        Comparison.load(folder)


def test_a_network_of_the_users_own_goes_along(found: Comparison, tmp_path: Path) -> None:
    mine = tmp_path / "mine.graphml"
    mine.write_text("<graphml/>", "utf-8")
    own = found.scenarios["pooled_budget"] | {"network": {"graphml": str(mine)}}
    changed(found, scenarios=found.scenarios | {"pooled_budget": own}).save(tmp_path / "one")
    mine.unlink()
    again = Comparison.load(tmp_path / "one").scenarios["pooled_budget"]
    copy = Path(again["network"]["graphml"])
    assert copy.read_text("utf-8") == "<graphml/>"
    assert copy.is_relative_to(tmp_path / "one")


def test_names_of_arms_cannot_leave_the_folder(tmp_path: Path) -> None:
    odd = comparison(arms=("../../etc", "a/b\\c", "…"), prevalences=(None,), spells=20)
    odd.save(tmp_path / "one")
    assert sorted(path.name for path in (tmp_path / "one" / "scenarios").iterdir()) == [
        "1-etc.yaml",
        "2-a-b-c.yaml",
        "3-unnamed.yaml",
    ]
    assert Comparison.load(tmp_path / "one").arms == odd.arms


def test_json_has_the_headlines_and_the_words(found: Comparison) -> None:
    told = json.loads(found.json())
    assert told["arms"] == list(found.arms)
    assert told["prevalences"] == [None, 0.01, 0.02, 0.04]
    assert {row["outcome"] for row in told["headlines"]} == set(HEADLINES)
    assert told["sentences"] == found.sentences()


def test_misses_never_stand_alone(found: Comparison) -> None:
    for arm in found.others:
        (sentence,) = (s for s in found.sentences() if s.startswith(f"{arm} against small"))
        for label in ("missed risks", "families alarmed", "hours demanded", "cost"):
            assert label in sentence, label


def test_a_shown_difference_is_told_with_its_size_interval_and_level(found: Comparison) -> None:
    row = found.at().set_index(["arm", "outcome"]).loc[("duty_complete", "missed_risk_rate")]
    (sentence,) = (s for s in found.sentences() if s.startswith("duty_complete against small"))
    size, low, high = (f"{-100 * row[name]:.2f}" for name in ("difference", "high", "low"))
    assert f"missed risks lower by {size} points ({low} to {high}), 46 % instead of 53 %" in sentence
    assert "; families alarmed higher by 39.9 (" in sentence


def test_what_the_interval_does_not_show_is_not_claimed(found: Comparison) -> None:
    (sentence,) = (s for s in found.sentences() if s.startswith("pooled_budget against small"))
    assert sentence.startswith("pooled_budget against small, 6 seeds: no difference shown: missed risks (")
    assert "lower by" not in sentence
    assert "higher by" not in sentence


def test_an_interval_that_chance_may_give_among_so_many_is_called_so(found: Comparison) -> None:
    row = found.at().set_index(["arm", "outcome"]).loc[("pooled_budget", "unprotected_weeks_share")]
    assert row["low"] > 0
    assert row["p_holm"] > 0.05
    (sentence,) = (s for s in found.sentences() if s.startswith("pooled_budget against small"))
    assert "weeks unprotected (" in sentence
    assert "which among so many may be chance" in sentence


def test_both_directions_and_their_stages_are_told(found: Comparison) -> None:
    told = " ".join(found.sentences())
    turns = found.turns.set_index(["arm", "turn"])["children"]
    caught, missed = (turns[("duty_complete", turn)] for turn in ("rescued", "lost"))
    assert f"caught under duty_complete who were missed under small: {caught:.0f} (" in told
    assert f"The other way: {missed:.1f} (" in told
    assert "Those newly missed are lost at “waiting in a queue” (100 %)." in told


def test_the_lists_of_children_hold_those_caught_and_those_lost(found: Comparison) -> None:
    rescued, lost = found.rescued("duty_complete"), found.lost("duty_complete")
    assert set(rescued["after"]) == set(lost["before"]) == {"protected"}
    assert set(rescued["before"]) <= set(CAUSES)
    assert set(lost["after"]) == {"C6"}
    assert len(rescued) > len(lost) > 0


def test_every_prevalence_is_told(found: Comparison) -> None:
    (sentence,) = [s for s in found.sentences() if s.startswith("With another share")][:1]
    assert "points at 1, 2 and 4 %" in sentence
    assert "families alarmed" in sentence
    bare = comparison(prevalences=(None,)).sentences()
    assert not any("share of children in harm" in s for s in bare)


def test_one_seed_says_nothing_about_chance() -> None:
    told = comparison(seeds=1).sentences()
    assert "Whether that is more than chance cannot be said." in told[0]
    assert "One seed cannot tell a difference from chance. Run at least 20." in told
    assert not any("lower by" in sentence or "higher by" in sentence for sentence in told)


def test_few_seeds_are_called_few() -> None:
    assert any("6 seeds are few" in sentence for sentence in comparison().sentences())
    assert not any("are few" in sentence for sentence in comparison(seeds=12).sentences())


def test_a_twin_is_called_the_same() -> None:
    told = comparison(arms=("small", "twin")).sentences()
    assert told[0] == "twin is the same as small: in every figure and for every child, with every seed."


def test_how_much_is_guessed_is_said_every_time(found: Comparison) -> None:
    assert "numbers of the model are guesses" in found.sentences()[-1]


def test_the_page_fits_a_terminal_and_shows_names_as_they_are() -> None:
    odd = comparison(arms=("small", "[bold]duty[/bold]"), prevalences=(None,))
    console = Console(width=80, record=True, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    with console.file:
        console.print(odd)
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 80
    assert any("[bold]duty[/bold] against small" in line or "[bold]duty[/bold]:" in line for line in lines)
    assert not any(line.rstrip().endswith("not sho") for line in lines)


def test_an_arm_that_nobody_can_follow_has_no_children_on_its_page(found: Comparison) -> None:
    strangers = changed(
        found,
        pairing=found.pairing | {"pooled_budget": "seed"},
        **{
            name: getattr(found, name).query("arm != 'pooled_budget'")
            for name in ("children", "flows", "turns")
        },
    )
    told = strangers.sentences()
    assert "pooled_budget does not have the harm of small" in " ".join(told)
    assert not any("caught under pooled_budget" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("outcome", "size", "half", "told"),
    [
        ("missed_risk_rate", 0.0283, 0.0069, "2.8 points"),
        ("missed_risk_rate", 0.0283, 0.0009, "2.83 points"),
        ("missed_by_cause.C3", 0.1, 0.04, "10 points"),
        ("cost_gbp_per_child_year", 1234.5, 100.0, "£1,234"),
        ("cost_gbp_per_child_year", 14.2, 1.3, "£14.2"),
        ("detection_delay_weeks_median", 2.0, 0.5, "2.0 weeks"),
        ("utilisation_mean", 0.0613, 0.01, "0.061"),
        ("equity_gap_miss", 1.25, 0.7, "1.2 points"),
        ("utilisation_mean", 0.0, float("nan"), "0"),
        ("utilisation_mean", 0.0613, float("nan"), "0.061"),
    ],
)
def test_a_difference_has_no_more_digits_than_its_interval_allows(
    outcome: str, size: float, half: float, told: str
) -> None:
    assert amount(outcome, size, half) == told


def test_a_sign_is_written_unless_nothing_is_left_of_the_difference() -> None:
    assert signed("utilisation_mean", -0.06, 0.01) == "−0.060"
    assert signed("utilisation_mean", 0.06, 0.01) == "+0.060"
    assert signed("missed_risk_rate", -0.00001, 0.01) == "0.0 points"


def test_things_in_a_row_are_joined_as_one_says_them() -> None:
    assert [listed("a" * number) for number in range(4)] == ["", "a", "a and a", "a, a and a"]


def test_a_figure_that_most_seeds_leave_undefined_is_not_shown_on_the_page(found: Comparison) -> None:
    scarce = found.differences.copy()
    scarce.loc[scarce["outcome"] == "detection_delay_weeks_median", "seeds"] = 1
    lines = str(changed(found, differences=scarce)).splitlines()
    delays = [line.split() for line in lines if "Delay to protection" in line]
    assert delays == [["Delay", "to", "protection", "–", "–", "–", "–"]] * len(found.others)
