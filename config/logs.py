"""How the program logs: one line an event, UTC, a plain traceback without the values of variables."""

import structlog


def configure() -> None:
    """Sets up structlog; what people wrote, their numbers and the secrets never stand in a traceback. May be called again."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ],
        cache_logger_on_first_use=True,
    )
