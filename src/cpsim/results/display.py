"""Lets results show themselves: as text, in a terminal through rich, and as HTML in a notebook.

Results are data and `cpsim.present` writes about them, so results may not import it. A result that is shown imports it
by name, in this one place.

In the examples `result` is a `RunResult`, and `comparison` compares `duty_complete` and `pooled_budget` with `small`.
"""

from importlib import import_module
from typing import Any


def _display() -> Any:
    return import_module("cpsim.present.display")


class Displayed:
    """A result that shows itself in the way that `cpsim.present.display` knows for its class."""

    def __rich__(self) -> Any:
        return _display().format_for_terminal(self)

    def _repr_html_(self) -> str:
        return str(_display().format_for_notebook(self))

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int = 100) -> str:
        """Return the result as plain text, `width` characters wide; `print` uses 100.

        >>> print(result.text(width=80).splitlines()[0])
        Of 19 spells of significant harm that began in one year, 11 were missed.
        """
        return str(_display().format_as_text(self, width))


class Described(Displayed):
    """A result with findings that can be put into sentences."""

    def describe(self) -> list[str]:
        """Describe the findings in sentences, and then what cannot be concluded from them.

        >>> next(sentence for sentence in comparison.describe() if "seeds are few" in sentence)
        '4 seeds are few, but they settle a difference of 1 percentage point in missed risk.'
        """
        sentences: list[str] = _display().describe(self)
        return sentences
