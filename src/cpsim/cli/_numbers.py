"""Whole numbers on the command line, with errors that say what is allowed."""

from __future__ import annotations

from typing import Any

import click


class WholeNumber(click.IntRange):
    """A whole number within limits."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Convert a text to a whole number.

        Raises:
            click.BadParameter: it is none, or outside the limits; the message says what to type instead.
        """
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            from cpsim.scenario.intended import suggest_reading
            from cpsim.scenario.problems import format_value

            limits = {"minimum": self.min, "maximum": self.max}
            allowed = {"type": "integer"} | {
                name: limit for name, limit in limits.items() if limit is not None
            }
            hint = suggest_reading(value, [allowed])
            self.fail(f"expected {self._describe_limits()}, not {format_value(value)}{hint}", param, ctx)

    def _describe_limits(self) -> str:
        if self.min is not None and self.max is not None:
            return f"a whole number from {self.min} to {self.max}"
        return "a whole number" if self.min is None else f"a whole number, {self.min} or greater"
