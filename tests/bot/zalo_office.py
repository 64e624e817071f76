"""A deliverer that speaks over the emulated Zalo on a real database: what the tests of the channel share."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.channels.zalo.line import ZaloLine
from bot.deliver import Deliverer
from config.settings import Settings
from conversation.message import Message
from conversation.reply import Choice, Reply
from domain.notice import Kind
from domain.person import Alert, Purpose
from domain.worktime import WorkTime
from storage import inbox, outbox, people
from storage.database import Database
from storage.tables import address
from storage.tables import outbox as rows
from tests.platform.phone import ZaloPhone
from tests.platform.running import Emulator

HELLO = Reply("Chào anh/chị.", (Choice("Có", "x"), Choice("Không", "y")))


def noon() -> datetime:
    """Ten in the morning of a day at work in Việt Nam, ahead of the emulator's clock."""
    at = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while at.weekday() > 3:
        at += timedelta(days=1)
    return at


def settings_of(emulator: Emulator, **more: Any) -> Settings:
    """The settings of a system that talks to the emulated account."""
    account = emulator.account()
    given = {
        "zalo_app_id": account["app_id"], "zalo_app_secret": account["app_secret"], "zalo_oa_secret": account["oa_secret"],
        "zalo_refresh_token": emulator.ask("POST", "zalo/grant", {})["refresh_token"],
        "zalo_api_url": emulator.base, "zalo_oauth_url": emulator.base, "zalo_rate": 60.0,
    }  # fmt: skip
    return Settings(**{**given, **more})


class Office:
    """Business time and the platform's clock move together, and only when told."""

    def __init__(self, database: Database, emulator: Emulator, **more: Any) -> None:
        self.database, self.emulator, self.now = database, emulator, noon()
        emulator.hold(True)
        self._move()
        self.channel = ZaloLine(settings_of(emulator, **more), database, lambda: self.now)
        self.deliverer = Deliverer(database, [self.channel], WorkTime(holidays=frozenset()), "test")
        self._keys = 0

    def _move(self) -> None:
        clock = self.emulator.platforms.world.clock
        self.emulator.advance(self.now.timestamp() - clock.now())

    def later(self, seconds: float = 0.0, days: float = 0.0) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds, days=days)
        self._move()

    async def lan(self, name: str = "Lan") -> ZaloPhone:
        """A person who follows the account and wants news."""
        phone = self.emulator.zalo(name)
        phone.start()
        async with self.database.write() as db:
            place = await people.arrive(db, "zalo", "", phone.uid, self.now)
            await people.give_consent(db, place.person_id, Purpose.NEWS, "1", self.now)
            await people.choose_alert(db, place.person_id, Alert.NOW)
        return phone

    async def writes(self, phone: ZaloPhone, text: str = "chào") -> None:
        """The person says something; it is stored as the webhook would."""
        mark = phone.say(text)
        async with self.database.write() as db:
            await inbox.put(db, Message("zalo", "", f"user_send_text:{mark}", phone.uid, text, self.now), self.now)

    async def put(self, phone: ZaloPhone, reply: Reply = HELLO, kind: Kind = Kind.REPLY, key: str = "") -> int:
        """Puts one message to a person into the outbox; its row."""
        self._keys += 1
        async with self.database.write() as db:
            place = await self._place(db, phone)
            await outbox.put(db, kind, place.person_id, reply, f"{key}k{self._keys}", self.now, self.now, place.id)
            return int((await db.execute(select(rows.c.id).order_by(rows.c.id.desc()).limit(1))).scalar_one())

    async def _place(self, db: Any, phone: ZaloPhone) -> Any:
        return (await db.execute(select(address).where(address.c.external_id == phone.uid))).one()

    async def turn(self, seconds: float = 0.0) -> int:
        """Sends what is due so many seconds later."""
        self.later(seconds)
        return await self.deliverer.drain(self.now)

    async def row(self, row: int) -> Any:
        """A row as it stands."""
        async with self.database.read() as db:
            return (await db.execute(select(rows).where(rows.c.id == row))).one()

    async def state(self, row: int) -> str:
        """A row's state."""
        return str((await self.row(row)).state)

    async def until_done(self, row: int, seconds: float = 20.0) -> str:
        """Sends until a row has ended; its state."""
        end = time.monotonic() + seconds
        while (state := await self.state(row)) in ("waiting", "retry_at", "sending"):
            assert time.monotonic() < end, f"still {state}"
            await self.turn(15)
        return state

    async def address(self, phone: ZaloPhone) -> str:
        """The state of a person's address."""
        async with self.database.read() as db:
            return str((await self._place(db, phone)).state)

    def heard(self, phone: ZaloPhone) -> int:
        """How many messages really reached a person."""
        return len(self.emulator.ledger(platform="zalo", what="message", chat_id=phone.uid))

    def calls(self, method: str) -> int:
        """How often the platform was asked for this."""
        return len(self.emulator.calls(method))
