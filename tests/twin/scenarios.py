"""Small authorities in which everything that can happen in the model happens at least once."""

from typing import Any

from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario

# So many teams for an authority of average size that one of 700 or 2,000 children has several.
TINY: dict[str, Any] = {
    "extends": "small",
    "population": {"children": 2000, "children_per_area": 250},
    "workforce": {"assessment_teams": 100, "long_term_teams": 25},
    "clock": {"warm_up_years": 1, "years": 2},
}

SEVERE: dict[str, Any] = {
    "harm": {"onset_per_year": 0.08, "severity_spread": 1.0, "serious_event_per_week": 0.02},
    "front_door": {"referral_threshold": 0.5, "assessment_threshold": 0.6, "escalation_margin": 1.0},
    "assessment": {"core_threshold": 0.9, "s47_threshold": 1.0, "conference_threshold": 0.8},
    "conference": {"plan_threshold": 0.5, "evidence_weight": 0.2, "unique_information_chance": 0.5},
    "protection": {
        "care_threshold": 1.8, "care_median_weeks": 20, "court_weeks": 6,
        "plan_closure_threshold": 0.8, "first_review_closure_chance": 0.6,
        "recovery_on_plan_per_week": 0.05, "recovery_in_need_per_week": 0.02,
    },
}  # fmt: skip
"""Much harm and low thresholds, so that many children go through all stages."""

MANY_POSTS = {"assessment_posts_per_10k": 60, "long_term_posts_per_10k": 60}

SCENARIOS: dict[str, dict[str, Any]] = {
    "baseline": {},
    "dated duty": {
        "sharing": {"duty_effect": 0.7, "sanction_effect": 0.8},
        "timeline": [
            {"date": "2005-09-01", "lever": "duty", "kinds": ["school", "gp"], "bound": True, "awareness": 0.9},
            {"date": "2006-01-01", "lever": "duty", "kinds": ["school"], "sanction": 1.0},
            {"date": "2006-06-01", "lever": "duty", "kinds": ["police"], "bound": False},
        ],
    },
    "thresholds by decree": {
        "timeline": [
            {"lever": "thresholds", "kinds": ["gp", "front_door"], "shift": 0.3, "until": "2006-03-01"},
            {"date": "2005-09-01", "lever": "thresholds", "kinds": ["front_door"], "shift": -0.6, "fade_weeks": 20},
        ],
    },
    "shared records": {
        "timeline": [
            {"date": "2005-09-01", "lever": "shared_record", "kinds": ["school", "gp", "police"], "lookup": 0.7,
             "reach": 0.3, "false_match": 0.3},
            {"date": "2006-02-01", "lever": "shared_record", "lookup": 0.5, "reach": 1.0, "extra_contacts": 0.3,
             "until": "2006-12-01"},
            {"date": "2006-04-01", "lever": "attached_records", "share_shown": 0.6, "extra_contacts": 0.1},
        ],
    },
    "better practice": {
        **SEVERE,
        "timeline": [
            {"lever": "recording_practice", "gain": 0.3},
            {"date": "2005-09-01", "lever": "attention_practice", "kinds": ["gp", "pct"], "factor": 1.3},
            {"date": "2005-09-01", "lever": "attendance_practice", "kinds": ["gp", "hospital"], "factor": 5.0},
            {"date": "2006-03-01", "lever": "recording_practice", "kinds": ["school", "police"], "gain": 0.8,
             "extra_contacts": 0.3},
        ],
    },
    "a scandal and its ratchet": {
        **SEVERE,
        "timeline": [
            {"date": "2005-09-01", "lever": "scandal", "fade_weeks": 20, "known_child_event": 0.1,
             "until": "2006-12-01"},
        ],
    },
    "failing council": {
        **SEVERE,
        "workforce": {**MANY_POSTS, "exit_per_year": 0.5},
        "timeline": [
            {
                "date": "2005-09-01", "lever": "inspection_judgement", "exits": 2.5, "threshold_fall": 0.4,
                "review_hours": 300, "support_delay": 13,
            },
            {"date": "2006-09-01", "lever": "inspection_judgement", "recovery_weeks": None, "until": "2006-12-01"},
        ],
    },
    "inspected and judged": {
        **SEVERE,
        "workforce": {**MANY_POSTS, "exit_per_year": 0.5},
        "timeline": [
            {"date": "2005-05-02", "lever": "inspection", "every_weeks": 13, "gaming": 0.3, "bottom_share": 0.6},
            {
                "date": "2005-05-02", "lever": "inspection_judgement", "lowest_grade": True, "deadline_weeks": 13,
                "exits": 2.5, "threshold_fall": 0.5,
            },
            {
                "date": "2006-05-01", "lever": "inspection", "every_weeks": 20, "shift": -1.0, "joint_work": 0.5,
                "until": "2006-12-01",
            },
        ],
    },
    "merged in stages": {
        **SEVERE,
        "workforce": MANY_POSTS,
        "timeline": [
            {"date": "2005-06-01", "lever": "restructure", "services": ["school", "social_care"], "announced_weeks": 20,
             "depth": 0.4, "exits": 6, "gain": -0.1, "resistance": 0.7, "phases": 3, "phase_gap_weeks": 13},
            {"date": "2006-01-02", "lever": "restructure", "services": ["gp", "school"], "tie_cut": 0.9,
             "until": "2006-09-01"},
        ],
    },
    "austerity": {
        **SEVERE,
        "timeline": [
            {"date": "2005-04-01", "lever": "budget", "per_year": -0.1, "until": "2006-10-01"},
            {"date": "2005-06-01", "lever": "demand", "per_year": 0.5, "limit": 1.4},
            {"date": "2005-09-01", "lever": "budget", "step": -0.1, "hours_lost": 0.1},
        ],
    },
    "links, hubs and free schools": {
        "network": {"trust_spread": 0.2},
        "timeline": [
            {"lever": "dedicated_agency", "threshold_rise": 0.3, "accuracy_gain": 0.3, "until": "2006-06-01"},
            {"date": "2005-06-01", "lever": "autonomy", "kinds": ["school", "gp"], "share": 0.5, "tie_loss": 0.6},
            {"date": "2005-09-01", "lever": "links", "kinds": ["school", "gp"], "partners": ["front_door", "police"],
             "trust_gain": 0.3, "tie_cut": 0.2, "delivery": 1.3, "until": "2006-10-01"},
            {"date": "2006-01-01", "lever": "links", "kinds": ["front_door"], "delivery": 0.8, "trust_gain": 0},
            {"date": "2006-03-01", "lever": "hub", "kinds": ["school", "police"], "hub_trust": 0.9},
        ],
    },
    "one director and a shared service": {
        **SEVERE,
        "timeline": [
            {"date": "2005-06-01", "lever": "leadership", "background": "social_care", "until": "2006-03-01"},
            {"date": "2005-09-01", "lever": "scale", "economy": 0.1, "saved_share": 0.3, "tie_loss": 0.1},
            {"date": "2006-03-01", "lever": "leadership", "background": "education", "spans": 3},
        ],
    },
    "pooled budgets": {
        **SEVERE,
        "workforce": MANY_POSTS,
        "timeline": [
            {"lever": "ringfence", "funder": "council", "share": 0.7},
            {
                "date": "2005-06-01", "lever": "pool", "contribution_council": 0.4, "contribution_health": 0.9,
                "voluntary": 0.8, "package_share": 0.5, "need_share": 0.3,
            },
            {"date": "2005-09-01", "lever": "deficit", "funder": "health", "share_of_budget": 0.025},
            {
                "date": "2006-01-01", "lever": "pool", "contribution_council": 0.4, "contribution_health": 0.1,
                "voluntary": 1.0, "package_share": 0.5, "need_share": 0.3, "parties": 20,
            },
            {"date": "2006-06-01", "lever": "budget", "hours_lost": 0.2},
        ],
    },
    "fewer and larger organisations": {
        **SEVERE,
        "agencies": {"pct": {"sites_per_10k_children": 40}, "gp": {"sites_per_10k_children": 30}},
        "network": {"lateral_density": 0.5},
        "sharing": {"consult_chance": 1, "consult_margin": 3},
        "timeline": [
            {"date": "2005-04-04", "lever": "boundaries", "kind": "pct", "overlap": 0.4, "merge_to": 4},
            {"date": "2005-10-03", "lever": "boundaries", "kind": "gp", "merge_to": 2, "wrong_authority": 0.2},
            {"date": "2006-03-06", "lever": "boundaries", "kind": "pct", "merge_to": 1, "file_lost": 0.6},
            {"date": "2006-03-06", "lever": "restructure", "services": ["pct"], "depth": 0.3},
        ],
    },
    "indicators and initiatives": {
        **SEVERE,
        "workforce": {**MANY_POSTS, "exit_per_year": 0.4},
        "timeline": [
            {"lever": "tiers", "universal": 0.5, "targeted": 0.1, "acute": 0.4, "until": "2006-06-01"},
            {"date": "2005-04-01", "lever": "initiatives", "number": 6, "staff_drawn": 0.05, "goal_noise": 0.3},
            {"date": "2005-09-01", "lever": "reallocation", "share": 0.4},
            {"date": "2005-12-01", "lever": "initiatives", "number": 3, "cost": 0.03, "until": "2006-11-01"},
            {"date": "2006-01-01", "lever": "initiatives", "number": 0, "workforce_plan": 0.7},
        ],
    },
    "unequal treatment": {
        "population": {"group_share": 0.4},
        "timeline": [
            {"lever": "unequal_treatment", "kinds": ["police"], "threshold_gap": 0.3, "exposure_gap": -0.2,
             "until": "2006-06-01"},
            {"date": "2005-09-01", "lever": "unequal_treatment", "kinds": ["school", "police"], "threshold_gap": -0.6,
             "exposure_gap": 0.4},
        ],
    },
    "no consultation of partners": {"network": {"lateral_density": 0}},
    "consultation of all partners": {
        "network": {"lateral_density": 1},
        "sharing": {"consult_chance": 1, "consult_margin": 3},
    },
    "slow post": {
        "network": {"message_delay_weeks": 3, "trust_start": 0.3, "trust_spread": 0.2, "delivery_trust_power": 1}
    },
    "no noise": {
        "sharing": {"share_noise": 0},
        "front_door": {"screening_noise": 0},
        "assessment": {"initial_noise": 0, "core_noise": 0, "child_bias": 0, "initial_days_spread": 0},
        "conference": {"noise": 0},
        "protection": {"review_noise": 0},
    },
    "too few workers": {
        "front_door": {"referral_threshold": 0.5, "assessment_threshold": 0.6},
        "workforce": {"assessment_posts_per_10k": 12, "caseload_limit": 2, "refill_weeks": 0},
    },
    "quick turnover": {
        **SEVERE,
        "workforce": {**MANY_POSTS, "exit_per_year": 1.5, "refill_weeks": 6, "vacancy_start": 0.3},
    },
    "long careers": {**SEVERE, "workforce": {**MANY_POSTS, "caseload_limit": 3}},
    "three authorities": {
        "population": {
            "children": 700, "children_per_area": 70, "home_moves_per_year": 0.5, "school_outside_share": 0.15,
        },
        "authorities": {
            "count": 3, "named": [{"name": "Ashford", "size": 1.4, "leadership": 1.3, "money": 0.7}],
            "size_spread": 0.3, "deprivation_spread": 2, "resources_spread": 0.4, "leadership_spread": 0.3,
            "trust_spread": 0.1, "money_spread": 0.3, "moves_between": 0.4,
        },
        "agencies": {"pct": {"catchment": "region", "sites_per_10k_children": 9}},
        "network": {"message_delay_weeks": 2, "wrong_authority": 0.2, "lateral_density": 0.3},
        **SEVERE,
        "workforce": MANY_POSTS,
        "timeline": [
            {"lever": "thresholds", "kinds": ["gp", "front_door"], "shift": 0.3, "authorities": ["Ashford"]},
            {"lever": "thresholds", "kinds": ["school"], "shift": -0.5, "authorities": {"lot": 2}},
            {"lever": "thresholds", "kinds": ["pct"], "shift": -0.5, "authorities": {"most_deprived": 1}},
            {"lever": "thresholds", "kinds": ["community"], "shift": 0.5, "authorities": {"least_resourced": 1}},
        ],
    },
    "a scandal next door": {
        "population": {
            "children": 700, "children_per_area": 70, "home_moves_per_year": 0.3, "school_outside_share": 0.2,
        },
        "authorities": {"count": 3, "moves_between": 0.3},
        "agencies": {"pct": {"catchment": "region", "sites_per_10k_children": 20}},
        **SEVERE,
        "workforce": MANY_POSTS,
        "timeline": [
            {"lever": "autonomy", "kinds": ["school", "pct"], "share": 0.6, "authorities": ["authority-02"]},
            {"date": "2005-06-06", "lever": "scandal", "spillover": 0.5, "known_child_event": 0.03,
             "authorities": ["authority-02"]},
            {"date": "2005-10-03", "lever": "links", "kinds": ["pct", "school"], "tie_cut": 0.3, "delivery": 1.2,
             "partners": ["front_door", "gp"], "authorities": ["authority-01", "authority-02"]},
            {"date": "2005-10-03", "lever": "hub", "kinds": ["pct", "gp"], "authorities": ["authority-03"]},
            {"date": "2006-01-02", "lever": "dedicated_agency", "authorities": ["authority-01"]},
            {"date": "2006-01-02", "lever": "unequal_treatment", "kinds": ["pct", "police"], "threshold_gap": 0.4,
             "exposure_gap": 0.3, "authorities": ["authority-01", "authority-03"]},
        ],
    },
    "the strong and the weak": {
        "population": {"children": 700, "children_per_area": 70},
        "authorities": {"count": 4, "size_spread": 0.3, "leadership_spread": 0.3, "resources_spread": 0.3},
        **SEVERE,
        "workforce": {**MANY_POSTS, "exit_per_year": 0.8},
        "timeline": [
            {"date": "2005-06-06", "lever": "takeover", "authorities": ["authority-02"], "until": "2006-02-06"},
            {"date": "2005-06-06", "lever": "inspection", "every_weeks": 13, "top_share": 0.4, "bottom_share": 0.3},
            {"date": "2005-06-06", "lever": "freedoms", "top_grade": True, "growth": 0.03, "staff_flow": 1.5},
            {"date": "2005-06-06", "lever": "inspection_judgement", "lowest_grade": True, "exits": 2.5,
             "deadline_weeks": 26},
            {
                "date": "2005-10-03", "lever": "inspection", "every_weeks": 26, "shift": -0.5,
                "authorities": ["authority-01", "authority-04"],
            },
            {
                "date": "2006-03-06", "lever": "takeover", "authorities": ["authority-01", "authority-03"],
                "transfer": 0.6, "drain": 0.15,
            },
            {
                "date": "2006-06-05", "lever": "takeover", "authorities": ["authority-04"],
                "donor": "authority-01",
            },
        ],
    },
    "rich and poor": {
        "population": {"children": 700, "children_per_area": 70},
        "authorities": {"count": 3, "money_spread": 0.3, "resources_spread": 0.3},
        **SEVERE,
        "workforce": {**MANY_POSTS, "exit_per_year": 0.4},
        "timeline": [
            {"lever": "ringfence", "funder": "health", "share": 0.6, "authorities": ["authority-02"]},
            {"lever": "tiers", "targeted": 0.1, "authorities": ["authority-01", "authority-03"]},
            {"date": "2005-04-04", "lever": "budget", "per_year": -0.1, "authorities": ["authority-02"]},
            {
                "date": "2005-06-06", "lever": "pool", "contribution_council": 0.7, "contribution_health": 0.7,
                "voluntary": 1.0, "package_share": 0.5, "dispute_loss": 0.25,
            },
            {"date": "2005-09-05", "lever": "initiatives", "number": 5, "authorities": ["authority-03"]},
            {"date": "2005-10-03", "lever": "deficit", "funder": "council", "authorities": ["authority-01"]},
            {"date": "2006-01-02", "lever": "initiatives", "number": 3, "staff_drawn": 0.03},
            {"date": "2006-03-06", "lever": "reallocation", "share": 0.5, "authorities": ["authority-01"]},
        ],
    },
    "trusts across three authorities merge": {
        "population": {"children": 700, "children_per_area": 70, "home_moves_per_year": 0.3},
        "authorities": {"count": 3, "moves_between": 0.3},
        "agencies": {"pct": {"catchment": "region", "sites_per_10k_children": 35}},
        "network": {"wrong_authority": 0.3, "lateral_density": 0.6},
        "sharing": {"consult_chance": 1, "consult_margin": 3},
        **SEVERE,
        "workforce": MANY_POSTS,
        "timeline": [
            {"lever": "boundaries", "kind": "gp", "overlap": 0.5, "wrong_authority": 0.3, "until": "2006-01-02"},
            {"date": "2005-10-03", "lever": "boundaries", "kind": "pct", "merge_to": 1, "file_lost": 0.3,
             "authorities": ["authority-01", "authority-03"]},
            {"date": "2006-03-06", "lever": "restructure", "services": ["pct", "social_care"],
             "authorities": ["authority-02", "authority-03"]},
            {"date": "2006-03-06", "lever": "scale", "economy": 0.1, "tie_loss": 0.1, "authorities": ["authority-02"]},
            {"date": "2006-06-05", "lever": "boundaries", "kind": "pct", "merge_to": 1},
        ],
    },
    "more agencies": {
        "agencies": {
            "youth_justice": {"sites_per_10k_children": 5, "share_threshold": 0.8},
            "helpline": {"tied": False, "catchment": "area", "sites_per_10k_children": 10, "weakest_visible_sign": 1.0},
        },
        "duties": {"youth_justice": {"awareness": 1.0, "sanction": 0.5}},
    },
}  # fmt: skip
"""The settings that each scenario adds to `TINY`."""


def build_scenario(name: str, **sections: Any) -> Scenario:
    """Build a scenario by name; `sections` are merged into the tiny authority before the scenario's settings."""
    tree = dict(TINY)
    for part in (sections, SCENARIOS[name]):
        for section, settings in part.items():
            tree[section] = {**tree.get(section, {}), **settings} if isinstance(settings, dict) else settings
    return from_mapping({"name": name, **tree}, [])
