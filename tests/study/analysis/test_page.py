"""The page says what is known to be so, says no more than the design allows, and says what it leaves open."""

import re
from dataclasses import replace

import pytest
from tests.study.analysis.studies import ALARMS, ARMS, LISTS, MISSES, MONEY, TRUST, VACANCIES, arm, study

from cpsim.study.analysis.findings import Findings, Study, findings
from cpsim.study.analysis.page import page
from cpsim.study.analysis.wording import number
from cpsim.study.definition import Grid, LatinHypercube, Morris, OneAtATime, Sobol

DRAWN = LatinHypercube(kind="latin_hypercube", points=60)
ALONE = {"as_it_was": ARMS["as_it_was"]}


@pytest.fixture(scope="module")
def drawn() -> Study:
    return study(DRAWN)


@pytest.fixture(scope="module")
def found(drawn: Study) -> Findings:
    return findings(drawn)


@pytest.fixture(scope="module")
def text(drawn: Study, found: Findings) -> str:
    return page(drawn, found, ["differences", "effects"])


def in_short(text: str) -> list[str]:
    return re.findall(r"^- (.*)$", text.partition("## In short")[2].partition("\n## ")[0], re.MULTILINE)


def words(outcome: str) -> str:
    return outcome.replace("_", " ")


def gaps(text: str) -> str:
    return text.partition("## What cannot be said")[2]


def test_every_question_that_arms_on_drawn_points_allow_is_asked(found: Findings) -> None:
    assert set(found.tables) == {
        "differences", "differences_by_point", "seeds", "effects", "interactions", "conditions", "conditions_way",
        "pareto", "regret",
    }  # fmt: skip
    assert found.gaps == []


def test_what_is_lower_is_lower_by_so_much_and_not_by_less_than_nothing(text: str) -> None:
    lowers = [line for line in in_short(text) if re.search(r"lowers it by|: lower, by", line)]
    assert lowers
    for line in lowers:
        value, low, high = map(float, re.search(r"by ([\d.,]+) \(([\d.,]+) to ([\d.,]+)\)", line).groups())  # type: ignore[union-attr]
        assert 0 < low < value < high


def test_an_arm_that_changes_nothing_is_said_to_be_the_same() -> None:
    twins = study(DRAWN, arms={"as_it_was": ARMS["as_it_was"], "renamed": ARMS["as_it_was"]})
    said = in_short(page(twins, findings(twins), []))
    assert f"{words(MISSES)} with renamed against as_it_was: the same, with every seed." in said


def test_what_is_so_is_said_and_what_is_not_shown_is_said_to_be_not_shown(text: str) -> None:
    said = in_short(text)
    assert any(
        re.match(f"{words(ALARMS)} with bound against as_it_was: higher, by (7.9|8)", line) for line in said
    )
    assert sum("with asked against as_it_was: no difference shown" in line for line in said) == 3
    assert any(
        f"moves cost gbp per child year most is `{VACANCIES}`" in line and "lowers" in line for line in said
    )
    assert "No setting is shown to move false alarm families per 10k year." in said


def test_what_only_its_own_interval_shows_is_put_down_to_the_number_of_comparisons(
    drawn: Study, found: Findings
) -> None:
    table = found.tables["differences"].head(1).assign(low=0.1, high=0.3, verdict="no difference shown")
    (line,) = in_short(page(drawn, Findings({"differences": table}), []))
    assert line.endswith(
        "no difference shown; 0.1 to 0.3 alone would be one, but among so many it may be chance."
    )


def test_the_conditions_under_which_a_duty_backfires_are_told(text: str, found: Findings) -> None:
    (line,) = (line for line in in_short(text) if line.startswith("bound has a higher missed risk rate"))
    assert f"`{TRUST}` is below 0.3" in line
    assert f"`{VACANCIES}` is above" in line
    assert not found.boxes["asked", MISSES].shown


def test_a_duty_that_costs_alarms_at_all_points_is_worse_at_all_points(text: str) -> None:
    assert (
        "bound has a higher false alarm families per 10k year than as_it_was at all of the points."
        in in_short(text)
    )


def test_the_page_shows_the_figures_that_are_there_and_no_others(text: str) -> None:
    assert re.findall(r"\]\((\w+)\.png\)", text) == ["differences", "effects"]


def test_names_from_a_file_break_no_table_or_heading(text: str) -> None:
    assert text.startswith("# duty / trust: what was found\n\nDoes a duty help when nobody trusts?\n\n")
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_the_page_ends_with_what_cannot_be_said(text: str) -> None:
    assert "4 seeds hardly tell" in gaps(text)
    assert "predicts for no real child" in gaps(text)


def test_arms_that_are_alike_have_no_conditions_though_each_is_worse_somewhere() -> None:
    alike = study(DRAWN, arms={"old": arm(1), "new": arm(2)})
    found = findings(alike)
    assert "setting" in found.tables["conditions"]
    said = [line for line in in_short(page(alike, found, [])) if line.startswith("new has")]
    assert len(said) == 3
    assert all("no conditions are shown" in line for line in said)


def test_failed_runs_are_counted_and_left_out(drawn: Study) -> None:
    runs = drawn.runs.copy()
    runs.loc[:4, "status"] = "failed"
    runs.loc[:4, [MISSES, ALARMS, MONEY]] = float("nan")
    broken = replace(drawn, runs=runs)
    told = findings(broken)
    assert "5 runs failed and are left out." in page(broken, told, [])
    assert told.tables["differences"]["points"].unique().tolist() == [58]


def test_a_sweep_that_was_stopped_is_told_from_what_is_there(drawn: Study) -> None:
    part = replace(drawn, runs=drawn.runs[drawn.runs["point"] < 30])
    assert "360 of 720 runs" in page(part, findings(part), [])


def test_one_seed_on_a_grid_leaves_chance_open() -> None:
    single = study(Grid(), seeds=1, vary=LISTS)
    text = page(single, findings(single), [])
    assert "There is one seed only" in gaps(text)
    assert "exactly these" in gaps(text)
    assert "6 whole points are too few to look for conditions" in gaps(text)
    assert all("cannot be said" in line for line in in_short(text) if "against" in line)
    assert "## How many seeds" not in text


def test_one_arm_on_a_grid_compares_the_points_that_were_chosen() -> None:
    alone = study(Grid(), arms=ALONE, vary=LISTS)
    found = findings(alone)
    assert set(found.tables) == {"seeds", "effects", "interactions", "pareto"}
    assert found.tables["pareto"].index.name == "point"
    assert {TRUST, VACANCIES} <= set(found.tables["pareto"])
    assert any("one arm only" in gap for gap in found.gaps)


def test_arms_at_points_that_were_chosen_are_alternatives_of_their_own() -> None:
    chosen = study(Grid(), vary=LISTS)
    found = findings(chosen)
    assert found.tables["pareto"].index.names == ["arm", "point"]
    assert len(found.tables["pareto"]) == 3 * 6
    assert any(
        re.match(r"(Dominated|Cannot be told|On the front), of 18 arms and points: \w+ at point \d", line)
        for line in in_short(page(chosen, found, []))
    )


def test_sobol_and_morris_designs_get_their_own_indices() -> None:
    sobol = study(Sobol(kind="sobol", base_points=16), arms=ALONE)
    table = findings(sobol).tables["sobol"]
    last = table[table["base_points"] == 16]
    money = last[last["outcome"] == MONEY].set_index("setting")["total"]
    assert money[VACANCIES] > 0.8
    assert money[TRUST] < 0.2
    assert "pareto" not in findings(sobol).tables
    morris = study(Morris(kind="morris", trajectories=8), arms=ALONE)
    table = findings(morris).tables["morris"]
    largest = table[table["outcome"] == MONEY].sort_values("mu_star").iloc[-1]
    assert largest["setting"] == VACANCIES
    assert largest["mu_star"] == pytest.approx(40, rel=0.1)


def test_a_sobol_sweep_that_has_hardly_begun_says_so() -> None:
    whole = study(Sobol(kind="sobol", base_points=16), arms=ALONE)
    begun = replace(whole, runs=whole.runs[whole.runs["point"] < 9])
    found = findings(begun)
    assert "sobol" not in found.tables
    assert any("only 2 blocks of 4 points" in gap for gap in found.gaps)


def test_settings_varied_one_at_a_time_leave_interactions_open() -> None:
    found = findings(study(OneAtATime(kind="one_at_a_time"), arms=ALONE))
    assert "effects" in found.tables
    assert "interactions" not in found.tables
    assert any("cannot tell" in gap for gap in found.gaps)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (1234567.8, "1,234,568"), (23.456, "23.5"), (-0.012345, "−0.0123"), (0.1, "0.1"), (float("inf"), "∞"),
     (200.0, "200"), (1e-9, "0")],
)  # fmt: skip
def test_numbers_are_short_and_plain(value: float, shown: str) -> None:
    assert number(value) == shown
