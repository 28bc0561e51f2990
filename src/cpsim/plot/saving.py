"""Write figures to files, and convert them to SVG for HTML pages."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.artist import Artist

from cpsim.plot.style import use_style
from cpsim.scenario.text import escape_unsafe

if TYPE_CHECKING:
    import os

    from matplotlib.figure import Figure
    from matplotlib.text import Text

_DOTS = 150
_PNG = {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 3}}
"""A PNG is compressed in two thirds of the time of the usual level 6, and is 7% larger."""
_OPENING = re.compile(r"<svg [^>]*>")
_NOT_FOR_PAGES = re.compile(r"\s*(?:<!--.*?-->|<(metadata|style)\b.*?</\1>)", re.DOTALL)
_ID = re.compile(r'(\bid="|href="#|url\(#)')
_TITLE = "title"
"""Id of the title in an SVG."""


@dataclass(frozen=True)
class DrawnFigure:
    """A figure with the content of its SVG file, so that a page can show it without drawing it again.

    Attributes:
        figure: the figure.
        svg: content of the file.
        left: left edge of what is drawn, in inches.
    """

    figure: Figure
    svg: str
    left: float


class _EdgeFinder(Artist):
    """Finds the left edge of a figure when the rest has been drawn, which then needs no further layout."""

    left = 0.0

    def draw(self, renderer: Any) -> None:
        figure = self.get_figure(root=True)
        assert figure is not None
        self.left = float(figure.get_tightbbox(renderer).x0)


@use_style()
def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write `figure` to a file; equal figures give equal bytes.

    Args:
        figure: a figure returned by a function of `cpsim.plot`.
        path: path of the file; the suffix sets the format, such as `.svg` or `.png` (150 dots per inch).

    Raises:
        OSError: the file cannot be written.
        ValueError: matplotlib does not support the suffix.

    >>> from tempfile import TemporaryDirectory
    >>> from cpsim import plot
    >>> with TemporaryDirectory() as folder:
    ...     save(plot.cascade(result), Path(folder, "cascade.png"))
    ...     Path(folder, "cascade.png").read_bytes()[1:4]
    b'PNG'
    """
    target = Path(path)
    if target.suffix == ".svg":
        target.write_text(draw_svg(figure).svg, encoding="utf-8", newline="\n")
    else:
        options: Any = _PNG if target.suffix == ".png" else {}
        figure.savefig(target, dpi=_DOTS, **options)


def save_both(figure: Figure, folder: Path, name: str) -> DrawnFigure:
    """Save `figure` in `folder` as PNG and as SVG.

    Raises:
        OSError: a file cannot be written.
    """
    save(figure, folder / f"{name}.png")
    drawn = draw_svg(figure)
    (folder / f"{name}.svg").write_text(drawn.svg, encoding="utf-8", newline="\n")
    return drawn


def to_svg(figure: Figure) -> str:
    """Convert `figure` to one `<svg>` element for an HTML page; equal figures give equal text.

    The element has a role and a label for screen readers, a `viewBox` but no fixed width, no styles that affect the
    rest of the page, and `id` values that no other figure on the page has.

    >>> from cpsim import plot
    >>> svg = to_svg(plot.cascade(result))
    >>> svg.startswith("<svg"), 'aria-label="At which stage was harm missed?' in svg
    (True, True)
    """
    return embed_svg(draw_svg(figure))


@use_style()
def draw_svg(figure: Figure) -> DrawnFigure:
    """Draw `figure` as SVG. The title is drawn last and has an id, so that a page can leave it out."""
    title, last = find_title(figure), 1 + max(artist.zorder for artist in figure.get_children())
    if title is not None:
        title.set(gid=_TITLE, zorder=last)
    finder = _EdgeFinder()
    finder.set_zorder(last + 1)
    figure.add_artist(finder)
    content = io.StringIO()
    figure.savefig(content, format="svg", metadata={"Date": None})
    finder.remove()
    return DrawnFigure(figure, content.getvalue(), finder.left)


def find_title(figure: Figure) -> Text | None:
    """Find the title of a figure, its largest text; None if it has no texts of its own."""
    return max(figure.texts, key=lambda text: float(text.get_fontsize()), default=None)


def remove_title(svg: str) -> str:
    """Remove the title from an SVG; the glyphs that only the title uses go with it, because it is drawn last."""
    return re.sub(rf'\s*<g id="{_TITLE}">.*?</g>\s*</g>', "", svg, count=1, flags=re.DOTALL)


def embed_svg(drawn: DrawnFigure) -> str:
    """Turn the SVG of a figure into an element for an HTML page, as `to_svg` does."""
    figure = drawn.figure
    text = _NOT_FOR_PAGES.sub("", drawn.svg.partition("<svg")[2])
    prefix = f"f{hashlib.sha256(text.encode()).hexdigest()[:8]}-"
    return _OPENING.sub(
        _format_opening_tag(figure), _ID.sub(rf"\g<1>{prefix}", f"<svg{text}"), count=1
    ).strip()


def _format_opening_tag(figure: Figure) -> str:
    """Format the opening tag; the style repeats matplotlib's own rule for line caps and joins."""
    width, height = (72 * inches for inches in figure.get_size_inches())
    label = escape(escape_unsafe(str(figure.get_label()))).replace("\\", r"\\")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{label}" '
        f'style="stroke-linejoin:round;stroke-linecap:butt">'
    )
