"""The names in `summary.json` and the codes in tables, with what they mean, for pages, docs and tests.

>>> from cpsim.results.names import CONDITIONS, COURSES, FAILURES, FINDINGS, SERVICES, STATES, TIERS
>>> CONDITIONS[:3], list(COURSES), list(SERVICES)
(('harm', 'need', 'additional_needs'), ['acute', 'chronic'], ['in_need', 'plan', 'care', 'effective'])
>>> FINDINGS["not_in_need"], STATES["likely_harm"]
('Not in need', 'Likely harm')
>>> FAILURES["protection_lost"], TIERS["on_file"]
('Protected, and lost again', 'On file, in pieces')
"""

from __future__ import annotations

from typing import Final

from cpsim.measures.assessments import FINDINGS
from cpsim.measures.chain import COURSES, FAILURES, RESULTS, STOP_PARTS, STOPS, TIERS
from cpsim.measures.conditions import CONDITIONS, STATES
from cpsim.measures.outcomes import OUTCOMES, Outcome
from cpsim.measures.services import SERVICES

__all__ = [
    "CONDITIONS",
    "COURSES",
    "FAILURES",
    "FINDINGS",
    "RESULTS",
    "SERVICES",
    "STATES",
    "STOPS",
    "STOP_PARTS",
    "SUMMARY",
    "TIERS",
]

SUMMARY: Final[dict[str, Outcome]] = OUTCOMES
"""Name in `summary.json` -> the registered outcome, with its unit and meaning. A value is a number, a mapping of parts
to numbers, or null if undefined."""
