"""`cpsim compare` prints a summary, writes a complete folder, and leaves nothing after an error."""

import json
import math
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result
from pandas.testing import assert_frame_equal
from scipy import stats
from tests.present.pages import extract_text

from cpsim.cli import main
from cpsim.measures.outcomes import OUTCOMES
from cpsim.parallel.engine import open_in_process_engine
from cpsim.results import Comparison

TINY = """\
extends: small
name: tiny
population: {children: 1500}
clock: {years: 1, warm_up_years: 1}
"""
OUTCOME_WITHOUT_SIZE = next(
    name for name, each in OUTCOMES.items() if each.is_share and not each.parts and not each.interest
)
DUTY = (
    f"{TINY}timeline: [{{date: 2005-04-01, lever: duty, kinds: [school, gp], bound: true, awareness: 0.9}}]\n"
)


def enter_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter a working folder with two scenarios; all runs are done in this process."""
    (folder / "tiny.yaml").write_text(TINY, "utf-8")
    (folder / "duty.yaml").write_text(DUTY.replace("name: tiny", "name: a duty"), "utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setattr("cpsim.parallel.engine.open_local_engine", lambda _: open_in_process_engine())
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return enter_folder(tmp_path, monkeypatch)


def cpsim(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["compare", *arguments])


QUICK = ("tiny.yaml", "duty.yaml", "--seeds", "2", "--no-prevalence", "--no-figures")


class Done(NamedTuple):
    """A comparison that was made, and its folder."""

    result: Result
    folder: Path


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A comparison of two seeds, without figures."""
    folder = tmp_path_factory.mktemp("quick")
    with pytest.MonkeyPatch.context() as patched:
        enter_folder(folder, patched)
        return Done(cpsim(*QUICK), folder / "comparisons" / "a-duty-against-tiny")


def test_a_comparison_prints_a_summary_and_writes_a_folder(quick: Done) -> None:
    done = quick.result
    assert done.exit_code == 0, done.output
    assert "a duty compared with tiny · 2 seeds · 1 year from April 2005" in done.stdout
    for heading in ("Missed risk", "Harm", "Assessments", "Workload", "Money"):
        assert heading in done.stdout
    assert done.stdout.splitlines()[-1] == "Wrote comparisons/a-duty-against-tiny."
    assert done.stderr.startswith("4 runs: about ")
    found = Comparison.load(quick.folder)
    assert (found.arms, found.seeds, found.prevalences) == (("tiny", "a duty"), (1, 2), (None,))
    assert (found.primary, found.pilot) == ("missed_risk_rate", None)


def test_an_earlier_comparison_is_kept_and_the_next_one_has_a_number(folder: Path) -> None:
    (folder / "comparisons" / "a-duty-against-tiny").mkdir(parents=True)
    assert cpsim(*QUICK, "--quiet").output == "comparisons/a-duty-against-tiny-2\n"


def test_the_answer_comes_before_the_table(quick: Done) -> None:
    """The first line after the title answers the question, with what schools and GP practices did or missed risk."""
    answer = quick.result.stdout.partition("What it touches directly")[0]
    assert "missed risk" in answer.lower()
    assert "2 seeds are few" in answer


def test_figures_are_written_unless_they_are_left_out(folder: Path, quick: Done) -> None:
    done = cpsim(*QUICK[:-1], "--out", "with")
    assert done.stdout.splitlines()[-1] == "Wrote with. Open with/report.html."
    assert (folder / "with" / "figures" / "differences.svg").is_file()
    assert "a duty compared with tiny" in (folder / "with" / "report.html").read_text("utf-8")
    assert {file.name for file in quick.folder.iterdir()}.isdisjoint({"figures", "report.html"})


def test_json_output_is_the_file_of_the_comparison(folder: Path) -> None:
    done = cpsim(*QUICK, "--json", "--out", "found")
    assert done.output == (folder / "found" / "comparison.json").read_text("utf-8")
    assert json.loads(done.stdout)["arms"] == ["tiny", "a duty"]


def test_the_command_on_the_page_repeats_names_and_numbers(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "again.yaml").write_text(DUTY, "utf-8")  # its name is that of the first scenario
    arguments = ("tiny.yaml", "again.yaml", "--seeds", "2", "--prevalence", "3", "--out", "first")
    assert cpsim(*arguments).exit_code == 0
    page = extract_text((folder / "first" / "report.html").read_text("utf-8"))
    command = shlex.split(page.partition("cpsim compare ")[2].partition(" Provenance")[0])
    monkeypatch.chdir(folder / "first")
    assert cpsim(*command, "--out", "../second", "--no-figures").exit_code == 0
    first, second = (Comparison.load(folder / name) for name in ("first", "second"))
    assert first.arms == second.arms == ("tiny", "tiny (again.yaml)")
    assert_frame_equal(first.runs, second.runs, check_exact=True)
    assert first.to_json() == second.to_json()


NAMED = {
    "misspelt.yaml": "primary_outcome: missed_risk_rat\n",
    "part.yaml": "primary_outcome: contacts_by_kind_per_10k_year\n",
    "unsized.yaml": "primary_outcome: vulnerable_outcome\n",
    "cost.yaml": "primary_outcome: cost_gbp_per_child_year\n",
    "assessed.yaml": "primary_outcome: assessed_neither_per_10k_year\n",
}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("misspelt.yaml",), "misspelt.yaml:5:18: primary_outcome: there is no outcome 'missed_risk_rat'; did you mean "
         "'missed_risk_rate'?"),
        (("cost.yaml", "--set", "primary_outcome=missed_risk_rat"), "--set primary_outcome: there is no outcome "
         "'missed_risk_rat'; did you mean 'missed_risk_rate'?"),
        (("part.yaml",), "part.yaml:5:18: primary_outcome: contacts_by_kind_per_10k_year has parts; choose one, such "
         "as contacts_by_kind_per_10k_year.school"),
        (("unsized.yaml",), "unsized.yaml:5:18: primary_outcome: no smallest difference of interest is known for "
         "vulnerable_outcome; add size_of_interest, in its unit (share, 0 to 1)"),
        (("cost.yaml", "assessed.yaml"), "Error: cost.yaml and assessed.yaml name different primary outcomes or sizes "
         "of interest (cost_gbp_per_child_year; assessed_neither_per_10k_year); a comparison has one, which --set "
         "primary_outcome=NAME names for all"),
        (("cost.yaml", "--seeds", "3", "--most-seeds", "30"), "--seeds fixes the number of seeds, so --most-seeds has "
         "no effect; leave one of them out"),
        (("cost.yaml", "--most-seeds", "3"), "Invalid value for '--most-seeds': expected a whole number, 10 or "
         "greater, not '3'"),
        (("cost.yaml", "--set", "size_of_interest=0"),
         "--set size_of_interest: expected a number from 0.0001 to 1000000, not 0"),
    ],
)  # fmt: skip
def test_a_primary_outcome_that_cannot_be_judged_is_one_message_before_any_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    for name, line in NAMED.items():
        named = line.replace("vulnerable_outcome", OUTCOME_WITHOUT_SIZE)
        (folder / name).write_text(TINY.replace("name: tiny", f"name: {name}") + named, "utf-8")
    monkeypatch.setattr("cpsim.comparison.compare.run_tasks", pytest.fail)
    done = cpsim("tiny.yaml", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].endswith(message.replace("vulnerable_outcome", OUTCOME_WITHOUT_SIZE))
    assert not (folder / "comparisons").exists()


def test_two_files_with_one_name_are_distinguished_by_their_files(folder: Path) -> None:
    (folder / "again.yaml").write_text(DUTY, "utf-8")
    done = cpsim("tiny.yaml", "again.yaml", "--seeds", "1", "--no-prevalence", "--no-figures")
    assert done.exit_code == 0, done.output
    assert "tiny (again.yaml) compared with tiny" in done.stdout


def test_arms_of_other_children_are_said_with_the_setting_that_differs(folder: Path) -> None:
    more = TINY.replace("1500", "1600").replace("name: tiny", "name: larger")
    (folder / "larger.yaml").write_text(more, "utf-8")
    done = cpsim("tiny.yaml", "larger.yaml", "--seeds", "2", "--no-prevalence", "--no-figures")
    text = " ".join(done.stdout.split())
    assert "larger has other children than tiny, so they are compared without pairing" in text
    assert "population.children is 1500 in tiny and 1600 in larger" in text


def test_two_stages_announce_their_seeds_and_show_no_verdict_before_the_end(folder: Path) -> None:
    """The pilot seeds show how many seeds are needed; what they show of the outcome decides nothing."""
    settings = ("--set", "size_of_interest=0.5", "--set", "population.children=300")
    done = cpsim("tiny.yaml", "duty.yaml", "--no-prevalence", "--no-figures", "--out", "found", *settings)
    assert done.exit_code == 0, done.output
    assert "20 runs for the first 10 seeds: about " in done.stderr
    assert (
        "10 seeds settle a difference of 50 percentage points in missed risk, and so many are run"
        in done.stderr
    )
    for verdict in ("higher", "lower", "fell", "rose", "no change", "unclear"):
        assert verdict not in done.stderr
    assert Comparison.load("found").pilot == 10


def test_if_the_most_seeds_are_too_few_the_number_that_would_settle_it_is_announced(folder: Path) -> None:
    settings = ("--set", "size_of_interest=0.0001", "--most-seeds", "12")
    done = cpsim("tiny.yaml", "duty.yaml", "--no-prevalence", "--no-figures", "--out", "found", *settings)
    assert done.exit_code == 0, done.output
    found = Comparison.load("found")
    assert (len(found.seeds), found.pilot) == (12, 10)
    runs = found.runs.set_index("seed")["missed_risk_rate"]
    first, second = (runs[(found.runs["arm"] == arm).to_numpy()].head(10) for arm in found.arms)
    deviation = (second - first).std()
    needed = math.ceil((stats.t(9).ppf(0.975) * deviation / 0.00005) ** 2)
    assert (
        f"{needed:,} seeds would settle a difference of 0.01 percentage points in missed risk; 12 are run"
        in (done.stderr)
    )
    assert "whether missed risk changed is unclear" in found.describe()[0].lower()
    assert f"--most-seeds {needed} runs them all" in done.stderr


def test_settings_seeds_and_prevalences_reach_every_run(folder: Path) -> None:
    options = ("--seeds", "1", "--prevalence", "3", "--set", "sharing.share_noise=0.7", "--out", "found")
    done = cpsim(*QUICK[:2], *options, "--quiet", "--no-figures")
    assert (done.exit_code, done.output) == (0, "found\n")
    found = Comparison.load("found")
    assert [found.scenarios[arm]["sharing"]["share_noise"] for arm in found.arms] == [0.7, 0.7]
    assert (found.seeds, found.prevalences) == ((1,), (None, 0.03))
    assert len(found.runs) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tiny.yaml",), "at least two scenarios"),
        (("tiny.yaml", "nothing"), "no scenario 'nothing'"),
        (("tiny.yaml", "small"), "evaluate different years: clock.years is 1 in tiny and 5 in small"),
        (("tiny.yaml", "duty.yaml", "--set", "population.childrens=3"), "did you mean 'children'?"),
        (("tiny.yaml", "duty.yaml", "--seeds", "0"), "the number of seeds must be a whole number"),
        (("tiny.yaml", "duty.yaml", "--prevalence", "some"), "percentages separated by commas"),
        (("tiny.yaml", "duty.yaml", "--prevalence", "0"), "between 0 and 1"),
        (("tiny.yaml", "duty.yaml", "--prevalence", "99"), "no onset rate"),
        (("tiny.yaml", "duty.yaml", "--out", "."), "exists already"),
    ],
)
def test_invalid_input_is_reported_before_any_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.setattr("cpsim.comparison.compare.run_tasks", pytest.fail)
    done = cpsim(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert not (folder / "comparisons").exists()


def test_a_network_file_that_does_not_fit_is_invalid_input(folder: Path) -> None:
    (folder / "mine.graphml").write_text("<graphml/>", "utf-8")
    done = cpsim(*QUICK, "--set", "network.graphml=mine.graphml")
    assert done.exit_code == 2
    assert "mine.graphml" in done.stderr
    assert not (folder / "comparisons").exists()


def test_a_run_that_fails_ends_with_1_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("half a child")

    monkeypatch.setattr("cpsim.comparison.tasks.simulate_arms", broken)
    done = cpsim(*QUICK)
    assert done.exit_code == 1
    assert "seed 1: half a child" in done.stderr
    assert not (folder / "comparisons").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_comparison_that_is_stopped_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    for name, text in (("tiny.yaml", TINY), ("duty.yaml", DUTY)):
        (tmp_path / name).write_text(text, "utf-8")
    script = "from cpsim.cli import main; main()"
    running = subprocess.Popen(
        [sys.executable, "-c", script, "compare", "tiny.yaml", "duty.yaml", "--seeds", "5000", "--workers", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=tmp_path,
    )  # fmt: skip
    assert running.stderr is not None
    assert "40,000 runs" in running.stderr.readline()
    time.sleep(2)
    if number is signal.SIGINT:
        os.killpg(running.pid, number)  # a terminal signals every process of the group
    else:
        running.send_signal(number)
    output, errors = running.communicate(timeout=20)
    assert (running.returncode, output, errors) == (128 + number, "", "Stopped.\n")
    assert {path.name for path in tmp_path.iterdir()} == {"tiny.yaml", "duty.yaml"}
    assert has_ended(running.pid)


def has_ended(group: int) -> bool:
    """Whether no process of the group is left; waits up to five seconds."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
