"""Ink on PDF pages, in the shape the tablet draws (web/src/ink/drawing.ts). Runs only in the press's confined child."""

import html
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from meetroom.documents.mupdf import pymupdf
from meetroom.ink import rules
from meetroom.ink.rules import Point

PENS = {"blue": 0x1B4F9C, "black": 0x14201E, "green": 0x23613A, "yellow": 0x7A4E00}
MARKERS = {"yellow": 0xFFE89A, "green": 0xC4E8C0, "blue": 0xC3DCF7, "black": 0xD2DAD4}
LIGHT, STEP = 0.55, 12  # as on the tablet: of a pen's width without pressure; widths are told apart by a twelfth
CURVE = 4  # pieces of a curve between two points
MARGIN = 0.36  # of the page's width, added at its right for notes
Mark = dict[str, Any]
Place = tuple[float, float]


def draw(page: pymupdf.Page, marks: Sequence[Mark], archive: pymupdf.Archive, css: str) -> None:
    """Put marks on a page that is not rotated; with notes it becomes broader."""
    rect = +page.rect
    notes = [mark for mark in marks if mark["kind"] not in ("pen", "highlighter")]
    strokes = [(mark, rules.decode(mark["points"])) for mark in marks if mark["kind"] in ("pen", "highlighter")]
    beside = any(x > 10_000 for _, points in strokes for x, _, _ in points)
    page.wrap_contents()
    if notes or beside:
        _broaden(page, rect)
    for mark, points in strokes:
        if mark["kind"] == "highlighter":
            _highlight(page, rect, mark, points)
    shape = page.new_shape()
    for mark, points in strokes:
        if mark["kind"] == "pen":
            for width, line in _lines(mark, points, rect):
                shape.draw_polyline(line)
                shape.finish(color=_rgb(PENS[mark["colour"]]), width=width, lineCap=1, lineJoin=1, closePath=False)
    for number, note in enumerate(notes, 1):
        _pin(shape, rect, note, number)
    shape.commit()
    _write(page, rect, notes, archive, css)


def _broaden(page: pymupdf.Page, rect: pymupdf.Rect) -> None:
    """The crop becomes the page, and white paper is put to its right."""
    box = page.cropbox
    more = rect.width * MARGIN
    page.set_mediabox(pymupdf.Rect(box.x0, page.mediabox.y1 - box.y1, box.x1 + more, page.mediabox.y1 - box.y0))
    page.draw_rect(pymupdf.Rect(rect.x1, rect.y0, rect.x1 + more, rect.y1), color=None, fill=(1, 1, 1))


def _highlight(page: pymupdf.Page, rect: pymupdf.Rect, mark: Mark, points: Sequence[Point]) -> None:
    """Multiplied with the print, which an annotation can be."""
    line = [place for _, part in _lines(mark, points, rect) for place in part]
    annotation = page.add_ink_annot([line])
    annotation.set_border(width=mark["width"] * rect.width / 10_000)
    annotation.set_colors(stroke=_rgb(MARKERS[mark["colour"]]))
    annotation.set_blendmode("Multiply")
    annotation.update()


def _lines(mark: Mark, points: Sequence[Point], rect: pymupdf.Rect) -> Iterator[tuple[float, list[Place]]]:
    """The stroke as lines of one width each, in points of the page: through the middles between its points."""
    across, down = rect.width / 10_000, rect.height / 10_000
    places = [(rect.x0 + x * across, rect.y0 + y * down) for x, y, _ in points]
    if len(points) == 1:
        yield _width(mark, points[0][2]) * across, [places[0], (places[0][0] + 0.01, places[0][1])]
        return
    numbered = range(1, len(points))
    for width, run in groupby(numbered, key=lambda n: _width(mark, points[n][2])):
        line: list[Place] = []
        for n in run:
            start = places[0] if n == 1 else _middle(places[n - 1], places[n])
            if not line:
                line.append(start)
            if n + 1 < len(places):
                line += _curve(start, places[n], _middle(places[n], places[n + 1]))
            else:
                line.append(places[n])
        yield width * across, line


def _width(mark: Mark, pressure: int) -> float:
    if mark["kind"] == "highlighter":
        return float(mark["width"])
    wide = LIGHT + 2 * (1 - LIGHT) * pressure / 255
    return float(round(wide * STEP) / STEP * mark["width"])


def _curve(start: Place, control: Place, end: Place) -> Iterable[Place]:
    for part in range(1, CURVE + 1):
        t = part / CURVE
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        yield a * start[0] + b * control[0] + c * end[0], a * start[1] + b * control[1] + c * end[1]


def _middle(a: Place, b: Place) -> Place:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _pin(shape: pymupdf.Shape, rect: pymupdf.Rect, note: Mark, number: int) -> None:
    colour = _rgb(0xAE2A1C if note["kind"] == "instruction" else PENS["blue"])
    x, y = rect.x0 + note["x"] * rect.width / 10_000, rect.y0 + note["y"] * rect.height / 10_000
    shape.draw_circle((x, y), 7)
    shape.finish(color=colour, fill=(1, 1, 1), width=1.2)
    shape.insert_text((x - 2.4 * len(str(number)), y + 3.2), str(number), fontname="helv", fontsize=9, color=colour)


def _write(page: pymupdf.Page, rect: pymupdf.Rect, notes: Sequence[Mark], archive: pymupdf.Archive, css: str) -> None:
    """The notes in the added margin, from the top, each not above its place."""
    left, right = rect.x1 + 12, rect.x1 + rect.width * MARGIN - 12
    top = rect.y0 + 18
    for number, note in enumerate(notes, 1):
        top = max(top, rect.y0 + note["y"] * rect.height / 10_000 - 12)
        room = pymupdf.Rect(left, min(top, rect.y1 - 40), right, rect.y1 - 12)
        kind = "instruction" if note["kind"] == "instruction" else "note"
        text = html.escape(note["text"]).replace("\n", "<br>")
        words = f"<p class='{kind}'><b>{number}.</b> {text}</p><p class='by'>{html.escape(note['by'])}</p>"
        spare, scale = page.insert_htmlbox(room, words, css=css, archive=archive)
        top = rect.y1 - 40 if spare < 0 else room.y1 - spare * scale + 8


def _rgb(colour: int) -> tuple[float, float, float]:
    return (colour >> 16) / 255, (colour >> 8 & 255) / 255, (colour & 255) / 255
