"""The pictures of `docs/figures.md` that show a comparison: a lower threshold at the front door, without and with more posts.

python experiments/figure_gallery.py                    # runs 8 seeds at four prevalences: a few minutes
python experiments/figure_gallery.py --from FOLDER      # draws a comparison that was saved
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cpsim
from cpsim.plot import of_comparison, style
from cpsim.results import Comparison

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SEEDS = 8
LOWER_BAR: Mapping[str, Any] = {
    "extends": "small",
    "name": "lower_threshold",
    "question": "What if the front door took less to be worried?",
    "front_door": {"referral_threshold": 2.0},
}
MORE_POSTS = LOWER_BAR | {
    "name": "lower_threshold_more_posts",
    "question": "What if it did, and had half as many posts again to cope?",
    "workforce": {"assessment_posts_per_10k": 7.3, "long_term_posts_per_10k": 29.0},
}


def draw(comparison: Comparison) -> None:
    """Every figure, small enough for a page."""
    with style.styled():
        for name, figure in of_comparison(comparison).items():
            path = IMAGES / f"comparison_{name}.png"
            figure().savefig(path, dpi=100, metadata={"Software": None})


def main() -> None:
    """Run or read the comparison, and draw it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="folder", type=Path, help="the folder of a comparison that was saved")
    parser.add_argument("--save", type=Path, help="a folder, not there yet, in which to keep the comparison")
    given = parser.parse_args()
    if given.folder is not None:
        comparison = Comparison.load(given.folder)
    else:
        comparison = cpsim.compare("small", LOWER_BAR, MORE_POSTS, seeds=SEEDS)
    if given.save is not None:
        comparison.save(given.save)
    draw(comparison)


if __name__ == "__main__":
    main()
