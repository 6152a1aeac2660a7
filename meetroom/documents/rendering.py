"""The worker's side of preparing papers: files go to a confined process, pages, another file or a reason come back.

A zygote that has imported the PDF library forks a child for every piece of work. The child gets an open file to read and one
to write, and nothing else of the machine; if it dies, that is a refusal of one paper.
"""

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, Self

from pydantic import Field, ValidationError

from meetroom.documents.schema import LinkView, TextLayer, TocEntry
from meetroom.wire import Wire

# Why a paper cannot be shown. A child says which one by its exit status. "broken" is for the worker alone: this program could
# not read the file, another one may.
REASONS = ("encrypted", "damaged", "too_many_pages", "too_large", "too_slow", "not_a_paper", "needs_office", "broken")
FIRST_STATUS = 10

# pages: images of one width, text and links. large: sharper images, or tiles. scan: grey pictures of what has no text, for OCR.
# picture: a PDF of an image file. copy: a clean PDF of a PDF. office, redraw: a PDF made by another program. ocr: words.
Task = Literal["pages", "large", "scan", "picture", "copy", "office", "redraw", "ocr"]


class Size(NamedTuple):
    """Pixels; what is longer than `height` gets narrower."""

    width: int
    height: int


STANDARD, LARGE = Size(1600, 8000), Size(2560, 12_800)
MOST_TILES, MOST_PIXELS = 200, 10_240  # of a page; of a side
MOST_SAID, MOST_IMAGE = 8 << 20, 64 << 20  # bytes that a child may say of one page, and that an image may have
LENGTH = struct.Struct(">I")  # before each piece that a child writes
PROJECT = Path(__file__).resolve().parents[2]


class Unshowable(Exception):
    """The file cannot be shown; `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Request:
    """One piece of work. Of pages: from `first` (numbered from 0), at most `most`, no new one after `seconds`. `quick`: it is
    given up early, because others wait for the first sight of their papers."""

    task: Task
    page_limit: int
    first: int = 0
    most: int = 1
    seconds: float = 0
    quick: bool = False


@dataclass
class Drawn:
    """What a child writes of a page: the size of the whole in pixels, in how many images it is cut (0 rows: in none), and, as
    plain data, its text layer and links."""

    width: int
    height: int
    columns: int = 1
    rows: int = 1
    edge: int = 0
    text: dict[str, Any] | None = None
    links: list[dict[str, Any]] = field(default_factory=list)


class Said(Wire):
    """The same as the worker believes it."""

    width: int = Field(ge=0, le=12_800)
    height: int = Field(ge=0, le=12_800)
    columns: int = Field(ge=1, le=MOST_TILES)
    rows: int = Field(ge=0, le=MOST_TILES)
    edge: int = Field(ge=0, le=4096)
    text: TextLayer | None
    links: tuple[LinkView, ...] = Field(max_length=1000)


class SaidFirst(Wire):
    page_count: int
    toc: tuple[TocEntry, ...] = Field(max_length=5000)


@dataclass(frozen=True)
class Page:
    said: Said
    images: tuple[bytes, ...]


@dataclass(frozen=True)
class Batch:
    page_count: int
    toc: tuple[TocEntry, ...]
    pages: tuple[Page, ...]


class Renderer:
    """A zygote, started again after it has died. One piece of work at a time."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.zygote = subprocess.Popen(
                [sys.executable, "-m", "meetroom.documents.zygote", str(theirs.fileno())],
                cwd=PROJECT,
                env={"LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def _end(self) -> None:
        self.link.close()
        self.zygote.kill()
        self.zygote.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def work(self, paper: BinaryIO, request: Request, *, beat: Callable[[], None], every: float) -> BinaryIO:
        """Have something made of `paper`, calling `beat` about `every` seconds meanwhile; returns what came out, to be read.

        Raises Unshowable, and ConnectionError when the zygote has died; the next call has a new one. What `beat` raises ends the
        work.
        """
        output = os.fdopen(os.memfd_create("pages"), "rb")
        try:
            reason = self._ask(paper, output, request, beat, every)
            if reason != "done":
                raise Unshowable(reason)
            output.seek(0)
        except BaseException as error:
            output.close()
            if not isinstance(error, Unshowable):
                self._end()
                self._start()
            raise
        return output

    def _ask(self, paper: BinaryIO, output: BinaryIO, request: Request, beat: Callable[[], None], every: float) -> str:
        socket.send_fds(self.link, [json.dumps(vars(request)).encode()], [paper.fileno(), output.fileno()])
        self.link.settimeout(every)
        while True:
            try:
                answer = self.link.recv(64).decode()
            except TimeoutError:
                beat()
            else:
                if not answer:
                    raise ConnectionResetError
                return answer


def read_batch(file: BinaryIO, request: Request) -> Batch:
    """What a child wrote, believing nothing: it may have been taken over by the file it read. Raises Unshowable."""
    try:
        first = SaidFirst.model_validate_json(_piece(file, MOST_SAID))
        pages: list[Page] = []
        while head := file.read(LENGTH.size):
            said = Said.model_validate_json(_rest(file, head, MOST_SAID))
            tiles = said.columns * said.rows
            if tiles > MOST_TILES or len(pages) == request.most or (tiles > 1) != (said.edge > 0):
                raise ValueError
            images = tuple(_piece(file, MOST_IMAGE) for _ in range(tiles))
            if not all(map(is_image, images)) or (images and not said.width * said.height):
                raise ValueError
            if said.edge and (said.columns, said.rows) != (-(-said.width // said.edge), -(-said.height // said.edge)):
                raise ValueError
            pages.append(Page(said, images))
    except (struct.error, ValueError, ValidationError):
        raise Unshowable("damaged") from None
    if not pages or not request.first + len(pages) <= first.page_count <= request.page_limit:
        raise Unshowable("damaged")
    return Batch(first.page_count, first.toc, tuple(pages))


def _piece(file: BinaryIO, limit: int) -> bytes:
    return _rest(file, file.read(LENGTH.size), limit)


def _rest(file: BinaryIO, head: bytes, limit: int) -> bytes:
    """Raises ValueError or struct.error for what is too long or cut off."""
    (size,) = LENGTH.unpack(head)
    data = file.read(size) if size <= limit else b""
    if len(data) != size:
        raise ValueError
    return data


def is_image(data: bytes) -> bool:
    """A WebP, or the grey bitmap that OCR reads and nobody else."""
    return (data[:4] == b"RIFF" and data[8:12] == b"WEBP") or data[:2] == b"P5"
