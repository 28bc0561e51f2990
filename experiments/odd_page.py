"""The submodels of the ODD page: the numbered equations of the model page, each with the settings it uses.

Equations are taken as they stand on the model page, settings from the register. A setting is shown with a submodel if
its symbol occurs in the mathematics of that section. Where two settings share a symbol, the one of the section's own
mechanisms is meant; a letter that the model page explains under "Letters" is never a setting.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from page_text import GREEK, anchor, mathematics, number, table, unit

from cpsim.scenario.register import Parameter, register

EQUATION = re.compile(r"^```math\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"\\tag\{(.*?)\}")
CITED = re.compile(r"\b(?:M\d+|L)\.\d+\b")
INLINE = re.compile(r"\$([^$]+)\$")
SECTION = re.compile(r"^## ", re.MULTILINE)
TEX = re.compile(
    r"\\(?:text|tag|begin|end)\{[^{}]*\}"
    rf"|(?P<name>\\mathrm\{{[^{{}}]*\}}|\\(?:{'|'.join(GREEK)}|ell)(?![a-z])|(?<![\\a-zA-Z])[A-Za-z])"
    r"(?:_(?:\{(?P<index>(?:[^{}]|\{[^{}]*\})*)\}|(?P<letter>\w)))?"
    r"|\\[A-Za-z]+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Equation:
    """A displayed equation: its number, how it is set, and the sentence that leads to it."""

    number: str
    tex: str
    says: str


@dataclass(frozen=True)
class Submodel:
    """A section of the model page that has equations."""

    title: str
    text: str

    @property
    def mechanisms(self) -> set[str]:
        """Numbers of the mechanisms in the heading; without any, the empty one of bookkeeping settings."""
        return set(re.findall(r"\bM\d+", self.title)) or {""}

    @property
    def equations(self) -> list[Equation]:
        """In the order of the page.

        Raises:
            ValueError: an equation has no number, or several.
        """
        blocks = re.split(r"\n{2,}", self.text)
        found = []
        for before, block in zip(["", *blocks], blocks, strict=False):
            if equation := EQUATION.fullmatch(block):
                numbers = NUMBER.findall(equation[1])
                if len(numbers) != 1:
                    raise ValueError(f"needs one number: {equation[1]}")
                found.append(Equation(numbers[0], block, _leading_to(before)))
        return found


def read_submodels(page: str) -> list[Submodel]:
    """The submodels of the model page, in its order."""
    sections = [section.partition("\n") for section in SECTION.split(page)[1:]]
    return [Submodel(title, text.strip()) for title, _, text in sections if EQUATION.search(text)]


def symbols_in(tex: str) -> set[str]:
    """The symbols of some TeX, each with its index in braces; an index in words is left out."""
    found = set()
    for symbol in TEX.finditer(tex):
        if name := symbol["name"]:
            index = symbol["index"] or symbol["letter"]
            found.add(f"{name}_{{{index}}}" if index and "\\text" not in index else name)
    return found


def symbols_of(text: str) -> set[str]:
    """The symbols of all the mathematics in a text, displayed or within its sentences."""
    displayed = EQUATION.findall(text)
    return symbols_in(" ".join([*displayed, *INLINE.findall(EQUATION.sub("", text))]))


def letters(page: str) -> set[str]:
    """The symbols that the model page explains itself, since they are no settings."""
    return symbols_of(page.partition("\n### Letters\n")[2].partition("\n## ")[0])


def symbol_of(row: Parameter) -> str:
    """The symbol of a setting as the pages set it; a setting without one goes by its name."""
    return mathematics(row.symbol or row.id.rpartition(".")[2])


def settings_of(submodel: Submodel, letters: set[str]) -> list[list[Parameter]]:
    """The settings that a submodel uses: for each the rows of the register, one or one a kind of agency or age.

    Raises:
        ValueError: a symbol may mean several settings.
    """
    named: dict[str, list[Parameter]] = {}
    for row in register().values():
        named.setdefault(symbol_of(row).strip("$"), []).append(row)
    used = symbols_of(submodel.text) - letters
    return [_meant(rows, submodel) for symbol, rows in named.items() if symbol in used]


def _meant(rows: list[Parameter], submodel: Submodel) -> list[Parameter]:
    meant = [row for row in rows if row.mechanism in submodel.mechanisms] or rows
    if len({_meaning(row) for row in meant}) > 1:
        raise ValueError(
            f"{symbol_of(rows[0])} in '{submodel.title}' may be any of {[row.id for row in meant]}"
        )
    return meant


def _meaning(row: Parameter) -> str:
    """The register ends the sentence on an agency with its kind in brackets."""
    return row.meaning.rpartition(" (")[0] if row.id.startswith("agencies.") else row.meaning


def _leading_to(before: str) -> str:
    """The last sentence of the paragraph before an equation; nothing if that is no paragraph."""
    if before.startswith(("#", "|", "```")):
        return ""
    sentence = re.split(r"(?<=\.)\)?\s+(?=\W*[A-Z])", " ".join(before.split()))[-1]
    return f"{sentence[:1].upper()}{sentence[1:]}".replace("](#", "](index.md#")


def submodels(page: Path, twin: Path) -> str:
    """All submodels of the model page `page`, with the modules of the textbook twin that cite their equations."""
    text = page.read_text(encoding="utf-8")
    cited = {
        module.name: set(CITED.findall(module.read_text("utf-8"))) for module in sorted(twin.glob("*.py"))
    }
    explained = letters(text)
    return "\n\n".join(
        block
        for submodel in read_submodels(text)
        for block in _blocks(submodel, settings_of(submodel, explained), cited)
    )


def _blocks(submodel: Submodel, settings: list[list[Parameter]], cited: dict[str, set[str]]) -> Iterator[str]:
    equations = submodel.equations
    numbers = {equation.number for equation in equations}
    modules = [f"`{name}`" for name, numbers_cited in cited.items() if numbers_cited & numbers]
    twin = f" Twin: {', '.join(modules)}." if modules else ""
    yield f"### {submodel.title}"
    yield f"[In full](index.md#{anchor(submodel.title)}).{twin}"
    for equation in equations:
        if equation.says:
            yield equation.says
        yield equation.tex
    if settings:
        head = ["symbol", "setting", "meaning", "unit", "default", "plausible", "tag"]
        yield table(head, (_line(rows) for rows in settings))


def _line(rows: list[Parameter]) -> list[str]:
    first = rows[0]
    return [
        symbol_of(first),
        f"`{_setting(rows)}`",
        _meaning(first),
        unit(first.unit),
        _range([row.default for row in rows]),
        f"{number(min(row.low for row in rows))} to {number(max(row.high for row in rows))}",
        ", ".join(dict.fromkeys(row.tag for row in rows)),
    ]


def _setting(rows: list[Parameter]) -> str:
    """The name that the rows share, with a star for a kind of agency or need and for an age."""
    steps = zip(*(row.id.split(".") for row in rows), strict=True)
    return ".".join(names[0] if len(set(names)) == 1 else "*" for names in steps)


def _range(values: list[float]) -> str:
    lowest, highest = min(values), max(values)
    return number(lowest) if lowest == highest else f"{number(lowest)} to {number(highest)}"
