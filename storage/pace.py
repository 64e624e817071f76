"""How fast a channel may speak, agreed between all processes: on rows of the database or in Redis."""

import math
from typing import Any, NamedTuple, Protocol

from redis.asyncio import Redis
from sqlalchemy import Integer, bindparam, or_, select, update

from storage.database import Connection, database_clock, insert_into, made_once
from storage.tables import pace

TAKE = """
local t = redis.call('TIME'); local now = t[1] + t[2] / 1000000
local n = tonumber(ARGV[1]); local held = {}
for i, key in ipairs(KEYS) do
  local rate, burst, keeps = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  held[i] = tonumber(redis.call('GET', key) or '0')
  if held[i] < now - keeps then held[i] = now end
  n = math.min(n, math.floor((now - held[i]) * rate + burst + 1e-6))
end
if n <= 0 then return 0 end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.6f', held[i] + n / tonumber(ARGV[3 * i - 1])), 'EX', 3600)
end
return n
"""
ENTER = """
local t = redis.call('TIME'); local now = t[1] + t[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local n = math.min(tonumber(ARGV[1]), tonumber(ARGV[2]) - redis.call('ZCARD', KEYS[1]))
for i = 1, n do redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), string.format('%.6f:%d', now, i)) end
redis.call('EXPIRE', KEYS[1], 3600)
return math.max(n, 0)
"""
FILL = """
local t = redis.call('TIME'); local now = t[1] + t[2] / 1000000
for i = 1, tonumber(ARGV[1]) do
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]) + i / tonumber(ARGV[3]), string.format('%.6f:%d', now, i))
end
redis.call('EXPIRE', KEYS[1], math.ceil(tonumber(ARGV[2])) + 3600)
return 1
"""
PAUSE = """
local t = redis.call('TIME'); local now = t[1] + t[2] / 1000000
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
local until_ = math.max(held, now + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.6f', until_), 'EX', math.ceil(tonumber(ARGV[1])) + 3600)
return 1
"""


class Bound(NamedTuple):
    """A limit over time (the generic cell rate algorithm): `rate` in messages per second, `burst` in messages.

    Leave that is not used is lost but for the burst; with `keeps` it stays for so many seconds, so that whoever asks
    late catches up. Whoever asks for nothing for longer begins anew.
    """

    key: str
    rate: float
    burst: int
    keeps: float = 0.0


class Places(NamedTuple):
    """A limit of any one second: so many messages, each taking a place for `SECOND`; the last `kept` of the places are
    for answers only."""

    key: str
    most: int
    kept: int


SECOND = 1.08  # a second with what the way to the platform may vary by


class Pace(Protocol):
    """Leave to send, by key. `rate` is in messages per second, `burst` in messages, `seconds` in seconds."""

    async def take(self, db: Connection, wanted: int, *bounds: Bound) -> int:
        """How many of `wanted` messages all the bounds let go now; with each of them they count as gone."""
        ...

    async def enter(self, db: Connection, wanted: int, places: Places, answers: bool = False) -> int:
        """How many of `wanted` messages may leave at this moment: each takes a place."""
        ...

    async def pause(self, db: Connection, key: str, seconds: float, rate: float, burst: int) -> None:
        """Lets nothing go for so many seconds."""
        ...

    async def fill(self, db: Connection, places: Places, seconds: float, rate: float) -> None:
        """Lets nothing go for so many seconds; then the places come back one by one at this rate."""
        ...


class DatabasePace:
    """Keeps the pace in the table `pace`, by the clock of the database, inside the caller's transaction. A place is a
    row: `until` is when it is free again."""

    def __init__(self) -> None:
        self._known: set[str] = set()  # whose places have their rows

    async def take(self, db: Connection, wanted: int, *bounds: Bound) -> int:
        """See Pace."""
        starts = []
        for bound in sorted(bounds):  # always in the same order, so that two processes never wait for one another
            now, held = await self._held(db, bound.key)
            start = held if held >= now - bound.keeps else now
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

    async def enter(self, db: Connection, wanted: int, places: Places, answers: bool = False) -> int:
        """See Pace. Processes pass over places that another one is just taking: nobody waits for anybody."""
        taken = await self._occupy(db, wanted, places.key, answers)
        if taken:
            self._known.add(places.key)
        elif wanted > 0 and places.key not in self._known:  # they may have no rows yet
            rows = [{"key": name, "until": 0.0} for name in _names(places)]
            await db.execute(insert_into(db, pace).on_conflict_do_nothing(), rows)
            taken = await self._occupy(db, wanted, places.key, answers)
        return taken

    async def _occupy(self, db: Connection, wanted: int, key: str, answers: bool) -> int:
        return len((await db.execute(_entering(db, key, answers), {"wanted": max(wanted, 0)})).all())

    async def fill(self, db: Connection, places: Places, seconds: float, rate: float) -> None:
        """See Pace."""
        now = float((await db.execute(select(database_clock(db)))).scalar_one())
        for number, name in enumerate(_names(places)):
            until = now + seconds + number / rate
            row = insert_into(db, pace).values(key=name, until=until)
            await db.execute(row.on_conflict_do_update(index_elements=["key"], set_={"until": until}))

    async def _held(self, db: Connection, key: str) -> tuple[float, float]:
        """The database's clock with the instant up to which this key has spoken."""
        query = select(database_clock(db).label("now"), pace.c.until).where(pace.c.key == key).with_for_update()
        row = (await db.execute(query)).one_or_none()
        if row is None:
            await db.execute(insert_into(db, pace).values(key=key, until=0.0).on_conflict_do_nothing())
            row = (await db.execute(query)).one()
        return float(row.now), float(row.until)


def _names(places: Places) -> list[str]:
    """The rows of the places, in the order in which whoever needs several takes them: those for answers only last."""
    free = places.most - places.kept
    return [f"{places.key}{'#' if number < free else '+'}{number:02d}" for number in range(places.most)]


def _taking_places(db: Connection, key: str, answers: bool) -> Any:
    """Takes free places; answers begin with those that are kept for them."""
    kept = pace.c.key.startswith(f"{key}+", autoescape=True)
    open_to_all = pace.c.key.startswith(f"{key}#", autoescape=True)
    free = select(pace.c.key).where(or_(kept, open_to_all) if answers else open_to_all)
    free = free.where(pace.c.until <= database_clock(db)).order_by(kept.desc(), pace.c.key)
    free = free.limit(bindparam("wanted", type_=Integer()))
    if db.dialect.name == "postgresql":
        free = free.with_for_update(skip_locked=True)
    found = free.cte("found")  # looked for once
    occupied = update(pace).where(pace.c.key.in_(select(found.c.key)))
    return occupied.values(until=database_clock(db) + SECOND).returning(pace.c.key)


_entering = made_once(_taking_places)


class RedisPace:
    """Keeps the pace in Redis, by its clock; for several processes that send much."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(TAKE)
        self._pause = redis.register_script(PAUSE)
        self._enter = redis.register_script(ENTER)
        self._fill = redis.register_script(FILL)

    async def take(self, db: Connection, wanted: int, *bounds: Bound) -> int:
        """See Pace."""
        keys = [f"nhipcau:pace:{bound.key}" for bound in bounds]
        told = [part for bound in bounds for part in (bound.rate, bound.burst, bound.keeps)]
        return int(await self._take(keys=keys, args=[wanted, *told]))

    async def enter(self, db: Connection, wanted: int, places: Places, answers: bool = False) -> int:
        """See Pace."""
        most = places.most if answers else places.most - places.kept
        return int(await self._enter(keys=[f"nhipcau:places:{places.key}"], args=[wanted, most, SECOND]))

    async def fill(self, db: Connection, places: Places, seconds: float, rate: float) -> None:
        """See Pace."""
        await self._fill(keys=[f"nhipcau:places:{places.key}"], args=[places.most, seconds, rate])

    async def pause(self, db: Connection, key: str, seconds: float, rate: float, burst: int) -> None:
        """See Pace."""
        await self._pause(keys=[f"nhipcau:pace:{key}"], args=[seconds + (burst - 1) / rate])


def open_pace(redis_url: str | None) -> Pace:
    """The pace kept in Redis when there is one, else in the database."""
    if redis_url is None:
        return DatabasePace()
    return RedisPace(Redis.from_url(redis_url, socket_timeout=5))
