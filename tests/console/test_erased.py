"""What officers looked at is gone with the person: no table, no memory of the console holds it afterwards."""

import gc
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from domain.officer import Role
from storage.tables import metadata
from tests.console.office import House

NUMBER, GIVEN = ("0912", "846", "735"), ("Nghiêm", "Tuyết", "Sương")  # in parts, so that the test itself holds neither


async def shown_and_erased(house: House) -> None:
    """A need is told, a talk and a profile are looked at, the owner erases everything."""
    lan = await house.officer("Lan", Role.OFFICER)
    owner = await house.person("khach")
    told = (
        "nhà chị làm hồi khô ở xã Chi Lăng, năm khoảng 20 tấn, đang phơi nắng hay bị mốc, muốn tìm máy sấy tầm 300 triệu "
        "trước tháng 6 năm sau"
    )
    for words in (told, f"{' '.join(GIVEN)}, {' '.join(NUMBER)}", "đồng ý", "đúng, gửi"):
        await house.say(owner, words)
    for page in (
        f"/hop-thu/{owner._person_id}",
        f"/nguoi/{owner._person_id}",
        "/hop-thu?muc=tat-ca",
        "/nguoi?tim=suong",
    ):
        assert GIVEN[-1] in (await lan.get(page)).text, page
    await house.say(owner, "xoá hết dữ liệu của chị đi")
    assert "XD-0001" in (await house.say(owner, "XOÁ"))[0]
    house.talks.clear()


def strings(held: object) -> Iterator[str]:
    """The words that hang on an object, also in what the garbage collector does not follow by itself."""
    for part in gc.get_referents(held):
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict | tuple) and not gc.is_tracked(part):
            yield from strings(part)


def in_memory(marks: list[str]) -> list[str]:
    """The kinds of objects of this process whose words hold one of the marks."""
    gc.collect()
    others = (held for held in gc.get_objects() if held is not marks)
    return [type(held).__name__ for held in others if any(mark in text for text in strings(held) for mark in marks)]


@pytest.mark.asyncio
async def test_nothing_is_left_in_memory_or_tables(light: House) -> None:
    await shown_and_erased(light)
    marks = [" ".join(GIVEN), " ".join(NUMBER), "".join(NUMBER), "+84" + "".join(NUMBER)[1:]]
    assert in_memory(marks) == []
    kept = [" ".join(GIVEN)]
    assert in_memory(marks) == ["list"], "the search finds what is kept"
    kept.clear()
    async with light.system.database.read() as db:
        for table in metadata.sorted_tables:
            for row in (await db.execute(select(table))).all():
                assert not any(mark in str(row) for mark in marks), table.name
