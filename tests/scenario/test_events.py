"""Levers are found by their entry points, and a lever is imported when it is used."""

from importlib.metadata import EntryPoint

import pytest

from cpsim.scenario.events import LEVER_GROUP, load_levers


def test_an_entry_point_that_is_no_lever_is_refused_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    added = EntryPoint("clock", "datetime:date", LEVER_GROUP)
    monkeypatch.setattr("cpsim.scenario.events.entry_points", lambda group: [added])  # noqa: ARG005
    levers = load_levers.__wrapped__()
    assert list(levers) == ["clock"]
    with pytest.raises(
        TypeError, match=r"entry point 'clock' of cpsim.levers: datetime:date is not a lever class"
    ):
        levers["clock"]
