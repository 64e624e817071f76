"""The emulated Telegram Bot API: each method with its checks, its refusals, its place in the ledger."""

import json
import mimetypes
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from tests.platform.faults import Faults
from tests.platform.telegram_chats import Bot, Chat, File, Message, kind_of, labels
from tests.platform.telegram_markup import markup_of
from tests.platform.telegram_text import Refusal, bad, formatted
from tests.platform.telegram_updates import QUERY_LIFE, Hook
from tests.platform.world import World

Args = dict[str, Any]
Upload = tuple[str, str, bytes]  # file name, content type, content
Uploads = dict[str, Upload]
PLATFORM = "telegram"
MOST_UPLOAD = 50 * 2**20
PORTS = (443, 80, 88, 8443)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
IMAGES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF")
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
SCOPES = {
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators",
    "chat_member",
}  # fmt: skip
DELETABLE = 48 * 3600.0


def truth(value: object) -> bool:
    """A boolean argument."""
    return value is True or str(value).lower() in ("true", "1", "yes", "y", "t")


def whole(args: Args, name: str, default: int = 0) -> int:
    """An integer argument; what is none counts as the default."""
    try:
        return int(str(args.get(name, default)))
    except ValueError:
        return default


def listed(args: Args, name: str) -> list[Any] | None:
    """An array argument, given as JSON or as text that holds JSON; None when it is absent."""
    raw = args.get(name)
    if isinstance(raw, str) and raw:
        try:
            raw = json.loads(raw)
        except ValueError as error:
            raise bad(f"can't parse {name} JSON object") from error
    return raw if isinstance(raw, list) else None


class Telegram:
    """All bots of the emulated platform."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.world, self.faults = world, faults
        self.bots: dict[str, Bot] = {}
        methods: list[Callable[[Bot, Args, Uploads], Awaitable[Any]]] = [
            self.get_me, self.get_updates, self.set_webhook, self.delete_webhook, self.get_webhook_info,
            self.send_message, self.send_photo, self.send_document, self.send_location, self.send_venue,
            self.send_chat_action, self.copy_message, self.edit_message_text, self.edit_message_reply_markup,
            self.delete_message, self.answer_callback_query, self.set_my_commands, self.get_my_commands,
            self.delete_my_commands, self.get_file,
        ]  # fmt: skip
        self.methods = {method.__name__.replace("_", ""): method for method in methods}

    def add_bot(self, token: str, username: str = "nhipcau_bot", name: str = "Nhịp Cầu") -> Bot:
        """A new bot account."""

        async def answer(bot: Bot, method: str, args: Args) -> object:
            return await self.call(bot, method, args, {})

        bot = Bot(self.world, self.faults, token, username, name, answer)
        self.bots[token] = bot
        return bot

    async def call(self, bot: Bot, method: str, args: Args, uploads: Uploads) -> Any:
        """Carries out one call; raises Refusal."""
        act = self.methods.get(method.lower())
        if act is None:
            raise Refusal(404, "Not Found: method not found")
        return await act(bot, args, uploads)

    async def close(self) -> None:
        """Ends what runs in the background."""
        for bot in self.bots.values():
            await bot.updates.close()

    # --- receiving ------------------------------------------------------------------------------------------------
    async def get_me(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        more = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries", "has_main_web_app")
        return {**bot.shown(), **dict.fromkeys(more, False), "can_connect_to_business": False}

    async def get_updates(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        if bot.updates.hook is None:
            bot.updates.allow(listed(args, "allowed_updates"))
        return await bot.updates.poll(whole(args, "offset"), whole(args, "limit", 100), whole(args, "timeout"))

    async def set_webhook(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        url = str(args.get("url") or "")
        if not url:
            return await self.delete_webhook(bot, args, uploads)
        now = self.world.clock.now()
        if now < bot.next_hook_at:
            raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
        bot.next_hook_at = now + 1
        self._check_url(url)
        secret = str(args.get("secret_token") or "")
        if len(secret) > 256 or not all(sign.isascii() and (sign.isalnum() or sign in "_-") for sign in secret):
            raise bad("secret token contains unallowed characters")
        connections = min(max(whole(args, "max_connections", 40), 1), 100)
        bot.updates.allow(listed(args, "allowed_updates"))
        await bot.updates.set_hook(Hook(url, secret, connections), truth(args.get("drop_pending_updates")))
        return True

    def _check_url(self, url: str) -> None:
        """HTTPS on the four ports; for loopback anything, as the self-hosted server in its local mode allows."""
        parts = urlsplit(url)
        if parts.hostname in LOOPBACK:
            return
        if parts.scheme != "https":
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if not parts.hostname:
            raise bad("invalid webhook URL specified")
        if (parts.port or 443) not in PORTS:
            raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")

    async def delete_webhook(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        await bot.updates.set_hook(None, truth(args.get("drop_pending_updates")))
        return True

    async def get_webhook_info(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        updates, hook = bot.updates, bot.updates.hook
        found: Args = {"url": hook.url if hook else "", "has_custom_certificate": False}
        found["pending_update_count"] = len(updates.pending)
        if hook is not None:
            found |= {"max_connections": hook.connections, "ip_address": "127.0.0.1"}
            if hook.last_error_at is not None:
                found |= {"last_error_date": int(hook.last_error_at), "last_error_message": hook.last_error}
        if updates.allowed is not None:
            found["allowed_updates"] = sorted(updates.allowed)
        return found

    # --- sending --------------------------------------------------------------------------------------------------
    async def send_message(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        text, entities = formatted(args, "text", required=True)
        return await self._send(bot, args, {"text": text, "entities": entities})

    async def send_photo(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        file = self._file(bot, args, uploads, "photo", "photos")
        if not file.content.startswith(IMAGES):
            raise bad("IMAGE_PROCESS_FAILED")
        sizes = [{**bot.described(file), "width": side, "height": side} for side in (90, 320)]
        return await self._send(bot, args, {"photo": sizes, **self._caption(args)})

    async def send_document(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        file = self._file(bot, args, uploads, "document", "documents")
        return await self._send(bot, args, {"document": bot.described(file), **self._caption(args)})

    async def send_location(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        return await self._send(bot, args, {"location": self._place(args)})

    async def send_venue(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        title, address = str(args.get("title") or "").strip(), str(args.get("address") or "").strip()
        if not title or not address:
            raise bad(f"venue {'title' if not title else 'address'} must be non-empty")
        venue = {"location": self._place(args), "title": title, "address": address}
        return await self._send(bot, args, {"location": venue["location"], "venue": venue})

    async def send_chat_action(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        if str(args.get("action")).lower() not in ACTIONS:
            raise bad("wrong parameter action in request")
        bot.reachable(args.get("chat_id"))
        return True

    async def copy_message(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        source = bot.find(bot.reachable(args.get("from_chat_id")), args.get("message_id"), "to copy")
        kept = {"text", "entities", "photo", "document", "location", "venue", "caption", "caption_entities", "voice"}
        content = {key: value for key, value in source.items() if key in kept}
        if not content:
            raise bad("message can't be copied")
        if args.get("caption") is not None:
            content |= self._caption(args)
        message = await self._send(bot, args, content)
        return {"message_id": message["message_id"]}

    def _caption(self, args: Args) -> Args:
        caption, entities = formatted(args, "caption", required=False)
        return {"caption": caption, "caption_entities": entities}

    def _place(self, args: Args) -> Args:
        place = {}
        for name, most in (("latitude", 90), ("longitude", 180)):
            try:
                place[name] = float(str(args[name]))
            except (KeyError, ValueError) as error:
                raise bad(f"{name} isn't specified") from error
            if not -most <= place[name] <= most:
                raise bad("wrong location specified")
        return place

    def _file(self, bot: Bot, args: Args, uploads: Uploads, name: str, folder: str) -> File:
        given = str(args.get(name) or "")
        upload = uploads.get(given.removeprefix("attach://")) if given.startswith("attach://") else uploads.get(name)
        if upload is not None:
            if not upload[2]:
                raise bad("file must be non-empty")
            if len(upload[2]) > MOST_UPLOAD:
                raise Refusal(413, "Request Entity Too Large")
            mime = mimetypes.guess_type(upload[0])[0] or upload[1]
            return bot.keep_file(upload[2], folder, upload[0], mime)
        if not given:
            raise bad(f"there is no {name} in the request")
        if given in bot.files:
            return bot.files[given]
        if given.startswith(("http://", "https://")):
            raise bad("failed to get HTTP URL content")
        raise bad("wrong remote file identifier specified: Wrong string length")

    async def _send(self, bot: Bot, args: Args, content: Args) -> Message:
        markup = markup_of(args)
        chat = bot.reachable(args.get("chat_id"))
        self._check_reply(bot, chat, args)
        wait = bot.limiter.take(chat.id, chat.id < 0, truth(args.get("allow_paid_broadcast")), self.world.clock.now())
        if wait is not None:
            raise Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        if markup is not None and "inline_keyboard" in markup:
            content["reply_markup"] = markup
        elif markup is not None:
            chat.keyboard = markup.get("keyboard")
        message = bot.write(chat, bot.shown(), content)
        await self.record(bot, chat, "message", message)
        return message

    def _check_reply(self, bot: Bot, chat: Chat, args: Args) -> None:
        raw = args.get("reply_parameters") or {"message_id": args.get("reply_to_message_id")}
        reply = json.loads(raw) if isinstance(raw, str) else raw
        number = reply.get("message_id")
        if number is None or truth(reply.get("allow_sending_without_reply")):
            return
        if whole(reply, "message_id") not in chat.messages:
            raise bad("message to be replied not found")

    async def record(self, bot: Bot, chat: Chat, what: str, message: Message, **more: Any) -> None:
        """Writes into the ledger what reached the people of a chat."""
        entry = {"at": round(self.world.clock.now(), 3), "platform": PLATFORM, "bot": bot.username, "what": what}
        entry |= {"chat_id": chat.id, "message_id": message["message_id"], "kind": kind_of(message)}
        entry |= {"text": message.get("text", message.get("caption", "")), "buttons": labels(message), **more}
        await self.world.ledger.add(entry)

    # --- changing what was sent -------------------------------------------------------------------------------------
    def _own(self, bot: Bot, args: Args) -> tuple[Chat, Message]:
        chat = bot.reachable(args.get("chat_id"))
        message = bot.find(chat, args.get("message_id"), "to edit")
        if message["from"]["id"] != bot.id:
            raise bad("message can't be edited")
        return chat, message

    async def _edited(self, bot: Bot, chat: Chat, message: Message, content: Args, args: Args) -> Message:
        markup = markup_of(args)
        before = {key: message.get(key) for key in (*content, "reply_markup")}
        content = {**content, "reply_markup": markup}
        if all((before[key] or None) == (content[key] or None) for key in content):
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the same as a "
                "current content and reply markup of the message"
            )
        message.update({key: value for key, value in content.items() if value})
        for key in [key for key, value in content.items() if not value]:
            message.pop(key, None)
        message["edit_date"] = int(self.world.clock.now())
        await self.record(bot, chat, "edit", message)
        return message

    async def edit_message_text(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        text, entities = formatted(args, "text", required=True)
        chat, message = self._own(bot, args)
        if "text" not in message:
            raise bad("there is no text in the message to edit")
        return await self._edited(bot, chat, message, {"text": text, "entities": entities}, args)

    async def edit_message_reply_markup(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        chat, message = self._own(bot, args)
        return await self._edited(bot, chat, message, {}, args)

    async def delete_message(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        chat = bot.reachable(args.get("chat_id"))
        message = bot.find(chat, args.get("message_id"), "to delete")
        if message["date"] < self.world.clock.now() - DELETABLE:
            raise bad("message can't be deleted for everyone")
        del chat.messages[message["message_id"]]
        await self.record(bot, chat, "delete", message)
        return True

    async def answer_callback_query(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        text = str(args.get("text") or "")
        if len(text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        query = bot.queries.get(str(args.get("callback_query_id") or ""))
        now = self.world.clock.now()
        if query is None or query.answered or now > query.at + QUERY_LIFE:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        query.answered = True
        chat, waited = bot.chats[query.chat], round(now - query.at, 3)
        message = chat.messages.get(query.message) or {"message_id": query.message}
        await self.record(bot, chat, "answer", message, query=query.id, waited=waited, shown=text)
        return True

    # --- commands, files --------------------------------------------------------------------------------------------
    def _scope(self, args: Args) -> tuple[str, str]:
        raw = args.get("scope") or {"type": "default"}
        scope = json.loads(raw) if isinstance(raw, str) else raw
        if scope.get("type") not in SCOPES:
            raise bad("unsupported type specified")
        language = str(args.get("language_code") or "")
        if language and not (len(language) == 2 and language.isascii() and language.islower()):
            raise bad("invalid language code specified")
        return ":".join(str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope), language

    async def set_my_commands(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        commands = listed(args, "commands")
        if commands is None:
            raise bad('can\'t find field "commands"')
        if len(commands) > 100:
            raise bad("can't use more than 100 commands")
        made = []
        for row in commands:
            name, words = str(row.get("command") or "").removeprefix("/"), str(row.get("description") or "").strip()
            if not name or len(name) > 32 or not all(s.isascii() and (s.isalnum() or s == "_") for s in name):
                raise bad("BOT_COMMAND_INVALID")
            if name != name.lower():
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(words) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
            made.append({"command": name, "description": words})
        bot.commands[self._scope(args)] = made
        return True

    async def get_my_commands(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        return bot.commands.get(self._scope(args), [])

    async def delete_my_commands(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        bot.commands.pop(self._scope(args), None)
        return True

    async def get_file(self, bot: Bot, args: Args, uploads: Uploads) -> Any:
        file_id = str(args.get("file_id") or "")
        if not file_id:
            raise bad("file_id is not specified")
        file = bot.link(file_id)
        return {**bot.described(file), "file_path": file.path}
