"""Where tasks are worked on: one seam, a `concurrent.futures.Executor`, for processes of this machine or a cluster.

Only `submit` and the futures that it gives are used, so another engine is a few lines, such as for MPI:

    with MPIPoolExecutor() as executor:
        yield Engine(executor, places=lambda: 2 * 63, deaths=(BrokenExecutor,))
"""

import logging
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from typing import Any

_SECONDS_BETWEEN_COUNTS = 5
_STARTS = 3
"""How often a worker may die before it has begun anything."""


class EngineFailed(RuntimeError):
    """The workers cannot be started or reached; no run is to blame."""


class WorkerDied(Exception):
    """A worker's process ended in the middle of a task: it was killed, ran out of memory, or crashed."""


@dataclass(frozen=True)
class Engine:
    """Workers that take tasks.

    Attributes:
        executor: takes the tasks.
        places: how many tasks are worth having under way now: those worked on, and some that wait for a worker.
        deaths: what a future raises whose worker died.
    """

    executor: Executor
    places: Callable[[], int]
    deaths: tuple[type[BaseException], ...]


@contextmanager
def local(workers: int) -> Iterator[Engine]:
    """Worker processes on this machine, killed in the end with whatever they are at.

    Args:
        workers: how many, at least 1.
    """
    processes = Processes(workers)
    try:
        yield Engine(processes, lambda: 2 * workers, (WorkerDied,))
    finally:
        processes.shutdown()


class Here(Executor):
    """No workers at all: what is handed in is done in this process before `submit` returns."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A future that has its result, or what the work raised."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  it is raised again where the result is asked for
            future.set_exception(error)
        return future


def here(executor: Executor | None = None) -> AbstractContextManager[Engine]:
    """This process does all the work itself, one task at a time.

    Args:
        executor: does a task as it is handed in; `Here()` if None.
    """
    return nullcontext(Engine(executor or Here(), lambda: 1, (WorkerDied,)))


@contextmanager
def dask(scheduler: str) -> Iterator[Engine]:
    """The workers of a Dask cluster, such as `tcp://10.0.0.1:8786`, those that come later too.

    What is under way in the end is cancelled.

    Raises:
        EngineFailed: Dask is not installed, or nobody answers at this address.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise EngineFailed("Dask is not installed; get it with: pip install 'cpsim[cluster]'") from error
    _silence("distributed", "distributed.client")
    try:
        client = Client(scheduler, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EngineFailed(f"no Dask scheduler answers at {scheduler}: {error}") from error
    try:
        yield Engine(client.get_executor(pure=False), _twice_the_threads(client), (KilledWorker,))
    finally:
        client.close(timeout=1)


def _twice_the_threads(client: Any) -> Callable[[], int]:
    """Workers of a cluster come and go, so they are counted now and then."""
    places, counted = 2, -math.inf

    def now() -> int:
        nonlocal places, counted
        if time.monotonic() - counted > _SECONDS_BETWEEN_COUNTS:
            with suppress(OSError):  # if nobody is there any longer, the futures will say so
                places = max(2, 2 * sum(client.nthreads().values()))
            counted = time.monotonic()
        return places

    return now


def _silence(*logs: str) -> None:
    """Keep pages of tracebacks off the screen: what goes wrong is told by the futures.

    For good, since threads of a cluster's client go on telling of a lost connection when the client is closed.
    """
    for log in logs:
        logging.getLogger(log).setLevel(logging.CRITICAL)


class Processes(Executor):
    """An executor over processes of which each is tended by a thread of its own.

    When a worker dies it is known which task it was at, nobody else is disturbed, and a new worker takes its place.
    The standard library's pool would give up all that is under way.
    """

    def __init__(self, workers: int) -> None:
        self._threads = ThreadPoolExecutor(workers, "cpsim worker", initializer=_leave_ctrl_c_to_the_parent)
        self._own = threading.local()
        self._workers: set[_Worker] = set()
        self._changing = threading.Lock()
        self._closed = False

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a module's function called in a worker; its arguments, its result and what it raises are pickled.

        The future raises `WorkerDied` if the worker dies, and `EngineFailed` if none can be started.
        """
        return self._threads.submit(self._done_by_own_worker, work, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """Kill the workers."""
        with self._changing:
            self._closed = True
            for worker in self._workers:
                worker.kill()
        self._threads.shutdown(wait, cancel_futures=cancel_futures)

    def _done_by_own_worker(self, work: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        worker = getattr(self._own, "worker", None) or self._new_worker()
        try:
            return worker.do(work, args, kwargs)
        except WorkerDied:
            with self._changing:
                self._workers.discard(worker)
            self._own.worker = None
            raise

    def _new_worker(self) -> "_Worker":
        for _ in range(_STARTS):
            with self._changing:
                if self._closed:
                    break
                worker = _Worker()
                self._workers.add(worker)
            if worker.ready():
                self._own.worker = worker
                return worker
        raise EngineFailed("worker processes end before they begin; what they say stands above")


class _Worker:
    """A process, and the line to it."""

    def __init__(self) -> None:
        spawn = get_context("spawn")
        self._line, its_end = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(its_end,), daemon=True)
        self._process.start()
        its_end.close()  # so that the line breaks when the process ends

    def ready(self) -> bool:
        """Wait until it has started; whether it has."""
        try:
            return bool(self._line.recv())
        except (EOFError, OSError):
            return False

    def do(self, work: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Have something done and wait for it.

        Raises:
            WorkerDied: the process has ended.
            Exception: whatever the work raised.
        """
        try:
            self._line.send((work, args, kwargs))
            result, error = self._line.recv()
        except (EOFError, OSError) as broken:
            self._process.join(1)
            raise WorkerDied(f"exit code {self._process.exitcode}") from broken
        if error is not None:
            raise error
        return result

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()


def _serve(line: Connection) -> None:
    """The life of a worker."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    line.send(True)
    while True:
        try:
            work, args, kwargs = line.recv()
        except (EOFError, OSError):
            return
        line.send(_result_and_error(work, args, kwargs))


def _result_and_error(work: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, Exception | None]:
    try:
        return work(*args, **kwargs), None
    except Exception as error:  # noqa: BLE001  it is raised again where the result is asked for
        return None, error


def _end_with_parent() -> None:
    """A parent that was killed cannot end its workers; they would go on for nobody."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _leave_ctrl_c_to_the_parent() -> None:
    """A terminal sends Ctrl-C to every process; what this thread starts has inherited that it does not listen."""
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # its first start, within that of a process, would undo what follows
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
