"""Save the pictures of the documentation with 256 colours, so that none is larger than a repository should carry.

python tools/images.py docs/images/demo.png ...    # reduce the colours of pictures that were made in another way
"""

import sys
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

from cpsim.plot import style

DOTS = 100
"""Dots per inch: a figure of the usual size is 1,200 dots wide, which is as wide as a page."""
COLOURS = 256


def save_image(figure: Figure, path: Path) -> None:
    """Save a figure as a PNG file of a documentation page."""
    with style.use_style():
        figure.savefig(path, dpi=DOTS, metadata={"Software": None})
    reduce_colours(path)


def reduce_colours(path: Path) -> None:
    """Save a PNG file again with a palette, which keeps rare colours such as those of a few dots."""
    with Image.open(path) as image:
        if image.mode == "P":
            return
        reduced = image.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
    reduced.save(path, optimize=True)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        reduce_colours(Path(name))
