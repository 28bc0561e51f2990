"""Checks that every report must pass, and hostile names for tests."""

import re
from html import unescape
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import html5lib
from playwright.sync_api import Page
from tests.browser import DESKTOP, PHONE, NewPage, Theme, find_violations, measure_overflow, save_screenshot

HOSTILE = {
    "markup": '<script>document.title = "taken"</script></title><img src=x onerror=alert(1)>',
    "templates": "{{ 7 * 7 }} {% for _ in range(9) %} &lt; &amp; ]]> -->",
    "five_thousand": "never-ending" * 417,
    "characters": "bell\x07 null\x00 escape\x1b[31m \ufffe a\u200bb\u200d\ufeffc\u2060d 👩‍👩‍👧 ✨ ünïcode "
    r"$\frac{1}{0}$ `ls` \n מגן "
    "\u202eילדים\u202c עכשיו",
}
"""Names that a user may give by mistake or with bad intent.

Those with unusual characters are one name: controls, characters without width, emoji, mathematics and right to left.
"""


def assert_valid_html(text: str) -> None:
    """Check that a page is valid HTML; errors that browsers forgive count."""
    text.encode("utf-8")
    html5lib.HTMLParser(strict=True).parse(text)


class Outline(HTMLParser):
    """Headings, ids, links, figures and tables of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.addresses: list[str] = []
        self.figures: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if attributes.get("id"):
            self.ids.append(str(attributes["id"]))
        address = attributes.get("href") or attributes.get("src") or attributes.get("xlink:href") or ""
        if address.startswith("#"):
            self.targets.append(address[1:])
        elif address and not address.startswith("data:"):
            self.addresses.append(address)
        if tag == "svg" and attributes.get("role") == "img":
            self.figures.append(attributes.get("aria-label") or "")


def assert_well_formed(text: str) -> None:
    """Check one title, headings in order, distinct ids, text alternatives of figures and captions of tables."""
    assert_valid_html(text)
    outline = Outline(text)
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.targets) <= set(outline.ids)
    assert outline.addresses == []
    assert outline.figures
    assert [
        label for label in outline.figures if not re.search(r"\d|the same, with every seed", label)
    ] == [], "text alternatives without numbers"
    assert outline.tags.count("table") == outline.tags.count("caption")
    assert "script" not in outline.tags


def extract_text(page: str) -> str:
    """Return the visible text of a page on one line, without the list of contents."""
    text = re.sub(r"<(style|svg|nav).*?</\1>", " ", page, flags=re.DOTALL)
    text = re.sub(r"</?(bdi|code|wbr)[^>]*>", "", text)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def extract_file(page: str, name: str) -> str:
    """Return the text of a file that a page contains."""
    match = re.search(rf"<summary>The file {name}</summary>\s*<pre[^>]*><code>(.*?)</code>", page, re.DOTALL)
    assert match is not None
    return unescape(match[1])


FOUR_READERS: tuple[tuple[str, Theme], ...] = tuple(product(("phone", "desktop"), ("light", "dark")))
TWO_READERS: tuple[tuple[str, Theme], ...] = (("phone", "dark"), ("desktop", "light"))


def assert_readable(
    new_page: NewPage, file: Path, name: str, readers: tuple[tuple[str, Theme], ...] = FOUR_READERS
) -> None:
    """Check that a page can be read on several devices and themes, and printed."""
    for device, theme in readers:
        page = new_page({"phone": PHONE, "desktop": DESKTOP}[device], theme)
        page.goto(file.as_uri())
        save_screenshot(page, f"{name}-{device}-{theme}")
        assert measure_overflow(page) == 0, f"{device}: the page is wider than the screen"
        assert find_violations(page) == [], f"{device}, {theme}"
    assert_printable(page, name)


def assert_printable(page: Page, name: str) -> None:
    """Check that a page prints on several sheets."""
    sheets = page.pdf(prefer_css_page_size=True)
    assert sheets.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) > 2, name


def read_colours(page: Page) -> tuple[str, str]:
    """Return the colours of the background and of the text."""
    both = page.evaluate(
        "(style => [style.backgroundColor, style.color])(getComputedStyle(document.documentElement))"
    )
    return both[0], both[1]
