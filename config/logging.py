"""The log: structured lines on standard error without message texts, phone numbers or tokens."""

import logging
import re
import sys
from typing import Any

import structlog

TOKEN = re.compile(r"\b\d{6,12}:[A-Za-z0-9_-]{30,}\b")
PHONE = re.compile(r"(?<![\w-])(?:\+?84|0)(?:[ .-]?\d){8,10}(?!\w)")


def mask(text: str) -> str:
    """The text with tokens and phone numbers blanked."""
    return PHONE.sub("[phone]", TOKEN.sub("[token]", text))


def _masked(_: Any, __: str, event: Any) -> Any:
    return {
        key: mask(value) if isinstance(value, str) and key != "timestamp" else value for key, value in event.items()
    }


def begin_logging(level: str, plain: bool = True) -> None:
    """Sets the log up once; `plain` lines are for people, else JSON."""
    number = logging.getLevelName(level.upper())
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr, format="%(message)s", force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _masked,
            structlog.dev.ConsoleRenderer(colors=False) if plain else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
