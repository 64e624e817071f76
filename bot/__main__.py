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
from knowledge.files import BadKnowledge
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


Around = Annotated[str, typer.Option("--context", help='{"question": …, "programme": …}')]


@contextlib.contextmanager
def plainly() -> Iterator[Settings]:
    """`told`, with the problems of teaching and measuring."""
    from bot.teach import BadContext
    from nlu.evaluate import BadCases
    from nlu.rasa import BadRasa

    with told() as settings:
        try:
            yield settings
        except BadContext as error:
            raise typer.BadParameter(str(error)) from error
        except (BadCases, BadRasa) as error:
            sys.stderr.write(f"nhipcau: {error}\n")
            raise typer.Exit(1) from error


@app.command()
def understand(at: At = None, database: Url = None, as_json: Json = False, context: Around = "{}") -> None:
    """Read messages from standard input, print what is understood."""
    from bot.teach import mind_of, read_context, read_line

    with plainly() as settings:
        around, now = read_context(context), instant(at)
        mind = mind_of(settings, database, _say)
        for line in _records():
            _print(read_line(mind, line, around, now))


@app.command()
def train(database: Url = None, as_json: Json = False) -> None:
    """Teach the model what is shipped (or what a database holds) and put it to use; tell its figures."""
    from bot import teach

    with plainly() as settings:
        _print(asyncio.run(teach.train(settings, database, _say)))


@app.command()
def evaluate(
    golden: Annotated[Path | None, typer.Option(help="folder of held-out phrasings")] = None,
    gate: Annotated[bool, typer.Option("--gate", help="end with status 1 when a floor is broken")] = False,
    at: At = None,
    database: Url = None,
    as_json: Json = False,
) -> None:
    """Measure understanding on held-out phrasings."""
    from bot import teach

    with plainly() as settings:
        figures = teach.evaluate(teach.mind_of(settings, database, _say), golden, instant(at), _say)
        _print(figures)
        if gate and figures["broken"]:
            raise typer.Exit(1)


@app.command()
def explain(text: str, at: At = None, context: Around = "{}", as_json: Json = False) -> None:
    """Tell why a message is read as it is."""
    from bot import teach

    with plainly() as settings:
        around = teach.read_context(context)
        _print(teach.why(teach.mind_of(settings, None, _say), text, around, instant(at)))


@app.command()
def export(what: Annotated[str, typer.Argument(help="rasa")], folder: Path, database: Url = None) -> None:
    """Write what is taught as training files of Rasa."""
    from bot import teach

    with plainly() as settings:
        if what != "rasa":
            raise typer.BadParameter("only rasa can be exported to")
        _print(asyncio.run(teach.export_rasa(settings, folder, database)))


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


@app.command("list-needs")
def list_needs_(
    file: Annotated[Path, typer.Argument(help="the .xlsx or .csv to write")],
    unserved: Annotated[bool, typer.Option("--unserved", help="only needs that no offer serves")] = False,
    database: Url = None,
) -> None:
    """Write the standing needs in the layout of a province's need list, without any contact."""
    from bot.exchange import list_needs

    with plainly() as settings:
        print(asyncio.run(list_needs(settings, file, database, unserved)))


@app.command()
def clusters(
    draft: Annotated[str | None, typer.Option(help="make drafts for this cluster")] = None,
    at: At = None,
    database: Url = None,
    as_json: Json = False,
) -> None:
    """Print like needs that suggest a workshop; with --draft make event, invitation and audience as drafts."""
    from bot.needs import like_needs

    with plainly() as settings:
        for row in asyncio.run(like_needs(settings, draft, database, instant(at))):
            _print(row)


TABLES = (".xlsx", ".csv", ".tsv")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="a YAML file of offers or events; or the word rasa")],
    folder: Annotated[Path | None, typer.Argument(help="after rasa: the folder of training files")] = None,
    kind: Annotated[str, typer.Option(help="offers or events")] = "offers",
    look: Annotated[bool, typer.Option("--look", help="a table of offers: preview only")] = False,
    into: Annotated[Path | None, typer.Option(help="after rasa: knowledge folder that takes the examples")] = None,
    database: Url = None,
) -> None:
    """Bring offers or events from a YAML file, offers from XLSX or CSV, all rows or none; or examples from Rasa."""
    from bot import teach
    from bot.needs import bring

    with plainly() as settings:
        if file.suffix.lower() in TABLES:
            from bot.exchange import bring_table

            if not asyncio.run(bring_table(settings, file, database, look, print)):
                raise typer.Exit(1)
        elif str(file) != "rasa":
            print(asyncio.run(bring(settings, file, kind, database)))
        elif folder is None:
            raise typer.BadParameter("import rasa FOLDER")
        else:
            _print(teach.import_rasa(folder, into))


@app.command()
def doctor(
    channel: Annotated[
        str | None, typer.Argument(help="zalo: lead through the consent of its Official Account")
    ] = None,
) -> None:
    """Check settings, database, channels and model; say how to mend each."""
    from bot.doctor import examine

    if channel not in (None, "zalo"):
        raise typer.BadParameter("only zalo has a consent to lead through")
    with told() as settings:
        if channel is not None:
            from bot.channels.zalo.consent import walk

            if not asyncio.run(walk(settings, print, _enter)):
                raise typer.Exit(1)
            return
        if not asyncio.run(examine(settings)):
            raise typer.Exit(1)


def _enter(words: str) -> str:
    try:
        return input(words)
    except EOFError:
        return ""


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
