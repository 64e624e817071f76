"""A picture from the page: read up to its limit, known by its content, put down durably, then taken for a message."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from conversation.message import Message, MessageKind
from domain.evidence import EvidenceKind
from domain.files import IMAGES, sniff
from storage.files import FileStore, hash_of

Entered = tuple[str, str, Response | None]  # who, under which update id, the refusal
PATIENCE = 5  # times the limit are heard out
TOO_LARGE = "Ảnh lớn quá (em nhận đến {most} MB), anh/chị chọn ảnh nhỏ hơn giúp em."
NO_PICTURE = "Em chỉ nhận ảnh ở đây (JPG, PNG, WebP, GIF). Anh/chị chọn lại giúp em nhé."


async def _read(request: Request, most: int) -> bytes | None:
    """The body; None when it is too large. The rest is heard out, or the page would not hear the answer."""
    body, heard = bytearray(), 0
    async for chunk in request.stream():
        heard += len(chunk)
        if heard <= most:
            body += chunk
        elif heard > PATIENCE * most:
            break
    return bytes(body) if heard <= most else None


def add_upload(
    app: FastAPI,
    files: FileStore,
    most: int,
    enter: Callable[[Request], Entered],
    store: Callable[[Message, datetime], Awaitable[Any]],
    path: str = "/file",
    dressed: Callable[[Request, Response], Response] = lambda _, answer: answer,
) -> None:
    """Adds the address the page sends a picture to, as the body of a POST with `?id=`; `most` in bytes.

    `enter` tells who it is and under which update id, or the refusal; `dressed` adds what an answer needs.
    """

    @app.post(path)
    async def upload(request: Request) -> Response:
        return dressed(request, await take(request))

    async def take(request: Request) -> Response:
        who, update, refusal = enter(request)
        if refusal is not None:
            return refusal
        content = await _read(request, most)
        if content is None:
            return JSONResponse({"error": TOO_LARGE.format(most=most // 1_000_000)}, 413)
        mime = sniff(content)
        if mime not in IMAGES:
            return JSONResponse({"error": NO_PICTURE}, 415)
        name = await asyncio.to_thread(files.receive, content)
        extra: dict[str, Any] = {"kind": EvidenceKind.PHOTO.value, "file_id": name, "file_unique_id": hash_of(content)}
        extra |= {"file_size": len(content), "mime_type": mime}
        now = datetime.now(UTC)
        fresh = await store(
            Message("web", "", f"{who[:16]}:{update}", who, "", now, MessageKind.OTHER, extra=extra), now
        )
        if not fresh:  # the page sent it again: the first copy is on its way
            await asyncio.to_thread(files.drop, name)
        return JSONResponse({"kept": True, "fresh": bool(fresh)}, 202)
