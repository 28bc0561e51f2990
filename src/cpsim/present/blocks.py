"""The contents of a page as data: sections made of blocks, which the templates render."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from markupsafe import Markup

Text = str | Markup
"""Plain text, which the templates escape, or markup in which all text is escaped already."""


@dataclass(frozen=True)
class Lead:
    """The main statement of a section, in larger type."""

    text: Text
    kind: ClassVar = "lead"


@dataclass(frozen=True)
class Note:
    """A remark in smaller type under what it qualifies, such as how many seeds an answer rests on."""

    text: Text
    kind: ClassVar = "note"


Tone = Literal["better", "worse", "none"]
"""Colour of a difference; "none" unless it is shown and nothing else explains it."""


@dataclass(frozen=True)
class NumberTile:
    """A number in large type with its name above and what changed below.

    Attributes:
        name: name of the number.
        number: the number in its unit, or a few words instead of one.
        change: what changed or what the number means, a line each.
        tone: colour of the change.
    """

    name: Text
    number: Text
    change: tuple[Text, ...] = ()
    tone: Tone = "none"


@dataclass(frozen=True)
class NumberTiles:
    """Numbers in large type next to each other."""

    tiles: tuple[NumberTile, ...]
    kind: ClassVar = "tiles"


@dataclass(frozen=True)
class TwoColumns:
    """Blocks in a wide column next to blocks in a narrow one; on a narrow screen, one above the other."""

    wide: tuple[Block, ...]
    narrow: tuple[Block, ...]
    kind: ClassVar = "columns"


@dataclass(frozen=True)
class Heading:
    """A heading within a section, of level 3, or on the first screen, of level 2."""

    text: Text
    level: Literal[2, 3] = 3
    kind: ClassVar = "heading"


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    text: Text
    kind: ClassVar = "paragraph"


@dataclass(frozen=True)
class BulletList:
    """A bulleted list; in smaller type if `quiet`."""

    items: tuple[Text, ...]
    quiet: bool = False
    kind: ClassVar = "list"


@dataclass(frozen=True)
class PageFigure:
    """A figure as SVG with a text alternative, its title, and its caption."""

    title: str
    svg: Markup
    caption: Text
    kind: ClassVar = "figure"


@dataclass(frozen=True)
class PageColumn:
    """The head of a column; columns of numbers are aligned to the right."""

    name: str
    number: bool = False


@dataclass(frozen=True)
class RowGroup:
    """Rows that belong together. The first cell of each row is its header."""

    rows: tuple[tuple[Text, ...], ...]
    title: str = ""


@dataclass(frozen=True)
class PageTable:
    """A table with its caption; every row has one cell for each column."""

    caption: str
    columns: tuple[PageColumn, ...]
    groups: tuple[RowGroup, ...]
    kind: ClassVar = "table"


@dataclass(frozen=True)
class TimelineEntry:
    """A date on which settings change, with the name, description and steps of the change."""

    when: str
    title: Text
    description: Text
    steps: tuple[Text, ...]


@dataclass(frozen=True)
class PageTimeline:
    """The changes of a scenario in the order of their dates."""

    entries: tuple[TimelineEntry, ...]
    kind: ClassVar = "timeline"


@dataclass(frozen=True)
class Command:
    """A command to type, or the text of a file."""

    text: str
    kind: ClassVar = "command"


@dataclass(frozen=True)
class Details:
    """Blocks behind a summary that opens them; closed details are not printed."""

    summary: str
    blocks: tuple[Block, ...]
    kind: ClassVar = "details"


Block = (
    Lead
    | Note
    | NumberTiles
    | TwoColumns
    | Heading
    | Paragraph
    | BulletList
    | PageFigure
    | PageTable
    | PageTimeline
    | Command
    | Details
)


@dataclass(frozen=True)
class PageSection:
    """A section of the page with a heading; `anchor` is its address within the page."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """A whole page.

    Attributes:
        kind: kind of report, such as "Report of one run".
        name: name of the run, comparison or sweep, as given by the user.
        about: a line that describes it.
        title: the question that it answers.
        answer: the first screen: the answer, its numbers and its picture.
        sections: its sections; those without blocks are left out.
        version: version of cpsim.
        caution: caution in the footer.
    """

    kind: str
    name: str
    about: Text
    title: Text
    answer: tuple[Block, ...]
    sections: tuple[PageSection, ...]
    version: str
    caution: str = field(default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "sections", tuple(section for section in self.sections if section.blocks))
