"""Importing people and units: what the preview says is what the command does, and doing it again changes nothing."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from meetroom.errors import Refusal
from meetroom.people import importing
from meetroom.people.schema import ImportPreview
from meetroom.people.sheets import Row, rows_of
from meetroom.people.tables import ImportSheet, Person, Unit, UnitVersionRow
from meetroom.store.engine import Store
from tests.people.conftest import Browser
from tests.people.sheet_files import xlsx
from tests.sitting import Sitting

SHEET = [
    ("Nguyễn Thị Hồng Hạnh", "Đại biểu", "Xã Tân Lập", "hanh.nguyen", ""),
    ("Đỗ Văn Cường", "Phó Chánh Văn phòng", "Văn phòng HĐND tỉnh", "cuong.do", "Thư ký"),
    ("Lê Thị Minh Châu", "Chủ tịch", "XÃ TÂN LẬP", "", ""),
    ("Phan Văn Đức", "", "Tỉnh Thanh Giang", "", "Kỹ thuật"),
    ("", "Không tên", "Xã Tân Lập", "", ""),
]


@pytest.fixture
def on_both(store: Store, sitting_on: Callable[[Store], Sitting]) -> Sitting:
    return sitting_on(store)


def preview(sitting: Sitting, rows: list[tuple[str, ...]] | list[Row], persona: str = "admin") -> ImportPreview:
    parsed = [row if isinstance(row, Row) else Row(n, *row) for n, row in enumerate(rows, 2)]
    sheet = hashlib.sha256(repr(rows).encode()).hexdigest()
    with sitting.store.write() as session:
        importing.remember(session, sitting.people[persona], sheet, parsed, sitting.now)
        return importing.preview(session, sheet, parsed, sitting.now.date())


def take_over(sitting: Sitting, rows: list[tuple[str, ...]]) -> Any:
    return sitting.do("admin", "person.import", sheet=preview(sitting, rows).sheet)


def person(sitting: Sitting, name: str) -> Person:
    with sitting.store.read() as session:
        return session.scalars(select(Person).where(Person.full_name == name).order_by(Person.id.desc())).first()  # type: ignore[return-value]


def problems(sitting: Sitting, *rows: tuple[str, ...]) -> list[dict[str, str]]:
    return [row.problems for row in preview(sitting, list(rows)).rows]


def test_a_sheet_is_looked_at_and_then_taken_over(on_both: Sitting) -> None:
    seen = preview(on_both, rows_of(xlsx(SHEET)))
    assert (seen.good, seen.bad) == (4, 1)
    assert [row.problems for row in seen.rows][-1] == {"full_name": "empty"}
    assert [(unit.name, unit.level, unit.parent) for unit in seen.new_units] == [
        ("Tỉnh Thanh Giang", "province", None),
        ("Xã Tân Lập", "commune", "Tỉnh Thanh Giang"),
        ("Văn phòng HĐND tỉnh", "body", "Tỉnh Thanh Giang"),
    ]
    before = len(on_both.published)
    answer = on_both.do("admin", "person.import", sheet=seen.sheet)
    assert answer == {"created": 4, "updated": 0, "unchanged": 0, "skipped": 1, "units": 3}
    told = on_both.published[before:]
    assert [entry.name for entry in told] == ["unit.changed"] * 3 + ["person.changed"] * 4
    assert {entry.command for entry in told} == {"person.import"}
    chau, hanh = person(on_both, "Lê Thị Minh Châu"), person(on_both, "Nguyễn Thị Hồng Hạnh")
    assert chau.unit_id == hanh.unit_id is not None
    assert (hanh.username, hanh.password_hash, hanh.house_role) == ("hanh.nguyen", None, "none")
    assert person(on_both, "Đỗ Văn Cường").house_role == "secretary"
    assert person(on_both, "Phan Văn Đức").house_role == "technician"


def test_the_same_sheet_again_changes_nothing(on_both: Sitting) -> None:
    take_over(on_both, SHEET)
    before = len(on_both.published)
    assert [row.person_id is None for row in preview(on_both, SHEET).rows] == [False] * 4 + [True]
    assert take_over(on_both, SHEET) == {"created": 0, "updated": 0, "unchanged": 4, "skipped": 1, "units": 0}
    assert len(on_both.published) == before


def test_a_corrected_sheet_updates_and_empty_cells_erase_nothing(on_both: Sitting) -> None:
    take_over(on_both, SHEET)
    corrected = [
        ("Nguyễn Thị Hồng Hạnh", "Trưởng ban", "Xã An Hòa", "HANH.NGUYEN", ""),  # moved; the user name says who it is
        ("LÊ THỊ MINH CHÂU", "", "Xã Tân Lập", "chau.le", ""),  # gets a user name
        ("Đỗ Văn Cường", "", "", "cuong.do", ""),
    ]
    assert take_over(on_both, corrected) == {"created": 0, "updated": 2, "unchanged": 1, "skipped": 0, "units": 1}
    hanh = person(on_both, "Nguyễn Thị Hồng Hạnh")
    chau = person(on_both, "LÊ THỊ MINH CHÂU")
    assert hanh.position == "Trưởng ban"
    assert (chau.position, chau.username) == ("Chủ tịch", "chau.le")
    assert person(on_both, "Đỗ Văn Cường").house_role == "secretary"


def test_people_of_one_name_are_told_apart(sitting: Sitting) -> None:
    """By unit, by user name, and by every letter and tone: Tú, Tư and Tứ are three people."""
    rows = [(f"Nguyễn Văn {name}", "", "Xã Tân Lập", "", "") for name in ("Tú", "Tư", "Tứ")]
    rows += [("Nguyễn Văn Tú", "", "Xã An Hòa", "", ""), ("Nguyễn Văn Tú", "", "Xã An Hóa", "", "")]
    rows += [("Lê Văn Nam", "", "Xã An Hòa", "nam1", ""), ("Lê Văn Nam", "", "Xã An Hòa", "nam2", "")]
    assert take_over(sitting, rows) == {"created": 7, "updated": 0, "unchanged": 0, "skipped": 0, "units": 3}
    assert take_over(sitting, rows)["unchanged"] == 7
    assert problems(sitting, ("Lê Văn Nam", "", "Xã An Hòa", "", "")) == [{"full_name": "ambiguous"}]
    assert problems(sitting, ("Lê Văn Nam", "", "Xã An Hòa", "nam3", "")) == [{}]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (("", "x", "x", "", ""), {"full_name": "empty"}),
        (("=1+1", "", "", "", ""), {"full_name": "bad_name"}),
        (("1", "", "", "", ""), {"full_name": "bad_name"}),
        (("L" * 301, "C" * 301, "X" * 301, "", ""), {"full_name": "too_long", "position": "too_long", "unit": "too_long"}),
        (("Lê Châu", "C" * 300, "X" * 300, "", ""), {}),
        (("Lê Châu", "", "", "a", ""), {"username": "bad_username"}),
        (("Lê Châu", "", "", "châu lê", ""), {"username": "bad_username"}),
        (("Lê Châu", "", "", "CHAU.LE@thanhgiang.gov.vn", ""), {}),
        (("Lê Châu", "", "", "bao", ""), {"username": "username_taken"}),  # that is Trần Quốc Bảo
        (("trần quốc bảo", "", "", "bao", ""), {}),
        (("Lê Châu", "", "", "", "Giám đốc"), {"house_role": "unknown_role"}),
        (("Lê Châu", "", "", "", "QUẢN TRỊ VIÊN"), {}),
        (("Lê Châu", "", "", "a b", "?"), {"username": "bad_username", "house_role": "unknown_role"}),
    ],
)
def test_what_is_wrong_with_a_row(sitting: Sitting, row: tuple[str, ...], found: dict[str, str]) -> None:
    assert problems(sitting, row) == [found]


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        (("Lê Châu", "", "X", "chau1", ""), ("Lê Minh", "", "Y", "Chau1", ""), {"username": "duplicate_in_sheet"}),
        (("Lê Châu", "", "X", "", ""), ("lê  châu", "", "X", "", ""), {"full_name": "duplicate_in_sheet"}),
        (("Lê Châu", "", "X", "", ""), ("Lê Châu", "", "X", "chau1", ""), {"full_name": "duplicate_in_sheet"}),
        (("Lê Châu", "", "X", "chau1", ""), ("Lê Châu", "", "X", "", ""), {"full_name": "duplicate_in_sheet"}),
        (("Lê Châu", "", "X", "chau1", ""), ("Lê Châu", "", "X", "chau2", ""), {}),
        (("Lê Châu", "", "X", "", ""), ("Lê Châu", "", "Y", "", ""), {}),
        (("Lê Châu", "", "X", "", "?"), ("Lê Châu", "", "X", "", ""), {}),  # the first is left out
    ],
)
def test_the_second_of_two_rows_about_one_person(
    sitting: Sitting, first: tuple[str, ...], second: tuple[str, ...], found: dict[str, str]
) -> None:
    assert problems(sitting, first, second)[1] == found


def test_units_are_known_by_today_s_name_and_by_what_is_above_them(sitting: Sitting) -> None:
    def unit(name: str, level: str, parent: int | None = None, valid_from: str = "2025-07-01") -> int:
        made: int = sitting.do("admin", "unit.create", name=name, level=level, parent_id=parent, valid_from=valid_from)["id"]
        return made

    province = unit("Tỉnh Thanh Giang", "province")
    communes = [unit(name, "commune", province) for name in ("Xã Tân Lập", "Xã An Hòa")]
    offices = [unit("Phòng Kinh tế", "body", commune) for commune in communes]
    sitting.do(
        "admin",
        "unit.change",
        unit_id=communes[1],
        name="Phường An Hòa",
        level="commune",
        parent_id=province,
        valid_from="2026-01-01",
    )
    closed = unit("Xã Cũ", "commune", province)
    sitting.do("admin", "unit.close", unit_id=closed, valid_to="2026-01-01")
    seen = preview(sitting, [("Lê Châu", "", "Phòng Kinh tế", "", "")])
    assert seen.rows[0].problems == {"unit": "ambiguous"}
    coming = unit("Xã Sắp Có", "commune", province, valid_from="2027-01-01")
    rows = [
        ("Lê Châu", "", "phòng kinh tế, phường An Hoà", "", ""),
        ("Lê Minh", "", "Phường An Hòa", "", ""),
        ("Lê Nam", "", "Xã An Hòa", "", ""),  # now Phường An Hòa
        ("Lê Bình", "", "Xã Sắp Có", "", ""),
        ("Lê Đông", "", "Xã Cũ", "", ""),
        ("Lê Tây", "", "Xã Mới Tinh", "", ""),
    ]
    seen = preview(sitting, rows)
    assert [row.unit_id for row in seen.rows] == [offices[1], communes[1], communes[1], coming, None, None]
    assert seen.rows[4].problems == {"unit": "closed_unit"}
    assert [(unit.name, unit.parent) for unit in seen.new_units] == [("Xã Mới Tinh", "Tỉnh Thanh Giang")]
    assert take_over(sitting, rows)["units"] == 1
    assert person(sitting, "Lê Nam").unit_id == communes[1]
    # A former name that another unit has taken is that unit's.
    again = unit("Xã An Hòa", "commune", province)
    assert preview(sitting, [("Lê Mới", "", "Xã An Hòa", "", "")]).rows[0].unit_id == again


def test_only_what_one_looked_at_oneself_is_taken_over(sitting: Sitting) -> None:
    sheet = preview(sitting, SHEET, persona="chair").sheet
    for order in (sheet, "0" * 64):
        with pytest.raises(Refusal, match="no_such_upload"):
            sitting.do("admin", "person.import", sheet=order)
    newer = preview(sitting, SHEET[:1]).sheet
    assert sitting.do("admin", "person.import", sheet=newer, op_id="import-once")["created"] == 1
    assert sitting.do("admin", "person.import", sheet=newer, op_id="import-once")["created"] == 1  # the first answer again
    with pytest.raises(Refusal, match="no_such_upload"):
        sitting.do("admin", "person.import", sheet=newer)
    with sitting.store.read() as session:
        assert [kept.person_id for kept in session.scalars(select(ImportSheet))] == [sitting.people["chair"]]


def test_what_has_become_wrong_since_the_preview_is_left_out(sitting: Sitting) -> None:
    sheet = preview(sitting, [("Lê Châu", "", "", "chau.le", ""), ("Lê Minh", "", "", "", "")]).sheet
    sitting.do("admin", "person.create", full_name="Người Khác", username="chau.le")
    assert sitting.do("admin", "person.import", sheet=sheet) == {
        "created": 1, "updated": 0, "unchanged": 0, "skipped": 1, "units": 0,
    }  # fmt: skip


def test_the_last_administrator_stays_one(on_both: Sitting) -> None:
    sheet = preview(on_both, [("Lê Bá Thành", "", "", "admin", "Đại biểu"), ("Lê Minh", "", "", "", "")]).sheet
    with pytest.raises(Refusal, match="last_admin"):
        on_both.do("admin", "person.import", sheet=sheet)
    assert person(on_both, "Lê Minh") is None


def test_over_http_only_an_administrator_may(browser: Browser) -> None:
    def post(data: bytes, **more: Any) -> Any:
        return browser.post("/api/people/preview", data=data, base_url="https://localhost", **more)

    assert post(xlsx(SHEET)).status_code == 401
    browser.login("secretary")
    assert post(xlsx(SHEET)).status_code == 403
    assert browser.status("/api/people/template.xlsx") == 403
    browser.login("admin")
    answer = post(xlsx(SHEET)).json["result"]
    assert (answer["good"], answer["bad"], len(answer["rows"])) == (4, 1, 5)
    assert browser.status("/api/people/template.xlsx") == 200
    order = {"op_id": "over-http-1", "order": {"sheet": answer["sheet"]}}
    imported = browser.post("/api/commands/person.import", json=order, base_url="https://localhost").json
    assert imported == {"ok": True, "result": {"created": 4, "updated": 0, "unchanged": 0, "skipped": 1, "units": 3}}
    refusals = [post(b"nothing of the sort"), post(b"x" * 5_000_001)]
    assert [(r.status_code, r.json["error"]["code"]) for r in refusals] == [(422, "bad_sheet"), (413, "too_large")]
    assert refusals[0].json["error"]["detail"] == {"reason": "no_heading", "rows": 5000}


def test_a_file_that_was_refused_is_not_kept(browser: Browser, sitting: Sitting) -> None:
    browser.login("admin")
    browser.post("/api/people/preview", data=b"nothing", base_url="https://localhost")
    assert not sitting.blobs.exists(hashlib.sha256(b"nothing").hexdigest())
    data = xlsx(SHEET)
    browser.post("/api/people/preview", data=data, base_url="https://localhost")
    assert sitting.blobs.exists(hashlib.sha256(data).hexdigest())


CELLS = st.builds(
    lambda number, name, unit, username, role: Row(number, name, "", unit, username, role),
    st.integers(2, 9),
    st.sampled_from(["Lê Châu", "LÊ CHÂU", "Lê Chấu", "Trần Quốc Bảo", ""]),
    st.sampled_from(["", "Xã An Hoà", "xã an hòa", "Xã An Hóa", "Tỉnh Thanh Giang"]),
    st.sampled_from(["", "", "chau.le", "CHAU.LE", "bao", "ai.do", "không"]),
    st.sampled_from(["", "Thư ký", "Đại biểu", "?"]),
)


@given(sheets=st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_sheets_the_preview_is_true_and_a_repeat_changes_nothing(sitting: Sitting, sheets: list[list[Row]]) -> None:
    with sitting.store.write() as session:  # an empty house but for the personas
        session.execute(delete(Person).where(Person.id.not_in(sitting.people.values())))
        session.execute(update(Person).values(unit_id=None))
        session.execute(delete(UnitVersionRow))
        session.execute(delete(Unit))
    for rows in sheets:
        seen = preview(sitting, rows)
        good = [row for row in seen.rows if not row.problems]
        result = sitting.do("admin", "person.import", sheet=seen.sheet)
        assert result["created"] == sum(row.person_id is None for row in good)
        assert result["updated"] + result["unchanged"] == sum(row.person_id is not None for row in good)
        assert (result["skipped"], result["units"]) == (seen.bad, len(seen.new_units))
        known = [row.person_id for row in good if row.person_id is not None]
        assert len(known) == len(set(known)), "two rows for one person"
        again = sitting.do("admin", "person.import", sheet=preview(sitting, rows).sheet)
        assert (again["created"], again["updated"], again["units"]) == (0, 0, 0)
