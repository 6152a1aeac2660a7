"""The words of a page, where they stand, however the page is turned; and where its links lead."""

from pathlib import Path

import pytest

from meetroom.documents import sample
from meetroom.documents.mupdf import pymupdf
from meetroom.documents.schema import LinkView, TextLayer, TocEntry
from meetroom.documents.text import clean, contents_of, links_of, text_of, text_read
from tests.documents.bringing import pdf

WORDS = ["Kế", "hoạch", "đầu", "tư"]
FONT = Path(sample.__file__).parent / "fonts" / "texgyretermes-regular.otf"


def opened(document: pymupdf.Document) -> pymupdf.Document:
    return pymupdf.open(stream=document.tobytes(), filetype="pdf")


def layer(page: pymupdf.Page) -> TextLayer:
    return TextLayer.model_validate(text_of(page))


def test_words_stand_where_they_are_drawn() -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((100, 100), " ".join(WORDS), fontsize=20, fontname="F0", fontfile=str(FONT))
    (line,) = layer(opened(document)[0]).lines
    assert [word for _, _, word in line.words] == WORDS
    x0, y0, x1, y1 = line.box
    assert abs(x0 - 100 / 595 * 10_000) < 20 and y0 < 100 / 842 * 10_000 < y1
    assert abs(line.size - 20 / 842 * 10_000) < 3  # the letters are 20 points high
    assert line.words[0][0] == x0 and line.words[-1][1] == x1
    assert all(a < b for a, b, _ in line.words) and line.words[0][1] < line.words[1][0]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_on_a_turned_page_words_and_links_are_at_the_same_place(turn: int) -> None:
    document = pymupdf.open(stream=pdf(2), filetype="pdf")
    page = document[0]
    page.insert_link({"kind": pymupdf.LINK_URI, "uri": "https://tinh.example.vn", "from": pymupdf.Rect(100, 85, 200, 105)})
    page.set_rotation(turn)
    page = opened(document)[0]
    (line,), (link,) = layer(page).lines, links_of(page, 2)
    text, target = line.box, link["box"]
    assert text[0] < (target[0] + target[2]) / 2 < text[2] and text[1] < (target[1] + target[3]) / 2 < text[3]


def test_a_page_without_words_has_no_layer() -> None:
    document = pymupdf.open()
    document.new_page()
    assert text_of(document[0]) is None and text_of(pymupdf.open(stream=pdf(1, " "), filetype="pdf")[0]) is not None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Đo\u0302\u0323i", "Đội"),
        ("a\u202eb", "ab"),
        ("trans\u00adport", "transport"),
        ("\ufffd\ufffd", ""),
        ("\x00", ""),
        ("ﬁ", "ﬁ"),
    ],
)
def test_words_are_composed_and_nothing_in_them_is_unseen(given: str, kept: str) -> None:
    assert clean(given) == kept


def test_links_lead_into_the_paper_or_to_what_a_browser_may_open() -> None:
    document = pymupdf.open(stream=pdf(3), filetype="pdf")
    page, box = document[0], pymupdf.Rect(10, 10, 50, 50)
    for uri in (
        "https://tinh.example.vn/a?b=c",
        "mailto:vanphong@example.vn",
        "javascript:alert(1)",
        "HTTPS://TINH.EXAMPLE.VN/A",
        "file:///etc/passwd",
        "HTTPS://x y",
    ):
        page.insert_link({"kind": pymupdf.LINK_URI, "uri": uri, "from": box})
    page.insert_link({"kind": pymupdf.LINK_GOTO, "page": 2, "from": box, "to": pymupdf.Point(0, 0)})
    page.insert_link({"kind": pymupdf.LINK_LAUNCH, "file": "calc.exe", "from": box})
    page.insert_link({"kind": pymupdf.LINK_GOTOR, "file": "other.pdf", "page": 1, "from": box, "to": pymupdf.Point(0, 0)})
    found = links_of(opened(document)[0], 3)
    for link in found:
        LinkView.model_validate(link)
    addresses = {"https://tinh.example.vn/a?b=c", "mailto:vanphong@example.vn", "https://TINH.EXAMPLE.VN/A"}
    assert {link["uri"] for link in found} == {None, *addresses}
    assert [link["page"] for link in found if link["page"]] == [3]


def test_the_table_of_contents() -> None:
    document = pymupdf.open(stream=pdf(3), filetype="pdf")
    document.set_toc([[1, "I. Tình hình\n chung", 1], [2, "1. Kinh tế", 2], [1, " ", 3], [1, "x" * 900, 3]])
    entries = contents_of(opened(document))
    assert [TocEntry.model_validate(entry).page for entry in entries] == [1, 2, 3]
    assert entries[0] == {"level": 1, "title": "I. Tình hình chung", "page": 1} and entries[1]["level"] == 2
    assert entries[2]["title"] == "x" * 200


def test_letters_that_another_font_lends_belong_to_their_word() -> None:
    """As LibreOffice writes a page in a font without all of Vietnamese: first the letters it has, then the others."""
    document = pymupdf.open()
    page = document.new_page()
    font, whole = pymupdf.Font(fontfile=str(FONT)), "Nghị quyết về dự toán"
    for wanted in (lambda c: c not in "ịếự", lambda c: c in "ịếự"):
        writer = pymupdf.TextWriter(page.rect)
        for n, letter in enumerate(whole):
            if wanted(letter):
                writer.append((100 + font.text_length(whole[:n], 12), 100), letter, font=font, fontsize=12)
        writer.write_text(page)
    page.insert_text((100, 114), "Phụ lục", fontname="F0", fontfile=str(FONT), fontsize=12)
    lines = layer(opened(document)[0]).lines
    assert [" ".join(word for _, _, word in line.words) for line in lines] == [whole, "Phụ lục"]


READ = """level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext
1\t1\t0\t0\t0\t0\t0\t0\t1000\t2000\t-1\t
4\t1\t1\t1\t1\t0\t100\t200\t300\t40\t-1\t
5\t1\t1\t1\t1\t1\t100\t200\t100\t40\t96.5\tNghị
5\t1\t1\t1\t1\t2\t220\t200\t180\t40\t91\tquyết
5\t1\t1\t1\t1\t3\t500\t200\t20\t40\t8.1\t~|
5\t1\t1\t2\t1\t1\t100\t300\t100\t40\t88\tĐiều
5\t1\t2\t1\t1\t1\t100\t400\t100\t40\t30\t1.
5\t1\t3\t1\t1\t1\t1\t2\t3\tx\t90\tlạ
"""


def test_what_ocr_has_read_becomes_a_text_layer() -> None:
    found = TextLayer.model_validate(text_read(READ, 1000, 2000))
    assert [[word for _, _, word in line.words] for line in found.lines] == [["Nghị", "quyết"], ["Điều"], ["1."]]
    first = found.lines[0]
    assert (first.box, first.size, first.words[1][:2]) == ((1000, 1000, 4000, 1200), 200, (2200, 4000))
    assert [line.block for line in found.lines] == [0, 1, 2]


@pytest.mark.parametrize("table", ["", "\n", READ.splitlines()[0], "5\t" * 12, "x" * 1000])
def test_what_ocr_has_not_read_is_no_text(table: str) -> None:
    assert text_read(table, 1000, 2000) is None
