"""Every error leaves the server in one shape, `ErrorBody`, in the language asked for."""

from __future__ import annotations

import logging
import secrets

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blockwright.contracts.invalid_input import describe_invalid_input
from blockwright.contracts.problems import (
    BlockwrightError,
    ErrorBody,
    Language,
    Problem,
    http_status,
    in_language,
    problem,
)

_log = logging.getLogger("blockwright.server")


def language_of(accept_language: str) -> Language:
    """Give the language of an Accept-Language header that we have and that is wanted most.

    >>> language_of("de, zh-CN;q=0.8, en;q=0.5")
    'zh'
    """
    best: tuple[float, Language] = (0.0, "en")
    for part in accept_language.split(","):
        name, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        primary = name.strip().lower().partition("-")[0]
        if primary == "zh" and weight > best[0]:
            best = (weight, "zh")
        elif primary == "en" and weight > best[0]:
            best = (weight, "en")
    return best[1]


def answer(item: Problem, headers: Headers, extra: dict[str, str] | None = None) -> JSONResponse:
    """Give the reply to a request with `headers` that ended in this problem."""
    language = language_of(headers.get("accept-language", ""))
    body = ErrorBody(error=in_language(item, language))
    return JSONResponse(
        body.model_dump(mode="json"),
        status_code=http_status(item.code),
        headers={"Content-Language": language, **(extra or {})},
    )


def _from_http_exception(request: Request, reason: HTTPException) -> Problem:
    path = request.url.path
    if reason.status_code == 404:
        return problem("server.no_such_address", path=path)
    if reason.status_code == 405:
        return problem("server.method_not_allowed", path=path, method=request.method)
    return problem("server.bad_request", reason=str(reason.detail))


def add_error_handlers(app: FastAPI) -> None:
    """Answer every kind of error that routes and framework raise in the one shape."""

    @app.exception_handler(BlockwrightError)
    async def _ours(request: Request, reason: BlockwrightError) -> JSONResponse:
        return answer(reason.problem, request.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, reason: RequestValidationError) -> JSONResponse:
        return answer(describe_invalid_input(reason.errors()[0]), request.headers)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, reason: HTTPException) -> JSONResponse:
        allowed = {key: value for key, value in (reason.headers or {}).items() if key == "Allow"}
        return answer(_from_http_exception(request, reason), request.headers, allowed)


class IncidentMiddleware:
    """Turns what nobody expected into a numbered problem; the log has the traceback."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and answer when it blows up before a reply began."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except ClientDisconnect:  # whoever asked is gone: there is nobody to answer
            _log.debug("cut off: %s %s", scope["method"], scope["path"])
        except Exception:  # the last line of defence: whatever it is, the person gets an answer
            incident = secrets.token_hex(4)
            _log.exception("incident %s: %s %s", incident, scope["method"], scope["path"])
            if started:
                raise
            reply = answer(problem("server.unexpected", incident=incident), Headers(scope=scope))
            await reply(scope, receive, send)
