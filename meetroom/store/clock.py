"""Deadlines on the machine's monotonic clock, remembered so that they hold over a restart of the process too.

The wall clock may be set, by hand or by a time server, while a vote is open; the monotonic one cannot. It goes on from the
machine's start, so what is remembered is good until the machine itself starts again; then the wall clock is all there is.
"""

import time
from functools import cache
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from meetroom.store.tables import Table


class Remembered(Table):
    """`due`: in seconds of the monotonic clock since the start of the machine that `boot` names."""

    __tablename__ = "deadlines"
    key: Mapped[str] = mapped_column(primary_key=True)
    boot: Mapped[str]
    due: Mapped[float]


@cache
def boot() -> str:
    """Which start of the machine this is; "" where it cannot be known, and nothing is remembered."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def remember(session: Session, key: str, seconds: float) -> None:
    """In `seconds` from now the deadline `key` is over."""
    session.merge(Remembered(key=key, boot=boot(), due=time.monotonic() + seconds))


def left(session: Session, key: str) -> float | None:
    """How many seconds are left, not under 0; None when nothing is known of it since the machine's start."""
    row = session.get(Remembered, key)
    return max(0.0, row.due - time.monotonic()) if row is not None and boot() and row.boot == boot() else None


def forget(session: Session, key: str) -> None:
    session.execute(delete(Remembered).where(Remembered.key == key))
