"""Every route times every role times nobody: what is not granted is denied; no looking changes anything."""

import hashlib
import re
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select
from starlette.routing import Mount, Route

from console.app import PAGES
from console.desk import ROOT
from console.doors import PLAIN_COOKIE
from domain.officer import GRANTS, Officer, OfficerState, Permission, Role
from storage.tables import metadata
from tests.console.office import HOST, House

OPEN_TO_ALL = {
    ("GET", "/dang-nhap"),
    ("POST", "/dang-nhap"),
    ("GET", "/mo/{token}"),
    ("POST", "/mo/{token}"),
    ("GET", "/cua/sw.js"),
    ("GET", "/cua/manifest.webmanifest"),  # the page that works without a network; nothing of anybody
}
FILLED = {
    "piece_id": "1",
    "person_id": "1",
    "code": "NC-0001",
    "officer_id": "999",
    "token": "x" * 30,
    "answer_id": "faq-001",
    "programme_id": "natif-lai-suat",
    "number": "1",
    "review_id": "1",
    "event_id": "E-none",
    "offer_id": "GP-none",
}
LASTING = "/dong"  # the stream does not end by itself


def routes(house: House) -> Iterator[tuple[str, str, str]]:
    """(method, path, permission) of every route of the console; nothing else is mounted but the static files."""
    beside = [type(route).__name__ for route in house.desk_app.routes if isinstance(route, (Route, Mount))]
    assert beside == ["Mount"], beside
    for page in PAGES:
        for route in page.doors.router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods:
                yield method, route.path, (route.openapi_extra or {}).get("x-permission", "")


def filled(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], path)


async def fingerprint(house: House) -> str:
    """What all tables hold, but for when a session was last seen."""
    held = hashlib.sha256()
    async with house.system.database.read() as db:
        for name, table in sorted(metadata.tables.items()):
            if name == "session":
                continue
            rows = (await db.execute(select(table).order_by(*table.primary_key.columns))).all()
            held.update(repr((name, rows)).encode())
    return held.hexdigest()


def test_every_route_names_a_permission(light: House) -> None:
    seen = set()
    for method, path, permission in routes(light):
        seen.add(permission)
        if permission == "everybody":
            assert (method, path) in OPEN_TO_ALL, f"{method} {path} is open to all"
        else:
            assert permission in {one.value for one in Permission}, f"{method} {path} names no permission"
        assert method in ("GET", "POST")
    assert len(list(routes(light))) > 40


def test_no_permission_is_granted_to_a_closed_account() -> None:
    for state in (OfficerState.CLOSED, OfficerState.INVITED):
        shut = Officer(1, "x", "x", Role.ADMIN, state)
        assert not any(shut.may(permission) for permission in Permission)


@pytest.mark.asyncio
async def test_matrix(light: House) -> None:
    hands = {role: await light.officer(f"Vai {role.value}", role) for role in Role}
    nobody = light.nobody()
    tokens = {role: await hand.token() for role, hand in hands.items()}
    asked = 0
    for method, path, permission in routes(light):
        if permission == "everybody" or path == LASTING:
            continue
        where = filled(path)
        if method == "GET":
            shut = await nobody.get(where)
            assert shut.status_code == 303 and "/dang-nhap" in shut.headers["location"], path
        else:
            shut = await nobody.client.post(ROOT + where, headers={"Sec-Fetch-Site": "same-origin"})
            assert shut.status_code == 401, path
        for role, hand in hands.items():
            asked += 1
            granted = Permission(permission) in GRANTS[role]
            if method == "GET":
                answer = await hand.get(where)
            elif path == "/dang-xuat" or not granted:
                if path == "/dang-xuat":
                    continue
                answer = await hand.client.post(
                    ROOT + where, data={"token": tokens[role]}, headers={"Sec-Fetch-Site": "same-origin"}
                )
            else:  # a granted deed without the form's token is refused too
                answer = await hand.client.post(ROOT + where, headers={"Sec-Fetch-Site": "same-origin"})
                assert answer.status_code == 403, (role, path)
                answer = await hand.client.post(
                    ROOT + where, data={"token": tokens[role]}, headers={"Sec-Fetch-Site": "same-origin"}
                )
            if granted:
                assert answer.status_code not in (401, 403, 500), (role, method, path, answer.status_code)
            else:
                assert answer.status_code == 403, (role, method, path, answer.status_code)
    assert asked > 150


@pytest.mark.asyncio
async def test_no_strange_page_may_write(light: House) -> None:
    hand = await light.officer("Lan", Role.OFFICER)
    token = await hand.token()
    before = await fingerprint(light)
    for headers in (
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": HOST + ".evil.example"},
    ):
        answer = await hand.client.post(ROOT + "/tai-khoan/noi-chat", data={"token": token}, headers=headers)
        assert answer.status_code == 403, headers
    other = await light.officer("Hùng", Role.APPROVER)
    stolen = await other.token()
    answer = await hand.client.post(
        ROOT + "/tai-khoan/noi-chat", data={"token": stolen}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 403, "another session's token was taken"
    assert token != await hand.token(), "the token must differ each time"
    async with light.system.database.read() as db:
        assert not (await db.execute(select(metadata.tables["once"]))).all()
    assert before


@pytest.mark.asyncio
async def test_looking_changes_nothing(light: House) -> None:
    talk = await light.person("mai")
    await light.say(talk, "nhà em làm hoa hồi hay bị mốc, cần máy sấy")
    await light.say(talk, "gặp cán bộ")
    hand = await light.officer("Trang", Role.ADMIN)
    before = await fingerprint(light)
    for method, path, permission in routes(light):
        if method == "GET" and path != LASTING:
            answer = await hand.get(filled(path))
            assert answer.status_code < 500, path
            assert permission
    assert await fingerprint(light) == before


@pytest.mark.asyncio
async def test_headers_of_every_page(light: House) -> None:
    hand = await light.officer("Trang", Role.ADMIN)
    for path in ("/", "/dang-nhap", "/khong-co", "/static/console.css"):
        answer = await hand.get(path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        if path != "/static/console.css":
            assert answer.headers["cache-control"] == "no-store"
            assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=|<style", answer.text), path
    assert PLAIN_COOKIE in hand.client.cookies
