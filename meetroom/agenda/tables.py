"""Table of agenda items."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import InMeeting

EVERYBODY: dict[str, Any] = {"kind": "all", "roles": [], "member_ids": []}  # an Access


class Item(InMeeting):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    position: Mapped[int]
    title: Mapped[str]
    kind: Mapped[str]
    minutes: Mapped[int]
    state: Mapped[str] = mapped_column(default="pending")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    access: Mapped[dict[str, Any]] = mapped_column(default=EVERYBODY)
