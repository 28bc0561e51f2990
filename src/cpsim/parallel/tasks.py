"""Run tasks on workers: keep the workers busy, repeat the tasks of a worker that died, report progress, and stop."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from typing import TypeVar

from cpsim.parallel.engine import Engine, EngineError

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_TICK = 0.2
"""Longest time in seconds between two reports of progress, and between two checks for a request to stop."""
MAX_DEATHS = 3
"""Number of workers that may die during a task before it is given up."""


def dispatch(
    submit: Callable[[Task], Future[Answer]],
    tasks: Iterable[Task],
    engine: Engine,
    *,
    split: Callable[[Task], Iterable[Task]] = lambda task: (task,),
    on_tick: Callable[[], None] = lambda: None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[Task, Future[Answer]]]:
    """Submit tasks to workers and yield each with its finished future, in the order in which they finish.

    Args:
        submit: gives a task to `engine.executor`.
        tasks: read one by one, when a slot is free.
        engine: the workers; no more tasks are under way than they have slots.
        split: returns the tasks that replace a task whose worker died; by default it is repeated whole.
        on_tick: called several times a second, after the finished tasks were yielded; an exception raised here stops
            all.
        stop: called after `on_tick`; if it returns True, the tasks that have finished are yielded, and those under way
            are abandoned.

    Yields:
        A task and its future: it has the answer, the exception of the work, or the death of the last worker if
        `MAX_DEATHS` workers have died during the task and the tasks that it was split from.

    >>> from cpsim.parallel.engine import open_in_process_engine
    >>> with open_in_process_engine() as engine:
    ...     finished = dispatch(lambda number: engine.executor.submit(pow, number, 2), [2, 3], engine)
    ...     [(number, future.result()) for number, future in finished]
    [(2, 4), (3, 9)]
    """
    new, repeats = ((task, 0) for task in tasks), deque[tuple[Task, int]]()
    under_way: dict[Future[Answer], tuple[Task, int]] = {}

    def take(finished: Iterable[Future[Answer]]) -> Iterator[tuple[Task, Future[Answer]]]:
        for future in finished:
            task, deaths = under_way.pop(future)
            died = not future.cancelled() and isinstance(future.exception(), engine.death_errors)
            if died and deaths + 1 < MAX_DEATHS:
                repeats.extend((part, deaths + 1) for part in split(task))
            else:
                yield task, future

    while True:
        slots = engine.count_slots()
        while len(under_way) < slots:
            attempt = repeats.popleft() if repeats else next(new, None)
            if attempt is None:
                break
            under_way[submit(attempt[0])] = attempt
        if not under_way:
            return
        yield from take(wait(under_way, _TICK, FIRST_COMPLETED).done)
        on_tick()
        if stop():
            yield from take([future for future in under_way if future.done()])
            return


def run_tasks(
    work: Callable[[Task], Answer],
    tasks: Sequence[Task],
    engine: Engine,
    on_tick: Callable[[int], None] = lambda _: None,
    on_answer: Callable[[Answer], None] = lambda _: None,
) -> list[Answer]:
    """Run all tasks and return their results in the order of the tasks; a task whose worker dies is repeated.

    Args:
        work: a function at module level; tasks and results are pickled.
        tasks: the arguments of `work`, one for each call.
        engine: the workers.
        on_tick: called several times a second with the number of finished tasks; an exception raised here stops all.
        on_answer: called with each result, in the order in which the tasks finish.

    Returns:
        The results, in the order of `tasks`.

    Raises:
        EngineError: the workers were lost, or three of them died during the same task.
        Exception: any exception raised by `work`.
    """
    found: dict[int, Answer] = {}

    def submit(index: int) -> Future[Answer]:
        return engine.executor.submit(work, tasks[index])

    on_tick(0)
    for index, future in dispatch(submit, range(len(tasks)), engine, on_tick=lambda: on_tick(len(found))):
        try:
            found[index] = future.result()
        except engine.death_errors as death:
            raise EngineError(f"the worker died {MAX_DEATHS} times in one task") from death
        except CancelledError as error:
            raise EngineError("the workers were lost") from error
        on_answer(found[index])
    return [found[index] for index in range(len(tasks))]
