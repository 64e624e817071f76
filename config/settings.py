"""The settings, read once from the environment or from .env, refused with one line when wrong."""

import os
import re
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HOME = Path(__file__).resolve().parent.parent
PREFIX = "NHIPCAU_"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
DEFAULT_SECRET = "change-me"
TOKEN = re.compile(r"\d{3,16}:[A-Za-z0-9_-]{20,64}")

ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?")


class BadSetting(Exception):
    """A setting is wrong; the message names it with the cure."""


class Settings(BaseSettings):
    """Everything an operator can set; each name is the field in capitals after NHIPCAU_."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", env_ignore_empty=True)

    data_dir: Path = Field(HOME / "var", description="where the database, the model and copies live")
    database_url: str = Field("", description="sqlite:////path/file.db or postgresql://…; empty: SQLite in data_dir")
    redis_url: SecretStr | None = Field(None, description="redis://…; none: the database keeps the limits")
    host: str = Field("127.0.0.1", description="address the web chat listens on")
    port: int = Field(8080, ge=1, le=65535, description="port the web chat listens on")
    public_url: str = Field("", description="https address of this server for links in messages; empty: host and port")
    secret: SecretStr = Field(SecretStr(DEFAULT_SECRET), description="signs cookies; must be set before going public")
    widget_origins: str = Field("", description="sites that may show the chat widget: https://name, https://name2")
    samples: bool = Field(True, description="lay the invented sample catalogue into a new database")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="how much the log tells")
    worker: str = Field(
        "main", pattern=r"^[A-Za-z0-9_.-]{1,40}$", description="name of this process, stable over restarts"
    )
    image_limit_mb: int = Field(10, ge=1, le=20, description="largest picture a person may send, in megabytes")
    file_limit_mb: int = Field(20, ge=1, le=20, description="largest other file a person may send, in megabytes")
    event_push_limit: int = Field(50, ge=0, description="an event reaches at most so many people by itself")
    broadcast_alone: int = Field(50, ge=0, description="one officer alone may write to so many people at once")
    free_days: str = Field("", description="days off the government announced: 2027-02-12 2027-02-13")
    work_days: str = Field("", description="holidays by law on which the office works after all: 2027-02-10")
    market_days: str = Field("", description="days of the lunar month without messages to many: 2 7 12 17 22 27")
    telegram_token: SecretStr | None = Field(None, description="none: no Telegram")
    telegram_api_url: str = Field("", description="another server that speaks the Bot API; empty: the platform's")
    telegram_mode: Literal["polling", "webhook"] = Field("polling", description="how Telegram's updates arrive")
    telegram_rate: float = Field(25.0, gt=0, le=1000, description="messages a second to Telegram, all together")
    telegram_webhook_url: str = Field("", description="public https address of this server, for the webhook mode")
    zalo_app_id: str = Field("", description="Zalo application; empty: no Zalo")
    zalo_app_secret: SecretStr | None = Field(None, description="Zalo application secret")
    zalo_oa_secret: SecretStr | None = Field(None, description="Zalo Official Account secret, checks signatures")
    zalo_refresh_token: SecretStr | None = Field(None, description="Zalo's first refresh token")
    zalo_api_url: str = Field("", description="another server that speaks Zalo's API; empty: the platform's")
    zalo_oauth_url: str = Field("", description="another server for Zalo's tokens; empty: the platform's")
    zalo_oa_id: str = Field("", description="id of the Official Account, where zalo_signed_by needs it")
    zalo_signed_by: Literal["app", "app-or-oa"] = Field(
        "app", description="whose id stands at the head of what Zalo signs; app-or-oa takes either"
    )
    zalo_replay_hours: float = Field(3.0, ge=2, le=48, description="older events are dropped; Zalo repeats for 1 h 51")
    zalo_rate: float = Field(10.0, gt=0, le=60, description="messages a second to Zalo, all together")
    zalo_typed_buttons: bool = Field(False, description="buttons name their template (template_type: button)")
    zalo_form_image: str = Field("", description="https picture above Zalo's form for name and number; empty: typed")
    zalo_reserve: int = Field(2, ge=0, le=50, description="messages of a free frame kept for a person's own business")
    zalo_paid_news: bool = Field(False, description="news may go between 48 hours and 7 days, where each costs money")
    zalo_own_template: str = Field("", description="approved template for answers after 7 days; empty: they wait")
    zalo_news_template: str = Field("", description="approved template for news out of the free 48 hours; empty: none")
    zalo_template_signs: int = Field(300, ge=80, le=400, description="how long the text within a template may be")
    zalo_price: int = Field(55, ge=0, description="đồng for one message out of the free 48 hours; 0: not known")
    zalo_template_price: int = Field(300, ge=0, description="đồng for one message by template; 0: not known")
    zalo_ask_quota: bool = Field(False, description="Zalo is asked now and then what is left with each person")
    zalo_lists: bool = Field(False, description="five choices or more go as Zalo's list; off: as numbers")
    zalo_tags: bool = Field(False, description="officers' tags of people are put on them at Zalo too")
    zalo_file_hosts: str = Field("zdn.vn zadn.vn zaloapp.com zalo.me zmp3.vn", description="where Zalo keeps files")
    zalo_bot_token: SecretStr | None = Field(
        None, description="token of a bot on Zalo's Bot Platform; none: no such bot"
    )
    zalo_bot_api_url: str = Field("", description="another server that speaks the Bot Platform; empty: the platform's")
    zalo_bot_mode: Literal["polling", "webhook"] = Field(
        "polling", description="how its messages arrive; polling may lose one when the process dies"
    )
    zalo_bot_webhook_url: str = Field("", description="public https address of this server, for the webhook mode")
    zalo_bot_rate: float = Field(1.0, gt=0, le=60, description="messages a second to it, all together")
    zalo_bot_limited_pause: float = Field(60.0, ge=1, le=3600, description="seconds of silence after its 429")
    zalo_bot_news: bool = Field(False, description="news and messages to many may go through it")
    zalo_bot_file_hosts: str = Field("", description="where it keeps pictures; empty: pictures are not fetched")
    understanding_url: str = Field("", description="an outside understanding service; empty: the embedded model")

    @field_validator("free_days", "work_days")
    @classmethod
    def _whole_days(cls, value: str) -> str:
        try:
            for day in value.split():
                date.fromisoformat(day)
        except ValueError as error:
            raise ValueError("days are written as 2027-02-12, with blanks between them") from error
        return value

    @field_validator("market_days")
    @classmethod
    def _lunar_days(cls, value: str) -> str:
        if not all(day.isdigit() and 1 <= int(day) <= 30 for day in value.split()):
            raise ValueError("days of a lunar month are numbers from 1 to 30")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:", "postgresql:", "postgresql+", "postgres:")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value.replace("postgres:", "postgresql:", 1) if value.startswith("postgres:") else value

    @field_validator("public_url")
    @classmethod
    def _some_page(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            raise ValueError("must be an address such as https://nhipcau.example.vn")
        return value

    @field_validator("host")
    @classmethod
    def _some_host(cls, value: str) -> str:
        if not value.strip() or "/" in value or " " in value:
            raise ValueError("must be an address such as 127.0.0.1")
        return value.strip()

    @field_validator("widget_origins")
    @classmethod
    def _whole_origins(cls, value: str) -> str:
        for one in value.replace(",", " ").split():
            if not ORIGIN.fullmatch(one):
                raise ValueError(
                    f"{one} is no origin such as https://skhcn.example (no path, no * and no / at its end)"
                )
        return value

    @property
    def widget_sites(self) -> frozenset[str]:
        """The origins that may show the widget, beside our own."""
        return frozenset(self.widget_origins.replace(",", " ").lower().split())

    @property
    def database(self) -> str:
        """The database URL in use."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve()}/nhipcau.db"

    @property
    def address(self) -> str:
        """Under which people reach our pages."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def public(self) -> bool:
        """Whether we listen beyond this machine."""
        return self.host not in LOOPBACK


def _from_files() -> dict[str, str]:
    """Secrets given as NHIPCAU_…_FILE: the file's content is the value."""
    found = {}
    for name, path in os.environ.items():
        if name.startswith(PREFIX) and name.endswith("_FILE") and path:
            try:
                found[name[len(PREFIX) : -len("_FILE")].lower()] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise BadSetting(f"{name}: the file cannot be read ({error.strerror})") from error
    return found


def unknown_names() -> list[str]:
    """Variables that look like settings but are none: most likely a slip of the pen."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {name + "_FILE" for name in known}
    return sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)


def _check_zalo_bot(settings: Settings) -> None:
    token = settings.zalo_bot_token
    if token is not None and not re.fullmatch(r"\d+:\S+", token.get_secret_value()):
        raise BadSetting(f"{PREFIX}ZALO_BOT_TOKEN: looks like a number, a colon, a secret")
    if token is not None and settings.zalo_bot_mode == "webhook" and not settings.zalo_bot_webhook_url:
        raise BadSetting(
            f"{PREFIX}ZALO_BOT_WEBHOOK_URL: the webhook mode needs the public https address of this server"
        )


def read_settings(**given: object) -> Settings:
    """The settings; raises BadSetting with one line that names the setting."""
    values = {key: value for key, value in given.items() if value is not None}
    try:
        settings = Settings(**{**_from_files(), **values})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper() if first["loc"] else "settings"
        raise BadSetting(f"{name}: {first['msg']}") from error
    if (
        settings.telegram_token is not None
        and settings.telegram_mode == "webhook"
        and not settings.telegram_webhook_url
    ):
        raise BadSetting(
            f"{PREFIX}TELEGRAM_WEBHOOK_URL: the webhook mode needs the public https address of this server"
        )
    if settings.zalo_app_id and settings.zalo_app_secret is None:
        raise BadSetting(f"{PREFIX}ZALO_APP_SECRET: Zalo needs the secret of the application beside its id")
    if settings.zalo_app_id and not settings.zalo_app_id.isdecimal():
        raise BadSetting(f"{PREFIX}ZALO_APP_ID: is a number, as shown at developers.zalo.me")
    if settings.zalo_signed_by == "app-or-oa" and not settings.zalo_oa_id:
        raise BadSetting(f"{PREFIX}ZALO_OA_ID: needed where NHIPCAU_ZALO_SIGNED_BY is app-or-oa")
    _check_zalo_bot(settings)
    if settings.telegram_token is not None and not TOKEN.fullmatch(settings.telegram_token.get_secret_value()):
        raise BadSetting(f"{PREFIX}TELEGRAM_TOKEN: does not look like a token of BotFather (numbers, colon, 35 signs)")
    if settings.public and settings.secret.get_secret_value() == DEFAULT_SECRET:
        raise BadSetting(
            f"{PREFIX}SECRET: set a long random value before listening on {settings.host}, "
            "which others can reach (or keep NHIPCAU_HOST=127.0.0.1)"
        )
    return settings
