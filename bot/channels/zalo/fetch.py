"""Reads a file that a person sent, from the platform's own servers only."""

from collections.abc import Collection
from urllib.parse import urlsplit

import aiohttp
import structlog

from bot.channels.base import Unfetched
from bot.channels.zalo.api import Api
from domain.evidence import Refusal

log = structlog.get_logger()
CDN = ("zdn.vn", "zadn.vn", "zaloapp.com", "zalo.me", "zmp3.vn")


async def fetched(api: Api, url: str, most: int, hosts: Collection[str]) -> bytes:
    """The content, at most so many bytes, from these hosts or the platform's own. Raises Unfetched."""
    parts = urlsplit(url)
    own = parts._replace(path="", query="", fragment="").geturl() == api.base
    host = (parts.hostname or "").lower()
    known = any(host == one or host.endswith(f".{one}") for one in hosts)
    if not own and not (parts.scheme == "https" and known):
        raise Unfetched(Refusal.GONE, final=True)
    try:
        async with api.session.get(url, allow_redirects=False) as answer:
            if answer.status in (403, 404, 410):
                raise Unfetched(Refusal.GONE, final=True)
            answer.raise_for_status()
            content = bytearray()
            async for chunk in answer.content.iter_chunked(65536):
                content += chunk
                if len(content) > most:
                    raise Unfetched(Refusal.TOO_LARGE, final=True)
            return bytes(content)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        log.info("file not fetched", error=type(error).__name__)
        raise Unfetched(Refusal.OUT_OF_REACH, final=False) from None
