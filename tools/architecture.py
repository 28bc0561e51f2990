"""Draw the rooms of the program and the steps of a week, for `docs/architecture.md`.

python tools/architecture.py    # docs/images/architecture.svg, from the import layers in pyproject.toml and the plan
"""

import re
import tomllib
from html import escape
from pathlib import Path

from cpsim.simulation import PLAN

ROOT = Path(__file__).parents[1]
DRAWING = ROOT / "docs" / "images" / "architecture.svg"

WIDTH, ROW, GAP = 960, 34, 10
COLUMN = 600
"""Width of the rooms; the steps of the week are on the right of them."""
STYLE = """\
text { font: 15px sans-serif; fill: #222222 }
.head { font-weight: bold }
rect { fill: #e8f1f8; stroke: #0072b2 }
@media (prefers-color-scheme: dark) {
  text { fill: #eeeeee }
  rect { fill: #12324a; stroke: #56b4e9 }
}"""


def read_floors() -> list[list[str]]:
    """Read the rooms of each floor, the highest first: a room imports only from the floors below it."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["id"] == "layers"]
    return [re.findall(r"[\w.]+", layer) for layer in layers]


def draw_box(text: str, left: float, top: float, width: float) -> str:
    middle = f'x="{left + width / 2:g}" y="{top + ROW / 2 + 5:g}" text-anchor="middle"'
    return (
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{ROW}" rx="4"/>'
        f"<text {middle}>{escape(text)}</text>"
    )


def draw() -> str:
    """Draw the rooms on the left and the steps of a week on the right, as SVG."""
    floors = read_floors()
    lines = [f'<text class="head" x="{GAP}" y="24">Rooms: each imports only from the rows below</text>']
    for row, rooms in enumerate(floors):
        width = (COLUMN - GAP * (len(rooms) + 1)) / len(rooms)
        top = 40 + row * (ROW + GAP)
        lines += [draw_box(room, GAP + place * (width + GAP), top, width) for place, room in enumerate(rooms)]
    lines.append(f'<text class="head" x="{COLUMN + 30}" y="24">A week: these steps, in order</text>')
    for row, step in enumerate(PLAN):
        lines.append(
            draw_box(f"{row + 1}. {step.name}", COLUMN + 30, 40 + row * (ROW + GAP), WIDTH - COLUMN - 40)
        )
    height = 40 + max(len(floors), len(PLAN)) * (ROW + GAP)
    label = 'role="img" aria-label="The rooms of cpsim by floor, and the steps of a week"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {label}>'
    return "\n".join([opening, f"<style>{STYLE}</style>", *lines, "</svg>", ""])


if __name__ == "__main__":
    DRAWING.write_text(draw(), encoding="utf-8")
