"""The stream that tells an open page to look again."""

from fastapi import Response
from fastapi.responses import StreamingResponse

from console.doors import Doors, Here
from domain.officer import Permission

doors = Doors()


@doors.see("/dong", Permission.LOOK)
async def stream(visit: Here) -> Response:
    """Server-sent events: who said something, whether there is new work."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(visit.desk.bell.lines(), media_type="text/event-stream", headers=headers)
