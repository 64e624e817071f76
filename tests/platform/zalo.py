"""The emulated Zalo Official Account: what its OpenAPI takes, refuses and delivers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.platform.faults import Faults
from tests.platform.world import Person, World
from tests.platform.zalo_hooks import Hooks
from tests.platform.zalo_oauth import Tokens
from tests.platform.zalo_shapes import Trouble, button_of, few, rows_of

PLATFORM = "zalo"
HOUR = 3600.0
FREE_FRAME, TALK_FRAME = 48 * HOUR, 7 * 24 * HOUR
UPLOAD_LIFE = 7 * 24 * HOUR
TEXT_LIMIT = 2000
VIETNAM = timezone(timedelta(hours=7))
MB = 2**20
UPLOADS = {
    "image": (MB, ("jpg", "jpeg", "png")),
    "gif": (5 * MB, ("gif",)),
    "file": (5 * MB, ("pdf", "doc", "docx", "csv")),
}
Files = dict[str, tuple[str, bytes]]  # name and content by field


@dataclass
class User:
    """One person as this Official Account knows them; times are virtual seconds."""

    uid: str
    person: Person
    followed: bool = False
    interacted: float | None = None
    sent_in_frame: int = 0
    restricted: bool = False  # no more messages of this type from this account
    asleep: bool = False  # has not opened Zalo for 45 days
    lines: list[dict[str, Any]] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    info: dict[str, Any] = field(default_factory=dict)


@dataclass
class Template:
    """One approved ZBS template; `text` holds <names> that its data fills."""

    id: str
    text: str
    names: tuple[str, ...]
    tag: int = 2
    by_uid: bool = True
    enabled: bool = True


@dataclass
class Limits:
    """What the account may do; None: without end."""

    per_minute: int = 4000
    free_in_frame: int | None = 8
    package: int = 0  # paid messages between 48 hours and 7 days
    templates: int = 20_000
    broadcast_hours: bool = True


class Zalo:
    """One application with one Official Account."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.world, self.faults = world, faults
        self.app_id, self.app_secret = "360846524940903967", "EmulatedZaloAppSecret"
        self.oa_id, self.oa_secret, self.name = "388613280878808645", "EmulatedZaloOaSecret", "Sở KH&CN (mẫu)"
        self.tokens = Tokens(world.clock, self.app_id, self.app_secret, self.oa_id)
        self.hooks = Hooks(world.clock, faults, self.app_id, self.oa_secret)
        self.limits = Limits()
        self.users: dict[str, User] = {}
        self.templates: dict[str, Template] = {}
        self.uploads: dict[str, tuple[str, bytes, float]] = {}  # kind, content, until
        self.files: dict[str, bytes] = {}  # what people sent, by path
        self.echoes = self.enabled = self.lists = True
        self._ids = 0
        self._minute: list[float] = []
        self.acts: dict[str, Callable[[dict[str, Any], Files], Awaitable[Any]]] = {
            "cs": self._cs, "template": self._template, "detail": self._detail, "getlist": self._getlist,
            "quota": self._quota, "getoa": self._getoa, "conversation": self._conversation,
            "upload_image": self._upload("image"), "upload_gif": self._upload("gif"), "upload_file": self._upload("file"),
            "tagfollower": self._tag, "rmfollowerfromtag": self._untag, "gettagsofoa": self._tags,
            "transaction": self._gone, "promotion": self._gone, "message_v2": self._reaction,
        }  # fmt: skip

    # --- people -----------------------------------------------------------------------------------------------------
    def user(self, person: Person) -> User:
        """The person here; ids are those of this account only."""
        uid = str(9_000_000_000_000_000_000 + person.id)
        return self.users.setdefault(uid, User(uid, person))

    def next_id(self) -> str:
        """The id of one more message."""
        self._ids += 1
        return f"{0xA4D0243FEEE163BD0000 + self._ids:020x}"

    def milliseconds(self) -> str:
        """The virtual instant as events carry it."""
        return str(int(self.world.clock.now() * 1000))

    def interact(self, user: User) -> None:
        """What the person did opens a new frame."""
        user.interacted, user.sent_in_frame = self.world.clock.now(), 0

    # --- calls ------------------------------------------------------------------------------------------------------
    async def call(self, name: str, token: str, args: dict[str, Any], files: Files) -> Any:
        """One call of the OpenAPI; raises Trouble."""
        why = self.tokens.why_not(token)
        if why:
            raise Trouble(*why)
        now = self.world.clock.now()
        self._minute = [at for at in self._minute if at > now - 60]
        if len(self._minute) >= self.limits.per_minute:
            raise Trouble(-32, "Your application reached limit call api")
        self._minute.append(now)
        if not self.enabled:
            raise Trouble(-204, "OA is disable")
        return await self.acts[name](args, files)

    def left_in_minute(self) -> int:
        """Calls that may still come within this minute."""
        return max(0, self.limits.per_minute - len(self._minute))

    def _known(self, uid: object) -> User:
        user = self.users.get(str(uid))
        if user is None or user.person.deactivated:
            raise Trouble(-201, "user_id is invalid!")
        return user

    def _reachable(self, uid: object) -> User:
        user = self._known(uid)
        if user.asleep:
            raise Trouble(-227, "User is banned or has been inactive for more than 45 days")
        if user.restricted:
            raise Trouble(-244, "User has restricted this type of message from your OA")
        return user

    # --- consultation messages ----------------------------------------------------------------------------------------
    async def _cs(self, args: dict[str, Any], files: Files) -> Any:
        recipient, message = args.get("recipient"), args.get("message")
        if not isinstance(recipient, dict) or not isinstance(message, dict):
            raise Trouble(-201, "recipient is invalid!")
        user = self._reachable(recipient.get("user_id"))
        said = self._content(message)
        if user.interacted is None or user.info.get("unfollowed"):
            raise Trouble(-213, "User has not followed OA")
        quota = self._pay(user)
        message_id = await self._deliver(user, said)
        return {"message_id": message_id, "user_id": user.uid, "sent_time": self.milliseconds(), "quota": quota}

    def _pay(self, user: User) -> dict[str, Any]:
        assert user.interacted is not None
        age = self.world.clock.now() - user.interacted
        if age > TALK_FRAME:
            raise Trouble(-230, "User has not interacted with the OA in the past 7 days")
        most = self.limits.free_in_frame
        if age <= FREE_FRAME and (most is None or user.sent_in_frame < most):
            user.sent_in_frame += 1
            held = {"quota_type": "reply", "owner_type": "OA", "owner_id": self.oa_id}
            counts = {} if most is None else {"remain": str(most - user.sent_in_frame), "total": str(most)}
            return {**held, **counts}
        if self.limits.package <= 0:
            raise Trouble(-211, "Out of quota")
        self.limits.package -= 1
        return {
            "quota_type": "sub_quota",
            "remain": str(self.limits.package),
            "owner_type": "OA",
            "owner_id": self.oa_id,
        }

    def _content(self, message: dict[str, Any]) -> dict[str, Any]:
        """What the person will see; raises Trouble for a shape the platform does not take."""
        text = message.get("text", "")
        if not isinstance(text, str) or len(text) > TEXT_LIMIT:
            raise (
                Trouble(-210, "text exceeds the allowable limit")
                if isinstance(text, str)
                else Trouble(-201, "text is invalid!")
            )
        attachment = message.get("attachment")
        if attachment is None:
            if not text.strip():
                raise Trouble(-201, "message is invalid!")
            return {"kind": "text", "text": text, "buttons": []}
        payload = attachment.get("payload") if isinstance(attachment, dict) else None
        if not isinstance(payload, dict):
            raise Trouble(-201, "attachment is invalid!")
        if attachment.get("type") == "file":
            self._asset(payload.get("token"), "file")
            return {"kind": "file", "text": text, "buttons": []}
        return self._of_template(text, payload)

    def _of_template(self, text: str, payload: dict[str, Any]) -> dict[str, Any]:
        kind, elements = payload.get("template_type", "button"), payload.get("elements") or []
        if kind == "media" and len(elements) == 1:
            found = elements[0]
            if ("url" in found) == ("attachment_id" in found):
                raise Trouble(-201, "elements is invalid!")
            if "attachment_id" in found:
                self._asset(found["attachment_id"], "image", "gif")
            return {"kind": "image", "text": text, "buttons": []}
        if kind == "request_user_info" and len(elements) == 1:
            found = elements[0]
            if not 0 < len(found.get("title", "")) <= 100 or not 0 < len(found.get("subtitle", "")) <= 500:
                raise Trouble(-201, "elements is invalid!")
            words = f"{found['title']}\n{found['subtitle']}"
            return {"kind": "user_info", "text": words, "buttons": []}
        if kind == "list" and self.lists:
            return {"kind": "list", "text": text, "buttons": rows_of(elements, payload.get("buttons"))}
        if kind == "button" and text.strip():
            return {"kind": "text", "text": text, "buttons": [button_of(one) for one in few(payload.get("buttons"))]}
        raise Trouble(-201, "template_type is invalid!")

    def _asset(self, name: object, *kinds: str) -> None:
        held = self.uploads.get(str(name))
        if held is None or held[0] not in kinds:
            raise Trouble(-201, "attachment_id is invalid!")
        if self.world.clock.now() > held[2]:
            raise Trouble(-100, "attachment_id was expired")

    async def _deliver(self, user: User, said: dict[str, Any]) -> str:
        message_id, now = self.next_id(), self.world.clock.now()
        user.lines.append({"id": message_id, "from": "bot", "at": now, **said})
        buttons = [button["title"] for button in said["buttons"]]
        entry = {
            "platform": PLATFORM,
            "what": "message",
            "chat_id": user.uid,
            "text": said["text"],
            "kind": said["kind"],
        }
        await self.world.ledger.add({"at": now, **entry, "buttons": buttons, "message_id": message_id})
        if self.echoes:
            name = {"text": "oa_send_text", "user_info": "oa_send_template"}.get(
                said["kind"], f"oa_send_{said['kind']}"
            )
            around = {"sender": {"id": self.oa_id}, "recipient": {"id": user.uid}}
            self.event(name, user, {"message": {"text": said["text"], "msg_id": message_id}, **around})
            self.event("user_received_message", user, {"message": {"msg_id": message_id}, **around})
        return message_id

    def event(self, name: str, user: User, body: dict[str, Any]) -> None:
        """Lets the webhook hear of something."""
        held = {"app_id": self.app_id, "user_id_by_app": f"5{user.uid[1:]}", "event_name": name}
        self.hooks.add(name, {**held, **body, "timestamp": self.milliseconds()}, user.uid)

    # --- templates ----------------------------------------------------------------------------------------------------
    async def _template(self, args: dict[str, Any], files: Files) -> Any:
        uid = args.get("user_id") or (args.get("recipient") or {}).get("user_id")
        template, data = self.templates.get(str(args.get("template_id"))), args.get("template_data")
        if template is None or not isinstance(data, dict):
            raise Trouble(-201, "template_id is invalid!")
        if not template.by_uid:
            raise Trouble(-249, "Template does not support sending via UID")
        if not template.enabled:
            raise Trouble(-201, "template_id is invalid!")
        user = self._reachable(uid)
        for name in template.names:
            if not isinstance(data.get(name), str) or not 0 < len(data[name]) <= 400:
                raise Trouble(-201, f"template_data.{name} is invalid!")
        hour = datetime.fromtimestamp(self.world.clock.now(), VIETNAM).hour
        if template.tag > 1 and not 6 <= hour < 22:
            raise Trouble(-234, "This type of message cannot be sent at night")
        if self.limits.templates <= 0:
            raise Trouble(-211, "Out of quota")
        self.limits.templates -= 1
        text = template.text
        for name in template.names:
            text = text.replace(f"<{name}>", data[name])
        message_id = await self._deliver(user, {"kind": "template", "text": text, "buttons": []})
        quota = {"quota_type": "purchase_quota", "remain": self.limits.templates}
        return {"message_id": message_id, "user_id": user.uid, "sent_time": self.milliseconds(), "quota": quota}

    async def _gone(self, args: dict[str, Any], files: Files) -> Any:
        raise Trouble(-240, "This API has been shut down")

    async def _reaction(self, args: dict[str, Any], files: Files) -> Any:
        user = self._known((args.get("recipient") or {}).get("user_id"))
        act = args.get("sender_action") or {}
        if not act.get("react_icon") or not any(line["id"] == act.get("react_message_id") for line in user.lines):
            raise Trouble(-201, "react_message_id is invalid!")
        return {"message_id": self.next_id()}

    # --- what can be asked --------------------------------------------------------------------------------------------
    async def _detail(self, args: dict[str, Any], files: Files) -> Any:
        user = self._known(args.get("user_id"))
        seen = datetime.fromtimestamp(user.interacted or 0, VIETNAM).strftime("%d/%m/%Y")
        return {
            "user_id": user.uid, "user_id_by_app": f"5{user.uid[1:]}", "display_name": user.person.first_name,
            "user_last_interaction_date": seen, "user_is_follower": user.followed, "is_sensitive": False,
            "tags_and_notes_info": {"notes": [], "tag_names": sorted(user.tags)}, "shared_info": user.info.get("shared", {}),
        }  # fmt: skip

    async def _getlist(self, args: dict[str, Any], files: Files) -> Any:
        count, offset = int(args.get("count", 50)), int(args.get("offset", 0))
        if not 0 < count <= 50 or offset > 9951:
            raise Trouble(-210, "count exceeds the allowable limit")
        found = [user for user in self.users.values() if args.get("tag_name") in (None, *user.tags)]
        shown = [{"user_id": user.uid} for user in found[offset : offset + count]]
        return {"total": len(found), "count": len(shown), "offset": offset, "users": shown}

    async def _quota(self, args: dict[str, Any], files: Files) -> Any:
        user = self._known(args.get("user_id"))
        most, free = self.limits.free_in_frame, self.world.clock.now() - (user.interacted or 0) <= FREE_FRAME
        left = {} if most is None else {"remain": most - user.sent_in_frame if free else 0, "total": most}
        return {"last_interaction": str(int((user.interacted or 0) * 1000)), "cs_reply": left}

    async def _getoa(self, args: dict[str, Any], files: Files) -> Any:
        followers = sum(user.followed for user in self.users.values())
        return {
            "oaid": self.oa_id,
            "name": self.name,
            "is_verified": True,
            "num_follower": followers,
            "package_name": "Nâng cao",
        }

    async def _conversation(self, args: dict[str, Any], files: Files) -> Any:
        user, count, offset = self._known(args.get("user_id")), int(args.get("count", 10)), int(args.get("offset", 0))
        if not 0 < count <= 10:
            raise Trouble(-210, "count exceeds the allowable limit")
        newest = list(reversed(user.lines))[offset : offset + count]
        return [
            {
                "src": 0 if line["from"] == "bot" else 1, "time": int(line["at"] * 1000), "type": line["kind"],
                "message": line["text"], "message_id": line["id"],
                "from_id": self.oa_id if line["from"] == "bot" else user.uid,
                "to_id": user.uid if line["from"] == "bot" else self.oa_id,
            }
            for line in newest
        ]  # fmt: skip

    def _upload(self, kind: str) -> Callable[[dict[str, Any], Files], Awaitable[Any]]:
        async def take(args: dict[str, Any], files: Files) -> Any:
            if "file" not in files:
                raise Trouble(-201, "file is invalid!")
            name, content = files["file"]
            most, endings = UPLOADS[kind]
            if len(content) > most:
                raise Trouble(-210, "file exceeds the allowable limit")
            if name.rpartition(".")[2].lower() not in endings:
                raise Trouble(-201, "file is invalid!")
            mark = f"{kind}{self.next_id()}"
            self.uploads[mark] = (kind, content, self.world.clock.now() + UPLOAD_LIFE)
            return {"token": mark} if kind == "file" else {"attachment_id": mark}

        return take

    async def _tag(self, args: dict[str, Any], files: Files) -> Any:
        self._known(args.get("user_id")).tags.add(str(args["tag_name"]))
        return {}

    async def _untag(self, args: dict[str, Any], files: Files) -> Any:
        self._known(args.get("user_id")).tags.discard(str(args["tag_name"]))
        return {}

    async def _tags(self, args: dict[str, Any], files: Files) -> Any:
        return sorted({tag for user in self.users.values() for tag in user.tags})
