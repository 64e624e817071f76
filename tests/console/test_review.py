"""The review queue: answers that lie near one another can be found, opened side by side, ended with a reason."""

import re

import pytest

from domain.need import called
from domain.officer import Role
from tests.console.office import House


@pytest.mark.asyncio
async def test_answers_near_one_another(light: House) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    page = (await lan.get("/ra-soat?muc=gan-giong")).text
    pairs = re.findall(r"/can-bo/ra-soat/(\d+)/xong", page)
    assert len(pairs) > 5
    assert page.count("Nói gần giống một câu khác") == len(pairs), "nothing else stands under this tab"
    assert "/can-bo/tra-loi/faq-002" in page and "/can-bo/tra-loi/term-dnnvv" in page
    assert f'Gần giống <span class="count">{len(pairs)}</span>' in (await lan.get("/ra-soat")).text
    assert "Doanh nghiệp nhỏ và vừa là gì?" in (await lan.text("/tra-loi/faq-002")).split("Gần giống câu này")[1]
    assert (await lan.post(f"/ra-soat/{pairs[0]}/xong", reason="")).status_code == 409
    assert (
        await lan.post(f"/ra-soat/{pairs[0]}/xong", reason="một câu giải nghĩa, một câu hỏi mức")
    ).status_code == 303
    assert f"/ra-soat/{pairs[0]}/xong" not in (await lan.get("/ra-soat?muc=gan-giong")).text


def test_a_need_is_called_by_what_is_known() -> None:
    unknown, product = {"words": "chưa biết", "unknown": True}, {"words": "hoa hồi"}
    assert called({"wish": {"words": "máy sấy"}, "product": product}) == "máy sấy"
    assert called({"wish": unknown, "product": product}) == "hoa hồi"
    assert called({"wish": unknown}) == called({}) == ""
