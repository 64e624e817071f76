"""Minds in a running system: an outside server with its failures, our own endpoint, a newer model, officers' answers."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from bot.channels.parse_web import add_parse
from bot.learn import Learner
from bot.outside import OutsideMind
from bot.receive import Receiver
from bot.teach import add_examples, evaluate, import_rasa, lesson_of
from bot.wiring import System, places, terms
from config.settings import HOME, Settings
from conversation.message import Message
from knowledge.files import ROOT
from knowledge.library import load
from nlu import weights as files
from nlu.current import Current, point_to
from nlu.evaluate import read_cases
from nlu.lesson import lesson
from nlu.model import Model
from nlu.rasa import export
from nlu.understanding import Context, Understanding
from storage.tables import answer

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Callable[[Answer], Awaitable[str]]]:
    """Starts a server on this machine that answers /model/parse; gives its address."""
    runners: list[web.AppRunner] = []

    async def start(answer: Answer) -> str:
        app = web.Application()
        app.router.add_post("/model/parse", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        runners.append(runner)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.mark.asyncio
async def test_acts_come_from_the_server_and_entities_from_us(
    mind: Model, serve: Callable[[Answer], Awaitable[str]]
) -> None:
    asked: list[str] = []

    async def parse(request: web.Request) -> web.Response:
        asked.append((await request.json())["text"])
        return web.json_response(
            {
                "intent": {"name": "see_offers", "confidence": 0.97},
                "intent_ranking": [{"name": "greet", "confidence": 0.02}],
            }
        )

    outside = OutsideMind(await serve(parse), mind)
    text = "nhà em cần máy sấy hồi 500kg mỗi mẻ"
    await outside.ahead([text, text, " "])
    said = outside.understand(text, Context(), NOW)
    assert asked == [text]
    assert (said.act, said.confidence, said.sure) == ("see_offers", 0.97, True)
    assert said.entities == mind.understand(text, Context(), NOW).entities != {}
    assert [guess.act for guess in said.alternatives] == ["greet"]
    assert outside.understand("chào em", Context(), NOW) == mind.understand(
        "chào em", Context(), NOW
    )  # not asked ahead
    await outside.close()


async def _late(_: web.Request) -> web.Response:
    await asyncio.sleep(5)
    return web.json_response({})


async def _broken(_: web.Request) -> web.Response:
    return web.Response(status=500)


async def _odd(_: web.Request) -> web.Response:
    return web.Response(text="<html>")


@pytest.mark.asyncio
@pytest.mark.parametrize("parse", [_late, _broken, _odd])
async def test_a_failing_server_costs_little_and_nothing_is_lost(
    mind: Model, serve: Callable[[Answer], Awaitable[str]], parse: Answer
) -> None:
    outside = OutsideMind(await serve(parse), mind, patience=0.3)
    clock = asyncio.get_running_loop().time
    began = clock()
    await outside.ahead(["cho gặp cán bộ"])
    assert clock() - began < 2
    assert outside.understand("cho gặp cán bộ", Context(), NOW).act == "talk_to_officer"
    began = clock()
    await outside.ahead(["chào em"])  # the server rests after a failure
    assert clock() - began < 0.2
    await outside.close()


@pytest.mark.asyncio
async def test_nobody_listens(mind: Model) -> None:
    outside = OutsideMind("http://127.0.0.1:9", mind, patience=0.5)
    await outside.ahead(["cho gặp cán bộ"])
    assert outside.understand("cho gặp cán bộ", Context(), NOW).act == "talk_to_officer"
    await outside.close()


@pytest.mark.asyncio
async def test_a_turn_is_read_by_the_server_while_the_loop_goes_on(
    system: System, mind: Model, serve: Callable[[Answer], Awaitable[str]]
) -> None:
    ticks = 0

    async def parse(_: web.Request) -> web.Response:
        await asyncio.sleep(0.5)
        return web.json_response({"intent": {"name": "talk_to_officer", "confidence": 0.99}})

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.02)
            ticks += 1

    outside = OutsideMind(await serve(parse), mind)
    receiver = Receiver(system.database, system.office.__class__(**{**vars(system.office), "mind": outside}))
    await receiver.store(Message("terminal", "", "1", "nguoi", "thời tiết thế nào", NOW), NOW)
    ticking = asyncio.create_task(tick())
    assert await receiver.take_ready(NOW) <= 1
    ready = datetime(2026, 11, 24, 2, 1, tzinfo=UTC)
    await receiver.take_ready(ready)
    ticking.cancel()
    assert ticks > 8
    async with system.database.read() as db:
        from sqlalchemy import select

        from storage.tables import outbox

        texts = [row.text for row in (await db.execute(select(outbox))).all()]
    assert any("cán bộ" in text.lower() for text in texts)
    await outside.close()


def test_our_own_endpoint(mind: Model) -> None:
    app = FastAPI()
    add_parse(app, mind)
    client = TestClient(app)
    reply = client.post("/model/parse", json={"text": "cho gặp cán bộ", "message_id": "m1"}).json()
    assert reply["intent"]["name"] == "talk_to_officer"
    assert reply["message_id"] == "m1"
    assert len(reply["intent_ranking"]) >= 4
    assert client.post("/model/parse", content=b"no json").status_code == 400
    assert client.post("/model/parse", json={"text": 5}).status_code == 400
    assert client.post("/model/parse", content=b"x" * 70_000).status_code == 413


def test_a_newer_model_is_taken_up_whole_or_not_at_all(mind: Model, tmp_path: Path) -> None:
    held = Current(mind, tmp_path, places(), terms())
    assert not held.refresh()
    newer = "n" * 24
    point_to(tmp_path, newer)
    assert not held.refresh()  # the file is not there
    (tmp_path / f"{newer}.npz").write_bytes(b"half a file")
    assert not held.refresh()
    about = {**mind.weights.about, "digest": newer}
    files.write(tmp_path / f"{newer}.npz", files.Weights(**{**vars(mind.weights), "about": {**about, "version": "1"}}))
    assert not held.refresh()  # learnt in a way of before an upgrade
    files.write(tmp_path / f"{newer}.npz", files.Weights(**{**vars(mind.weights), "about": about}))
    assert held.refresh()
    assert held.model.digest == newer
    assert held.understand("chào em", Context(), NOW) == mind.understand("chào em", Context(), NOW)
    assert not held.refresh()


@pytest.mark.asyncio
async def test_a_fresh_database_teaches_what_is_shipped(system: System, seeded: str) -> None:
    assert (await lesson_of(seeded)).digest == lesson(load()).digest


@pytest.mark.asyncio
async def test_changed_answers_are_seen_by_the_learner(system: System, seeded: str) -> None:
    started: list[str] = []

    class Watched(Learner):
        async def _train(self, digest: str) -> None:
            started.append(digest)

    learner = Watched(system, Settings(), may_train=True)
    await learner.step()
    await asyncio.sleep(0)
    assert started == []
    async with system.database.write() as db:
        await db.execute(
            update(answer).where(answer.c.id == "faq-001").values(examples=["một cách hỏi mới của cán bộ"])
        )
    await learner.step()
    await asyncio.sleep(0)
    assert len(started) == 1
    assert started[0] == (await lesson_of(seeded)).digest


class Worse:
    """The model with one answer in five read wrongly: a planted regression."""

    def __init__(self, mind: Model) -> None:
        self.mind, self.count = mind, 0

    def understand(self, text: str, context: Context, at: datetime) -> Understanding:
        self.count += 1
        said = self.mind.understand(text, context, at)
        return said if self.count % 5 else Understanding(text, "greet", 0.99, True)


def test_the_gate_lets_the_model_pass_and_refuses_a_worse_one(mind: Model) -> None:
    quiet: list[str] = []
    assert evaluate(mind, None, NOW, quiet.append)["broken"] == []
    broken = evaluate(Worse(mind), None, NOW, quiet.append)["broken"]
    assert any(words.startswith("accuracy") for words in broken)
    assert any("sure.wrong" in words for words in broken)
    assert len(read_cases(HOME / "tests" / "golden").rows) > 2000


def test_examples_from_rasa_join_the_knowledge(tmp_path: Path) -> None:
    for name in ("acts", "answers"):
        shutil.copytree(ROOT / name, tmp_path / "knowledge" / name)
    export(lesson(load()), tmp_path / "rasa")
    told = import_rasa(tmp_path / "rasa", tmp_path / "knowledge")
    assert told["unknown"] == {}
    assert told["added"] <= told["intents"] * 12  # templates come back filled in; nothing else is new
    text = "nlu:\n- intent: ask_policy.faq-001\n  examples: |\n    - một câu hoàn toàn mới về bước đầu\n- intent: order_pizza\n  examples: |\n    - cho một cái bánh\n"
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "nlu.yml").write_text(text, encoding="utf-8")
    assert import_rasa(tmp_path / "more", tmp_path / "knowledge") == {
        "added": 1,
        "intents": 1,
        "unknown": {"order_pizza": 1},
    }
    file = tmp_path / "knowledge" / "answers" / "faq-001.yaml"
    assert "một câu hoàn toàn mới về bước đầu" in file.read_text(encoding="utf-8")
    assert add_examples(file, ["Một câu hoàn toàn mới về bước đầu!"]) == 0


def test_json_lines(mind: Model) -> None:
    from bot.teach import read_line

    record = read_line(mind, "quỹ natif còn mở không", Context(), NOW)
    assert set(record) == {"text", "act", "confidence", "sure", "answer", "programme", "alternatives", "entities"}
    assert len(record["alternatives"]) >= 4
    json.dumps(record, ensure_ascii=False)
    assert "error" in read_line(mind, "  ", Context(), NOW)
