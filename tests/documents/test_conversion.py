"""From pictures to PDF, from a stranger's PDF to a clean one, and what an office file is."""

import io
import re

import pytest
from PIL import Image

from meetroom.documents.conversion import clean_copy, office_ending, pdf_of_picture
from meetroom.documents.mupdf import pymupdf
from meetroom.documents.rendering import Unshowable
from meetroom.documents.text import links_of, text_of
from tests.documents import office
from tests.documents.bringing import pdf
from tests.documents.hostile import assemble, stream


def picture(kind: str, size: tuple[int, int] = (400, 300), mode: str = "RGB", **how: object) -> bytes:
    file = io.BytesIO()
    image = Image.new(mode, size, "white")
    image.paste("black", (0, 0, size[0] // 2, size[1] // 2))
    image.save(file, kind, **how)
    return file.getvalue()


def pages(data: bytes, limit: int = 300) -> pymupdf.Document:
    return pymupdf.open(stream=pdf_of_picture(data, limit), filetype="pdf")


def corner(page: pymupdf.Page) -> str:
    """Which quarter of the page is black."""
    drawn = page.get_pixmap(colorspace=pymupdf.csGRAY)
    w, h = drawn.width, drawn.height
    at = {"upper left": (w // 4, h // 4), "upper right": (3 * w // 4, h // 4), "lower left": (w // 4, 3 * h // 4),
          "lower right": (3 * w // 4, 3 * h // 4)}  # fmt: skip
    (dark,) = (name for name, (x, y) in at.items() if drawn.pixel(x, y)[0] < 60)
    return dark


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_picture_becomes_a_page(kind: str) -> None:
    (page,) = pages(picture(kind))
    assert corner(page) == "upper left" and round(page.rect.height) == 595  # a photograph lies across an A4 page


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_pictures_of_every_kind_of_colour(mode: str) -> None:
    file = io.BytesIO()
    grey = Image.new("L", (400, 300), 255)
    grey.paste(0, (0, 0, 200, 150))
    image = (
        Image.frombytes("I;16", grey.size, b"".join(bytes((v, v)) for v in grey.tobytes()))
        if mode == "I;16"
        else grey.convert(mode)
    )
    image.save(file, "TIFF" if mode == "CMYK" else "PNG")
    assert corner(pages(file.getvalue())[0]) == "upper left"


def test_what_shines_through_lies_on_white() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(file, "PNG")
    assert pages(file.getvalue())[0].get_pixmap().pixel(50, 50) == (255, 255, 255)


def test_a_scan_is_as_large_as_the_scanner_says() -> None:
    assert [round(side) for side in pages(picture("PNG", (600, 1200), dpi=(300, 300)))[0].rect] == [0, 0, 144, 288]
    assert round(pages(picture("PNG", (600, 1200), dpi=(1, 1)))[0].rect.height) == 842  # nonsense


def test_a_camera_says_which_side_is_up_and_nothing_else_goes_on() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Tên máy ảnh"  # turn by 90 degrees to the right; who made the camera
    (page,) = pages(picture("JPEG", exif=exif))
    assert corner(page) == "upper right" and page.rect.height > page.rect.width
    assert "Tên máy".encode() not in pdf_of_picture(picture("JPEG", exif=exif), 1)


def test_a_scan_of_many_pages() -> None:
    more = [Image.new("1", (200, 280), n % 2) for n in range(4)]
    data = picture("TIFF", mode="1", save_all=True, append_images=more, compression="group4")
    assert len(pages(data)) == 5
    with pytest.raises(Unshowable, match="too_many_pages"):
        pages(data, 4)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"\x89PNG\r\n\x1a\n" + bytes(100), "not_a_paper"), (picture("GIF", mode="L"), "not_a_paper"), (pdf(), "not_a_paper")],
)
def test_what_is_no_picture(data: bytes, reason: str) -> None:
    with pytest.raises(Unshowable, match=reason):
        pdf_of_picture(data, 300)


def test_a_picture_that_was_cut_off_is_no_page() -> None:
    with pytest.raises(Unshowable, match="damaged"):
        pdf_of_picture(picture("PNG", (3000, 3000))[:-200], 300)


def test_a_picture_of_too_many_pixels() -> None:
    with pytest.raises(Unshowable, match="too_large"):
        pdf_of_picture(picture("PNG", (20_000, 6001), mode="1"), 300)


ACTIVE = re.compile(rb"/(JavaScript|JS|XFA|EmbeddedFile|Launch|OpenAction|AA|AcroForm|RichMedia|Filespec|Author)\b")


def active() -> bytes:
    """A form that runs a script when it is opened, brings a file, and starts a program when touched."""
    script = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
    return assemble(
        [
            (1, b"<</Type/Catalog/Pages 2 0 R/OpenAction " + script + b"/AcroForm<</Fields[6 0 R]/XFA 7 0 R>>/Names<<"
                b"/EmbeddedFiles<</Names[(a.exe)<</Type/Filespec/F(a.exe)/EF<</F 8 0 R>>>>]>>"
                b"/JavaScript<</Names[(a)" + script + b"]>>>>>>"),
            (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            (3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/AA<</O " + script + b">>/Annots[5 0 R 6 0 R 9 0 R 10 0 R]"
                b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>/Contents 4 0 R>>"),
            (4, stream(b"", b"BT /F 20 Tf 100 700 Td (Ke hoach) Tj ET")),
            (5, b"<</Type/Annot/Subtype/Link/Rect[100 690 200 720]/A<</S/Launch/F(calc.exe)>>>>"),
            (6, b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(Da dien)/Rect[100 600 300 620]/DA(/Helv 12 Tf 0 g)"
                b"/AA<</K " + script + b">>>>"),
            (7, stream(b"", b"<xdp:xdp/>")),
            (8, stream(b"/Type/EmbeddedFile", b"MZ")),
            (9, b"<</Type/Annot/Subtype/FileAttachment/Rect[10 10 30 30]/FS<</Type/Filespec/F(b.exe)/EF<</F 8 0 R>>>>>>"),
            (10, b"<</Type/Annot/Subtype/Link/Rect[100 690 200 720]/A<</S/URI/URI(https://tinh.example.vn)>>>>"),
        ]
    )  # fmt: skip


def whole(data: bytes) -> bytes:
    """Every object of a PDF, unpacked."""
    document = pymupdf.open(stream=data, filetype="pdf")
    numbers = range(1, document.xref_length())
    return b"\n".join(document.xref_object(n).encode() + (document.xref_stream(n) or b"") for n in numbers)


def test_a_clean_copy_shows_the_same_and_does_nothing() -> None:
    assert len(set(ACTIVE.findall(whole(active())))) >= 8, "the test's own file is dangerous"
    copy = clean_copy(pymupdf.open(stream=active(), filetype="pdf"))
    assert not ACTIVE.findall(whole(copy))
    (page,) = pymupdf.open(stream=copy, filetype="pdf")
    words = [word for line in (text_of(page) or {})["lines"] for _, _, word in line["words"]]
    assert words == ["Ke", "hoach", "Da", "dien"], "what was filled in can still be read"
    assert [link["uri"] for link in links_of(page, 1)] == ["https://tinh.example.vn"]


def test_a_clean_copy_keeps_pages_links_and_contents_but_not_who_made_it() -> None:
    document = pymupdf.open(stream=pdf(3), filetype="pdf")
    document[0].insert_link({"kind": pymupdf.LINK_GOTO, "page": 2, "from": pymupdf.Rect(1, 1, 9, 9), "to": pymupdf.Point(0, 0)})
    document.set_toc([[1, "Một", 1], [2, "Hai", 3]])
    document.set_metadata({"author": "nguyenvana", "title": "ban nhap cu"})
    copy = pymupdf.open(stream=clean_copy(pymupdf.open(stream=document.tobytes(), filetype="pdf")), filetype="pdf")
    assert len(copy) == 3 and copy.get_toc() == [[1, "Một", 1], [2, "Hai", 3]]
    assert [link["page"] for link in links_of(copy[0], 3)] == [3]
    assert b"nguyenvana" not in whole(copy.tobytes()) and not copy.metadata["author"]


@pytest.mark.parametrize(
    ("data", "ending"),
    [(office.docx(), "docx"), (office.xlsx(), "xlsx"), (office.odt(), "odt"), (office.rtf(), "rtf"),
     (office.packed({"[Content_Types].xml": "", "ppt/presentation.xml": ""}), "pptx"),
     (office.compound("Root Entry", "WordDocument"), "doc"),
     (office.compound("Workbook"), "xls"), (office.compound("Book"), "xls"),
     (office.compound("PowerPoint Document"), "ppt")],
)  # fmt: skip
def test_an_office_file_is_known_by_what_it_holds(data: bytes, ending: str) -> None:
    assert office_ending(data) == ending


@pytest.mark.parametrize(
    ("data", "reason"),
    [(office.packed({"setup.exe": "MZ"}), "not_a_paper"), (office.packed({"mimetype": "application/epub+zip"}), "not_a_paper"),
     (office.packed({"[Content_Types].xml": "", "visio/document.xml": ""}), "not_a_paper"),
     (office.compound("Root Entry"), "not_a_paper"), (office.compound("EncryptedPackage", "WordDocument"), "encrypted"),
     (office.odt(encrypted=True), "encrypted"), (office.docx()[:-40], "damaged"), (b"PK\x03\x04" + bytes(100), "damaged")],
)  # fmt: skip
def test_what_no_office_program_is_given(data: bytes, reason: str) -> None:
    with pytest.raises(Unshowable, match=reason):
        office_ending(data)


def test_an_archive_that_unpacks_to_more_than_there_is_room_for() -> None:
    data = bytearray(office.docx())
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = (3 << 30).to_bytes(4, "little")  # it says it holds 3 GiB
    with pytest.raises(Unshowable, match="too_large"):
        office_ending(bytes(data))
