"""Starsim: an infection that spreads over random contacts, with arrays compiled by Numba."""

from collections.abc import Callable

import starsim as ss
from report import measure


def build(people: int, weeks: int) -> Callable[[], object]:
    """Build the model, and return a function that makes all its steps."""
    sim = ss.Sim(
        n_agents=people,
        diseases=ss.SIR(beta=ss.perweek(0.05), init_prev=0.05, dur_inf=ss.weeks(8)),
        networks=ss.RandomNet(n_contacts=4),
        start="2000-01-01",
        dur=ss.weeks(weeks),
        dt=ss.weeks(1),
        verbose=0,
    )
    sim.init()
    return sim.run  # type: ignore[no-any-return]


if __name__ == "__main__":
    measure("starsim", "new random contacts, infection over them, and recovery", build)
