"""Who may use the demo: its own page, opened under a name of this server, and no other web page.

Any web page can make a browser send requests to this machine, so without a check any page could run the demo and read
all of it. The header `Origin`, which a page cannot change, names the page that sends a request. The header `Host` names
the address under which the browser found the server. A page that gives its own name the address of this machine
("DNS rebinding") has the right origin, but the wrong host.
"""

from __future__ import annotations

import socket
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocketClose

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    # Vue compiles templates in the page, so it needs `eval`; for older browsers a websocket is not part of 'self'.
    "content-security-policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",  # with `no-referrer`, browsers would hide the origin of the page from this server
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""Headers of every answer: the page loads nothing from elsewhere, and no other page embeds it or its files."""

_REFUSED = "Open the demo in a browser at the address that the command printed.\n"


def list_host_names(host: str, bound: socket.socket) -> frozenset[str]:
    """List the host names under which a browser may open the page, apart from the address of the server itself.

    Args:
        host: the host that the user gave.
        bound: the socket bound to it; if it listens on all addresses, the name of this machine is allowed too.
    """
    everywhere = ip_address(bound.getsockname()[0]).is_unspecified
    return frozenset({"localhost", (socket.gethostname() if everywhere else host).lower()})


class AccessCheck:
    """Refuses requests that do not come from the page of this server, and adds headers to all answers.

    A request is answered if its host is this server, under an allowed name or the address at which the request has
    arrived, with the port. It must come from a page of this server, too, or be a plain visit: reading, without an
    origin. Others get status 403 and nothing else.

    Args:
        app: the application that answers.
        names: host names that are allowed.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app, self._names = app, frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse, one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif self._is_allowed(scope):
            await self._app(scope, receive, send_with_headers)
        elif scope["type"] == "websocket":
            # Closing before accepting is a refusal with status 403.
            await WebSocketClose()(scope, receive, send)
        else:
            await PlainTextResponse(_REFUSED, 403)(scope, receive, send_with_headers)

    def _is_allowed(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        hosts = [host.lower() for host in headers.getlist("host")]
        if len(hosts) != 1 or hosts[0] not in self._list_hosts(*scope["server"]):
            return False
        origins = [origin.lower() for origin in headers.getlist("origin")]
        is_visit = not origins and scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        return is_visit or origins == [f"http://{hosts[0]}"]

    def _list_hosts(self, address: str, port: int) -> set[str]:
        """List the allowed values of the header `Host` for a request that has arrived at an address and a port."""
        suffix = "" if port == 80 else f":{port}"  # browsers leave the usual port out
        return {f"{name}{suffix}" for name in (*self._names, _format_address(address))}


def _format_address(address: str) -> str:
    """Format an address as browsers write it in a URL.

    >>> _format_address("::1"), _format_address("::ffff:192.168.1.20")
    ('[::1]', '192.168.1.20')
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or f"[{parsed}]")
    return address
