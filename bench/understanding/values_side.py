"""Duckling and dateparser in an interpreter of their own: reads (kind, text) rows, writes what each of them reads."""

import json
import struct
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

ZONE = "Asia/Ho_Chi_Minh"
DIMENSIONS = {"numbers": "number", "money": "amount-of-money", "dates": "time"}


def zone_files(folder: Path) -> None:
    """One zone in the old form of zone files: Duckling's library cannot read the new one."""
    head = b"TZif\0" + b"\0" * 15 + struct.pack(">6l", 1, 1, 0, 1, 1, 4)
    (folder / "Asia").mkdir(parents=True, exist_ok=True)
    (folder / ZONE).write_bytes(
        head + struct.pack(">l", -(2**31)) + b"\0" + struct.pack(">lbB", 25200, 0, 0) + b"+07\0\0\0"
    )


def duckling(texts: list[tuple[str, str]], today: datetime, folder: Path) -> list[Any]:
    """The value of the longest match of the kind that is asked for."""
    import pendulum
    from duckling import (
        Context,
        default_locale_lang,
        load_time_zones,
        parse,
        parse_dimensions,
        parse_lang,
        parse_ref_time,
    )

    zone_files(folder)
    moment = int(pendulum.instance(today, tz=ZONE).timestamp())
    around = Context(parse_ref_time(load_time_zones(str(folder)), ZONE, moment), default_locale_lang(parse_lang("VI")))
    found: list[Any] = []
    for kind, text in texts:
        rows = parse(text, around, parse_dimensions([DIMENSIONS[kind]]), False)
        best = max(rows, key=lambda row: row["end"] - row["start"], default=None)
        value = best["value"] if best else {}
        value = value.get("value") or value.get("from", {}).get("value")
        found.append(value[:10] if isinstance(value, str) else value)
    return found


def dates(texts: list[tuple[str, str]], today: datetime) -> list[Any]:
    """The day that dateparser reads, told to prefer days to come."""
    import dateparser

    around = {
        "RELATIVE_BASE": today,
        "PREFER_DATES_FROM": "future",
        "PREFER_DAY_OF_MONTH": "first",
        "DATE_ORDER": "DMY",
    }
    found: list[Any] = []
    for kind, text in texts:
        day = dateparser.parse(text, languages=["vi"], settings=around) if kind == "dates" else None
        found.append(day.date().isoformat() if day else None)
    return found


def main() -> None:
    """values_side.py TEXTS RESULT DAY FOLDER"""
    source, target, day, folder = sys.argv[1:5]
    texts = json.loads(Path(source).read_text(encoding="utf-8"))
    today = datetime.fromisoformat(f"{day}T09:00:00")
    read = {"Duckling": duckling(texts, today, Path(folder) / "zones"), "dateparser": dates(texts, today)}
    Path(target).write_text(json.dumps(read), encoding="utf-8")


if __name__ == "__main__":
    main()
