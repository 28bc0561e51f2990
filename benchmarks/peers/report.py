"""The clock and the output that the measured programs share."""

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version


def measure(package: str, does: str, build: Callable[[int, int], Callable[[], object]]) -> None:
    """Build a model of the size and number of steps on the command line, time its steps, and print JSON.

    Args:
        package: the package, whose version is reported.
        does: what one step does for each agent.
        build: function of the number of agents and of steps that returns a function which makes all steps.
    """
    agents, steps = map(int, sys.argv[1:])
    start = time.process_time()
    run = build(agents, steps)
    built = time.process_time()
    run()
    seconds = time.process_time() - built
    print(
        json.dumps(
            {
                "package": package,
                "version": version(package),
                "does": does,
                "agents": agents,
                "steps": steps,
                "build_seconds": built - start,
                "seconds": seconds,
            }
        )
    )
