"""The built UI: files, any other address to the application, and the way in.

Only the application's page needs a session; scripts, styles and fonts hold no secret.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from blockwright.contracts.problems import error
from blockwright.server.sessions import COOKIE_DAYS, Sessions, cookie_name

UI_FOLDER = Path(__file__).parent / "ui"

_DOOR = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Blockwright</title><link rel="icon" type="image/svg+xml" href="/mark.svg">
<style>
:root{color-scheme:light dark}
body{font:16px/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.5rem}
h1{font-size:1.25rem}section+section{border-top:1px solid #8885;margin-top:1.5rem;padding-top:.5rem}
code{overflow-wrap:anywhere}
</style></head>
<body>
<section><h1>This browser is not signed in yet</h1>
<p>Open the address that the studio printed in its terminal. It looks like
<code>http://127.0.0.1:8650/?token=…</code> and works once; after use a fresh one is printed.</p>
<p><a href="/">Try again</a></p></section>
<section lang="zh-CN"><h1>此浏览器尚未登录</h1>
<p>请打开工作室在终端中显示的地址。它形如 <code>http://127.0.0.1:8650/?token=…</code>，只能使用一次；
用过之后，终端会显示新的地址。</p>
<p><a href="/">重试</a></p></section>
</body></html>
"""


def make_pages(ui_folder: Path) -> APIRouter:
    """Give the routes of the browser's pages, built into `ui_folder`."""
    router = APIRouter(include_in_schema=False)
    root = ui_folder.resolve()

    @router.get("/")
    def home(request: Request, token: str | None = None) -> Response:
        """Open a session with a fresh token, then show the application."""
        if token is not None:
            return _enter(request, token)
        return _application(request, root)

    @router.api_route("/{path:path}", methods=["GET", "HEAD"])
    def any_page(request: Request, path: str) -> Response:
        """Give a built file, or the application, which knows its own addresses."""
        if path.startswith("api/") or path == "api":
            raise error("server.no_such_address", path=f"/{path}")
        file = (root / path).resolve()
        if file.is_relative_to(root) and file.is_file() and file.name != "index.html":
            # Vite puts a hash of the content into the name of everything under assets/.
            forever = path.startswith("assets/")
            age = "public, max-age=31536000, immutable" if forever else "no-cache"
            return FileResponse(file, headers={"Cache-Control": age})
        if Path(path).suffix:
            raise error("server.no_such_address", path=f"/{path}")
        return _application(request, root)

    return router


def _enter(request: Request, token: str) -> Response:
    """Trade a token for a session cookie; a browser that is in already just goes on."""
    sessions: Sessions = request.app.state.sessions
    cookie = sessions.open(token)
    reply = RedirectResponse("/", status_code=303, headers={"Cache-Control": "no-store"})
    if cookie is not None:
        reply.set_cookie(
            cookie_name(request.scope["server"][1]),
            cookie,
            max_age=COOKIE_DAYS * 86_400,
            path="/",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
    elif request.state.owner_id is None:
        return _door()
    return reply


def _application(request: Request, root: Path) -> Response:
    if request.state.owner_id is None:
        return _door()
    page = root / "index.html"
    if not page.is_file():
        raise error("server.ui_missing")
    return FileResponse(page, headers={"Cache-Control": "no-cache"})


def _door() -> Response:
    return HTMLResponse(_DOOR, status_code=401, headers={"Cache-Control": "no-store"})
