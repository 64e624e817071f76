"""Leads an officer through the consent by which an Official Account lets us speak: OAuth v4 with PKCE, step by step."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.channels.zalo.api import Api
from bot.channels.zalo.errors import NotSent, Said, Unanswered
from bot.channels.zalo.line import app_of, tell_lost
from bot.channels.zalo.tokens import (
    CHANNEL,
    EPOCH,
    OAUTH,
    NoToken,
    Tokens,
    ask,
    box_of,
    digest,
    pack,
    read_pair,
    renew_at,
)
from bot.channels.zalo.web import CALLBACK_PATH, PATH
from config.settings import Settings
from domain.worktime import say_time
from storage import grants
from storage.database import Database
from storage.grants import GrantState
from storage.migrate import migrate
from storage.secrecy import Box, Locked

VERIFIER = "zalo-verifier"  # the row that keeps it: the challenge made of it is registered once, at the application
Say = Callable[[str], object]
Ask = Callable[[str], str]


@dataclass(frozen=True)
class Link:
    """Where consent is given, with what must come back."""

    url: str
    challenge: str
    state: str


def challenge_of(verifier: str) -> str:
    """What is registered at the application: base64url of the SHA-256, without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def verifier_of(database: Database, box: Box, now: datetime) -> str:
    """The verifier of this installation, made at the first need and kept encrypted."""
    async with database.write() as db:
        held = await grants.find(db, VERIFIER)
        if held is not None:
            try:
                return box.unlock(held.held)
            except Locked:
                pass  # the secret of the settings is another one: a new verifier, a new challenge
        made = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
        await grants.put(db, VERIFIER, box.lock(made), EPOCH, EPOCH, now, state=GrantState.ASKED)
        return made


def link_of(settings: Settings, verifier: str) -> Link:
    """The link to the page of consent."""
    challenge, state = challenge_of(verifier), secrets.token_hex(8)
    asked = {
        "app_id": settings.zalo_app_id,
        "redirect_uri": settings.public_url.rstrip("/") + CALLBACK_PATH,
        "code_challenge": challenge,
        "state": state,
    }
    base = (settings.zalo_oauth_url or OAUTH).rstrip("/")
    return Link(f"{base}/v4/oa/permission?{urlencode(asked)}", challenge, state)


def read_pasted(pasted: str, state: str) -> tuple[str, str]:
    """The code in what was pasted, and what is wrong with it (one of them is empty)."""
    words = pasted.strip().strip("\"'")
    if "code=" not in words:
        known = words.replace("-", "").replace("_", "").isalnum() and len(words) > 6
        return (words, "") if known else ("", "Trong đó không có mã. Anh/chị chép cả địa chỉ, có phần “code=…”.")
    held = parse_qs(urlsplit(words).query or words)
    if held.get("state", [state])[0] != state:
        return "", "Địa chỉ này thuộc lần đồng ý trước. Anh/chị mở lại liên kết vừa in ra."
    return held["code"][0], ""


async def walk(settings: Settings, say: Say, enter: Ask) -> bool:
    """Prints what to do, takes the address that consent ends at, keeps the tokens; whether all is well."""
    missing = _missing(settings)
    for name, words in missing:
        say(f"THIẾU  {name}: {words}")
    if missing:
        return False
    database = Database(settings.database)
    try:
        await migrate(database)
        return await _walk(settings, database, say, enter)
    finally:
        await database.close()


async def _walk(settings: Settings, database: Database, say: Say, enter: Ask) -> bool:
    box = box_of(settings.secret.get_secret_value())
    async with database.read() as db:
        held = await grants.find(db, CHANNEL)
    if held is not None:
        say(_standing(held))
    link = link_of(settings, verifier := await verifier_of(database, box, datetime.now(UTC)))
    public = settings.public_url.rstrip("/")
    say(
        "1. Trên developers.zalo.me mở ứng dụng, mục Official Account > Thiết lập chung:\n"
        f"   Callback URL:   {public}{CALLBACK_PATH}\n"
        f"   Code challenge: {link.challenge}\n"
        "   Chọn đủ các quyền gửi tin, đọc hội thoại, người quan tâm. Bấm Lưu.\n"
        f"2. Mục Webhook: URL {public}{PATH}; chép “Khóa bí mật OA” vào NHIPCAU_ZALO_OA_SECRET.\n"
        "3. Quản trị viên của Official Account mở liên kết này, bấm Cho phép (mã chỉ sống 10 phút):\n"
        f"   {link.url}\n"
        "4. Trình duyệt dừng ở một trang của hệ thống. Chép toàn bộ địa chỉ trên thanh trình duyệt, dán vào đây."
    )
    while True:
        pasted = enter("Địa chỉ (Enter để thôi): ")
        if not pasted.strip():
            say("Chưa đổi gì. Khi nào tiện anh/chị chạy lại.")
            return False
        code, wrong = read_pasted(pasted, link.state)
        if not wrong:
            break
        say(wrong)
    return await _exchange(settings, database, box, code, verifier, say)


async def _exchange(settings: Settings, database: Database, box: Box, code: str, verifier: str, say: Say) -> bool:
    """Changes the code for a pair, keeps it before its first use, then asks the account for its name."""
    app = app_of(settings)
    try:
        said = await ask(app, {"grant_type": "authorization_code", "code": code, "code_verifier": verifier})
    except Exception as error:  # told with its cure; the code serves once, so it is not tried again
        say(f"Không nhận được trả lời của Zalo ({type(error).__name__}). Anh/chị chạy lại từ đầu, mở lại liên kết.")
        return False
    now = datetime.now(UTC)
    made = read_pair(said, now)
    if made is None:
        say(f"Zalo không nhận mã: {_reason(said)}. Mã dùng một lần, sống 10 phút; anh/chị chạy lại và mở lại liên kết.")
        return False
    pair, expires = made
    async with database.write() as db:
        held = box.lock(pack(pair))
        await grants.put(db, CHANNEL, held, renew_at(now, expires), expires, now, digest(app.seed))
    api = Api(Tokens(database, box, app, tell_lost), settings.zalo_api_url)
    try:
        account = await api.get("/v2.0/oa/getoa")
    except (Said, NotSent, Unanswered, NoToken) as error:
        say(f"Đã giữ quyền, nhưng chưa đọc được tài khoản ({error}). Anh/chị xem lại các quyền của ứng dụng.")
        return False
    finally:
        await api.close()
    say(
        f"Xong. Hệ thống nay nói thay {account.get('name', 'Official Account')}; đang chạy thì tự nối lại trong một phút."
    )
    return True


def _missing(settings: Settings) -> list[tuple[str, str]]:
    found = []
    if not settings.zalo_app_id:
        found.append(("NHIPCAU_ZALO_APP_ID", "số ứng dụng ở developers.zalo.me"))
    if settings.zalo_app_secret is None:
        found.append(("NHIPCAU_ZALO_APP_SECRET", "khóa bí mật của ứng dụng"))
    if not settings.public_url:
        found.append(("NHIPCAU_PUBLIC_URL", "địa chỉ https công khai của máy này, ví dụ https://nhipcau.example.vn"))
    return found


def _reason(said: Any) -> str:
    held = said if isinstance(said, dict) else {}
    return (
        ", ".join(str(held[name]) for name in ("error", "error_name", "error_reason") if held.get(name)) or "không rõ"
    )


def _standing(held: grants.Grant) -> str:
    if held.state is GrantState.LOST:
        return f"Hiện nay: đã mất quyền ({held.reason})."
    if held.expires_at == EPOCH:
        return "Hiện nay: có mã gia hạn đầu tiên, chưa dùng."
    return f"Hiện nay: đang có quyền, sẽ tự gia hạn lúc {say_time(held.refresh_at)}. Đồng ý lại chỉ khi cần."


async def standing(settings: Settings, database: Database) -> tuple[bool | None, str]:
    """How the channel is, for `doctor`: good, bad or neither, in one line."""
    if not settings.zalo_app_id:
        return None, "no application, this channel is off"
    async with database.read() as db:
        held = await grants.find(db, CHANNEL)
    if settings.zalo_oa_secret is None:
        return False, "NHIPCAU_ZALO_OA_SECRET is missing: what Zalo brings cannot be checked and is not taken"
    if held is None and settings.zalo_refresh_token is None:
        return False, "no consent yet; run 'nhipcau doctor zalo'"
    if held is not None and held.state is GrantState.LOST:
        return False, f"consent lost ({held.reason}); run 'nhipcau doctor zalo'"
    return True, "consent held" if held is not None else "a first token is set, not used yet"
