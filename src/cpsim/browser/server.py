"""The server of the demo: Solara's, by default reachable only from this machine, and without internet access."""

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

    from cpsim.live.session import Show

_SETTINGS = {
    "SOLARA_APP": "cpsim.browser.page",
    # Development mode loads pages from Solara's site, and telemetry sends data to third parties.
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    # Otherwise headers of the first request could set it, and with it the address of every script of the page.
    "SOLARA_ROOT_PATH": "",
    # The front end comes from the package solara-assets.
    "SOLARA_ASSETS_PROXY": "True",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "False",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_THEME_TITLE": "cpsim",
    # Mesa's components break Solara's rules for hooks, which is harmless but would print a warning at every start.
    "SOLARA_CHECK_HOOKS": "off",
}
_CULL_TIMEOUT = "SOLARA_KERNEL_CULL_TIMEOUT", "30s"
"""Default time after which a lost tab is released; a tab that is closed is released at once."""

_SHUTDOWN_SECONDS = 2


class PortTaken(Exception):
    """Another program listens on the port.

    Attributes:
        free: a port that is free.
    """

    def __init__(self, port: int, free: int) -> None:
        super().__init__(f"port {port} is used by another program; --port {free} is free")
        self.free = free


def bind_socket(host: str, port: int) -> socket.socket:
    """Return a socket bound to a host and a port; port 0 chooses a free port.

    Raises:
        PortTaken: another program listens there.
        OSError: the host is not an address of this machine, or the port needs special rights.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    if os.name == "posix":  # on other systems the option lets two programs share a port
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        if error.errno != errno.EADDRINUSE:
            raise
        with bind_socket(host, 0) as free:
            raise PortTaken(port, free.getsockname()[1]) from error
    return bound


def is_loopback(bound: socket.socket) -> bool:
    """Whether only programs on this machine can reach a socket."""
    address = str(bound.getsockname()[0])
    return address == "::1" or address.startswith("127.")


def serve(show: Show, host: str, bound: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve a show until Ctrl-C or SIGTERM.

    Args:
        show: the show of every tab.
        host: the host that the user gave; a browser may open the page under this name.
        bound: the socket to listen on, bound to the host.
        ready: called with the address of the page as soon as it can be opened.
    """
    os.environ.update(_SETTINGS, SOLARA_SESSION_SECRET_KEY=secrets.token_hex(32))
    os.environ.setdefault(*_CULL_TIMEOUT)
    # Solara warns at every visit that its page can be embedded only over https; this page is not embedded.
    warnings.filterwarnings("ignore", "Cookies with samesite=none", UserWarning)
    # Solara reads its settings when it is imported.
    import uvicorn

    from cpsim.browser.access import list_host_names
    from cpsim.browser.application import create_app
    from cpsim.browser.page import set_show

    set_show(show)
    address = _format_address(bound)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(address)

    config = uvicorn.Config(
        create_app(list_host_names(host, bound)),
        log_level="warning",
        proxy_headers=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises it again after it has closed everything
        Server(config).run(sockets=[bound])


def _format_address(bound: socket.socket) -> str:
    """Return the address of the page for a browser on this machine, also if the socket listens on all addresses."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def open_browser(address: str) -> None:
    """Open a page in the browser of this machine without waiting for it."""
    threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()
