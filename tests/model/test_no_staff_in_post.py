"""Weeks in which all posts of a team are vacant have no lasting effects once staff are hired."""

from tests.model.authority import build_model, run_to_end, scenario


def test_a_team_without_staff_recovers_when_social_workers_are_hired() -> None:
    """Utilisation is hours demanded divided by hours available, and it must stay finite when no hours are available."""
    model = build_model(scenario("workforce.exit_per_year=1", "workforce.refill_weeks=4"), collect=False)
    worst = 0.0
    while model.running:
        model.step()
        worst = max(worst, float(model.tables["teams"]["utilisation"].max()))
    assert worst < 1000


def test_an_authority_in_which_all_social_workers_leave_at_once_continues_to_run() -> None:
    run_to_end(build_model(scenario("workforce.exit_per_year=5", "workforce.refill_weeks=8"), collect=False))
