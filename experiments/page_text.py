"""How numbers, units, symbols and tables are set on the pages of the documentation."""

import math
import re
from collections.abc import Iterable

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega"
).split()
SHORT = {"eps": "epsilon", "kap": "kappa", "lam": "lambda"}


def mathematics(symbol: str) -> str:
    """A symbol of the register as GitHub sets it: `theta_47` becomes `$\\theta_{47}$`."""
    name, _, index = symbol.partition("_")
    name = SHORT.get(name, name)
    name = f"\\{name}" if name in GREEK else name if len(name) == 1 else rf"\mathrm{{{name}}}"
    if not index:
        return f"${name}$"
    index = rf"\mathrm{{{index}}}" if index.isalpha() and len(index) > 1 else index
    return f"${name}_{{{index}}}$"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; a threshold within a cell is written so that it stays in it."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def number(value: float | None) -> str:
    """A number as it stands in the register; nothing for None."""
    if value is None:
        return ""
    return "∞" if math.isinf(value) else f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.6g}"


def unit(name: str) -> str:
    """A unit without underscores, which would break a word in two."""
    return name.replace("_", " ")


def anchor(heading: str) -> str:
    """Where a link to a heading leads on GitHub."""
    return re.sub(r"[^\w\- ]", "", heading).replace(" ", "-").lower()
