"""Figures as files, and as SVG that goes straight into a page."""

from __future__ import annotations

import hashlib
import io
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from cpsim.plot.style import styled

if TYPE_CHECKING:
    import os

    from matplotlib.figure import Figure

_DOTS = 150
_OPENING = re.compile(r"<svg [^>]*>")
_NOT_FOR_PAGES = re.compile(r"\s*(?:<!--.*?-->|<(metadata|style)\b.*?</\1>)", re.DOTALL)
_NAMED = re.compile(r'(\bid="|href="#|url\(#)')


@styled()
def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write `figure`; equal figures give equal bytes.

    Args:
        figure: what a function of `cpsim.plot` returned.
        path: ends in `.svg`, or in `.png` for 150 dots an inch.

    Raises:
        OSError: the disk refuses.
        ValueError: matplotlib does not know the ending.
    """
    target = Path(path)
    metadata = {".svg": {"Date": None}, ".png": {"Software": None}}.get(target.suffix)
    figure.savefig(target, dpi=_DOTS, metadata=metadata)


@styled()
def svg(figure: Figure) -> str:
    """`figure` as one `<svg>` element for the middle of an HTML page; equal figures give equal text.

    It has a role and a label for those who hear the page, no width of its own beyond its `viewBox`, nothing that
    would style the page around it, and names (`id`) that no other figure of the page has.
    """
    content = io.StringIO()
    figure.savefig(content, format="svg", metadata={"Date": None})
    text = _NOT_FOR_PAGES.sub("", content.getvalue().partition("<svg")[2])
    prefix = f"f{hashlib.sha256(text.encode()).hexdigest()[:8]}-"
    return _OPENING.sub(_opening(figure), _NAMED.sub(rf"\g<1>{prefix}", f"<svg{text}"), count=1).strip()


def _opening(figure: Figure) -> str:
    """The first tag; how lines end and meet is matplotlib's own rule for the whole picture."""
    width, height = (72 * inches for inches in figure.get_size_inches())
    label = escape(str(figure.get_label()).replace(r"\$", "$")).replace("\\", r"\\")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{label}" '
        f'style="stroke-linejoin:round;stroke-linecap:butt">'
    )
