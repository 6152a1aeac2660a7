"""What crosses a wire for the wall and for following the presenter."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from meetroom.wire import Audience, Event, Id, MeetingOrder, ShortLine, View, Wire

PageNumber = Annotated[int, Field(ge=1, le=10_000)]
Top = Annotated[int, Field(ge=0, le=10_000, description="where the part on show begins, in ten-thousandths of the page's height")]


class WallMode(StrEnum):
    """AUTO: the wall follows the sitting (result, open vote, presented page, speaker, item). BLANK: only the title."""

    AUTO = "auto"
    BLANK = "blank"


class Presenting(Wire):
    """The page on show, from `top` on; followers turn with it. `by` is the name of the presenter, `member_id`."""

    paper_id: Id
    page: PageNumber
    top: Top
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
    top: Top = 0


class SetWall(MeetingOrder):
    mode: WallMode
    vote_id: Id | None = None


class DisplayChanged(Event, name="display.changed", audience=Audience.MEETING):
    display: DisplayView
