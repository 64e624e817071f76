"""What each channel shows and does, told from the channels' own code: `python -m bot.channels.shows` prints the table."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels import telegram_write, zalo_bot
from bot.channels.base import Probes, Recalls, as_text
from bot.channels.telegram import COMMANDS, TelegramChannel
from bot.channels.telegram_listen import TelegramLine
from bot.channels.web import LONGEST, WebChannel
from bot.channels.zalo import write as zalo_write
from bot.channels.zalo.api import Api
from bot.channels.zalo.channel import Spending, ZaloChannel
from bot.channels.zalo.line import ZaloLine
from bot.channels.zalo_bot import ZaloBotChannel
from bot.channels.zalo_bot_line import ZaloBotLine
from bot.chat import TerminalChannel
from config.settings import Settings
from conversation.reply import Gathering, Wants
from domain.broadcast import RECALL_WITHIN
from domain.notice import Kind
from storage.outbox import Outgoing

BEGIN, END = "<!-- made by python -m bot.channels.shows -->", "<!-- end of what is made -->"
COLUMNS = ("terminal", "web page", "widget", "Telegram", "Zalo OA", "Zalo Bot")
LABELS = ("Một", "Hai", "Ba", "Bốn", "Năm")
NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)


def sample(text: str = "Chào anh/chị.", choices: int = 0, **more: Any) -> Outgoing:
    """A message as the outbox gives it."""
    made = tuple({"label": label, "action": "x", "also": [], "mark": ""} for label in LABELS[:choices])
    return Outgoing(1, Kind.NOTICE, 1, 1, "", "1", text, made, 1, **more)


def channels() -> Mapping[str, Any]:
    """A channel of each kind whose code is here, as the settings leave it; none is opened."""
    settings = Settings.model_construct()  # the defaults, whatever this machine sets
    bot = ZaloBotChannel(
        zalo_bot.Client("1:x"), settings.zalo_bot_rate, settings.zalo_bot_limited_pause, settings.zalo_bot_news
    )
    nobody: Any = None  # nothing is sent
    spending = Spending(
        settings.zalo_own_template, settings.zalo_news_template, settings.zalo_paid_news, settings.zalo_reserve
    )
    official = ZaloChannel(Api(nobody), nobody, spending=spending, rate=settings.zalo_rate)
    page = WebChannel()
    platform = TelegramChannel("1:" + "x" * 35, rate=settings.telegram_rate)
    found = {"terminal": TerminalChannel(), "web page": page, "widget": page, "Telegram": platform}
    return {**found, "Zalo OA": official, "Zalo Bot": bot}


def official_parts(item: Outgoing, **shape: Any) -> list[dict[str, Any]]:
    """What the Official Account sends to the platform for this message."""
    return [part.body for part in zalo_write.parts_of(item, zalo_write.Shape(**shape))]


# --- the rows ---------------------------------------------------------------------------------------------------
def _length(name: str) -> str:
    if name == "Telegram":
        return f"{telegram_write.TEXT_LIMIT} UTF-16 units, more in parts"
    if name == "Zalo Bot":
        return f"{zalo_bot.TEXT_LIMIT} UTF-16 units, more in parts"
    if name == "Zalo OA":
        assert len(official_parts(sample("x" * (zalo_write.TEXT_LIMIT + 1)))) == 2
        return f"{zalo_write.TEXT_LIMIT} signs, more in parts"
    return f"{LONGEST} signs" if name in ("web page", "widget") else "as it is"


def _choices(name: str) -> str:
    if name == "Zalo OA":
        return _official_choices()
    if name == "Zalo Bot":
        assert zalo_bot.pieces(sample(choices=2))[0].endswith("  2. Hai")
        return "numbers"
    if name == "Telegram":
        assert "inline_keyboard" in telegram_write.keyboard(sample(choices=5)).model_dump()
        return "buttons under the message"
    return "numbers (labels in `--json`)" if name == "terminal" else "buttons"


def _official_choices() -> str:
    most = zalo_write.MOST_BUTTONS
    few, many = official_parts(sample(choices=most))[0], official_parts(sample(choices=most + 1))[0]
    assert len(few["attachment"]["payload"]["buttons"]) == most
    assert "attachment" not in many
    assert many["text"].endswith("  5. Năm")
    listed = official_parts(sample(choices=most + 1), lists=True)[0]
    assert listed["attachment"]["payload"]["template_type"] == "list"
    return f"up to {most} buttons, more as numbers (a setting: a list)"


def _phone(name: str) -> str:
    if name == "Telegram":
        asked = telegram_write.keyboard(sample(wants=Wants.CONTACT)).model_dump()
        assert asked["keyboard"][0][0]["request_contact"]
        return f"button “{telegram_write.SHARE_CONTACT}”, or typed"
    if name == "Zalo OA":
        question = sample(wants=Wants.CONTACT)
        assert "attachment" not in official_parts(question)[0]
        form = official_parts(question, form_image="https://nhipcau.example.vn/a.png")[0]
        assert form["attachment"]["payload"]["template_type"] == "request_user_info"
        return "typed, or Zalo's form (a setting gives its picture)"
    return "typed"


def _calendar(name: str) -> str:
    if name == "Telegram":
        made = telegram_write.calendar_file(Gathering("E1", "Hội thảo", NOW))
        return f"file {made.filename}, map"
    if name == "Zalo OA":
        parts = official_parts(
            sample(gathering=Gathering("E1", "Hội thảo", NOW, url="https://nhipcau.example.vn/1.ics"))
        )
        button = parts[0]["attachment"]["payload"]["buttons"][-1]
        return f"button “{button['title']}”, opens the calendar file"
    if name in ("terminal", "Zalo Bot"):
        assert "/lich/1.ics" in as_text(sample(gathering=Gathering("E1", "Hội thảo", NOW, url="/lich/1.ics")))
    return "address of the calendar file" if name in ("terminal", "Zalo Bot") else "link to the calendar file"


def _recall(name: str) -> str:
    held = channels()[name]
    if not isinstance(held, Recalls):
        return "no: a correction"
    return f"for {RECALL_WITHIN[name.lower()].total_seconds() / 3600:.0f} h"


def _push(name: str) -> str:
    held = channels()[name]
    if name == "Zalo OA":
        return _official_push(held)
    if not held.may_push(sample(), NOW):
        return "no, own business only (a setting)"
    return "waits on the page" if name in ("web page", "widget") else "yes"


def _official_push(held: ZaloChannel) -> str:
    hours = [h for h in range(1, 24 * 8) if held.may_push(sample(seen_at=NOW - timedelta(hours=h)), NOW)]
    assert hours == list(range(1, max(hours) + 1))
    return (
        f"for {max(hours) + 1} h after the person's last word, while messages are left; later what a setting pays for"
    )


def _pace(name: str) -> str:
    held = channels()[name]
    return f"{held.rate:g} a second" if held.rate is not None else "as it comes"


def _silence(name: str) -> str:
    held = channels()[name]
    return "asked each 30 s" if isinstance(held, Probes) else "cannot be away"


def _hears(name: str) -> str:
    ways = {"Telegram": TelegramLine, "Zalo Bot": ZaloBotLine}
    if name in ways:
        assert all(hasattr(ways[name], way) for way in ("listen", "add_to"))
        return "polling or webhook"
    if name == "Zalo OA":
        assert hasattr(ZaloLine, "add_to")
        return "webhook"
    return {"terminal": "the keyboard"}.get(name, "POST; a stream with a cursor")


def _commands(name: str) -> str:
    return f"menu of {len(COMMANDS)}, words too" if name == "Telegram" else "words"


ROWS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("Longest message", _length),
    ("Choices", _choices),
    ("Commands", _commands),
    ("Phone number", _phone),
    ("An event for the calendar", _calendar),
    ("Taking a message back", _recall),
    ("Speaking first (news, messages to many)", _push),
    ("Pace", _pace),
    ("How it hears", _hears),
    ("Silence of the platform is noticed", _silence),
)


def table() -> str:
    """The table as Markdown."""
    lines = [f"| | {' | '.join(COLUMNS)} |", f"|---{'|---' * len(COLUMNS)}|"]
    lines += [f"| {label} | {' | '.join(tell(name) for name in COLUMNS)} |" for label, tell in ROWS]
    return "\n".join(lines)


def made_part(page: str) -> str:
    """What stands between the marks of the page."""
    found = re.search(re.escape(BEGIN) + r"\n(.*?)\n" + re.escape(END), page, re.DOTALL)
    return found[1].strip() if found else ""


if __name__ == "__main__":
    print(table())
