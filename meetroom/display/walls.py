"""Commands about the walls: the screens of the hall, and what each shows."""

from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.display.schema import (
    WALLS,
    AddWall,
    OneWall,
    RenameWall,
    Showing,
    ShowOnWalls,
    WallChanged,
    WallRemoved,
    WallView,
)
from meetroom.display.tables import Wall
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.store.tables import all_of, find
from meetroom.voting.tables import VoteRow

FIRST = "Màn hình chung"  # the name of the wall every meeting begins with


@command("wall.add", may=May.PREPARE_MEETING)
def add_wall(call: Call, order: AddWall) -> WallView:
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    return _add(call, order.meeting_id, order.name)


@command("wall.rename", may=May.PREPARE_MEETING)
def rename_wall(call: Call, order: RenameWall) -> None:
    wall = find(call.session, Wall, order.meeting_id, order.wall_id)
    wall.name = order.name
    _tell(call, wall)


@command("wall.remove", may=May.PREPARE_MEETING)
def remove_wall(call: Call, order: OneWall) -> None:
    """The last one stays. A screen that showed it asks which one it is now."""
    wall = find(call.session, Wall, order.meeting_id, order.wall_id)
    if len(all_of(call.session, Wall, order.meeting_id)) == 1:
        raise Refusal("last_wall")
    call.session.delete(wall)
    call.session.flush()
    call.tell(WallRemoved(id=order.wall_id))


@command("wall.show", may=May.RUN_MEETING)
def show(call: Call, order: ShowOnWalls) -> None:
    """All of them or none: a wall or a vote that is not there refuses the whole order."""
    before = {}
    for id, showing in order.walls.items():
        wall = find(call.session, Wall, order.meeting_id, id)
        if showing.vote_id is not None:
            find(call.session, VoteRow, order.meeting_id, showing.vote_id)
        before[id] = wall.showing
        wall.showing = showing.model_dump(mode="json")
        _tell(call, wall)
    call.undo_by("wall.show", wall.name if len(before) == 1 else "", meeting_id=order.meeting_id, walls=before)


def _begin(call: Call, meeting_id: int) -> None:
    _add(call, meeting_id, FIRST)


def _clone(call: Call, source_id: int, meeting_id: int) -> None:
    """The clone has the source's screens, each following the sitting."""
    first, *_ = all_of(call.session, Wall, meeting_id)
    for wall in all_of(call.session, Wall, source_id):
        if wall.name != first.name:
            _add(call, meeting_id, wall.name)


meetings.when_created.append(_begin)
meetings.when_cloned.append(_clone)


def _add(call: Call, meeting_id: int, name: str) -> WallView:
    there = all_of(call.session, Wall, meeting_id)
    if len(there) == WALLS:
        raise Refusal("too_many_walls", {"most": WALLS})
    position = max((wall.position for wall in there), default=-1) + 1
    wall = Wall(meeting_id=meeting_id, position=position, name=name, showing=Showing().model_dump(mode="json"))
    call.session.add(wall)
    return _tell(call, wall)


def _tell(call: Call, wall: Wall) -> WallView:
    call.session.flush()
    shown = _view(wall)
    call.tell(WallChanged(wall=shown), stream=wall.meeting_id)
    return shown


def _view(wall: Wall) -> WallView:
    return WallView(id=wall.id, position=wall.position, name=wall.name, showing=Showing.model_validate(wall.showing))


def views(session: Session, meeting_id: int) -> list[WallView]:
    return [_view(wall) for wall in all_of(session, Wall, meeting_id)]
