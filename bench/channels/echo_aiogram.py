"""An echo bot as aiogram's own pages write it: `python -m bench.channels.echo_aiogram BASE TOKEN MODE PORT`."""

import asyncio
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

SECRET = "echo-secret"
dispatcher = Dispatcher()


@dispatcher.message()
async def echo(message: Message) -> None:
    """Says the same."""
    await message.answer(message.text or "?")


async def called(bot: Bot, port: int) -> None:
    """Serves the webhook for ever."""
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token=SECRET).register(app, "/hook")
    setup_application(app, dispatcher, bot=bot)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token=SECRET, allowed_updates=["message"])
    await asyncio.Event().wait()


async def main(base: str, token: str, mode: str, port: int) -> None:
    """Polls or is called."""
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(base)))
    if mode == "webhook":
        await called(bot, port)
    else:
        await dispatcher.start_polling(bot, handle_signals=False, allowed_updates=["message"])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
