"""The web application of the demo: the parts of Solara's that the page needs, with checked access."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from cpsim.browser.access import AccessCheck
from cpsim.browser.memory import return_memory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from starlette.routing import BaseRoute

NEEDED_ROUTES = frozenset(
    {
        "/",
        "/jupyter/api/kernels/{kernel_id}/{name}",  # the session of a tab, a websocket
        "/_solara/api/close/{kernel_id}",  # a tab has been closed
        "/jupyter/nbextensions",
        "/static/assets",
    }
)
"""The routes of Solara that the page needs. All others answer "not found", such as `/resourcez`, which lists what the
server is doing."""

_FRONT_END = "/_solara/cdn"
"""Path of the files of the package solara-assets."""


def create_app(names: Collection[str]) -> Starlette:
    """Return the application; Solara reads its settings from the environment when this is first called.

    Args:
        names: host names under which a browser may open the page, as returned by `access.list_host_names`.
    """
    from solara.server import settings
    from solara.server import starlette as solara_server

    @asynccontextmanager
    async def run(app: Starlette) -> AsyncIterator[None]:
        async with solara_server.lifespan(app), return_memory():
            yield

    # Solara's own route downloads files that are missing, and deletes a folder that is asked for as if it were a file.
    front_end = solara_server.StaticFilesOptionalAuth(
        directory=settings.assets.proxy_cache_dir, follow_symlink=True
    )
    return Starlette(
        routes=[
            *(route for route in solara_server.routes if find_path(route) in NEEDED_ROUTES),
            Mount(_FRONT_END, app=front_end),
        ],
        middleware=[Middleware(AccessCheck, names=names), *solara_server.middleware],
        lifespan=run,
    )


def find_path(route: BaseRoute) -> str:
    """Return the path of a route, with the names of its parameters in braces."""
    return str(getattr(route, "path", ""))
