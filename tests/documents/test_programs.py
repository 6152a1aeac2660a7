"""Other people's programs as they really run: confined, on real files, by the zygote."""

import io
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image, ImageDraw, ImageFont

from meetroom.documents.mupdf import pymupdf
from meetroom.documents.programs import installed
from meetroom.documents.rendering import Renderer, Request, Task, Unshowable
from meetroom.documents.text import text_of, text_read
from tests.documents import office
from tests.documents.bringing import pdf


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as renderer:
        yield renderer


def made(renderer: Renderer, task: Task, data: bytes) -> bytes:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        with renderer.work(file, Request(task, 300), beat=lambda: None, every=1) as output:
            return output.read()


def words(data: bytes) -> list[str]:
    """Of a PDF's pages, one line for each."""
    found = (text_of(page) or {"lines": []} for page in pymupdf.open(stream=data, filetype="pdf"))
    return [" ".join(word for line in page["lines"] for _, _, word in line["words"]) for page in found]


def reason(renderer: Renderer, task: Task, data: bytes) -> str:
    with pytest.raises(Unshowable) as no:
        made(renderer, task, data)
    return no.value.reason


def test_the_programs_the_tests_need_are_there() -> None:
    assert all(installed(task) for task in ("office", "redraw", "ocr"))


def test_a_word_file_becomes_pages(renderer: Renderer) -> None:
    assert words(made(renderer, "office", office.docx("Tờ trình số", pages=3))) == [f"Tờ trình số {n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("data", "text"), [(office.xlsx(), "Dự toán"), (office.odt(), "Nghị quyết"), (office.rtf(), "Thong bao")]
)
def test_other_office_files_become_pages(renderer: Renderer, data: bytes, text: str) -> None:
    assert text in words(made(renderer, "office", data))[0]


@pytest.mark.parametrize(
    ("data", "why"),
    [(office.packed({"setup.exe": "MZ"}), "not_a_paper"), (office.docx()[:-30], "damaged"),
     (office.odt(encrypted=True), "encrypted"),
     (office.packed({"[Content_Types].xml": office.TYPES.format(""), "word/document.xml": "<"}), "damaged")],
)  # fmt: skip
def test_what_an_office_program_cannot_open(renderer: Renderer, data: bytes, why: str) -> None:
    assert reason(renderer, "office", data) == why


def test_an_office_file_reads_no_other_file_and_calls_nobody(renderer: Renderer) -> None:
    """Sections that are taken from elsewhere: a file everybody may read, and a server on this machine."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as secret, socket.create_server(("127.0.0.1", 0)) as server:
        secret.write("bimatnhanuoc")
        secret.flush()
        Path(secret.name).chmod(0o644)
        called = threading.Event()

        def listen() -> None:
            try:
                server.accept()
                called.set()
            except OSError:
                pass

        threading.Thread(target=listen, daemon=True).start()
        addresses = (f"file://{quote(secret.name)}", f"http://127.0.0.1:{server.getsockname()[1]}/a.txt")
        sections = "".join(
            f'<text:section text:name="s{n}"><text:section-source xlink:href="{address}"/><text:p>goc</text:p></text:section>'
            for n, address in enumerate(addresses)
        )
        (page,) = words(made(renderer, "office", office.odt(body=sections)))
        assert "Nghị quyết" in page and "bimat" not in page and not called.is_set()
        server.shutdown(socket.SHUT_RDWR)


def test_what_mupdf_cannot_read_may_be_readable_for_poppler(renderer: Renderer) -> None:
    assert words(made(renderer, "redraw", pdf(2, "Ke hoach"))) == ["Ke hoach 1", "Ke hoach 2"]
    assert reason(renderer, "redraw", b"%PDF-1.7 " + bytes(2000)) == "broken"


def test_the_words_of_a_scan_are_read(renderer: Renderer) -> None:
    font = ImageFont.truetype("/usr/share/fonts/truetype/noto/NotoSerif-Regular.ttf", 60)
    image = Image.new("L", (1600, 400), 255)
    ImageDraw.Draw(image).text((80, 100), "Nghị quyết về dự toán ngân sách", fill=0, font=font)
    file = io.BytesIO()
    image.save(file, "PPM")
    (line,) = (text_read(made(renderer, "ocr", file.getvalue()).decode(), *image.size) or {})["lines"]
    assert " ".join(word for _, _, word in line["words"]) == "Nghị quyết về dự toán ngân sách"


def test_nothing_is_left_in_the_folder_for_passing_files(renderer: Renderer) -> None:
    before = set(Path(tempfile.gettempdir()).glob("meetroom-paper-*"))
    made(renderer, "redraw", pdf())
    assert set(Path(tempfile.gettempdir()).glob("meetroom-paper-*")) <= before


def test_a_link_to_a_secret_is_not_passed_on() -> None:
    """What a confined program leaves in its folder may be anything."""
    from meetroom.documents import zygote

    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryFile() as output:
        (Path(name) / "secret").write_text("x")
        (Path(name) / "link").symlink_to(Path(name) / "secret")
        os.link(Path(name) / "secret", Path(name) / "second")
        os.mkfifo(Path(name) / "pipe")
        folder = os.open(name, os.O_PATH | os.O_DIRECTORY)
        for what in ("link", "second", "pipe", "nothing", "."):
            assert zygote._pass_on(folder, what, output.fileno(), 1000) == "damaged", what
        os.unlink(Path(name) / "second")
        assert zygote._pass_on(folder, "secret", output.fileno(), 1000) == "done"
        os.close(folder)
