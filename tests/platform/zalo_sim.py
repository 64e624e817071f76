"""The control API of the emulated Zalo, `/sim/zalo/…`: makes people act, changes the account, tells its state."""

import asyncio
import base64
from typing import Any

from aiohttp import web

from tests.platform.telegram_people import Impossible
from tests.platform.world import Person
from tests.platform.zalo import Template, Zalo
from tests.platform.zalo_people import ZaloHands

ACTS = ("follow", "unfollow", "restrict", "sleep", "say", "press", "send", "submit", "event", "look")
Body = dict[str, Any]


class ZaloSim:
    """Handlers that take a request with its body and give JSON."""

    def __init__(self, zalo: Zalo) -> None:
        self.zalo = zalo

    def routes(self) -> list[tuple[str, str, Any]]:
        """What is added to the control API."""
        return [
            ("GET", "/sim/zalo", self.show), ("POST", "/sim/zalo", self.change),
            ("POST", "/sim/zalo/people/{person}/{act}", self.act), ("GET", "/sim/zalo/people/{person}/screen", self.screen),
            ("GET", "/sim/zalo/hooks", self.hooks), ("POST", "/sim/zalo/grant", self.grant),
        ]  # fmt: skip

    def _hands(self, request: web.Request) -> tuple[ZaloHands, Person]:
        return ZaloHands(self.zalo, str(request.url.origin())), self.zalo.world.people[
            int(request.match_info["person"])
        ]

    async def show(self, request: web.Request, body: Body) -> Any:
        """The account as it stands."""
        tokens, hooks = self.zalo.tokens, self.zalo.hooks
        return {
            "app_id": self.zalo.app_id, "app_secret": self.zalo.app_secret, "oa_secret": self.zalo.oa_secret,
            "oa_id": self.zalo.oa_id, "refreshes": tokens.refreshes, "spent": tokens.spent, "lost": hooks.lost,
            "disabled": hooks.disabled, "waiting": len(hooks.waiting), **vars(self.zalo.limits),
        }  # fmt: skip

    async def change(self, request: web.Request, body: Body) -> Any:
        """`webhook`: where events go; `template`: one more; `expire`: all access tokens end; `challenge`; any limit;
        `echoes`, `enabled`, `lists`: whether they are taken."""
        if "webhook" in body:
            self.zalo.hooks.url = body.pop("webhook")
            self.zalo.hooks.disabled = False
            self.zalo.hooks.push()
        if "template" in body:
            made = Template(**body.pop("template"))
            self.zalo.templates[made.id] = Template(**{**vars(made), "names": tuple(made.names)})
        if body.pop("expire", False):
            self.zalo.tokens.expire()
        self.zalo.tokens.challenge = body.pop("challenge", self.zalo.tokens.challenge)
        for name in ("echoes", "enabled", "lists"):
            setattr(self.zalo, name, body.pop(name, getattr(self.zalo, name)))
        for name, value in body.items():
            if not hasattr(self.zalo.limits, name):
                raise ValueError(f"no limit {name}")
            setattr(self.zalo.limits, name, value)
        return await self.show(request, {})

    async def grant(self, request: web.Request, body: Body) -> Any:
        """A pair of tokens as consent would give it."""
        return self.zalo.tokens.pair()

    async def act(self, request: web.Request, body: Body) -> Any:
        """One act of a person."""
        hands, person = self._hands(request)
        if request.match_info["act"] not in ACTS:
            raise Impossible(f"nobody can {request.match_info['act']}")
        if "content" in body:
            body["content"] = base64.b64decode(body["content"])
        made = getattr(hands, request.match_info["act"])(person, **body)
        return made if isinstance(made, str) else {"user_id": self.zalo.user(person).uid}

    async def screen(self, request: web.Request, body: Body) -> Any:
        """What a person sees; waits for a line of ours."""
        hands, person = self._hands(request)
        after, wait = int(request.query.get("after", 0)), float(request.query.get("wait", 0))
        end = asyncio.get_running_loop().time() + wait
        while True:
            shown = hands.screen(person, after)
            heard = any(line["from"] == "bot" for line in shown["messages"])
            if heard or asyncio.get_running_loop().time() >= end:
                return shown
            await asyncio.sleep(0.02)

    async def hooks(self, request: web.Request, body: Body) -> Any:
        """Every call of the webhook with its status."""
        return self.zalo.hooks.calls
