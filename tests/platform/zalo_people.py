"""What people do with the emulated Official Account: follow, write, press, send things, hand over their number, leave."""

from typing import Any

from tests import pictures
from tests.platform.telegram_people import Impossible
from tests.platform.world import Person
from tests.platform.zalo import TEXT_LIMIT, User, Zalo

ENDINGS = {"image": "jpg", "gif": "gif", "audio": "m4a", "video": "mp4", "file": "pdf"}


class ZaloHands:
    """The hands of all people; `base` is the address under which their files lie."""

    def __init__(self, zalo: Zalo, base: str) -> None:
        self.zalo, self.base = zalo, base

    def follow(self, person: Person) -> User:
        """Follows the account."""
        user = self.zalo.user(person)
        user.followed, user.asleep = True, False
        user.info.pop("unfollowed", None)
        self.zalo.interact(user)
        body = {"oa_id": self.zalo.oa_id, "follower": {"id": user.uid}, "source": "oa_profile"}
        self.zalo.event("follow", user, body)
        return user

    def unfollow(self, person: Person) -> None:
        """Stops following; nothing reaches this person any more."""
        user = self.zalo.user(person)
        user.followed, user.info["unfollowed"] = False, True
        self.zalo.event(
            "unfollow", user, {"oa_id": self.zalo.oa_id, "follower": {"id": user.uid}, "source": "oa_profile"}
        )

    def look(self, person: Person) -> str:
        """Opens the talk: what the account has written is seen; the ids."""
        user = self.zalo.user(person)
        ids = [line["id"] for line in user.lines if line["from"] != "person"]
        around = {"sender": {"id": self.zalo.oa_id}, "recipient": {"id": user.uid}}
        self.zalo.event("user_seen_message", user, {**around, "message": {"msg_ids": ids}})
        return " ".join(ids)

    def restrict(self, person: Person) -> None:
        """Wants no more messages of this type."""
        self.zalo.user(person).restricted = True

    def sleep(self, person: Person) -> None:
        """Does not open Zalo for 45 days."""
        self.zalo.user(person).asleep = True

    def say(self, person: Person, text: str) -> str:
        """Writes a text; its message id."""
        if not text.strip() or len(text) > TEXT_LIMIT:
            raise Impossible("the application sends texts of 1 to 2000 signs")
        return self._sent(person, "user_send_text", {"text": text}, text)

    def press(self, person: Person, label: str) -> str:
        """Presses the newest button with this label."""
        user = self.zalo.user(person)
        for line in reversed(user.lines):
            for button in line.get("buttons", ()):
                if button["title"] == label and button["type"].startswith("oa.query"):
                    shown = label if button["type"] == "oa.query.show" else ""
                    return self._sent(person, "user_send_text", {"text": button["payload"]}, shown)
        raise Impossible(f"no button {label!r}")

    def send(
        self,
        person: Person,
        kind: str,
        content: bytes | None = None,
        name: str = "",
        text: str = "",
        size: int | None = None,
        **more: Any,
    ) -> str:
        """Sends an image, gif, audio, video, file, sticker, location, business_card or link."""
        message: dict[str, Any] = {"text": text} if text else {}
        if kind in ENDINGS:
            content = content if content is not None else pictures.jpeg()
            path = f"{len(self.zalo.files) + 1}.{ENDINGS[kind]}"
            self.zalo.files[path] = content
            payload: dict[str, Any] = {"url": f"{self.base}/zalo-files/{path}"}
            if kind == "file":
                payload |= {"name": name or f"tep.{ENDINGS[kind]}", "size": str(size or len(content)), "type": "pdf"}
            elif kind == "image":
                payload["thumbnail"] = payload["url"]
        elif kind == "location":
            payload = {"coordinates": {"latitude": str(more["latitude"]), "longitude": str(more["longitude"])}}
        elif kind == "business_card":
            payload, kind_there = (
                {"description": more.get("description", '{"phone":"0911111111"}'), "url": "https://zalo.me/x"},
                "link",
            )
            message["attachments"] = [{"type": kind_there, "payload": payload}]
        else:
            payload = {"url": "https://example.vn/sticker", "id": "27"}
        message.setdefault("attachments", [{"type": kind, "payload": payload}])
        return self._sent(person, f"user_send_{kind}", message, text)

    def album(self, person: Person, contents: list[bytes], text: str = "") -> str:
        """Several pictures in one message."""
        attachments = []
        for content in contents:
            path = f"{len(self.zalo.files) + 1}.jpg"
            self.zalo.files[path] = content
            attachments.append({"type": "image", "payload": {"url": f"{self.base}/zalo-files/{path}", "thumbnail": ""}})
        return self._sent(
            person, "user_send_image", {"attachments": attachments, **({"text": text} if text else {})}, text
        )

    def submit(self, person: Person, name: str, phone: str) -> None:
        """Fills in the form that asks for name and number."""
        user = self.zalo.user(person)
        if not any(line["kind"] == "user_info" for line in user.lines):
            raise Impossible("nobody asked for it")
        self.zalo.interact(user)
        around = {"sender": {"id": user.uid}, "recipient": {"id": self.zalo.oa_id}}
        info = {
            "name": name,
            "phone": phone,
            "full_address": {"user_city": "Lạng Sơn", "user_ward": "", "user_address": ""},
        }
        self.zalo.event("user_submit_info", user, {**around, "info": info})

    def event(self, person: Person, event_name: str, **body: Any) -> None:
        """Any event about this person, also of a shape nobody knows."""
        user = self.zalo.user(person)
        around = {"sender": {"id": user.uid}, "recipient": {"id": self.zalo.oa_id}}
        self.zalo.event(event_name, user, {**around, **body})

    def _sent(self, person: Person, event: str, message: dict[str, Any], shown: str) -> str:
        user = self.zalo.user(person)
        if person.deactivated:
            raise Impossible("this account is deleted")
        user.asleep = False
        self.zalo.interact(user)
        message_id = self.zalo.next_id()
        if shown or event != "user_send_text":
            kind = event.removeprefix("user_send_")
            user.lines.append(
                {
                    "id": message_id,
                    "from": "person",
                    "at": self.zalo.world.clock.now(),
                    "text": shown,
                    "kind": kind,
                    "buttons": [],
                }
            )
        around = {"sender": {"id": user.uid}, "recipient": {"id": self.zalo.oa_id}}
        self.zalo.event(event, user, {**around, "message": {**message, "msg_id": message_id}})
        return message_id

    def screen(self, person: Person, after: int = 0) -> dict[str, Any]:
        """What the person sees; lines are numbered from 1."""
        lines = [
            {**line, "message_id": line["id"], "id": number, "buttons": [[one["title"]] for one in line["buttons"]],
             "links": [one["payload"]["url"] for one in line["buttons"] if one["type"] == "oa.open.url"]}
            for number, line in enumerate(self.zalo.user(person).lines, 1)
        ]  # fmt: skip
        return {"messages": [line for line in lines if line["id"] > after], "keyboard": None, "blocked": False}
