"""Build the example reports in `docs/examples`: those of four runs, a comparison and a sweep.

python tools/example_pages.py              # all of them; some minutes
python tools/example_pages.py scandal_pulse  # one of them
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from cpsim.cli import main

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"

RUNS = ("baseline", "childrens_trust", "shared_records", "scandal_pulse")
COMPARISON, SWEEP = "scandal_pulse_against_small", "thresholds"
NAMES = (*RUNS, COMPARISON, SWEEP)

THRESHOLDS = """\
name: thresholds
question: What do lower thresholds change in misses and assessments, and do more hours improve the trade-off?
base: small

arms:
  thresholds_alone:
    timeline:
      - {date: 2005-04-01, lever: thresholds, kinds: [school, gp, pct, hospital, police]}
      - {date: 2005-04-01, lever: thresholds, kinds: [front_door]}
  more_hours:
    timeline:
      - {date: 2005-04-01, lever: thresholds, kinds: [school, gp, pct, hospital, police]}
      - {date: 2005-04-01, lever: thresholds, kinds: [front_door]}
      - {date: 2005-04-01, lever: budget, step: 0.15}

vary:
  timeline[0].shift: [-1, 0, 1]
  timeline[1].shift: [-1, 0, 1]

seeds: 6
years: 2
"""
"""A small part of `thresholds_frontier.yaml`, which takes a minute instead of twenty."""

FEWER_SEEDS = THRESHOLDS.replace("seeds: 6", "seeds: 2").replace("[-1, 0, 1]", "[-1, 1]")


def run_cpsim(*arguments: str) -> None:
    main.main([*arguments, "--quiet"], standalone_mode=False)


def write_example(name: str, folder: Path, *, quick: bool = False) -> Path:
    """Write one example into an empty folder, and return the path of its report.

    With `quick`, all but the baseline have fewer children and seeds; the pages have the same parts.
    """
    out = folder / "out"
    size = ("--set", "population.children=2000") if quick and name != "baseline" else ()
    if name in RUNS:
        run_cpsim("run", name, *size, "--out", str(out))
    elif name == COMPARISON:
        seeds = "2" if quick else "8"
        same = ("--set", "clock.start=2007-04-01", "--set", "clock.years=6", *size)
        run_cpsim("compare", "small", "scandal_pulse", "--seeds", seeds, *same, "--out", str(out))
    else:
        file = folder / f"{SWEEP}.yaml"
        file.write_text(FEWER_SEEDS if quick else THRESHOLDS, encoding="utf-8")
        run_cpsim("sweep", str(file), "--out", str(out))
        run_cpsim("analyse", str(out))
    return out / "report.html"


def build_example(name: str) -> None:
    EXAMPLES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        shutil.copyfile(write_example(name, Path(folder)), EXAMPLES / f"{name}.html")


if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in NAMES]
    if unknown:
        sys.exit(f"no example is called {', '.join(unknown)}; choose from {', '.join(NAMES)}")
    for name in sys.argv[1:] or NAMES:
        build_example(name)
        print(EXAMPLES / f"{name}.html")
