"""Server-side sessions: revocable at once, known to the browser by a random token only."""

import hashlib
import secrets
import time
from datetime import datetime, timedelta

from argon2.exceptions import VerificationError
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from meetroom.access import Actor
from meetroom.errors import Refusal
from meetroom.people.service import hasher
from meetroom.people.tables import LoginSession, Person

# A hash nobody's password has: verifying it takes as long as a real one, so a name's existence cannot be timed.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$WvJnQ1qK1P7yqnUCvVJ0ZYQ3o3zJyIYq1m2r2hX6XbE"


class Attempts:
    """Failed attempts per key (an account, an address) within a moving window of minutes."""

    def __init__(self, allowed: int, minutes: int) -> None:
        self.limiter = MovingWindowRateLimiter(MemoryStorage())
        self.item = RateLimitItemPerMinute(allowed, minutes)

    def refuse_too_many(self, *keys: str) -> None:
        """Raises Refusal `rate_limited` with `retry_after` in seconds."""
        for key in keys:
            if not self.limiter.test(self.item, key):
                reset = self.limiter.get_window_stats(self.item, key).reset_time
                raise Refusal("rate_limited", {"retry_after": max(1, round(reset - time.time()))})

    def failed(self, *keys: str) -> None:
        for key in keys:
            self.limiter.hit(self.item, key)


def check_password(session: Session, username: str, password: str) -> Person:
    """The person with that name and password. Raises Refusal `bad_login`, taking as long for an unknown name."""
    person = session.scalars(select(Person).where(Person.username == username.strip().lower(), Person.active)).first()
    known = person.password_hash if person is not None else None
    try:
        hasher().verify(known or NOBODY, password)
    except VerificationError:
        raise Refusal("bad_login") from None
    if person is None or known is None:
        raise Refusal("bad_login")
    return person


def begin(
    session: Session, person_id: int, *, now: datetime, hours: int, device: str, meeting_id: int | None = None
) -> tuple[str, datetime]:
    """A new session; returns its token, of which only the hash is stored, and when it ends."""
    expire(session, now)
    token = secrets.token_urlsafe(32)
    expires = now + timedelta(hours=hours)
    row = LoginSession(token=_digest(token), person_id=person_id, meeting_id=meeting_id, device=device[:120])
    row.created_at, row.expires_at = now, expires
    session.add(row)
    return token, expires


def expire(session: Session, now: datetime) -> None:
    """Forget the sessions whose time is over."""
    session.execute(delete(LoginSession).where(LoginSession.expires_at <= now))


def alive(session: Session, now: datetime) -> set[str]:
    """The digests of all sessions that have not ended."""
    return set(session.scalars(select(LoginSession.token).where(LoginSession.expires_at > now)))


def end(session: Session, token: str | None) -> None:
    if token:
        session.execute(delete(LoginSession).where(LoginSession.token == _digest(token)))


def actor(session: Session, token: str | None, now: datetime) -> Actor | None:
    """Whose session a cookie's token is; None when there is none or it has ended."""
    row = session.get(LoginSession, _digest(token)) if token else None
    if row is None or row.expires_at <= now:
        return None
    return Actor(person_id=row.person_id, seat_of=row.meeting_id, session=row.token)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
