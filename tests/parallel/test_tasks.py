"""Tasks are given to workers a few at a time; a task that kills its workers does not end the others."""

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from cpsim.parallel.engine import Engine, InProcessExecutor, WorkerDiedError, open_in_process_engine
from cpsim.parallel.tasks import MAX_DEATHS, dispatch, run_tasks

Seeds = tuple[int, ...]
DEADLY = 2
"""The seed that kills its worker."""


def run_seeds(seeds: Seeds) -> int:
    if DEADLY in seeds:
        raise WorkerDiedError("exit code -9")
    return sum(seeds)


def start_slots(slots: int) -> Engine:
    return Engine(InProcessExecutor(), lambda: slots, (WorkerDiedError,))


def separate(seeds: Seeds) -> list[Seeds]:
    return [(seed,) for seed in seeds]


def test_a_task_whose_worker_died_is_split_until_only_the_deadly_seed_is_left() -> None:
    submitted: list[Seeds] = []

    def submit(seeds: Seeds) -> Future[int]:
        submitted.append(seeds)
        return engine.executor.submit(run_seeds, seeds)

    with open_in_process_engine() as engine:
        finished = dict(dispatch(submit, [(1, DEADLY, 3), (4, 5)], engine, split=separate))
    assert {seeds: future.result() for seeds, future in finished.items() if seeds != (DEADLY,)} == {
        (1,): 1, (3,): 3, (4, 5): 9
    }, "every other seed has its answer"  # fmt: skip
    with pytest.raises(WorkerDiedError):
        finished[(DEADLY,)].result()
    assert sum(DEADLY in seeds for seeds in submitted) == MAX_DEATHS, (
        "no further worker is lost to the deadly seed"
    )
    assert submitted.count((4, 5)) == 1, "a task whose worker lives is not split or repeated"


def test_no_more_tasks_are_under_way_than_the_workers_have_slots() -> None:
    under_way: list[Future[int]] = []
    most = 0

    def submit(_: int) -> Future[int]:
        nonlocal most
        under_way.append(Future())
        most = max(most, len(under_way))
        return under_way[-1]

    def finish_one() -> None:
        if under_way:
            under_way.pop(0).set_result(0)

    finished = list(dispatch(submit, range(7), start_slots(3), on_tick=finish_one))
    assert sorted(number for number, _ in finished) == list(range(7)), "each task finishes once"
    assert most == 3, "the workers' slots are filled, and not exceeded"


def test_work_that_is_stopped_yields_what_has_finished_and_begins_nothing_more() -> None:
    begun: dict[int, Future[int]] = {}

    def list_seeds() -> Iterator[int]:
        yield from range(100)

    def submit(seed: int) -> Future[int]:
        begun[seed] = Future()
        if seed == 0:
            begun[seed].set_result(0)
        return begun[seed]

    def stop() -> bool:
        begun[1].set_result(10)
        return True

    seeds = list_seeds()
    finished = [
        (seed, future.result()) for seed, future in dispatch(submit, seeds, start_slots(3), stop=stop)
    ]
    assert finished == [(0, 0), (1, 10)], "seed 1 finished while the work was being stopped"
    assert (list(begun), next(seeds)) == ([0, 1, 2], 3), "later seeds are not even listed"


def test_an_error_of_the_work_is_raised_as_it_is_and_progress_counts_finished_tasks() -> None:
    counts: list[int] = []
    with open_in_process_engine() as engine:
        assert run_tasks(run_seeds, [(1,), (3, 4)], engine, counts.append) == [1, 7], (
            "in the order of the tasks"
        )
        assert counts == [0, 1, 2], "progress starts at no task and ends with all"
        with pytest.raises(ZeroDivisionError):
            run_tasks(lambda divisor: 1 / divisor, [1, 0], engine)
