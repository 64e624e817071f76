"""The HTTP door of the emulated Zalo: paths, tokens, faults, the envelope in which everything is told."""

import asyncio
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlencode, urlparse

from aiohttp import web

from tests.platform.faults import CALL_VERBS, Fault
from tests.platform.zalo import PLATFORM, Files, Zalo
from tests.platform.zalo_shapes import Trouble, read_arguments

ROUTES = (
    ("POST", "/v3.0/oa/message/cs", "cs"),
    ("POST", "/v3.0/oa/message/template", "template"),
    ("POST", "/v3.0/oa/message/transaction", "transaction"),
    ("POST", "/v3.0/oa/message/promotion", "promotion"),
    ("POST", "/v2.0/oa/message", "message_v2"),
    ("GET", "/v3.0/oa/user/detail", "detail"),
    ("GET", "/v3.0/oa/user/getlist", "getlist"),
    ("POST", "/v3.0/oa/quota/message", "quota"),
    ("GET", "/v2.0/oa/getoa", "getoa"),
    ("GET", "/v2.0/oa/conversation", "conversation"),
    ("POST", "/v2.0/oa/upload/image", "upload_image"),
    ("POST", "/v2.0/oa/upload/gif", "upload_gif"),
    ("POST", "/v2.0/oa/upload/file", "upload_file"),
    ("POST", "/v2.0/oa/tag/tagfollower", "tagfollower"),
    ("POST", "/v2.0/oa/tag/rmfollowerfromtag", "rmfollowerfromtag"),
    ("GET", "/v2.0/oa/tag/gettagsofoa", "gettagsofoa"),
)


class ZaloDoor:
    """Zalo's door; `calls` notes every call with its status."""

    def __init__(self, zalo: Zalo, calls: Any) -> None:
        self.zalo, self.calls = zalo, calls

    def add_to(self, app: web.Application) -> None:
        """Adds the routes."""
        for verb, path, name in ROUTES:
            app.router.add_route(verb, path, self._answering(name))
        app.router.add_post("/v4/oa/access_token", self.access_token)
        app.router.add_get("/v4/oa/permission", self.permission)
        app.router.add_get("/zalo-files/{path}", self.file)

    def _answering(self, name: str) -> Any:
        async def call(request: web.Request) -> web.StreamResponse:
            args, files = await _read(request)
            uid = args.get("user_id") or (args.get("recipient") or {}).get("user_id")
            message = args.get("message") if isinstance(args.get("message"), dict) else {}
            text = str(message.get("text") or (args.get("template_data") or ""))

            async def work() -> dict[str, Any]:
                try:
                    data = await self.zalo.call(name, request.headers.get("access_token", ""), args, files)
                except Trouble as trouble:
                    return {"error": trouble.code, "message": trouble.message}
                return {"error": 0, "message": "Success", "data": data}

            return await self._serve(request, name, uid, text, work)

        return call

    async def access_token(self, request: web.Request) -> web.StreamResponse:
        """The token endpoint: a form, the secret in a header."""
        form = {key: str(value) for key, value in (await request.post()).items()}

        async def work() -> dict[str, Any]:
            return self.zalo.tokens.answer(request.headers.get("secret_key", ""), form)

        return await self._serve(request, "access_token", None, form.get("grant_type", ""), work)

    async def permission(self, request: web.Request) -> web.StreamResponse:
        """The page of consent; the administrator of the account has agreed already."""
        asked, tokens = request.query, self.zalo.tokens
        if asked.get("app_id") != tokens.app_id or (
            tokens.challenge and asked.get("code_challenge") != tokens.challenge
        ):
            return web.json_response({"error": -14002, "error_name": "Invalid app id"})
        back = urlparse(asked["redirect_uri"])
        held = {key: values[0] for key, values in parse_qs(back.query).items()}
        held |= {"code": tokens.consent(asked.get("code_challenge", "")), "oa_id": tokens.oa_id}
        held |= {"state": asked["state"]} if "state" in asked else {}
        raise web.HTTPFound(back._replace(query=urlencode(held)).geturl())

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file that somebody sent."""
        content = self.zalo.files.get(request.match_info["path"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def _serve(self, request: web.Request, name: str, uid: object, text: str, work: Any) -> web.StreamResponse:
        fault = self.zalo.faults.draw(CALL_VERBS, PLATFORM, name, text, uid)
        note = {"at": self.zalo.world.clock.now(), "platform": PLATFORM, "method": name, "chat_id": uid}
        note |= {"fault": fault.verb if fault else None, "status": None, "text": text}
        self.calls.append(note)
        verb = fault.verb if fault else ""
        if verb == "delay":
            await asyncio.sleep(fault.seconds)  # type: ignore[union-attr]
        if verb == "drop_before":
            _drop(request)
        if verb == "error":
            return _refused(fault, note)
        found = await work()
        if verb == "deliver_then_drop":
            _drop(request)
        if verb == "deliver_then_hang":
            await asyncio.sleep(fault.seconds)  # type: ignore[union-attr]
            _drop(request)
        if verb == "deliver_then_error":
            return _refused(fault, note)
        note["status"] = found.get("error", 0)
        answer = web.json_response(found, headers={
            "X-RateLimit-Limit": str(self.zalo.limits.per_minute), "X-RateLimit-Remain": str(self.zalo.left_in_minute()),
        })  # fmt: skip
        if verb == "truncate_json":
            assert isinstance(answer.body, bytes)
            return web.Response(body=answer.body[:-3], content_type="application/json")
        return answer


async def _read(request: web.Request) -> tuple[dict[str, Any], Files]:
    if request.content_type == "multipart/form-data":
        files: Files = {}
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = (value.filename, value.file.read())
        return {}, files
    return read_arguments(request.query.get("data"), await request.read()), {}


def _drop(request: web.Request) -> NoReturn:
    """Closes the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError


def _refused(fault: Fault | None, note: dict[str, Any]) -> web.Response:
    """A code below zero is one of the application (HTTP 200), others are those of HTTP."""
    assert fault is not None
    note["status"] = fault.code
    if fault.body is not None or fault.code > 0:
        return web.Response(text=fault.body or fault.description, status=max(fault.code, 200), content_type="text/html")
    return web.json_response({"error": fault.code, "message": fault.description})
