"""From a PDF to page images. Runs only in the confined child: everything here touches what strangers wrote."""

import errno
import io
import time
from collections.abc import Iterator

from PIL import Image

from meetroom.documents.mupdf import pymupdf
from meetroom.documents.rendering import HEIGHT, WIDTH, Page, Request, Unshowable
from meetroom.documents.rules import is_pdf

SHORTEST, LONGEST = 3, 14_400  # points; a page's sides (PDF 1.7, Annex C.2)
TAIL = 1024  # bytes at the end that hold the end mark (PDF Reference 1.7, implementation note 18)
SMALL = 200_000  # bytes; no page of text comes out larger
EFFORT, QUALITY, METHOD = 75, 75, 2  # of lossless and of lossy compression, 0 to 100; speed (0) against size (6)

Image.init()  # now, for the child may open no files


def open_paper(data: bytes, page_limit: int) -> pymupdf.Document:
    """The file as a document that can be shown. Raises Unshowable."""
    if not is_pdf(data):
        raise Unshowable("not_a_paper")
    document = pymupdf.open(stream=data, filetype="pdf")
    if not document.is_pdf:
        raise Unshowable("not_a_paper")
    if document.needs_pass:
        raise Unshowable("encrypted")
    # A small fault is repaired as every reader does. But a file that was cut off would be shown with its end missing.
    if document.page_count == 0 or (document.is_repaired and b"%%EOF" not in data[-TAIL:]):
        raise Unshowable("damaged")
    if document.page_count > page_limit:
        raise Unshowable("too_many_pages")
    return document


def page_images(document: pymupdf.Document, request: Request) -> Iterator[Page]:
    """The pages the request asks for. Raises Unshowable."""
    started = time.monotonic()
    for number in range(request.first, min(request.first + request.most, document.page_count)):
        image = draw(document[number])
        yield Page(image.width, image.height, encode(image))
        if time.monotonic() - started > request.seconds:
            return


def draw(page: pymupdf.Page) -> Image.Image:
    """The page as people see it, with its stamps and signatures, at the width of a page image."""
    width, height = page.rect.width, page.rect.height
    if not (SHORTEST <= width <= LONGEST and SHORTEST <= height <= LONGEST):
        raise Unshowable("too_large")
    scale = min(WIDTH / width, HEIGHT / height)
    drawn = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
    image = Image.frombuffer("RGB", (drawn.width, drawn.height), drawn.samples_mv, "raw", "RGB", 0, 1)
    return image.crop((0, 0, min(image.width, WIDTH), min(image.height, HEIGHT)))  # rounding may have added a pixel


def encode(image: Image.Image) -> bytes:
    """The image as WebP: lossless where most of it is one colour, as text is, which is smaller and sharper then; lossy
    for photographs and scans, on which lossless compression takes seconds; the smaller of both in between."""
    grey = image.convert("L").histogram()
    if max(grey) * 2 < sum(grey):
        return _webp(image, lossless=False, quality=QUALITY)
    lossless = _webp(image, lossless=True, quality=EFFORT)
    return lossless if len(lossless) < SMALL else min(lossless, _webp(image, lossless=False, quality=QUALITY), key=len)


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
        return "damaged"
    raise error
