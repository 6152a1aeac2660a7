"""Sessions made and ended straight in the database, as by another process."""

from datetime import UTC, datetime

from sqlalchemy import select

from meetroom.http import COOKIE
from meetroom.meetings.tables import Member
from meetroom.people import sessions
from tests.server import Server


def fresh_session(server: Server, member: int) -> str:
    """Another login of the n-th member; returns its cookie."""
    with server.store.write() as session:
        person = session.scalars(select(Member.person_id).order_by(Member.id).offset(member).limit(1)).one()
        token, _ = sessions.begin(session, person, now=datetime.now(UTC), hours=1, device="test")
    return f"{COOKIE}={token}"


def sign_out(server: Server, cookie: str) -> None:
    with server.store.write() as session:
        sessions.end(session, cookie.split("=", 1)[1])
