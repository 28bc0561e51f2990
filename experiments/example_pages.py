"""Renew the example reports in `docs/examples`: four runs, a comparison and a sweep, as the commands leave them.

python experiments/example_pages.py              # all of them; some minutes
python experiments/example_pages.py scandal_pulse  # one of them
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
question: What do lower thresholds find, whom do they trouble, and do more hours move the trade between the two?
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
"""A corner of `thresholds_frontier.yaml` that takes a minute instead of twenty."""


def cpsim(*words: str) -> None:
    main.main([*words, "--quiet"], standalone_mode=False)


def written(name: str, folder: Path) -> Path:
    """Make one example in an empty folder, and return its page."""
    out = folder / "out"
    if name in RUNS:
        cpsim("run", name, "--out", str(out))
    elif name == COMPARISON:
        alike = ("--set", "clock.start=2007-04-01", "--set", "clock.years=6")
        cpsim("compare", "small", "scandal_pulse", "--seeds", "8", *alike, "--out", str(out))
    else:
        file = folder / f"{SWEEP}.yaml"
        file.write_text(THRESHOLDS, encoding="utf-8")
        cpsim("sweep", str(file), "--out", str(out))
        cpsim("analyse", str(out))
    return out / "report.html"


def renew(name: str) -> None:
    EXAMPLES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        shutil.copyfile(written(name, Path(folder)), EXAMPLES / f"{name}.html")


if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in NAMES]
    if unknown:
        sys.exit(f"no example is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    for chosen in sys.argv[1:] or NAMES:
        renew(chosen)
        print(EXAMPLES / f"{chosen}.html")
