"""Spreadsheets of all kinds, honest and hostile: rows, or a reason."""

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook, load_workbook

from meetroom.errors import Refusal
from meetroom.people import sheets
from meetroom.people.sheets import Row, rows_of
from tests.people.sheet_files import HEADINGS, repacked, xlsx

HANH = ("Nguyễn Thị Hồng Hạnh", "Đại biểu", "Xã Tân Lập", "hanh", "")


def reason(data: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        sheets.read(data)
    assert caught.value.code == "bad_sheet"
    return str(caught.value.detail["reason"])


def sheet(head: str, name: str) -> bytes:
    """A worksheet's XML by hand."""
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>' for n, text in enumerate(("Name", name), 1)
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'{head}<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def test_the_example_sheet_is_read_as_it_was_written() -> None:
    rows = sheets.read(sheets.template())
    assert [row.full_name for row in rows] == ["Nguyễn Thị Hồng Hạnh", "Đỗ Văn Cường"]
    assert rows[1] == Row(3, "Đỗ Văn Cường", "Phó Chánh Văn phòng", "Văn phòng HĐND tỉnh", "cuong.do", "Thư ký")


def test_headings_are_found_under_titles_in_any_order_and_language() -> None:
    above = [("ỦY BAN NHÂN DÂN TỈNH THANH GIANG",), (), ("Danh sách đại biểu", None, "Ngày 08/12/2026")]
    headings = ("STT", "ĐƠN VỊ (công tác)", "Họ và tên *", "Username", "Ghi chú")
    rows = rows_of(xlsx([(1, "Xã Tân Lập", "Lê Thị Minh Châu", "chau", "x")], headings, above))
    assert rows == [Row(5, full_name="Lê Thị Minh Châu", unit="Xã Tân Lập", username="chau")]


def test_empty_rows_are_left_out_and_rows_keep_their_numbers() -> None:
    rows = rows_of(xlsx([HANH, (), (None, "  ", None), ("Trần Quốc Bảo",)]))
    assert [(row.number, row.full_name) for row in rows] == [(2, "Nguyễn Thị Hồng Hạnh"), (5, "Trần Quốc Bảo")]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  Lê \n Thị\tMinh  Châu ", "Lê Thị Minh Châu"),
        ("Le\u0302 Thi\u0323", "Lê Thị"),
        ("Lê\u200b Thị\u202e", "Lê Thị"),
        (123, "123"),
        (123.0, "123"),
        (1.5, "1.5"),
        (True, "True"),
        (datetime(2026, 12, 8), "2026-12-08"),
        ("=1+1", ""),  # a formula that was never calculated has no value; nobody calculates it here
        ("x" * 32_000, "x" * sheets.CELL),
    ],
)
def test_a_cell_is_one_line_of_plain_text(cell: object, text: str) -> None:
    assert rows_of(xlsx([("Lê Thị Minh Châu", cell)]))[0].position == text


def test_of_a_formula_its_last_value_is_read() -> None:
    data = xlsx([("Lê", "Châu", "X")])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    name = '<c r="A2" t="str"><f>CONCATENATE("Lê ","Châu")</f><v>Lê Châu</v></c>'
    start = sheet.index('<c r="A2"')
    changed = sheet[:start] + name + sheet[sheet.index("</c>", start) + 4 :]
    assert rows_of(repacked(data, {"xl/worksheets/sheet1.xml": changed.encode()}))[0].full_name == "Lê Châu"


def test_text_that_looks_like_a_formula_stays_text() -> None:
    assert rows_of("Họ và tên,Chức vụ\n=1+1,@SUM(A1)\n".encode())[0] == Row(2, "=1+1", "@SUM(A1)")


@pytest.mark.parametrize(
    "data",
    [
        "Họ và tên,Đơn vị\nLê Châu,Xã Tân Lập\n".encode(),
        "Họ và tên;Đơn vị\r\nLê Châu;Xã Tân Lập\r\n".encode("utf-8-sig"),
        "Họ và tên\tĐơn vị\r\nLê Châu\tXã Tân Lập\r\n".encode("utf-16"),
        'STT;"Họ và tên";"Đơn vị"\n1;"Lê Châu";"Xã Tân Lập"\n'.encode(),
        '"Danh sách, lập ngày 8/12"\n\nHọ và tên;Đơn vị\nLê Châu;Xã Tân Lập'.encode(),
    ],
)
def test_csv_as_excel_and_others_write_it(data: bytes) -> None:
    row = rows_of(data)[0]
    assert (row.full_name, row.unit) == ("Lê Châu", "Xã Tân Lập")


def test_a_hidden_sheet_and_one_without_headings_are_passed_over() -> None:
    book = Workbook()
    hidden = book.active
    hidden.append(HEADINGS)
    hidden.append(("Người Bị Ẩn",))
    hidden.sheet_state = "hidden"
    book.create_sheet("Hướng dẫn").append(("Điền vào trang sau",))
    shown = book.create_sheet("Danh sách")
    shown.append(HEADINGS)
    shown.append(HANH)
    file = io.BytesIO()
    book.save(file)
    assert [row.full_name for row in rows_of(file.getvalue())] == ["Nguyễn Thị Hồng Hạnh"]


def test_a_sheet_ends_where_rows_are_only_formatted() -> None:
    book = load_workbook(io.BytesIO(xlsx([HANH])))
    book.worksheets[0].cell(1_048_576, 1).value = " "
    file = io.BytesIO()
    book.save(file)
    assert len(rows_of(file.getvalue())) == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no_heading"),
        (b"%PDF-1.7 not a sheet", "no_heading"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old .xls", "encoding"),
        ("Họ và tên\nLê Châu\n".encode("cp1258", "replace"), "encoding"),
        (b"\xff\xfe\x00", "encoding"),
        (b"name\x00\nx\n", "type"),
        (b"name\n" + b'"' * 3_000_001, "type"),
        ("Họ và tên\n".encode(), "empty"),
        (b"PK\x03\x04" + b"\0" * 100, "type"),
        (xlsx([], ("A", "B")), "no_heading"),
        (xlsx([]), "empty"),
        (xlsx([HANH])[:-200], "type"),
        (repacked(xlsx([HANH]), {"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"}), "type"),
        (repacked(xlsx([HANH]), {"xl/workbook.xml": b"<html/>"}), "no_heading"),
        (repacked(xlsx([HANH]), {f"xl/media/{n}.png": b"" for n in range(600)}), "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_sheet_of_people_is_refused_with_a_reason(data: bytes, why: str) -> None:
    assert reason(data) == why


def test_more_than_five_thousand_people_are_refused() -> None:
    assert reason(xlsx((f"Nguyễn Văn {n}",) for n in range(100_000))) == "too_many_rows"


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = repacked(xlsx([HANH]), {"xl/sharedStrings.xml": b" " * (sheets.UNPACKED_BYTES + 1)})
    assert len(bomb) < 200_000
    assert reason(bomb) == "too_large"


def test_a_file_that_lies_about_its_size_is_refused() -> None:
    """Its directory says a hundred bytes; nothing after them is unpacked."""
    data = bytearray(xlsx((f"Nguyễn Văn {n}",) for n in range(4000)))
    entry = data.rfind(b"PK\x01\x02", 0, data.rfind(b"xl/worksheets/sheet1.xml"))
    data[entry + 24 : entry + 28] = (100).to_bytes(4, "little")
    assert reason(bytes(data)) == "type"


def test_entities_that_grow_are_refused() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha ha ha ha">{laughs}]>'
    assert reason(repacked(xlsx([HANH]), {"xl/worksheets/sheet1.xml": sheet(head, "&l11;")})) in ("type", "too_large")


def test_no_file_of_the_server_is_read() -> None:
    head = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    try:
        rows = sheets.read(repacked(xlsx([HANH]), {"xl/worksheets/sheet1.xml": sheet(head, "x&f;")}))
    except Refusal as no:
        assert no.code == "bad_sheet"
    else:
        assert "root" not in rows[0].full_name
