"""The first account, invitations, passwords, the second factor, limits of a session."""

import asyncio
import re
from datetime import timedelta

import httpx
import pyotp
import pytest
from sqlalchemy import select

from console import keys, live
from console.desk import ROOT
from console.doors import PLAIN_COOKIE
from domain.officer import Role
from storage import officers, once
from storage.once import OncePurpose
from storage.tables import audit, officer, session
from tests.console.office import HOST, House

HERE = {"Sec-Fetch-Site": "same-origin", "Origin": HOST}
GOOD = "hoa ban trang ngoai cua"


def stranger(house: House, base: str = HOST) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(house.app), base_url=base)


async def first_link(house: House) -> str:
    async with house.system.database.write() as db:
        return await once.make(db, OncePurpose.FIRST, None, house.now)


async def enter(client: httpx.AsyncClient, login: str, password: str, code: str = "") -> httpx.Response:
    data = {"login": login, "password": password, "code": code}
    return await client.post(ROOT + "/dang-nhap", data=data, headers=HERE)


@pytest.mark.asyncio
async def test_first_account_by_its_link_once(house: House) -> None:
    link, client = await first_link(house), stranger(house)
    form = {"name": "Trang Hoàng", "login": "trang.hoang", "password": GOOD, "again": GOOD}
    assert (await client.get(f"{ROOT}/mo/{link}")).status_code == 200
    assert (await client.get(f"{ROOT}/mo/{link}")).status_code == 200, "looking used the link up"
    for wrong in ({"password": "ngan", "again": "ngan"}, {"password": "1234567890", "again": "1234567890"},
                  {"again": "khac"}, {"login": "Trang Hoàng!"}, {"password": "trang.hoang1", "again": "trang.hoang1"}):  # fmt: skip
        refused = await client.post(f"{ROOT}/mo/{link}", data={**form, **wrong}, headers=HERE)
        assert refused.status_code == 422, wrong
    made = await client.post(f"{ROOT}/mo/{link}", data=form, headers=HERE)
    assert made.status_code == 303 and made.headers["location"] == ROOT + "/"
    cookie = made.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert "Trang Hoàng" in (await client.get(ROOT + "/")).text
    second = await stranger(house).post(f"{ROOT}/mo/{link}", data={**form, "login": "khac", "name": "Ai"}, headers=HERE)
    assert second.status_code == 410
    fresh = await first_link(house)
    late = await stranger(house).post(f"{ROOT}/mo/{fresh}", data={**form, "login": "khac", "name": "Ai"}, headers=HERE)
    assert late.status_code != 303, "a second first account was made"
    async with house.system.database.read() as db:
        rows = (await db.execute(select(officer))).all()
        kept = (await db.execute(select(session))).all()
    assert len(rows) == 1 and rows[0].role == "admin" and rows[0].password.startswith("$argon2id$")
    assert all(client.cookies[PLAIN_COOKIE] not in repr(row) for row in kept), "the table holds the cookie itself"


@pytest.mark.asyncio
async def test_links_end(light: House) -> None:
    link = await first_link(light)
    light.now += timedelta(hours=25)
    assert (await stranger(light).get(f"{ROOT}/mo/{link}")).status_code == 410
    assert (await stranger(light).get(f"{ROOT}/mo/gibberish")).status_code == 410


@pytest.mark.asyncio
async def test_cookie_is_bound_to_the_host_when_encrypted(light: House) -> None:
    link, client = await first_link(light), stranger(light, "https://test")
    form = {"name": "Trang", "login": "trang", "password": GOOD, "again": GOOD}
    made = await client.post(f"{ROOT}/mo/{link}", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    cookie = made.headers["set-cookie"]
    assert (
        cookie.startswith("__Host-nhipcau=") and "Secure" in cookie and "Path=/;" in cookie and "Domain" not in cookie
    )
    assert "max-age" in (await client.get(ROOT + "/")).headers["strict-transport-security"]


@pytest.mark.asyncio
async def test_invited_closed_and_opened_again(house: House) -> None:
    admin = await house.officer("Trang", Role.ADMIN)
    page = await admin.post("/quan-tri/moi", name="Lan Nguyễn", login="lan", role="officer")
    link = re.search(r"/mo/([\w-]+)", page.text)
    assert link is not None
    client = stranger(house)
    assert (await enter(client, "lan", GOOD)).status_code == 401, "an account without a password was entered"
    await client.post(f"{ROOT}/mo/{link[1]}", data={"password": GOOD, "again": GOOD}, headers=HERE)
    assert (await client.get(ROOT + "/")).status_code == 200
    assert (await client.get(ROOT + "/quan-tri")).status_code == 403
    async with house.system.database.read() as db:
        lan = await officers.account(db, "LAN")
    assert lan is not None
    await admin.post(f"/quan-tri/{lan.officer.id}/vai", role="approver", reason="đi học về")
    assert (await client.get(ROOT + "/nhat-ky")).status_code == 200, "the new role counts at once"
    log = await admin.text("/nhat-ky")
    assert "đi học về" in log and "đổi vai" in log
    await admin.post(f"/quan-tri/{lan.officer.id}/dong", reason="chuyển công tác")
    assert (await client.get(ROOT + "/")).status_code == 303
    assert (await enter(client, "lan", GOOD)).status_code == 401
    page = await admin.post(f"/quan-tri/{lan.officer.id}/lien-ket")
    assert (await enter(client, "lan", GOOD)).status_code == 401, "the old password still opens"
    assert "/mo/" in page.text
    own = await admin.post(f"/quan-tri/{admin.officer.id}/dong", reason="nhầm")  # type: ignore[union-attr]
    assert own.status_code == 409, "the last administrator was closed"


@pytest.mark.asyncio
async def test_wrong_passwords_lock_for_a_while(light: House) -> None:
    link, client = await first_link(light), stranger(light)
    form = {"name": "Trang", "login": "trang", "password": GOOD, "again": GOOD}
    await client.post(f"{ROOT}/mo/{link}", data=form, headers=HERE)
    other = stranger(light)
    for _ in range(5):
        told = await enter(other, "trang", "sai bet nhe ban")
        assert told.status_code == 401
        nobody = await enter(other, "khong.co", "sai bet nhe ban")
        assert nobody.status_code in (401, 429)
    assert "chưa đúng" in told.text
    assert (await enter(other, "trang", GOOD)).status_code == 429
    light.now += timedelta(minutes=16)
    assert (await enter(other, "trang", GOOD)).status_code == 303


@pytest.mark.asyncio
async def test_tries_at_the_same_instant_are_counted_one_by_one(house: House) -> None:
    link, client = await first_link(house), stranger(house)
    form = {"name": "Trang", "login": "trang", "password": GOOD, "again": GOOD}
    await client.post(f"{ROOT}/mo/{link}", data=form, headers=HERE)
    tries = [enter(stranger(house), "trang", "sai bet nhe ban") for _ in range(12)]
    told = [answer.status_code for answer in await asyncio.gather(*tries)]
    assert sorted(told) == [401] * 5 + [429] * 7
    assert (await enter(stranger(house), "trang", GOOD)).status_code == 429


@pytest.mark.asyncio
async def test_second_factor_serves_once(light: House) -> None:
    link, client = await first_link(light), stranger(light)
    await client.post(
        f"{ROOT}/mo/{link}", data={"name": "Trang", "login": "trang", "password": GOOD, "again": GOOD}, headers=HERE
    )
    token = re.search(r'name="token" value="(\w+)"', (await client.get(ROOT + "/tai-khoan")).text)[1]  # type: ignore[index]
    offered = await client.post(ROOT + "/tai-khoan/ma-xac-thuc/moi", data={"token": token}, headers=HERE)
    secret = re.search(r'name="secret" value="(\w+)"', offered.text)[1]  # type: ignore[index]
    totp = pyotp.TOTP(secret)
    wrong = await client.post(
        ROOT + "/tai-khoan/ma-xac-thuc", data={"token": token, "secret": secret, "code": "000000"}, headers=HERE
    )
    assert wrong.status_code == 422
    good = {"token": token, "secret": secret, "code": totp.at(light.now)}
    assert (await client.post(ROOT + "/tai-khoan/ma-xac-thuc", data=good, headers=HERE)).status_code == 303
    async with light.system.database.read() as db:
        kept = (await db.execute(select(officer.c.totp))).scalar_one()
    assert secret not in kept
    light.now += timedelta(minutes=5)
    other = stranger(light)
    assert (await enter(other, "trang", GOOD)).status_code == 401
    code = totp.at(light.now)
    assert (await enter(other, "trang", GOOD, code)).status_code == 303
    assert (await enter(stranger(light), "trang", GOOD, code)).status_code == 401, "a code served twice"


@pytest.mark.asyncio
async def test_sessions_end_when_idle_and_at_their_longest(light: House) -> None:
    link, client = await first_link(light), stranger(light)
    await client.post(
        f"{ROOT}/mo/{link}", data={"name": "Trang", "login": "trang", "password": GOOD, "again": GOOD}, headers=HERE
    )
    for _ in range(7):
        light.now += timedelta(minutes=100)
        assert (await client.get(ROOT + "/")).status_code == 200
    light.now += timedelta(minutes=100)
    assert (await client.get(ROOT + "/")).status_code == 303, "twelve hours are over"
    await enter(client, "trang", GOOD)
    light.now += timedelta(hours=2)
    assert (await client.get(ROOT + "/")).status_code == 303, "two idle hours are over"
    back = (await client.get(ROOT + "/nhu-cau?tim=hoi")).headers["location"]
    assert back.endswith("?ve=%2Fcan-bo%2Fnhu-cau%3Ftim%3Dhoi")
    for evil in ("https://evil.example", "//evil.example", "/can-bo/\\evil", "/phieu"):
        data = {"login": "trang", "password": GOOD, "ve": evil}
        answer = await client.post(ROOT + "/dang-nhap", data=data, headers=HERE)
        assert answer.headers["location"] == ROOT + "/", evil


@pytest.mark.asyncio
async def test_a_page_left_open_keeps_nobody_signed_in(light: House) -> None:
    link, client = await first_link(light), stranger(light)
    form = {"name": "Trang", "login": "trang", "password": GOOD, "again": GOOD}
    await client.post(f"{ROOT}/mo/{link}", data=form, headers=HERE)
    for _ in range(11):
        light.now += timedelta(minutes=10)
        assert (await client.get(ROOT + "/", headers={"HX-Request": "true"})).status_code == 200
    light.now += timedelta(minutes=10)
    assert (await client.get(ROOT + "/", headers={"HX-Request": "true"})).status_code == 401


@pytest.mark.asyncio
async def test_the_live_stream_ends_and_is_asked_for_anew(light: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LONGEST", 0.2)
    monkeypatch.setattr(live, "KEEP_ALIVE", 0.05)
    lan = await light.officer("Lan", Role.OFFICER)
    told = await asyncio.wait_for(lan.get("/dong"), 20)
    assert told.status_code == 200 and told.text.startswith("retry:") and ": here" in told.text
    async with light.system.database.write() as db:
        await officers.close(db, lan.officer.id)  # type: ignore[union-attr]
    assert (await lan.get("/dong")).status_code == 303


@pytest.mark.asyncio
async def test_audit_is_only_added_to(house: House) -> None:
    await house.officer("Trang", Role.ADMIN)
    async with house.system.database.write() as db:
        await db.execute(
            audit.insert().values(
                at=house.now, actor="x", verb="edit", noun="need", noun_id="1", before={"a": "1"}, after={"a": "2"}
            )
        )
    for change in (audit.delete(), audit.update().values(actor="y"), audit.update().values(after={"a": "3"})):
        with pytest.raises(Exception, match="only added to"):
            async with house.system.database.write() as db:
                await db.execute(change)


def test_masked_tokens() -> None:
    guard = "00" * 16
    tokens = {keys.mask(guard) for _ in range(50)}
    assert len(tokens) == 50 and all(keys.matches(token, guard) for token in tokens)
    assert (
        not keys.matches(keys.mask("11" * 16), guard) and not keys.matches("", guard) and not keys.matches("zz", guard)
    )
