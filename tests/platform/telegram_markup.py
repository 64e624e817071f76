"""Keyboards as Telegram takes them, with the real refusals."""

import json
from typing import Any

from tests.platform.telegram_text import bad

ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
)  # fmt: skip
Markup = dict[str, Any]


def markup_of(args: dict[str, Any]) -> Markup | None:
    """The checked reply_markup of a call, None when there is none."""
    raw = args.get("reply_markup")
    if raw is None or raw == "":
        return None
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError as error:
            raise bad("can't parse reply keyboard markup JSON object") from error
    if not isinstance(raw, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in raw:
        return {"inline_keyboard": _inline(raw["inline_keyboard"])} if raw["inline_keyboard"] else None
    if "keyboard" in raw:
        return {**raw, "keyboard": _reply(raw["keyboard"])}
    if raw.get("remove_keyboard") is True or raw.get("force_reply") is True:
        return raw
    return None


def _rows(raw: Any, name: str) -> list[list[Any]]:
    if not isinstance(raw, list) or not all(isinstance(row, list) for row in raw):
        raise bad(f'Field "{name}" must be an Array of Arrays')
    return raw


def _inline(raw: Any) -> list[list[dict[str, Any]]]:
    rows = [[_button(button) for button in row] for row in _rows(raw, "inline_keyboard")]
    rows = [row for row in rows if row]
    if sum(map(len, rows)) > 100 or any(len(row) > 8 for row in rows):
        raise bad("reply markup is too long")
    return rows


def _button(raw: Any) -> dict[str, Any]:
    head = "can't parse inline keyboard button: "
    if not isinstance(raw, dict):
        raise bad(head + "InlineKeyboardButton must be an Object")
    if not isinstance(raw.get("text"), str):
        raise bad(
            head + 'Can\'t find field "text"' if "text" not in raw else head + 'Field "text" must be of type String'
        )
    button = {key: value for key, value in raw.items() if value is not None}
    if not button["text"].strip():
        raise bad("inline keyboard button text is empty")
    chosen = [name for name in ACTIONS if name in button]
    if not chosen or button.get("callback_data") == "":
        raise bad(head + "Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None:
        if not isinstance(data, str):
            raise bad(head + 'Field "callback_data" must be of type String')
        if len(data.encode("utf-8", "replace")) > 64:
            raise bad("BUTTON_DATA_INVALID")
    if "url" in button and not str(button["url"]).startswith(("http://", "https://", "tg://", "ton://")):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    return button


def _reply(raw: Any) -> list[list[dict[str, Any]]]:
    rows = []
    for row in _rows(raw, "keyboard"):
        made = []
        for button in row:
            button = {"text": button} if isinstance(button, str) else button
            if not isinstance(button, dict) or not isinstance(button.get("text"), str):
                raise bad("can't parse keyboard button: KeyboardButton must be an Object")
            if not button["text"].strip():
                raise bad("keyboard button text is empty")
            made.append({key: value for key, value in button.items() if value is not None})
        if made:
            rows.append(made)
    if sum(map(len, rows)) > 300 or any(len(row) > 12 for row in rows):
        raise bad("reply markup is too long")
    return rows
