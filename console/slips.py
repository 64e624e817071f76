"""For people with a slip: a public page that tells how far a need is, nothing more."""

import re
from datetime import datetime
from typing import Annotated

from fastapi import FastAPI, Form, Request, Response
from starlette.types import ASGIApp

from console.desk import Desk
from console.doors import render
from console.guard import Guard
from domain.worktime import say_time
from handlers import behalf

SLIP, LAST3 = re.compile(r"\d{6}"), re.compile(r"\d{3}")


def build(desk: Desk) -> ASGIApp:
    """The application to be mounted under /phieu."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    def page(told: str = "", wrong: str = "", status: int = 200) -> Response:
        return render(desk, "status.html", status, visit=None, flash="", token="", told=told, wrong=wrong)

    @app.get("/")
    async def show() -> Response:
        return page()

    @app.post("/")
    async def tell(
        request: Request, slip: Annotated[str, Form(max_length=12)] = "", last3: Annotated[str, Form(max_length=8)] = ""
    ) -> Response:
        slip, last3 = slip.replace(" ", ""), last3.strip()
        if not SLIP.fullmatch(slip) or not LAST3.fullmatch(last3):
            return page(wrong="Mã hẹn có 6 số; điện thoại chỉ cần 3 số cuối.", status=422)
        place = request.client.host if request.client else "unknown"
        async with desk.database.write() as db:
            told = await behalf.status(db, slip, last3, place, desk.now())
        if isinstance(told, datetime):
            return page(wrong=f"Sai nhiều lần nên tạm dừng tra cứu đến {say_time(told)}.", status=429)
        if not told:
            return page(wrong="Mã hẹn hoặc 3 số cuối điện thoại chưa đúng.", status=404)
        return page(told)

    app.add_middleware(Guard)
    return app
