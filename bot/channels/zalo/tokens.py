"""The tokens of the Official Account: renewed by one process at a time, written down before the first use, never tried twice."""

import asyncio
import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import structlog

from bot.channels.zalo.errors import Busy, NotSent
from storage import grants, leases
from storage.database import Connection, Database
from storage.grants import Grant, GrantState
from storage.secrecy import Box, Locked

log = structlog.get_logger()
CHANNEL = "zalo"
LEASE = "zalo-tokens"
LEASE_SECONDS = 90.0  # longer than a renewal may take
RENEW_SECONDS = 30.0
CONNECT_SECONDS = 5.0
PATIENCE = 20.0  # for another process that renews; then the send is put off
LOOK_EVERY = 0.2
OAUTH = "https://oauth.zaloapp.com"
EPOCH = datetime.fromtimestamp(0, UTC)
Alarm = Callable[[Connection, str, int, datetime], Awaitable[object]]


class NoToken(Exception):
    """There is no right to speak; only an officer's new consent helps."""


@dataclass(frozen=True)
class Pair:
    """What is kept encrypted; an empty access token: it must be renewed first."""

    access: str
    refresh: str


@dataclass(frozen=True)
class App:
    """The application at the platform; `seed` is the first renewing token of the settings, if any."""

    id: str
    secret: str
    oauth: str = OAUTH
    seed: str = ""


def box_of(secret: str) -> Box:
    """What encrypts the tokens."""
    return Box(secret, "zalo tokens")


def pack(pair: Pair) -> str:
    """The pair as one text."""
    return json.dumps({"access": pair.access, "refresh": pair.refresh})


def digest(seed: str) -> str:
    """By what a seed is known again."""
    return hashlib.sha256(f"zalo seed {seed}".encode()).hexdigest() if seed else ""


def read_pair(said: Any, now: datetime) -> tuple[Pair, datetime] | None:
    """The pair with its end; None unless both tokens are there, whatever the status of the answer was."""
    if not isinstance(said, dict):
        return None
    access, refresh = said.get("access_token"), said.get("refresh_token")
    if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
        return None
    try:
        seconds = float(said.get("expires_in") or 0)
    except (TypeError, ValueError):
        seconds = 0.0
    return Pair(access, refresh), now + timedelta(seconds=seconds if seconds > 0 else 3600)


def renew_at(now: datetime, expires: datetime) -> datetime:
    """When a token is to be renewed: at four fifths of its life, of the usual 25 hours after 20."""
    return now + (expires - now) * 0.8


async def ask(app: App, form: dict[str, str]) -> Any:
    """One call of the token endpoint; its JSON. Raises NotSent when it surely never left, other errors else."""
    limits = aiohttp.ClientTimeout(total=RENEW_SECONDS, sock_connect=CONNECT_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=limits) as session,
            session.post(
                f"{app.oauth.rstrip('/')}/v4/oa/access_token",
                data={**form, "app_id": app.id},
                headers={"secret_key": app.secret},
            ) as answer,
        ):
            return await answer.json(content_type=None)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise NotSent(type(error).__name__) from error


class Tokens:
    """Gives the access token that is good now. `alarm` is called once, in the transaction that notes a loss."""

    def __init__(
        self,
        database: Database,
        box: Box,
        app: App,
        alarm: Alarm,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.database, self.box, self.app, self.alarm, self.clock = database, box, app, alarm, clock
        self._who = uuid.uuid4().hex  # in the lease: this very process
        self._held: tuple[str, datetime] | None = None  # a token with the instant up to which it needs no look
        self._turn = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None

    async def access(self, refused: str = "") -> str:
        """The token to use; `refused`: one that the platform did not take. Raises NoToken, NotSent."""
        held = self._held
        if held is not None and held[0] != refused and self.clock() < held[1]:
            return held[0]
        async with self._turn:
            until = asyncio.get_running_loop().time() + PATIENCE
            while True:
                found = await self._look(refused)
                if found is not None:
                    return found
                if asyncio.get_running_loop().time() > until:
                    raise Busy("another process renews the token and does not end")
                await asyncio.sleep(LOOK_EVERY)

    async def _look(self, refused: str) -> str | None:
        """One look at what is held, with a renewal when it is our turn; None: look again."""
        async with self.database.read() as db:
            grant = await grants.find(db, CHANNEL)
        if self._must_seed(grant):
            if await self._begin_turn():
                await self._seed()
            return None
        if grant is None:
            raise NoToken("nobody has consented yet; 'nhipcau doctor zalo' leads through it")
        pair = self._open(grant)
        now = self.clock()
        lives = pair is not None and bool(pair.access) and pair.access != refused and now < grant.expires_at
        lost = grant.state is GrantState.LOST
        if pair is not None and lives and (lost or now < grant.refresh_at):
            self._held = (pair.access, grant.expires_at if lost else grant.refresh_at)
            return pair.access
        self._held = None
        if lost or pair is None:
            raise NoToken(grant.reason or "the tokens cannot be read: NHIPCAU_SECRET is another one")
        if self._renewing is None:
            if not await self._begin_turn():
                return pair.access if lives else None  # another process renews; until then ours is good
            self._renewing = asyncio.ensure_future(self._take_turn(grant, pair))
        await asyncio.shield(self._renewing)  # whoever waits may be cancelled, a renewal on its way may not
        return None

    async def _take_turn(self, grant: Grant, pair: Pair) -> None:
        try:
            await self._renew(grant, pair)
        finally:
            self._renewing = None
            async with self.database.write() as db:
                await leases.let_go(db, LEASE, self._who)

    async def finish(self) -> None:
        """Waits for a renewal on its way: cut off, it would cost a new consent."""
        if self._renewing is not None:
            await asyncio.wait({self._renewing}, timeout=RENEW_SECONDS)

    def _open(self, grant: Grant) -> Pair | None:
        try:
            held = json.loads(self.box.unlock(grant.held))
        except Locked:
            return None
        return Pair(held["access"], held["refresh"])

    async def _begin_turn(self) -> bool:
        async with self.database.write() as db:
            return await leases.hold(db, LEASE, self._who, LEASE_SECONDS)

    # --- the first token ----------------------------------------------------------------------------------------------
    def _must_seed(self, grant: Grant | None) -> bool:
        if not self.app.seed:
            return False
        return grant is None or (grant.state is GrantState.LOST and grant.seed != digest(self.app.seed))

    async def _seed(self) -> None:
        now, pair = self.clock(), Pair("", self.app.seed)
        async with self.database.write() as db:
            if self._must_seed(await grants.find(db, CHANNEL)):
                held = self.box.lock(pack(pair))
                await grants.put(db, CHANNEL, held, EPOCH, EPOCH, now, digest(self.app.seed))
            await leases.let_go(db, LEASE, self._who)

    # --- renewing -----------------------------------------------------------------------------------------------------
    async def _renew(self, seen: Grant, pair: Pair) -> None:
        """Uses the renewing token, once in its life; whatever is not surely unused afterwards counts as used."""
        now = self.clock()
        async with self.database.write() as db:
            grant = await grants.find(db, CHANNEL)
            if grant is None or grant.version != seen.version or grant.state is GrantState.LOST:
                return
            if grant.state is GrantState.RENEWING:
                await self._lose(db, grant, "a process stopped while it renewed the token", now)
                return
            await grants.begin_renewing(db, grant, now)
        try:
            said = await ask(self.app, {"grant_type": "refresh_token", "refresh_token": pair.refresh})
        except NotSent:
            async with self.database.write() as db:
                await grants.not_begun(db, grant, now)
            raise
        except Exception as error:  # it left: it may have been used
            async with self.database.write() as db:
                await self._lose(db, grant, f"the renewal got no answer ({type(error).__name__})", now)
            return
        made = read_pair(said, self.clock())
        async with self.database.write() as db:
            if made is None:
                await self._lose(db, grant, f"Zalo refuses to renew: {_why(said)}", now)
                return
            new, expires = made
            await grants.put(db, CHANNEL, self.box.lock(pack(new)), renew_at(now, expires), expires, now)
        log.info("zalo token renewed", version=grant.version + 1)

    async def _lose(self, db: Connection, grant: Grant, reason: str, now: datetime) -> None:
        if await grants.lose(db, grant, reason, now):
            log.error("zalo consent lost", reason=reason)
            await self.alarm(db, reason, grant.version, now)


def _why(said: Any) -> str:
    """What the token endpoint gives as its reason, whichever field it uses."""
    if not isinstance(said, dict):
        return "an answer that cannot be read"
    parts = [str(said[name]) for name in ("error", "error_name", "error_reason", "error_description") if said.get(name)]
    return ", ".join(parts)[:200] or "no reason given"
