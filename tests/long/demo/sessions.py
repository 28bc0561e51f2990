"""Tabs without a browser: HTTP and websocket clients that open the page as a browser does, play some weeks, and close.

A browser asks for the page, opens a websocket, has Solara run the page, and then sends a message for each click. The
server keeps the same session, classroom and model for such a client as for a browser.
"""

import json
import struct
from collections.abc import Callable
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from websockets.sync.client import connect

_SECONDS_TO_ANSWER = 60
_SECONDS_TO_STEP = 5


class Tab:
    """An open tab. It remembers the widgets of the page, as the server last described them.

    Attributes:
        widgets: the state of each widget, by its number.
    """

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self._kernel, self._page = str(uuid4()), str(uuid4())
        self.widgets: dict[str, dict[str, Any]] = {}
        cookie = self._request("GET", "/").split(";")[0]
        self._open = ExitStack()
        connection = connect(
            f"ws://{self._host}/jupyter/api/kernels/{self._kernel}/channels?session_id={self._page}",
            origin=f"http://{self._host}",  # type: ignore[arg-type]  # a NewType of str
            additional_headers={"Cookie": cookie},
            max_size=None,
            max_queue=None,  # otherwise unread messages would hold up the end of the connection
        )
        self._socket = self._open.enter_context(connection)
        control = str(uuid4())
        self._send("comm_open", control, {}, target_name="solara.control")
        self._send("comm_msg", control, {"method": "run", "args": {"path": "/"}})

    def _request(self, method: str, path: str) -> str:
        """Send a request as the page does, and return the cookie that the server sets."""
        connection = HTTPConnection(self._host, timeout=_SECONDS_TO_ANSWER)
        try:
            connection.request(method, path, headers={"Origin": f"http://{self._host}"})
            answer = connection.getresponse()
            assert answer.status == 200, f"{method} {path}: {answer.status}"
            answer.read()
            return answer.getheader("Set-Cookie") or ""
        finally:
            connection.close()

    def _send(self, kind: str, comm: str, data: dict[str, Any], **content: str) -> None:
        header = {"msg_id": str(uuid4()), "msg_type": kind, "session": self._page, "version": "5.3"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "channel": "shell", "buffers": []}
        self._socket.send(json.dumps({**message, "content": {"comm_id": comm, "data": data, **content}}))

    def wait_for(
        self, find: Callable[[dict[str, dict[str, Any]]], Any], seconds: float = _SECONDS_TO_ANSWER
    ) -> Any:
        """Read messages until `find` returns something about the widgets that is true, and return it.

        Raises:
            TimeoutError: the server has sent nothing for so many seconds.
        """
        while not (found := find(self.widgets)):
            message = _decode(self._socket.recv(timeout=seconds))
            content = message["content"]
            match message["header"]["msg_type"]:
                case "comm_open" | "comm_msg":
                    state = content["data"].get("state", {})
                    self.widgets.setdefault(content["comm_id"], {}).update(state)
                case "comm_close":
                    self.widgets.pop(content["comm_id"], None)
        return found

    def read_week(self) -> int:
        """Return the week that the network shows, once the show has opened."""
        return int(self.wait_for(_find_frame)["week"])

    def step(self) -> None:
        """Step one week and wait until it is shown; a click is lost if the buttons are redrawn during it."""
        before = self.read_week()
        while self.read_week() == before:
            button = self.wait_for(lambda widgets: _find_button(widgets, "Step"))
            self._send("comm_msg", button, {"method": "custom", "content": {"event": "click", "data": {}}})
            with suppress(TimeoutError):
                self.wait_for(
                    lambda widgets: (_find_frame(widgets) or {"week": before})["week"] > before,
                    _SECONDS_TO_STEP,
                )

    def close(self) -> None:
        """Close the tab: the page reports it, and the connection ends."""
        self._request("POST", f"/_solara/api/close/{self._kernel}?session_id={self._page}")
        self._open.close()

    def lose(self) -> None:
        """Lose the connection without a report, as when the browser crashes."""
        self._socket.socket.close()


def _decode(message: str | bytes) -> dict[str, Any]:
    """Decode a message of the Jupyter protocol; one with binary parts begins with their number and offsets."""
    if isinstance(message, bytes):
        parts = struct.unpack_from("!i", message)[0]
        start, *others = struct.unpack_from(f"!{parts}I", message, 4)
        message = message[start : others[0] if others else None].decode()
    decoded: dict[str, Any] = json.loads(message)
    return decoded


def _find_frame(widgets: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    return next((state["frame"] for state in widgets.values() if state.get("frame")), None)


def _find_button(widgets: dict[str, dict[str, Any]], label: str) -> str | None:
    return next((name for name, state in widgets.items() if label in (state.get("children") or ())), None)
