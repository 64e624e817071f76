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


def rows_of(elements: object, buttons: object) -> list[dict[str, Any]]:
    """The lines of a list with the buttons below, as what can be pressed; raises Trouble. Graded C: no current page tells."""
    if not isinstance(elements, list) or not 0 < len(elements) <= 5:
        raise Trouble(-201, "elements is invalid!")
    found = []
    for number, one in enumerate(elements):
        below, deed = one.get("subtitle", ""), one.get("default_action") or {}
        if not 0 < len(one.get("title", "")) <= 100 or len(below) > 500 or (number == 0 and not below):
            raise Trouble(-201, "elements is invalid!")
        payload = {"url": deed.get("url")} if deed.get("type") == "oa.open.url" else deed.get("payload")
        found.append(button_of({"title": one["title"], "type": deed.get("type"), "payload": payload}))
    return found + ([button_of(one) for one in few(buttons)] if buttons is not None else [])


def read_arguments(query: str | None, body: bytes) -> dict[str, Any]:
    """The arguments of a call: `data=<JSON>` in the address, or a JSON body."""
    try:
        held = json.loads(query) if query is not None else json.loads(body or b"{}")
    except ValueError:
        held = {}
    return held if isinstance(held, dict) else {}
