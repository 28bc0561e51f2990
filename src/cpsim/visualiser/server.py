"""The server of the demo: Solara's, on this machine alone unless it is told otherwise, and without the internet."""

from __future__ import annotations

import errno
import os
import secrets
import socket
import threading
import warnings
import webbrowser
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpsim.visualiser.classroom import Show

_SETTINGS = {
    "SOLARA_APP": "cpsim.visualiser.page",
    # The development mode loads pages from Solara's site, and telemetry reports to others.
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    # The front end comes from the package solara-assets.
    "SOLARA_ASSETS_PROXY": "True",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "False",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_THEME_TITLE": "cpsim",
    # Mesa's own components break Solara's rules for hooks, harmlessly, and every start would say so.
    "SOLARA_CHECK_HOOKS": "off",
}
_PATIENCE = "SOLARA_KERNEL_CULL_TIMEOUT", "30s"
"""A tab that is closed is let go at once; one that was lost, after this, unless the environment says otherwise."""

_SECONDS_TO_SAY_GOODBYE = 2


class PortTaken(Exception):
    """Another program listens at the port.

    Attributes:
        free: a port at which none does.
    """

    def __init__(self, port: int, free: int) -> None:
        super().__init__(f"port {port} is taken by another program; --port {free} is free")
        self.free = free


def listening(host: str, port: int) -> socket.socket:
    """A socket bound to a host and a port, 0 for any that is free.

    Raises:
        PortTaken: another program listens there.
        OSError: the host is none of this machine, or the port is not for everybody.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    if os.name == "posix":  # elsewhere it would let two programs share a port
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        if error.errno != errno.EADDRINUSE:
            raise
        with listening(host, 0) as free:
            raise PortTaken(port, free.getsockname()[1]) from error
    return bound


def is_loopback(bound: socket.socket) -> bool:
    """Whether only programs of this machine reach a socket."""
    address = str(bound.getsockname()[0])
    return address == "::1" or address.startswith("127.")


def serve(show: Show, bound: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve a show until Ctrl-C or a polite kill.

    Args:
        show: what every tab shows.
        bound: where to listen.
        ready: called with the address of the page once it can be opened.
    """
    os.environ.update(_SETTINGS, SOLARA_SESSION_SECRET_KEY=secrets.token_hex(32))
    os.environ.setdefault(*_PATIENCE)
    # Solara can be put into other pages over https only, and says so at every visit; here nobody wants to.
    warnings.filterwarnings("ignore", "Cookies with samesite=none", UserWarning)
    # Solara reads its settings when it is imported.
    import uvicorn

    from cpsim.visualiser.page import put_on

    put_on(show)
    address = _address(bound)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(address)

    config = uvicorn.Config(
        "solara.server.starlette:app",
        log_level="warning",
        timeout_graceful_shutdown=_SECONDS_TO_SAY_GOODBYE,
    )
    with suppress(KeyboardInterrupt):  # uvicorn has closed everything by then, and passes it on
        Server(config).run(sockets=[bound])


def _address(bound: socket.socket) -> str:
    """Where a browser on this machine finds what is served at a socket, which may listen everywhere."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def open_browser(address: str) -> None:
    """Show a page in the browser of this machine, without waiting for it."""
    threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()
