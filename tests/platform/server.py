"""The HTTP server of the emulated platforms: reads calls, lets faults strike, answers as the platform does."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from aiohttp import web

from tests.platform.faults import CALL_VERBS, Fault, Faults
from tests.platform.sim import Sim
from tests.platform.telegram import PLATFORM, Telegram, Uploads
from tests.platform.telegram_chats import Bot
from tests.platform.telegram_text import Refusal
from tests.platform.world import World
from tests.platform.zalo_bot import ZaloBotDoor

MOST_BYTES = 60 * 2**20
CALLS_KEPT = 200_000


@dataclass
class Platforms:
    """All that one server emulates, in one world with one ledger."""

    world: World
    faults: Faults
    telegram: Telegram
    calls: deque[dict[str, Any]]

    @classmethod
    def make(cls, ledger: Path | None = None, speed: float = 1.0) -> "Platforms":
        """A fresh world."""
        world, faults = World(ledger, speed), Faults()
        return cls(world, faults, Telegram(world, faults), deque(maxlen=CALLS_KEPT))


def application(platforms: Platforms) -> web.Application:
    """The web application of all façades with the control API."""
    app = web.Application(client_max_size=MOST_BYTES)
    door = _Door(platforms)
    app.router.add_route("*", r"/bot{token:[^/]+}/{method}", door.call)
    app.router.add_get(r"/file/bot{token:[^/]+}/{path:.+}", door.file)
    Sim(platforms).add_to(app)
    ZaloBotDoor(platforms.world, platforms.faults).add_to(app)

    async def end(_: web.Application) -> None:
        await platforms.telegram.close()
        platforms.world.ledger.close()

    app.on_cleanup.append(end)
    return app


class _Door:
    """Telegram's door."""

    def __init__(self, platforms: Platforms) -> None:
        self.platforms = platforms

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args, uploads = await _arguments(request)
        chat_id, text = args.get("chat_id"), str(args.get("text") or args.get("caption") or "")
        fault = self.platforms.faults.draw(CALL_VERBS, PLATFORM, method, text, chat_id)
        note = {"at": self.platforms.world.clock.now(), "bot": request.match_info["token"].partition(":")[0]}
        note |= {"method": method, "chat_id": chat_id, "fault": fault.verb if fault else None, "status": None}
        self.platforms.calls.append(note)
        if fault is not None and fault.verb == "delay":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.verb == "drop_before":
            _drop(request)
        if fault is not None and fault.verb == "error":
            return self._told(note, _refused(fault))
        bot = self.platforms.telegram.bots.get(request.match_info["token"])
        answer = await self._answer(bot, method, args, uploads)
        if fault is not None and fault.verb == "deliver_then_drop":
            _drop(request)
        if fault is not None and fault.verb == "deliver_then_hang":
            await asyncio.sleep(fault.seconds)
            _drop(request)
        if fault is not None and fault.verb == "deliver_then_error":
            return self._told(note, _refused(fault))
        if fault is not None and fault.verb == "truncate_json":
            assert isinstance(answer.body, bytes)
            return self._told(note, web.Response(body=answer.body[:-2], content_type="application/json"))
        if fault is not None and fault.verb == "slow_read":
            note["status"] = answer.status
            return await _in_drops(request, answer, fault.seconds)
        return self._told(note, answer)

    def _told(self, note: dict[str, Any], answer: web.Response) -> web.Response:
        note["status"] = answer.status
        return answer

    async def _answer(self, bot: Bot | None, method: str, args: dict[str, Any], uploads: Uploads) -> web.Response:
        try:
            if bot is None:
                raise Refusal(401, "Unauthorized")
            result = await self.platforms.telegram.call(bot, method, args, uploads)
        except Refusal as refusal:
            return _error(refusal.code, refusal.description, refusal.parameters)
        return _json({"ok": True, "result": result})

    async def file(self, request: web.Request) -> web.StreamResponse:
        bot = self.platforms.telegram.bots.get(request.match_info["token"])
        if bot is None:
            return _error(401, "Unauthorized", {})
        found = bot.at_path(request.match_info["path"])
        if found is None:
            return _error(404, "Not Found", {})
        return web.Response(body=found.content, content_type="application/octet-stream")


def _drop(request: web.Request) -> NoReturn:
    """Closes the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError


async def _in_drops(request: web.Request, answer: web.Response, seconds: float) -> web.StreamResponse:
    """The answer in eight drops over so many seconds."""
    assert isinstance(answer.body, bytes)
    slow = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    await slow.prepare(request)
    size = -(-len(answer.body) // 8)
    for start in range(0, len(answer.body), size):
        await asyncio.sleep(seconds / 8)
        await slow.write(answer.body[start : start + size])
    return slow


def _json(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return web.Response(body=data, status=status, content_type="application/json", headers=headers)


def _error(code: int, description: str, parameters: dict[str, Any]) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    headers = {}
    if parameters:
        body["parameters"] = parameters
    if "retry_after" in parameters:
        headers["Retry-After"] = str(parameters["retry_after"])
    return _json(body, code, headers)


def _refused(fault: Fault) -> web.Response:
    if fault.body is not None:
        return web.Response(text=fault.body, status=fault.code, content_type="text/html")
    return _error(fault.code, fault.description, {"retry_after": fault.retry_after} if fault.retry_after else {})


async def _arguments(request: web.Request) -> tuple[dict[str, Any], Uploads]:
    """The arguments from the query, a JSON body, a form or a multipart form; files apart."""
    args: dict[str, Any] = dict(request.query)
    uploads: Uploads = {}
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            body = {}
        args |= body if isinstance(body, dict) else {}
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                uploads[name] = (value.filename, value.content_type, value.file.read())
            else:
                args[name] = value
    return args, uploads
