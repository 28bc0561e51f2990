"""Pages for tests, and what is asked of every one of them."""

import re
from html import unescape
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import html5lib
from playwright.sync_api import Page
from tests.browser import DESKTOP, PHONE, Ink, NewPage, picture, runs_over, violations

HOSTILE = {
    "markup": '<script>document.title = "taken"</script></title><img src=x onerror=alert(1)>',
    "templates": "{{ 7 * 7 }} {% for _ in range(9) %} &lt; &amp; ]]> -->",
    "five_thousand": "never-ending" * 417,
    "right_to_left": "מגן \u202eילדים\u202c עכשיו",
    "emoji": "👩‍👩‍👧 ✨ ünïcode",
    "zero_width": "a\u200bb\u200d\ufeffc\u2060d",
    "controls": "bell\x07 null\x00 escape\x1b[31m \ufffe end",
    "mathematics": r"$\frac{1}{0}$ `ls` \n",
}
"""Names that somebody may give by mistake or on purpose."""


def valid(text: str) -> None:
    """Hold a page to the letter of HTML: each fault that a parser forgives is an error here."""
    text.encode("utf-8")
    html5lib.HTMLParser(strict=True).parse(text)


class Outline(HTMLParser):
    """What stands in a page: its headings, ids, links within the page, pictures and tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.addresses: list[str] = []
        self.pictures: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if told.get("id"):
            self.ids.append(str(told["id"]))
        address = told.get("href") or told.get("src") or told.get("xlink:href") or ""
        if address.startswith("#"):
            self.targets.append(address[1:])
        elif address and not address.startswith("data:"):
            self.addresses.append(address)
        if tag == "svg":
            self.pictures.append(told.get("aria-label") or "")


def sound(text: str) -> None:
    """Hold a page to what its readers need: one title, headings in order, pictures that say what they show."""
    valid(text)
    outline = Outline(text)
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.targets) <= set(outline.ids)
    assert outline.addresses == []
    assert outline.pictures
    assert [shows for shows in outline.pictures if not re.search(r"\d", shows)] == [], (
        "pictures without numbers"
    )
    assert outline.tags.count("table") == outline.tags.count("caption")
    assert "script" not in outline.tags


def text_of(page: str) -> str:
    """What a reader reads, on one line, without the contents."""
    shown = re.sub(r"<(style|svg|nav).*?</\1>", " ", page, flags=re.DOTALL)
    shown = re.sub(r"</?(bdi|code|wbr)[^>]*>", "", shown)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", shown)).split())


def held_file(page: str, name: str) -> str:
    """A file that can be unfolded on a page, as a reader would copy it."""
    held = re.search(rf"<summary>The file {name}</summary>\s*<pre[^>]*><code>(.*?)</code>", page, re.DOTALL)
    assert held is not None
    return unescape(held[1])


FOUR_READERS: tuple[tuple[str, Ink], ...] = tuple(product(("phone", "desktop"), ("light", "dark")))
TWO_READERS: tuple[tuple[str, Ink], ...] = (("phone", "dark"), ("desktop", "light"))


def readable(
    new_page: NewPage, file: Path, name: str, readers: tuple[tuple[str, Ink], ...] = FOUR_READERS
) -> None:
    """Open a page as several readers do, and print it."""
    for where, ink in readers:
        page = new_page({"phone": PHONE, "desktop": DESKTOP}[where], ink)
        page.goto(file.as_uri())
        picture(page, f"{name}-{where}-{ink}")
        assert runs_over(page) == 0, f"{where}: readers have to scroll sideways"
        assert violations(page) == [], f"{where}, {ink}"
    printed(page, name)


def printed(page: Page, name: str) -> None:
    """A page goes to paper, on several sheets."""
    sheets = page.pdf(prefer_css_page_size=True)
    assert sheets.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) > 2, name


def colours(page: Page) -> tuple[str, str]:
    """What a reader sees of the ground and of the ink."""
    both = page.evaluate(
        "(style => [style.backgroundColor, style.color])(getComputedStyle(document.documentElement))"
    )
    return both[0], both[1]
