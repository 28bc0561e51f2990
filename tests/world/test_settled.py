"""Families that never move are a world like any other."""

from tests.model.authority import outcome, stage


def test_where_no_family_moves_only_leavers_of_primary_school_lose_their_file() -> None:
    settled = outcome("population.home_moves_per_year=0")
    assert len(stage(settled, "file_left_behind")) < len(stage(outcome(), "file_left_behind"))
