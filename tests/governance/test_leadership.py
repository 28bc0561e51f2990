"""In a merged department social care gets what attention size, the director's field and other services leave."""

from typing import Any

import pytest
from tests.governance.boards import WEEK, governed
from tests.governance.examples import FROM
from tests.model.authority import changed, scenario

from cpsim.governance.leadership import Leadership
from cpsim.scenario.problems import ScenarioError

ALONE = {"leader_weight": 0.0, "spans": 1, "skill_loss": 0.0}
"""Nothing but size matters."""


def leadership(**settings: Any) -> Leadership:
    return Leadership(**{"lever": "leadership", **settings})


def other_service(lever: Leadership) -> Leadership:
    """The same department, seen from the other service."""
    swapped = {"social_care": "education", "education": "social_care", "none": "none"}
    seen = {"social_share": 1 - lever.social_share, "background": swapped[lever.background]}
    return lever.model_copy(update=seen)


@pytest.mark.parametrize("background", ["education", "social_care", "none"])
@pytest.mark.parametrize("convexity", [1.0, 1.3, 2.0])
@pytest.mark.parametrize("share", [0.1, 0.2, 0.35])
def test_attention_is_shared_out_and_neither_made_nor_lost(
    share: float, convexity: float, background: str
) -> None:
    lever = leadership(social_share=share, convexity=convexity, background=background)
    assert lever.attention() + other_service(lever).attention() == pytest.approx(1)


@pytest.mark.parametrize("share", [0.1, 0.2, 0.35, 0.5, 1.0])
def test_where_attention_follows_size_nobody_loses(share: float) -> None:
    assert leadership(social_share=share, convexity=1.0, **ALONE).factor() == 1


def test_the_smaller_service_gets_less_than_is_due_to_it_and_the_larger_more() -> None:
    minority = [leadership(social_share=0.2, convexity=power, **ALONE).factor() for power in (1.0, 1.3, 2.0)]
    assert minority == sorted(minority, reverse=True)
    assert minority[-1] == pytest.approx((0.04 / 0.68) / 0.2)
    assert leadership(social_share=0.8, convexity=1.3, **ALONE).factor() > 1
    assert leadership(social_share=0.5, convexity=1.3, **ALONE).factor() == pytest.approx(1)


def test_a_director_turns_to_the_field_that_he_or_she_comes_from() -> None:
    education, neither, social_care = (
        leadership(background=background, skill_loss=0.0).factor()
        for background in ("education", "none", "social_care")
    )
    assert education < neither < social_care
    assert education == pytest.approx((1 - 0.1) * neither)


def test_skill_is_lost_under_a_director_from_education_only() -> None:
    def lost(background: str) -> float:
        with_skill, without = (leadership(background=background, skill_loss=loss) for loss in (0.0, 0.2))
        return 1 - without.factor() / with_skill.factor()

    assert [lost(background) for background in ("education", "social_care", "none")] == pytest.approx(
        [0.2, 0, 0]
    )


def test_every_further_service_leaves_less_for_children() -> None:
    one, two, three = (leadership(spans=spans, span_penalty=0.25).factor() for spans in (1, 2, 3))
    assert two == pytest.approx(one / 1.25)
    assert three == pytest.approx(one / 1.5)


def test_all_teams_of_the_council_judge_by_what_attention_there_is_and_no_partner_does() -> None:
    event = {"date": FROM, "lever": "leadership", "background": "education"}
    assert (governed(event, to_week=WEEK - 1).tables["teams"]["accuracy"] == 1).all()
    model = governed(event)
    assert model.tables["teams"]["accuracy"] == pytest.approx(leadership(background="education").factor())
    assert (model.tables["organisations"]["attention_factor"] == 1).all()


@pytest.mark.parametrize("nonsense", [{"leader_weight": 1.0}, {"skill_loss": 1.0}])
def test_a_department_that_gives_social_care_no_thought_is_refused(nonsense: dict[str, float]) -> None:
    event = {"date": FROM, "lever": "leadership", "background": "education", **nonsense}
    with pytest.raises(ScenarioError, match="without any attention"):
        changed(scenario(), timeline=[event])
