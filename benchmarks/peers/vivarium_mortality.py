"""Vivarium: its own example of a population that ages and dies, with pipelines and common random numbers."""

from collections.abc import Callable

from report import measure
from vivarium import InteractiveContext
from vivarium.examples.disease_model import BasePopulation


def build(people: int, weeks: int) -> Callable[[], None]:
    """Build the model, and return a function that makes all its steps."""
    context = InteractiveContext(
        components=[BasePopulation()],
        configuration={
            "population": {"population_size": people},
            "time": {"step_size": 7},
        },
        logging_verbosity=0,
    )
    return lambda: context.take_steps(weeks)


if __name__ == "__main__":
    measure("vivarium", "everyone ages, and may die at a rate that a pipeline gives", build)
