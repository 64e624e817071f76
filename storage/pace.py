"""How fast a channel may speak, agreed between all processes: the generic cell rate algorithm on one row or in Redis."""

import math
from typing import Protocol

from redis.asyncio import Redis
from sqlalchemy import select, update

from storage.database import Connection, database_clock, insert_into
from storage.tables import pace

TAKE = """
local t = redis.call('TIME'); local now = t[1] + t[2] / 1000000
local step = 1 / tonumber(ARGV[2]); local burst = tonumber(ARGV[3])
local held = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local n = math.min(tonumber(ARGV[1]), math.floor((now + burst * step - held) / step + 1e-6))
if n <= 0 then return 0 end
redis.call('SET', KEYS[1], string.format('%.6f', held + n * step), 'EX', 3600)
return n
"""
PAUSE = """
local t = redis.call('TIME'); local now = t[1] + t[2] / 1000000
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
local until_ = math.max(held, now + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.6f', until_), 'EX', math.ceil(tonumber(ARGV[1])) + 3600)
return 1
"""


class Pace(Protocol):
    """Leave to send, by key. `rate` is in messages per second, `burst` in messages, `seconds` in seconds."""

    async def take(self, db: Connection, key: str, wanted: int, rate: float, burst: int) -> int:
        """How many of `wanted` messages may go now; they count as gone."""
        ...

    async def pause(self, db: Connection, key: str, seconds: float, rate: float, burst: int) -> None:
        """Lets nothing go for so many seconds."""
        ...


class DatabasePace:
    """Keeps the pace in the table `pace`, by the clock of the database, inside the caller's transaction."""

    async def take(self, db: Connection, key: str, wanted: int, rate: float, burst: int) -> int:
        """See Pace."""
        now, held = await self._held(db, key)
        start = max(held, now)
        most = min(wanted, math.floor((now + burst / rate - start) * rate + 1e-6))
        if most <= 0:
            return 0
        await db.execute(update(pace).where(pace.c.key == key).values(until=start + most / rate))
        return most

    async def pause(self, db: Connection, key: str, seconds: float, rate: float, burst: int) -> None:
        """See Pace; the burst is used up too, so that speech begins gently again."""
        now, held = await self._held(db, key)
        until = max(held, now + seconds + (burst - 1) / rate)
        await db.execute(update(pace).where(pace.c.key == key).values(until=until))

    async def _held(self, db: Connection, key: str) -> tuple[float, float]:
        """The database's clock with the instant up to which this key has spoken."""
        query = select(database_clock(db).label("now"), pace.c.until).where(pace.c.key == key).with_for_update()
        row = (await db.execute(query)).one_or_none()
        if row is None:
            await db.execute(insert_into(db, pace).values(key=key, until=0.0).on_conflict_do_nothing())
            row = (await db.execute(query)).one()
        return float(row.now), float(row.until)


class RedisPace:
    """Keeps the pace in Redis, by its clock; for several processes that send much."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(TAKE)
        self._pause = redis.register_script(PAUSE)

    async def take(self, db: Connection, key: str, wanted: int, rate: float, burst: int) -> int:
        """See Pace."""
        return int(await self._take(keys=[f"nhipcau:pace:{key}"], args=[wanted, rate, burst]))

    async def pause(self, db: Connection, key: str, seconds: float, rate: float, burst: int) -> None:
        """See Pace."""
        await self._pause(keys=[f"nhipcau:pace:{key}"], args=[seconds + (burst - 1) / rate])


def open_pace(redis_url: str | None) -> Pace:
    """The pace kept in Redis when there is one, else in the database."""
    if redis_url is None:
        return DatabasePace()
    return RedisPace(Redis.from_url(redis_url, socket_timeout=5))
