"""The web chat as a person uses it, in a real browser against the running system."""

import json
import os
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from domain.event import Event
from domain.files import sniff
from domain.tags import strip_tags
from storage import catalogue
from storage.database import Database
from tests import pictures
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


def send_file(visitor: Any, base: str, body: bytes, mark: str = "file-00001") -> tuple[int, str]:
    try:
        with visitor.open(
            Request(f"{base}/file?id={mark}", body, {"Content-Type": "image/jpeg"}), timeout=20
        ) as answer:
            return int(answer.status), answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_pictures_from_the_page_are_kept_others_refused_kindly(server: Callable[..., Server]) -> None:
    running = server()
    stranger, visitor = opener(), opener()
    assert send_file(stranger, running.base, pictures.jpeg(1))[0] == 403
    visitor.open(running.base + "/").read()
    assert send_file(visitor, running.base, pictures.jpeg(1), "<")[0] == 400
    assert send_file(visitor, running.base, b"")[0] == 415
    assert send_file(visitor, running.base, b"<html>x</html>")[0] == 415
    assert send_file(visitor, running.base, pictures.pdf())[0] == 415
    code, told = send_file(visitor, running.base, pictures.jpeg(1) + bytes(10_000_000))
    assert code == 413 and "10 MB" in told
    for fresh in ("true", "false"):
        code, told = send_file(visitor, running.base, pictures.jpeg(1))
        assert code == 202 and f'"fresh":{fresh}' in told.replace(" ", "")
    end = time.monotonic() + 20
    held: list[Any] = []
    while time.monotonic() < end and held != [("kept",)]:
        time.sleep(0.2)
        with sqlite3.connect(running.file, timeout=10) as db:
            held = db.execute("SELECT state FROM evidence").fetchall()
    assert held == [("kept",)]
    folder = Path(running.env["NHIPCAU_DATA_DIR"]) / "files"
    kept = [file.read_bytes() for file in folder.glob("??/*")]
    assert kept == [pictures.plain_jpeg(1)]
    assert not list((folder / "incoming").glob("*"))


@pytest.mark.browser
@pytest.mark.asyncio
async def test_a_picture_is_sent_from_the_page_with_the_keyboard(
    server: Callable[..., Server], browser: Any, tmp_path: Path
) -> None:
    running = server()
    page = await (await browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")).new_page()
    await page.goto(running.base)
    one, large = tmp_path / "moc.jpg", tmp_path / "lon.jpg"
    one.write_bytes(pictures.jpeg(2))
    large.write_bytes(pictures.jpeg(2) + bytes(10_000_001))
    box = page.get_by_label("Gửi ảnh")
    await box.focus()
    assert await page.evaluate("document.activeElement.id") == "file", "it can be reached without a mouse"
    assert not await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), "scrolls sideways"
    await box.set_input_files(large)
    await page.locator("#state", has_text="10 MB").wait_for()
    await box.set_input_files(one)
    await page.locator(".line.out", has_text="1 ảnh").last.wait_for(timeout=15000)
    assert await page.locator(".line.in").all_inner_texts() == ["(ảnh)"]
    await page.fill("#text", "măng khô nhà em bị mốc, cần máy sấy")
    await page.press("#text", "Enter")
    await page.locator(".line.out", has_text="đính 1 ảnh vào phiếu").last.wait_for(timeout=15000)
    await page.screenshot(path=SHOTS / "picture-360.png")


@pytest.mark.browser
@pytest.mark.asyncio
async def test_pictures_without_their_tags_show_the_same_points(browser: Any) -> None:
    page = await (await browser.new_context()).new_page()
    draw = """async (kind) => {
      const canvas = document.createElement("canvas"); canvas.width = 33; canvas.height = 17;
      const pen = canvas.getContext("2d");
      for (let i = 0; i < 33; i++) { pen.fillStyle = `rgb(${i * 7},${255 - i * 5},${i * 3 % 255})`; pen.fillRect(i, 0, 1, 17); }
      const blob = await new Promise((done) => canvas.toBlob(done, kind, 0.8));
      return [...new Uint8Array(await blob.arrayBuffer())];
    }"""
    points = """async ([bytes, kind]) => {
      const picture = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: kind }));
      const canvas = document.createElement("canvas"); canvas.width = picture.width; canvas.height = picture.height;
      const pen = canvas.getContext("2d"); pen.drawImage(picture, 0, 0);
      return [picture.width, picture.height, [...pen.getImageData(0, 0, picture.width, picture.height).data].join()];
    }"""
    taggers = {"image/jpeg": pictures.tag_jpeg, "image/png": pictures.tag_png, "image/webp": pictures.tag_webp}
    for kind, tagged_with in taggers.items():
        plain = bytes(await page.evaluate(draw, kind))
        assert sniff(plain) == kind
        tagged = tagged_with(plain)
        clean = strip_tags(tagged, kind)
        assert pictures.PLACE in tagged and pictures.PLACE not in clean
        seen = [await page.evaluate(points, [list(content), kind]) for content in (plain, tagged, clean)]
        assert seen[0] == seen[1] == seen[2], kind


@pytest.mark.browser
@pytest.mark.asyncio
async def test_a_seat_shows_its_code_and_its_calendar_entry(server: Callable[..., Server], browser: Any) -> None:
    running = server()
    database = Database(f"sqlite:///{running.file}")
    start = datetime.now(UTC) + timedelta(days=3)
    async with database.write() as db:
        await catalogue.write_event(db, Event("HTMAU", "Hội thảo mẫu", start, place="Hội trường mẫu"), "nhipcau")
    await database.close()
    context = await browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    page = await context.new_page()
    problems: list[str] = []
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    await page.goto(running.base)
    for text, part in (("cho xem Hội thảo mẫu", "Hội thảo mẫu"), ("1", "Hội trường mẫu"), ("đăng ký", "giữ 1 chỗ")):
        await page.fill("#text", text)
        await page.press("#text", "Enter")
        await page.locator(".line.out", has_text=part).last.wait_for(timeout=20000)
    picture = page.locator(".enclosed img")
    await picture.wait_for()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    link = await page.get_by_role("link", name="Thêm vào lịch").get_attribute("href")
    entry = await context.request.get(running.base + str(link))
    assert entry.status == 200 and "BEGIN:VEVENT" in await entry.text()
    assert not await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    await page.screenshot(path=SHOTS / "seat-360.png")
    assert not problems
    await context.close()
