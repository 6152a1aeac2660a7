import io
import json
import os
import signal
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

import pytest
from PIL import Image

from meetroom.documents import zygote
from meetroom.documents.mupdf import pymupdf
from meetroom.documents.rendering import LENGTH, REASONS, Batch, Drawn, Page, Renderer, Request, Task, Unshowable, read_batch
from tests.documents import hostile
from tests.documents.bringing import pdf


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as renderer:
        yield renderer


def work(renderer: Renderer, data: bytes, request: Request) -> BinaryIO:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        return renderer.work(file, request, beat=lambda: None, every=1)


def render(
    renderer: Renderer,
    data: bytes,
    first: int = 0,
    most: int = 16,
    seconds: float = 60,
    task: Task = "pages",
    quick: bool = False,
) -> Batch:
    request = Request(task, 1000, first, most, seconds, quick)
    with work(renderer, data, request) as output:
        return read_batch(output, request)


def reason(renderer: Renderer, data: bytes) -> str:
    with pytest.raises(Unshowable) as no:
        render(renderer, data)
    return no.value.reason


def size(page: Page) -> tuple[int, int]:
    return page.said.width, page.said.height


def colours(page_image: bytes) -> set[tuple[int, ...]]:
    return {colour for _, colour in Image.open(io.BytesIO(page_image)).convert("RGB").getcolors(1 << 24)}


def test_pages_become_sharp_images_of_one_width(renderer: Renderer) -> None:
    batch = render(renderer, pdf(3))
    assert batch.page_count == 3 and [size(page) for page in batch.pages] == [(1600, 2265)] * 3
    assert len({page.images for page in batch.pages}) == 3
    image = Image.open(io.BytesIO(batch.pages[0].images[0]))
    assert (image.format, image.size) == ("WEBP", (1600, 2265)) and {(0, 0, 0), (255, 255, 255)} <= colours(
        batch.pages[0].images[0]
    )


def test_a_batch_is_the_part_that_was_asked_for(renderer: Renderer) -> None:
    whole = render(renderer, pdf(5))
    assert render(renderer, pdf(5), most=1).pages == whole.pages[:1]
    assert render(renderer, pdf(5), first=3).pages == whole.pages[3:]
    assert len(render(renderer, pdf(5), seconds=0).pages) == 1  # always one, or nothing would ever get further


def test_a_turned_landscape_page_and_a_long_one_fit(renderer: Renderer) -> None:
    document = pymupdf.open()
    document.new_page(width=842, height=595).set_rotation(90)
    document.new_page(width=1191, height=842)
    document.new_page(width=300, height=14_000)
    sizes = [size(page) for page in render(renderer, document.tobytes()).pages]
    assert sizes[0] == (1600, 2265) and sizes[1] == (1600, 1132) and sizes[2][1] == 8000 and sizes[2][0] < 200


def test_what_is_there_whole_may_be_padded(renderer: Renderer) -> None:
    assert render(renderer, pdf(2) + bytes(4096)).page_count == 2


def test_words_of_other_alphabets_need_no_files(renderer: Renderer) -> None:
    """A child may open none, not even one of Python's own."""
    document = pymupdf.open(stream=pdf(), filetype="pdf")
    document.set_toc([[1, "Mục lục", 1]])
    with work(renderer, document.tobytes(), Request("copy", 1000)) as output:
        assert pymupdf.open(stream=output.read(), filetype="pdf").get_toc() == [[1, "Mục lục", 1]]


def test_stamps_and_signatures_are_drawn(renderer: Renderer) -> None:
    document = pymupdf.open()
    page = document.new_page()
    annotation = page.add_rect_annot((100, 100, 300, 300))
    annotation.set_colors(fill=(1, 0, 0))
    annotation.update()
    assert any(r > 200 and g < 60 for r, g, _ in colours(render(renderer, document.tobytes()).pages[0].images[0]))


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_a_hostile_file_is_refused_with_a_reason(renderer: Renderer, name: str) -> None:
    make, expected = hostile.REFUSED[name]
    assert reason(renderer, make()) == expected


def test_a_giant_image_ends_within_the_limits(renderer: Renderer) -> None:
    try:
        assert len(render(renderer, hostile.giant_image()).pages) == 1
    except Unshowable as no:
        assert no.reason in ("too_large", "too_slow")


def test_a_zygote_that_dies_is_replaced(renderer: Renderer) -> None:
    os.kill(renderer.zygote.pid, signal.SIGKILL)
    with pytest.raises(ConnectionError):
        render(renderer, pdf())
    assert len(render(renderer, pdf()).pages) == 1


WEBP = b"RIFF\x04\x00\x00\x00WEBP"


def piece(data: bytes) -> bytes:
    return LENGTH.pack(len(data)) + data


def head(count: object = 9, toc: object = ()) -> bytes:
    return piece(json.dumps({"page_count": count, "toc": toc}).encode())


def said(image: bytes = WEBP, **more: object) -> bytes:
    return piece(json.dumps(vars(Drawn(1600, 2263)) | more).encode()) + piece(image)


LINE = {"box": [0, 0, 100, 100], "block": 0, "size": 90, "words": [[0, 100, "a"]]}
TILES = {"columns": 2, "rows": 1, "edge": 1024, "height": 1000}
LIES = [
    b"",
    b"\x00",
    head(),
    head(2000) + said(),
    head(0) + said(),
    head(3) + said() * 2,  # two pages from the third on, of three
    head() + said() * 17,
    head() + said() + b"rest",
    (head() + said())[:-1],
    head() + said()[: -len(WEBP) - 4] + LENGTH.pack(1 << 31) + WEBP,
    head() + said(width=0),
    head() + said(height=12_801),
    head() + said(b"<html>script"),
    head() + said(more="x"),
    head() + said(columns=1000, rows=1000),
    head() + said(**TILES),  # one image of two
    head() + said(**{**TILES, "columns": 3}) + piece(WEBP) * 2,
    head() + said(text={"lines": [{**LINE, "box": [0, 0, 100, 10_001]}]}),
    head() + said(text={"lines": [LINE], "script": ""}),
    head() + said(links=[{"box": [0, 0, 1, 1], "page": None, "uri": "javascript:alert(1)"}]),
    head(toc=[{"level": 1, "title": "x" * 400, "page": 1}]) + said(),
    head("9 pages") + said(),
    piece(b"[" * 100_000) + said(),
]


@pytest.mark.parametrize("lie", LIES, ids=range(len(LIES)))
def test_what_a_child_says_is_not_believed(lie: bytes) -> None:
    with pytest.raises(Unshowable) as no:
        read_batch(io.BytesIO(lie), Request("pages", 1000, 2, 16, 1))
    assert no.value.reason == "damaged"


def test_what_an_honest_child_says() -> None:
    honest = head(toc=[{"level": 1, "title": "Một", "page": 1}]) + said(text={"lines": [LINE]}) + said(**TILES) + piece(WEBP)
    batch = read_batch(io.BytesIO(honest), Request("pages", 1000, 2, 16, 1))
    assert (batch.page_count, batch.toc[0].title, [len(page.images) for page in batch.pages]) == (9, "Một", [1, 2])


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(0, "done"), (-signal.SIGXCPU, "too_slow"), (-signal.SIGKILL, "too_large"), (-signal.SIGSEGV, "broken"),
     (1, "broken"), (255, "broken"),
     *((10 + n, reason) for n, reason in enumerate(REASONS))],
)  # fmt: skip
def test_how_a_child_ends_says_what_is_wrong(status: int, meaning: str) -> None:
    assert zygote.outcome(status) == meaning
