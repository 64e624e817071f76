"""The pages about the channels say what their code does."""

import re

from bot.channels.shows import COLUMNS, channels, made_part, table
from config.settings import HOME, Settings

PAGE = HOME / "docs" / "channels.md"


def test_the_table_is_what_the_code_does() -> None:
    assert made_part(PAGE.read_text(encoding="utf-8")) == table(), "python -m bot.channels.shows prints the fresh one"


def test_every_column_is_told_by_a_channel() -> None:
    assert set(channels()) == set(COLUMNS)


def test_the_first_live_day_names_settings_that_exist() -> None:
    page = (HOME / "docs" / "first-live-day.md").read_text(encoding="utf-8")
    named = {name.lower() for name in re.findall(r"NHIPCAU_([A-Z_]+)", page)}
    assert len(named) > 8 and not named - set(Settings.model_fields)
