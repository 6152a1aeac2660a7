"""Tables of people, units with dated versions, accounts, sessions and previewed import sheets."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetroom.store.tables import Table


class Unit(Table):
    __tablename__ = "units"
    id: Mapped[int] = mapped_column(primary_key=True)
    versions: Mapped[list["UnitVersionRow"]] = relationship(
        order_by="UnitVersionRow.valid_from", foreign_keys="UnitVersionRow.unit_id", lazy="selectin"
    )


class UnitVersionRow(Table):
    __tablename__ = "unit_versions"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str]
    level: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Person(Table):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    username: Mapped[str | None] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str | None]
    house_role: Mapped[str] = mapped_column(default="none")
    active: Mapped[bool] = mapped_column(default=True)


class LoginSession(Table):
    """A signed-in browser. The cookie holds a random token, the table only its SHA-256. `meeting_id`: a shared tablet
    that was paired to a seat sees this meeting only, and its session ends with it."""

    __tablename__ = "sessions"
    token: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("streams.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    device: Mapped[str]
    __table_args__ = (Index("ix_sessions_expires_at", "expires_at"),)


class ImportSheet(Table):
    """The rows of the sheet a person looked at last, as they were read, until they are taken over. `sheet` is the file's
    SHA-256, kept among the blobs."""

    __tablename__ = "import_sheets"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    sheet: Mapped[str]
    rows: Mapped[list[Any]]
    at: Mapped[datetime]
