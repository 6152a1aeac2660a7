"""What crosses a wire for the wall and for following the presenter."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from meetroom.wire import Audience, Event, Id, MeetingOrder, ShortLine, View, Wire

WALLS = 12  # of one meeting
WallName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Message = Annotated[str, StringConstraints(strip_whitespace=True, max_length=240)]
PageNumber = Annotated[int, Field(ge=1, le=10_000)]
Part = Annotated[int, Field(ge=0, le=10_000, description="ten-thousandths of the page's width or height")]
Zoom = Annotated[int, Field(ge=100, le=800, description="per cent; 100 is the whole width")]


class Content(StrEnum):
    """What a wall shows. AUTO follows the sitting: result, open vote, presented page, speaker, item in hand. BLANK: the
    meeting's title only. The others stay whatever happens: the agenda, who speaks, the presented page, one vote with its
    progress or result, how each voted in it, who is present, a message."""

    AUTO = "auto"
    BLANK = "blank"
    AGENDA = "agenda"
    SPEAKER = "speaker"
    PAGE = "page"
    VOTE = "vote"
    NAMES = "names"
    ROLL = "roll"
    MESSAGE = "message"


class Showing(Wire):
    """`vote_id` belongs to VOTE and NAMES, `text` to MESSAGE."""

    content: Content = Content.AUTO
    vote_id: Id | None = None
    text: Message = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.vote_id is not None) != (self.content in (Content.VOTE, Content.NAMES)):
            raise ValueError("vote_id")
        if bool(self.text) != (self.content == Content.MESSAGE):
            raise ValueError("text")
        return self


class WallView(View):
    """One screen of the hall, as the secretary named it ("Màn hình trái")."""

    position: int
    name: ShortLine
    showing: Showing


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
    """Who presents what (`id` = the meeting). To whom the paper is closed nothing is presented."""

    presenting: Presenting | None


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


class AddWall(MeetingOrder):
    name: WallName


class RenameWall(MeetingOrder):
    wall_id: Id
    name: WallName


class OneWall(MeetingOrder):
    wall_id: Id


class ShowOnWalls(MeetingOrder):
    """What each of these walls shows from now on, together."""

    walls: dict[Id, Showing] = Field(min_length=1, max_length=WALLS)


class DisplayChanged(Event, name="display.changed", audience=Audience.MEETING):
    display: DisplayView


class DisplayListed(Event, name="display.listed", audience=Audience.SECRETARIES):
    """A paper that not everybody may read is on show, or no longer."""

    display: DisplayView


class DisplayShown(Event, name="display.shown", audience=Audience.PERSON):
    """The same to one who may read it; and to one who may not, that what was on show is no longer."""

    person_id: Id
    display: DisplayView


class WallChanged(Event, name="wall.changed", audience=Audience.MEETING):
    wall: WallView


class WallRemoved(Event, name="wall.removed", audience=Audience.MEETING):
    id: Id
