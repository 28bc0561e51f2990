"""Whether a difference is shown to be better or worse, by itself, for children and families."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.measures.outcomes import OUTCOMES
from cpsim.results.verdicts import HIGHER, LOWER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cpsim.present.blocks import Tone

__all__ = ["choose_tone", "find_explanations"]


def choose_tone(outcome: str, verdicts: Mapping[str, str]) -> Tone:
    """Choose the tone of a difference: "none" unless it is shown, has a better direction and nothing explains it.

    Args:
        outcome: name of the outcome.
        verdicts: name of each outcome -> verdict on its difference in the same arm.

    A lower cost is better, unless fewer children were served:

    >>> choose_tone("cost_gbp_per_child_year", {"cost_gbp_per_child_year": "lower"})
    'better'
    >>> fewer = {"cost_gbp_per_child_year": "lower", "referrals_per_10k_year": "lower"}
    >>> choose_tone("cost_gbp_per_child_year", fewer), choose_tone("referrals_per_10k_year", fewer)
    ('none', 'none')
    """
    verdict = verdicts.get(outcome)
    better = OUTCOMES[outcome].better if outcome in OUTCOMES else None
    if verdict not in (HIGHER, LOWER) or better is None:
        return "none"
    if (verdict == LOWER) != (better == "lower"):
        return "worse"
    return "none" if find_explanations(outcome, verdicts) else "better"


def find_explanations(outcome: str, verdicts: Mapping[str, str]) -> tuple[str, ...]:
    """Find the outcomes that are shown to be lower and can explain a better value of an outcome.

    Args:
        outcome: name of the outcome.
        verdicts: name of each outcome -> verdict on its difference in the same arm.

    >>> find_explanations("cost_gbp_per_child_year", {"plan_stock_per_10k": "lower"})
    ('plan_stock_per_10k',)
    """
    known = OUTCOMES[outcome].explained_by if outcome in OUTCOMES else ()
    return tuple(name for name in known if verdicts.get(name) == LOWER)
