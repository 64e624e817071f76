"""The pages about the channels say what their code does."""

import importlib.util
import re

from bot.channels.shows import Official, channels, made_part, table
from config.settings import HOME, Settings

PAGE = HOME / "docs" / "channels.md"


def test_the_table_is_what_the_code_does() -> None:
    assert made_part(PAGE.read_text(encoding="utf-8")) == table(), "python -m bot.channels.shows prints the fresh one"


def test_the_official_account_is_told_as_it_is() -> None:
    if importlib.util.find_spec("bot.channels.zalo") is None:
        assert "Zalo OA" not in channels(), "its code would have to be asked here"
        return
    write = importlib.import_module("bot.channels.zalo.write")
    assert (Official.text_limit, Official.most_buttons) == (write.TEXT_LIMIT, write.MOST_BUTTONS)


def test_the_first_live_day_names_settings_that_exist() -> None:
    page = (HOME / "docs" / "first-live-day.md").read_text(encoding="utf-8")
    named = {name.lower() for name in re.findall(r"NHIPCAU_([A-Z_]+)", page)}
    official = importlib.util.find_spec("bot.channels.zalo") is not None  # its settings come with it
    ours = {name for name in named if official or not name.startswith("zalo_") or name.startswith("zalo_bot_")}
    assert len(ours) > 8 and not ours - set(Settings.model_fields)
