"""Which images a page gets."""

import io

import pytest
from PIL import Image

from meetroom.documents.mupdf import pymupdf
from meetroom.documents.pages import drawn_pages, encode, holds_more, is_scan
from meetroom.documents.rendering import Drawn, Request

A4, A2 = (595, 842), (1684, 1191)


def drawn(document: pymupdf.Document, task: str) -> list[tuple[Drawn, list[Image.Image]]]:
    made = drawn_pages(document, Request(task, 300, most=9, seconds=60))  # type: ignore[arg-type]
    return [(page, [Image.open(io.BytesIO(image)) for image in images]) for page, images in made]


def page(size: tuple[int, int], letters: float = 0, dots: int = 0, paths: int = 0) -> pymupdf.Page:
    """With words of that height in points, a picture so many dots wide all over it, and so many lines."""
    document = pymupdf.open()
    made = document.new_page(width=size[0], height=size[1])
    if dots:
        made.insert_image(made.rect, pixmap=pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, dots, dots * size[1] // size[0])))
    for n in range(20 if letters else 0):
        made.insert_text((40, 40 + n * 20), "Ranh gioi xa, phuong", fontsize=letters)
    shape = made.new_shape()
    for n in range(paths):
        shape.draw_line((n % 500, 10), (n % 500 + 1, 300))
        shape.finish()
    shape.commit()
    return pymupdf.open(stream=document.tobytes(), filetype="pdf")[0]


@pytest.mark.parametrize(
    ("given", "tiles"),
    [
        (page(A4, letters=3), False),
        (page(A4, dots=5000), False),  # a scan of 600 dots per inch is a scan, no map
        (page((842, 1191), letters=4), False),
        (page(A2, letters=40), False),  # a poster; slides are often as large
        (page(A2, letters=6), True),
        (page(A2, letters=40, dots=2480), False),  # a page of letter size that lost its resolution
        (page(A2, dots=7000), True),
        (page(A2, letters=40, paths=4000), True),
    ],
)
def test_only_what_is_large_and_fine_is_cut_into_tiles(given: pymupdf.Page, tiles: bool) -> None:
    assert holds_more(given) is tiles


def test_tiles_together_are_the_page() -> None:
    ((said, tiles),) = drawn(page(A2, letters=6).parent, "large")
    assert (said.width, said.height, said.columns, said.rows, said.edge) == (3508, 2481, 4, 3, 1024)
    assert [tile.size for tile in tiles[:4]] == [(1024, 1024)] * 3 + [(3508 - 3072, 1024)]
    assert tiles[-1].size == (3508 - 3072, 2481 - 2048)
    whole = Image.new("L", (said.width, said.height))
    for n, tile in enumerate(tiles):
        whole.paste(tile.convert("L"), (n % 4 * 1024, n // 4 * 1024))
    expected = page(A2, letters=6).get_pixmap(matrix=pymupdf.Matrix(150 / 72, 150 / 72), colorspace=pymupdf.csGRAY)
    same = Image.frombytes("L", (expected.width, expected.height), expected.samples).crop((0, 0, *whole.size))
    different = sum(abs(a - b) > 60 for a, b in zip(whole.tobytes(), same.tobytes(), strict=True))
    assert different < 50, "seams or shifts between tiles"


def test_other_pages_get_one_larger_image() -> None:
    ((said, (image,)),) = drawn(page(A4, letters=12).parent, "large")
    assert image.size == (said.width, said.height) == (2560, 3623) and (said.edge, image.format) == (0, "WEBP")


def test_only_pictures_of_pages_are_read_by_ocr() -> None:
    assert is_scan(page(A4, dots=1240)) and is_scan(page(A4, dots=300))
    signed = page(A4, dots=1240).parent
    signed[0].insert_text((400, 800), "Ky boi: UBND tinh, 08/12/2026 09:36")
    assert is_scan(pymupdf.open(stream=signed.tobytes(), filetype="pdf")[0])
    assert not is_scan(page(A4)) and not is_scan(page(A4, letters=12)) and not is_scan(page(A4, letters=12, dots=1240))
    scans = drawn(page(A4, dots=1240).parent, "scan")
    assert [(image.format, image.mode, image.size) for _, (image,) in scans] == [("PPM", "L", (2480, 3509))]
    assert [(said.rows, images) for said, images in drawn(page(A4, letters=12).parent, "scan")] == [(0, [])]


def test_text_is_kept_lossless_and_a_scan_small() -> None:
    text = Image.new("RGB", (800, 1000), "white")
    text.paste((0, 0, 0), (100, 100, 700, 130))
    assert Image.open(io.BytesIO(encode(text))).convert("RGB").tobytes() == text.tobytes()
    scan = Image.effect_noise((800, 1000), 60).convert("RGB")
    assert len(encode(scan)) < 600_000
