"""The declarative base of all tables, and the column types that behave alike on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, MetaData, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session
from sqlalchemy.types import TypeDecorator

from meetroom.errors import Refusal


class Utc(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; SQLite, which knows no zones, stores it naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Table(DeclarativeBase):
    """Base of every table; named constraints, so that migrations can change them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Utc, dict[str, Any]: JSON, list[Any]: JSON}


# SQLite would give a deleted row's id to the next one, and a command that still waits would mean another row.
NEVER_REUSED = {"sqlite_autoincrement": True}


class InMeeting(Table):
    """A row that belongs to one meeting. Its id is never given twice."""

    __abstract__ = True
    __table_args__: Any = NEVER_REUSED
    id: Mapped[int]
    meeting_id: Mapped[int]


Row = TypeVar("Row", bound=InMeeting)


def find(session: Session, table: type[Row], meeting_id: int, id: int) -> Row:
    """The row by meeting and id; another meeting's ids are simply not found."""
    row = session.get(table, id)
    if row is None or row.meeting_id != meeting_id:
        raise Refusal("not_found")
    return row


def all_of(session: Session, table: type[Row], meeting_id: int) -> list[Row]:
    """A meeting's rows in the order they were made."""
    return list(session.scalars(select(table).where(table.meeting_id == meeting_id).order_by(table.id)))
