"""`cpsim plan` lists the steps of a week without a look at the code."""

import re
from pathlib import Path

from click.testing import CliRunner, Result

from cpsim.cli import main
from cpsim.model import PLAN


def plan(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plan", *arguments])


def test_the_steps_of_a_week_are_numbered_in_their_order() -> None:
    ran = plan("small")
    assert ran.exit_code == 0, ran.output
    rows = [re.split(r" {2,}", line.strip()) for line in ran.stdout.splitlines()[1:]]
    assert rows == [[str(number), step.name, step.description] for number, step in enumerate(PLAN, start=1)]


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
