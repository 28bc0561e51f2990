"""Write figures to files, and convert them to SVG for HTML pages."""

from __future__ import annotations

import hashlib
import io
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from cpsim.plot.style import use_style
from cpsim.scenario.text import escape_unsafe

if TYPE_CHECKING:
    import os

    from matplotlib.figure import Figure

_DOTS = 150
_OPENING = re.compile(r"<svg [^>]*>")
_NOT_FOR_PAGES = re.compile(r"\s*(?:<!--.*?-->|<(metadata|style)\b.*?</\1>)", re.DOTALL)
_ID = re.compile(r'(\bid="|href="#|url\(#)')


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
    metadata = {".svg": {"Date": None}, ".png": {"Software": None}}.get(target.suffix)
    figure.savefig(target, dpi=_DOTS, metadata=metadata)


@use_style()
def to_svg(figure: Figure) -> str:
    """Convert `figure` to one `<svg>` element for an HTML page; equal figures give equal text.

    The element has a role and a label for screen readers, a `viewBox` but no fixed width, no styles that affect the
    rest of the page, and `id` values that no other figure on the page has.

    >>> from cpsim import plot
    >>> svg = to_svg(plot.cascade(result))
    >>> svg.startswith("<svg"), 'aria-label="At which stage was harm missed?' in svg
    (True, True)
    """
    content = io.StringIO()
    figure.savefig(content, format="svg", metadata={"Date": None})
    text = _NOT_FOR_PAGES.sub("", content.getvalue().partition("<svg")[2])
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
