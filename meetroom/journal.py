"""The numbered, hash-chained record of what happened, one stream per meeting (stream 0 is the house).

It is the tablets' sync feed, the evidence, and the source of the minutes. An entry's hash is SHA-256 over the previous
hash and the canonical JSON of the entry, so an exported file can be verified without the server.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from meetroom.store.tables import Table
from meetroom.wire import Event, Moment, Wire, utc

HOUSE = 0
START = "0" * 64


class Stream(Table):
    """The head of one stream. Its row is the meeting's lock; its id is the meeting's id."""

    __tablename__ = "streams"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    revision: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(default=START)


class Entry(Table):
    """One event as it was told, in the canonical text its hash is made of."""

    __tablename__ = "journal"
    stream: Mapped[int] = mapped_column(ForeignKey("streams.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    command: Mapped[str]
    room: Mapped[str]
    name: Mapped[str]
    body: Mapped[str]
    hash: Mapped[str]
    __table_args__ = (Index("ix_journal_room", "stream", "room", "seq"),)

    def envelope(self, prev: int) -> dict[str, Any]:
        """As it is sent; `prev` is the entry of the same room the receiver must have seen before it."""
        return {
            "meeting_id": self.stream,
            "room": self.room,
            "prev": prev,
            "seq": self.seq,
            "at": utc(self.at),
            "name": self.name,
            "body": json.loads(self.body),
        }


class Envelope(Wire):
    """An event on its way to a client, as Entry.envelope makes it."""

    meeting_id: int
    room: str
    prev: int
    seq: int
    at: Moment
    name: str
    body: dict[str, Any]


def canonical(value: Any) -> str:
    """JSON with sorted keys, no spaces and real letters: the one text of a value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chain(previous: str, entry: dict[str, Any]) -> str:
    """The hash of an entry after `previous`."""
    return hashlib.sha256(f"{previous}\n{canonical(entry)}".encode()).hexdigest()


def _facts(entry: Entry, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "stream": entry.stream,
        "seq": entry.seq,
        "at": utc(entry.at),
        "actor": entry.actor,
        "command": entry.command,
        "room": entry.room,
        "name": entry.name,
        "body": body,
    }


@dataclass(frozen=True)
class Place:
    """Where an entry goes: its stream and number, and the hash it follows."""

    stream: int
    seq: int
    previous: str


def entry(event: Event, place: Place, *, at: datetime, actor: str, command: str) -> Entry:
    """What happened, numbered and chained to the entry before it. The caller holds the stream's lock."""
    body = event.model_dump(mode="json", by_alias=True)
    new = Entry(
        stream=place.stream,
        seq=place.seq,
        at=at.replace(microsecond=at.microsecond // 1000 * 1000),
        actor=actor,
        command=command,
        room=event.room(),
        name=event.name,
        body=canonical(body),
    )
    new.hash = chain(place.previous, _facts(new, body))
    return new


def replay(
    session: Session, stream: int, since: int, rooms: Iterable[str] | None = None, limit: int | None = None
) -> list[Entry]:
    """The entries after `since`, oldest first, at most `limit`; only those of `rooms` when given."""
    query = select(Entry).where(Entry.stream == stream, Entry.seq > since).order_by(Entry.seq).limit(limit)
    if rooms is not None:
        query = query.where(Entry.room.in_(list(rooms)))
    return list(session.scalars(query))


def heads(session: Session, stream: int, rooms: Iterable[str], until: int | None = None) -> dict[str, int]:
    """The number of the newest entry of each room, not after `until` when given; 0 where there is none."""
    result = {}
    for room in rooms:
        query = select(Entry.seq).where(Entry.stream == stream, Entry.room == room)
        if until is not None:
            query = query.where(Entry.seq <= until)
        result[room] = session.scalar(query.order_by(Entry.seq.desc()).limit(1)) or 0
    return result


def export(session: Session, stream: int, file: IO[str], *, since: int = 0, limit: int | None = None) -> int:
    """Write a stream as JSON lines, the hash in each: all of it, or at most `limit` entries after `since`. Returns how many."""
    count = 0
    for entry in replay(session, stream, since, limit=limit):
        file.write(canonical({**_facts(entry, json.loads(entry.body)), "hash": entry.hash}) + "\n")
        count += 1
    return count


class Broken(Exception):
    """An exported journal was changed: `line` is the first that does not follow from those before it."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line, self.problem = line, problem


def verify(lines: Iterable[str]) -> tuple[int, str]:
    """Check an exported journal; returns the number of entries and the last hash.

    Needs no server and no database. Raises Broken at the first entry that is missing, changed, repeated or out of
    order. (Entries cut off at the end can only be seen by comparing the last hash with a printed one.)
    """
    previous, count = START, 0
    for count, entry in enumerate(_read(lines), 1):
        told = entry.pop("hash", None)
        if entry.get("seq") != count:
            raise Broken(count, f"numbered {entry.get('seq')}, expected {count}")
        previous = chain(previous, entry)
        if told != previous:
            raise Broken(count, "the content does not fit its hash")
    return count, previous


def _read(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
        except ValueError:
            raise Broken(number, "not JSON") from None
        if not isinstance(entry, dict):
            raise Broken(number, "not an entry")
        yield entry
