"""The shapes that the emulated Zalo takes: arguments, buttons; what is wrong is told as a Trouble."""

import json
import unicodedata
from typing import Any


class Trouble(Exception):
    """An error of the application: told with HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message


def few(buttons: object) -> list[dict[str, Any]]:
    if not isinstance(buttons, list) or not 0 < len(buttons) <= 4:
        raise Trouble(-201, "buttons is invalid!")
    return buttons


def button_of(button: dict[str, Any]) -> dict[str, Any]:
    """A button that the platform takes; raises Trouble."""
    title, kind, payload = button.get("title", ""), button.get("type"), button.get("payload")
    if not 0 < len(title) <= 100 or title != unicodedata.normalize("NFC", title):
        raise Trouble(-201, "buttons.title is invalid!")
    if kind in ("oa.query.show", "oa.query.hide"):
        good = isinstance(payload, str) and payload.startswith("#") and len(payload) <= 1000
    elif kind == "oa.open.url":
        good = isinstance(payload, dict) and str(payload.get("url", "")).startswith(("https://", "http://127.0.0.1"))
    elif kind == "oa.open.phone":
        good = isinstance(payload, dict) and str(payload.get("phone_code", "")).startswith("84")
    else:
        good = False
    if not good:
        raise Trouble(-201, "buttons.payload is invalid!")
    return {"title": title, "type": kind, "payload": payload}


def read_arguments(query: str | None, body: bytes) -> dict[str, Any]:
    """The arguments of a call: `data=<JSON>` in the address, or a JSON body."""
    try:
        held = json.loads(query) if query is not None else json.loads(body or b"{}")
    except ValueError:
        held = {}
    return held if isinstance(held, dict) else {}
