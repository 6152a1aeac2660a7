"""What crosses a wire for ink: marks as their owner's tablets have them, and those that are shared.

What is private never enters a view or an event: those say only that there is something new, and its owner fetches it.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from meetroom.wire import Audience, Event, Id, MeetingOrder, Moment, Sha256, Text, View, Wire

Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]  # a UUID, made by the tablet
Points = Annotated[str, StringConstraints(max_length=16_000)]  # see rules.encode
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Part = Annotated[int, Field(ge=0, le=10_000, description="ten-thousandths of the page's width or height")]


class MarkKind(StrEnum):
    """What a hand can leave on a page. INSTRUCTION (bút phê) is always shared."""

    PEN = "pen"
    HIGHLIGHTER = "highlighter"
    NOTE = "note"
    INSTRUCTION = "instruction"


class OwnKind(StrEnum):
    """The marks that are their owner's alone to make, change and erase."""

    PEN = "pen"
    HIGHLIGHTER = "highlighter"
    NOTE = "note"


class Colour(StrEnum):
    BLUE = "blue"
    BLACK = "black"
    GREEN = "green"
    YELLOW = "yellow"


class Mark(Wire):
    """A mark of one's own. It belongs to the page with that image, in whatever version of the paper; `page` is the number
    the page had when the mark was made. A stroke has `points`, a colour and a width (ten-thousandths of the page's width);
    a note has `text`, at x, y, and may be `shared` with everybody who may read the paper."""

    key: Key
    kind: OwnKind
    paper_id: Id
    image: Sha256
    page: Annotated[int, Field(ge=1, le=10_000)]
    colour: Colour
    width: Annotated[int, Field(ge=0, le=1000)]
    points: Points
    x: Part
    y: Part
    text: Words
    shared: bool


class KeptMark(Mark):
    """As the server has it. Of what was `erased` nothing is left but the key."""

    at: Moment
    revision: int
    erased: bool


class AskInk(Wire):
    since: Annotated[int, Field(ge=0, le=2**53 - 1)] = 0


class Ink(Wire):
    """Answer of the ink route: one's marks changed after `since`, oldest change first; `more` of them are left."""

    marks: tuple[KeptMark, ...]
    revision: int
    more: bool


class InkView(View):
    """How far one member's ink is (`id` = the member). Each change of a mark raises the revision."""

    revision: int


class MarkView(View):
    """A shared note or an instruction. Of one that was `withdrawn_at` some time, the words are gone, and that it was there
    remains."""

    kind: MarkKind
    paper_id: Id
    image: Sha256
    page: int
    x: int
    y: int
    text: str
    member_id: Id
    at: Moment
    withdrawn_at: Moment | None


class WriteInk(MeetingOrder):
    """Marks to keep as they are here, and keys to erase: all of them one's own. Whoever writes a mark last wins."""

    marks: tuple[Mark, ...] = Field(max_length=64)
    erased: tuple[Key, ...] = Field(max_length=256)


class GiveInstruction(MeetingOrder):
    """Bút phê: a leader's written instruction at a place of a page. It cannot be changed, only withdrawn."""

    paper_id: Id
    image: Sha256
    page: Annotated[int, Field(ge=1, le=10_000)]
    x: Part
    y: Part
    text: Text


class OneMark(MeetingOrder):
    mark_id: Id


class InkChanged(Event, name="ink.changed", audience=Audience.PERSON, hold_ms=250):
    person_id: Id
    ink: InkView


class MarkChanged(Event, name="mark.changed", audience=Audience.MEETING):
    mark: MarkView


class MarkRemoved(Event, name="mark.removed", audience=Audience.MEETING):
    id: Id


class MarkListed(Event, name="mark.listed", audience=Audience.SECRETARIES):
    """On a paper that not everybody may read."""

    mark: MarkView


class MarkShown(Event, name="mark.shown", audience=Audience.PERSON):
    person_id: Id
    mark: MarkView


class MarkHidden(Event, name="mark.hidden", audience=Audience.PERSON):
    person_id: Id
    id: Id
