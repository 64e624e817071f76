"""Two independent Telegram libraries behind one shape: they keep the emulated Telegram honest."""

import os
from dataclasses import dataclass
from typing import Any

import aiogram.exceptions
import aiogram.types
import telegram
import telegram.error
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram.request import HTTPXRequest

os.environ.setdefault("PTB_TIMEDELTA", "1")  # the later of its two ways to say how long to wait
PATIENCE = 2.5  # seconds: how long the clients wait for an answer


@dataclass
class Client:
    """One library's bot. `errors` maps our short names to its own exception classes."""

    name: str
    bot: Any
    types: Any
    errors: dict[str, type[Exception]]

    def buttons(self, *rows: tuple[tuple[str, str], ...]) -> Any:
        """An inline keyboard of (label, data) pairs."""
        made = [[self.types.InlineKeyboardButton(text=t, callback_data=d) for t, d in row] for row in rows]
        return self.types.InlineKeyboardMarkup(inline_keyboard=made)

    def upload(self, content: bytes, name: str) -> Any:
        """A file to send."""
        if self.name == "aiogram":
            return aiogram.types.BufferedInputFile(content, filename=name)
        return telegram.InputFile(content, filename=name)

    async def download(self, file_id: str) -> bytes:
        """The content of a file."""
        file = await self.bot.get_file(file_id)
        if self.name == "aiogram":
            stream = await self.bot.download_file(file.file_path)
            return bytes(stream.read())
        return bytes(await file.download_as_bytearray())

    def read(self, raw: dict[str, Any]) -> Any:
        """An update as this library reads it."""
        if self.name == "aiogram":
            return aiogram.types.Update.model_validate(raw)
        return telegram.Update.de_json(raw, self.bot)

    async def close(self) -> None:
        """Gives the connections back."""
        if self.name == "aiogram":
            await self.bot.session.close()
        else:
            await self.bot.shutdown()


def aiogram_client(base: str, token: str) -> Client:
    """aiogram's bot."""
    e = aiogram.exceptions
    errors: dict[str, type[Exception]] = {
        "bad": e.TelegramBadRequest, "forbidden": e.TelegramForbiddenError, "token": e.TelegramUnauthorizedError,
        "conflict": e.TelegramConflictError, "flood": e.TelegramRetryAfter, "moved": e.TelegramMigrateToChat,
        "network": e.TelegramNetworkError, "timeout": e.TelegramNetworkError, "server": e.TelegramServerError,
    }  # fmt: skip
    session = AiohttpSession(api=TelegramAPIServer.from_base(base), timeout=PATIENCE)
    return Client("aiogram", aiogram.Bot(token, session=session), aiogram.types, errors)


def ptb_client(base: str, token: str) -> Client:
    """python-telegram-bot's bot."""
    e = telegram.error
    errors: dict[str, type[Exception]] = {
        "bad": e.BadRequest, "forbidden": e.Forbidden, "token": e.InvalidToken, "conflict": e.Conflict,
        "flood": e.RetryAfter, "moved": e.ChatMigrated, "network": e.NetworkError, "timeout": e.TimedOut,
        "server": e.NetworkError,
    }  # fmt: skip
    requests = [HTTPXRequest(connection_pool_size=20, read_timeout=PATIENCE) for _ in range(2)]
    bot = telegram.Bot(token, f"{base}/bot", f"{base}/file/bot", request=requests[0], get_updates_request=requests[1])
    return Client("ptb", bot, telegram, errors)


MAKERS = {"aiogram": aiogram_client, "ptb": ptb_client}
