"""Plain Mesa: one object for each child, whose step is called every week."""

from collections.abc import Callable

from mesa import Agent, Model
from report import measure

ONSET, NOTICE, END = 0.0005, 0.1, 0.02
"""Weekly probabilities that harm begins, that a sign of it is noticed, and that it ends."""


class Child(Agent):  # type: ignore[misc]
    """A child who may come to harm, which someone may notice."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.in_harm = False
        self.concerns = 0

    def step(self) -> None:
        """Live through a week."""
        if not self.in_harm:
            self.in_harm = self.random.random() < ONSET
            return
        if self.random.random() < NOTICE:
            self.concerns += 1
        self.in_harm = self.random.random() >= END


def build(children: int, weeks: int) -> Callable[[], None]:
    """Build the model, and return a function that makes all its steps."""
    model = Model(seed=1)
    Child.create_agents(model, children)

    def run() -> None:
        for _ in range(weeks):
            model.agents.shuffle_do("step")

    return run


if __name__ == "__main__":
    measure("mesa", "harm begins or ends by chance, and is noticed by chance", build)
