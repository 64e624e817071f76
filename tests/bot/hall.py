"""A hall full of people on the emulated Telegram with a database of their own: what the tests of broadcasts share."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from bot.channels.telegram import TelegramChannel
from bot.deliver import Deliverer
from domain.broadcast import Broadcast
from domain.frames import Terms
from domain.officer import Officer, OfficerState, Role
from domain.segment import EVERYBODY, Segment
from domain.worktime import WorkTime
from handlers import broadcasts as making
from storage import attachments, broadcasts
from storage.database import Database
from storage.files import FileStore, hash_of
from storage.tables import address, consent, conversation, outbox, person
from storage.tables import broadcast as broadcast_table
from storage.tables import officer as officer_table
from tests.platform.running import Emulator
from tests.platform.telegram_people import Hands

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)  # 10:00 in Việt Nam, a Tuesday
LAN = Officer(1, "Lan", "lan", Role.OFFICER)
HUNG = Officer(2, "Hùng", "hung", Role.APPROVER)
OPEN = ("waiting", "retry_at", "sending")


class Worker:
    """One process that sends, played within ours: it can die without a word."""

    def __init__(self, hall: "Hall", name: str, rate: float | None = 1000.0, worktime: WorkTime | None = None) -> None:
        self.hall = hall
        self.channel = TelegramChannel(hall.emulator.token, hall.emulator.base, burst=5, files=hall.files)
        self.channel.rate = rate
        self.deliverer = Deliverer(hall.database, [self.channel], worktime or WorkTime(), name)
        self._task: asyncio.Task[None] | None = None
        self._over = False

    async def begin(self) -> "Worker":
        await self.deliverer.begin()
        self._task = asyncio.ensure_future(self._run())
        return self

    async def _run(self) -> None:
        awake = asyncio.Event()
        while not self._over:  # wait_for may swallow a cancelling that comes together with what it waits for
            await self.deliverer.step(self.hall.now, awake.set)
            await asyncio.sleep(0)
            try:
                await asyncio.wait_for(awake.wait(), self.deliverer.rest or 0.1)
            except TimeoutError:
                continue
            awake.clear()

    async def die(self) -> None:
        """As after kill -9: what is under way is never recorded; connections break."""
        assert self._task is not None
        self._over = True
        tasks = [self._task, *self.deliverer._flying, self.deliverer._endings._working]
        for task in tasks:
            if task is not None:
                task.cancel()
        await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)
        await self.channel.close()

    async def leave(self) -> None:
        """Ends in order."""
        assert self._task is not None
        self._over = True
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.deliverer.finish(5)
        await self.channel.close()


class Hall:
    """People, officers, workers; business time moves only when told."""

    def __init__(self, database: Database, emulator: Emulator) -> None:
        self.database, self.emulator, self.now = database, emulator, NOW
        self.chats: list[int] = []
        self.files: FileStore | None = None

    async def open(self, count: int) -> "Hall":
        """Lets so many people in, who all started the bot and want news; two officers have accounts."""

        async def arrive() -> list[Any]:
            return [self.emulator.platforms.world.arrive(f"Khách {number}") for number in range(count)]

        async def start() -> None:
            telegram = self.emulator.platforms.telegram
            hands = Hands(telegram, next(iter(telegram.bots.values())))
            for one in guests:
                hands.start(one)

        guests = self.emulator.run(arrive())
        self.chats = [one.id for one in guests]
        async with self.database.write() as db:
            rows = [{"name": f"Khách {n}", "alert": "now", "created_at": NOW} for n in range(count)]
            await db.execute(person.insert(), rows)
            ids = list((await db.execute(select(person.c.id).order_by(person.c.id))).scalars())[-count:]
            places = [
                {"person_id": p, "channel": "telegram", "account": "", "external_id": str(c), "seen_at": NOW}
                for p, c in zip(ids, self.chats, strict=True)
            ]
            await db.execute(address.insert(), places)
            homes = (await db.execute(select(address.c.id, address.c.person_id))).all()
            talks = [{"person_id": r.person_id, "address_id": r.id, "data": {}, "updated_at": NOW} for r in homes]
            await db.execute(conversation.insert(), talks)
            wishes = [{"person_id": p, "purpose": "news", "wording": "1", "given_at": NOW} for p in ids]
            await db.execute(consent.insert(), wishes)
            for one in (LAN, HUNG):
                values = {"id": one.id, "name": one.name, "role": one.role.value, "state": OfficerState.OPEN.value}
                await db.execute(officer_table.insert().values(**values, created_at=NOW))
        self.emulator.run(start())  # a running system would meet them first
        self.people = ids
        return self

    async def send(
        self,
        text: str = "Mời {ten} dự hội thảo.",
        audience: Segment = EVERYBODY,
        files: tuple[tuple[str, str, bytes], ...] = (),
        **more: Any,
    ) -> Broadcast:
        """Lan writes, Hùng approves: on its way. `files`: (name, mime, content) of what goes with it."""
        async with self.database.write() as db:
            made = await broadcasts.compose(db, "Hội thảo", text, audience, LAN.name, self.now, **more)
            for name, mime, content in files:
                assert self.files is not None
                self.files.keep(self.files.receive(content), content)
                held = {"mime": mime, "size": len(content), "sha256": hash_of(content)}
                await attachments.add(db, "broadcast", str(made.id), name, LAN.name, self.now, **held)
            count = (await making.outlook(self.office, db, made, self.now)).count.reached
            await broadcasts.ask_approval(db, made.id, count, None, str(more.get("urgent", "")))
            waiting = await broadcasts.find(db, made.id)
            assert waiting is not None
            await making.approve(self.office, db, waiting, HUNG, self.now)
        return await self.held(made.id)

    async def held(self, broadcast_id: int) -> Broadcast:
        async with self.database.read() as db:
            found = await broadcasts.find(db, broadcast_id)
        assert found is not None
        return found

    @property
    def office(self) -> Any:
        """What the officers' deeds ask of an office: the calendar and the number one may write to alone."""
        from types import SimpleNamespace

        return SimpleNamespace(worktime=WorkTime(), broadcast_alone=50, terms=Terms(), secret=b"", address="")

    async def states(self, broadcast_id: int) -> Counter[str]:
        """How many rows stand where."""
        query = select(outbox.c.state, func.count()).where(outbox.c.broadcast_id == broadcast_id)
        async with self.database.read() as db:
            return Counter({row[0]: row[1] for row in (await db.execute(query.group_by(outbox.c.state))).all()})

    async def until(
        self, test: Callable[[Counter[str]], bool], broadcast_id: int, seconds: float = 60.0
    ) -> Counter[str]:
        """Waits until the states are as wished; the sum is looked at each time."""
        size = (await self.held(broadcast_id)).size
        end = time.monotonic() + seconds
        while True:
            found = await self.states(broadcast_id)
            assert found.total() == size, (found, size)
            if test(found):
                return found
            assert time.monotonic() < end, found
            await asyncio.sleep(0.05)
            self.now += timedelta(seconds=0.05)

    async def until_done(self, broadcast_id: int, seconds: float = 60.0) -> Counter[str]:
        """Waits until nothing is left to send."""
        return await self.until(lambda found: not any(found[state] for state in OPEN), broadcast_id, seconds)

    def copies(self, text: str = "") -> Counter[int]:
        """How often each chat really saw a message with this text."""
        return Counter(
            entry["chat_id"]
            for entry in list(self.emulator.platforms.world.ledger.entries)
            if entry["what"] == "message" and text in entry.get("text", "")
        )

    async def end_leases(self) -> None:
        """Time passes on the database's clock: every lease ends."""
        async with self.database.write() as db:
            await db.execute(update(outbox).where(outbox.c.lease_until.is_not(None)).values(lease_until=1.0))

    async def set_broadcast(self, broadcast_id: int, **values: Any) -> None:
        async with self.database.write() as db:
            await db.execute(update(broadcast_table).where(broadcast_table.c.id == broadcast_id).values(**values))
