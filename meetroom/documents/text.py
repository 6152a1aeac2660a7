"""What can be read and followed on a page: words with their places, links, and the table of contents."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from meetroom.documents.mupdf import pymupdf
from meetroom.documents.rules import UNSEEN

UNIT = 10_000  # of a page's width and height
MOST_WORDS, MOST_LINKS, MOST_ENTRIES = 20_000, 500, 2000  # of a page, of a page, of a table of contents
WORD, TITLE = 200, 200  # characters
FOLLOWED = re.compile(r"(https?://|mailto:)[^\s\x00-\x1f]{1,1900}$", re.IGNORECASE)
TOUCHING, LOOK_BACK = 0.08, 12  # of the letters' height; lines
SURE = 30.0  # per cent; words of which OCR is less sure are mostly specks and stamps

Box = tuple[int, int, int, int]
Word = tuple[float, float, float, float, str]
Piece = tuple[int, float, list[Word]]  # block, height of the letters, words


def text_of(page: pymupdf.Page) -> dict[str, Any] | None:
    """The page's text layer as TextLayer describes it; None where there is no text."""
    read = page.get_textpage(flags=pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP)
    heights = {
        (block["number"], number): max((span["size"] for span in line["spans"]), default=0)
        for block in read.extractDICT()["blocks"]
        for number, line in enumerate(block.get("lines", ()))
    }
    lines: dict[tuple[int, int], list[Word]] = {}
    for *box, word, block, line, _ in read.extractWORDS()[:MOST_WORDS]:
        lines.setdefault((block, line), []).append((*(pymupdf.Rect(box) * page.rotation_matrix), word))
    pieces = [(block, heights.get((block, line), 0.0), words) for (block, line), words in lines.items()]
    width, height = page.rect.width, page.rect.height
    return _layer(_line(words, block, size, width, height) for block, size, words in _joined(pieces))


def _joined(lines: list[Piece]) -> list[Piece]:
    """Where a font has not all letters of Vietnamese, programs take some from another one and write them apart: "Ngh", "ị"."""
    joined: list[Piece] = []
    for block, size, words in lines:
        for place, (other, high, whole) in enumerate(joined[-LOOK_BACK:], max(len(joined) - LOOK_BACK, 0)):
            if other == block and _touch(whole, words, TOUCHING * max(size, high)):
                joined[place] = (block, max(size, high), _one_line(whole + words, TOUCHING * max(size, high)))
                break
        else:
            joined.append((block, size, words))
    return joined


def _touch(line: list[Word], words: list[Word], gap: float) -> bool:
    (_, top, _, bottom, _), (_, y0, _, y1, _) = line[0], words[0]
    level = min(bottom, y1) - max(top, y0) > 0.6 * (y1 - y0)
    return level and any(abs(b[0] - a[2]) < gap or abs(a[0] - b[2]) < gap for a in line for b in words)


def _one_line(words: list[Word], gap: float) -> list[Word]:
    """From left to right, with what touches made one word."""
    line: list[Word] = []
    for x0, y0, x1, y1, word in sorted(words):
        if line and abs(x0 - line[-1][2]) < gap:
            a0, b0, _, b1, begun = line.pop()
            line.append((a0, min(b0, y0), x1, max(b1, y1), begun + word))
        else:
            line.append((x0, y0, x1, y1, word))
    return line


def text_read(table: str, width: int, height: int) -> dict[str, Any] | None:
    """The text layer of what Tesseract read (its TSV) in a picture of that many pixels; None if that is nothing."""
    lines: dict[tuple[int, int, int], list[Word]] = {}
    for row in table.splitlines()[1 : MOST_WORDS + 1]:
        cells = row.split("\t")
        if len(cells) != 12 or cells[0] != "5" or not cells[11].strip():
            continue
        try:
            block, paragraph, line = (int(cell) for cell in cells[2:5])
            left, top, wide, high = (int(cell) for cell in cells[6:10])
            sure = float(cells[10])
        except ValueError:
            continue
        if sure >= SURE:
            lines.setdefault((block, paragraph, line), []).append((left, top, left + wide, top + high, cells[11]))
    numbers = {block: number for number, block in enumerate(dict.fromkeys(place[:2] for place in lines))}
    return _layer(_line(words, numbers[place[:2]], 0, width, height) for place, words in lines.items())


def _layer(lines: Iterable[dict[str, Any] | None]) -> dict[str, Any] | None:
    found = [line for line in lines if line]
    return {"lines": found} if found else None


def _line(words: list[Word], block: int, size: float, width: float, height: float) -> dict[str, Any] | None:
    """`size`: the letters' height as the fonts have it; 0: as high as the line."""
    kept = [(x0, x1, text) for x0, _, x1, _, raw in words if (text := clean(raw)[:WORD])]
    if not kept:
        return None
    top, bottom = min(word[1] for word in words), max(word[3] for word in words)
    return {
        "box": place((min(x0 for x0, _, _ in kept), top, max(x1 for _, x1, _ in kept), bottom), width, height),
        "block": block,
        "size": _unit(size or bottom - top, height),
        "words": [(_unit(x0, width), _unit(x1, width), text) for x0, x1, text in kept],
    }


def place(box: tuple[float, float, float, float], width: float, height: float) -> Box:
    x0, y0, x1, y1 = box
    return _unit(x0, width), _unit(y0, height), _unit(x1, width), _unit(y1, height)


def _unit(part: float, whole: float) -> int:
    return min(max(round(part / whole * UNIT), 0), UNIT)


def clean(text: str) -> str:
    """As it may be shown and searched: composed letters, nothing unseen."""
    return unicodedata.normalize("NFC", UNSEEN.sub("", text).replace("\u00ad", "").replace("\ufffd", "")).strip()


def links_of(page: pymupdf.Page, page_count: int) -> list[dict[str, Any]]:
    """Where one may go from here: pages of the paper (from 1), and addresses that a browser may open."""
    links = []
    for link in page.get_links()[:MOST_LINKS]:
        uri, target = link.get("uri", ""), link.get("page", -1)
        found: dict[str, Any] = {"box": place(tuple(link["from"]), page.rect.width, page.rect.height), "page": None, "uri": None}
        if link["kind"] == pymupdf.LINK_URI and FOLLOWED.match(uri):
            scheme, rest = uri.split(":", 1)
            found["uri"] = f"{scheme.lower()}:{rest}"
        elif isinstance(target, int) and 0 <= target < page_count and link["kind"] in (pymupdf.LINK_GOTO, pymupdf.LINK_NAMED):
            found["page"] = target + 1
        else:
            continue
        links.append(found)
    return links


def contents_of(document: pymupdf.Document) -> list[dict[str, Any]]:
    """The table of contents; empty when there is none that leads anywhere."""
    entries = []
    for level, title, page, *_ in document.get_toc()[:MOST_ENTRIES]:
        if 1 <= page <= document.page_count and (title := clean(" ".join(title.split()))[:TITLE].strip()):
            entries.append({"level": min(level, 9), "title": title, "page": page})
    return entries
