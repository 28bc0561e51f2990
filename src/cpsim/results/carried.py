"""The file that a scenario names travels with its run, so that the run's folder can be run again wherever it lies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cpsim.results.folder import OutputError

NETWORK = "network.graphml"
"""Name of the copy of the user's own network in a run's folder."""


def own_network(scenario: Mapping[str, Any]) -> Path | None:
    """The network file that a resolved scenario names; None if its network is generated."""
    graphml = scenario.get("network", {}).get("graphml")
    return None if graphml is None else Path(graphml)


def with_network(scenario: Mapping[str, Any], graphml: str) -> dict[str, Any]:
    """The scenario with another name for its network file; one whose network is generated stays as it is."""
    if own_network(scenario) is None:
        return dict(scenario)
    return {**scenario, "network": {**scenario["network"], "graphml": graphml}}


def network_content(scenario: Mapping[str, Any]) -> bytes | None:
    """What the network file of a resolved scenario holds; None if its network is generated.

    Raises:
        OutputError: it cannot be read, for example because it was taken away while the run went on.
    """
    path = own_network(scenario)
    try:
        return None if path is None else path.read_bytes()
    except OSError as error:
        raise OutputError(f"{path}: the network of this run cannot be read: {error.strerror}") from error
