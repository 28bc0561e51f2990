"""Run tasks on workers and return their results in the order of the tasks, with any number of workers."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from typing import TypeVar

from cpsim.parallel.engine import Engine, EngineError

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_TICK = 0.2
"""Longest time in seconds between two reports of progress."""
_MAX_DEATHS = 3


def run_tasks(
    work: Callable[[Task], Answer],
    tasks: Sequence[Task],
    engine: Engine,
    on_tick: Callable[[int], None] = lambda _: None,
) -> list[Answer]:
    """Run all tasks; a task whose worker dies is repeated.

    Args:
        work: a function at module level; tasks and results are pickled.
        tasks: the arguments of `work`, one for each call.
        engine: the workers.
        on_tick: called several times a second with the number of finished tasks; an exception raised here stops all.

    Returns:
        The results, in the order of `tasks`.

    Raises:
        EngineError: the workers were lost, or three of them died during the same task.
        Exception: any exception raised by `work`.
    """
    found: dict[int, Answer] = {}
    deaths = [0] * len(tasks)
    waiting = deque(range(len(tasks)))
    under_way: dict[Future[Answer], int] = {}
    on_tick(0)
    while len(found) < len(tasks):
        while waiting and len(under_way) < engine.count_slots():
            index = waiting.popleft()
            under_way[engine.executor.submit(work, tasks[index])] = index
        finished, _ = wait(under_way, _TICK, FIRST_COMPLETED)
        for future in finished:
            index = under_way.pop(future)
            try:
                found[index] = future.result()
            except engine.death_errors as death:
                deaths[index] += 1
                if deaths[index] == _MAX_DEATHS:
                    raise EngineError(f"the worker died {_MAX_DEATHS} times in one task") from death
                waiting.appendleft(index)
            except CancelledError as error:
                raise EngineError("the workers were lost") from error
        on_tick(len(found))
    return [found[index] for index in range(len(tasks))]
