"""What crosses a wire for papers: upload, preparation, manifest, text layers, receipts."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from meetroom.meetings.schema import Access, AccessKind
from meetroom.wire import Audience, Event, Id, Line, MeetingOrder, Moment, Order, Sha256, ShortLine, View, Wire

__all__ = ["Access", "AccessKind"]

CHUNK = 32_768  # bytes
PageNumber = Annotated[int, Field(ge=1, le=10_000)]
Size = Annotated[int, Field(ge=0, le=2**40, description="bytes")]
Pixels = Annotated[int, Field(ge=1, le=1_000_000)]
Unit = Annotated[int, Field(ge=0, le=10_000, description="ten-thousandths of the page's width or height")]
Box = tuple[Unit, Unit, Unit, Unit]  # x0, y0, x1, y1
Uri = Annotated[str, StringConstraints(pattern=r"^(https?|mailto):[^\x00-\x20]+$", max_length=2000)]


class PaperState(StrEnum):
    """QUEUED and RENDERING: page images are being made (pages so far can be read). READY: all are there.
    REFUSED: the file cannot be shown, `reason` says why. WITHDRAWN: taken back; nobody may read it.
    ON_PAPER: a state secret, handed out on paper; there is no file."""

    QUEUED = "queued"
    RENDERING = "rendering"
    READY = "ready"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ON_PAPER = "on_paper"


class Secrecy(StrEnum):
    """Levels of the Law on Protection of State Secrets 2018. Of all but OPEN no file is ever accepted."""

    OPEN = "open"
    SECRET = "secret"
    TOP_SECRET = "top_secret"
    ABSOLUTE = "absolute"


class Blob(Wire):
    """A file of our own making, fetched by GET /b/<sha256>."""

    sha256: Sha256
    size: Size


class ImageView(Blob):
    """A WebP."""

    width: Pixels
    height: Pixels


class TilesView(Wire):
    """A page too large for one image, cut into squares of `edge` pixels, row by row; at the right and lower edges they are
    smaller."""

    columns: Annotated[int, Field(ge=1, le=100)]
    rows: Annotated[int, Field(ge=1, le=100)]
    edge: Pixels
    width: Pixels
    height: Pixels
    images: Annotated[tuple[Blob, ...], Field(max_length=10_000)]


class LinkView(Wire):
    """A place on a page that leads to another page of the paper, or out of it. Nobody is led to anything but web and mail."""

    box: Box
    page: PageNumber | None = None
    uri: Uri | None = None


class PageView(Wire):
    """One page as the manifest lists it. `image` is 1600 pixels wide, `large` 2560 and comes later. `text`: a TextLayer as
    JSON, compressed (zlib); null when there is none. `changed`: the version before had no such page."""

    image: ImageView
    large: ImageView | None = None
    tiles: TilesView | None = None
    text: Blob | None = None
    links: Annotated[tuple[LinkView, ...], Field(max_length=2000)] = ()
    changed: bool = False


class TocEntry(Wire):
    level: Annotated[int, Field(ge=1, le=10)]
    title: Line
    page: PageNumber


class Manifest(Wire):
    """A version of a paper: a blob of JSON. While pages are being made there are fewer than `page_count`."""

    paper_id: Id
    version: int
    page_count: int
    pages: tuple[PageView, ...]
    toc: tuple[TocEntry, ...]


class TextLine(Wire):
    """`block`: which paragraph it belongs to, `size`: the height of its letters, `words`: from, to, and the word."""

    box: Box
    block: int
    size: Unit
    words: tuple[tuple[Unit, Unit, str], ...]


class TextLayer(Wire):
    """The words of a page where they stand."""

    lines: tuple[TextLine, ...]


class VersionView(Wire):
    """An earlier version that can still be read."""

    number: int
    manifest: Sha256
    page_count: int
    added_at: Moment
    changed_pages: tuple[int, ...]


class PaperView(View):
    """A paper in its newest version. `page_count`: what the file has, `ready`: how many of them are prepared; `first`: page 1,
    at once. `changed_pages`: what the version before had not. Until `first` is there, `previous` (newest first) has what
    tablets show."""

    item_id: Id
    position: int
    title: Line
    number: ShortLine  # as printed: "412/TTr-UBND"
    version: int
    state: PaperState
    reason: str | None
    page_count: int
    ready: int
    first: ImageView | None
    manifest: Sha256 | None
    changed_pages: tuple[int, ...]
    previous: tuple[VersionView, ...]
    access: Access
    secrecy: Secrecy
    size: Size
    added_at: Moment


class Snippet(Wire):
    """A place where what was searched for stands, with some words before and after."""

    before: str
    words: str
    after: str


class FoundPage(Wire):
    paper_id: Id
    page: PageNumber
    snippets: tuple[Snippet, ...]


class FoundPages(Wire):
    """Answer of the search route. `more`: there are further pages; more letters would narrow it down."""

    pages: tuple[FoundPage, ...]
    more: bool


class AskChunk(Order):
    """Over the socket, where HTTP does not pass: a piece of a blob, from `offset` on."""

    sha256: Sha256
    offset: Size


class Chunk(Wire):
    """At most CHUNK bytes, in base64; `size` is the whole blob's."""

    size: Size
    data: str


class FetchTurn(Wire):
    """Whether a tablet may fetch now what nobody waits for: for so many `seconds`, or to be asked again after them."""

    granted: bool
    seconds: float


class ReceiptState(StrEnum):
    """How far a paper has come on one tablet; only ever moves forward within a version."""

    ANNOUNCED = "announced"
    FIRST_PAGE = "first_page"
    COMPLETE = "complete"
    OPENED = "opened"
    WITHDRAWN = "withdrawn"


DeviceId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
PageSet = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2}){0,1250}$")]


class ReceiptView(View):
    """What one of a member's tablets holds of a paper: `pages` of its `version`."""

    paper_id: Id
    member_id: Id
    device: DeviceId
    version: int
    state: ReceiptState
    pages: int
    at: Moment


class Upload(Wire):
    """Answer of the upload route: the name by which `document.add` takes the file over."""

    sha256: Sha256
    size: int
    filename: ShortLine


class AddPaper(MeetingOrder):
    """Without a file: the placeholder of a state secret. Raises Refusal `state_secret` when a file comes with one."""

    item_id: Id
    title: Line
    number: ShortLine = ""
    file: Sha256 | None = None
    access: Access = Access()
    secrecy: Secrecy = Secrecy.OPEN


class ReplacePaper(MeetingOrder):
    paper_id: Id
    file: Sha256


class UpdatePaper(MeetingOrder):
    paper_id: Id
    title: Line
    number: ShortLine = ""


class RestrictPaper(MeetingOrder):
    """Who may read it, and whether it is a state secret: then it can have no file."""

    paper_id: Id
    access: Access
    secrecy: Secrecy


class SearchPapers(MeetingOrder):
    q: ShortLine


class OnePaper(MeetingOrder):
    paper_id: Id


class ReportPages(MeetingOrder):
    """By the worker: pages from number `first` on, whole; `texts` are their words, for search. The same pages may come again
    with more (larger images, recognised text). `manifest`: what all of them together are now, when it was made anew."""

    paper_id: Id
    version: int
    page_count: Annotated[int, Field(ge=0, le=10_000)]
    first: PageNumber = 1
    pages: Annotated[tuple[PageView, ...], Field(max_length=2000)]
    texts: Annotated[tuple[str, ...], Field(max_length=2000)] = ()
    toc: Annotated[tuple[TocEntry, ...], Field(max_length=5000)] | None = None
    manifest: Blob | None = None
    done: bool


class ReportCopy(MeetingOrder):
    """By the worker: the version as a PDF of its own making, without scripts, forms and attachments."""

    paper_id: Id
    version: int
    pdf: Blob


class RefusePaper(MeetingOrder):
    """By the worker: `reason` is a code (encrypted, damaged, too_many_pages, too_large, too_slow, not_a_paper, needs_office)."""

    paper_id: Id
    version: int
    reason: ShortLine


class ReportReceipt(MeetingOrder):
    """By a tablet, at most once a second. `held`: the pages of this version that it holds, as bits in hexadecimal, page 1 the
    lowest bit of the first byte; what was told before still holds."""

    paper_id: Id
    device: DeviceId
    version: int
    state: ReceiptState
    held: PageSet = ""


class PaperChanged(Event, name="paper.changed", audience=Audience.MEETING):
    paper: PaperView


class PaperRemoved(Event, name="paper.removed", audience=Audience.MEETING):
    id: Id


class ReceiptRemoved(Event, name="receipt.removed", audience=Audience.SECRETARIES):
    id: Id


class ReceiptChanged(Event, name="receipt.changed", audience=Audience.SECRETARIES, hold_ms=250):
    receipt: ReceiptView


class PaperShown(Event, name="paper.shown", audience=Audience.PERSON):
    """Of a paper that not everybody may read, to one who may."""

    person_id: Id
    paper: PaperView


class PaperHidden(Event, name="paper.hidden", audience=Audience.PERSON):
    person_id: Id
    id: Id


class PaperListed(Event, name="paper.listed", audience=Audience.SECRETARIES):
    """The same paper, to those who see all."""

    paper: PaperView
