"""Files that are meant to harm whoever opens them, each made in a few lines."""

import io
import zipfile
import zlib
from collections.abc import Callable

from meetroom.documents.mupdf import pymupdf
from tests.documents.bringing import pdf

Objects = list[tuple[int, bytes]]


def assemble(objects: Objects) -> bytes:
    """Numbered object bodies as a whole PDF with its cross-reference table."""
    file, offsets = io.BytesIO(), {}
    file.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    for number, body in objects:
        offsets[number] = file.tell()
        file.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    table, size = file.tell(), max(offsets) + 1
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    for number in range(1, size):
        file.write(b"%010d 00000 n \n" % offsets[number])
    file.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, table))
    return file.getvalue()


def stream(dictionary: bytes, data: bytes) -> bytes:
    packed = zlib.compress(data, 9)
    return b"<<%b/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (dictionary, len(packed), packed)


def one_page(
    content: bytes, box: bytes = b"0 0 595 842", resources: bytes = b"", page: bytes = b"", more: Objects | None = None
) -> bytes:
    return assemble(
        [
            (1, b"<</Type/Catalog/Pages 2 0 R>>"),
            (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            (3, b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Resources<<%b>>/Contents 4 0 R%b>>" % (box, resources, page)),
            (4, stream(b"", content)),
            *(more or []),
        ]
    )


def encrypted() -> bytes:
    document = pymupdf.open(stream=pdf(3), filetype="pdf")
    data: bytes = document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="chu", user_pw="khach")
    return data


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("word/document.xml", "<w:document/>")
    return file.getvalue()


def giant_image() -> bytes:
    """A picture of 60,000 × 60,000 pixels, 10 GB, of which only the first rows are there."""
    image = b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB"
    content = b"q 595 0 0 842 0 0 cm /I Do Q"
    return one_page(content, resources=b"/XObject<</I 5 0 R>>", more=[(5, stream(image, bytes(1_000_000)))])


def endless() -> bytes:
    """A page filled with a pattern in steps of a thousandth of a point: it takes more time than anybody has."""
    pattern = b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep .001/YStep .001/Resources<<>>"
    content = b"/Pattern cs /P scn 0 0 595 842 re f"
    return one_page(content, resources=b"/Pattern<</P 5 0 R>>", more=[(5, stream(pattern, b"0 0 1 rg 0 0 5 5 re f"))])


def page_tree_in_a_circle() -> bytes:
    return assemble([(1, b"<</Type/Catalog/Pages 2 0 R>>"), (2, b"<</Type/Pages/Count 1/Kids[2 0 R]>>")])


def too_many_pages() -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
    kids = b" ".join(b"%d 0 R" % n for n in range(3, 1004))
    return assemble([(1, b"<</Type/Catalog/Pages 2 0 R>>"), (2, b"<</Type/Pages/Count 1001/Kids[%b]>>" % kids)]
                    + [(n, page) for n in range(3, 1004)])  # fmt: skip


# What is refused, and why. "broken": by this program, and perhaps by every one.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "not_a_paper"),
    "zip named pdf": (archive, "not_a_paper"),
    "zip that begins like a pdf": (lambda: b"%PDF-1.7\n" + archive(), "damaged"),
    "junk that begins like a pdf": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 200, "damaged"),
    "encrypted": (encrypted, "encrypted"),
    "cut off": (lambda: pdf(20)[: len(pdf(20)) * 9 // 10], "damaged"),
    "page tree in a circle": (page_tree_in_a_circle, "broken"),
    "1001 pages": (too_many_pages, "too_many_pages"),
    "page of 10 million points": (lambda: one_page(b"0 0 9 9 re f", box=b"0 0 10000000 10000000"), "too_large"),
    "page of a hair's width": (lambda: one_page(b"0 0 9 9 re f", box=b"0 0 1 14000"), "too_large"),
    "A4 page in giant units": (lambda: one_page(b"0 0 9 9 re f", page=b"/UserUnit 75000"), "too_large"),
    "nested q": (lambda: one_page(b"q " * 3_000_000), "broken"),
    "nested brackets": (lambda: one_page(b"[" * 2_000_000), "broken"),
}
