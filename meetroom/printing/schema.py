"""What crosses a wire for printouts: a PDF made for one member, of one paper or of all the meeting's papers."""

from enum import StrEnum

from meetroom.wire import Audience, Event, Id, Line, MeetingOrder, Moment, Sha256, ShortLine, View


class PrintoutState(StrEnum):
    """QUEUED, MAKING (`done` of `total` papers), READY to be fetched, FAILED for a `reason`."""

    QUEUED = "queued"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class PrintoutView(View):
    """`paper_id` null: the pack of all papers its member may read, in the order of the agenda. `ink`: with their own ink,
    their notes and what is shared."""

    paper_id: Id | None
    ink: bool
    title: Line
    state: PrintoutState
    reason: str | None
    done: int
    total: int
    size: int
    at: Moment


class OrderPrintout(MeetingOrder):
    paper_id: Id | None = None
    ink: bool = False


class OnePrintout(MeetingOrder):
    printout_id: Id


class ReportPrintout(MeetingOrder):
    """By the press. `file` once it is ready, `reason` when it cannot be made."""

    printout_id: Id
    done: int
    total: int
    file: Sha256 | None = None
    size: int = 0
    reason: ShortLine | None = None


class PrintoutChanged(Event, name="printout.changed", audience=Audience.PERSON, hold_ms=250):
    person_id: Id
    printout: PrintoutView


class PrintoutRemoved(Event, name="printout.removed", audience=Audience.PERSON):
    person_id: Id
    id: Id
