"""Reads YAML files of records; a mistake is told with its file and line."""

import unicodedata
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

ROOT = Path(__file__).parent
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Noun = TypeVar("Noun", bound=BaseModel)


class BadKnowledge(Exception):
    """A knowledge file is wrong; the message names file, line and what is wrong."""


def read_yaml(file: Path) -> tuple[Any, yaml.Node | None]:
    try:
        text = file.read_text(encoding="utf-8")
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
        return yaml.load(text, Loader=Loader), yaml.compose(text, Loader=Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise BadKnowledge(f"{file.name}{line}: not readable YAML: {getattr(error, 'problem', error)}") from error
    except OSError as error:
        raise BadKnowledge(f"{file}: cannot be read: {error.strerror}") from error


def _line(node: yaml.Node | None, path: tuple[Any, ...]) -> int:
    """The line on which the value at this path stands (the nearest one that exists)."""
    line = node.start_mark.line + 1 if node is not None else 1
    for step in path:
        below: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            below = next((value for key, value in node.value if key.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            below = node.value[step]
        if below is None:
            break
        node, line = below, below.start_mark.line + 1
    return line


def _check(model: type[Noun], value: Any, file: Path, node: yaml.Node | None, path: tuple[Any, ...] = ()) -> Noun:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = _line(node, (*path, *first["loc"]))
        name = ".".join(str(step) for step in first["loc"]) or "record"
        raise BadKnowledge(f"{file.name}:{where}: {name}: {first['msg']}") from error


def read_one(model: type[Noun], file: Path) -> Noun:
    """A file that holds one record."""
    value, node = read_yaml(file)
    return _check(model, value, file, node)


def read_rows(model: type[Noun], file: Path, key: str | None) -> list[Noun]:
    """A file that holds a list of records, at the top or under `key`."""
    value, node = read_yaml(file)
    rows, path = value, ()
    if isinstance(value, dict) and key in value:
        rows, path = value[key], (key,)  # type: ignore[assignment]
    if not isinstance(rows, list):
        raise BadKnowledge(f"{file.name}:1: a list of records is needed" + (f" under {key}:" if key else ""))
    return [_check(model, row, file, node, (*path, index)) for index, row in enumerate(rows)]
