"""What crosses a wire for the wall and for following the presenter."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from meetroom.wire import Audience, Event, Id, MeetingOrder, ShortLine, View, Wire

PageNumber = Annotated[int, Field(ge=1, le=10_000)]
Part = Annotated[int, Field(ge=0, le=10_000, description="ten-thousandths of the page's width or height")]
Zoom = Annotated[int, Field(ge=100, le=800, description="per cent; 100 is the whole width")]


class WallMode(StrEnum):
    """AUTO: the wall follows the sitting (result, open vote, presented page, speaker, item). BLANK: only the title."""

    AUTO = "auto"
    BLANK = "blank"


class Presenting(Wire):
    """The page on show, from `top` and `left` on; followers turn with it. `by` is the name of the presenter, `member_id`."""

    paper_id: Id
    page: PageNumber
    top: Part
    left: Part
    zoom: Zoom
    member_id: Id
    by: ShortLine


class DisplayView(View):
    """What the hall sees (`id` = the meeting). `vote_id`: this vote's published result stays on the wall."""

    mode: WallMode
    presenting: Presenting | None
    vote_id: Id | None


class Present(MeetingOrder):
    """Start presenting a paper, or turn its page."""

    paper_id: Id
    page: PageNumber
    top: Part = 0
    left: Part = 0
    zoom: Zoom = 100


class HandOver(MeetingOrder):
    """Somebody else presents from now on, what is on show."""

    member_id: Id


class Pointing(Wire):
    """The signal `pointing`: where the presenter's page is and where they point, `x` and `y` null when nowhere. `laser`: with a
    line behind it that fades. Not journalled: `Present` follows when the page has come to rest."""

    paper_id: Id
    page: PageNumber
    top: Part
    left: Part
    zoom: Zoom
    x: Part | None
    y: Part | None
    laser: bool


class Point(Pointing, MeetingOrder):
    """By the presenter's tablet while something moves."""


class SetWall(MeetingOrder):
    mode: WallMode
    vote_id: Id | None = None


class DisplayChanged(Event, name="display.changed", audience=Audience.MEETING):
    display: DisplayView
