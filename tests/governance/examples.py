"""One strong example of every lever: an event that has an effect in the tiny authority of the tests."""

from datetime import date
from typing import Any

FROM = date(2006, 4, 3)

EXAMPLES: dict[str, dict[str, Any]] = {
    "thresholds": {"kinds": ["school", "gp", "front_door"], "shift": -0.8},
    "boundaries": {"kind": "school", "overlap": 0.0, "wrong_authority": 0.1, "merge_to": 1, "file_lost": 0.5},
    "budget": {"per_year": -0.08, "step": -0.1, "hours_lost": 0.1},
    "deficit": {"funder": "health", "share_of_budget": 0.08},
    "demand": {"per_year": 0.3, "limit": 2.0},
    "duty": {"kinds": ["school", "gp"], "bound": True, "awareness": 1.0, "sanction": 1.0},
    "freedoms": {"growth": 0.03},
    "takeover": {"authorities": ["authority-02"], "transfer": 0.6, "drain": 0.15},
    "inspection": {"gaming": 0.3, "joint_work": 0.5},
    "initiatives": {"number": 8, "staff_drawn": 0.03, "workforce_plan": 0.2, "goal_noise": 0.5},
    "inspection_judgement": {
        "exits": 2.5,
        "workload": 1.5,
        "threshold_fall": 0.5,
        "support": 0.25,
        "review_hours": 300,
    },
    "pool": {"contribution_council": 0.6, "contribution_health": 0.8, "voluntary": 1.0, "package_share": 0.5},
    "ringfence": {"funder": "council", "share": 0.8},
    "leadership": {
        "background": "education",
        "convexity": 2.0,
        "leader_weight": 0.3,
        "spans": 4,
        "skill_loss": 0.2,
    },
    "reallocation": {"share": 0.5},
    "restructure": {
        "services": ["school", "social_care"],
        "depth": 0.6,
        "tie_cut": 0.7,
        "exits": 2.5,
        "gain": 0.1,
        "resistance": 0.5,
        "phases": 2,
        "phase_gap_weeks": 20,
    },
    "scale": {"authorities_sharing": 10, "economy": 0.1, "tie_loss": 0.1},
    "scandal": {"size": 1.0, "known_child_event": 0.1},
    "shared_record": {"lookup": 0.8, "reach": 1.0, "false_match": 0.05, "extra_contacts": 0.4},
    "attached_records": {"share_shown": 1.0, "extra_contacts": 0.4},
    "attention_practice": {"kinds": ["school", "gp"], "factor": 1.3},
    "recording_practice": {"gain": 0.6, "extra_contacts": 0.2},
    "attendance_practice": {"kinds": ["gp"], "factor": 5.0},
    "autonomy": {
        "kinds": ["school", "gp"],
        "share": 0.8,
        "league_weight": 1.0,
        "league_effect": 1.0,
        "tie_loss": 0.8,
    },
    "dedicated_agency": {"threshold_rise": 0.6, "accuracy_gain": 0.4},
    "hub": {"kinds": ["school", "gp", "police"], "strength": 1.0, "hub_trust": 0.1},
    "links": {"kinds": ["school", "gp"], "trust_gain": 0.1, "tie_cut": 0.7, "delivery": 0.8},
    "tiers": {"universal": 0.6, "targeted": 0.1, "acute": 0.3},
    "unequal_treatment": {"kinds": ["school", "gp", "police"], "threshold_gap": -0.8, "exposure_gap": 0.3},
}
"""Settings of each lever apart from `date` and `lever`."""

SETTINGS: dict[str, tuple[str, ...]] = {"takeover": ("authorities.count=2",)}
"""Further settings of the tiny authority that a lever needs to have an effect, as overrides."""


def event(lever: str, **settings: Any) -> dict[str, Any]:
    """Return the example of a lever as a line of a timeline, with some settings changed."""
    return {"date": FROM, "lever": lever, **EXAMPLES[lever], **settings}
