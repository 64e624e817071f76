"""How fast a channel may speak, agreed between all processes: the generic cell rate algorithm on one row or in Redis."""

import math
from typing import NamedTuple, Protocol

from redis.asyncio import Redis
from sqlalchemy import select, update

from storage.database import Connection, database_clock, insert_into
from storage.tables import pace

TAKE = """
local t = redis.call('TIME'); local now = t[1] + t[2] / 1000000
local n = tonumber(ARGV[1]); local held = {}
for i, key in ipairs(KEYS) do
  local step = 1 / tonumber(ARGV[2 * i]); local burst = tonumber(ARGV[2 * i + 1])
  held[i] = math.max(tonumber(redis.call('GET', key) or '0'), now)
  n = math.min(n, math.floor((now - held[i]) / step + burst + 1e-6))
end
if n <= 0 then return 0 end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.6f', held[i] + n / tonumber(ARGV[2 * i])), 'EX', 3600)
end
return n
"""
PAUSE = """
local t = redis.call('TIME'); local now = t[1] + t[2] / 1000000
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
local until_ = math.max(held, now + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.6f', until_), 'EX', math.ceil(tonumber(ARGV[1])) + 3600)
return 1
"""


class Bound(NamedTuple):
    """One limit: `rate` in messages per second, `burst` in messages."""

    key: str
    rate: float
    burst: int


class Pace(Protocol):
    """Leave to send, by key. `rate` is in messages per second, `burst` in messages, `seconds` in seconds."""

    async def take(self, db: Connection, wanted: int, *bounds: Bound) -> int:
        """How many of `wanted` messages all the bounds let go now; with each of them they count as gone."""
        ...

    async def pause(self, db: Connection, key: str, seconds: float, rate: float, burst: int) -> None:
        """Lets nothing go for so many seconds."""
        ...


class DatabasePace:
    """Keeps the pace in the table `pace`, by the clock of the database, inside the caller's transaction."""

    async def take(self, db: Connection, wanted: int, *bounds: Bound) -> int:
        """See Pace."""
        starts = []
        for bound in sorted(bounds):  # always in the same order, so that two processes never wait for one another
            now, held = await self._held(db, bound.key)
            start = max(held, now)
            wanted = min(wanted, math.floor((now - start) * bound.rate + bound.burst + 1e-6))
            starts.append((bound, start))
        if wanted <= 0:
            return 0
        for bound, start in starts:
            await db.execute(update(pace).where(pace.c.key == bound.key).values(until=start + wanted / bound.rate))
        return wanted

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

    async def take(self, db: Connection, wanted: int, *bounds: Bound) -> int:
        """See Pace."""
        keys = [f"nhipcau:pace:{bound.key}" for bound in bounds]
        return int(await self._take(keys=keys, args=[wanted, *(part for b in bounds for part in (b.rate, b.burst))]))

    async def pause(self, db: Connection, key: str, seconds: float, rate: float, burst: int) -> None:
        """See Pace."""
        await self._pause(keys=[f"nhipcau:pace:{key}"], args=[seconds + (burst - 1) / rate])


def open_pace(redis_url: str | None) -> Pace:
    """The pace kept in Redis when there is one, else in the database."""
    if redis_url is None:
        return DatabasePace()
    return RedisPace(Redis.from_url(redis_url, socket_timeout=5))
