"""Tables of secret votes. Nothing in them, or in anything written with them, says which ballot is whose."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import InMeeting, Table


class SecretRow(Table):
    """`slot_key` and `ballot_key` are the issuer's, gone once the ballots are back. `roll` as it is published; `voided`: SHA-256
    of ballots' tokens given back; `envelopes` in hex, sorted by hash; `result`: the published board."""

    __tablename__ = "secret_votes"
    vote_id: Mapped[int] = mapped_column(ForeignKey("votes.id", ondelete="CASCADE"), primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    phase: Mapped[str]
    board: Mapped[list[Any]]
    shares: Mapped[list[Any]]
    board_key: Mapped[str | None]
    slot_key: Mapped[str | None]
    ballot_key: Mapped[str | None]
    manifest: Mapped[str | None]
    manifest_signature: Mapped[str | None]
    roll: Mapped[list[Any]]
    issued: Mapped[int] = mapped_column(default=0)
    voided: Mapped[list[Any]]
    trial: Mapped[bool] = mapped_column(default=False)
    closing: Mapped[str | None]
    closing_signature: Mapped[str | None]
    envelopes: Mapped[list[Any]]
    result: Mapped[str | None]
    invalid: Mapped[int | None]


class IssueRow(InMeeting):
    """What was signed for a seat (null: the test ballot), to answer the same question the same way. `void_slot`, `void_ballot`:
    SHA-256 of its tokens once they were given back."""

    __tablename__ = "issued_ballots"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    vote_id: Mapped[int] = mapped_column(ForeignKey("votes.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    blinded: Mapped[dict[str, Any]]
    signed: Mapped[dict[str, Any]]
    void_slot: Mapped[str | None]
    void_ballot: Mapped[str | None]


class SigningKey(Table):
    """`server`: the house's own (PEM), under manifests and results; `box`: what the Box signs with (public)."""

    __tablename__ = "signing_keys"
    name: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
