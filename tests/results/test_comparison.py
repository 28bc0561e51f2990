"""A comparison is saved completely or not at all, loaded unchanged, and reports misses with their trade-offs."""

import errno
import json
import os
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from rich.console import Console
from tests.results.synthetic_comparison import comparison

from cpsim.formatting import format_difference, format_list, format_magnitude
from cpsim.inference import estimate_smallest_shown
from cpsim.results import COMPARISON_TABLES, FATES, HEADLINES, Comparison, OutputError, TargetExists
from cpsim.results.names import STOPS, SUMMARY
from cpsim.results.verdicts import CANNOT_BE_SAID
from cpsim.scenario.read import from_mapping, load


@pytest.fixture(scope="module")
def found() -> Comparison:
    made = comparison()
    # Read twice, because defaults that are written as 0 are read back as 0.0.
    scenarios = {
        arm: from_mapping(from_mapping(given).model_dump()).model_dump()
        for arm, given in made.scenarios.items()
    }
    return replace_parts(made, scenarios=scenarios)


def replace_parts(one: Comparison, **parts: object) -> Comparison:
    return Comparison(**{**vars(one), **parts})  # type: ignore[arg-type]


def test_a_saved_comparison_is_loaded_unchanged(found: Comparison, tmp_path: Path) -> None:
    found.save(tmp_path / "one", extra=lambda folder: (folder / "figures").mkdir())
    again = Comparison.load(tmp_path / "one")
    for name in COMPARISON_TABLES:
        assert_frame_equal(getattr(again, name), getattr(found, name), check_exact=True, obj=name)
    for name in (
        "arms", "scenarios", "pairing", "seeds", "prevalences", "primary", "interest", "pilot", "near", "provenance",
    ):  # fmt: skip
        assert getattr(again, name) == getattr(found, name), name
    assert again.describe() == found.describe()
    again.save(tmp_path / "two", extra=lambda folder: (folder / "figures").mkdir())
    for file in (path for path in (tmp_path / "one").rglob("*") if path.is_file()):
        assert file.read_bytes() == (tmp_path / "two" / file.relative_to(tmp_path / "one")).read_bytes()


def test_the_differences_are_saved_as_a_csv_file(found: Comparison, tmp_path: Path) -> None:
    found.save(tmp_path / "one")
    table = pd.read_csv(tmp_path / "one" / "differences.csv")
    assert table["difference"].tolist() == pytest.approx(found.differences["difference"].tolist())


def test_every_column_is_documented_and_an_undocumented_column_is_refused(found: Comparison) -> None:
    for name, columns in COMPARISON_TABLES.items():
        assert all(column.meaning.endswith(".") for column in columns.values())
        with pytest.raises(ValueError, match="luck"):
            replace_parts(found, **{name: getattr(found, name).assign(luck=1)})


def test_every_outcome_of_the_summary_is_in_the_table_of_runs() -> None:
    columns = {name.partition(".")[0] for name in COMPARISON_TABLES["runs"]}
    assert set(SUMMARY) - columns == {"cost_gbp_per_unprotected_week_averted"}
    assert set(HEADLINES) <= set(SUMMARY)


def test_a_fate_is_a_result_or_the_cause_of_a_miss(found: Comparison) -> None:
    assert list(FATES) == ["protected", "self_resolved", "censored", "not_begun", *STOPS]
    with pytest.raises(ValueError, match="C10"):
        replace_parts(found, children=found.children.assign(after="C10"))


def test_a_full_disk_leaves_no_partial_folder(found: Comparison, tmp_path: Path) -> None:
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OutputError, match="No space left"):
        found.save(tmp_path / "above" / "one", full)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_left_unchanged(found: Comparison, tmp_path: Path) -> None:
    with pytest.raises(TargetExists):
        found.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("problem", ["nothing", "half", "other"])
def test_a_folder_without_a_complete_comparison_is_refused(
    found: Comparison, tmp_path: Path, problem: str
) -> None:
    folder = tmp_path / "one"
    if problem == "half":
        found.save(folder)
        (folder / "flows.parquet").unlink()
    elif problem == "other":
        folder.mkdir()
        (folder / "comparison.json").write_text("[]", "utf-8")
    with pytest.raises(OutputError, match="not the folder of a comparison"):
        Comparison.load(folder)


def test_the_users_own_network_is_copied_into_the_folder(found: Comparison, tmp_path: Path) -> None:
    mine = tmp_path / "mine.graphml"
    mine.write_text("<graphml/>", "utf-8")
    scenario = found.scenarios["pooled_budget"]
    own = scenario | {"network": scenario["network"] | {"graphml": str(mine)}}
    replace_parts(found, scenarios=found.scenarios | {"pooled_budget": own}).save(tmp_path / "one")
    mine.unlink()
    again = Comparison.load(tmp_path / "one").scenarios["pooled_budget"]
    copy = Path(again["network"]["graphml"])
    assert copy.read_text("utf-8") == "<graphml/>"
    assert copy.is_relative_to(tmp_path / "one")


def test_scenario_files_stay_inside_the_folder_whatever_the_arms_are_called(tmp_path: Path) -> None:
    odd = comparison(arms=("../../etc", "a/b\\c", "…"), prevalences=(None,), spells=20)
    odd.save(tmp_path / "one")
    assert sorted(path.name for path in (tmp_path / "one" / "scenarios").iterdir()) == [
        "1-etc.yaml",
        "2-a-b-c.yaml",
        "3-unnamed.yaml",
    ]
    assert Comparison.load(tmp_path / "one").arms == odd.arms


def test_comparison_json_has_the_headline_outcomes_and_the_sentences(found: Comparison) -> None:
    content = json.loads(found.to_json())
    assert content["arms"] == list(found.arms)
    assert content["prevalences"] == [None, 0.01, 0.02, 0.04]
    assert {row["outcome"] for row in content["headlines"]} == set(HEADLINES)
    assert content["sentences"] == found.describe()


def select_sentences(found: Comparison, arm: str) -> str:
    """Return the sentences about one of several arms, without its name."""
    return " ".join(
        sentence.removeprefix(f"{arm}: ") for sentence in found.describe() if sentence.startswith(f"{arm}: ")
    )


def test_misses_are_reported_with_harm_assessments_workload_and_cost(found: Comparison) -> None:
    for arm in found.others:
        text = select_sentences(found, arm)
        for words in (
            "missed risk",
            "weeks in harm",
            "assessed with neither need nor harm",
            "demanded",
            "cost",
        ):
            assert words in text, (arm, words)


def test_a_difference_that_is_shown_is_reported_with_its_size_interval_and_levels(found: Comparison) -> None:
    row = found.select_rows().set_index(["arm", "outcome"]).loc[("duty_complete", "missed_risk_rate")]
    text = select_sentences(found, "duty_complete")
    size, low, high = (f"{-100 * row[name]:.2f}" for name in ("difference", "high", "low"))
    assert (
        f"missed risk fell by {size} percentage points ({low} to {high}). missed risk: 47% instead of 55%."
        in text
    )
    assert (
        "price: 40.1 more families a year per 10,000 children were assessed with neither need nor harm ("
        in text
    )


def test_no_difference_is_claimed_where_none_is_shown(found: Comparison) -> None:
    text = select_sentences(found, "pooled_budget")
    assert text.startswith("no change in missed risk was shown.")
    for claim in (" fell ", " rose ", " more ", " fewer "):
        assert claim not in text


def test_no_change_comes_with_the_smallest_that_would_have_been_seen(found: Comparison) -> None:
    text = select_sentences(found, "pooled_budget")
    rows = found.select_rows().set_index(["arm", "outcome"])
    for outcome in HEADLINES:
        row = rows.loc[("pooled_budget", outcome)]
        half = (row["high"] - row["low"]) / 2
        smallest = estimate_smallest_shown(half, row["freedom"], row["tests"])
        assert smallest > half, "an effect as large as half the interval is shown only every other time"
        assert format_magnitude(outcome, smallest, half) in text


def test_spells_newly_reached_and_newly_missed_are_counted_over_all_seeds(found: Comparison) -> None:
    reached, missed = found.select_newly_reached("duty_complete"), found.select_newly_missed("duty_complete")
    spells = len(found.children[found.children["arm"] == "duty_complete"])
    expected = (
        f"over 6 seeds, {len(reached)} spells of {spells:,} are newly reached and {len(missed)} newly missed."
    )
    assert expected in select_sentences(found, "duty_complete")
    assert "lost" not in " ".join(found.describe())


def test_children_newly_reached_and_newly_missed_can_be_selected(found: Comparison) -> None:
    protected, missed = (
        found.select_newly_reached("duty_complete"),
        found.select_newly_missed("duty_complete"),
    )
    assert set(protected["after"]) == set(missed["before"]) == {"protected"}
    assert set(protected["before"]) <= set(STOPS)
    assert set(missed["after"]) == {"C6"}
    assert len(protected) > len(missed) > 0


def test_every_prevalence_is_reported(found: Comparison) -> None:
    assert "with another share of children in harm if no one intervened: at 1%, 2% and 4%, no change" in (
        select_sentences(found, "pooled_budget")
    )
    for share in ("1%", "2%", "4%"):
        assert f"at {share}, missed risk fell by" in select_sentences(found, "duty_complete")
    without = comparison(prevalences=(None,)).describe()
    assert not any("share of children in harm" in s for s in without)


def test_with_one_seed_no_difference_is_claimed() -> None:
    found = comparison(seeds=1, prevalences=(None,))
    (lead,) = (s for s in found.describe() if s.startswith("pooled_budget: one seed"))
    assert "One seed cannot tell a change from chance".lower() in lead.lower()
    assert any("Without --seeds, as many seeds are run as settle the answer." in s for s in found.describe())
    assert not any("is shown" in sentence or "was shown" in sentence for sentence in found.describe())


def test_fewer_than_ten_seeds_are_called_few() -> None:
    assert any("6 seeds are few" in sentence for sentence in comparison().describe())
    assert not any("are few" in sentence for sentence in comparison(seeds=12).describe())


def test_an_identical_arm_is_reported_as_the_same() -> None:
    sentences = comparison(arms=("small", "twin")).describe()
    assert sentences[0] == (
        "twin changes nothing: every outcome and every child is the same as under small, with every seed."
    )


def test_the_last_sentence_says_how_many_numbers_are_guesses(found: Comparison) -> None:
    assert "numbers of the model are guesses" in found.describe()[-1]


def test_the_printed_comparison_fits_80_characters_and_shows_names_unchanged() -> None:
    odd = comparison(arms=("small", "[bold]duty[/bold]"), prevalences=(None,))
    console = Console(width=80, record=True, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    with console.file:
        console.print(odd)
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 80
    assert any("[bold]duty[/bold] compared with small" in line for line in lines)
    assert any("[bold]duty[/bold] changes nothing" in line for line in lines)


def test_an_arm_with_other_children_reports_no_newly_reached_children(found: Comparison) -> None:
    other_children = replace_parts(
        found,
        pairing=found.pairing | {"pooled_budget": "seed"},
        scenarios=found.scenarios
        | {
            "small": load("small").model_dump(),
            "pooled_budget": load("small", {"population.children": 20_000}).model_dump(),
        },
        **{
            name: getattr(found, name).query("arm != 'pooled_budget'")
            for name in ("children", "flows", "turns")
        },
    )
    sentences = other_children.describe()
    assert "pooled_budget does not have the harm of small" in " ".join(sentences)
    assert "population.children is 10000 in small and 20000 in pooled_budget" in " ".join(sentences)
    assert not any("newly reached under pooled_budget" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("outcome", "size", "half", "expected"),
    [
        ("missed_risk_rate", 0.0283, 0.0069, "2.8 percentage points"),
        ("missed_risk_rate", 0.0283, 0.0009, "2.83 percentage points"),
        ("chain_stopped_at.C3", 0.1, 0.04, "10 percentage points"),
        ("cost_gbp_per_child_year", 1234.5, 100.0, "£1,234"),
        ("cost_gbp_per_child_year", 14.2, 1.3, "£14.2"),
        ("weeks_to_protection_median_reached", 2.0, 0.5, "2.0 weeks"),
        ("utilisation_mean", 0.0613, 0.01, "0.061"),
        ("equity_gap_miss", 1.25, 0.7, "1.2 percentage points"),
        ("utilisation_mean", 0.0, float("nan"), "0"),
        ("utilisation_mean", 0.0613, float("nan"), "0.061"),
    ],
)
def test_a_difference_has_no_more_digits_than_its_interval_justifies(
    outcome: str, size: float, half: float, expected: str
) -> None:
    assert format_magnitude(outcome, size, half) == expected


def test_a_difference_has_a_sign_unless_it_is_rounded_to_zero() -> None:
    assert format_difference("utilisation_mean", -0.06, 0.01) == "−0.060"
    assert format_difference("utilisation_mean", 0.06, 0.01) == "+0.060"
    assert format_difference("missed_risk_rate", -0.00001, 0.01) == "0.0 percentage points"


def test_lists_are_joined_with_commas_and_and() -> None:
    assert [format_list("a" * number) for number in range(4)] == ["", "a", "a and a", "a, a and a"]


def test_an_outcome_without_an_interval_has_no_verdict_in_the_terminal(found: Comparison) -> None:
    table = found.differences.copy()
    scarce = table["outcome"] == "harm_averted_share"
    table.loc[scarce, ["reference_mean", "mean", "difference", "low", "high"]] = float("nan")
    table.loc[scarce, "verdict"] = CANNOT_BE_SAID
    lines = str(replace_parts(found, differences=table)).splitlines()
    averted = [line.split() for line in lines if "Harm averted" in line]
    assert averted == [["Harm", "averted", "–", "–", "–", "–"]] * len(found.others)
