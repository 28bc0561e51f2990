"""Weeks without anybody in post must not echo for years: pace and error of judgement return when people do."""

from tests.model.authority import finished, model_of, scenario


def test_a_team_that_is_empty_for_a_while_recovers_when_somebody_is_hired() -> None:
    """Load is hours asked for over hours there; with nobody in post it must stay a number that can be forgotten."""
    model = model_of(scenario("workforce.exit_per_year=1", "workforce.refill_weeks=4"), collect=False)
    worst = 0.0
    while model.running:
        model.step()
        worst = max(worst, float(model.tables["teams"]["utilisation"].max()))
    assert worst < 1000


def test_an_authority_in_which_everybody_leaves_at_once_runs_on() -> None:
    finished(model_of(scenario("workforce.exit_per_year=5", "workforce.refill_weeks=8"), collect=False))
