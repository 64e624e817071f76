"""The tokens of Zalo: one renewal for all processes, none used twice, a loss told once, consent led by hand."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from sqlalchemy.exc import NoResultFound

import bot.health
from bot.channels.zalo import channel as zalo_channel
from bot.channels.zalo.consent import challenge_of, read_pasted, walk
from bot.channels.zalo.errors import NotSent
from bot.channels.zalo.line import ZaloLine
from bot.channels.zalo.tokens import NoToken, read_pair, renew_at
from config.settings import HOME, Settings
from conversation.reply import Reply
from domain.notice import Kind
from storage import officers, people
from storage.database import Database
from storage.migrate import migrate
from storage.tables import channel_grant, officer, outage
from storage.tables import outbox as rows
from tests.bot.zalo_office import Office, noon, settings_of
from tests.conftest import free_port
from tests.platform.running import Emulator

PROCESSES = 8


@pytest_asyncio.fixture
async def office(blank: Path, tmp_path: Path, emulator: Emulator) -> AsyncIterator[Office]:
    """A deliverer, and an officer who answers for the office in a chat of her own."""
    shutil.copy(blank, tmp_path / "office.db")
    database = Database(f"sqlite:///{tmp_path}/office.db")
    made = Office(database, emulator, secret="a long secret of these tests")
    await made.deliverer.begin()
    async with database.write() as db:
        place = await people.arrive(db, "terminal", "", "trang", made.now)
        held = {"name": "Trang", "role": "admin", "state": "open", "created_at": made.now}
        number = (await db.execute(officer.insert().values(**held).returning(officer.c.id))).scalar_one()
        await officers.link_chat(db, number, place.id, made.now)
    yield made
    await made.channel.close()
    await database.close()


async def alarms(office: Office) -> list[str]:
    """What officers are told."""
    async with office.database.read() as db:
        query = select(rows.c.text).where(rows.c.dedupe_key.like("desk:zalo-lost:%"))
        return list((await db.execute(query)).scalars())


async def grant(office: Office) -> Any:
    """The row of the grant."""
    async with office.database.read() as db:
        return (await db.execute(select(channel_grant).where(channel_grant.c.channel == "zalo"))).one()


def environment(settings: Settings) -> dict[str, str]:
    """The same settings for another process."""
    names = ("app_id", "app_secret", "oa_secret", "refresh_token", "api_url", "oauth_url")
    held = {name: getattr(settings, f"zalo_{name}") for name in names}
    plain = {name: value if isinstance(value, str) else value.get_secret_value() for name, value in held.items()}
    return {**os.environ, **{f"NHIPCAU_ZALO_{name.upper()}": value for name, value in plain.items()}}


# --- the race -------------------------------------------------------------------------------------------------------
def test_eight_processes_renew_once(url: str, emulator: Emulator) -> None:
    """All begin with nothing but the first token; in the middle every token of access ends at once."""

    async def prepare() -> None:
        database = Database(url)
        await migrate(database)
        await database.close()

    asyncio.run(prepare())
    env, times = environment(settings_of(emulator)), 60
    command = [sys.executable, "-m", "tests.bot.zalo_speaker", url, str(times)]
    running = [
        subprocess.Popen(command, env=env, cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(PROCESSES)
    ]
    try:
        end = time.monotonic() + 120
        while len({call["at"] for call in emulator.calls("getoa")}) < PROCESSES * 10:
            assert time.monotonic() < end, "they do not speak"
            time.sleep(0.05)
        assert emulator.account()["refreshes"] == 1, "one renewal for all at the beginning"
        emulator.account(expire=True)
        for process in running:
            out, _ = process.communicate(timeout=120)
            assert process.returncode == 0
            assert out.split().count("388613280878808645") == times, "every call was answered"
    finally:
        for process in running:
            process.kill()
    account = emulator.account()
    assert account["refreshes"] == 2, "exactly one more when all ended in the middle"
    assert len(account["spent"]) == len(set(account["spent"])) == 2, "no renewing token was shown twice"
    refused = [call for call in emulator.calls("getoa") if call["status"] == -220]
    assert 1 <= len(refused) <= PROCESSES


# --- in time, and kept ----------------------------------------------------------------------------------------------
@pytest.mark.asyncio
async def test_renewed_after_twenty_hours_and_kept_encrypted(office: Office, tmp_path: Path) -> None:
    first = await office.channel.tokens.access()
    for hours, refreshes in ((19.9, 1), (0.2, 2), (10, 2)):
        office.later(hours * 3600)
        token = await office.channel.tokens.access()
        assert office.emulator.account()["refreshes"] == refreshes
    assert token != first
    held = await grant(office)
    assert (held.state, held.version) == ("held", 3)  # the seed, the first pair, the second
    assert held.expires_at - held.refresh_at == timedelta(hours=5)
    raw = b"".join(file.read_bytes() for file in tmp_path.glob("office.db*"))
    assert b"access-0000" not in raw and b"refresh-0000" not in raw, "nothing of a token stands readable"
    twin = ZaloLine(settings_of(office.emulator, secret="another secret"), office.database, lambda: office.now)
    with pytest.raises(NoToken, match="NHIPCAU_SECRET"):
        await twin.tokens.access()


@pytest.mark.asyncio
async def test_new_pair_is_committed_before_its_first_use(office: Office) -> None:
    await office.channel.api.get("/v2.0/oa/getoa")
    office.emulator.account(expire=True)
    seen: list[int] = []
    put = office.channel.api._once

    async def once(verb: str, path: str, token: str, how: dict[str, Any]) -> Any:
        held = await grant(office)
        assert held.state == "held"
        seen.append(held.version)
        return await put(verb, path, token, how)

    office.channel.api._once = once  # type: ignore[method-assign]
    await office.channel.api.get("/v2.0/oa/getoa")
    assert seen == [2, 3], "refused with the old pair, asked again only when the new one stood in the database"


# --- loss -----------------------------------------------------------------------------------------------------------
@pytest.mark.asyncio
@pytest.mark.parametrize("how", ["deliver_then_drop", "truncate_json", "answered without tokens", "5xx"])
async def test_a_lost_renewal_ends_in_one_alarm_and_no_loop(office: Office, how: str) -> None:
    lan = await office.lan()
    await office.put(lan)
    await office.turn()
    token_calls = office.calls("access_token")
    office.emulator.account(expire=True)
    if how == "answered without tokens":
        body = '{"error_name": "invalid_grant", "error_reason": "used"}'
        office.emulator.fault("error", "access_token", code=200, body=body)
    elif how == "5xx":
        office.emulator.fault("error", "access_token", code=502, description="Bad Gateway")
    else:
        office.emulator.fault(how, "access_token")  # the pair was changed, its answer never came
    row = await office.put(lan, Reply("Sở đã có lời đáp."), Kind.NOTICE, "answered:")
    for _ in range(6):
        office.channel._stopped = None  # as after its minute, or in another process
        await office.turn(61)
    assert office.calls("access_token") == token_calls + 1, "the lost token is not tried again"
    told = await alarms(office)
    assert len(told) == 1 and "nhipcau doctor zalo" in told[0]
    held = await office.row(row)
    assert (held.state, held.attempt) == ("retry_at", 0), "what waits loses no try"
    assert office.channel.stopped
    office.channel.tokens.app = type(office.channel.tokens.app)(
        office.channel.tokens.app.id,
        office.channel.tokens.app.secret,
        office.emulator.base,
        office.emulator.ask("POST", "zalo/grant", {})["refresh_token"],
    )  # an officer has put a new first token into the settings
    office.channel._stopped = None
    assert await office.until_done(row) == "sent"
    assert len(set(office.emulator.account()["spent"])) == len(office.emulator.account()["spent"])


async def watched(office: Office, seconds: float) -> None:
    """The deliverer with its health watch runs so long by the clock on the wall, as a process runs it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await office.deliverer.step(office.now, lambda: None)
        await asyncio.sleep(0.05)


@pytest.mark.asyncio
async def test_a_lost_consent_is_told_once_while_the_channels_are_watched(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch is as patient as in a running system for a second; neither the loss nor its end is an outage besides."""
    monkeypatch.setattr(zalo_channel, "STOP_SECONDS", 0.6)  # each stop ends within the test, so it is looked at anew
    monkeypatch.setattr(bot.health, "READ_EVERY", 0.2)
    office.deliverer.health.patience = 1.0
    lan = await office.lan()
    await office.put(lan)
    await office.turn()
    office.emulator.account(expire=True)
    office.emulator.fault("deliver_then_drop", "access_token")
    row = await office.put(lan, Reply("Sở đã có lời đáp."), Kind.NOTICE, "answered:")
    for _ in range(4):
        office.later(61)
        await watched(office, 0.8)
    assert office.deliverer.health.pulses["zalo"].misses and office.channel.told_apart, "the watch did see it"
    assert await desk(office) == await alarms(office) and len(await alarms(office)) == 1
    app = office.channel.tokens.app
    seed = office.emulator.ask("POST", "zalo/grant", {})["refresh_token"]
    office.channel.tokens.app = type(app)(app.id, app.secret, office.emulator.base, seed)  # consent given anew
    stopping = asyncio.Event()
    listening = asyncio.ensure_future(office.channel.listen(_nobody, _nobody, stopping))
    end = time.monotonic() + 20
    while office.channel.told_apart:
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    await watched(office, 2.5)  # nothing is due: the watch alone looks
    office.later(61)
    await watched(office, 2.0)
    stopping.set()
    await listening
    assert await office.state(row) == "sent" and await desk(office) == await alarms(office)
    async with office.database.read() as db:
        assert (await db.execute(select(func.count()).select_from(outage))).scalar_one() == 0
    office.emulator.fault("drop_before", "getoa", times=None)  # a true silence afterwards is told as ever
    office.emulator.fault("drop_before", "cs", times=None)
    await office.put(lan)
    end = time.monotonic() + 20
    while len(await desk(office)) < 2:
        assert time.monotonic() < end
        office.later(61)
        await watched(office, 0.5)


@pytest.mark.asyncio
@pytest.mark.parametrize(("code", "words"), [(-204, "oa.zalo.me"), (-212, "cấp quyền ở developers.zalo.me")])
async def test_a_stop_is_one_alarm_that_says_what_to_do(
    office: Office, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    monkeypatch.setattr(zalo_channel, "STOP_SECONDS", 3.0)  # longer than a busy machine takes to look
    monkeypatch.setattr(bot.health, "READ_EVERY", 0.2)
    lan = await office.lan()
    office.emulator.fault("error", "cs", code=code, description="as documented", times=None)
    row = await office.put(lan)
    for _ in range(3):
        office.later(61)
        await watched(office, 0.8)
    (told,) = await desk(office)
    assert told.startswith("Zalo không gửi được tin từ") and words in told and "1 câu trả lời đang chờ" in told
    office.emulator.clear()
    assert await office.until_done(row) == "sent"


async def _nobody(*_: Any) -> None:
    """Nobody speaks here."""


async def desk(office: Office) -> list[str]:
    """All that officers are told by the system."""
    async with office.database.read() as db:
        query = select(rows.c.text).where(rows.c.dedupe_key.like("desk:%")).order_by(rows.c.id)
        return list((await db.execute(query)).scalars())


@pytest.mark.asyncio
async def test_a_missing_right_does_not_renew_again_and_again(office: Office) -> None:
    lan = await office.lan()
    office.emulator.fault("error", "cs", code=-216, description="Access token is invalid", times=None)
    row = await office.put(lan)
    for _ in range(5):
        office.channel._stopped = None
        await office.turn(61)
    assert office.emulator.account()["refreshes"] == 2, "the first token, and one renewal after the refusal"
    assert await office.state(row) == "retry_at" and office.channel.stopped
    office.emulator.clear()
    office.channel._stopped = None
    assert await office.until_done(row) == "sent"


@pytest.mark.asyncio
async def test_what_still_lives_is_used_to_its_end(office: Office) -> None:
    await office.channel.tokens.access()
    office.later(20.5 * 3600)
    office.emulator.fault("deliver_then_drop", "access_token")
    living = await office.channel.tokens.access()
    assert (await grant(office)).state == "lost" and len(await alarms(office)) == 1
    office.later(4 * 3600)
    assert await office.channel.tokens.access() == living
    office.later(3600)
    with pytest.raises(NoToken):
        await office.channel.tokens.access()
    assert office.calls("access_token") == 2 and len(await alarms(office)) == 1


@pytest.mark.asyncio
async def test_a_process_killed_while_it_renews(office: Office) -> None:
    """The heir cannot know whether the token was used: it is not shown again, the alarm is raised once."""
    database = str(office.database.url.set(drivername="sqlite").render_as_string(hide_password=False))
    office.emulator.fault("deliver_then_hang", "access_token", seconds=30)
    env = {**environment(settings_of(office.emulator)), "NHIPCAU_SECRET": "a long secret of these tests"}
    command = [sys.executable, "-m", "tests.bot.zalo_speaker", database, "1"]
    quiet = {"stdout": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.DEVNULL}
    process = await asyncio.create_subprocess_exec(*command, env=env, cwd=HOME, **quiet)
    end = time.monotonic() + 60
    while not office.emulator.account()["spent"]:
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    process.kill()
    await process.wait()
    assert (await grant(office)).state == "renewing"
    async with office.database.write() as db:
        await db.execute(text("UPDATE lease SET until = 0"))  # its ninety seconds are over
    office.channel.tokens.app = type(office.channel.tokens.app)(
        office.channel.tokens.app.id, office.channel.tokens.app.secret, office.emulator.base, ""
    )
    for _ in range(3):
        with pytest.raises(NoToken):
            await office.channel.tokens.access()
    assert len(office.emulator.account()["spent"]) == 1 and len(await alarms(office)) == 1


async def renewing(office: Office) -> None:
    """Waits until a renewal is under way."""
    async with asyncio.timeout(20):
        while True:
            with suppress(NoResultFound):  # before the very first
                if (await grant(office)).state == "renewing":
                    return
            await asyncio.sleep(0.02)


@pytest.mark.asyncio
async def test_who_gives_up_waiting_does_not_cut_off_a_renewal(office: Office) -> None:
    office.emulator.fault("delay", "access_token", seconds=2.0)
    asking = asyncio.ensure_future(office.channel.tokens.access())
    await renewing(office)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await grant(office)).state == "renewing"
    assert await office.channel.tokens.access(), "the next one waits for the same renewal"
    office.later(21 * 3600)
    office.emulator.fault("delay", "access_token", seconds=2.0)
    asking = asyncio.ensure_future(office.channel.tokens.access())
    await renewing(office)
    asking.cancel()
    await office.channel.close()  # as when the process is told to stop
    assert (await grant(office)).state == "held" and not await alarms(office)
    assert office.emulator.account()["refreshes"] == 2


@pytest.mark.asyncio
async def test_out_of_reach_is_no_loss(office: Office) -> None:
    await office.channel.tokens.access()
    office.later(30 * 3600)
    good = office.channel.tokens.app
    office.channel.tokens.app = type(good)(good.id, good.secret, f"http://127.0.0.1:{free_port()}", good.seed)
    for _ in range(2):
        with pytest.raises(NotSent):
            await office.channel.tokens.access()
    assert (await grant(office)).state == "held" and not await alarms(office)
    office.channel.tokens.app = good
    assert await office.channel.tokens.access()
    async with office.database.read() as db:
        assert (await db.execute(select(func.count()).select_from(channel_grant))).scalar_one() == 1


def test_an_answer_is_a_pair_only_when_both_tokens_are_there() -> None:
    now = noon()
    good = {"access_token": "a", "refresh_token": "r", "expires_in": "90000"}
    made = read_pair(good, now)
    assert made is not None and made[1] == now + timedelta(hours=25)
    assert renew_at(now, made[1]) == now + timedelta(hours=20)
    for wrong in (
        {},
        None,
        [],
        {**good, "access_token": ""},
        {**good, "refresh_token": None},
        {"error": 0, "access_token": "a"},
    ):
        assert read_pair(wrong, now) is None


# --- consent --------------------------------------------------------------------------------------------------------
class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def agreed(link: str) -> str:
    """The address at which the browser of an officer who agrees ends."""
    try:
        build_opener(_Stay).open(link, timeout=10)
    except HTTPError as answer:
        return str(answer.headers["Location"])
    raise AssertionError("no way back")


@pytest.mark.asyncio
async def test_doctor_leads_through_consent(office: Office, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/office.db"
    given = {
        "database_url": url,
        "secret": "a long secret of these tests",
        "public_url": "https://nhipcau.example.vn",
    }
    settings = settings_of(office.emulator, **given).model_copy(update={"zalo_refresh_token": None})
    said: list[str] = []
    slips = iter(("gì đây", "https://nhipcau.example.vn/zalo/dong-y?code=x1234567&state=cũ"))

    def enter(_: str) -> str:
        slip = next(slips, None)
        if slip is not None:
            return slip
        link = next(word for word in "\n".join(said).split() if "/v4/oa/permission" in word)
        challenge = said[0].split("Code challenge: ")[1].split()[0]
        office.emulator.account(challenge=challenge)  # as the officer registers it at the application
        return agreed(link)

    assert await asyncio.to_thread(lambda: asyncio.run(walk(settings, said.append, enter)))
    assert "Sở KH&CN (mẫu)" in said[-1] and any("không có mã" in line for line in said)
    assert any("lần đồng ý trước" in line for line in said)
    assert (await grant(office)).state == "held"
    again: list[str] = []
    assert not await asyncio.to_thread(lambda: asyncio.run(walk(settings, again.append, lambda _: "")))
    assert "đang có quyền" in again[0]
    assert again[1].split("Code challenge: ")[1].split()[0] == said[0].split("Code challenge: ")[1].split()[0]
    wrong = await asyncio.to_thread(lambda: asyncio.run(walk(settings, again.append, lambda _: "code-999999")))
    assert not wrong and "chạy lại" in again[-1] and (await grant(office)).state == "held", (
        "a wrong code spoils nothing"
    )


def test_challenge_as_the_platform_makes_it() -> None:
    """The example of RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert read_pasted(" code-000123 ", "s") == ("code-000123", "")
