"""One person on Telegram and on the page of a running system: linked with consent, answered where they ask, parted."""

import json
import re
import time
from http.cookiejar import CookieJar
from typing import Any
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.bot.conftest import Running


class Page:
    """A visitor of the web chat, over HTTP: the stream is read as a browser does."""

    def __init__(self, base: str) -> None:
        self.base, self.count, self.last = base, 0, 0
        self.visitor = build_opener(HTTPCookieProcessor(CookieJar()))
        self.visitor.open(base + "/").read()

    def say(self, text: str, button: bool = False) -> None:
        self.count += 1
        body = json.dumps({"text": text, "id": f"visit-{self.count:05d}", "button": button}).encode()
        self.visitor.open(Request(self.base + "/say", body, {"Content-Type": "application/json"}), timeout=10)

    def lines(self, seconds: float = 20.0) -> list[str]:
        """What is said to the visitor next; empty when nothing is in time."""
        end = time.monotonic() + seconds
        try:
            with self.visitor.open(f"{self.base}/stream?after={self.last}", timeout=seconds) as stream:
                while time.monotonic() < end:
                    line = stream.readline().decode()
                    if line.startswith("id: "):
                        self.last = int(line[4:])
                    elif line.startswith("data: "):
                        said = json.loads(line[6:])
                        if said["direction"] == "out":
                            return [said["text"]]
        except TimeoutError:
            return []
        return []

    def asks(self, text: str, button: bool = False) -> str:
        self.say(text, button)
        found = self.lines()
        assert found, f"no answer to {text}"
        return found[0]


def test_linked_with_consent_answered_where_they_ask_parted_again(polling: Running) -> None:
    lan, page = polling.lan(), Page(polling.server.base)
    shown = lan.asks("liên kết")["text"]
    code = re.search(r"\b\d{6}\b", shown)
    assert code, shown
    asked = page.asks(f"liên kết {code.group()}")
    assert "hai kênh là một" in asked and "hỏng thì em nhắn sang kênh kia" in asked
    assert _consents(polling, lan.id) == [], "nothing before a yes"
    assert "Đã liên kết với Telegram" in page.asks("Đồng ý liên kết", button=True)
    assert "vừa liên kết với trang web" in lan.hear()["text"], "the other channel hears of it"
    assert _consents(polling, lan.id) == [("lien-ket-1", None)]

    assert "măng" in lan.asks("nhà em làm măng khô, hay bị mốc, cần máy sấy")["text"].lower()
    assert "(4/9)" in page.asks("20 tấn/năm"), "the form begun on Telegram goes on on the page"
    lan.silence(2.0)
    lan.asks("chưa biết")
    assert page.lines(2.0) == [], "and the other way round"

    page.asks("bỏ liên kết")
    assert "Đã tách kênh này" in page.asks("Đồng ý tách", button=True)
    (consent,) = _consents(polling, lan.id)
    assert consent[1] is not None, "the consent ends with the link"
    assert "(4/9)" not in page.asks("phiếu của tôi đến đâu rồi"), "the form stays with Telegram"


def _consents(polling: Running, chat: int) -> list[tuple[Any, ...]]:
    """(wording, when it was withdrawn) of the consents to a link."""
    whose = "SELECT person_id FROM address WHERE channel = 'telegram' AND external_id = ?"
    query = f"SELECT wording, withdrawn_at FROM consent WHERE purpose = 'link' AND person_id = ({whose})"
    return polling.rows(query, str(chat))
