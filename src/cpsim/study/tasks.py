"""Tasks handed to workers, and their answers in the order of the tasks, however many workers there are."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from typing import TypeVar

from cpsim.study.engine import Engine, EngineFailed

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_TICK = 0.2
"""Seconds after which it is told at the latest how far the work is."""
_ENOUGH_DEATHS = 3


def answers(
    work: Callable[[Task], Answer],
    tasks: Sequence[Task],
    engine: Engine,
    on_tick: Callable[[int], None] = lambda _: None,
) -> list[Answer]:
    """Have all tasks done; a task whose worker dies is done again.

    Args:
        work: a module's function; task and answer are pickled.
        tasks: what it is called with, one by one.
        engine: the workers.
        on_tick: called several times a second with the number of tasks done; what it raises ends the work.

    Raises:
        EngineFailed: the workers have gone, or several died of one task.
        Exception: whatever the work raised.
    """
    found: dict[int, Answer] = {}
    deaths = [0] * len(tasks)
    waiting = deque(range(len(tasks)))
    under_way: dict[Future[Answer], int] = {}
    on_tick(0)
    while len(found) < len(tasks):
        while waiting and len(under_way) < engine.places():
            place = waiting.popleft()
            under_way[engine.executor.submit(work, tasks[place])] = place
        ended, _ = wait(under_way, _TICK, FIRST_COMPLETED)
        for future in ended:
            place = under_way.pop(future)
            try:
                found[place] = future.result()
            except engine.deaths as death:
                deaths[place] += 1
                if deaths[place] == _ENOUGH_DEATHS:
                    raise EngineFailed(f"the worker died {_ENOUGH_DEATHS} times in one task") from death
                waiting.appendleft(place)
            except CancelledError as error:
                raise EngineFailed("the workers have gone") from error
        on_tick(len(found))
    return [found[place] for place in range(len(tasks))]
