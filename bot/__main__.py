"""The command line `nhipcau`."""

import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import chat as talking
from config.logging import begin_logging
from config.settings import BadSetting, Settings, read_settings, unknown_names
from domain.worktime import ZONE
from knowledge.library import BadKnowledge
from storage.database import Unreadable
from storage.migrate import TooNew

app = typer.Typer(help="Nhịp Cầu: trợ lý công nghệ cho doanh nghiệp nhỏ.", no_args_is_help=True, add_completion=False)
Url = Annotated[str | None, typer.Option("--database", help="sqlite:////path/file.db or postgresql://…")]
At = Annotated[str | None, typer.Option("--at", help="the business instant, ISO with zone; default now")]
Json = Annotated[bool, typer.Option("--json", help="JSON lines")]


@contextlib.contextmanager
def told() -> Iterator[Settings]:
    """The settings; every expected problem ends in one clear line with status 1."""
    try:
        settings = read_settings()
        for name in unknown_names():
            sys.stderr.write(f"nhipcau: {name} is not a setting and has no effect ('nhipcau doctor' lists them all)\n")
        begin_logging(settings.log_level)
        yield settings
    except (BadSetting, BadKnowledge, Unreadable, TooNew) as error:
        sys.stderr.write(f"nhipcau: {error}\n")
        raise typer.Exit(1) from error
    except BrokenPipeError as error:  # the reader of our output has gone; nothing is lost
        sys.stdout = None
        raise typer.Exit(0) from error
    except OSError as error:
        full = "the disk is full; free some space" if error.errno == 28 else f"{error.strerror or error}"
        sys.stderr.write(f"nhipcau: {full} ({error.filename or 'no file'})\n")
        raise typer.Exit(1) from error


def instant(said: str | None) -> datetime:
    """The instant of --at; without a zone it is Việt Nam's."""
    if said is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(said)
    except ValueError as error:
        raise typer.BadParameter("--at must be like 2026-11-24T08:00:00+07:00") from error
    return (at if at.tzinfo else at.replace(tzinfo=ZONE)).astimezone(UTC)


def _say(text: str) -> None:
    sys.stderr.write(f"[nhipcau] {text}\n")
    sys.stderr.flush()


@app.command()
def run(only: Annotated[str | None, typer.Option(help="receive, deliver or tick")] = None) -> None:
    """Start everything: web chat, receiving, delivering, due things, the watch on the shared database."""
    from bot.run import PARTS, PortTaken, serve
    from console.opening import open_console

    if only is not None and only not in PARTS:
        raise typer.BadParameter(f"--only must be one of {', '.join(PARTS)}")
    with told() as settings:
        try:
            asyncio.run(serve(settings, only, _say, open_console))
        except PortTaken as error:
            sys.stderr.write(f"nhipcau: {error}\n")
            raise typer.Exit(1) from error


@app.command()
def prepare() -> None:
    """Build the understanding model if none fits."""
    from bot.wiring import build_mind

    with told() as settings:
        build_mind(settings.data_dir / "model", _say)


@app.command()
def chat(person: str = "toi", database: Url = None, at: At = None, as_json: Json = False) -> None:
    """Talk in the terminal; with --json speak the line protocol."""
    from bot.wiring import open_system

    now = instant(at)

    async def go(settings: Settings) -> None:
        system = await open_system(settings, database, samples=database is None and settings.samples, say=_say)
        try:
            if as_json:
                await talking.chat_json(system, person, now)
            else:
                await talking.chat_terminal(system, person, now if at else None)
        finally:
            await system.database.close()

    with told() as settings:
        asyncio.run(go(settings))


def _records() -> Iterator[str]:
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace").rstrip("\r\n")


def _print(record: Any) -> None:
    sys.stdout.buffer.write(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


@app.command()
def understand(
    at: At = None,
    database: Url = None,
    as_json: Json = False,
    context: Annotated[str, typer.Option(help='{"question": …, "programme": …}')] = "{}",
) -> None:
    """Read messages from standard input, print what is understood."""
    from bot.wiring import build_mind
    from nlu.understanding import Context

    with told() as settings:
        try:
            held = json.loads(context)
            around = Context(held.get("question"), held.get("programme"))
        except (ValueError, AttributeError) as error:
            raise typer.BadParameter("--context must be a JSON object") from error
        mind, now = build_mind(settings.data_dir / "model", _say), instant(at)
        for line in _records():
            if line.strip():
                _print(mind.understand(line, around, now).as_json())
            else:
                _print({"error": "dòng trống"})


@app.command()
def match(
    offers: Annotated[Path | None, typer.Option(help="YAML of offers instead of the catalogue")] = None,
    database: Url = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Read needs from standard input, print fitting offers."""
    from bot.needs import Bench

    with told() as settings:
        bench = asyncio.run(Bench.open(settings, offers, database, instant(at)))
        for line in _records():
            try:
                _print(bench.match(line))
            except ValueError as error:
                _print({"error": str(error)})


@app.command()
def programmes(database: Url = None, at: At = None, as_json: Json = False) -> None:
    """Read profiles from standard input, print which support programmes fit and why."""
    from bot.programmes import Bench

    with told() as settings:
        bench = asyncio.run(Bench.open(settings, database, instant(at)))
        for line in _records():
            try:
                _print(bench.find(line))
            except ValueError as error:
                _print({"error": str(error)})


@app.command()
def migrate(database: Url = None) -> None:
    """Bring the database to the newest tables (after a backup copy)."""
    from storage.database import Database
    from storage.migrate import migrate as bring

    async def go(url: str) -> str:
        held = Database(url)
        try:
            return await bring(held)
        finally:
            await held.close()

    with told() as settings:
        print(asyncio.run(go(database or settings.database)))


@app.command("import")
def import_(
    file: Path, kind: Annotated[str, typer.Option(help="offers or events")] = "offers", database: Url = None
) -> None:
    """Bring offers or events from a YAML file into the database; all rows or none."""
    from bot.needs import bring

    with told() as settings:
        print(asyncio.run(bring(settings, file, kind, database)))


@app.command()
def doctor() -> None:
    """Check settings, database, channels and model; say how to mend each."""
    from bot.doctor import examine

    with told() as settings:
        if not asyncio.run(examine(settings)):
            raise typer.Exit(1)


@app.command()
def demo() -> None:
    """Play one short real conversation over a running system of its own, then stop."""
    from bot.demo import play

    with told() as settings, tempfile.TemporaryDirectory(prefix="nhipcau-demo-") as folder:
        if not asyncio.run(play(settings, Path(folder))):
            raise typer.Exit(1)


def main() -> None:
    """The entry point of the command."""
    app()


if __name__ == "__main__":
    main()
