"""Runs the emulated platforms: `python -m tests.platform --port 8081`, then open the address in a browser."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from aiohttp import web

from tests.platform.server import Platforms, application

TOKEN = "700000000:EmulatedTelegramTokenForTests000001"


def zalo_settings(platforms: Platforms, base: str) -> str:
    """What a system is given that talks to the emulated Official Account, as lines of .env."""
    zalo = platforms.zalo
    held = {
        "APP_ID": zalo.app_id, "APP_SECRET": zalo.app_secret, "OA_SECRET": zalo.oa_secret,
        "REFRESH_TOKEN": zalo.tokens.pair()["refresh_token"], "API_URL": base, "OAUTH_URL": base,
    }  # fmt: skip
    return "\n".join(f"NHIPCAU_ZALO_{name}={value}" for name, value in held.items())


async def serve(port: int, ledger: Path | None, tokens: list[str], speed: float, quiet: bool, webhook: str) -> None:
    """Serves until SIGTERM or Ctrl-C."""
    platforms = Platforms.make(ledger, speed)
    platforms.zalo.hooks.url = webhook
    for number, token in enumerate(tokens):
        platforms.telegram.add_bot(token, "nhipcau_bot" if not number else f"nhipcau{number}_bot")
    runner = web.AppRunner(application(platforms), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    if not quiet:
        sys.stderr.write(f"emulated Telegram at http://127.0.0.1:{port} (chat by hand there), token {tokens[0]}\n")
        base = f"http://127.0.0.1:{port}"
        sys.stderr.write(f"emulated Zalo at the same address, for .env:\n{zalo_settings(platforms, base)}\n")
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await stopping.wait()
    await runner.cleanup()


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--ledger", type=Path, help="file of JSON lines, one for each thing a person saw")
    parser.add_argument("--token", action="append", help="a bot's token; may be given several times")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast the virtual clock runs")
    parser.add_argument("--zalo-webhook", default="", help="where Zalo's events go, such as http://127.0.0.1:8080/zalo")
    parser.add_argument("--quiet", action="store_true")
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.ledger, given.token or [TOKEN], given.speed, given.quiet, given.zalo_webhook))


if __name__ == "__main__":
    main()
