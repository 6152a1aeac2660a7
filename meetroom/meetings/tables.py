"""Tables of meetings, their members and the seat codes of shared tablets."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import NEVER_REUSED, InMeeting, Table


class Meeting(Table):
    """Its id is its stream's. `hall_key` signs the codes that stand in the hall."""

    __tablename__ = "meetings"
    id: Mapped[int] = mapped_column(ForeignKey("streams.id"), primary_key=True, autoincrement=False)
    title: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft")
    body: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    quorum: Mapped[str]
    substitutes: Mapped[str] = mapped_column(default="attends", server_default="attends")
    watermark: Mapped[str] = mapped_column(default="pages", server_default="pages")
    quorum_lost_at: Mapped[datetime | None]
    hall_key: Mapped[str] = mapped_column(default="", server_default="")


class Member(InMeeting):
    """Name, position and unit are as they were when the person was invited: the record of a sitting does not change
    when somebody moves or a unit is renamed."""

    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    full_name: Mapped[str]
    position: Mapped[str]
    unit: Mapped[str]
    role: Mapped[str]
    seat: Mapped[str] = mapped_column(default="")
    group: Mapped[str] = mapped_column(default="")
    votes: Mapped[bool] = mapped_column(default=False)
    present: Mapped[bool] = mapped_column(default=False)
    arrived_at: Mapped[datetime | None]
    point_id: Mapped[int | None]
    left_at: Mapped[datetime | None]
    excused: Mapped[bool] = mapped_column(default=False, server_default=false())
    reason: Mapped[str] = mapped_column(default="", server_default="")
    substitute_of: Mapped[int | None]
    approved: Mapped[bool] = mapped_column(default=True, server_default=true())
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"), NEVER_REUSED)


class SeatCodeRow(Table):
    """The code on a seat's card; it works until the meeting closes or the time is over."""

    __tablename__ = "seat_codes"
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
