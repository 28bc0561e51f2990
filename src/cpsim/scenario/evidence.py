"""The evidence: figures on England and elsewhere from which numbers of the model and national statistics are taken.

The figures are data in `evidence.csv`, in this folder, each with an id such as "E454". Parameters in the register,
the targets of the calibration and the public patterns name these ids.
"""

import csv
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHECKED = {
    "seen": "seen in the publication, or in the text in which it was read",
    "computed": "computed from figures that were seen",
    "memory": "recalled and not verified",
}
"""How a figure was checked: code -> meaning."""


@dataclass(frozen=True)
class Evidence:
    """A figure with its source.

    Attributes:
        id: its id, such as "E454".
        quantity: what was counted or measured.
        value: the figure; None if the source gives only a range.
        low: lower end of a range; None if there is none.
        high: upper end of a range; None if there is none.
        unit: unit of the figure.
        year: year or period to which it applies.
        place: place to which it applies.
        entry: key of the publication that gives it, in the bibliography.
        read_in: key of the text in which it was read; empty if that is the publication itself.
        checked: a key of `CHECKED`.
        note: a remark; may be empty.
    """

    id: str
    quantity: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    year: str
    place: str
    entry: str
    read_in: str
    checked: str
    note: str

    def format_figure(self) -> str:
        """Format the figure as it is written in the file: a value, a range, or both.

        >>> evidence = load_evidence()
        >>> evidence["E454"].format_figure(), evidence["E309"].format_figure(), evidence["R008"].format_figure()
        ('8', '4 to 16', '17 (6 to 36)')
        """
        value = "" if self.value is None else f"{self.value:.10g}"
        if self.low is None or self.high is None:
            return value
        ends = f"{self.low:.10g} to {self.high:.10g}"
        return f"{value} ({ends})" if value else ends


@cache
def load_evidence() -> dict[str, Evidence]:
    """Load the evidence, by id and in the order of the file.

    >>> load_evidence()["E454"].entry
    'lea-cox-hall-1991'
    """
    text = Path(__file__).with_name("evidence.csv").read_text(encoding="utf-8")
    return {
        row["id"]: Evidence(
            id=row["id"],
            quantity=row["quantity"],
            value=_parse_optional(row["value"]),
            low=_parse_optional(row["low"]),
            high=_parse_optional(row["high"]),
            unit=row["unit"],
            year=row["year"],
            place=row["place"],
            entry=row["entry"],
            read_in=row["read_in"],
            checked=row["checked"],
            note=row["note"],
        )
        for row in csv.DictReader(io.StringIO(text))
    }


def _parse_optional(text: str) -> float | None:
    return float(text) if text else None
