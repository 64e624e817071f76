"""The emulated Bot Platform of Zalo beside the others, over one world and one ledger: `/zalo-bot/bot<token>/<method>`.

Assumptions carry the grades of docs/first-live-day.md: [B] read in copies of the documents or in clients, [C] guessed.
"""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.platform.faults import CALL_VERBS, Fault, Faults
from tests.platform.world import World

PLATFORM = "zalo_bot"
TOKEN = "1459232241454765289:EmulatedZaloBotTokenForTests1"
HOOK_SECONDS = 5.0
Body = dict[str, Any]


class No(Exception):
    """The call is refused with a code and words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass
class Bot:
    """One bot with what waits for it."""

    id: str
    updates: deque[Body] = field(default_factory=deque)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    polling: bool = False
    url: str = ""
    secret: str = ""
    wrapped: bool = True  # [C] whether a webhook body stands in `result`
    quota: int | None = None  # [C] messages that are left; None: no end
    number: int = 0
    hooks: set["asyncio.Task[None]"] = field(default_factory=set)


class ZaloBotDoor:
    """Its HTTP door with its part of the control API: `/sim/zalo-bot/…`."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.world, self.faults = world, faults
        self.bots = {TOKEN: Bot(TOKEN.partition(":")[0])}
        self.calls: list[Body] = []

    def add_to(self, app: web.Application) -> None:
        """Adds the routes."""
        app.router.add_post(r"/zalo-bot/bot{token:[^/]+}/{method}", self.call)
        app.router.add_post("/sim/zalo-bot/people/{person}/{act}", self.act)
        app.router.add_post("/sim/zalo-bot", self.change)
        app.router.add_get("/sim/zalo-bot/calls", self.shown)
        app.on_cleanup.append(self._end)

    async def _end(self, _: web.Application) -> None:
        for bot in self.bots.values():
            for task in list(bot.hooks):
                task.cancel()

    # --- the platform's calls -------------------------------------------------------------------------------------
    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            args = json.loads(await request.read() or b"{}")
        except ValueError:
            args = {}
        args = args if isinstance(args, dict) else {}
        fault = self.faults.draw(CALL_VERBS, PLATFORM, method, str(args.get("text", "")), args.get("chat_id"))
        self.calls.append({"method": method, "args": args, "fault": fault.verb if fault else None})
        if fault is not None and fault.verb in ("delay", "drop_before", "error"):
            early = await self._strike(request, fault)
            if early is not None:
                return early
        answer = await self._answer(request.match_info["token"], method, args)
        if fault is not None and fault.verb == "deliver_then_error":
            return _error(fault.code, fault.description, fault.code)
        if fault is not None and fault.verb in ("deliver_then_drop", "deliver_then_hang"):
            if fault.verb == "deliver_then_hang":
                await asyncio.sleep(fault.seconds)
            _drop(request)
        return answer

    async def _strike(self, request: web.Request, fault: Fault) -> web.Response | None:
        if fault.verb == "delay":
            await asyncio.sleep(fault.seconds)
            return None
        if fault.verb == "drop_before":
            _drop(request)
        if fault.body is not None:
            return web.Response(text=fault.body, status=fault.code)
        return _error(fault.code, fault.description, fault.code if fault.code >= 500 else 200)

    async def _answer(self, token: str, method: str, args: Body) -> web.Response:
        bot = self.bots.get(token)
        try:
            if bot is None:
                raise No(401, "Unauthorized")
            act = getattr(self, f"_{method}", None)
            if act is None or method not in METHODS:
                raise No(404, "Not Found")
            result = await act(bot, args)
        except No as no:
            return _error(no.code, str(no), 200)  # [B] a refusal is told in the body, not by the status
        return web.json_response({"ok": True, "result": result})

    async def _getMe(self, bot: Bot, args: Body) -> Body:
        return {"id": bot.id, "account_name": "bot.mau", "account_type": "BASIC", "can_join_groups": False}

    async def _getUpdates(self, bot: Bot, args: Body) -> Body:
        """[B] One update for each call, read only once; nobody wrote: an error body with 408."""
        if bot.url:
            raise No(400, "webhook is active")
        if bot.polling:
            raise No(400, "another poll is running")  # [C]
        bot.polling = True
        try:
            if not bot.updates:
                bot.came.clear()
                try:
                    await asyncio.wait_for(bot.came.wait(), float(str(args.get("timeout", "30"))))
                except TimeoutError:
                    raise No(408, "Request timeout") from None
            return bot.updates.popleft()
        finally:
            bot.polling = False

    async def _setWebhook(self, bot: Bot, args: Body) -> Body:
        secret = str(args.get("secret_token", ""))
        if not 8 <= len(secret) <= 256 or not str(args.get("url", "")).startswith(("https://", "http://127.0.0.1")):
            raise No(400, "Bad Request")
        bot.url, bot.secret = str(args["url"]), secret
        return await self._getWebhookInfo(bot, args)

    async def _deleteWebhook(self, bot: Bot, args: Body) -> Body:
        bot.url = bot.secret = ""
        return await self._getWebhookInfo(bot, args)

    async def _getWebhookInfo(self, bot: Bot, args: Body) -> Body:
        return {"url": bot.url, "updated_at": int(self.world.clock.now() * 1000)}

    async def _sendMessage(self, bot: Bot, args: Body) -> Body:
        text = args.get("text")
        if not isinstance(text, str) or not 1 <= len(text) <= 2000:
            raise No(400, "text must be 1 to 2000 signs")
        return await self._deliver(bot, args, text)

    async def _sendPhoto(self, bot: Bot, args: Body) -> Body:
        if not str(args.get("photo", "")).startswith("http"):
            raise No(400, "photo must be an address")
        return await self._deliver(bot, args, str(args.get("caption", "")))

    async def _sendChatAction(self, bot: Bot, args: Body) -> Body:
        return {}

    async def _deliver(self, bot: Bot, args: Body, text: str) -> Body:
        chat = str(args.get("chat_id", ""))
        person = next((one for one in self.world.people.values() if chat_of(one.id) == chat), None)
        if person is None or person.deactivated:
            raise No(400, "chat not found")  # [C]
        if bot.quota is not None:
            if bot.quota <= 0:
                raise No(429, "Quota exceeded")
            bot.quota -= 1
        bot.number += 1
        entry = {"at": self.world.clock.now(), "platform": PLATFORM, "what": "message", "chat_id": chat, "text": text}
        await self.world.ledger.add({**entry, "message_id": f"b{bot.number:016x}"})
        return {"message_id": f"b{bot.number:016x}", "date": int(self.world.clock.now() * 1000)}

    # --- what people do -------------------------------------------------------------------------------------------
    async def act(self, request: web.Request) -> web.Response:
        """say {text}, picture {url}, sticker, odd, in_group {text}; `again`: the update comes twice."""
        person = self.world.people[int(request.match_info["person"])]
        body: Body = json.loads(await request.read() or b"{}")
        bot, act = self.bots[str(body.get("token") or next(iter(self.bots)))], request.match_info["act"]
        bot.number += 1
        said: Body = {
            "from": {"id": chat_of(person.id), "display_name": person.first_name, "is_bot": False},
            "chat": {"id": chat_of(person.id), "chat_type": "GROUP" if act == "in_group" else "PRIVATE"},
            "message_id": f"p{bot.number:016x}",
            "date": int(self.world.clock.now() * 1000),
        }
        kinds = {"say": "text", "in_group": "text", "picture": "image", "sticker": "sticker", "odd": "unsupported"}
        said |= {"text": body["text"]} if "text" in body else {}
        said |= {"photo_url": body["url"]} if "url" in body else {}
        update = {"event_name": f"message.{kinds[act]}.received", "message": said}
        for _ in range(2 if body.get("again") else 1):
            self._bring(bot, update)
        return web.json_response(said)

    def _bring(self, bot: Bot, update: Body) -> None:
        if not bot.url:
            bot.updates.append(update)
            bot.came.set()
            return
        task = asyncio.ensure_future(self._push(bot, update))
        bot.hooks.add(task)
        task.add_done_callback(bot.hooks.discard)

    async def _push(self, bot: Bot, update: Body) -> None:
        """[C] A call that is not answered well is made once more, after a second."""
        body = {"ok": True, "result": update} if bot.wrapped else update
        for _ in range(2):
            try:
                async with (
                    aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=HOOK_SECONDS)) as session,
                    session.post(bot.url, json=body, headers={"X-Bot-Api-Secret-Token": bot.secret}) as answer,
                ):
                    if answer.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(1.0)

    async def change(self, request: web.Request) -> web.Response:
        """wrapped, quota."""
        bot = next(iter(self.bots.values()))
        for name, value in json.loads(await request.read()).items():
            setattr(bot, name, value)
        return web.json_response({})

    async def shown(self, _: web.Request) -> web.Response:
        return web.json_response(self.calls)


METHODS = (
    "getMe",
    "getUpdates",
    "setWebhook",
    "deleteWebhook",
    "getWebhookInfo",
    "sendMessage",
    "sendPhoto",
    "sendChatAction",
)


def chat_of(person_id: int) -> str:
    """The id under which the platform knows a person; it is a string of its own."""
    return f"zb{person_id}"


def _error(code: int, words: str, status: int) -> web.Response:
    return web.json_response({"ok": False, "error_code": code, "description": words}, status=status)


def _drop(request: web.Request) -> None:
    """Closes the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError
