"""What people do in the emulated Telegram: start, write, press, send things, edit, block, move a group."""

import itertools
from collections.abc import Iterable
from typing import Any

from tests import pictures
from tests.platform.telegram import Telegram
from tests.platform.telegram_chats import Bot, Chat, Message, kind_of, labels, user
from tests.platform.telegram_text import found_entities
from tests.platform.telegram_updates import MESSAGE_LIFE, QUERY_LIFE
from tests.platform.world import Person

JPEG = pictures.jpeg()
FOLDERS = {"photo": "photos", "document": "documents", "voice": "voice", "sticker": "stickers", "video": "videos"}
PRESS_QUEUE, MEMBER_QUEUE = 3 << 33, 5 << 33


class Impossible(Exception):
    """What no person could do in the real application; the message says why."""


class Hands:
    """The hands of all people on one bot."""

    def __init__(self, telegram: Telegram, bot: Bot) -> None:
        self.telegram, self.bot, self.world = telegram, bot, telegram.world
        self._groups = itertools.count(1001)

    # --- writing --------------------------------------------------------------------------------------------------
    def start(self, person: Person, payload: str = "") -> Message:
        """Presses START, by a link with a payload perhaps; unblocks as the application does."""
        if len(payload) > 64 or not all(s.isascii() and (s.isalnum() or s in "_-") for s in payload):
            raise Impossible("a start payload has up to 64 signs of A-Z a-z 0-9 _ -")
        chat = self.bot.chat_with(person)
        if chat.blocked:
            self.unblock(person)
        return self.say(person, f"/start {payload}".strip())

    def say(self, person: Person, text: str, **more: Any) -> Message:
        """Writes a text."""
        if not text.strip() or len(text.encode("utf-16-le", "surrogatepass")) > 2 * 4096:
            raise Impossible("the application sends texts of 1 to 4096 signs")
        content = {"text": text, "entities": found_entities(text), **more}
        return self._send(person, content)

    def send(self, person: Person, kind: str, content: bytes | None = None, **more: Any) -> Message:
        """Sends what is not text; `more` are fields of it (latitude, phone_number, caption, name ...)."""
        caption = more.pop("caption", None)
        around: dict[str, Any] = {key: more.pop(key) for key in ("media_group_id", "forward_origin") if key in more}
        made: dict[str, Any]
        if kind == "contact":
            own = {"phone_number": person.phone, "first_name": person.first_name, "user_id": person.id}
            made = {"contact": {key: value for key, value in {**own, **more}.items() if value is not None}}
        elif kind in ("location", "venue"):
            place = {"latitude": float(more.pop("latitude", 21.85)), "longitude": float(more.pop("longitude", 106.76))}
            made = {"location": place}
            if kind == "venue":
                made["venue"] = {"location": place, "title": "Chợ", "address": "Lạng Sơn", **more}
        elif kind in FOLDERS:
            made = self._file(kind, content, more)
        else:
            made = {kind: more}
        captioned = {"caption": caption, "caption_entities": found_entities(caption)} if caption else {}
        return self._send(person, {**made, **captioned, **around})

    def _file(self, kind: str, content: bytes | None, more: dict[str, Any]) -> dict[str, Any]:
        name, mime = str(more.get("name", "")), str(more.get("mime", ""))
        file = self.bot.keep_file(content or (JPEG if kind == "photo" else b"x" * 100), FOLDERS[kind], name, mime)
        found = self.bot.described(file)
        if kind == "photo":
            return {"photo": [{**found, "width": side, "height": side} for side in (90, 320, 800)]}
        if kind == "sticker":
            shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
            return {"sticker": {**found, **shape, "emoji": "👍"}}
        extra = {"voice": {"duration": 3}, "video": {"duration": 3, "width": 320, "height": 240}}.get(kind, {})
        return {kind: {**found, **extra}}

    def _send(self, person: Person, content: dict[str, Any], group: int | None = None) -> Message:
        chat = self.bot.chats[group] if group is not None else self._open(person)
        if content.get("contact") and chat.keyboard is not None:
            chat.keyboard = None  # the one-time keyboard has been used
        message = self.bot.write(chat, user(person), content)
        self.bot.updates.add("message", dict(message), str(chat.id), MESSAGE_LIFE)
        return message

    def _open(self, person: Person) -> Chat:
        chat = self.bot.chats.get(person.id)
        if person.deactivated:
            raise Impossible("this account is deleted")
        if chat is None:
            chat = self.bot.chat_with(person)
        if chat.blocked:
            raise Impossible("the person blocked the bot; unblock or start first")
        return chat

    def edit(self, person: Person, message_id: int, text: str) -> Message:
        """Changes the words of an own message."""
        chat = self._open(person)
        message = chat.messages.get(message_id)
        if message is None or message["from"]["id"] != person.id or "text" not in message:
            raise Impossible("only an own text can be edited")
        message.update(text=text, entities=found_entities(text), edit_date=int(self.world.clock.now()))
        if not message["entities"]:
            del message["entities"]
        self.bot.updates.add("edited_message", dict(message), str(chat.id), MESSAGE_LIFE)
        return message

    # --- buttons --------------------------------------------------------------------------------------------------
    def press(self, person: Person, label: str, message_id: int | None = None) -> str:
        """Presses the newest button with this label (or the one under the given message); the id of the press."""
        chat = self._open(person)
        for message in self._with_buttons(chat, message_id):
            for row in message["reply_markup"]["inline_keyboard"]:
                for button in row:
                    if label in (button["text"], button.get("callback_data")) and "callback_data" in button:
                        return self._pressed(person, chat, message, button["callback_data"])
        raise Impossible(
            f"no button {label!r}; there are {[labels(m) for m in self._with_buttons(chat, message_id)][:3]}"
        )

    def _with_buttons(self, chat: Chat, message_id: int | None) -> Iterable[Message]:
        held = [message for message in chat.messages.values() if labels(message)]
        return (m for m in reversed(held) if message_id in (None, m["message_id"]))

    def _pressed(self, person: Person, chat: Chat, message: Message, data: str) -> str:
        query = self.bot.press(person, chat, message, data)
        body = {
            "id": query.id,
            "from": user(person),
            "message": dict(message),
            "chat_instance": str(chat.id),
            "data": data,
        }
        self.bot.updates.add("callback_query", body, str(person.id + PRESS_QUEUE), QUERY_LIFE)
        return query.id

    # --- leaving, coming back -------------------------------------------------------------------------------------
    def block(self, person: Person) -> None:
        """Blocks the bot."""
        self._member(self._open(person), person, "member", "kicked")

    def unblock(self, person: Person) -> None:
        """Lets the bot write again."""
        self._member(self.bot.chat_with(person), person, "kicked", "member")

    def _member(self, chat: Chat, person: Person, old: str, new: str) -> None:
        if chat.blocked == (new == "kicked"):
            return
        chat.blocked = new == "kicked"
        until = {"until_date": 0}
        body = {
            "chat": chat.shown(),
            "from": user(person),
            "date": int(self.world.clock.now()),
            "old_chat_member": {"user": self.bot.shown(), "status": old, **(until if old == "kicked" else {})},
            "new_chat_member": {"user": self.bot.shown(), "status": new, **(until if new == "kicked" else {})},
        }
        self.bot.updates.add("my_chat_member", body, str(chat.id + MEMBER_QUEUE), MESSAGE_LIFE)

    # --- groups ---------------------------------------------------------------------------------------------------
    def group(self, person: Person, title: str) -> Chat:
        """A person makes a group and adds the bot."""
        number = next(self._groups)
        chat = Chat(-number, "group", title=title)
        self.bot.chats[chat.id] = chat
        self.bot.seen.add(person.id)
        self._send(person, {"group_chat_created": True}, chat.id)
        return chat

    def say_in_group(self, person: Person, group: int, text: str) -> Message:
        """Writes into a group."""
        self.bot.seen.add(person.id)
        return self._send(person, {"text": text, "entities": found_entities(text)}, group)

    def migrate(self, person: Person, chat_id: int) -> int:
        """Makes a group a supergroup; its new id. A private chat may move too, which Telegram does not do."""
        old = self.bot.chats[chat_id]
        new = Chat(-1_000_000_000_000 - abs(chat_id), "supergroup", old.person, old.title or "nhóm")
        self.bot.chats[new.id] = new
        if old.person is None:
            self._send(person, {"migrate_to_chat_id": new.id}, old.id)
            self._send(person, {"migrate_from_chat_id": old.id}, new.id)
        old.moved_to = new.id
        return new.id

    # --- seeing ---------------------------------------------------------------------------------------------------
    def screen(self, person: Person, after: int = 0) -> dict[str, Any]:
        """What the person sees in the chat with the bot; messages with an id above `after`."""
        chat = self.bot.chats.get(person.id)
        if chat is None:
            return {"messages": [], "keyboard": None, "blocked": False}
        shown = [self._line(m) for m in chat.messages.values() if m["message_id"] > after]
        keyboard = [[button["text"] for button in row] for row in chat.keyboard] if chat.keyboard else None
        return {"messages": shown, "keyboard": keyboard, "blocked": chat.blocked}

    def _line(self, message: Message) -> dict[str, Any]:
        kind = kind_of(message)
        found = {
            "id": message["message_id"],
            "from": "bot" if message["from"].get("is_bot") else "person",
            "kind": kind,
            "text": message.get("text", message.get("caption", "")),
            "buttons": labels(message),
            "at": message["date"],
            "edited": "edit_date" in message,
            "entities": message.get("entities") or message.get("caption_entities") or [],
        }
        if kind not in ("text", "service"):
            found[kind] = message[kind]
        return found
