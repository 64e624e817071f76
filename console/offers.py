"""The offers: what waits, one with its facts, every deed on it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Form, HTTPException, Response
from starlette.datastructures import FormData

from console.differences import difference
from console.doors import Doors, Here, Refused, Visit
from domain.offer import READINESS, TRANSFER_MODES, Offer, OfferState, readiness_words
from domain.officer import Permission
from handlers import supply
from handlers.words import capacity_words, price_words
from knowledge.sheets import read_number
from knowledge.taxonomy import PROCESSES, PRODUCTS, read_serves, read_terms, serves_words, terms
from storage import audit, catalogue, notes, offered, pairs
from storage.database import Connection
from storage.offered import Sheet

doors = Doors()
STATES = list(OfferState)
NUMBERS = {
    "price_min": "Giá từ", "price_max": "Giá đến", "capacity_min": "Công suất từ", "capacity_max": "Công suất đến",
}  # fmt: skip
SINGLE = ("title", "summary", "products", "processes", *NUMBERS, "capacity_unit", "serves", "trl", "reason")
UNITS = ("kg/mẻ", "kg/giờ", "kg/ngày", "tấn/ngày", "tấn/năm", "lít/giờ", "lít/mẻ", "m2", "ha")
LONGEST = {"title": 200, "summary": 3000, "products": 1000, "processes": 1000, "capacity_unit": 30}  # characters
MOST = 1e9  # of a price in million VND, of a capacity
MOST_ASKED = 250  # characters of a wish or a reason, so that the whole message stays short


@doors.see("/cong-nghe", Permission.LOOK)
async def show_list(visit: Here, tim: str = "", sau: int = 0) -> Response:
    """The offers, what waits first; search without diacritics in code, title, supplier, products, processes."""
    told = visit.request.query_params.get("trang-thai", "")
    state, start = told if told in {one.value for one in STATES} else "", max(0, sau)
    async with visit.desk.database.read() as db:
        rows = await offered.listed(db, state, tim[:100], start)
        counts = await offered.by_state(db)
        asked = await offered.asked_last(db, [row.id for row in rows])
    older = start + offered.PAGE if len(rows) == offered.PAGE else None
    values: dict[str, Any] = {"rows": rows, "counts": counts, "state": state, "search": tim, "older": older}
    page = "offers_list.html" if visit.partial else "offers.html"
    return visit.page(page, **values, asked=asked, states=STATES, supplier=offered.SUPPLIER)


# --- one offer --------------------------------------------------------------------------------------------------
@doors.see("/cong-nghe/{offer_id}", Permission.LOOK)
async def show_offer(visit: Here, offer_id: str) -> Response:
    """One offer with everything beside it."""
    return await _page(visit, offer_id)


async def _page(visit: Visit, offer_id: str, status: int = 200, **values: Any) -> Response:
    async with visit.desk.database.read() as db:
        sheet = await _find(db, offer_id)
        log = await audit.of(db, "offer", sheet.offer.id)
        shown: dict[str, Any] = {
            "sheet": sheet,
            "offer": sheet.offer,
            "facts": _words(sheet.offer),
            "fitting": await offered.fitting(db, sheet.offer.id),
            "notes": list(reversed(await notes.of(db, "offer", sheet.offer.id))),
            "log": [(entry, difference(entry.before, entry.after)) for entry in log],
            "told": _told(sheet.offer),
            "modes": sheet.offer.transfer_modes,
            "revision": sheet.revision,
        }
    shown |= {"all_modes": TRANSFER_MODES, "steps": READINESS, "units": UNITS, "most": MOST_ASKED}
    shown |= {"products": terms(PRODUCTS), "processes": terms(PROCESSES), "supplier": offered.SUPPLIER}
    return visit.page("offer.html", status, **{"wrong": {}, **shown, **values})


async def _find(db: Connection, offer_id: str) -> Sheet:
    sheet = await offered.sheet(db, offer_id)
    if sheet is None:
        raise HTTPException(404)
    return sheet


def _words(offer: Offer) -> dict[str, str]:
    """The facts under the names officers know; what is not told is empty."""
    return {
        "Tên": offer.title,
        "Giới thiệu": offer.summary,
        "Sản phẩm": ", ".join(offer.products),
        "Khâu": ", ".join(offer.processes),
        "Công suất": capacity_words(offer),
        "Giá": price_words(offer),
        "Nơi phục vụ": serves_words(offer.serves),
        "Mức sẵn sàng": readiness_words(offer.trl) or "",
        "Hình thức": "; ".join(TRANSFER_MODES.get(mode, mode) for mode in offer.transfer_modes),
    }


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}".replace(".", ",")


def _told(offer: Offer) -> dict[str, str]:
    """What the form shows."""
    price, size = offer.price_million_vnd, offer.capacity
    return {
        "title": offer.title,
        "summary": offer.summary,
        "products": ", ".join(offer.products),
        "processes": ", ".join(offer.processes),
        "price_min": _figure(price.get("min")),
        "price_max": _figure(price.get("max")),
        "capacity_min": _figure(size.get("min")),
        "capacity_max": _figure(size.get("max")),
        "capacity_unit": size.get("unit") or "",
        "serves": serves_words(offer.serves),
        "trl": _step(offer.trl),
        "reason": "",
    }


def _step(trl: int | None) -> str:
    return "" if trl is None else str(next(least for least, _ in READINESS if trl >= least))


# --- correcting the facts ---------------------------------------------------------------------------------------
@doors.do("/cong-nghe/{offer_id}/sua", Permission.NEEDS)
async def edit(visit: Here, offer_id: str) -> Response:
    """Corrects the facts; whatever cannot be read comes back as it was typed, with a word beside it."""
    form = await visit.request.form()
    told = {name: str(form.get(name, "")).strip().replace("\r\n", "\n") for name in SINGLE}
    modes = _modes(form)
    async with visit.desk.database.write() as db:
        sheet = await _find(db, offer_id)
        if sheet.offer.state is OfferState.WITHDRAWN:
            raise Refused("Bản chào này đã rút nên không sửa nữa.")
        changed, wrong = _read(told, modes, sheet.offer)
        revision = str(form.get("revision", ""))
        if revision != str(sheet.revision):
            wrong["all"] = "Bản chào vừa có người sửa. Lời anh/chị gõ vẫn ở dưới; xem lại phần trên rồi lưu lần nữa."
        if not wrong and changed != sheet.offer:
            await catalogue.amend_offer(db, changed, sheet.revision)
            words = (_words(sheet.offer), _words(changed))
            await audit.note(db, visit.officer.name, "change", "offer", offer_id, visit.now, told["reason"], *words)
    if wrong:
        return await _page(visit, offer_id, 422, wrong=wrong, told=told, modes=modes)
    visit.desk.wake()
    return visit.go(f"/cong-nghe/{offer_id}", "saved")


def _modes(form: FormData) -> tuple[str, ...]:
    return tuple(mode for mode in TRANSFER_MODES if mode in form.getlist("modes"))


def _read(told: dict[str, str], modes: tuple[str, ...], held: Offer) -> tuple[Offer, dict[str, str]]:
    """The offer that a form describes; what is wrong with the form, by field."""
    wrong = _read_words(told)
    goods, strange = read_terms(PRODUCTS, told["products"], held.products)
    steps, odd = read_terms(PROCESSES, told["processes"], held.processes)
    wrong |= {"products": _unknown(strange)} if strange else {}
    wrong |= {"processes": _unknown(odd)} if odd else {}
    figures = _read_figures(told, wrong)
    serves = held.serves
    if told["serves"] != serves_words(held.serves):
        try:
            serves = read_serves(told["serves"])
        except ValueError as error:
            wrong["serves"] = (
                f"Chưa rõ “{error}”. Ghi “cả nước”, “miền núi phía Bắc” hoặc tên tỉnh, cách nhau bằng dấu phẩy."
            )
    levels = {str(least): least for least, _ in READINESS}
    trl = held.trl if told["trl"] == _step(held.trl) else levels.get(told["trl"])
    modes = held.transfer_modes if set(modes) == set(held.transfer_modes) else modes
    price, size = _span(figures, "price"), _span(figures, "capacity")
    made = replace(
        held, title=told["title"], summary=told["summary"], products=goods, processes=steps, trl=trl,
        transfer_modes=modes, price_million_vnd=price, serves=serves,
        capacity={**size, "unit": told["capacity_unit"]} if size else {},
    )  # fmt: skip
    return made, wrong


def _read_words(told: dict[str, str]) -> dict[str, str]:
    wrong = {
        name: f"Ô này tối đa {LONGEST.get(name, 300)} ký tự, đang là {len(text)}."
        for name, text in told.items()
        if len(text) > LONGEST.get(name, 300)
    }
    if not told["title"]:
        wrong["title"] = "Công nghệ cần một cái tên."
    for name in ("title", "summary"):
        if supply.PHONES.search(told[name]):
            wrong[name] = (
                "Trong này có số điện thoại. Người cần chỉ nhận liên hệ khi hai bên đồng ý, nên anh/chị bỏ số ra nhé."
            )
    if not told["reason"]:
        wrong["reason"] = "Anh/chị ghi một câu: sửa theo đâu (nơi chào gọi, xem tận nơi…)."
    return wrong


def _unknown(names: dict[str, tuple[str, ...]]) -> str:
    """What is said of names that are not in the vocabulary."""
    told = (f"“{name}”" + (f" (gần nhất: {', '.join(near)})" if near else "") for name, near in names.items())
    return f"Danh mục chưa có {'; '.join(told)}. Chọn một tên gần; tên riêng anh/chị ghi vào phần giới thiệu."


def _read_figures(told: dict[str, str], wrong: dict[str, str]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name in filter(told.get, NUMBERS):
        try:
            figures[name] = read_number(told[name])
            if not 0 <= figures[name] <= MOST:
                raise ValueError
        except ValueError:
            wrong[name] = "Ô này cần một con số, ví dụ 280 hoặc 1,5."
    for noun in ("price", "capacity"):
        least, most = figures.get(f"{noun}_min"), figures.get(f"{noun}_max")
        if least is not None and most is not None and least > most:
            wrong[f"{noun}_max"] = f"{NUMBERS[f'{noun}_max']} đang nhỏ hơn ô “từ”."
    if _span(figures, "capacity") and not told["capacity_unit"]:
        wrong["capacity_unit"] = "Có công suất thì cần đơn vị, ví dụ kg/mẻ."
    return figures


def _span(figures: dict[str, float], noun: str) -> dict[str, float | None]:
    least, most = figures.get(f"{noun}_min"), figures.get(f"{noun}_max")
    return {} if least is None and most is None else {"min": least, "max": most}


# --- deciding ---------------------------------------------------------------------------------------------------
def _reasoned(reason: str) -> str:
    kept = re.sub(r"\s+", " ", reason).strip()
    if not kept:
        raise Refused("Việc này cần một câu giải thích để nơi chào hiểu.")
    return kept


async def _moved(
    db: Connection, visit: Visit, offer: Offer, verb: str, before: Iterable[OfferState], after: OfferState, reason: str
) -> None:
    if not await catalogue.move_offer(db, offer.id, before, after):
        raise Refused("Bản chào này vừa được chuyển bước. Anh/chị tải lại trang để xem.")
    states = ({"trạng thái": offer.state.value}, {"trạng thái": after.value})
    await audit.note(db, visit.officer.name, verb, "offer", offer.id, visit.now, reason, *states)


def _mark(visit: Visit, verb: str) -> str:
    return f"{verb}:{visit.now:%Y%m%d%H%M%S%f}"


@doors.do("/cong-nghe/{offer_id}/duyet", Permission.NEEDS)
async def approve(visit: Here, offer_id: str, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Stands behind an offer: from now on it is matched, told to whom it concerns; its supplier hears it once."""
    async with visit.desk.database.write() as db:
        offer = (await _find(db, offer_id)).offer
        await _moved(db, visit, offer, "approve", (OfferState.SUBMITTED,), OfferState.VERIFIED, reason)
        await supply.decided(db, offer, "", "", visit.now)
    visit.desk.wake()
    return visit.go(f"/cong-nghe/{offer_id}", f"offer-approved:{offer.id}")


@doors.do("/cong-nghe/{offer_id}/nho-bo-sung", Permission.NEEDS)
async def send_back(visit: Here, offer_id: str, reason: Annotated[str, Form(max_length=MOST_ASKED)] = "") -> Response:
    """Asks the supplier for what is missing; the next answer in chat lands on the offer."""
    wish = _reasoned(reason)
    async with visit.desk.database.write() as db:
        sheet = await _find(db, offer_id)
        if sheet.offer.state is not OfferState.SUBMITTED:
            raise Refused("Chỉ nhờ bổ sung khi bản chào còn chờ duyệt.")
        if sheet.person_id is None:
            raise Refused("Nơi này chưa có chat. Anh/chị gọi điện rồi sửa giúp ở mục Sửa.")
        words = supply.ask_words(visit.officer.name, sheet.offer, wish)
        await supply.decided(db, sheet.offer, words, _mark(visit, "asked"), visit.now)
        await notes.add(db, "offer", offer_id, sheet.person_id, wish, visit.officer.name, visit.now)
        await audit.note(db, visit.officer.name, "ask_supplier", "offer", offer_id, visit.now, wish)
    visit.desk.wake()
    return visit.go(f"/cong-nghe/{offer_id}", "offer-asked")


@doors.do("/cong-nghe/{offer_id}/tam-dung", Permission.NEEDS)
async def pause(visit: Here, offer_id: str, reason: Annotated[str, Form(max_length=MOST_ASKED)] = "") -> Response:
    """Shows an offer to nobody for a while; its supplier is told why."""
    why = _reasoned(reason)
    async with visit.desk.database.write() as db:
        offer = (await _find(db, offer_id)).offer
        await _moved(db, visit, offer, "pause", (OfferState.VERIFIED,), OfferState.PAUSED, why)
        await supply.decided(db, offer, supply.pause_words(offer, why), _mark(visit, "paused"), visit.now)
    visit.desk.wake()
    return visit.go(f"/cong-nghe/{offer_id}", f"offer-paused:{offer.id}")


@doors.do("/cong-nghe/{offer_id}/gioi-thieu-lai", Permission.NEEDS)
async def resume(visit: Here, offer_id: str, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Shows a paused or hidden offer again, as its supplier has confirmed."""
    why = _reasoned(reason)
    async with visit.desk.database.write() as db:
        offer = (await _find(db, offer_id)).offer
        await _moved(db, visit, offer, "resume", (OfferState.PAUSED, OfferState.EXPIRED), OfferState.VERIFIED, why)
        await pairs.confirm_supply(db, offer.id, visit.now)
        await supply.decided(db, offer, supply.resume_words(offer), _mark(visit, "resumed"), visit.now)
    visit.desk.wake()
    return visit.go(f"/cong-nghe/{offer_id}", f"offer-resumed:{offer.id}")


@doors.do("/cong-nghe/{offer_id}/rut", Permission.NEEDS)
async def withdraw(visit: Here, offer_id: str, reason: Annotated[str, Form(max_length=MOST_ASKED)] = "") -> Response:
    """Takes an offer out for good; its supplier is told why, whoever waits for it as well."""
    why = _reasoned(reason)
    standing = [state for state in STATES if state is not OfferState.WITHDRAWN]
    async with visit.desk.database.write() as db:
        offer = (await _find(db, offer_id)).offer
        await _moved(db, visit, offer, "withdraw", standing, OfferState.WITHDRAWN, why)
        await supply.decided(db, offer, supply.withdraw_words(offer, why), _mark(visit, "withdrawn"), visit.now)
    visit.desk.wake()
    return visit.go(f"/cong-nghe/{offer_id}", f"offer-withdrawn:{offer.id}")
