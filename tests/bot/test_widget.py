"""The widget as a visitor of the Department's site meets it: a page of another origin, a strict policy, a real browser."""

import gzip
import http.server
import json
import re
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from config.settings import HOME, BadSetting, read_settings
from tests import pictures
from tests.bot.test_web import SHOTS
from tests.conftest import eventually
from tests.warm import Nursery, WarmServer

AXE = Path(__file__).parents[1] / "console" / "vendor" / "axe.min.js"
HEAVIEST = 40_000  # bytes of all that the widget loads
FIRST = "nha em lam hoi kho hay bi moc, can may say tam 300tr"
HOW_TO = HOME / "docs" / "how-to" / "gan-khung-tro-chuyen.md"
PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Trang mẫu</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>Trang mẫu của Sở</h1><p>Một trang để thử.</p><a href="#x">Một liên kết</a></main>
<script src="{chat}/widget.js" defer {more}></script></body></html>"""


def policy(chat: str) -> str:
    """The policy that the how-to page gives to the web master, for the chat at this address."""
    found = re.search(r"^```\n(default-src .*?)^```", HOW_TO.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    return " ".join(found[1].split()).replace("https://chat.example", chat)


class Site:
    """A page of another origin that shows the widget of `chat`, under the policy that the how-to page gives."""

    def __init__(self) -> None:
        self.chat, self.more = "", ""
        site = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = PAGE.format(chat=site.chat, more=site.more).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", policy(site.chat))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Iterator[tuple[WarmServer, Site]]:
    """A system that lets the site show the widget, shared by the module: each test has a visitor of its own."""
    site = Site()
    more = {"NHIPCAU_WIDGET_ORIGINS": site.base, "NHIPCAU_LOG_LEVEL": "error"}
    made = WarmServer(nursery, tmp_path_factory.mktemp("widget"), **more).start()
    site.chat = made.base
    yield made, site
    made.kill()
    site.server.shutdown()


@pytest.fixture
def running(both: tuple[WarmServer, Site]) -> WarmServer:
    return both[0]


@pytest.fixture
def site(both: tuple[WarmServer, Site]) -> Site:
    both[1].more = ""
    return both[1]


def kept(running: WarmServer) -> int:
    """How many messages the system has taken."""
    with sqlite3.connect(running.file, timeout=10) as db:
        return int(db.execute("SELECT count(*) FROM inbox").fetchone()[0])


async def visit(browser: Any, address: str, width: int, **more: Any) -> tuple[Any, list[str]]:
    """A page with everything that went wrong on it."""
    context = await browser.new_context(viewport={"width": width, "height": 740}, locale="vi-VN", **more)
    page = await context.new_page()
    problems: list[str] = []
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(address)
    return page, problems


async def shoot(page: Any, problems: list[str], name: str) -> None:
    """A picture; the inline style that Playwright puts in for it is not ours."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    count = len(problems)
    await page.screenshot(path=SHOTS / name)
    await page.evaluate("new Promise((done) => setTimeout(done, 100))")  # till what it caused was told
    del problems[count:]


async def hears(page: Any, part: str) -> None:
    await page.locator(".line.out", has_text=part).last.wait_for(timeout=20000)


async def says(page: Any, text: str) -> None:
    await page.get_by_label("Tin nhắn").fill(text)
    await page.keyboard.press("Enter")


async def is_clean(page: Any) -> None:
    """axe finds nothing (and adds no style of its own for its look); nothing scrolls sideways."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate(
        "axe.run(document, { preload: false }).then((made) => made.violations.map((v) => [v.id, v.nodes[0].html]))"
    )
    assert not found
    assert not await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), "scrolls sideways"


async def focused(page: Any) -> str:
    return str(
        await page.evaluate(
            "(() => { const at = document.querySelector('nhip-cau').shadowRoot.activeElement; return at && (at.id || at.className || at.textContent); })()"
        )
    )


@pytest.mark.browser
@pytest.mark.asyncio
@pytest.mark.parametrize("width", [360, 1280])
async def test_a_need_is_stated_on_a_page_of_another_site(
    running: WarmServer, site: Site, browser: Any, width: int
) -> None:
    page, problems = await visit(browser, site.base, width, reduced_motion="reduce", has_touch=width == 360)
    loaded: dict[str, bytes] = {}
    weighed: list[Any] = []
    page.on("response", lambda answer: weighed.append(answer))
    await page.reload()
    opener = page.get_by_role("button", name="Hỏi công nghệ")
    await opener.wait_for()
    await is_clean(page)
    await shoot(page, problems, f"widget-shut-{width}.png")
    await opener.click()
    await page.get_by_role("dialog", name="Nhịp Cầu").wait_for()
    assert await page.locator("dialog").evaluate("box => getComputedStyle(box).animationName") == "none"
    await is_clean(page)
    await shoot(page, problems, f"widget-open-{width}.png")
    await says(page, FIRST)
    await hears(page, "hoa hồi")
    assert await page.get_by_role("log").get_attribute("aria-live") == "polite"
    await page.get_by_role("button", name="Chưa biết").click()
    await hears(page, "khi nào cần")
    await is_clean(page)
    await shoot(page, problems, f"widget-talk-{width}.png")
    lines = await page.locator(".line").all_inner_texts()
    for answer in weighed:
        if answer.url.startswith(site.chat) and "/stream" not in answer.url and answer.request.method == "GET":
            loaded[answer.url] = await answer.body()
    assert {Path(url).name for url in loaded} == {"widget.js", "widget.css", "hello"}
    raw, packed = sum(map(len, loaded.values())), sum(len(gzip.compress(one)) for one in loaded.values())
    print(f"the widget loads {raw} bytes, {packed} compressed")
    assert packed < raw < HEAVIEST
    await page.reload()
    await opener.click()
    await hears(page, "khi nào cần")
    assert await page.locator(".line").all_inner_texts() == lines, "history differs after reload"
    assert not await page.context.cookies(), "no cookie is set"
    assert not problems, "nothing breaks the strict policy"


@pytest.mark.browser
@pytest.mark.asyncio
async def test_the_keyboard_alone_is_enough_and_stays_inside(running: WarmServer, site: Site, browser: Any) -> None:
    site.more = 'data-color="#ffd400" data-side="left" data-theme="dark" data-label="Hỏi Sở" data-title="Trợ lý của Sở"'
    page, problems = await visit(browser, site.base, 1280)
    opener = page.get_by_role("button", name="Hỏi Sở")
    await opener.wait_for()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    assert await focused(page) == "opener"
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog", name="Trợ lý của Sở").wait_for()
    assert await focused(page) == "text", "one can write at once"
    await is_clean(page)
    seen = []
    for _ in range(9):
        await page.keyboard.press("Tab")
        seen.append(await focused(page))
    assert seen[0] == "Gửi" and seen[1] == "shut", "after the last comes the first"
    assert "null" not in seen and len(set(seen)) == 9, "every stop once, none outside"
    await page.keyboard.press("Tab")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Escape")
    assert await focused(page) == "opener", "back where one came from"
    assert not await page.locator("dialog").is_visible()
    box = await opener.bounding_box()
    assert box["x"] < 100, "on the left, as the attribute asks"
    shades = await opener.evaluate("one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]")
    assert shades == ["rgb(255, 212, 0)", "rgb(0, 0, 0)"], "black on a light colour"
    await page.evaluate("document.documentElement.style.setProperty('--nhipcau-bottom', '120px')")
    assert (await opener.bounding_box())["y"] < box["y"] - 50, "a variable of the page moves it"
    await shoot(page, problems, "widget-themed-1280.png")
    assert not problems


@pytest.mark.browser
@pytest.mark.asyncio
async def test_nothing_typed_is_lost_on_a_bad_network(running: WarmServer, site: Site, browser: Any) -> None:
    page, _ = await visit(browser, site.base, 360)
    before = kept(running)
    opener = page.get_by_role("button", name="Hỏi công nghệ")
    await opener.click()
    await says(page, "chào em")
    await hears(page, "")
    running.kill()
    await says(page, FIRST)
    await page.locator(".state", has_text="chập chờn").wait_for(timeout=15000)
    await page.get_by_label("Tin nhắn").fill("nháp chưa gửi")
    assert await page.locator(".line.waiting").all_inner_texts() == [FIRST]
    lost = []  # the answer to a kept message gets lost on its way as well

    async def cut(route: Any) -> None:
        if not lost:
            lost.append(await route.fetch())
            return await route.abort()
        return await route.continue_()

    await page.route("**/widget/say", cut)
    running.start()
    await hears(page, "hoa hồi")
    await eventually(lambda: lost, 5)
    await page.reload()
    await opener.click()
    await hears(page, "hoa hồi")
    assert await page.get_by_label("Tin nhắn").input_value() == "nháp chưa gửi"
    assert kept(running) == before + 2, "each message was taken once"
    await page.route("**/widget/say", lambda route: route.abort())  # left with a message on its way
    await says(page, "mấy giờ làm việc?")
    await page.unroute("**/widget/say")
    await page.goto("about:blank")
    await page.goto(site.base)
    await opener.click()
    await hears(page, "07:30")
    assert await page.locator(".line.waiting").count() == 0


@pytest.mark.browser
@pytest.mark.asyncio
async def test_a_picture_goes_with_the_need(running: WarmServer, site: Site, browser: Any, tmp_path: Path) -> None:
    one = tmp_path / "moc.jpg"
    one.write_bytes(pictures.jpeg(2))
    page, problems = await visit(browser, site.base, 360)
    await page.get_by_role("button", name="Hỏi công nghệ").click()
    await page.get_by_label("Gửi ảnh").set_input_files(one)
    await hears(page, "1 ảnh")
    extras = {
        "files": [{"label": "Sơ đồ", "name": "so-do.png", "mime": "image/png", "url": "http://elsewhere/tep/a?k=1"}],
        "gathering": {"uid": "e", "title": "Hội thảo", "start": "2027-01-05T01:00:00+00:00", "url": "/lich/e.ics"},
    }
    with sqlite3.connect(running.file, timeout=10) as db:
        db.execute(
            "INSERT INTO outbox (kind, person_id, address_id, dedupe_key, text, choices, quotes, extras, state, run_at,"
            " attempt, created_at) SELECT 'reply', person_id, address_id, 'reply:9999', ?, '[]', '[]', ?, 'waiting',"
            " run_at, 0, created_at FROM outbox ORDER BY id DESC LIMIT 1",
            ("Xem https://so.example/tin (trang mẫu).", json.dumps(extras)),
        )
    await hears(page, "trang mẫu")
    links = page.locator(".line.out", has_text="trang mẫu").locator("a")
    found = {await one.inner_text(): await one.get_attribute("href") for one in await links.all()}
    assert found == {
        "https://so.example/tin": "https://so.example/tin",
        "Xem ảnh: Sơ đồ": f"{running.base}/tep/a?k=1",
        "Thêm vào lịch": f"{running.base}/lich/e.ics",
    }
    await is_clean(page)
    await shoot(page, problems, "widget-links-360.png")
    assert not problems


@pytest.mark.browser
@pytest.mark.asyncio
async def test_a_strange_site_is_told_where_to_go(running: WarmServer, browser: Any) -> None:
    other, before = Site(), kept(running)
    other.chat = running.base
    page, problems = await visit(browser, other.base, 360)
    await page.get_by_role("button", name="Hỏi công nghệ").click()
    await page.get_by_text("chưa được phép").wait_for()
    link = page.get_by_role("link", name="Mở trang trò chuyện")
    assert await link.get_attribute("href") == running.base + "/"
    await is_clean(page)
    await shoot(page, problems, "widget-strange-360.png")
    assert kept(running) == before
    other.server.shutdown()


def ask(base: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, Any, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urlopen(Request(base + path, body, named, method=method), timeout=10) as answer:
            return int(answer.status), answer.headers, answer.read()
    except HTTPError as error:
        return error.code, error.headers, error.read()


def test_who_may_and_who_may_not(running: WarmServer, site: Site) -> None:
    base, said = running.base, json.dumps({"text": "x", "id": "aaaaaaaaaa"}).encode()
    status, headers, body = ask(base, "/widget/hello", Origin=site.base)
    told = json.loads(body)
    assert status == 200 and told["allowed"] and headers["Access-Control-Allow-Origin"] == site.base
    assert headers["Vary"] == "Origin" and "Access-Control-Allow-Credentials" not in headers
    mine = f"Bearer {told['visitor']}"
    assert json.loads(ask(base, "/widget/hello", Origin=running.base)[2])["allowed"], "our own pages may"
    for origin in ("http://strange.example", "null", site.base + "0", "https" + site.base[4:]):
        assert not json.loads(ask(base, "/widget/hello", Origin=origin)[2])["allowed"]
        assert ask(base, "/widget/say", "POST", said, Origin=origin, Authorization=mine)[0] == 403
        assert ask(base, "/widget/file?id=aaaaaaaaaa", "POST", b"x", Origin=origin, Authorization=mine)[0] == 403
        assert ask(base, "/widget/stream", Origin=origin, Authorization=mine)[0] == 403
        assert "Access-Control-Allow-Headers" not in ask(base, "/widget/say", "OPTIONS", Origin=origin)[1]
    crossed = {"Authorization": mine, "Sec_Fetch_Site": "cross-site"}
    assert ask(base, "/widget/say", "POST", said, **crossed)[0] == 403, "another site without a name"
    for wrong in ("", "Bearer", "Bearer <script>", "Basic " + told["visitor"], "Bearer " + "x" * 500):
        assert ask(base, "/widget/say", "POST", said, Origin=site.base, Authorization=wrong)[0] == 403
        assert ask(base, "/widget/stream", Origin=site.base, Authorization=wrong)[0] == 403
    for nonsense in (b"{", b"[" * 9000):
        assert ask(base, "/widget/say", "POST", nonsense, Origin=site.base, Authorization=mine)[0] == 400
    assert ask(base, "/widget/file?id=<", "POST", b"x", Origin=site.base, Authorization=mine)[0] == 400
    status, headers, body = ask(base, "/widget/file?id=aaaaaaaaaa", "POST", b"x", Origin=site.base, Authorization=mine)
    assert status == 415 and headers["Access-Control-Allow-Origin"] == site.base, "the page can read the reason"
    assert ask(base, "/widget/say", "POST", said, Origin=site.base, Authorization=mine)[0] == 202


def test_a_wrong_origin_in_the_settings_is_named() -> None:
    for wrong in ("*", "skhcn.example", "https://skhcn.example/", "https://a.example https://b.example/x"):
        with pytest.raises(BadSetting, match="NHIPCAU_WIDGET_ORIGINS"):
            read_settings(widget_origins=wrong)
    assert read_settings(widget_origins="https://A.example, http://b:81").widget_sites == {
        "https://a.example",
        "http://b:81",
    }
