"""A run that remembers which stage it has reached, so that a failure can be reported with it."""

from collections.abc import Callable

from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation
from cpsim.world import World

_MAX_ERROR_LENGTH = 500


class StagedRun:
    """Runs a scenario to its end.

    Attributes:
        stage: the stage under way or reached: `world`, `start`, `week 17`, or `figures` after the last week.
    """

    def __init__(self) -> None:
        self.stage = "world"

    def simulate(
        self,
        scenario: Scenario,
        seed: int,
        draw: Callable[[Scenario, int], World],
        on_week: Callable[[int], None] = lambda _: None,
    ) -> Simulation:
        """Run a scenario and return the finished simulation.

        Args:
            scenario: the scenario.
            seed: the seed.
            draw: function of scenario and seed that returns the world.
            on_week: called after every week with the number of weeks run.
        """
        world = draw(scenario, seed)
        self.stage = "start"
        model = Simulation(scenario, seed=seed, world=world)
        while model.running:
            self.stage = f"week {model.week}"
            model.step()
            on_week(model.week)
        self.stage = "figures"
        return model


def format_error(error: Exception) -> str:
    """Format the type and the message of an exception for the row of a failed run.

    >>> format_error(ValueError("no such week"))
    'ValueError: no such week'
    """
    return f"{type(error).__name__}: {error}"[:_MAX_ERROR_LENGTH]
