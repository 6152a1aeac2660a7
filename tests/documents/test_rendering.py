import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from meetroom.documents import zygote
from meetroom.documents.mupdf import pymupdf
from meetroom.documents.pages import encode
from meetroom.documents.rendering import COUNT, PAGE, REASONS, Batch, Renderer, Request, Unshowable, read_batch
from tests.documents import hostile
from tests.documents.bringing import pdf

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as renderer:
        yield renderer


def render(renderer: Renderer, data: bytes, first: int = 0, most: int = 16, seconds: float = 60) -> Batch:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        request = Request(first, most, seconds, page_limit=1000)
        return renderer.render(file, request, beat=lambda: None, every=1)


def reason(renderer: Renderer, data: bytes) -> str:
    with pytest.raises(Unshowable) as no:
        render(renderer, data)
    return no.value.reason


def colours(page_image: bytes) -> set[tuple[int, ...]]:
    return {colour for _, colour in Image.open(io.BytesIO(page_image)).convert("RGB").getcolors(1 << 24)}


def test_pages_become_sharp_images_of_one_width(renderer: Renderer) -> None:
    batch = render(renderer, pdf(3))
    assert batch.page_count == 3 and [(page.width, page.height) for page in batch.pages] == [(1600, 2265)] * 3
    assert len({page.image for page in batch.pages}) == 3
    image = Image.open(io.BytesIO(batch.pages[0].image))
    assert (image.format, image.size) == ("WEBP", (1600, 2265)) and {(0, 0, 0), (255, 255, 255)} <= colours(batch.pages[0].image)


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
    sizes = [(page.width, page.height) for page in render(renderer, document.tobytes()).pages]
    assert sizes[0] == (1600, 2265) and sizes[1] == (1600, 1132) and sizes[2][1] == 8000 and sizes[2][0] < 200


def test_stamps_and_signatures_are_drawn(renderer: Renderer) -> None:
    document = pymupdf.open()
    page = document.new_page()
    annotation = page.add_rect_annot((100, 100, 300, 300))
    annotation.set_colors(fill=(1, 0, 0))
    annotation.update()
    assert any(r > 200 and g < 60 for r, g, _ in colours(render(renderer, document.tobytes()).pages[0].image))


def test_text_is_kept_lossless_and_a_scan_small() -> None:
    text = Image.new("RGB", (800, 1000), "white")
    text.paste((0, 0, 0), (100, 100, 700, 130))
    assert Image.open(io.BytesIO(encode(text))).convert("RGB").tobytes() == text.tobytes()
    scan = Image.effect_noise((800, 1000), 60).convert("RGB")
    assert len(encode(scan)) < 600_000


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
GOOD = COUNT.pack(9) + PAGE.pack(1600, 2263, len(WEBP)) + WEBP


@pytest.mark.parametrize(
    "lie",
    [
        b"",
        b"\x00",
        COUNT.pack(9),
        COUNT.pack(2000) + GOOD[4:],
        COUNT.pack(0) + GOOD[4:],
        COUNT.pack(3) + GOOD[4:] * 2,  # two pages from the third on, of three
        GOOD + GOOD[4:] * 16,
        GOOD + b"rest",
        GOOD[:-1],
        COUNT.pack(9) + PAGE.pack(1600, 2263, 1 << 31) + WEBP,
        COUNT.pack(9) + PAGE.pack(0, 2263, len(WEBP)) + WEBP,
        COUNT.pack(9) + PAGE.pack(1600, 8001, len(WEBP)) + WEBP,
        COUNT.pack(9) + PAGE.pack(1600, 2263, 12) + b"<html>script",
    ],
)
def test_what_a_child_says_is_not_believed(lie: bytes) -> None:
    with pytest.raises(Unshowable) as no:
        read_batch(io.BytesIO(lie), Request(2, 16, 1, 1000))
    assert no.value.reason == "damaged"


def test_what_an_honest_child_says() -> None:
    assert read_batch(io.BytesIO(GOOD), Request(2, 16, 1, 1000)).page_count == 9


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(0, "done"), (-signal.SIGXCPU, "too_slow"), (-signal.SIGKILL, "too_large"), (-signal.SIGSEGV, "damaged"),
     (1, "damaged"), (255, "damaged"),
     *((10 + n, reason) for n, reason in enumerate(REASONS))],
)  # fmt: skip
def test_how_a_child_ends_says_what_is_wrong(status: int, meaning: str) -> None:
    assert zygote.outcome(status) == meaning


def confined(statement: str) -> str:
    """What becomes of a statement in a confined process: "done", or the exception's name."""
    program = (
        "import os, socket, ctypes\nfrom meetroom.documents import zygote\nzygote.confine()\n"
        f"try:\n    {statement}\n    print('done')\nexcept BaseException as error:\n    print(type(error).__name__)"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False)
    return run.stdout.strip() or f"signal {-run.returncode}"


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        ("bytearray(900 << 20).decode('latin-1')", "MemoryError"),
        ("os.fork()", "BlockingIOError"),
        ("[os.dup(0) for _ in range(80)]", "OSError"),
        ("open('/proc/self/mem', 'wb').write(b'x')", "OSError|PermissionError|FileNotFoundError"),
        ("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2)); list(iter(int, 1))", "signal 24"),
    ],
)
def test_a_confined_process_can_do_nothing_but_count(statement: str, outcome: str) -> None:
    assert confined(statement) in outcome.split("|")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its own user")
def test_a_confined_process_is_nobody(tmp_path: Path) -> None:
    secret = tmp_path / "media.token"
    secret.write_text("secret")
    secret.chmod(0o600)
    assert confined(f"open({str(secret)!r})") == "PermissionError"
    assert confined("assert os.getresuid() == (65534,) * 3 and not os.getgroups()") == "done"
