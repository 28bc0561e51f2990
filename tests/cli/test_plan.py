"""`cpsim plan` lists the steps of a week without a look at the code."""

import re
from pathlib import Path

from click.testing import CliRunner, Result

from cpsim.casework.state import STATUSES
from cpsim.casework.transitions import TRANSITIONS
from cpsim.cli import main
from cpsim.simulation import PLAN


def plan(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plan", *arguments])


def test_the_steps_of_a_week_are_numbered_in_their_order() -> None:
    ran = plan("small")
    assert ran.exit_code == 0, ran.output
    rows = [re.split(r" {2,}", line.strip()) for line in ran.stdout.split("\n\n")[0].splitlines()[1:]]
    assert rows == [[str(number), step.name, step.description] for number, step in enumerate(PLAN, start=1)]


def test_the_columns_that_each_stage_reads_and_writes_follow_the_steps() -> None:
    lines = plan("small").stdout.split("\n\n")[1].splitlines()
    assert re.split(r" {2,}", lines[0]) == ["stage", "reads", "writes"]
    stages = [stage.__qualname__ for step in PLAN for stage in step.stages]
    assert [line.split()[0] for line in lines[1:]] == stages
    assert re.search(
        r"^request_help +casework\.authority, files\.site +casework\.messages_in_transit$",
        "\n".join(lines),
        re.M,
    )


def test_the_memory_that_a_run_needs_is_printed() -> None:
    assert "\nA run needs about 0.28 GB of memory, for 560,000 signs that" in plan("small").stdout


def test_the_events_of_the_timeline_follow_the_steps(tmp_path: Path) -> None:
    file = tmp_path / "duty.yaml"
    file.write_text(
        "name: duty\nextends: small\ntimeline:\n"
        "  - {date: 2006-09-01, lever: duty, kinds: [school, gp], bound: true, awareness: 0.45}\n",
        "utf-8",
    )
    ran = plan(str(file))
    assert re.search(r"^2006-09-01  duty +kinds school, gp; .*awareness 0\.45", ran.stdout, re.M), ran.stdout


def test_an_invalid_scenario_ends_with_2() -> None:
    ran = plan("smal")
    assert ran.exit_code == 2
    assert "did you mean 'small'?" in ran.stderr
    assert plan("small", "--set", "clock.years=0").exit_code == 2


def test_the_transitions_of_a_case_are_printed_without_a_scenario() -> None:
    ran = plan("--transitions")
    assert ran.exit_code == 0, ran.output
    rows = [re.split(r" {2,}", line.strip()) for line in ran.stdout.splitlines()]
    assert rows[0] == ["from", "to", "step", "when"]
    assert rows[1:] == [
        [STATUSES[row.before], STATUSES[row.after], row.step, row.description] for row in TRANSITIONS
    ]
    assert "--transitions" in plan("--help").stdout


def test_the_transitions_are_the_same_for_all_scenarios_so_that_naming_one_is_an_error() -> None:
    ran = plan("small", "--transitions")
    assert ran.exit_code == 2
    assert "leave out SCENARIO" in ran.stderr


def test_the_plan_of_a_week_needs_a_scenario() -> None:
    ran = plan()
    assert ran.exit_code == 2
    assert "Missing argument 'SCENARIO'" in ran.stderr
