"""Commands about presenting a paper."""

from sqlalchemy.orm import Session

from meetroom.access import Actor, May, may
from meetroom.display.schema import (
    DisplayChanged,
    DisplayView,
    HandOver,
    Point,
    Pointing,
    Present,
    Presenting,
)
from meetroom.display.tables import Display
from meetroom.documents import service as documents
from meetroom.documents.tables import Paper
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.floor import record as floor
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import OneMeeting
from meetroom.meetings.tables import Member
from meetroom.store.tables import find


@command("display.present", may=May.PRESENT)
def present(call: Call, order: Present) -> None:
    """Start presenting, or turn the page. Those who run the floor may, whoever has it, and who presents already."""
    meetings.expect_open(meetings.load(call.session, order.meeting_id))
    viewer = meetings.viewer(call.session, call.actor, order.meeting_id)
    documents.expect_page(call.session, viewer, order.meeting_id, order.paper_id, order.page)
    display, member = _load(call, order.meeting_id), meetings.own_member(call, order.meeting_id)
    holder = floor.holder(call.session, order.meeting_id)
    has_floor = holder is not None and holder.member_id == member.id
    if not (call.may(May.RUN_FLOOR) or has_floor or display.presenter_id == member.id):
        raise Refusal("forbidden")
    display.paper_id, display.presenter_id = order.paper_id, member.id
    display.page, display.top, display.left, display.zoom = order.page, order.top, order.left, order.zoom
    _tell(call, display)


@command("display.hand_over", may=May.PRESENT)
def hand_over(call: Call, order: HandOver) -> None:
    """Give what is on show to another member, who turns the pages from now on: by the presenter, and by who runs the floor.
    Who gets it must be one who may present at all, and may read the paper."""
    meetings.expect_open(meetings.load(call.session, order.meeting_id))
    display, member = _load(call, order.meeting_id), meetings.own_member(call, order.meeting_id)
    if not (call.may(May.RUN_FLOOR) or display.presenter_id == member.id):
        raise Refusal("forbidden")
    other = find(call.session, Member, order.meeting_id, order.member_id)
    if display.paper_id is None:
        raise Refusal("nobody_presents")
    paper = find(call.session, Paper, order.meeting_id, display.paper_id)
    reads = documents.may_read(call.session, meetings.viewer(call.session, Actor(other.person_id), order.meeting_id), paper)
    if not (reads and may(frozenset({other.role}), May.PRESENT)):
        raise Refusal("cannot_present")
    display.presenter_id = other.id
    _tell(call, display)


def pointing(session: Session, actor: Actor, order: Point) -> Pointing:
    """What of a presenter's movement others may see. Raises Refusal `not_found` to who is outside the meeting, `forbidden` unless
    this person presents this paper now."""
    viewer = meetings.viewer(session, actor, order.meeting_id)
    if not viewer.may(May.SEE_MEETING):
        raise Refusal("not_found")
    display = session.get(Display, order.meeting_id)
    presents = display is not None and display.paper_id == order.paper_id and display.presenter_id == viewer.member_id
    if not (presents and viewer.may(May.PRESENT)):
        raise Refusal("forbidden")
    documents.expect_page(session, viewer, order.meeting_id, order.paper_id, order.page)
    return Pointing(**order.model_dump(exclude={"meeting_id"}))


@command("display.stop", may=May.PRESENT)
def stop(call: Call, order: OneMeeting) -> None:
    """End presenting; tablets stay where they are."""
    display, member = _load(call, order.meeting_id), meetings.own_member(call, order.meeting_id)
    if not (call.may(May.RUN_FLOOR) or display.presenter_id == member.id):
        raise Refusal("forbidden")
    _clear(call, display)


def leave_paper(call: Call, meeting_id: int, paper_id: int) -> None:
    """A paper was taken back: nobody presents it any more."""
    display = _load(call, meeting_id)
    if display.paper_id == paper_id:
        _clear(call, display)


documents.when_withdrawn.append(leave_paper)


def _clear(call: Call, display: Display) -> None:
    display.paper_id, display.presenter_id = None, None
    display.page, display.top, display.left, display.zoom = 1, 0, 0, 100
    _tell(call, display)


def _load(call: Call, meeting_id: int) -> Display:
    display = call.session.get(Display, meeting_id)
    if display is None:
        display = Display(meeting_id=meeting_id, page=1, top=0, left=0, zoom=100)
        call.session.add(display)
    return display


def _tell(call: Call, display: Display) -> None:
    call.session.flush()
    call.tell(DisplayChanged(display=view(call.session, display.meeting_id)))


def view(session: Session, meeting_id: int) -> DisplayView:
    display = session.get(Display, meeting_id)
    if display is None or display.paper_id is None or display.presenter_id is None:
        return DisplayView(id=meeting_id, presenting=None)
    presenter = find(session, Member, meeting_id, display.presenter_id)
    place = {name: getattr(display, name) for name in ("paper_id", "page", "top", "left", "zoom")}
    return DisplayView(id=meeting_id, presenting=Presenting(**place, member_id=presenter.id, by=presenter.full_name))
