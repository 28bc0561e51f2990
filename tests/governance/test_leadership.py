"""In a merged department the attention to social care depends on size, the director's field and the span of control."""

from typing import Any

import pytest
from tests.governance.examples import FROM
from tests.governance.lever_models import WEEK, apply_events
from tests.model.authority import replace_sections, scenario

from cpsim.governance.leadership import Leadership
from cpsim.scenario.problems import ScenarioError

SIZE_ONLY = {"leader_weight": 0.0, "spans": 1, "skill_loss": 0.0}
"""Settings with which attention depends only on size."""


def leadership(**settings: Any) -> Leadership:
    return Leadership(**{"lever": "leadership", **settings})


def other_service(lever: Leadership) -> Leadership:
    """Return the same lever from the point of view of the other service."""
    swapped = {"social_care": "education", "education": "social_care", "none": "none"}
    seen = {"social_share": 1 - lever.social_share, "background": swapped[lever.background]}
    return lever.model_copy(update=seen)


@pytest.mark.parametrize("background", ["education", "social_care", "none"])
@pytest.mark.parametrize("convexity", [1.0, 1.3, 2.0])
@pytest.mark.parametrize("share", [0.1, 0.2, 0.35])
def test_the_attention_to_both_services_adds_up_to_one(
    share: float, convexity: float, background: str
) -> None:
    lever = leadership(social_share=share, convexity=convexity, background=background)
    assert lever.attention() + other_service(lever).attention() == pytest.approx(1)


@pytest.mark.parametrize("share", [0.1, 0.2, 0.35, 0.5, 1.0])
def test_accuracy_does_not_change_if_attention_is_proportional_to_size(share: float) -> None:
    assert leadership(social_share=share, convexity=1.0, **SIZE_ONLY).accuracy_factor() == 1


def test_the_smaller_service_gets_less_attention_than_its_share_and_the_larger_more() -> None:
    minority = [
        leadership(social_share=0.2, convexity=power, **SIZE_ONLY).accuracy_factor()
        for power in (1.0, 1.3, 2.0)
    ]
    assert minority == sorted(minority, reverse=True)
    assert minority[-1] == pytest.approx((0.04 / 0.68) / 0.2)
    assert leadership(social_share=0.8, convexity=1.3, **SIZE_ONLY).accuracy_factor() > 1
    assert leadership(social_share=0.5, convexity=1.3, **SIZE_ONLY).accuracy_factor() == pytest.approx(1)


def test_attention_leans_towards_the_directors_background() -> None:
    education, neither, social_care = (
        leadership(background=background, skill_loss=0.0).accuracy_factor()
        for background in ("education", "none", "social_care")
    )
    assert education < neither < social_care
    assert education == pytest.approx((1 - 0.1) * neither)


def test_skill_is_lost_under_a_director_from_education_only() -> None:
    def skill_lost(background: str) -> float:
        with_skill, without = (leadership(background=background, skill_loss=loss) for loss in (0.0, 0.2))
        return 1 - without.accuracy_factor() / with_skill.accuracy_factor()

    assert [skill_lost(background) for background in ("education", "social_care", "none")] == pytest.approx(
        [0.2, 0, 0]
    )


def test_every_further_service_reduces_attention_to_children() -> None:
    one, two, three = (leadership(spans=spans, span_penalty=0.25).accuracy_factor() for spans in (1, 2, 3))
    assert two == pytest.approx(one / 1.25)
    assert three == pytest.approx(one / 1.5)


def test_leadership_changes_the_accuracy_of_all_teams_and_no_attention_of_partners() -> None:
    event = {"date": FROM, "lever": "leadership", "background": "education"}
    assert (apply_events(event, to_week=WEEK - 1).tables["teams"]["accuracy"] == 1).all()
    model = apply_events(event)
    assert model.tables["teams"]["accuracy"] == pytest.approx(
        leadership(background="education").accuracy_factor()
    )
    assert (model.tables["organisations"]["attention_factor"] == 1).all()


@pytest.mark.parametrize("nonsense", [{"leader_weight": 1.0}, {"skill_loss": 1.0}])
def test_a_department_without_attention_to_social_care_is_refused(nonsense: dict[str, float]) -> None:
    event = {"date": FROM, "lever": "leadership", "background": "education", **nonsense}
    with pytest.raises(ScenarioError, match="without any attention"):
        replace_sections(scenario(), timeline=[event])
