"""Worlds in which families never move home."""

from tests.model.authority import select_events, tiny_result


def test_without_moves_of_home_files_are_left_behind_only_on_moving_to_secondary_school() -> None:
    settled = tiny_result("population.home_moves_per_year=0")
    assert len(select_events(settled, "file_left_behind")) < len(
        select_events(tiny_result(), "file_left_behind")
    )
