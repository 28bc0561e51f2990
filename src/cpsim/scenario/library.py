"""What the scenarios that come with cpsim are about; their settings are not checked, which takes longer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cpsim.scenario.merge import read_settings
from cpsim.scenario.nodes import to_values
from cpsim.scenario.search import Topic
from cpsim.scenario.sources import find_shipped_scenarios


@dataclass(frozen=True)
class ShippedScenario:
    """A scenario that comes with cpsim.

    Attributes:
        name: its name.
        file: its file.
        question: the question that it should answer.
        claims: the claims that it tests.
        timeline: the lines of its timeline as they are written, each with a lever or an institution.
    """

    name: str
    file: Path
    question: str
    claims: tuple[str, ...]
    timeline: tuple[Mapping[str, Any], ...]

    @property
    def first_year(self) -> int | None:
        """Year of the first dated event; None if there is none."""
        dates = (line["date"] for line in self.timeline if "date" in line)
        return min((date.fromisoformat(day).year for day in dates), default=None)

    def list_levers(self) -> tuple[str, ...]:
        """List the names of its levers and institutions, each once, and of the levers of these institutions.

        >>> list_shipped_scenarios()["pct_merger"].list_levers()
        ('boundaries', 'pct_merger', 'restructure')
        """
        from cpsim.scenario.institutions import load_institutions

        institutions = load_institutions()
        found: list[str] = []
        for line in self.timeline:
            name = line["lever"]
            found.append(name)
            found += [preset["lever"] for preset in institutions[name].levers] if name in institutions else []
        return tuple(dict.fromkeys(found))


def list_shipped_scenarios() -> dict[str, ShippedScenario]:
    """List the scenarios that come with cpsim by their names, in the order of their names.

    >>> list_shipped_scenarios()["scandal_pulse"].first_year
    2008
    """
    files = find_shipped_scenarios()
    written = {name: to_values(read_settings(file, [])) for name, file in files.items()}

    def complete(name: str) -> dict[str, Any]:
        own: dict[str, Any] = written[name]
        return complete(own["extends"]) | own if "extends" in own else own

    return {
        name: ShippedScenario(
            name,
            file,
            settings["question"],
            tuple(settings.get("claims", ())),
            tuple(settings.get("timeline", ())),
        )
        for name, file in files.items()
        for settings in [complete(name)]
    }


def create_topic(scenario: ShippedScenario) -> Topic:
    """Create what a search finds a scenario by: its name, question, claims, levers and institutions.

    >>> create_topic(list_shipped_scenarios()["scandal_pulse"]).more
    'D8 T10 D9 scandal_pulse scandal'
    """
    return Topic(scenario.name, scenario.question, " ".join((*scenario.claims, *scenario.list_levers())))
