"""Tables of votes, the frozen electorate, ballots, and the dated catalogue of rules."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import InMeeting, Table


class RuleRow(Table):
    __tablename__ = "vote_rules"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(index=True)
    name_vi: Mapped[str]
    name_en: Mapped[str]
    rule: Mapped[dict[str, Any]]


class VoteRow(InMeeting):
    """`questions` as schema.Question; `running`: of a live vote, the tallies so far; `results` once counted."""

    __tablename__ = "votes"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    title: Mapped[str]
    method: Mapped[str]
    state: Mapped[str]
    questions: Mapped[list[Any]]
    rule: Mapped[dict[str, Any]]
    live: Mapped[bool]
    seconds: Mapped[int | None]
    deadline: Mapped[datetime | None]
    policy: Mapped[str]
    extend_seconds: Mapped[int]
    extended_at: Mapped[datetime | None]
    revote_of: Mapped[int | None]
    opened_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    all_members: Mapped[int] = mapped_column(default=0)
    electorate: Mapped[int] = mapped_column(default=0)
    cast: Mapped[int] = mapped_column(default=0)
    running: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    results: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    annulled_reason: Mapped[str | None]
    remind_at: Mapped[datetime | None]


class Elector(Table):
    """Who may vote, frozen when the vote opened, and the (named) ballot once it is there."""

    __tablename__ = "electors"
    vote_id: Mapped[int] = mapped_column(ForeignKey("votes.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    answers: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    opinion: Mapped[str | None]
    paper: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime | None]
    nudged_at: Mapped[datetime | None]


class PaperRow(InMeeting):
    """Ballots on paper that were put in together, see paper.PaperView."""

    __tablename__ = "vote_papers"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    vote_id: Mapped[int] = mapped_column(ForeignKey("votes.id", ondelete="CASCADE"), index=True)
    point_id: Mapped[int | None]
    members: Mapped[list[Any]]
    totals: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    ballots: Mapped[int]
    witnesses: Mapped[list[Any]]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


class DropRow(InMeeting):
    """A point whose link was lost while a vote was open, see drops.DropView."""

    __tablename__ = "vote_drops"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    vote_id: Mapped[int] = mapped_column(ForeignKey("votes.id", ondelete="CASCADE"), index=True)
    point_id: Mapped[int]
    action: Mapped[str]
    waiting: Mapped[int]
    at: Mapped[datetime]
    back_at: Mapped[datetime | None]
