"""cpsim: the scenario `baseline`, with all steps of its weekly plan."""

from collections.abc import Callable

from report import measure

from cpsim.simulation import Simulation


def build(children: int, weeks: int) -> Callable[[], None]:
    """Build the model, and return a function that makes all its steps."""
    years = {"years": 1, "warm_up_years": max(weeks // 52 - 2, 1)}
    simulation = Simulation(
        {"extends": "baseline", "population": {"children": children}, "clock": years}, seed=1
    )

    def run() -> None:
        for _ in range(weeks):
            simulation.step()

    return run


if __name__ == "__main__":
    measure(
        "cpsim", "signs, records, sharing, screening, assessment and protection, with queues and ties", build
    )
