"""Draw the figures of a comparison in `docs/figures.md`: a lower front-door threshold without and with more posts.

python tools/figure_gallery.py                    # run 8 seeds at four prevalences: a few minutes
python tools/figure_gallery.py --from FOLDER      # draw a saved comparison
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from images import save_image

import cpsim
from cpsim.plot import list_comparison_figures, style
from cpsim.results import Comparison

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SEEDS = 8
LOWER_THRESHOLD: Mapping[str, Any] = {
    "extends": "small",
    "name": "lower_threshold",
    "question": "What if the threshold of the front door were lower?",
    "front_door": {"referral_threshold": 2.0},
}
MORE_POSTS = LOWER_THRESHOLD | {
    "name": "lower_threshold_more_posts",
    "question": "What if it were lower, with half as many posts again?",
    "workforce": {"assessment_posts_per_10k": 7.3, "long_term_posts_per_10k": 29.0},
}


def draw_figures(comparison: Comparison) -> None:
    """Draw every figure, small enough for a page."""
    with style.use_style():
        for name, figure in list_comparison_figures(comparison).items():
            save_image(figure(), IMAGES / f"comparison_{name}.png")


def main() -> None:
    """Run or load the comparison, and draw its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="folder", type=Path, help="the folder of a saved comparison")
    parser.add_argument("--save", type=Path, help="a new folder in which to save the comparison")
    arguments = parser.parse_args()
    if arguments.folder is not None:
        comparison = Comparison.load(arguments.folder)
    else:
        comparison = cpsim.compare("small", LOWER_THRESHOLD, MORE_POSTS, seeds=SEEDS)
    if arguments.save is not None:
        comparison.save(arguments.save)
    draw_figures(comparison)


if __name__ == "__main__":
    main()
