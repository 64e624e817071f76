"""A phone in a test's hand: the control API of the emulated platforms as plain calls."""

import base64
import json
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

Answer = Any


class Refused(Exception):
    """The control API said no; the message says why."""


class Remote:
    """The control API at an address such as http://127.0.0.1:8081."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")

    def ask(self, verb: str, path: str, body: dict[str, Any] | None = None, /, **query: Any) -> Answer:
        """One request; raises Refused."""
        url = f"{self.base}/sim/{path}" + (f"?{urlencode(query)}" if query else "")
        data = json.dumps(body).encode() if body is not None else None
        try:
            with urlopen(Request(url, data, method=verb), timeout=90) as answer:
                return json.load(answer)
        except HTTPError as error:
            raise Refused(error.read().decode()) from error

    def person(self, name: str = "Khách", **more: Any) -> "Phone":
        """A new person with a phone."""
        return Phone(self, self.ask("POST", "people", {"name": name, **more})["id"], name)

    def zalo(self, name: str = "Khách", **more: Any) -> "ZaloPhone":
        """A new person with a phone that has Zalo."""
        return ZaloPhone(self, self.ask("POST", "people", {"name": name, **more})["id"], name)

    def account(self, **changes: Any) -> Answer:
        """The Official Account as it stands, after these changes."""
        return self.ask("POST", "zalo", changes) if changes else self.ask("GET", "zalo")

    def fault(self, verb: str, *methods: str, **more: Any) -> Answer:
        """Sets a fault."""
        return self.ask("POST", "faults", {"verb": verb, "methods": list(methods), **more})

    def clear(self) -> None:
        """Ends all faults."""
        self.ask("DELETE", "faults")

    def advance(self, seconds: float) -> None:
        """Moves the virtual clock."""
        self.ask("POST", "clock", {"advance": seconds})

    def hold(self, held: bool) -> None:
        """Lets the virtual clock stand still, or run on."""
        self.ask("POST", "clock", {"hold": held})

    def limits(self, **values: Any) -> Answer:
        """Changes the sending limits."""
        return self.ask("POST", "limits", values)

    def ledger(self, **wanted: Any) -> list[dict[str, Any]]:
        """What people saw."""
        found: list[dict[str, Any]] = self.ask("GET", "ledger", **wanted)
        return found

    def calls(self, method: str = "") -> list[dict[str, Any]]:
        """The calls that came in."""
        found: list[dict[str, Any]] = self.ask("GET", "calls", None, **({"method": method} if method else {}))
        return found


class Phone:
    """One person's phone: says, presses, hears."""

    def __init__(self, remote: Remote, number: int, name: str, token: str = "") -> None:
        self.remote, self.id, self.name = remote, number, name
        self.token = {"token": token} if token else {}
        self.seen = 0

    path = "people"

    def do(self, act: str, **body: Any) -> Answer:
        """One act: start, say, press, send, edit, block, unblock, deactivate, group, say_in_group, migrate."""
        if isinstance(body.get("content"), bytes):
            body["content"] = base64.b64encode(body["content"]).decode()
        return self.remote.ask("POST", f"{self.path}/{self.id}/{act}", {**body, **self.token})

    def start(self, payload: str = "") -> Answer:
        """Presses START."""
        return self.do("start", payload=payload)

    def say(self, text: str) -> Answer:
        """Writes."""
        return self.do("say", text=text)

    def press(self, label: str, message_id: int | None = None) -> Answer:
        """Presses a button."""
        return self.do("press", label=label, message_id=message_id)

    def screen(self, after: int = 0, wait: float = 0.0) -> Answer:
        """What the person sees."""
        return self.remote.ask("GET", f"{self.path}/{self.id}/screen", None, after=after, wait=wait, **self.token)

    def hear(self, wait: float = 20.0) -> dict[str, Any]:
        """The next line of the bot that was not heard yet; fails when none comes in time."""
        lines = [line for line in self.screen(self.seen, wait)["messages"] if line["from"] == "bot"]
        if not lines:
            raise AssertionError(f"{self.name} hears nothing within {wait:.0f} s")
        self.seen = lines[0]["id"]
        heard: dict[str, Any] = lines[0]
        return heard

    def silence(self, seconds: float = 2.0) -> None:
        """Fails when the bot says something within so many seconds."""
        lines = [line for line in self.screen(self.seen, seconds)["messages"] if line["from"] == "bot"]
        assert not lines, f"{self.name} hears {lines}"

    def asks(self, text: str, wait: float = 20.0) -> dict[str, Any]:
        """Writes and hears the answer."""
        self.say(text)
        return self.hear(wait)

    def all_heard(self) -> list[str]:
        """Every text of the bot so far."""
        return [line["text"] for line in self.screen()["messages"] if line["from"] == "bot"]


class ZaloPhone(Phone):
    """The same with Zalo: follows instead of starting, a button is known by its label alone."""

    path = "zalo/people"
    uid = ""

    def start(self, payload: str = "") -> Answer:
        """Follows the account."""
        made = self.do("follow")
        self.uid = made["user_id"]
        return made

    def press(self, label: str, message_id: int | None = None) -> Answer:
        """Presses a button."""
        return self.do("press", label=label)
