"""From a PDF to page images. Runs only in the confined child: everything here touches what strangers wrote."""

import errno
import io
import time
from collections.abc import Iterator

from PIL import Image

from meetroom.documents import text
from meetroom.documents.mupdf import pymupdf
from meetroom.documents.rendering import LARGE, STANDARD, Drawn, Request, Size, Unshowable
from meetroom.documents.rules import is_pdf

SHORTEST, LONGEST = 3, 14_400  # points; a page's sides (PDF 1.7, Annex C.2)
TAIL = 1024  # bytes at the end that hold the end mark (PDF Reference 1.7, implementation note 18)
PADDED = 1 << 16  # bytes; programs that write in blocks fill the last one
SMALL = 18  # pixels a byte; text is packed better than that
EFFORT, QUALITY, METHOD = 60, 75, 2  # of lossless and of lossy compression, 0 to 100; speed (0) against size (6)

A3 = 842 * 1191  # square points
EDGE, TILED_DPI, TILED_LONGEST = 1024, 150, 10_240  # pixels of a tile, of the whole per inch and at most
READABLE = 12  # pixels; lower letters cannot be read
FINER = 1.25  # a picture with so many times the pixels of a large image is worth tiles
MANY_PATHS = 3000  # a drawing, not a form
SCAN_DPI, SCAN_LONGEST = 300, 5000  # what OCR reads
SCANNED = 0.5  # of the page is pictures
FEW_WORDS = 25  # what a digital signature or a page number adds to a scan

Image.init()  # now, for the child may open no files


def open_paper(data: bytes, page_limit: int) -> pymupdf.Document:
    """The file as a document that can be shown. Raises Unshowable."""
    if not is_pdf(data):
        raise Unshowable("not_a_paper")
    ends = b"%%EOF" in data[-PADDED:].rstrip(b"\0 \t\r\n")[-TAIL:]
    try:
        document = pymupdf.open(stream=data, filetype="pdf")
    except (pymupdf.FileDataError, pymupdf.mupdf.FzErrorBase):
        if ends:
            raise
        raise Unshowable("damaged") from None
    if document.needs_pass:
        raise Unshowable("encrypted")
    # A small fault is repaired as every reader does. But a file that was cut off would be shown with its end missing.
    if document.is_repaired and not ends:
        raise Unshowable("damaged")
    if document.page_count == 0:
        raise Unshowable("broken")
    if document.page_count > page_limit:
        raise Unshowable("too_many_pages")
    return document


def drawn_pages(document: pymupdf.Document, request: Request) -> Iterator[tuple[Drawn, list[bytes]]]:
    """The pages the request asks for, each with its images. Raises Unshowable."""
    draw_one = {"pages": _standard, "large": _large, "scan": _scan}[request.task]
    started = time.monotonic()
    for number in range(request.first, min(request.first + request.most, document.page_count)):
        yield draw_one(document[number])
        if time.monotonic() - started > request.seconds:
            return


def _standard(page: pymupdf.Page) -> tuple[Drawn, list[bytes]]:
    image = draw(page, STANDARD)
    links = text.links_of(page, page.parent.page_count)
    return Drawn(image.width, image.height, text=text.text_of(page), links=links), [encode(image)]


def _large(page: pymupdf.Page) -> tuple[Drawn, list[bytes]]:
    if holds_more(page):
        return _tiled(page)
    image = draw(page, LARGE)
    return Drawn(image.width, image.height), [encode(image)]


def _scan(page: pymupdf.Page) -> tuple[Drawn, list[bytes]]:
    """A picture for OCR, if the page is one; else none."""
    if not is_scan(page):
        return Drawn(0, 0, rows=0), []
    scale = min(SCAN_DPI / 72, SCAN_LONGEST / max(page.rect.width, page.rect.height))
    grey = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csGRAY, alpha=False)
    return Drawn(grey.width, grey.height), [grey.tobytes("pnm")]


def draw(page: pymupdf.Page, size: Size) -> Image.Image:
    """The page as people see it, with its stamps and signatures, as wide as asked for."""
    scale = min(size.width / page.rect.width, size.height / page.rect.height) if fits(page) else 0
    drawn = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
    image = Image.frombuffer("RGB", (drawn.width, drawn.height), drawn.samples_mv, "raw", "RGB", 0, 1)
    return image.crop((0, 0, min(image.width, size.width), min(image.height, size.height)))  # rounding may have added a pixel


def fits(page: pymupdf.Page) -> bool:
    """Raises Unshowable `too_large` for a page of sizes nobody prints."""
    if not all(SHORTEST <= side <= LONGEST for side in (page.rect.width, page.rect.height)):
        raise Unshowable("too_large")
    return True


def holds_more(page: pymupdf.Page) -> bool:
    """Whether a page, larger than A3, holds more than a large image shows: small letters, a fine picture, a fine drawing."""
    if page.rect.width * page.rect.height <= A3 * 1.05:
        return False
    scale = min(LARGE.width / page.rect.width, LARGE.height / page.rect.height)
    spans = page.get_textpage(flags=pymupdf.TEXT_MEDIABOX_CLIP).extractDICT()["blocks"]
    sizes = sorted(span["size"] for block in spans for line in block.get("lines", ()) for span in line["spans"])
    if sizes and sizes[len(sizes) // 10] * scale < READABLE:
        return True
    if any(image["width"] > FINER * scale * pymupdf.Rect(image["bbox"]).width for image in _pictures(page)):
        return True
    paths: int = sum(kind.endswith("path") for kind, *_ in page.get_bboxlog())
    return paths > MANY_PATHS


def is_scan(page: pymupdf.Page) -> bool:
    """Whether a page is a picture of a page, with no more text on it than a signature adds."""
    if len(page.get_text("words")) > FEW_WORDS:
        return False
    return any(abs(pymupdf.Rect(image["bbox"]) & page.rect) > SCANNED * abs(page.rect) for image in _pictures(page))


def _pictures(page: pymupdf.Page) -> list[dict[str, object]]:
    """Those that cover a good part of the page."""
    return [image for image in page.get_image_info() if abs(pymupdf.Rect(image["bbox"]) & page.rect) > abs(page.rect) / 10]


def _tiled(page: pymupdf.Page) -> tuple[Drawn, list[bytes]]:
    """The page in squares, row by row, the last ones of a row and of a column smaller."""
    scale = min(TILED_DPI / 72, TILED_LONGEST / max(page.rect.width, page.rect.height)) if fits(page) else 0
    width, height = int(page.rect.width * scale), int(page.rect.height * scale)
    columns, rows = -(-width // EDGE), -(-height // EDGE)
    seen = page.get_displaylist()
    images = []
    for row in range(rows):
        top, bottom = row * EDGE, min((row + 1) * EDGE, height)
        # A strip at a time: the whole would not fit into the child's memory.
        clip = pymupdf.Rect(0, top, width, bottom) / scale
        strip = seen.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False, clip=clip)
        image = Image.frombuffer("RGB", (strip.width, strip.height), strip.samples_mv, "raw", "RGB", 0, 1)
        for left in range(0, width, EDGE):
            images.append(encode(image.crop((left, 0, min(left + EDGE, width), bottom - top))))
    return Drawn(width, height, columns=columns, rows=rows, edge=EDGE), images


def encode(image: Image.Image) -> bytes:
    """The image as WebP: lossless where most of it is one colour, as text is, which is smaller and sharper then; lossy
    for photographs and scans, on which lossless compression takes seconds; the smaller of both in between."""
    grey = image.convert("L").histogram()
    if max(grey) * 2 < sum(grey):
        return _webp(image, lossless=False, quality=QUALITY)
    lossless = _webp(image, lossless=True, quality=EFFORT)
    if len(lossless) * SMALL < image.width * image.height:
        return lossless
    return min(lossless, _webp(image, lossless=False, quality=QUALITY), key=len)


def _webp(image: Image.Image, *, lossless: bool, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", lossless=lossless, quality=quality, method=METHOD)
    return file.getvalue()


def reason_of(error: BaseException) -> str:
    """The code for what went wrong with a file. Raises the error again when it is none of the file's."""
    if isinstance(error, Unshowable):
        return error.reason
    if isinstance(error, MemoryError | pymupdf.mupdf.FzErrorSystem):  # the latter: an allocation failed
        return "too_large"
    if isinstance(error, OSError) and error.errno == errno.EFBIG:  # the images exceed the limit for a file
        return "too_large"
    if isinstance(error, pymupdf.mupdf.FzErrorBase | pymupdf.FileDataError | RuntimeError | ValueError):
        return "broken"
    raise error
