"""What Telegram knows of one bot: its chats with their messages, files, open button presses, commands."""

import hashlib
import itertools
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.platform.faults import Faults
from tests.platform.limits import Limiter
from tests.platform.telegram_text import Refusal, bad
from tests.platform.telegram_updates import Updates
from tests.platform.world import Person, World

LINK_LIFE = 3600.0
Message = dict[str, Any]
KINDS = ("photo", "document", "venue", "location", "contact", "voice", "sticker", "video", "audio", "animation", "poll")


@dataclass
class Chat:
    """A conversation of a bot: with one person (id = the person's) or a group (negative id)."""

    id: int
    kind: str = "private"
    person: Person | None = None
    title: str = ""
    blocked: bool = False
    kicked: bool = False
    moved_to: int | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    keyboard: list[list[dict[str, Any]]] | None = None  # the reply keyboard that is open
    next_message: int = 1  # used in supergroups; elsewhere the bot counts

    def shown(self) -> dict[str, Any]:
        """As messages carry it."""
        if self.person is None:
            return {"id": self.id, "type": self.kind, "title": self.title}
        person = self.person
        found = {"id": self.id, "type": "private", "first_name": person.first_name, "last_name": person.last_name}
        return {key: value for key, value in {**found, "username": person.username}.items() if value != ""}


@dataclass
class File:
    """An uploaded file."""

    id: str
    unique: str
    content: bytes
    path: str
    name: str = ""
    mime: str = ""
    link_until: float = 0.0


@dataclass
class Query:
    """A button press that waits for its answer."""

    id: str
    person: int
    chat: int
    message: int
    data: str
    at: float
    answered: bool = False


def user(person: Person) -> dict[str, Any]:
    """A person as updates carry them."""
    found = {"id": person.id, "is_bot": False, "first_name": person.first_name, "last_name": person.last_name}
    more = {"username": person.username, "language_code": person.language}
    return {key: value for key, value in {**found, **more}.items() if value != ""}


class Bot:
    """One bot account."""

    def __init__(
        self,
        world: World,
        faults: Faults,
        token: str,
        username: str,
        name: str,
        answer: Callable[["Bot", str, dict[str, Any]], Awaitable[object]],
    ) -> None:
        self.world, self.token, self.username, self.name = world, token, username, name
        self.id = int(token.partition(":")[0])
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self.queries: dict[str, Query] = {}
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.limiter = Limiter()
        self.updates = Updates(world.clock, faults, lambda method, args: answer(self, method, args))
        self.seen: set[int] = set()  # people met in groups
        self.next_hook_at = 0.0
        self._message_ids = itertools.count(random.randint(1, 500))
        self._query_ids = itertools.count(random.randint(10**17, 10**18))

    def shown(self) -> dict[str, Any]:
        """As messages carry it."""
        return {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}

    # --- chats ----------------------------------------------------------------------------------------------------
    def chat_with(self, person: Person) -> Chat:
        """The private chat with a person, opened when there is none."""
        return self.chats.setdefault(person.id, Chat(person.id, person=person))

    def reachable(self, chat_id: object) -> Chat:
        """The chat to send to; refuses as the platform does."""
        if chat_id is None or str(chat_id) == "":
            raise bad("chat_id is empty")
        number = int(str(chat_id)) if str(chat_id).lstrip("-").isdecimal() else None
        chat = self.chats.get(number) if number is not None else None
        if chat is None:
            if number in self.seen:
                raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
            raise bad("chat not found")
        if chat.moved_to is not None:
            raise Refusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.moved_to,
            )
        if chat.person is not None and chat.person.deactivated:
            raise Refusal(403, "Forbidden: user is deactivated")
        if chat.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if chat.kicked:
            raise Refusal(403, f"Forbidden: bot was kicked from the {chat.kind} chat")
        return chat

    def find(self, chat: Chat, message_id: object, what: str) -> Message:
        """A message of a chat that still stands."""
        text = str(message_id if message_id is not None else "")
        found = chat.messages.get(int(text)) if text.isdecimal() else None
        if found is None:
            raise bad(f"message {what} not found" if text else "message identifier is not specified")
        return found

    # --- messages -------------------------------------------------------------------------------------------------
    def write(self, chat: Chat, sender: dict[str, Any], content: dict[str, Any]) -> Message:
        """Puts a message into a chat."""
        if chat.kind == "supergroup":
            number, chat.next_message = chat.next_message, chat.next_message + 1
        else:
            number = next(self._message_ids)
        head = {"message_id": number, "from": sender, "chat": chat.shown(), "date": int(self.world.clock.now())}
        message = {**head, **{key: value for key, value in content.items() if value not in (None, [], "")}}
        chat.messages[number] = message
        return message

    def press(self, person: Person, chat: Chat, message: Message, data: str) -> Query:
        """Opens a button press."""
        number = str(next(self._query_ids))
        query = Query(number, person.id, chat.id, message["message_id"], data, self.world.clock.now())
        self.queries[number] = query
        return query

    # --- files ----------------------------------------------------------------------------------------------------
    def keep_file(self, content: bytes, folder: str, name: str = "", mime: str = "") -> File:
        """Keeps an uploaded file under an id of its own."""
        digest = hashlib.sha256(content + name.encode()).hexdigest()
        number = len(self.files) + 1
        suffix = name.rpartition(".")[2] if "." in name else {"photos": "jpg", "voice": "oga"}.get(folder, "bin")
        made = File(f"BQAC{number:06d}{digest[:40]}", f"AgAD{digest[:12]}", content, "", name, mime)
        made.path = f"{folder}/file_{number}.{suffix}"
        self.files[made.id] = made
        return made

    def described(self, file: File) -> dict[str, Any]:
        """A file as messages carry it."""
        found = {"file_id": file.id, "file_unique_id": file.unique, "file_size": len(file.content)}
        more = {"file_name": file.name, "mime_type": file.mime}
        return {**found, **{key: value for key, value in more.items() if value}}

    def link(self, file_id: str) -> File:
        """Makes the link of a file good for an hour."""
        file = self.files.get(file_id)
        if file is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(file.content) > 20 * 2**20:
            raise bad("file is too big")
        file.link_until = self.world.clock.now() + LINK_LIFE
        return file

    def at_path(self, path: str) -> File | None:
        """The file behind a link that still holds."""
        now = self.world.clock.now()
        return next((file for file in self.files.values() if file.path == path and file.link_until >= now), None)


def kind_of(message: Message) -> str:
    """What sort of message it is."""
    return "text" if "text" in message else next((kind for kind in KINDS if kind in message), "service")


def labels(message: Message) -> list[list[str]]:
    """The labels of the buttons under a message."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    return [[button["text"] for button in row] for row in rows]
