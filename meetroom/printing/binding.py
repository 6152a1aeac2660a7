"""The confined child of the press: `python -m meetroom.printing.binding FD`. It has read nothing but its fonts when it gives
up the right to open files; papers come to it as open files, the bound PDF goes out through one.

Each message on the socket FD is `{"do": …}` with open files: `paper` (what to do with it as JSON, the file), `finish` (cover
and list as JSON, the file to write). Answers `done` or a reason.
"""

import io
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

from meetroom.documents import confinement
from meetroom.documents.confinement import Limits
from meetroom.documents.mupdf import pymupdf
from meetroom.printing import cover, strokes

MOST_PAGES = 6000
# A hundredth of a second a page, and more for scans; the whole pack is in memory.
LIMITS = Limits(cpu=300, memory=2 << 30, file=1 << 30)
FONTS = Path(__file__).parents[1] / "documents" / "sample" / "fonts"
IMAGE_WIDTH = 595  # points; of a page that is there as an image only


class Binder:
    """A growing PDF, and which page each paper begins on."""

    def __init__(self, fonts: dict[str, bytes]) -> None:
        self.out = pymupdf.open()
        self.archive = pymupdf.Archive()
        self.letters = fonts["texgyretermes-regular.otf"]
        for name, font in fonts.items():
            self.archive.add(font, name)
        self.starts: list[tuple[int, int]] = []  # the first page of each paper, and how many it has

    def add(self, order: dict[str, Any], file: bytes) -> None:
        """Another paper: a PDF, or the images of its pages one behind the other. Raises what the PDF library raises."""
        document = pymupdf.open(stream=file, filetype="pdf") if order["pdf"] else _pictures(file, order["images"])
        if document.needs_pass or len(self.out) + len(document) > MOST_PAGES:
            raise ValueError("locked, or too long")
        marks: dict[int, list[dict[str, Any]]] = {}
        for mark in order["marks"]:
            marks.setdefault(mark["page"], []).append(mark)
        for number in sorted(marks):
            if 1 <= number <= len(document):
                page = document[number - 1]
                page.remove_rotation()
                strokes.draw(page, marks[number], self.archive, cover.CSS)
        if marks:
            document.bake()  # highlighters are annotations until here
        self.starts.append((len(self.out), len(document)))
        self.out.insert_pdf(document)  # leaves scripts, forms and attachments behind

    def finish(self, order: dict[str, Any]) -> bytes:
        """Cover and list in front, a number and a watermark on each page."""
        front = cover.front(order, self.starts, self.archive) if order["cover"] else None
        before = len(front) if front is not None else 0
        if front is not None:
            self.out.insert_pdf(front, start_at=0)
            self.out.set_toc(cover.outline(order, self.starts, before))
        cover.stamp(self.out, order, before, self.archive, self.letters)
        self.out.set_metadata({"title": order["title"], "producer": "", "creator": "meetroom"})
        data: bytes = self.out.tobytes(garbage=3, deflate=True)
        return data


def _pictures(file: bytes, sizes: list[int]) -> pymupdf.Document:
    from PIL import Image

    document, at = pymupdf.open(), 0
    for size in sizes:
        image = Image.open(io.BytesIO(file[at : at + size])).convert("RGB")
        at += size
        scale = IMAGE_WIDTH / image.width
        page = document.new_page(width=IMAGE_WIDTH, height=image.height * scale)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=85)
        page.insert_image(page.rect, stream=out.getvalue())
    return document


def _rehearse(binder: Binder) -> None:
    """Bind something with everything once: what the libraries load only then (codecs, image formats) can be loaded now."""
    page = pymupdf.open()
    page.new_page()
    place = {"page": 1, "x": 1, "y": 1, "colour": "blue", "width": 20, "points": "AgICAgIC", "by": "Ả"}
    marks = [{**place, "kind": kind, "text": "Ả" * (kind == "note")} for kind in ("pen", "highlighter", "note")]
    binder.add({"pdf": True, "images": [], "marks": marks}, page.tobytes())
    names = ("title", "body", "when", "place", "holder", "at", "watermark")
    words = dict.fromkeys(("pack", "list", "for", "printed", "on_paper"), "Ả")
    entry = {"item": "Ả", "title": "Ả", "number": "", "part": 0}
    binder.finish({**dict.fromkeys(names, "Ả"), "cover": True, "words": words, "entries": [entry]})


def main(link: socket.socket) -> None:
    from PIL import Image

    Image.init()  # now, for later it may open no files
    fonts = {file.name: file.read_bytes() for file in FONTS.glob("*.otf")}
    _rehearse(Binder(fonts))
    binder = Binder(fonts)
    os.nice(10)
    confinement.leave_the_network()
    confinement.confine(LIMITS)
    while True:
        message, files, _, _ = socket.recv_fds(link, 4096, 2)
        if not message:
            return
        order_file, file = (os.fdopen(fd, "r+b") for fd in files)
        with order_file, file:
            order = json.loads(order_file.read())
            answer = "done"
            try:
                if message == b"paper":
                    binder.add(order, file.read())
                else:
                    file.write(binder.finish(order))
            except MemoryError:
                answer = "too_large"
            except (pymupdf.mupdf.FzErrorBase, pymupdf.FileDataError, RuntimeError, ValueError, OSError) as error:
                answer = "too_large" if isinstance(error, pymupdf.mupdf.FzErrorSystem | OSError) else "damaged"
        link.send(answer.encode())


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
