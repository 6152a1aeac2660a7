"""Spreadsheets for tests, real ones and hostile ones, made as the programs of offices make them."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

HEADINGS = ("Họ và tên", "Chức vụ", "Đơn vị", "Tên đăng nhập", "Vai trò")


def xlsx(rows: Iterable[Sequence[Any]], headings: Sequence[Any] | None = HEADINGS, above: Iterable[Sequence[Any]] = ()) -> bytes:
    """One sheet: lines above, headings, rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Danh sách")
    for row in (*above, *([headings] if headings else []), *rows):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(data: bytes, changes: dict[str, bytes]) -> bytes:
    """The same workbook with other content of some of its parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *changes}:
            new.writestr(name, changes[name] if name in changes else old.read(name))
    return file.getvalue()
