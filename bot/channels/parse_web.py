"""Our understanding for other programs: POST /model/parse in the shape of Rasa's."""

import json
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from nlu.rasa import as_parse
from nlu.understanding import Context, Mind

PATH = "/model/parse"
MOST_BYTES = 64_000


def add_parse(app: FastAPI, mind: Mind) -> None:
    """Adds the endpoint; it keeps nothing and writes nothing down."""

    @app.post(PATH)
    async def parse(request: Request) -> JSONResponse:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return JSONResponse({"error": "the text is too long"}, 413)
        try:
            held: Any = json.loads(body)
            text, context = held["text"], _context(held.get("context"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return JSONResponse({"error": 'send JSON like {"text": "…"}'}, 400)
        if not isinstance(text, str):
            return JSONResponse({"error": "text must be a string"}, 400)
        said = as_parse(mind.understand(text, context, datetime.now(UTC)))
        said["message_id"] = held.get("message_id")
        return JSONResponse(said)


def _context(held: Any) -> Context:
    return Context(held.get("question"), held.get("programme")) if isinstance(held, dict) else Context()
