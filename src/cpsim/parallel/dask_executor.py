"""An executor of the workers of a Dask cluster that survives workers that leave."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from typing import Any


class DaskExecutor(Executor):
    """Submits tasks to a cluster; Dask repeats a task whose worker leaves before the result has arrived.

    Dask's own executor fails with a `TypeError` if a worker leaves while its result is being fetched.

    Args:
        client: a `distributed.Client`; when it is closed, unfinished tasks are cancelled.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function in a worker; it, its arguments and its result are pickled."""
        answer: Future[Any] = Future()
        task = self._client.submit(work, *args, pure=False, **kwargs)
        self._client.loop.add_callback(_pass_on, task, answer)
        return answer


async def _pass_on(task: Any, answer: Future[Any]) -> None:
    """Wait for a task of Dask and give its result to a future."""
    try:
        answer.set_result(await task)
    except CancelledError:
        answer.cancel()
        answer.set_running_or_notify_cancel()
    except Exception as error:  # noqa: BLE001  the future raises it again
        answer.set_exception(error)
