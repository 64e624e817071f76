"""From the first start to a published answer and a verified need, in a real browser; every page on a phone and a desk."""

import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from config.settings import HOME
from nlu.model import Model
from tests.conftest import free_port

SHOTS = Path(os.environ.get("NHIPCAU_SHOTS", "var/shots"))
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PASSWORD = "hoa ban trang ngoai cua"
WIDTHS = [360, 1280]


class Running:
    """`nhipcau run` at its very first start; `link` is what it printed."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.file = folder / "walk.db"
        env = {**os.environ, "NHIPCAU_PORT": str(self.port), "NHIPCAU_DATABASE_URL": f"sqlite:///{self.file}"}
        self.log = folder / "log"
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "bot", "run"]
            env["NHIPCAU_DATA_DIR"] = str(HOME / "var")
            self.process = subprocess.Popen(command, env=env, cwd=HOME, stderr=log)
        for _ in range(1200):
            try:
                with urlopen(self.base + "/ready", timeout=1):
                    break
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.05)
        self.link = re.search(r"http://\S+/can-bo/mo/\S+", self.log.read_text())[0]  # type: ignore[index]


@pytest.fixture
def running(tmp_path: Path, mind: Model) -> Iterator[Running]:
    made = Running(tmp_path)
    yield made
    made.process.terminate()
    assert made.process.wait(15) == 0


class Walker:
    """A browser page that counts taps and looks for faults on every page it sees."""

    def __init__(self, page: Any, width: int, dark: bool = False) -> None:
        self.page, self.width, self.taps, self.dark = page, width, 0, dark
        self.problems: list[str] = []
        page.on("console", lambda line: self.problems.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    async def tap(self, role: str, name: str | re.Pattern[str], exact: bool = False) -> None:
        self.taps += 1
        await self.page.get_by_role(role, name=name, exact=exact).first.click()
        await self.page.wait_for_load_state()

    async def open(self, name: str) -> None:
        """A folded piece of the page."""
        self.taps += 1
        await self.page.locator("summary", has_text=name).first.click()

    async def fill(self, label: str, text: str) -> None:
        await self.page.get_by_label(label).first.fill(text)

    async def look(self, name: str) -> None:
        """Takes a picture; axe finds nothing; nothing scrolls sideways."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        mood = "-dark" if self.dark else ""
        await self.page.screenshot(path=SHOTS / f"console-{name}-{self.width}{mood}.png", full_page=self.width == 1280)
        sideways = await self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        if sideways:
            self.problems.append(f"{name} scrolls sideways at {self.width}")
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = await self.page.evaluate("tags => axe.run({runOnly: tags})", tags)
        told = [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found["violations"]]
        self.problems += [f"{name} at {self.width}: {one}" for one in told]


async def walker(browser: Any, base: str, width: int, **given: Any) -> Walker:
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, locale="vi-VN", base_url=base, **given
    )
    return Walker(await context.new_page(), width, given.get("color_scheme") == "dark")


async def account(admin: Walker, browser: Any, base: str, name: str, login: str, role: str) -> Walker:
    """Invited by the administrator, opened by the link."""
    await admin.page.goto("/can-bo/quan-tri")
    await admin.fill("Họ tên", name)
    await admin.fill("Tên đăng nhập", login)
    await admin.page.get_by_label("Vai", exact=True).select_option(label=role)
    await admin.tap("button", "Tạo liên kết")
    link = (await admin.page.locator("#link").inner_text()).strip()
    made = await walker(browser, base, admin.width)
    await made.page.goto(link)
    await made.page.locator("#password").fill(PASSWORD)
    await made.page.locator("#again").fill(PASSWORD)
    await made.tap("button", "Bắt đầu")
    return made


async def owner_states_a_need(browser: Any, base: str) -> Any:
    """A person at the web chat, up to the code."""
    context = await browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN", base_url=base)
    page = await context.new_page()
    await page.goto("/")
    said = [
        "nhà chị làm hồi khô ở xã Chi Lăng, năm khoảng 20 tấn mà phơi hay bị mốc, muốn tìm máy sấy",
        "tầm 300 triệu", "trước tháng 6 năm sau", "đang phơi nắng", "Mai, 0912345678", "đồng ý", "đúng, gửi",
    ]  # fmt: skip
    for text in said:
        before = await page.locator(".line.out").count()
        await page.fill("#text", text)
        await page.press("#text", "Enter")
        for _ in range(200):
            if await page.locator(".line.out").count() > before:
                break
            await page.wait_for_timeout(100)
    await page.locator(".line.out", has_text="NC-0001").first.wait_for(timeout=20000)
    return page


@pytest.mark.browser
@pytest.mark.asyncio
@pytest.mark.parametrize("width", WIDTHS)
async def test_from_first_start_to_published_answer_and_verified_need(
    running: Running, browser: Any, width: int
) -> None:
    trang = await walker(browser, running.base, width)
    await trang.page.goto(running.link)
    await trang.look("first-link")
    await trang.fill("Họ tên", "Trang Hoàng")
    await trang.fill("Tên đăng nhập", "trang.hoang")
    await trang.page.locator("#password").fill(PASSWORD)
    await trang.page.locator("#again").fill(PASSWORD)
    await trang.tap("button", "Bắt đầu")
    await trang.look("today-empty")
    lan = await account(trang, browser, running.base, "Lan Nguyễn", "lan", "Cán bộ")
    hung = await account(trang, browser, running.base, "Hùng Vi", "hung", "Người duyệt")
    await trang.page.goto("/can-bo/quan-tri")
    await trang.look("accounts")
    to_accounts = trang.taps

    chat = await owner_states_a_need(browser, running.base)
    await lan.page.goto("/can-bo/")
    await lan.page.get_by_role("link", name="NC-0001").first.wait_for()
    await lan.look("today")
    lan.taps = 0
    await lan.tap("link", "NC-0001")
    await lan.look("need")
    await lan.tap("button", "Duyệt phiếu này")
    await lan.page.get_by_text("Đã duyệt phiếu NC-0001").wait_for()
    need_taps = lan.taps
    await chat.locator(".line.out", has_text="đã xem và duyệt").first.wait_for(timeout=15000)

    lan.taps = 0
    await lan.tap("link", "Trả lời")
    await lan.look("answers")
    await lan.fill("Tìm", "trl")
    await lan.page.locator("#rows .entry").first.wait_for()
    lan.taps += 1
    await lan.page.locator("#rows a.entry").first.click()
    await lan.page.wait_for_load_state()
    await lan.look("answer")
    await lan.open("Soạn bản mới")
    short = await lan.page.get_by_label("Trả lời ngắn").input_value()
    await lan.fill("Trả lời ngắn", short[:300] + " Lời mới của cán bộ Lan.")
    await lan.fill("Sửa vì sao?", "đối chiếu lại văn bản")
    await lan.tap("button", "Lưu bản nháp")
    await lan.tap("button", "Gửi duyệt")
    answer = lan.page.url
    await lan.look("answer-in-review")
    await hung.page.goto("/can-bo/")
    hung.taps = 0
    await hung.tap("link", re.compile("câu trả lời chờ duyệt"))
    hung.taps += 1
    await hung.page.locator("#rows a.entry").first.click()
    await hung.page.wait_for_load_state()
    assert hung.page.url.split("?")[0] == answer.split("?")[0]
    await hung.tap("button", "Duyệt, dùng ngay")
    await hung.page.get_by_text("được dùng ngay").wait_for()
    answer_taps = lan.taps + hung.taps
    with sqlite3.connect(running.file) as db:
        assert db.execute(
            "SELECT count(*) FROM answer_version WHERE state='approved' AND short LIKE '%cán bộ Lan.'"
        ).fetchone() == (1,)
        assert db.execute("SELECT state FROM need").fetchone() == ("open",)
    print(f"taps at {width}: accounts {to_accounts}, need {need_taps}, answer {answer_taps}")
    assert need_taps <= 2 and answer_taps <= 8
    for one in (trang, lan, hung):
        assert not one.problems, one.problems


@pytest.mark.browser
@pytest.mark.asyncio
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page(running: Running, browser: Any, width: int, scheme: str) -> None:
    lan = await walker(browser, running.base, width, color_scheme=scheme)
    await lan.page.goto(running.link)
    await lan.fill("Họ tên", "Lan Nguyễn")
    await lan.fill("Tên đăng nhập", "lan")
    await lan.page.locator("#password").fill(PASSWORD)
    await lan.page.locator("#again").fill(PASSWORD)
    await lan.tap("button", "Bắt đầu")
    chat = await owner_states_a_need(browser, running.base)
    await chat.fill("#text", "gặp cán bộ")
    await chat.press("#text", "Enter")
    await chat.locator(".line.out", has_text="HT-0001").first.wait_for(timeout=15000)
    pages = [
        "/",
        "/hop-thu",
        "/nhu-cau",
        "/nhu-cau/NC-0001",
        "/nhu-cau/moi",
        "/tra-loi",
        "/tra-loi/faq-001",
        "/ra-soat",
    ]
    pages += ["/nguoi", "/nguoi/1", "/quan-tri", "/nhat-ky", "/tai-khoan", "/khong-co"]
    for path in pages:
        answer = await lan.page.goto("/can-bo" + path)
        assert answer.status in (200, 404)
        await lan.look("page" + (path.replace("/", "-") if path != "/" else "-today"))
    await lan.page.goto("/can-bo/hop-thu/1")
    await lan.look("talk-before")
    await lan.tap("button", "Tiếp quản")
    await lan.fill("Lời của anh/chị", "Chào chị Mai, em Lan đây ạ.")
    await lan.tap("button", "Gửi")
    await chat.locator(".line.out", has_text="em Lan đây").first.wait_for(timeout=15000)
    await chat.fill("#text", "máy đó bao nhiêu tiền")
    await chat.press("#text", "Enter")
    await lan.page.locator("#talk .bubble", has_text="máy đó bao nhiêu").first.wait_for(
        timeout=15000
    )  # without a reload
    await lan.look("talk")
    await lan.page.goto("/can-bo/nhu-cau/moi")
    for label, text in (
        ("1. Vấn đề", "mưa là mốc"),
        ("2. Sản phẩm", "hồi"),
        ("3. Quy mô", "nhiều lắm"),
        ("8. Ở đâu", "xã Chi Lăng"),
        ("9. Liên hệ", "bác Én, 0912345679"),
    ):
        await lan.fill(label, text)
    await lan.page.get_by_label("Đã đọc và được đồng ý").check()
    await lan.tap("button", "Lưu phiếu và làm giấy hẹn")
    await lan.look("behalf-wrong")
    await lan.fill("3. Quy mô", "2 tấn/năm")
    await lan.page.get_by_label("Đã đọc và được đồng ý").check()
    await lan.tap("button", "Lưu phiếu và làm giấy hẹn")
    await lan.page.get_by_text("Mã hẹn").first.wait_for()
    await lan.look("slip")
    await lan.page.goto("/phieu/")
    await lan.look("status")
    await lan.page.goto("/can-bo/tai-khoan")
    await lan.tap("button", "Bật mã xác thực")
    await lan.look("totp")
    problems = [one for one in lan.problems if "404" not in one and "422" not in one]
    assert not problems, problems


@pytest.mark.browser
@pytest.mark.asyncio
async def test_first_load_is_light(running: Running, browser: Any) -> None:
    """Everything the first two pages load, as it travels."""
    context = await browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    page = await context.new_page()
    client = await context.new_cdp_session(page)
    await client.send("Network.enable")
    sizes: list[float] = []
    client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    await page.goto(running.base + "/can-bo/dang-nhap")
    await page.wait_for_load_state("networkidle")
    print(f"first load: {sum(sizes) / 1000:.1f} kB in {len(sizes)} requests")
    assert sum(sizes) < 150_000


@pytest.mark.browser
@pytest.mark.asyncio
async def test_works_without_scripts(running: Running, browser: Any) -> None:
    context = await browser.new_context(java_script_enabled=False, locale="vi-VN", base_url=running.base)
    page = await context.new_page()
    await page.goto(running.link)
    for label, text in (("Họ tên", "Lan Nguyễn"), ("Tên đăng nhập", "lan")):
        await page.get_by_label(label).fill(text)
    await page.locator("#password").fill(PASSWORD)
    await page.locator("#again").fill(PASSWORD)
    await page.get_by_role("button", name="Bắt đầu").click()
    await page.get_by_role("link", name="Nhu cầu").first.click()
    await page.get_by_label("Tìm").fill("say")
    await page.get_by_role("button", name="Lọc").click()
    assert "tim=say" in page.url
    await page.get_by_text("Không có phiếu nào khớp").wait_for()


def test_vendored_files_are_the_ones_named() -> None:
    import hashlib

    told = (HOME / "console" / "static" / "vendor" / "VENDORED.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"\| `([^`]+)` \|[^|]+\|[^|]+\| `([0-9a-f]{64})` \|", told))
    held = {
        path.name: path
        for path in (HOME / "console" / "static" / "vendor").iterdir()
        if path.suffix in (".js", ".woff2")
    }
    held |= {path.name: path for path in (HOME / "console" / "fonts").glob("*.ttf")}
    held |= {AXE.name: AXE}
    assert set(named) == set(held)
    for name, path in held.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == named[name], name
