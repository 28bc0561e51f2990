"""The page states known effects, no more than the design allows, and what it cannot conclude."""

import re
from dataclasses import replace

import pytest
from tests.analysis.studies import ALARMS, ARMS, LISTS, MISSES, MONEY, TRUST, VACANCIES, arm, study

from cpsim.analysis.findings import Findings, Study, collect_findings
from cpsim.analysis.page import format_page
from cpsim.experiment.definition import Grid, LatinHypercube, Morris, OneAtATime, Sobol
from cpsim.formatting import format_number

DRAWN = LatinHypercube(kind="latin_hypercube", points=60)
ALONE = {"as_it_was": ARMS["as_it_was"]}


@pytest.fixture(scope="module")
def drawn() -> Study:
    return study(DRAWN)


@pytest.fixture(scope="module")
def found(drawn: Study) -> Findings:
    return collect_findings(drawn)


@pytest.fixture(scope="module")
def text(drawn: Study, found: Findings) -> str:
    return format_page(drawn, found, {"differences": ["differences"], "effects": ["effects"]})


def read_summary(text: str) -> list[str]:
    return re.findall(r"^- (.*)$", text.partition("## In short")[2].partition("\n## ")[0], re.MULTILINE)


def read_limits(text: str) -> str:
    return text.partition("## What cannot be concluded")[2]


def test_arms_on_drawn_points_get_every_table_they_allow(found: Findings) -> None:
    assert set(found.tables) == {
        "differences", "differences_by_point", "seeds", "effects", "interactions", "conditions", "conditions_way",
        "pareto", "regret",
    }  # fmt: skip
    assert found.gaps == []


def test_a_lower_outcome_is_reported_with_a_positive_size(text: str) -> None:
    lower = [line for line in read_summary(text) if re.search(r" fell by | less a year", line)]
    assert lower
    for line in lower:
        value, low, high = map(
            float, re.search(r"£?(\d[\d.,]*)[^(]* \(£?([\d.,]+) to £?([\d.,]+)\)", line).groups()
        )  # type: ignore[union-attr]
        assert 0 < low <= value <= high, "the ends are in the order of their sizes"


def test_an_arm_without_any_effect_is_reported_as_the_same() -> None:
    twins = study(DRAWN, arms={"as_it_was": ARMS["as_it_was"], "renamed": ARMS["as_it_was"]})
    said = read_summary(format_page(twins, collect_findings(twins), {}))
    assert "Missed risk: the same with renamed as with as_it_was, with every seed." in said


def test_known_effects_are_stated_and_others_are_reported_as_not_shown(text: str) -> None:
    said = read_summary(text)
    assert any(
        re.match(r"(7.9|8).* more families a year per 10,000 children were assessed", line)
        and line.endswith("with bound compared with as_it_was.")
        for line in said
    )
    not_shown = [
        line for line in said if "no difference was shown with asked compared with as_it_was" in line
    ]
    assert len(not_shown) == 3
    assert all(line.endswith("would have been seen).") for line in not_shown)
    assert any(
        re.match(r"From the lowest to the highest vacancy share, the system cost £\S+ less a year", line)
        for line in said
    )
    assert any(
        line.startswith(
            "No setting was shown to move families assessed with neither need nor harm in as_it_was (a change of"
        )
        for line in said
    )


def test_a_verdict_and_its_interval_agree(found: Findings) -> None:
    """No row says that a difference is not shown next to an interval that excludes zero, or the reverse."""
    for name in ("differences", "differences_by_point", "effects", "interactions"):
        table = found.tables[name]
        excludes_zero = (table["low"] > 0) | (table["high"] < 0)
        assert (excludes_zero == ~table["verdict"].isin(["no difference shown", "cannot be said"])).all(), (
            name
        )
        assert (table["tests"] > 0).all(), name


def test_the_conditions_under_which_a_duty_backfires_are_stated(text: str, found: Findings) -> None:
    (line,) = (
        line
        for line in read_summary(text)
        if line.startswith("Missed risk: higher, and so worse, with bound than with as_it_was mostly where")
    )
    assert "trust start is below 0.3" in line
    assert "vacancy share is above" in line
    assert not found.boxes["asked", MISSES].is_better_than_chance


def test_a_duty_with_more_families_with_neither_at_all_points_is_worse_at_all_points(text: str) -> None:
    assert (
        "Assessed, neither need nor harm: higher, and so worse, with bound than with as_it_was at all of the points."
        in read_summary(text)
    )


def test_the_page_shows_the_figures_that_are_there_and_no_others(text: str) -> None:
    assert re.findall(r"\]\((\w+)\.png\)", text) == ["differences", "effects"]


def test_names_from_a_file_do_not_break_tables_or_headings(text: str) -> None:
    assert text.startswith("# Does a duty help when trust is low?\n\n**Averaged over the points, ")
    assert "\n\nduty \\| trust: 720 of 720 runs: " in text
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_the_page_ends_with_what_cannot_be_concluded(text: str) -> None:
    assert "With 4 seeds, chance is estimated poorly" in read_limits(text)
    assert "prediction about a real child" in read_limits(text)


def test_equal_arms_have_no_conditions_although_each_is_worse_somewhere() -> None:
    alike = study(DRAWN, arms={"old": arm(1), "new": arm(2)})
    found = collect_findings(alike)
    assert "setting" in found.tables["conditions"]
    said = [line for line in read_summary(format_page(alike, found, {})) if "with new than with old" in line]
    assert len(said) == 3
    assert all("no conditions are shown" in line for line in said)


def test_failed_runs_are_counted_and_left_out(drawn: Study) -> None:
    runs = drawn.runs.copy()
    runs.loc[:4, "status"] = "failed"
    runs.loc[:4, [MISSES, ALARMS, MONEY]] = float("nan")
    broken = replace(drawn, runs=runs)
    found = collect_findings(broken)
    assert "5 runs failed and are left out." in format_page(broken, found, {})
    assert found.tables["differences"]["points"].unique().tolist() == [58]


def test_a_sweep_that_was_stopped_is_analysed_from_its_finished_runs(drawn: Study) -> None:
    part = replace(drawn, runs=drawn.runs[drawn.runs["point"] < 30])
    assert "360 of 720 runs" in format_page(part, collect_findings(part), {})


def test_with_one_seed_on_a_grid_chance_is_not_estimated() -> None:
    single = study(Grid(), seeds=1, vary=LISTS)
    text = format_page(single, collect_findings(single), {})
    assert "There is only one seed" in read_limits(text)
    assert "these points only" in read_limits(text)
    assert "6 complete points are too few to find conditions" in read_limits(text)
    said = [line for line in read_summary(text) if "compared with" in line]
    assert said
    assert all("cannot be said" in line and "chance cannot be estimated" in line for line in said)
    assert "## How many seeds" not in text


def test_one_arm_on_a_grid_compares_the_listed_points() -> None:
    alone = study(Grid(), arms=ALONE, vary=LISTS)
    found = collect_findings(alone)
    assert set(found.tables) == {"seeds", "effects", "interactions", "pareto"}
    assert found.tables["pareto"].index.name == "point"
    assert {TRUST, VACANCIES} <= set(found.tables["pareto"])
    assert any("only one arm" in gap for gap in found.gaps)


def test_arms_at_listed_points_are_separate_alternatives() -> None:
    chosen = study(Grid(), vary=LISTS)
    found = collect_findings(chosen)
    assert found.tables["pareto"].index.names == ["arm", "point"]
    assert len(found.tables["pareto"]) == 3 * 6
    assert any(
        re.match(
            r"(Dominated|Undecided|On the front), of 18 arms and points: \w+ at trust start 0.\d and vacancy share 0",
            line,
        )
        for line in read_summary(format_page(chosen, found, {}))
    )


def test_sobol_and_morris_designs_get_their_own_indices() -> None:
    sobol = study(Sobol(kind="sobol", base_points=16), arms=ALONE)
    table = collect_findings(sobol).tables["sobol"]
    last = table[table["base_points"] == 16]
    money = last[last["outcome"] == MONEY].set_index("setting")["total"]
    assert money[VACANCIES] > 0.8
    assert money[TRUST] < 0.2
    assert "pareto" not in collect_findings(sobol).tables
    morris = study(Morris(kind="morris", trajectories=8), arms=ALONE)
    table = collect_findings(morris).tables["morris"]
    largest = table[table["outcome"] == MONEY].sort_values("mu_star").iloc[-1]
    assert largest["setting"] == VACANCIES
    assert largest["mu_star"] == pytest.approx(40, rel=0.1)


def test_a_sobol_sweep_with_few_finished_points_has_no_indices() -> None:
    whole = study(Sobol(kind="sobol", base_points=16), arms=ALONE)
    begun = replace(whole, runs=whole.runs[whole.runs["point"] < 9])
    found = collect_findings(begun)
    assert "sobol" not in found.tables
    assert any("only 2 blocks of 4 points" in gap for gap in found.gaps)


def test_settings_varied_one_at_a_time_give_no_interactions() -> None:
    found = collect_findings(study(OneAtATime(kind="one_at_a_time"), arms=ALONE))
    assert "effects" in found.tables
    assert "interactions" not in found.tables
    assert any("cannot separate" in gap for gap in found.gaps)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (1234567.8, "1,234,568"), (23.456, "23.5"), (-0.012345, "−0.0123"), (0.1, "0.1"), (float("inf"), "∞"),
     (200.0, "200"), (1e-9, "0")],
)  # fmt: skip
def test_numbers_have_three_significant_digits(value: float, shown: str) -> None:
    assert format_number(value) == shown
