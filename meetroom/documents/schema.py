"""What crosses a wire for papers: upload, preparation, manifest, receipts."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from meetroom.wire import Audience, Event, Id, Line, MeetingOrder, Moment, Sha256, ShortLine, View, Wire


class PaperState(StrEnum):
    """QUEUED and RENDERING: page images are being made (pages so far can be read). READY: all are there.
    REFUSED: the file cannot be shown, `reason` says why. WITHDRAWN: taken back; nobody may read it."""

    QUEUED = "queued"
    RENDERING = "rendering"
    READY = "ready"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PageView(Wire):
    """One page image: a WebP named by its SHA-256, sizes in pixels and bytes."""

    sha256: Sha256
    width: int
    height: int
    size: int


class PaperView(View):
    """A paper in its newest version. `pages` are the prepared ones in order, `page_count` what the file has."""

    item_id: Id
    position: int
    title: Line
    number: ShortLine  # as printed: "412/TTr-UBND"
    version: int
    state: PaperState
    reason: str | None
    page_count: int
    pages: tuple[PageView, ...]
    size: int
    added_at: Moment


class ReceiptState(StrEnum):
    """How far a paper has come on one member's tablet; only ever moves forward within a version."""

    ANNOUNCED = "announced"
    FIRST_PAGE = "first_page"
    COMPLETE = "complete"
    OPENED = "opened"
    WITHDRAWN = "withdrawn"


class ReceiptView(View):
    paper_id: Id
    member_id: Id
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
    item_id: Id
    title: Line
    number: ShortLine = ""
    file: Sha256


class ReplacePaper(MeetingOrder):
    paper_id: Id
    file: Sha256


class UpdatePaper(MeetingOrder):
    paper_id: Id
    title: Line
    number: ShortLine = ""


class OnePaper(MeetingOrder):
    paper_id: Id


class ReportPages(MeetingOrder):
    """By the worker: the pages prepared so far, whole; `page_count` once known."""

    paper_id: Id
    version: int
    page_count: int
    pages: tuple[PageView, ...] = Field(max_length=2000)
    done: bool


class RefusePaper(MeetingOrder):
    """By the worker: `reason` is a code (encrypted, damaged, too_many_pages, too_large, too_slow, not_a_paper)."""

    paper_id: Id
    version: int
    reason: ShortLine


class ReportReceipt(MeetingOrder):
    """By a tablet, at most once a second; `pages` of this version it holds."""

    paper_id: Id
    version: int
    state: ReceiptState
    pages: Annotated[int, Field(ge=0, le=10_000)]


class PaperChanged(Event, name="paper.changed", audience=Audience.MEETING):
    paper: PaperView


class PaperRemoved(Event, name="paper.removed", audience=Audience.MEETING):
    id: Id


class ReceiptRemoved(Event, name="receipt.removed", audience=Audience.SECRETARIES):
    id: Id


class ReceiptChanged(Event, name="receipt.changed", audience=Audience.SECRETARIES, hold_ms=250):
    receipt: ReceiptView
