"""Texts of files that are changed at random, line by line, value by value and character by character."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from hypothesis import strategies as st

NUMBERS = (
    "0 -0 00 1 -1 007 0x1F 0o17 1_000 1,5 2,500.0 .5 5. +3 1e3 1e-320 1e308 1e309 -1e999 .inf -.INF .nan NaN inf "
    "9999999999999999999999 123456789012345678 0.1e-999999999 4294967295 4294967296 ½ ３ 50% £5 1:30 --1 1e e5"
).split()
DATES = (
    "2005-04-01 2006-02-30 0000-00-00 0001-01-01 9999-12-31 2005-4-1 01/04/2005 2005-04-01T00:00:00Z "
    "2005-04-01T12:30 20050401 2005-W14-5 １９９９-01-01 2005-04-31 -2005-04-01 12005-04-01"
).split()
WORDS = (
    "true false yes NO null ~ Null school gp front_door social_care authority-01 best worst all none baseline small "
    "./small.yaml ../small.yaml /etc/hostname .hidden.yaml duty thresholds __proto__ __class__ C:\\small.yaml"
).split()
SYNTAX = [
    "\t", " ", "  ", "- ", "? ", ": ", ":", "[", "]", "{", "}", "[]", "{}", "&a ", "*a", "*b",
    "!!map ", "!!python/none ",
    "!", "|\n", ">-\n ", "|9\n", '"', "'", "''", '"\\', "\\", "#", " # ", ",", "%YAML 1.1\n", "---\n", "...\n",
    "<<: *a\n",
    "@", "`", "&a [*a]", "&a {a: *a}", "[[[[[[[[[[[[]]]]]]]]]]]]", "[" * 40, "{a: " * 40, "- - - - -", "? a", "{a, b}",
    "{a: b: c}", "a: 1\na: 2", "[1, 2", "'open", '"\\U99999999"', '"\\ud800"', '"\\e[2J"', '"\\0"', '"\\x"',
]  # fmt: skip
CHARACTERS = [
    "\0", "\a", "\b", "\x1b[31m", "\x7f", "\x85", "\xa0", "\xad", "\u200b", "\u200f", "\u202e", "\u2028", "\u2029",
    "\u2066", "\ufeff", "\ufffe", "\ud800", "\U000e0041", "\U0010ffff", "“", "”", "‘", "’", "–", "−", "…", "·", "•",
    "é", "e\u0301", "ß", "İ", "ı", "ﬁ", "日本", "עברית", "\U0001f469\u200d\U0001f467", "\r", "\n", "\r\n", "\v", "\f",
    "\x1c", "{{", "%s", "<b>",
]  # fmt: skip
LONG = ["a" * 300, "9" * 400, "a " * 500, "é" * 130]
HOSTILE = [*NUMBERS, *DATES, *WORDS, *SYNTAX, *CHARACTERS, *LONG]
"""Pieces of text that are often misread."""

pieces = st.sampled_from(HOSTILE) | st.text(max_size=8) | st.integers().map(str) | st.floats().map(str)

_TOKEN = re.compile(r"[\w.+-]+")


class Edit(Protocol):
    """A change to a text; its numbers count round and round, so that it fits any text."""

    def apply(self, text: str) -> str: ...


@dataclass(frozen=True)
class InsertText:
    at: int
    text: str

    def apply(self, text: str) -> str:
        at = self.at % (len(text) + 1)
        return text[:at] + self.text + text[at:]


@dataclass(frozen=True)
class RemoveText:
    at: int
    length: int

    def apply(self, text: str) -> str:
        at = self.at % (len(text) + 1)
        return text[:at] + text[at + self.length :]


@dataclass(frozen=True)
class ReplaceToken:
    """Replaces a name, a number or a date."""

    number: int
    text: str

    def apply(self, text: str) -> str:
        tokens = list(_TOKEN.finditer(text))
        if not tokens:
            return self.text
        token = tokens[self.number % len(tokens)]
        return text[: token.start()] + self.text + text[token.end() :]


@dataclass(frozen=True)
class ReplaceValue:
    """Replaces what is behind the colon of a line."""

    line: int
    text: str

    def apply(self, text: str) -> str:
        lines = text.split("\n")
        at = self.line % len(lines)
        lines[at] = f"{lines[at].partition(':')[0]}: {self.text}"
        return "\n".join(lines)


@dataclass(frozen=True)
class CopyLine:
    line: int
    to: int

    def apply(self, text: str) -> str:
        lines = text.split("\n")
        lines.insert(self.to % (len(lines) + 1), lines[self.line % len(lines)])
        return "\n".join(lines)


@dataclass(frozen=True)
class DropLines:
    line: int
    count: int

    def apply(self, text: str) -> str:
        lines = text.split("\n")
        at = self.line % len(lines)
        del lines[at : at + self.count]
        return "\n".join(lines)


@dataclass(frozen=True)
class SwapLines:
    line: int
    other: int

    def apply(self, text: str) -> str:
        lines = text.split("\n")
        one, other = self.line % len(lines), self.other % len(lines)
        lines[one], lines[other] = lines[other], lines[one]
        return "\n".join(lines)


@dataclass(frozen=True)
class IndentLine:
    """Moves a line to the right, or to the left as far as there are spaces."""

    line: int
    spaces: int

    def apply(self, text: str) -> str:
        lines = text.split("\n")
        at = self.line % len(lines)
        kept = len(lines[at]) - len(lines[at].lstrip(" "))
        lines[at] = " " * max(kept + self.spaces, 0) + lines[at].lstrip(" ")
        return "\n".join(lines)


@dataclass(frozen=True)
class EditedText:
    """One of some texts, changed.

    Attributes:
        base: name of the text.
        edits: the changes, in their order.
        encoding: how it is stored.
        windows: whether its lines end as on Windows.
    """

    base: str
    edits: tuple[Edit, ...]
    encoding: str = "utf-8"
    windows: bool = False

    def encode(self, texts: Mapping[str, str]) -> bytes:
        """Return the bytes of the changed text.

        Args:
            texts: the texts by name.
        """
        text = texts[self.base]
        for edit in self.edits:
            text = edit.apply(text)
        text = text.replace("\n", "\r\n") if self.windows else text
        errors = "surrogatepass" if self.encoding.startswith("utf") else "replace"
        return text.encode(self.encoding, errors)


@dataclass(frozen=True)
class RawFile:
    """Any bytes, instead of a text that is changed."""

    content: bytes

    def encode(self, texts: Mapping[str, str]) -> bytes:
        """Return the bytes."""
        del texts
        return self.content


FileContent = EditedText | RawFile
"""What a file is given as."""

places = st.integers(0, 5_000)
lines = st.integers(0, 200)
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(ReplaceToken, places, pieces),
    st.builds(ReplaceValue, lines, pieces),
    st.builds(InsertText, places, pieces),
    st.builds(RemoveText, places, st.integers(1, 40)),
    st.builds(CopyLine, lines, lines),
    st.builds(DropLines, lines, st.integers(1, 4)),
    st.builds(SwapLines, lines, lines),
    st.builds(IndentLine, lines, st.integers(-4, 4)),
)


def edited_texts(names: list[str], most: int = 4) -> st.SearchStrategy[FileContent]:
    """Draw changes to one of several texts, and sometimes any bytes.

    Args:
        names: names of the texts.
        most: largest number of changes.
    """
    plain = st.builds(EditedText, st.sampled_from(names), st.lists(edits, max_size=most).map(tuple))
    stored = st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252", "utf-32"])
    otherwise = st.builds(
        lambda text, encoding, windows: replace(text, encoding=encoding or "utf-8", windows=windows),
        plain, st.none() | stored, st.booleans(),
    )  # fmt: skip
    return st.one_of(plain, plain, plain, otherwise, otherwise, st.builds(RawFile, st.binary(max_size=200)))
