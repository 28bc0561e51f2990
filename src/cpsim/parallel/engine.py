"""Engines that run tasks: this process, local worker processes, or a cluster.

An engine wraps a `concurrent.futures.Executor`, of which only `submit` and the futures are used, and has a channel on
which a task can send results before it ends. Other executors need only a few lines, for example for MPI:

    with MPIPoolExecutor() as executor:
        yield Engine(executor, count_slots=lambda: 2 * 63, death_errors=(BrokenExecutor,))

Without a channel, the results of a task arrive when it ends.
"""

import logging
import math
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import current_process, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

__all__ = [
    "Engine",
    "EngineError",
    "InProcessExecutor",
    "WorkerDiedError",
    "open_dask_engine",
    "open_in_process_engine",
    "open_local_engine",
]

from cpsim.formatting import format_setting, pluralise

_SECONDS_BETWEEN_COUNTS = 5
_MAX_STARTS = 3
"""Number of attempts to start a worker process."""
_WITHOUT_GUARD = 78
"""Exit code of a worker that would start workers itself, because the script that it imports has no main guard."""
_WHAT_TO_WRITE = (
    'put its code below `if __name__ == "__main__":`, or run it in this process with '
    "engine=open_in_process_engine()"
)

Send = Callable[[Any], None]
"""A function, in the process of a worker, that sends a result."""
Receive = Callable[[Any], None]
"""A function, in this process, that takes a result. It is called in any thread and must not raise an exception."""


class EngineError(RuntimeError):
    """The workers cannot be started or reached; the cause is not in a run.

    >>> from cpsim.parallel.tasks import run_tasks
    >>> def crash(task):
    ...     raise WorkerDiedError("exit code 1")
    >>> with open_in_process_engine() as engine:
    ...     run_tasks(crash, ["a run"], engine)
    Traceback (most recent call last):
    ...
    cpsim.parallel.engine.EngineError: the worker died 3 times in one task
    """


class WorkerDiedError(Exception):
    """The process of a worker ended during a task: it was killed, ran out of memory, or crashed.

    >>> import os
    >>> with open_local_engine(1) as engine:
    ...     engine.executor.submit(os._exit, 3).result()
    Traceback (most recent call last):
    ...
    cpsim.parallel.engine.WorkerDiedError: exit code 3
    """


def _discard(result: Any) -> None:
    """Send nothing."""
    del result


def _open_no_channel(receive: Receive) -> Send:
    """Return a function that sends nothing."""
    del receive
    return _discard


@dataclass(frozen=True)
class Engine:
    """Workers that run tasks.

    Attributes:
        executor: executor to which tasks are submitted.
        count_slots: returns how many tasks should be under way now: those being run, and some that wait for a worker.
        death_errors: exceptions that a future raises if its worker died.
        open_channel: takes a function of this process, and returns one that sends results to it; the latter can be
            pickled and given to tasks. By default it sends nothing.

    Any executor can be made an engine; this one has two threads:

    >>> with ThreadPoolExecutor(2) as threads:
    ...     engine = Engine(threads, count_slots=lambda: 4, death_errors=(WorkerDiedError,))
    ...     engine.executor.submit(max, 2, 3).result()
    3

    A task can send results on a channel before it ends:

    >>> received = []
    >>> with open_in_process_engine() as engine:
    ...     send = engine.open_channel(received.append)
    ...     _ = engine.executor.submit(send, "the row of a run")
    >>> received
    ['the row of a run']
    """

    executor: Executor
    count_slots: Callable[[], int]
    death_errors: tuple[type[BaseException], ...]
    open_channel: Callable[[Receive], Send] = _open_no_channel


SLOTS_PER_WORKER = 2
"""Tasks under way for each local process: the one that it runs, and the next."""


@contextmanager
def open_local_engine(workers: int) -> Iterator[Engine]:
    """Start worker processes on this machine; they are killed on exit, even during a task.

    Every worker imports the script that is run, whose code must therefore be below `if __name__ == "__main__":`.

    Args:
        workers: number of processes, at least 1.

    Raises:
        SystemExit: the script has no such line, or is read from standard input; the message says what to do.

    >>> with open_local_engine(1) as engine:
    ...     engine.executor.submit(max, 2, 3).result()
    3
    """
    processes = ProcessExecutor(workers)
    try:
        yield Engine(
            processes, lambda: SLOTS_PER_WORKER * workers, (WorkerDiedError,), processes.open_channel
        )
    finally:
        processes.shutdown()


class InProcessExecutor(Executor):
    """An executor without workers: it runs each task in this process before `submit` returns.

    >>> InProcessExecutor().submit(max, 2, 3).result()
    3
    """

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call `work` and return a finished future with its result or its exception.

        Args:
            work: the function.
            *args: its arguments.
            **kwargs: its arguments by name.
        """
        future: Future[Any] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  the future raises it again
            future.set_exception(error)
        return future


def open_in_process_engine(executor: Executor | None = None) -> AbstractContextManager[Engine]:
    """Run all tasks in this process, one at a time.

    Args:
        executor: an executor that finishes a task before `submit` returns; `InProcessExecutor()` if None.

    >>> with open_in_process_engine() as engine:
    ...     engine.executor.submit(max, 2, 3).done()
    True
    """
    return nullcontext(
        Engine(executor or InProcessExecutor(), lambda: 1, (WorkerDiedError,), lambda receive: receive)
    )


@contextmanager
def open_dask_engine(scheduler: str, *, patience: float = 600, jobs: int = 1) -> Iterator[Engine]:
    """Connect to the workers of a Dask cluster, including workers that join later; cancel unfinished tasks on exit.

    Args:
        scheduler: address of the scheduler, such as `tcp://10.0.0.1:8786`.
        patience: seconds without any worker after which the engine fails.
        jobs: number of workers for which tasks are submitted even before they have joined.

    Raises:
        EngineError: Dask is not installed, or no scheduler answers at this address.

    This needs a cluster, so it is not run with the other examples; `tests/sweeps/test_sweep_cluster.py` starts one:

    >>> with open_dask_engine("tcp://10.0.0.1:8786") as engine:  # doctest: +SKIP
    ...     engine.executor.submit(max, 2, 3).result()
    3
    """
    try:
        from distributed import Client, KilledWorker

        from cpsim.parallel.dask_executor import DaskExecutor
    except ImportError as error:
        raise EngineError("Dask is not installed; install it with: pip install 'cpsim[cluster]'") from error
    _silence_loggers("distributed", "distributed.client", "tornado.application", "asyncio")
    try:
        client = Client(scheduler, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EngineError(f"no Dask scheduler answers at {scheduler}: {error}") from error
    try:
        count_slots = _make_slot_counter(client, patience, jobs)
        channel = partial(_open_dask_channel, client)
        yield Engine(DaskExecutor(client), count_slots, (KilledWorker,), channel)
    finally:
        client.close(timeout=1)


def _open_dask_channel(client: Any, receive: Receive) -> Send:
    """Subscribe to the events of a new topic, and return a function that publishes results as such events."""
    from distributed.protocol.serialize import deserialize_bytes

    def on_event(event: tuple[float, bytes]) -> None:
        receive(deserialize_bytes(event[1]))

    topic = f"cpsim-{secrets.token_hex(8)}"
    client.subscribe_topic(topic, on_event)
    return partial(_publish_dask_event, topic)


def _publish_dask_event(topic: str, result: Any) -> None:
    from distributed import get_worker
    from distributed.protocol.serialize import serialize_bytes

    get_worker().log_event(topic, serialize_bytes(result))


def _make_slot_counter(client: Any, patience: float, jobs: int) -> Callable[[], int]:
    """Make a function that returns twice the number of threads of a cluster, counted again every few seconds.

    It raises `EngineError` if the cluster has had no worker for `patience` seconds.
    """
    slots, counted_at, worked_at = 2 * jobs, -math.inf, time.monotonic()

    def count_slots() -> int:
        nonlocal slots, counted_at, worked_at
        now = time.monotonic()
        if now - counted_at > min(_SECONDS_BETWEEN_COUNTS, patience):
            counted_at = now
            with suppress(OSError):  # if the cluster is gone, the futures report it
                threads = sum(client.nthreads().values())
                slots = 2 * max(jobs, threads)
                worked_at = now if threads else worked_at
            if now - worked_at > patience:
                minutes = patience / 60
                raise EngineError(
                    f"the cluster has had no worker for {format_setting(minutes)} {pluralise(minutes, 'minute')}"
                )
        return slots

    return count_slots


def _silence_loggers(*names: str) -> None:
    """Suppress the tracebacks that loggers print; errors are reported through the futures.

    The loggers stay silent, because threads of a Dask client report a lost connection even after the client is closed.
    """
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)


class ProcessExecutor(Executor):
    """An executor of worker processes, each controlled by its own thread.

    When a worker dies, only its own task is affected, and a new worker takes its place. The process pool of the
    standard library would abandon all tasks under way.
    """

    def __init__(self, workers: int) -> None:
        _check_script()
        self._threads = ThreadPoolExecutor(workers, "cpsim worker", initializer=_block_ctrl_c)
        self._own = threading.local()
        self._workers: set[_WorkerProcess] = set()
        self._workers_lock = threading.Lock()
        self._closed = False
        self._receive: Receive = _discard

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function at module level in a worker; its arguments, result and exception are pickled.

        The future raises `WorkerDiedError` if the worker dies, `EngineError` if none can be started, and `SystemExit`
        if the script has no main guard.
        """
        return self._threads.submit(self._call_in_own_worker, work, args, kwargs)

    def open_channel(self, receive: Receive) -> Send:
        """Let tasks send results to `receive`; a worker continues its task only when `receive` has returned."""
        self._receive = receive
        return _send_to_parent

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """Kill the worker processes and stop their threads."""
        with self._workers_lock:
            self._closed = True
            for worker in self._workers:
                worker.kill()
        self._threads.shutdown(wait, cancel_futures=cancel_futures)

    def _call_in_own_worker(self, work: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        worker = getattr(self._own, "worker", None) or self._start_worker()
        try:
            return worker.call(work, args, kwargs, self._receive)
        except WorkerDiedError:
            with self._workers_lock:
                self._workers.discard(worker)
            self._own.worker = None
            raise

    def _start_worker(self) -> "_WorkerProcess":
        for _ in range(_MAX_STARTS):
            with self._workers_lock:
                if self._closed:
                    break
                worker = _WorkerProcess()
                self._workers.add(worker)
            if worker.wait_until_started():
                self._own.worker = worker
                return worker
            if worker.exit_code == _WITHOUT_GUARD:
                raise SystemExit(
                    f"cpsim: every worker process imports this script and would start others; {_WHAT_TO_WRITE}"
                )
        raise EngineError("the worker processes end before they start to work; see their output above")


def _check_script() -> None:
    """Check that the script that is run does not start workers while a worker imports it, and is a file.

    Raises:
        SystemExit: it is read from standard input.
    """
    if getattr(current_process(), "_inheriting", False):
        os._exit(_WITHOUT_GUARD)  # this is such a worker; the process that started it says what is wrong
    if getattr(sys.modules["__main__"], "__file__", None) == "<stdin>":
        raise SystemExit(
            "cpsim: worker processes cannot import a script that is read from standard input; save it as a file and "
            f"{_WHAT_TO_WRITE}"
        )


class _Message(NamedTuple):
    """What a worker process sends: a result during a task, or at its end the result or the exception."""

    content: Any
    error: Exception | None = None
    is_last: bool = False


class _WorkerProcess:
    """A worker process and the connection to it."""

    def __init__(self) -> None:
        spawn = get_context("spawn")
        self._connection, other_end = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(other_end,), daemon=True)
        self._process.start()
        other_end.close()  # so that the connection breaks when the process ends

    def wait_until_started(self) -> bool:
        """Wait until the process has started; return False if it ended instead."""
        try:
            return bool(self._connection.recv())
        except (EOFError, OSError):
            self._process.join(1)
            return False

    @property
    def exit_code(self) -> int | None:
        """Exit code of the process; None while it runs."""
        return self._process.exitcode

    def call(self, work: Callable[..., Any], args: Any, kwargs: Any, receive: Receive) -> Any:
        """Call a function in the process, pass on what it sends, and wait for its result.

        Raises:
            WorkerDiedError: the process has ended.
            Exception: any exception raised by `work`.
        """
        try:
            self._connection.send((work, args, kwargs))
            while not (message := self._connection.recv()).is_last:
                receive(message.content)
                self._connection.send(_RECEIVED)
        except (EOFError, OSError) as broken:
            self._process.join(1)
            raise WorkerDiedError(f"exit code {self.exit_code}") from broken
        if message.error is not None:
            raise message.error
        return message.content

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()


_RECEIVED = "received"
_connection_to_parent: Connection | None = None
"""In a worker process, the connection to the process that started it."""


def _send_to_parent(result: Any) -> None:
    """Send a result during a task, and wait until it has been received, so that no two results can be lost."""
    if _connection_to_parent is not None:
        try:
            _connection_to_parent.send(_Message(result))
            _connection_to_parent.recv()
        except (EOFError, OSError):
            os._exit(1)  # the parent has ended


def _serve(connection: Connection) -> None:
    """Main function of a worker process: receive calls, and send their results until the connection breaks."""
    global _connection_to_parent  # noqa: PLW0603  a task can reach only module-level names
    _connection_to_parent = connection
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    connection.send(True)
    while True:
        try:
            work, args, kwargs = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(_call_and_catch(work, args, kwargs))


def _call_and_catch(work: Callable[..., Any], args: Any, kwargs: Any) -> _Message:
    try:
        return _Message(work(*args, **kwargs), is_last=True)
    except Exception as error:  # noqa: BLE001  the future raises it again
        return _Message(None, error, is_last=True)


def _exit_with_parent() -> None:
    """Exit when the parent process ends, because a parent that was killed cannot end its workers."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _block_ctrl_c() -> None:
    """Block Ctrl-C in this thread and in the processes that it starts, so that only the parent handles it.

    A terminal sends Ctrl-C to every process of its group.
    """
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # starting it later, together with a process, would unblock the signal
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
