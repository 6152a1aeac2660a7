"""From other files to PDF, and from a stranger's PDF to a clean one. Runs only in the confined child."""

import codecs
import io
import zipfile
from collections.abc import Iterator

from PIL import Image, ImageOps, UnidentifiedImageError

from meetroom.documents.mupdf import pymupdf
from meetroom.documents.rendering import Unshowable
from meetroom.documents.text import contents_of

PICTURES = ("PNG", "JPEG", "TIFF", "WEBP")  # Pillow's names
MOST_PIXELS = 120_000_000  # of a picture: A2 at 600 dots per inch
JPEG_QUALITY = 90
A4 = (595, 842)  # points
SOUND_DPI = range(60, 2401)  # what cameras and programs write into files they know nothing about is outside, or 72
MOST_UNPACKED = 1 << 30  # bytes of an office file's members
for _name in ("cp437", "utf-16-be", "utf-16-le", "utf-16", "latin-1", "cp1252"):  # of names in archives, of titles in PDF
    codecs.lookup(_name)  # now, for the child may open no files
OLE = bytes.fromhex("d0cf11e0a1b11ae1")

# What an office file is, by what it holds: (first part of a member's path or media type, or a stream's name) -> ending.
OPEN_XML = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
OPEN_DOCUMENT = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp"}
BINARY = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls", "PowerPoint Document": "ppt"}


def clean_copy(document: pymupdf.Document) -> bytes:
    """The paper as a file of its own for whoever may read it: what the pages show, links and contents; no scripts, forms,
    attachments, layers, or words about who made it."""
    document.bake(annots=True, widgets=True)
    copy = pymupdf.open()
    copy.insert_pdf(document, annots=False, widgets=False, links=True)
    for page in copy.pages():
        for link in page.get_links():
            if link["kind"] not in (pymupdf.LINK_GOTO, pymupdf.LINK_URI, pymupdf.LINK_NAMED):
                page.delete_link(link)
    copy.set_toc([[entry["level"], entry["title"], entry["page"]] for entry in _even(contents_of(document))])
    copy.set_metadata({})
    data: bytes = copy.tobytes(garbage=3, deflate=True, use_objstms=1)
    return data


def _even(entries: list[dict[str, int]]) -> Iterator[dict[str, int]]:
    """Levels begin at 1 and never grow by more than one."""
    last = 0
    for entry in entries:
        last = min(entry["level"], last + 1)
        yield {**entry, "level": last}


def pdf_of_picture(data: bytes, page_limit: int) -> bytes:
    """A page for each frame of the picture. Raises Unshowable."""
    Image.MAX_IMAGE_PIXELS = None  # the limit here is ours
    try:
        picture = Image.open(io.BytesIO(data), formats=PICTURES)
        frames = getattr(picture, "n_frames", 1)
    except UnidentifiedImageError:
        raise Unshowable("not_a_paper") from None
    if picture.format in ("PNG", "WEBP"):
        frames = 1  # a moving picture is no paper, its first one may be
    if frames > page_limit:
        raise Unshowable("too_many_pages")
    document = pymupdf.open()
    for number in range(frames):
        picture.seek(number)
        if picture.width * picture.height > MOST_PIXELS:
            raise Unshowable("too_large")
        try:
            picture.load()
        except (OSError, SyntaxError, EOFError):
            raise Unshowable("damaged") from None
        _add_page(document, picture, picture.info.get("dpi"))
    result: bytes = document.tobytes(garbage=1, deflate=True)
    return result


def _add_page(document: pymupdf.Document, frame: Image.Image, dpi: tuple[float, float] | None) -> None:
    """As large as the scanner says; of a photograph, an A4 page that it fills one way."""
    upright = ImageOps.exif_transpose(frame)
    image = _plain(upright)
    if dpi and all(round(float(d)) in SOUND_DPI and round(float(d)) != 72 for d in dpi):
        across, down = (dpi[1], dpi[0]) if upright.size != frame.size else dpi
        width, height = image.width * 72 / float(across), image.height * 72 / float(down)
    else:
        short, long = A4 if image.width <= image.height else (A4[1], A4[0])
        scale = min(short / image.width, long / image.height)
        width, height = image.width * scale, image.height * scale
    page = document.new_page(width=max(width, 3), height=max(height, 3))
    page.insert_image(page.rect, stream=_packed(image), keep_proportion=False)


def _plain(image: Image.Image) -> Image.Image:
    """On white, in black, grey or colours."""
    if image.mode in ("1", "L", "RGB"):
        return image
    if image.mode.startswith(("I", "F")):  # 16 bits of grey
        return image.point(lambda v: v / 256).convert("L") if image.mode.startswith("I;16") else image.convert("L")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        over = image.convert("RGBA")
        ground = Image.new("RGBA", over.size, "white")
        return Image.alpha_composite(ground, over).convert("RGB")
    return image.convert("RGB")


def _packed(image: Image.Image) -> bytes:
    """Without what the camera wrote about place and time. Lossless where most of it is one colour."""
    file = io.BytesIO()
    grey = image.convert("L").histogram()
    if image.mode == "1" or max(grey) * 2 > sum(grey):
        Image.frombytes(image.mode, image.size, image.tobytes()).save(file, "PNG", compress_level=6)
    else:
        Image.frombytes(image.mode, image.size, image.tobytes()).save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()


def office_ending(data: bytes) -> str:
    """Which office program made the file, as a file's ending. Raises Unshowable."""
    if data[:5] == b"{\\rtf":
        return "rtf"
    if data[:8] == OLE:
        return _binary_ending(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            if sum(member.file_size for member in members) > MOST_UNPACKED:
                raise Unshowable("too_large")
            names = {member.filename for member in members}
            if "[Content_Types].xml" in names:
                return next(ending for part, ending in OPEN_XML.items() if any(name.startswith(part) for name in names))
            kind = packed.read("mimetype") if packed.getinfo("mimetype").file_size < 200 else b""
            if b"manifest:encryption-data" in packed.read("META-INF/manifest.xml"):
                raise Unshowable("encrypted")
            return next(
                ending for part, ending in OPEN_DOCUMENT.items() if kind.startswith(b"application/vnd.oasis.opendocument." + part)
            )
    except (KeyError, StopIteration):
        raise Unshowable("not_a_paper") from None
    except (zipfile.BadZipFile, NotImplementedError, EOFError):
        raise Unshowable("damaged") from None


def _binary_ending(data: bytes) -> str:
    """By the names of its streams, which a password protected file of the newer kind has as well."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unshowable("encrypted")
    for stream, ending in BINARY.items():
        if (stream + "\0").encode("utf-16-le") in data:
            return ending
    raise Unshowable("not_a_paper")
