"""A scenario's own network file, which is copied into the run's folder so that the folder can be run anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cpsim.results.errors import OutputError
from cpsim.scenario.paths import UnreadableFileError, read_bytes
from cpsim.scenario.sources import MAX_NETWORK_BYTES

NETWORK = "network.graphml"
"""Name of the copy of the user's network in a run's folder."""


def find_own_network(scenario: Mapping[str, Any]) -> Path | None:
    """Return the network file that a resolved scenario names; None if its network is generated."""
    graphml = scenario.get("network", {}).get("graphml")
    return None if graphml is None else Path(graphml)


def replace_network(scenario: Mapping[str, Any], graphml: str) -> dict[str, Any]:
    """Return the scenario with another path for its network file; unchanged if its network is generated.

    >>> replace_network({"network": {"graphml": "/network/ties.graphml"}}, "network.graphml")
    {'network': {'graphml': 'network.graphml'}}
    """
    if find_own_network(scenario) is None:
        return dict(scenario)
    return {**scenario, "network": {**scenario["network"], "graphml": graphml}}


def read_network(scenario: Mapping[str, Any]) -> bytes | None:
    """Read the network file of a resolved scenario; None if its network is generated.

    Raises:
        OutputError: it cannot be read, for example because it was removed during the run.
    """
    path = find_own_network(scenario)
    try:
        return None if path is None else read_bytes(path, MAX_NETWORK_BYTES)
    except UnreadableFileError as error:
        raise OutputError(f"{path}: cannot read the network file of this run: {error}") from error
