"""Checks settings, database, channels and model; says how to mend each."""

import shutil
import socket
from datetime import UTC, datetime

from bot.channels.zalo.consent import standing
from bot.wiring import build_mind
from config.settings import Settings
from knowledge.library import load
from nlu.understanding import Context
from storage.database import Database
from storage.migrate import migrate

FREE_MB = 200


def _line(good: bool | None, name: str, words: str) -> bool:
    mark = {True: "ok  ", False: "FAIL", None: "--  "}[good]
    print(f"{mark} {name}: {words}")
    return good is not False


def _shown(settings: Settings) -> None:
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        kept = "set (hidden)" if hasattr(value, "get_secret_value") and value else value
        if name == "database_url" and value:
            kept = "set (hidden)" if "@" in str(value) else value
        print(f"     NHIPCAU_{name.upper()} = {'none' if kept in (None, '') else kept}   # {field.description}")


async def _database(settings: Settings) -> bool:
    database = Database(settings.database)
    try:
        return _line(True, "database", f"{database.url.get_backend_name()}, {await migrate(database)}")
    except Exception as error:  # every reason is told with its cure
        return _line(False, "database", f"{type(error).__name__}: {str(error).splitlines()[0][:160]}. "
                     "Check NHIPCAU_DATABASE_URL, that the server runs, and free disk space.")  # fmt: skip
    finally:
        await database.close()


async def _redis(settings: Settings) -> bool:
    if settings.redis_url is None:
        return _line(None, "redis", "not set; the database keeps the limits")
    from redis.asyncio import Redis

    client = Redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=3)
    try:
        await client.ping()
        return _line(True, "redis", "answers")
    except Exception as error:  # every reason is told with its cure
        return _line(False, "redis", f"{type(error).__name__}. Check NHIPCAU_REDIS_URL or unset it.")
    finally:
        await client.aclose()


async def _zalo(settings: Settings) -> bool:
    database = Database(settings.database)
    try:
        good, words = await standing(settings, database)
        return _line(good, "zalo", words)
    except Exception as error:  # told above
        return _line(False, "zalo", f"the database does not answer ({type(error).__name__})")
    finally:
        await database.close()


def _port(settings: Settings) -> bool:
    with socket.socket() as probe:
        taken = probe.connect_ex((settings.host if not settings.public else "127.0.0.1", settings.port)) == 0
    words = "in use (Nhịp Cầu running? else choose NHIPCAU_PORT)" if taken else f"free on {settings.host}"
    return _line(None if taken else True, f"port {settings.port}", words)


async def examine(settings: Settings) -> bool:
    """Prints one line a part; False when something must be mended."""
    _shown(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free // 2**20
    good = _line(free > FREE_MB, "disk", f"{free} MB free in {settings.data_dir.name}/")
    library = load()
    good &= _line(True, "knowledge", f"{len(library.answers)} answers, {len(library.programmes)} programmes")
    good &= await _database(settings)
    good &= await _redis(settings)
    mind = build_mind(settings.data_dir / "model")
    act = mind.understand("nhà em cần máy sấy hồi", Context(), datetime.now(UTC)).act
    good &= _line(act == "declare_need", "model", "reads a need" if act == "declare_need" else f"reads a need as {act}")
    good &= _port(settings)
    token = settings.telegram_token
    good &= _line(None, "telegram", "token set" if token else "no token, this channel is off")
    good &= await _zalo(settings)
    bot = settings.zalo_bot_token
    good &= _line(None, "zalo bot", f"token set, {settings.zalo_bot_mode}" if bot else "no token, this channel is off")
    return good
