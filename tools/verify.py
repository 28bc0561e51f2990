"""Verify the engine: compare it with the textbook twin, put deliberate faults into it, and update the results page.

python tools/verify.py [--mutations]

With --mutations only the deliberate faults are tried, and their table is printed. Otherwise everything is done, and the
tables of docs/model/verification.md are rewritten, which takes some minutes.
"""

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.twin.docking import TOLERANCE, DockingResult, dock  # noqa: E402
from tests.twin.mutations import FAULTS, Fault, find_fault  # noqa: E402
from tests.twin.scenarios import SCENARIOS, build_scenario  # noqa: E402

from cpsim.world import draw_world  # noqa: E402

SEEDS = (1, 2)
LARGER = (("baseline", 3), ("long careers", 3))
LARGE = 20_000
PAGE = ROOT / "docs" / "model" / "verification.md"


@dataclass(frozen=True)
class Docking:
    """One comparison of engine and twin."""

    scenario: str
    children: int
    seed: int
    weeks: int
    result: DockingResult

    def format_row(self) -> str:
        """Format the row of the table."""
        cells = f"{self.children:,} | {self.seed} | {self.weeks} | {len(self.result.history):,}"
        return f"| {self.scenario} | {cells} | {self.result.largest_difference:.0e} |"


def dock_scenario(name: str, seed: int, children: int = 2_000) -> Docking:
    """Dock one scenario; raises `DivergenceError` if engine and twin differ."""
    settings = build_scenario(name, population={"children": children, "children_per_area": children // 8})
    world = draw_world(settings, seed)
    return Docking(name, children, seed, world.weeks, dock(settings, world))


def format_fault_rows(faults: Sequence[Fault] = FAULTS) -> list[str]:
    """Format the rows of the table of deliberate faults."""
    return [_format_fault_row(fault) for fault in faults]


def _format_fault_row(fault: Fault) -> str:
    found = find_fault(fault)
    if found is None:
        return f"| {fault.description} | **not found** | |"
    name, report = found
    return f"| {fault.description} | {name} | {_find_first_sign(report)} |"


def _find_first_sign(report: str) -> str:
    """Return the first line of a report in which engine and twin differ."""
    lines = [line for line in report.splitlines() if line.startswith("> ")]
    if not lines:
        return re.sub(r"(\d\.\d{4})\d+", r"\1", report)
    left, right = lines[0][2:60].strip(), lines[0][60:].strip()
    return f"{left if left != '-' else 'nothing'}; twin: {right if right != '-' else 'nothing'}"


def format_summary(dockings: Sequence[Docking]) -> list[str]:
    """Summarise all comparisons."""
    events = sum(len(each.result.history) for each in dockings)
    smallest_margin = min(each.result.smallest_margin for each in dockings)
    largest_difference = max(each.result.largest_difference for each in dockings)
    return [
        f"- {len(dockings)} comparisons, {events:,} events, no difference;",
        f"- values count as equal within {TOLERANCE:.0e}, relative above 1 and absolute below;"
        f" the largest difference found is {largest_difference:.0e};",
        f"- the smallest distance of any noticing or sharing decision from its threshold was {smallest_margin:.0e}.",
    ]


def _format_head(*columns: str) -> list[str]:
    return [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]


def fill_page(page: str, tables: Mapping[str, Sequence[str]]) -> str:
    """Return the page with new text between its marks.

    Raises:
        ValueError: the page does not have exactly one mark for a table.
    """
    for name, lines in tables.items():
        start, end = f"<!-- {name}: made by tools/verify.py -->\n", "<!-- end -->"
        if page.count(start) != 1:
            raise ValueError(f"the page needs exactly one line {start.strip()!r}")
        before, rest = page.split(start)
        page = before + start + "\n".join(["", *lines, "", ""]) + end + rest.split(end, 1)[1]
    return page


def main(arguments: Sequence[str] | None = None) -> None:
    """Verify as the arguments of the command line say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mutations", action="store_true", help="try only the deliberate faults")
    options = parser.parse_args(arguments)
    if options.mutations:
        print(*format_fault_rows(), sep="\n")
        return
    small = [dock_scenario(name, seed) for name in SCENARIOS for seed in SEEDS]
    larger = [dock_scenario(name, seed, LARGE) for name, seed in LARGER]
    rows = [each.format_row() for each in [*small, *larger]]
    tables = {
        "summary": format_summary([*small, *larger]),
        "dockings": [
            *_format_head("scenario", "children", "seed", "weeks", "equal events", "largest gap"),
            *rows,
        ],
        "faults": [
            *_format_head("fault", "found in scenario", "first sign: engine; twin"),
            *format_fault_rows(),
        ],
    }
    PAGE.write_text(fill_page(PAGE.read_text("utf-8"), tables), "utf-8")


if __name__ == "__main__":
    main()
