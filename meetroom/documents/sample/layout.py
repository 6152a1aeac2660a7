"""From the wording of a sample paper to a PDF of a given number of pages, set in TeX Gyre Termes."""

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from meetroom.documents.mupdf import pymupdf
from meetroom.documents.sample.form import Paper, Signature
from meetroom.documents.sample.markup import Block
from meetroom.documents.sample.papers import paper

FONTS = Path(__file__).with_name("fonts")
A4, A4_LANDSCAPE = pymupdf.paper_rect("a4"), pymupdf.paper_rect("a4-l")
MARGINS = (85, 57, -43, -57)  # points: 30 mm left, 15 mm right, 20 mm above and below (Decree 30/2020, Annex I)
CSS = """
@font-face { font-family: Termes; src: url(texgyretermes-regular.otf) }
@font-face { font-family: Termes; font-weight: bold; src: url(texgyretermes-bold.otf) }
@font-face { font-family: Termes; font-style: italic; src: url(texgyretermes-italic.otf) }
@font-face { font-family: Termes; font-weight: bold; font-style: italic; src: url(texgyretermes-bolditalic.otf) }
body { font-family: Termes; font-size: 14pt; line-height: 1.25; margin: 0 }
p { text-align: justify; text-indent: 28pt; margin: 0 0 6pt 0 }
p.part { font-weight: bold; margin-top: 10pt }
p.centred { text-align: center; text-indent: 0; margin-bottom: 2pt }
p.greeting { margin: 8pt 0 10pt 0 }
p.bold { font-weight: bold }
p.italic { font-style: italic }
p.unit { font-style: italic; text-align: right; text-indent: 0; margin-bottom: 3pt }
table { width: 100%; border-collapse: collapse; margin: 0 0 10pt 0; font-size: 13pt; line-height: 1.15 }
table.small { font-size: 12pt }
table.tight { font-size: 12pt; line-height: 1.02 }
th, td { border: 0.6pt solid black; padding: 3pt 5pt; text-align: left }
th, td.c { text-align: center }
td.r { text-align: right }
table.plain td { border: none; padding: 0; text-align: center }
table.plain p { text-align: center; text-indent: 0; margin: 0 }
table.plain p.left { text-align: left }
"""


class Mark(NamedTuple):
    """Where an element with an id came to stand."""

    page: int
    id: str
    box: pymupdf.Rect


def sample(kind: str, title: str = "", number: str = "", pages: int = 4) -> bytes:
    """A PDF. `kind`: submission (tờ trình), report (báo cáo), verification (báo cáo thẩm tra), resolution (dự thảo nghị
    quyết) or appendix (phụ lục).

    It has `pages` pages when the shortest form of its text allows: first as much of the text as fits, then annexes.
    The same arguments give the same pages.
    """
    words = paper(kind, title, number)
    document = pymupdf.open()
    if words.body:
        document.insert_pdf(_draw(_fitting(words, pages)))
    for annex in words.annexes(pages - len(document)):
        if len(document) >= pages:
            break
        document.insert_pdf(_draw(annex.html, A4_LANDSCAPE if annex.landscape else A4))
    _number(document)
    document.set_metadata({"title": title, "producer": "", "creator": ""})
    data: bytes = document.tobytes(garbage=4, deflate=True)
    return data


def _fitting(words: Paper, pages: int) -> str:
    """The text with as many of its optional blocks as fit on so many pages, evenly from all parts."""
    optional = _evenly(words.body)

    def text(count: int) -> str:
        left_out = set(optional[count:])
        return _text(words, [block for n, block in enumerate(words.body) if n not in left_out])

    least, most = 0, len(optional)
    while least < most:
        middle = (least + most + 1) // 2
        if len(_draw(text(middle))) <= pages:
            least = middle
        else:
            most = middle - 1
    return text(least)


def _evenly(blocks: list[Block]) -> list[int]:
    """The numbers of the optional blocks, the first of every run before any second."""
    ranked, place = [], 0
    for number, block in enumerate(blocks):
        place = 0 if block.needed else place + 1
        if place:
            ranked.append((place, number))
    return [number for _, number in sorted(ranked)]


def _text(words: Paper, blocks: list[Block]) -> str:
    """Head, blocks and signature. A block that is to stay whole and would be split begins a new page, and so does the
    last one if the signature would stand alone on the next."""
    pushed: set[int] = set()
    while True:
        html = [_head(words)]
        for n, block in enumerate(blocks):
            style, last = "page-break-before: always" if n in pushed else "", n == len(blocks) - 1
            html.append(f"<div id='whole-{n}' style='{style}'>{block.html}</div>" if block.whole or last else block.html)
        html.append(_foot(words.signature))
        split = next((n for n in _split("".join(html)) if n not in pushed), None)
        if split is None:
            return "".join(html)
        pushed.add(split)


def _split(html: str) -> Iterator[int]:
    """The blocks `whole-<n>` that are on two pages: that reach below the margin, or whose `rest` begins a page."""
    begun = Mark(0, "", A4)
    for mark in _set(html, A4)[1]:
        if mark.id.startswith("whole-"):
            begun = mark
        if mark.box.y1 > (A4 + MARGINS).y1 or (mark.id == "rest" and mark.page > begun.page):
            yield int(begun.id.removeprefix("whole-"))


def _head(words: Paper) -> str:
    above, below = words.issuer
    draft = "<p><b>DỰ THẢO</b></p>" if words.draft else ""
    return (
        "<table class='plain'><tr>"
        f"<td style='width:187pt'><p>{above}</p>{_ruled(below, 13, 0.45)}<p style='margin-top:7pt'>{words.number}</p>{draft}</td>"
        "<td style='width:280pt'><p style='font-size:12.5pt'><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b></p>"
        f"{_ruled('Độc lập - Tự do - Hạnh phúc', 13.5, 1)}"
        f"<p style='margin-top:7pt;font-size:13.5pt'><i>Thanh Giang, {words.day}</i></p></td></tr></table>"
        f"<p class='centred bold' style='margin-top:14pt'>{words.kind}</p>"
        f"{_ruled(words.about, 14, 0.35, 'margin-bottom:14pt')}"
    )


def _ruled(text: str, size: float, share: float, style: str = "") -> str:
    """A bold centred line with a rule below, of a share of its length. The rule itself is drawn by `_draw`."""
    length = min(_font("bold").text_length(text, size), 460) * share
    return f"<p class='centred bold' style='font-size:{size}pt;{style}' id='rule-{length:.0f}'>{text}</p>"


def _foot(signature: Signature | None) -> str:
    if signature is None:
        return ""
    copies = "".join(f"<p class='left' style='font-size:11pt'>- {copy}</p>" for copy in signature.copies)
    return (
        "<table class='plain' style='margin-top:12pt'><tr>"
        f"<td style='width:233pt'><p id='rest' class='left' style='font-size:12pt'><b><i>Nơi nhận:</i></b></p>{copies}</td>"
        f"<td style='width:233pt'><p><b>{signature.body}</b></p><p><b>{signature.office}</b></p>"
        f"<p style='margin-top:72pt'><b>{signature.name}</b></p></td></tr></table>"
    )


def _set(html: str, sheet: pymupdf.Rect) -> tuple[bytes, list[Mark]]:
    """The HTML on pages, and where its elements with an id begin."""
    story = pymupdf.Story(html=html, user_css=CSS, archive=pymupdf.Archive(str(FONTS)))
    file, marks = io.BytesIO(), []

    def mark(element: Any) -> None:
        if element.id and element.open_close & 1:
            marks.append(Mark(element.page, element.id, pymupdf.Rect(element.rect)))

    writer = pymupdf.DocumentWriter(file)
    page, more = 0, 1
    while more:
        device = writer.begin_page(sheet)
        more, _ = story.place(sheet + MARGINS)
        story.element_positions(mark, {"page": page})
        story.draw(device)
        writer.end_page()
        page += 1
    writer.close()
    return file.getvalue(), marks


def _draw(html: str, sheet: pymupdf.Rect = A4) -> pymupdf.Document:
    """The HTML as a document; under every element whose id is `rule-<length>` a line of that length."""
    data, marks = _set(html, sheet)
    document = pymupdf.open(stream=data, filetype="pdf")
    for mark in marks:
        if mark.id.startswith("rule-"):
            half, middle = int(mark.id.removeprefix("rule-")) / 2, (mark.box.x0 + mark.box.x1) / 2
            document[mark.page].draw_line((middle - half, mark.box.y1 + 2), (middle + half, mark.box.y1 + 2), width=0.7)
    return document


def _number(document: pymupdf.Document) -> None:
    """Page numbers in the middle of the upper margin, from the second page on."""
    font = _font("regular")
    for page in document.pages(1):
        page.wrap_contents()
        text, writer = str(page.number + 1), pymupdf.TextWriter(page.rect)
        writer.append(((page.rect.width - font.text_length(text, 13)) / 2, 40), text, font=font, fontsize=13)
        writer.write_text(page)


@cache
def _font(style: str) -> pymupdf.Font:
    return pymupdf.Font(fontfile=str(FONTS / f"texgyretermes-{style}.otf"))
