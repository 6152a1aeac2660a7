"""The worker's side of making page images: files go to a confined process, pages or a reason come back.

A zygote that has imported the PDF library forks a child for every batch of pages. The child gets an open file to read
and one to write, and nothing else of the machine; if it dies, that is a refusal of one paper.
"""

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

# Why a paper cannot be shown. A child says which one by its exit status.
REASONS = ("encrypted", "damaged", "too_many_pages", "too_large", "too_slow", "not_a_paper")
FIRST_STATUS = 10

WIDTH = 1600  # pixels of a page image
HEIGHT = 8000  # at most; longer pages get narrower
COUNT, PAGE = struct.Struct(">I"), struct.Struct(">III")  # what a child writes: page count, then width, height, size, image
PROJECT = Path(__file__).resolve().parents[2]


class Unshowable(Exception):
    """The file cannot be shown; `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Request:
    """One batch: pages from `first` (numbered from 0), at most `most`, no new one after `seconds`."""

    first: int
    most: int
    seconds: float
    page_limit: int


@dataclass(frozen=True)
class Page:
    """A page image (WebP), sizes in pixels."""

    width: int
    height: int
    image: bytes


@dataclass(frozen=True)
class Batch:
    page_count: int
    pages: tuple[Page, ...]


class Renderer:
    """A zygote, started again after it has died. One batch at a time."""

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

    def render(self, paper: BinaryIO, request: Request, *, beat: Callable[[], None], every: float) -> Batch:
        """Make pages of `paper`, calling `beat` about `every` seconds meanwhile.

        Raises Unshowable, and ConnectionError when the zygote has died; the next call has a new one.
        """
        with os.fdopen(os.memfd_create("pages"), "rb") as output:
            try:
                reason = self._ask(paper, output, request, beat, every)
            except ConnectionError:
                self._end()
                self._start()
                raise
            if reason != "done":
                raise Unshowable(reason)
            output.seek(0)
            return read_batch(output, request)

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
        (page_count,) = COUNT.unpack(file.read(COUNT.size))
        pages = []
        while head := file.read(PAGE.size):
            width, height, size = PAGE.unpack(head)
            page = Page(width, height, file.read(size))
            if not (0 < width <= WIDTH and 0 < height <= HEIGHT and len(page.image) == size and is_webp(page.image)):
                raise Unshowable("damaged")
            pages.append(page)
    except struct.error:
        raise Unshowable("damaged") from None
    if not pages or len(pages) > request.most or not request.first + len(pages) <= page_count <= request.page_limit:
        raise Unshowable("damaged")
    return Batch(page_count, tuple(pages))


def is_webp(image: bytes) -> bool:
    return image[:4] == b"RIFF" and image[8:12] == b"WEBP"
