"""What every request passes before any route: name, origin, session; and headers on the way out.

Deny by default: under `/api/` only `/api/v1/health` answers without a session.
"""

from __future__ import annotations

import asyncio
import socket
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blockwright.contracts.problems import Problem, problem
from blockwright.server.errors import answer
from blockwright.server.sessions import Sessions, cookie_name

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
LOOPBACK_NAMES = {"127.0.0.1", "localhost", "::1"}
OPEN_API_PATHS = {"/api/v1/health"}

# Scripts come from the studio only. Inline styles are allowed because the component
# library writes its theme into a <style> element; they cannot run code.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SecurityHeadersMiddleware:
    """Puts the security headers on every reply; what the API says is not cached."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add headers as the reply begins."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def host_name(host_header: str) -> str:
    """Give the name in a Host header, without port and brackets, in small letters.

    >>> host_name("[::1]:8650")
    '::1'
    """
    return (urlsplit(f"//{host_header}").hostname or "").lower()


def allowed_names(bound_host: str) -> set[str]:
    """Give the names under which a studio that listens on `bound_host` answers."""
    names = {*LOOPBACK_NAMES, bound_host.lower()}
    if bound_host.lower() not in LOOPBACK_NAMES:
        names.add(socket.gethostname().lower())
    return names


class GuardMiddleware:
    """Refuses foreign names, other sites and strangers."""

    def __init__(self, app: ASGIApp, *, names: set[str]) -> None:
        """Wrap `app`, which answers under `names` and under the address it was reached at."""
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with `state.owner_id`, or answer with what is in the way."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._foreign_name(scope, headers) or _cross_site(scope, headers)
        if refusal is None:
            refusal = await _find_session(scope, headers)
        if refusal is not None:
            await answer(refusal, headers)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _foreign_name(self, scope: Scope, headers: Headers) -> Problem | None:
        """Refuse a Host that is not ours: a page of another name may have resolved to us."""
        host = headers.get("host", "")
        try:
            name = host_name(host)
        except ValueError:
            name = ""
        reached_at = str((scope.get("server") or ("",))[0]).lower()
        if name and (name in self._names or name == reached_at):
            return None
        return problem("server.host_not_allowed", host=host[:200])


def _cross_site(scope: Scope, headers: Headers) -> Problem | None:
    """Refuse an unsafe request that another site has started."""
    if scope["method"] in SAFE_METHODS:
        return None
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return problem("server.cross_site")
    origin = headers.get("origin")
    if origin is None:
        return None
    if urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        return problem("server.cross_site")
    return None


async def _find_session(scope: Scope, headers: Headers) -> Problem | None:
    """Note whose session it is; refuse API requests without one."""
    owner_id = None
    cookie = _read_cookie(headers.get("cookie", ""), cookie_name(scope["server"][1]))
    if cookie is not None:
        sessions: Sessions = scope["app"].state.sessions
        owner_id = await asyncio.to_thread(sessions.owner_id, cookie)
    scope.setdefault("state", {})["owner_id"] = owner_id
    path = scope["path"]
    is_api = path == "/api" or path.startswith("/api/")
    if is_api and path not in OPEN_API_PATHS and owner_id is None:
        return problem("server.no_session")
    return None


def _read_cookie(header: str, name: str) -> str | None:
    """Give one cookie of a Cookie header."""
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return None if morsel is None else morsel.value
