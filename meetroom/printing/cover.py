"""The front of a print pack, after the layout of Decree 30/2020/NĐ-CP: cover, list of papers, outline; and what stands on
every page. Runs only in the press's confined child."""

import html
import io
from typing import Any

from meetroom.documents.mupdf import pymupdf

A4 = pymupdf.paper_rect("a4")
MARGINS = (85, 57, -43, -57)  # points: 30 mm left, 15 mm right, 20 mm above and below
CSS = """
@font-face { font-family: Termes; src: url(texgyretermes-regular.otf) }
@font-face { font-family: Termes; font-weight: bold; src: url(texgyretermes-bold.otf) }
@font-face { font-family: Termes; font-style: italic; src: url(texgyretermes-italic.otf) }
@font-face { font-family: Termes; font-weight: bold; font-style: italic; src: url(texgyretermes-bolditalic.otf) }
body { font-family: Termes; font-size: 13pt; line-height: 1.25; margin: 0 }
p { margin: 0 0 4pt 0 }
p.c { text-align: center }
p.note { color: #1b4f9c; font-style: italic; font-size: 11pt; margin: 0 }
p.instruction { color: #ae2a1c; font-size: 11pt; margin: 0 }
p.by { color: #4d5c58; font-size: 8.5pt; margin: 0 }
table { width: 100%; border-collapse: collapse }
td { padding: 3pt 4pt; vertical-align: top }
table.list td { border-bottom: 0.4pt solid #888888 }
td.n { text-align: right; width: 48pt }
td.i { width: 40pt }
tr.item td { font-weight: bold; padding-top: 9pt }
"""
FOOT = 26  # points from the lower edge to the line with the page's number


def front(order: dict[str, Any], starts: list[tuple[int, int]], archive: pymupdf.Archive) -> pymupdf.Document:
    """Cover and list. How many pages the list takes decides which numbers stand in it, so it is set twice."""
    document = pymupdf.open(stream=_set(_cover(order), archive), filetype="pdf")
    pages = len(pymupdf.open(stream=_set(_list(order, starts, 0), archive), filetype="pdf"))
    listed = pymupdf.open(stream=_set(_list(order, starts, len(document) + pages), archive), filetype="pdf")
    document.insert_pdf(listed)
    return document


def outline(order: dict[str, Any], starts: list[tuple[int, int]], before: int) -> list[list[Any]]:
    """Items with their papers, as readers show them beside the page."""
    toc: list[list[Any]] = [[1, order["words"]["list"], min(2, before)]]
    item = None
    for entry in order["entries"]:
        if entry["part"] is None:
            continue
        page = starts[entry["part"]][0] + before + 1
        if entry["item"] != item:
            item = entry["item"]
            toc.append([1, item, page])
        toc.append([2, entry["title"], page])
    return toc


def _cover(order: dict[str, Any]) -> str:
    text = {name: html.escape(order[name]) for name in ("body", "title", "when", "place", "holder", "at")}
    words = {name: html.escape(word) for name, word in order["words"].items()}
    return (
        "<table><tr>"
        f"<td style='width:187pt'><p class='c'><b>{text['body']}</b></p></td>"
        "<td><p class='c' style='font-size:12.5pt'><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b></p>"
        "<p class='c' style='font-size:13.5pt'><b><u>Độc lập - Tự do - Hạnh phúc</u></b></p></td>"
        "</tr></table>"
        f"<p class='c' style='margin-top:190pt;font-size:24pt'><b>{words['pack']}</b></p>"
        f"<p class='c' style='margin-top:14pt;font-size:17pt'><b>{text['title']}</b></p>"
        f"<p class='c' style='margin-top:24pt;font-size:14pt'>{text['when']}</p>"
        f"<p class='c' style='font-size:14pt'>{text['place']}</p>"
        f"<p class='c' style='margin-top:200pt;font-size:13pt'>{words['for']}: <b>{text['holder']}</b></p>"
        f"<p class='c' style='font-size:12pt'><i>{words['printed']} {text['at']}</i></p>"
    )


def _list(order: dict[str, Any], starts: list[tuple[int, int]], before: int) -> str:
    rows, item = [], None
    for entry in order["entries"]:
        if entry["item"] != item:
            item = entry["item"]
            rows.append(f"<tr class='item'><td colspan='3'>{html.escape(item)}</td></tr>")
        page = html.escape(order["words"]["on_paper"]) if entry["part"] is None else str(starts[entry["part"]][0] + before + 1)
        number, title = html.escape(entry["number"]), html.escape(entry["title"])
        rows.append(f"<tr><td class='i'></td><td>{number + ' – ' if number else ''}{title}</td><td class='n'>{page}</td></tr>")
    head = f"<p class='c' style='font-size:15pt;margin-bottom:12pt'><b>{html.escape(order['words']['list'])}</b></p>"
    return f"{head}<table class='list'>{''.join(rows)}</table>"


def _set(text: str, archive: pymupdf.Archive) -> bytes:
    story = pymupdf.Story(html=text, user_css=CSS, archive=archive)
    file = io.BytesIO()
    writer = pymupdf.DocumentWriter(file)
    more = 1
    while more:
        device = writer.begin_page(A4)
        more, _ = story.place(A4 + MARGINS)
        story.draw(device)
        writer.end_page()
    writer.close()
    return file.getvalue()


def stamp(document: pymupdf.Document, order: dict[str, Any], front: int, archive: pymupdf.Archive, letters: bytes) -> None:
    """On every page its number, and over it, faintly, for whom and when it was printed. Both are drawn in documents of their
    own, each with its letters once, and laid over the pages."""
    numbers = pymupdf.open(stream=_numbers(document, order, front, archive), filetype="pdf")
    mark = _watermark(order["watermark"], letters) if order["watermark"] else None
    for page in document.pages():
        if page.rotation:
            page.remove_rotation()
        page.wrap_contents()
        if mark is not None:
            page.show_pdf_page(page.rect, mark, 0, keep_proportion=True, overlay=True)
        page.show_pdf_page(page.rect, numbers, page.number, overlay=True)


def _numbers(document: pymupdf.Document, order: dict[str, Any], front: int, archive: pymupdf.Archive) -> bytes:
    file, count = io.BytesIO(), len(document)
    writer = pymupdf.DocumentWriter(file)
    for number in range(count):
        rect = document[number].rect
        sheet = pymupdf.Rect(0, 0, rect.width, rect.height)
        text = "" if number == 0 and front else f"{number + 1} / {count}"
        line = f"<p style='text-align:right;font-size:9pt;color:#4d5c58'>{text}</p>"
        story = pymupdf.Story(html=line, user_css=CSS, archive=archive)
        device = writer.begin_page(sheet)
        story.place(pymupdf.Rect(20, sheet.y1 - FOOT, sheet.x1 - 28, sheet.y1))
        story.draw(device)
        writer.end_page()
    writer.close()
    return file.getvalue()


def _watermark(text: str, letters: bytes) -> pymupdf.Document:
    """The line three times across an A4 sheet, rising by 30 degrees."""
    document = pymupdf.open()
    page = document.new_page(width=A4.width, height=A4.height)
    font = pymupdf.Font(fontbuffer=letters)
    size = min(15.0, 430 / max(font.text_length(text, 1), 1))
    for row in range(3):
        writer, start = pymupdf.TextWriter(page.rect), pymupdf.Point(90, 290 + row * 240)
        writer.append(start, text, font=font, fontsize=size)
        writer.write_text(page, color=(0.08, 0.13, 0.12), opacity=0.13, morph=(start, pymupdf.Matrix(30)))
    return document
