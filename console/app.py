"""Builds the console from its pages: one application under /can-bo, one for people's slips under /phieu."""

from collections.abc import Callable
from typing import Any

import structlog
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from console import (
    account,
    accounts,
    after,
    answers,
    arrivals,
    behalf,
    broadcasts,
    events,
    exports,
    imports,
    inbox,
    needs,
    offers,
    people,
    preview,
    programmes,
    review,
    segments,
    signin,
    stream,
    switches,
    today,
    workshops,
)
from console.desk import HERE, Desk
from console.doors import Refused, SignInFirst, Visit, render, sign_in_address
from console.guard import Guard

log = structlog.get_logger()
PAGES = (
    signin, account, accounts, stream, today, inbox, behalf, exports, needs, offers, people, answers, programmes,
    switches, preview, review, broadcasts, segments, events, arrivals, after, imports, workshops,
)  # fmt: skip


class KeptFiles(StaticFiles):
    """Static files whose address names their content: a browser may keep them for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code == 200:
            MutableHeaders(raw=answer.raw_headers)["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def build(desk: Desk, pages: tuple[Any, ...] = PAGES) -> FastAPI:
    """The console as an application to be mounted under /can-bo."""
    app = FastAPI(title="Nhịp Cầu: cán bộ", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk
    app.mount("/static", KeptFiles(directory=HERE / "static"), name="static")
    for page in pages:
        app.include_router(page.doors.router)
    _add_problems(app, desk)
    app.add_middleware(GZipMiddleware, minimum_size=600, compresslevel=5)
    app.add_middleware(Guard)
    return app


def _add_problems(app: FastAPI, desk: Desk) -> None:
    async def sign_in(request: Request, _: Exception) -> Response:
        if "hx-request" in request.headers:
            return Response(status_code=401, headers={"HX-Redirect": sign_in_address(request)})
        if request.method == "GET":
            return RedirectResponse(sign_in_address(request), 303)
        return _problem(request, desk, 401)

    async def refused(request: Request, error: Exception) -> Response:
        return _problem(request, desk, 409, str(error))

    async def plain(request: Request, error: Exception) -> Response:
        assert isinstance(error, StarletteHTTPException)
        return _problem(request, desk, error.status_code, "form" if error.detail == "form" else "")

    async def unread(request: Request, _: Exception) -> Response:
        return _problem(request, desk, 422)

    async def broken(request: Request, error: Exception) -> Response:
        log.error(
            "page failed",
            page=getattr(request.scope.get("route"), "path", ""),
            error=type(error).__name__,
            exc_info=error,
        )
        return _problem(request, desk, 500)

    handlers: dict[type[Exception], Callable[..., Any]] = {
        SignInFirst: sign_in,
        Refused: refused,
        StarletteHTTPException: plain,
        HTTPException: plain,
        RequestValidationError: unread,
        Exception: broken,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _problem(request: Request, desk: Desk, status: int, why: str = "") -> Response:
    visit = getattr(request.state, "visit", None)
    if isinstance(visit, Visit) and visit.officer.may_anything:
        return visit.page("problem.html", status, code=status, why=why)
    return render(desk, "problem.html", status, visit=None, flash="", token="", code=status, why=why)
