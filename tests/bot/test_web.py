"""The web chat as a person uses it, in a real browser against the running system."""

import json
import os
import sqlite3
import time
from collections.abc import Callable
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from tests.conftest import Server

SHOTS = Path(os.environ.get("NHIPCAU_SHOTS", "var/shots"))


@pytest.mark.browser
@pytest.mark.asyncio
@pytest.mark.parametrize("width", [360, 1280])
async def test_need_stated_in_the_page(server: Callable[..., Server], browser: Any, width: int) -> None:
    running = server()
    context = await browser.new_context(viewport={"width": width, "height": 740}, locale="vi-VN")
    page = await context.new_page()
    problems: list[str] = []
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(running.base)
    SHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SHOTS / f"start-{width}.png")

    async def said(text: str, part: str) -> None:
        await page.fill("#text", text)
        await page.press("#text", "Enter")
        await page.locator(".line.out", has_text=part).last.wait_for(timeout=15000)

    await said("nha em lam hoi kho hay bi moc, can may say tam 300tr", "hoa hồi")
    await page.get_by_role("button", name="Chưa biết").click()
    await page.locator(".line.out", has_text="khi nào cần").last.wait_for(timeout=15000)
    await page.screenshot(path=SHOTS / f"talk-{width}.png")
    lines = await page.locator(".line").all_inner_texts()
    assert not await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), "scrolls sideways"
    await page.reload()
    await page.locator(".line.out", has_text="khi nào cần").last.wait_for(timeout=15000)
    assert await page.locator(".line").all_inner_texts() == lines, "history differs after reload"
    cookie = (await context.cookies())[0]
    assert cookie["httpOnly"]
    assert not problems
    await context.close()
    assert running.stop() < 5


def opener() -> Any:
    return build_opener(HTTPCookieProcessor(CookieJar()))


def post(visitor: Any, base: str, body: bytes) -> int:
    try:
        with visitor.open(Request(base + "/say", body, {"Content-Type": "application/json"}), timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_odd_requests_are_refused_kindly(server: Callable[..., Server]) -> None:
    running = server()
    stranger, visitor = opener(), opener()
    assert post(stranger, running.base, b'{"text": "x", "id": "aaaaaaaaaa"}') == 403
    visitor.open(running.base + "/").read()
    for body in (
        b"",
        b"{",
        b"[]",
        b'{"text": 5, "id": "aaaaaaaaaa"}',
        b'{"text": "", "id": "aaaaaaaaaa"}',
        b'{"text": "x", "id": "<"}',
    ):
        assert post(visitor, running.base, body) == 400, body
    assert post(visitor, running.base, json.dumps({"text": "x" * 3_000_000, "id": "aaaaaaaaaa"}).encode()) == 413
    assert post(visitor, running.base, json.dumps({"text": "sấy " * 250_000, "id": "aaaaaaaaab"}).encode()) == 202
    with visitor.open(running.base + "/health") as alive:
        assert json.load(alive) == {"status": "alive"}


def test_killed_server_answers_after_restart(server: Callable[..., Server]) -> None:
    running = server()
    visitor = opener()
    visitor.open(running.base + "/").read()
    said = json.dumps({"text": "nhà em làm na hay bị chín rộ", "id": "kill-00001"}).encode()
    assert post(visitor, running.base, said) == 202
    running.kill()  # within the 1.5 s that a burst waits: the turn has not been taken
    running.start()
    assert post(visitor, running.base, said) == 202  # the page sends again what it got no answer to
    end = time.monotonic() + 15
    count = 0
    while time.monotonic() < end and not count:
        with sqlite3.connect(running.file, timeout=10) as db:
            (count,) = db.execute("SELECT count(*) FROM outbox WHERE state = 'sent'").fetchone()
        time.sleep(0.1)
    time.sleep(2)
    with sqlite3.connect(running.file, timeout=10) as db:
        assert db.execute("SELECT count(*) FROM inbox").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM outbox").fetchone() == (1,)
    assert running.stop() < 5


def test_second_program_on_the_port_is_told(server: Callable[..., Server]) -> None:
    import subprocess
    import sys

    running = server()
    done = subprocess.run(
        [sys.executable, "-m", "bot", "run"], env=running.env, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert "NHIPCAU_PORT" in done.stderr
    assert "Traceback" not in done.stderr
