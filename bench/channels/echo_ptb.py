"""An echo bot as python-telegram-bot's own pages write it: `python -m bench.channels.echo_ptb BASE TOKEN MODE PORT`."""

import asyncio
import sys
from http import HTTPStatus

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update
from telegram.ext import Application, ApplicationBuilder, CallbackContext, MessageHandler, filters

SECRET = "echo-secret"


async def echo(update: Update, context: CallbackContext) -> None:  # type: ignore[type-arg]
    """Says the same."""
    if update.message is not None:
        await update.message.reply_text(update.message.text or "?")


async def called(app: Application, port: int) -> None:  # type: ignore[type-arg]
    """Serves the webhook for ever."""

    async def hook(request: Request) -> Response:
        if request.headers.get("x-telegram-bot-api-secret-token") != SECRET:
            return Response(status_code=HTTPStatus.FORBIDDEN)
        await app.update_queue.put(Update.de_json(await request.json(), app.bot))
        return Response()

    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=[Route("/hook", hook, methods=["POST"])]), port=port, log_level="error")
    )
    async with app:
        await app.start()
        serving = asyncio.ensure_future(server.serve())
        await asyncio.sleep(0.5)
        await app.bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token=SECRET, allowed_updates=["message"])
        await serving


def main(base: str, token: str, mode: str, port: int) -> None:
    """Polls or is called."""
    builder = ApplicationBuilder().token(token).base_url(f"{base}/bot").base_file_url(f"{base}/file/bot")
    if mode == "webhook":
        app = builder.updater(None).build()
        app.add_handler(MessageHandler(filters.ALL, echo))
        asyncio.run(called(app, port))
    else:
        app = builder.build()
        app.add_handler(MessageHandler(filters.ALL, echo))
        app.run_polling(allowed_updates=["message"])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
