"""What a page is made of: sections of blocks, as data that the templates show one way each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from markupsafe import Markup

Text = str | Markup
"""Plain text, which the templates escape, or markup of our own around text that is escaped already."""


@dataclass(frozen=True)
class Lead:
    """The sentence to read if only one is read."""

    text: Text
    kind: ClassVar = "lead"


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: Text
    kind: ClassVar = "heading"


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    text: Text
    kind: ClassVar = "paragraph"


@dataclass(frozen=True)
class Points:
    """A list; `quiet` in smaller letters."""

    items: tuple[Text, ...]
    quiet: bool = False
    kind: ClassVar = "points"


@dataclass(frozen=True)
class Picture:
    """A figure as SVG, which says of itself what it shows, with its title and what stands below it."""

    title: str
    svg: Markup
    caption: Text
    kind: ClassVar = "picture"


@dataclass(frozen=True)
class Column:
    """Head of a column; numbers stand on the right."""

    name: str
    number: bool = False


@dataclass(frozen=True)
class Group:
    """Rows that belong together. The first cell of a row names it."""

    rows: tuple[tuple[Text, ...], ...]
    title: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its caption; every row has a cell for each column."""

    caption: str
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    kind: ClassVar = "table"


@dataclass(frozen=True)
class Moment:
    """A day on which something changes."""

    when: str
    what: Text
    says: Text
    steps: tuple[Text, ...]


@dataclass(frozen=True)
class History:
    """What changes on which days, in order."""

    moments: tuple[Moment, ...]
    kind: ClassVar = "history"


@dataclass(frozen=True)
class Command:
    """Something to type, or a file."""

    text: str
    kind: ClassVar = "command"


@dataclass(frozen=True)
class Fold:
    """What only some readers want: behind a line that opens it, and left out in print."""

    summary: str
    blocks: tuple[Block, ...]
    kind: ClassVar = "fold"


Block = Lead | Heading | Paragraph | Points | Picture | Table | History | Command | Fold


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading of its own; `anchor` is its address within the page."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """A whole page.

    Attributes:
        kind: what sort of page it is, such as "Report of one run".
        title: its name, as somebody has given it.
        about: one line on what it is about.
        sections: its parts; those without blocks are left out.
        version: of cpsim.
        caution: what the page is not.
    """

    kind: str
    title: str
    about: Text
    sections: tuple[Section, ...]
    version: str
    caution: str = field(default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "sections", tuple(section for section in self.sections if section.blocks))
