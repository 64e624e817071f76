"""The control API `/sim/…`: makes people act, moves the clock, sets faults, shows transcripts and the ledger."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.platform.telegram_people import Hands, Impossible
from tests.platform.world import Person, busiest
from tests.platform.zalo_sim import ZaloSim

if TYPE_CHECKING:
    from tests.platform.server import Platforms

PAGE = Path(__file__).parent / "page.html"
LIMITS = ("on", "per_second", "per_chat", "chat_burst", "per_group_minute")
Body = dict[str, Any]


class Sim:
    """Control of the emulated world; every body and answer is JSON."""

    def __init__(self, platforms: "Platforms") -> None:
        self.platforms, self.world = platforms, platforms.world
        self._hands: dict[str, Hands] = {}

    def add_to(self, app: web.Application) -> None:
        """Adds the routes."""
        routes: list[tuple[str, str, Callable[[web.Request, Body], Any]]] = [
            ("POST", "/sim/bots", self.add_bot), ("GET", "/sim/bots", self.show_bots),
            ("POST", "/sim/people", self.add_person), ("GET", "/sim/people", self.show_people),
            ("POST", "/sim/people/{person}/{act}", self.act), ("GET", "/sim/people/{person}/screen", self.screen),
            ("POST", "/sim/crowd", self.crowd), ("POST", "/sim/updates", self.raw_update),
            ("GET", "/sim/clock", self.clock), ("POST", "/sim/clock", self.clock),
            ("GET", "/sim/faults", self.show_faults), ("POST", "/sim/faults", self.add_fault),
            ("DELETE", "/sim/faults", self.clear_faults), ("POST", "/sim/limits", self.limits),
            ("GET", "/sim/ledger", self.ledger), ("GET", "/sim/counts", self.counts),
            ("GET", "/sim/calls", self.calls), *ZaloSim(self.platforms.zalo).routes(),
        ]  # fmt: skip
        for method, path, act in routes:
            app.router.add_route(method, path, _answering(act))

        async def page(_: web.Request) -> web.StreamResponse:
            return web.FileResponse(PAGE)

        app.router.add_get("/", page)

    # --- bots, people ---------------------------------------------------------------------------------------------
    def hands(self, body: Body) -> Hands:
        """The hands on the bot a request means: by token, or the only one."""
        bots = self.platforms.telegram.bots
        token = body.get("token") or next(iter(bots))
        if token not in self._hands:
            self._hands[token] = Hands(self.platforms.telegram, bots[token])
        return self._hands[token]

    async def add_bot(self, request: web.Request, body: Body) -> Any:
        return self.platforms.telegram.add_bot(**body).shown()

    async def show_bots(self, request: web.Request, body: Body) -> Any:
        bots = self.platforms.telegram.bots.items()
        return [
            {
                **bot.shown(),
                "token": token,
                "pending": len(bot.updates.pending),
                "webhook": bot.updates.hook.url if bot.updates.hook else "",
            }
            for token, bot in bots
        ]

    async def add_person(self, request: web.Request, body: Body) -> Any:
        name = str(body.pop("first_name", "") or body.pop("name", "") or "Khách")
        return self.world.arrive(name, **body).shown()

    async def show_people(self, request: web.Request, body: Body) -> Any:
        return [person.shown() for person in self.world.people.values()]

    def _person(self, request: web.Request) -> Person:
        return self.world.people[int(request.match_info["person"])]

    async def act(self, request: web.Request, body: Body) -> Any:
        """start, say, press, send, edit, block, unblock, deactivate, group, say_in_group, migrate."""
        person, hands, act = self._person(request), self.hands(body), request.match_info["act"]
        body.pop("token", None)
        if "content" in body:
            body["content"] = base64.b64decode(body["content"])
        if act == "deactivate":
            person.deactivated = True
            return {}
        if act not in ("start", "say", "press", "send", "edit", "block", "unblock", "group", "say_in_group", "migrate"):
            raise Impossible(f"nobody can {act}")
        made = getattr(hands, act)(person, **body)
        return {"chat_id": made.id} if act == "group" else made

    async def crowd(self, request: web.Request, body: Body) -> Any:
        """Many people say something at once: {"said": [[person id, text], …]}."""
        hands = self.hands(body)
        for number, text in body["said"]:
            hands.say(self.world.people[int(number)], text)
        return {"said": len(body["said"])}

    async def raw_update(self, request: web.Request, body: Body) -> Any:
        """An update of any kind: {"kind", "body", "queue"}, whether the bot asked for it or not."""
        updates = self.hands(body).bot.updates
        item = updates.add(body["kind"], body["body"], str(body.get("queue", "raw")), 86400.0, always=True)
        return item.shown() if item else None

    async def screen(self, request: web.Request, body: Body) -> Any:
        """What a person sees; waits up to `wait` seconds for a line of the bot after the message `after`."""
        hands, person = self.hands(dict(request.query)), self._person(request)
        after, wait = int(request.query.get("after", 0)), float(request.query.get("wait", 0))
        end = asyncio.get_running_loop().time() + wait
        while True:
            screen = hands.screen(person, after)
            heard = any(line["from"] == "bot" for line in screen["messages"])
            if heard or asyncio.get_running_loop().time() >= end:
                return screen
            await asyncio.sleep(0.02)

    # --- the world ------------------------------------------------------------------------------------------------
    async def clock(self, request: web.Request, body: Body) -> Any:
        if "hold" in body:
            self.world.clock.hold(bool(body["hold"]))
        if "advance" in body:
            self.world.clock.advance(float(body["advance"]))
        return {"now": self.world.clock.now(), "speed": self.world.clock.speed}

    async def show_faults(self, request: web.Request, body: Body) -> Any:
        return self.platforms.faults.shown()

    async def add_fault(self, request: web.Request, body: Body) -> Any:
        return asdict(self.platforms.faults.put(**body))

    async def clear_faults(self, request: web.Request, body: Body) -> Any:
        self.platforms.faults.clear()
        return {}

    async def limits(self, request: web.Request, body: Body) -> Any:
        limiter = self.hands(body).bot.limiter
        for name in LIMITS:
            setattr(limiter, name, body.get(name, getattr(limiter, name)))
        return {**{name: getattr(limiter, name) for name in LIMITS}, "refused": limiter.refused}

    async def ledger(self, request: web.Request, body: Body) -> Any:
        """Entries with n above `after` whose fields equal the other query values."""
        wanted = dict(request.query)
        after = int(wanted.pop("after", 0))
        entries = self.world.ledger.entries[after:]
        return [entry for entry in entries if all(str(entry.get(key)) == value for key, value in wanted.items())]

    async def counts(self, request: web.Request, body: Body) -> Any:
        """Entries by kind; messages that hold the words of `contains` by platform and chat, with the most of them in
        any `seconds` (1 when not told)."""
        marked = request.query.get("contains", "")
        messages = [entry for entry in self.world.ledger.find(what="message") if marked in entry["text"]]
        busy = busiest((entry["at"] for entry in messages), float(request.query.get("seconds", 1)))
        chats = Counter(f"{entry['platform']}:{entry['chat_id']}" for entry in messages)
        return {"what": self.world.counts("what"), "busiest": busy, "messages": len(messages), "chats": dict(chats)}

    async def calls(self, request: web.Request, body: Body) -> Any:
        """The calls so far, those of one `method` if named."""
        method = request.query.get("method")
        return [call for call in self.platforms.calls if method in (None, call["method"])]


def _answering(act: Callable[[web.Request, Body], Awaitable[Any]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.read() or b"{}")
            found = await act(request, body)
        except (Impossible, KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=409)
        return web.json_response(found)

    return handle
