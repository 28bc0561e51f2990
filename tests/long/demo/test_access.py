"""Other web pages get nothing of the demo: not under another name, not from another origin, and only what it needs."""

import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import anyio
import pytest
from starlette.types import Message
from tests.long.demo.shows import Server, run_server
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from cpsim.browser.access import AccessCheck, list_host_names
from cpsim.browser.application import NEEDED_ROUTES
from cpsim.browser.server import bind_socket
from cpsim.parallel.fresh_process import run_fresh_python

LIST_ROUTES = """
from solara.server import starlette
from cpsim.browser.application import find_path
print(*(find_path(route) for route in starlette.routes))
"""
SESSION = "/jupyter/api/kernels/kernel/channels"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A show of a tiny authority, which must not have printed any error at the end."""
    with run_server("small") as server:
        yield server
        assert server.output == ""


def ask(server: Server, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    """Send a request to the server; return the status and the body of the answer."""
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=20)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


# -- who is answered


def is_answered(
    host: str, origin: str | None = None, *, names: tuple[str, ...] = ("localhost",), arrived: str = "127.0.0.1",
    port: int = 8765, method: str = "GET", kind: str = "http",
) -> bool:  # fmt: skip
    """Return whether a request is passed on to the application."""
    answered = []

    async def app(*_: object) -> None:
        answered.append(True)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        assert message.get("status", 403) == 403

    headers = [(b"host", host.encode()), *([(b"origin", origin.encode())] if origin else [])]
    scope = {"type": kind, "method": method, "path": "/", "headers": headers, "server": (arrived, port)}
    anyio.run(AccessCheck(app, names), scope, receive, send)
    return bool(answered)


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("127.0.0.1:8765", True),
        ("localhost:8765", True),
        ("LocalHost:8765", True),
        ("evil.example:8765", False),
        ("127.0.0.1.evil.example:8765", False),
        ("localhost.evil.example:8765", False),
        ("evil.example@127.0.0.1:8765", False),
        ("192.168.1.20:8765", False),
        ("localhost:8766", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_only_names_of_this_server_are_answered(host: str, answered: bool) -> None:
    assert is_answered(host) == answered
    assert is_answered(host, f"http://{host}", kind="websocket") == answered


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://evil.example:8765",
        "http://localhost:3000",
        "http://127.0.0.1:8765",  # the page was opened as localhost, so this is another origin
        "https://localhost:8765",
        "http://localhost:8765.evil.example",
        "null",
    ],
)
def test_no_page_of_another_origin_is_answered(origin: str, kind: str, method: str) -> None:
    assert not is_answered("localhost:8765", origin, kind=kind, method=method)
    assert is_answered("localhost:8765", "http://localhost:8765", kind=kind, method=method)


def test_without_an_origin_a_request_can_only_read() -> None:
    assert is_answered("localhost:8765")
    assert not is_answered("localhost:8765", method="POST")
    assert not is_answered("localhost:8765", kind="websocket")


def test_on_the_network_the_address_of_this_machine_and_its_name_are_answered() -> None:
    with bind_socket("0.0.0.0", 0) as everywhere, bind_socket("localhost", 0) as here:
        names = list_host_names("0.0.0.0", everywhere)
        assert names == {"localhost", socket.gethostname().lower()}
        assert list_host_names("Laptop.Local", here) == {"localhost", "laptop.local"}
    for host in ("192.168.1.20:8765", f"{socket.gethostname()}:8765"):
        assert is_answered(host, f"http://{host}", names=tuple(names), arrived="192.168.1.20")
        assert is_answered(host, names=tuple(names), arrived="::ffff:192.168.1.20")
    assert not is_answered("192.168.1.99:8765", names=tuple(names), arrived="192.168.1.20")
    assert not is_answered("evil.example:8765", names=tuple(names), arrived="192.168.1.20")
    assert is_answered("[fe80::1]:8765", "http://[fe80::1]:8765", arrived="fe80::1")
    assert is_answered("localhost", "http://localhost", port=80)


# -- what is answered


@pytest.mark.parametrize("foreign", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_a_script_of_another_page_gets_nothing(server: Server, foreign: dict[str, str]) -> None:
    for method, path in [("GET", "/"), ("GET", "/static/assets/style.css"), ("POST", "/_solara/api/close/x")]:
        status, body = ask(server, path, method, **foreign)
        assert status == 403
        assert body == b"Open the demo in a browser at the address that the command printed.\n"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1", "http://evil.example"),
        ("127.0.0.1", None),
        ("evil.example", "http://evil.example:{port}"),
    ],
    ids=["another origin", "no origin", "a name with the address of this machine"],
)
def test_a_session_of_another_page_is_refused(server: Server, host: str, origin: str | None) -> None:
    port = urlsplit(server.address).port
    url = f"ws://{host}:{port}{SESSION}?session_id=page"
    given = origin.format(port=port) if origin else None
    with (
        socket.create_connection(("127.0.0.1", port or 0)) as connection,
        pytest.raises(InvalidStatus, match="403"),
        connect(url, sock=connection, origin=given),  # type: ignore[arg-type]
    ):
        pass
    assert server.count_held()["sessions"] == 0


def test_only_what_the_page_needs_is_served(server: Server) -> None:
    paths = set(run_fresh_python(["-c", LIST_ROUTES]).split())
    assert paths >= NEEDED_ROUTES
    others = paths - NEEDED_ROUTES - {"/_solara/cdn"}
    assert {"/resourcez", "/readyz", "/_solara/api/evict/{kernel_id}"} < others
    for path in [
        *others,
        "/static/public/__init__.py",
        "/static/assets/../page.py",
        "/docs",
        "/openapi.json",
    ]:
        for method in ("GET", "POST"):
            origin = server.address.rstrip("/")
            assert ask(server, path, method, Origin=origin)[0] in (404, 405), f"{method} {path}"


def test_the_front_end_neither_downloads_nor_deletes_files(server: Server) -> None:
    for path in (
        "left-pad@1.3.0/index.js",
        "@widgetti",
        "../../../../pyvenv.cfg",
        "%2e%2e/%2e%2e/pyvenv.cfg",
    ):
        assert ask(server, f"/_solara/cdn/{path}")[0] == 404
    assert ask(server, "/_solara/cdn/requirejs@2.3.6/require.js")[0] == 200


def test_no_other_page_can_embed_the_demo(server: Server) -> None:
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=20)
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_headers_cannot_change_the_addresses_of_scripts(server: Server) -> None:
    status, body = ask(server, "/", **{"Script-Name": "/evil", "X-Script-Name": "/evil"})
    assert status == 200
    assert b"evil" not in body
