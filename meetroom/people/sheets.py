"""Reading a spreadsheet that anybody may have made, and the example of one.

The reading itself is a process of its own with little memory and little time (`python -m meetroom.people.sheets`: the file
on standard input, its rows or the reason against it as JSON on standard output), so that no file can hold up or fill up the
server. A cell is what a person sees in it: the last value of a formula, never the formula; nothing is calculated.
"""

import csv
import io
import json
import re
import resource
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from meetroom.errors import Refusal
from meetroom.people.rules import fold

FILE_BYTES = 5_000_000
ROWS = 5000  # people in one sheet
COLUMNS = 50
HEADING_WITHIN = 20  # rows; above the headings stand titles
GAP = 1000  # empty rows after which a sheet is over: whole columns are often formatted down to the last row
CELL = 1000  # characters; more is cut, and too long for any column anyhow
UNPACKED_BYTES = 60_000_000
PACKED_FILES = 500
MEMORY_BYTES = 512 << 20
SECONDS = 20
PROJECT = Path(__file__).resolve().parents[2]

HEADINGS = {
    "full_name": ("ho va ten", "ho ten", "full name", "name"),
    "position": ("chuc vu", "chuc danh", "position", "title"),
    "unit": ("don vi", "don vi cong tac", "co quan", "co quan don vi", "unit", "organisation", "organization"),
    "username": ("ten dang nhap", "tai khoan", "username", "user name", "account"),
    "house_role": ("vai tro", "quyen", "role"),
}
COLUMN_OF = {heading: column for column, headings in HEADINGS.items() for heading in headings}


@dataclass(frozen=True)
class Row:
    """One person as the sheet has them, every cell as plain text. `number` as the spreadsheet counts its rows."""

    number: int
    full_name: str = ""
    position: str = ""
    unit: str = ""
    username: str = ""
    house_role: str = ""


class Unreadable(Exception):
    """`reason`: type, encoding, no_heading, empty, too_many_rows, too_large (unpacked), too_slow."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read(data: bytes) -> list[Row]:
    """The people of an XLSX or CSV file, in its order. Raises Refusal `bad_sheet` with the reason."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "meetroom.people.sheets"],
            input=data, capture_output=True, cwd=PROJECT, timeout=SECONDS, env={"LANG": "C.UTF-8"}, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Refusal("bad_sheet", {"reason": "too_slow", "rows": ROWS}) from None
    try:
        answer = json.loads(child.stdout)
    except ValueError:  # it ran out of memory or time
        raise Refusal("bad_sheet", {"reason": "too_large", "rows": ROWS}) from None
    if "reason" in answer:
        raise Refusal("bad_sheet", {"reason": answer["reason"], "rows": ROWS})
    return [Row(*cells) for cells in answer["rows"]]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        answer: dict[str, Any] = {"rows": [astuple(row) for row in rows_of(sys.stdin.buffer.read(FILE_BYTES + 1))]}
    except Unreadable as no:
        answer = {"reason": no.reason}
    except MemoryError:
        answer = {"reason": "too_large"}
    except Exception:  # whatever a library makes of a broken file
        answer = {"reason": "type"}
    json.dump(answer, sys.stdout)


def rows_of(data: bytes) -> list[Row]:
    """What the process does. Raises Unreadable."""
    if data[:4] == b"PK\x03\x04":
        return first_table(workbook(data))
    return first_table([comma_separated(data)])


def workbook(data: bytes) -> Iterator[Iterable[Sequence[object]]]:
    """The visible sheets of an XLSX file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sizes = [file.file_size for file in archive.infolist()]  # nothing more than these is ever unpacked
    if len(sizes) > PACKED_FILES or sum(sizes) > UNPACKED_BYTES:
        raise Unreadable("too_large")
    from openpyxl import load_workbook

    for sheet in load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False).worksheets:
        if sheet.sheet_state == "visible":
            sheet.reset_dimensions()  # some programs state wrong ones
            yield sheet.iter_rows(max_col=COLUMNS, values_only=True)


def comma_separated(data: bytes) -> Iterator[Sequence[str]]:
    """A CSV file in UTF-8, or in UTF-16 as Excel's "Unicode text". Where the comma is the decimal sign, Excel parts cells by
    semicolons."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("encoding") from None
    if "\0" in text:
        raise Unreadable("type")
    head = text.split("\n", HEADING_WITHIN)[:HEADING_WITHIN]
    mark = max(",;\t", key=lambda mark: max(len(columns_of(line.split(mark))) for line in head))
    return csv.reader(io.StringIO(text, newline=""), delimiter=mark)


def first_table(sheets: Iterable[Iterable[Sequence[object]]]) -> list[Row]:
    """The rows under the headings of the first sheet that has them."""
    for sheet in sheets:
        table = iter(enumerate(sheet, 1))
        for number, cells in table:
            columns = columns_of(cells)
            if "full_name" in columns:
                return people(table, columns, number)
            if number >= HEADING_WITHIN:
                break
    raise Unreadable("no_heading")


def people(table: Iterable[tuple[int, Sequence[object]]], columns: dict[str, int], heading: int) -> list[Row]:
    rows: list[Row] = []
    last = heading
    for number, cells in table:
        texts = {column: plain(cells[place]) for column, place in columns.items() if place < len(cells)}
        if any(texts.values()):
            last = number
            rows.append(Row(number, **texts))
            if len(rows) > ROWS:
                raise Unreadable("too_many_rows")
        elif number - last > GAP:
            break
    if not rows:
        raise Unreadable("empty")
    return rows


def columns_of(cells: Sequence[object]) -> dict[str, int]:
    """Which column is where, if these cells are headings."""
    columns: dict[str, int] = {}
    for place, cell in enumerate(cells[:COLUMNS]):
        words = re.sub(r"\(.*?\)|[^a-z ]", " ", fold(plain(cell))).split()
        if column := COLUMN_OF.get(" ".join(words)):
            columns.setdefault(column, place)
    return columns


def plain(cell: object) -> str:
    """A cell as one line of text: composed letters, single spaces, nothing invisible."""
    match cell:
        case None:
            return ""
        case float() if cell.is_integer():
            text = str(int(cell))
        case datetime():
            text = cell.date().isoformat()
        case _:
            text = str(cell)[: 2 * CELL]
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cn", "Cs"))[:CELL]


def template() -> bytes:
    """An example sheet (XLSX) with the headings and two people."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Danh sách"
    sheet.append(("Họ và tên", "Chức vụ", "Đơn vị", "Tên đăng nhập", "Vai trò"))
    sheet.append(("Nguyễn Thị Hồng Hạnh", "Đại biểu", "Xã Tân Lập", "hanh.nguyen", ""))
    sheet.append(("Đỗ Văn Cường", "Phó Chánh Văn phòng", "Văn phòng HĐND tỉnh", "cuong.do", "Thư ký"))
    for letter, width in zip("ABCDE", (32, 40, 44, 22, 16), strict=True):
        sheet[f"{letter}1"].font = Font(bold=True)
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    roles = DataValidation(type="list", formula1='"Quản trị,Thư ký,Kỹ thuật"', allow_blank=True)
    roles.add(f"E2:E{ROWS + 1}")
    sheet.add_data_validation(roles)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


if __name__ == "__main__":
    main()
