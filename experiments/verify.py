"""Verify the engine: dock it with the textbook twin, break it on purpose, and fill in the page that tells of it.

python experiments/verify.py [--mutations]

With --mutations only the deliberate faults are tried and their table is printed; otherwise everything is done, and the
tables of docs/model/verification.md are made anew. It takes some minutes.
"""

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.twin.docking import TOLERANCE, Docked, dock  # noqa: E402
from tests.twin.mutations import FAULTS, Fault, caught  # noqa: E402
from tests.twin.scenarios import SCENARIOS, scenario  # noqa: E402

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
    found: Docked

    def row(self) -> str:
        """Its row of the table."""
        cells = f"{self.children:,} | {self.seed} | {self.weeks} | {len(self.found.history):,}"
        return f"| {self.scenario} | {cells} | {self.found.gap:.0e} |"


def docking(name: str, seed: int, children: int = 2_000) -> Docking:
    """Dock one scenario; raises `Diverged` if the histories part."""
    settings = scenario(name, population={"children": children, "children_per_area": children // 8})
    world = draw_world(settings, seed)
    return Docking(name, children, seed, world.weeks, dock(settings, world))


def mutation_rows(faults: Sequence[Fault] = FAULTS) -> list[str]:
    """Rows of the table of deliberate faults."""
    return [_mutation_row(fault) for fault in faults]


def _mutation_row(fault: Fault) -> str:
    found = caught(fault)
    if found is None:
        return f"| {fault.says} | **not found** | |"
    name, report = found
    return f"| {fault.says} | {name} | {_first_sign(report)} |"


def _first_sign(report: str) -> str:
    """The first line of a report at which engine and twin differ."""
    lines = [line for line in report.splitlines() if line.startswith("> ")]
    if not lines:
        return re.sub(r"(\d\.\d{4})\d+", r"\1", report)
    left, right = lines[0][2:60].strip(), lines[0][60:].strip()
    return f"{left if left != '-' else 'nothing'}; twin: {right if right != '-' else 'nothing'}"


def summary(dockings: Sequence[Docking]) -> list[str]:
    """What the dockings come to."""
    events = sum(len(each.found.history) for each in dockings)
    closest = min(each.found.closest for each in dockings)
    gap = max(each.found.gap for each in dockings)
    return [
        f"- {len(dockings)} dockings, {events:,} events, no difference;",
        f"- values count as equal within {TOLERANCE:.0e}, relative above 1 and absolute below;"
        f" the largest gap found is {gap:.0e};",
        f"- the closest of all decisions about noticing and telling was {closest:.0e} from going the other way.",
    ]


def _head(*columns: str) -> list[str]:
    return [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]


def filled(page: str, tables: Mapping[str, Sequence[str]]) -> str:
    """The page with what stands between its marks made anew.

    Raises:
        ValueError: the page lacks a mark.
    """
    for name, lines in tables.items():
        start, end = f"<!-- {name}: made by experiments/verify.py -->\n", "<!-- end -->"
        if page.count(start) != 1:
            raise ValueError(f"the page has no place for {name}")
        before, rest = page.split(start)
        page = before + start + "\n".join(["", *lines, "", ""]) + end + rest.split(end, 1)[1]
    return page


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mutations", action="store_true", help="only try the deliberate faults")
    chosen = parser.parse_args(arguments)
    if chosen.mutations:
        print(*mutation_rows(), sep="\n")
        return
    small = [docking(name, seed) for name in SCENARIOS for seed in SEEDS]
    larger = [docking(name, seed, LARGE) for name, seed in LARGER]
    rows = [each.row() for each in [*small, *larger]]
    tables = {
        "summary": summary([*small, *larger]),
        "dockings": [*_head("scenario", "children", "seed", "weeks", "events equal", "largest gap"), *rows],
        "faults": [*_head("fault", "found in scenario", "first sign: engine; twin"), *mutation_rows()],
    }
    PAGE.write_text(filled(PAGE.read_text("utf-8"), tables), "utf-8")


if __name__ == "__main__":
    main()
