"""What crosses a wire for meetings and their members."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from meetroom.wire import Audience, Event, Id, Line, MeetingOrder, Moment, OptionalLine, Order, Sha256, ShortLine, View, Wire


class MeetingState(StrEnum):
    """DRAFT: being prepared. OPEN: sitting. CLOSED: over; nothing but the record is left to read."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class MeetingKind(StrEnum):
    """COUNCIL (HĐND) and COMMITTEE (UBND) sittings follow statutory rules; CONFERENCE and WORKING do not."""

    COUNCIL = "council"
    COMMITTEE = "committee"
    CONFERENCE = "conference"
    WORKING = "working"


class Substitutes(StrEnum):
    """What substitutes (dự thay) may do in a meeting: there are none, they attend and speak, they also have the vote."""

    NONE = "none"
    ATTENDS = "attends"
    VOTES = "votes"


class Watermark(StrEnum):
    """Where name and time stand over a paper's pages: nowhere, on printouts, also on screens. A paper that not everybody may
    read has them everywhere."""

    NONE = "none"
    PRINTS = "prints"
    PAGES = "pages"


class Role(StrEnum):
    SECRETARY = "secretary"
    CHAIR = "chair"
    DELEGATE = "delegate"
    OPERATOR = "operator"  # runs the machine of a conference point
    TECHNICIAN = "technician"
    WALL = "wall"  # a screen of the hall
    GUEST = "guest"


class AccessKind(StrEnum):
    """ALL: whoever sees the meeting. MEMBERS: chair and delegates, not guests, walls, operators. ROLES and PEOPLE: those named.
    Secretaries and technicians always may."""

    ALL = "all"
    MEMBERS = "members"
    ROLES = "roles"
    PEOPLE = "people"


class Access(Wire):
    """Who may read a paper, or know of an agenda item. An item's access also holds for everything that hangs on it."""

    kind: AccessKind = AccessKind.ALL
    roles: Annotated[tuple[Role, ...], Field(max_length=30)] = ()
    member_ids: Annotated[tuple[Id, ...], Field(max_length=1000)] = ()


class MeetingView(View):
    title: Line
    kind: MeetingKind
    state: MeetingState
    body: ShortLine  # the sitting body as printed on the cover: "Hội đồng nhân dân tỉnh Thanh Giang"
    place: ShortLine
    starts_at: Moment
    opened_at: Moment | None
    closed_at: Moment | None
    quorum: str = Field(description="exact fraction of the voting members, e.g. '2/3'")
    substitutes: Substitutes = Substitutes.ATTENDS
    watermark: Watermark = Watermark.PAGES
    quorum_lost_at: Moment | None = Field(default=None, description="since when too few are there; null: enough, or not sitting")


class MemberView(View):
    """A person's place in one meeting. `votes`: belongs to the denominator; `present`: has come and not left; `excused`: is
    away with leave (vắng có phép). A substitute is `approved` or may not come yet."""

    person_id: Id
    full_name: Line
    position: OptionalLine
    unit: OptionalLine
    role: Role
    seat: ShortLine
    group: ShortLine
    votes: bool
    present: bool
    arrived_at: Moment | None
    left_at: Moment | None = None
    point_id: Id | None
    excused: bool = False
    substitute_of: Id | None = Field(default=None, description="the member in whose place this one sits")
    approved: bool = True


class ExcuseView(View):
    """Why a member (`id`) is away, for secretaries' eyes."""

    reason: ShortLine


class CreateMeeting(Order):
    title: Line
    kind: MeetingKind
    body: ShortLine = ""
    place: ShortLine = ""
    starts_at: Moment


class CloneMeeting(Order):
    """A new draft with the source's agenda, members and points, without papers, votes and times."""

    source_id: Id
    title: Line
    starts_at: Moment


class UpdateMeeting(MeetingOrder):
    title: Line
    body: ShortLine = ""
    place: ShortLine = ""
    starts_at: Moment
    substitutes: Substitutes | None = Field(default=None, description="null: as it is")
    watermark: Watermark | None = Field(default=None, description="null: as it is")


class OneMeeting(MeetingOrder):
    """Orders that need nothing but the meeting: open, close, reopen, undo, arrive, leave, next item."""


class InviteMember(MeetingOrder):
    person_id: Id
    role: Role
    seat: ShortLine = ""
    group: ShortLine = ""
    votes: bool = False
    point_id: Id | None = None


class FindPeople(MeetingOrder):
    """People whose name or unit matches every word of `q`, with or without diacritics."""

    q: ShortLine = ""


class UpdateMember(MeetingOrder):
    member_id: Id
    role: Role
    seat: ShortLine = ""
    group: ShortLine = ""
    votes: bool = False
    point_id: Id | None = None


class OneMember(MeetingOrder):
    member_id: Id


class MarkPresence(MeetingOrder):
    """By the secretary, for somebody without a tablet."""

    member_id: Id
    present: bool


class ExcuseMember(MeetingOrder):
    """Away with leave, and why; `false` takes it back."""

    member_id: Id
    excused: bool
    reason: ShortLine = ""


class NameSubstitute(MeetingOrder):
    """`person_id` in the place of `member_id`, with their seat, group and point."""

    member_id: Id
    person_id: Id


class ApproveSubstitute(MeetingOrder):
    member_id: Id
    approved: bool


class AttendMembers(MeetingOrder):
    """By a point's operator, for members who are in its hall or have left it."""

    member_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=500)]
    present: bool


class CheckIn(MeetingOrder):
    """With the code that stands in the hall."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,16}\.[0-9]{1,12}\.[0-9a-f]{24}$")]


class AskHallCode(Wire):
    """How long the code is good: minutes on a screen, a day on a printed card."""

    minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 2


class HallCode(Wire):
    """`svg` is the QR code of the address that checks in whoever is signed in."""

    code: str
    svg: str
    expires_at: Moment


PairCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class SeatCode(Wire):
    """What is printed on a seat's card, as digits and as the QR code of /api/qr/<code>."""

    code: PairCode
    expires_at: Moment


class ReadJournal(Wire):
    """A look into the journal: the newest `limit` steps before number `before`, of these commands only ("vote.,item.start":
    names or the beginning of names; with a minus in front: all but these)."""

    before: Id | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    commands: Annotated[str, StringConstraints(pattern=r"^(-?[a-z_.]+(,-?[a-z_.]+){0,30})?$")] = ""


class JournalEvent(Wire):
    seq: int
    room: str
    name: str
    body: dict[str, Any]
    hash: Sha256


class JournalStep(Wire):
    """One command with what it changed: `events` in order (of very many only the first), `counts` of all by their name."""

    at: Moment
    actor: str
    person: str = Field(description="who acted, by their name today; empty for the system's own processes")
    command: str
    counts: dict[str, int]
    events: tuple[JournalEvent, ...]


class JournalPage(Wire):
    """Newest first. `before`: where to read on; null when the beginning is reached. `members`: names of the members whom
    events mention by their id only."""

    steps: tuple[JournalStep, ...]
    members: dict[Id, str]
    before: int | None


class JournalCheck(Wire):
    """Every hash computed anew: `entries` are whole and `head` is the last hash, or number `broken` does not follow from
    those before it."""

    entries: int
    head: Sha256
    broken: int | None


class MeetingChanged(Event, name="meeting.changed", audience=Audience.MEETING):
    meeting: MeetingView


class MeetingListed(Event, name="meeting.listed", audience=Audience.ADMINS):
    """In the house's stream, for the administrators' list."""

    meeting: MeetingView


class MemberChanged(Event, name="member.changed", audience=Audience.MEETING):
    member: MemberView


class ExcuseChanged(Event, name="excuse.changed", audience=Audience.SECRETARIES):
    excuse: ExcuseView


class ExcuseRemoved(Event, name="excuse.removed", audience=Audience.SECRETARIES):
    id: Id


class MemberRemoved(Event, name="member.removed", audience=Audience.MEETING):
    id: Id
