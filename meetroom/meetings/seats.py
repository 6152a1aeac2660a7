"""Pairing a shared tablet to a seat: a card with a code, which opens one meeting as one person until it closes."""

import io
import secrets
from datetime import datetime, timedelta

import segno
from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import OneMember, SeatCode
from meetroom.meetings.tables import Member, SeatCodeRow
from meetroom.store.tables import find

LIFE = timedelta(hours=24)


@command("seat.code", may=May.PREPARE_MEETING)
def issue_code(call: Call, order: OneMember) -> SeatCode:
    """A fresh code for a member's seat; the one before it stops working."""
    member = find(call.session, Member, order.meeting_id, order.member_id)
    meeting = meetings.load(call.session, order.meeting_id)
    meetings.expect_not_closed(meeting)
    row = call.session.get(SeatCodeRow, member.id) or SeatCodeRow(member_id=member.id)
    taken = set(call.session.scalars(select(SeatCodeRow.code)))
    row.code = next(code for code in iter(lambda: f"{secrets.randbelow(10**6):06d}", "") if code not in taken)
    row.expires_at = max(meeting.starts_at, call.now) + LIFE
    call.session.add(row)
    call.session.flush()
    return SeatCode(code=row.code, expires_at=row.expires_at)


def member_by_code(session: Session, code: str, now: datetime) -> Member:
    """Whose seat a code opens. Raises Refusal `bad_code`."""
    row = session.scalars(select(SeatCodeRow).where(SeatCodeRow.code == code)).first()
    member = session.get(Member, row.member_id) if row is not None and row.expires_at > now else None
    if member is None:
        raise Refusal("bad_code")
    return member


def qr_svg(url: str) -> bytes:
    """A QR code as an SVG file of its own, black on transparent."""
    image = io.BytesIO()
    segno.make(url, error="m").save(image, kind="svg", border=2, omitsize=True)
    return image.getvalue()
