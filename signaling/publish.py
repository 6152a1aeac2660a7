"""From journal to sockets: every committed entry goes to the room its audience names, in order, once.

This process's own commands hand their entries over after the commit; what other processes wrote (the papers worker, the
command line) is found by looking at the streams' revisions. Both end in the same place: entries after the last one sent.
"""

import json
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

import structlog
from gevent.event import Event as Wake
from sqlalchemy import select

from meetroom import journal
from meetroom.snapshot import REPLAY_LIMIT
from meetroom.store.engine import Store
from meetroom.wire import EVENTS, Audience

log = structlog.get_logger()
TAIL_S = 0.1  # how often other processes' writes are looked for

Emit = Callable[[str, Any, str], None]  # (event name, data, socket room)


def socket_room(stream: int, room: str) -> str:
    return f"{stream}/{room}"


class Publisher:
    """Runs in one greenlet. `emit(name, data, room)` sends to a socket room; `after(stream, entries)` is told of what
    went out, for those in this process who follow along (plans of media, deadlines)."""

    def __init__(self, store: Store, emit: Emit, after: Callable[[int, list[journal.Entry]], None]) -> None:
        self.store, self.emit, self.after = store, emit, after
        self.handed: deque[tuple[int, list[journal.Entry]]] = deque()
        self.wake = Wake()
        with store.read() as session:
            query = select(journal.Stream.id, journal.Stream.revision)
            self.sent: dict[int, int] = {row.id: row.revision for row in session.execute(query)}
        self.rooms: dict[tuple[int, str], Room] = {}
        self.holding: dict[tuple[int, str], Room] = {}  # those of them with something held

    def publish(self, stream: int, entries: list[journal.Entry]) -> None:
        """Called by the door after a commit; returns at once."""
        self.handed.append((stream, entries))
        self.wake.set()

    def run(self) -> None:
        """For ever: what was handed over at once, what others wrote within TAIL_S, what was held when it is due."""
        tail_at = 0.0
        while True:
            self.wake.clear()
            try:
                while self.handed:
                    self._send(*self.handed.popleft())
                now = time.monotonic()
                if now >= tail_at:
                    tail_at = now + TAIL_S
                    self._tail()
                due = self._flush_held(now)
            except Exception:
                log.exception("publishing failed")
                due = TAIL_S
            self.wake.wait(timeout=max(0.0, min(due, tail_at - time.monotonic())))

    def _tail(self) -> None:
        with self.store.read() as session:
            query = select(journal.Stream.id, journal.Stream.revision)
            revisions = {row.id: row.revision for row in session.execute(query)}
        for stream, revision in revisions.items():
            if revision > self.sent.get(stream, 0):
                self._catch_up(stream)

    def _catch_up(self, stream: int) -> None:
        with self.store.read() as session:
            entries = journal.replay(session, stream, self.sent.get(stream, 0))
        self._deliver(stream, entries)

    def _send(self, stream: int, entries: list[journal.Entry]) -> None:
        entries = [entry for entry in entries if entry.seq > self.sent.get(stream, 0)]
        if not entries:
            return
        if entries[0].seq != self.sent.get(stream, 0) + 1:
            self._catch_up(stream)  # another process wrote in between
        else:
            self._deliver(stream, entries)

    def _deliver(self, stream: int, entries: list[journal.Entry]) -> None:
        left = Counter(entry.room for entry in entries)
        crowded = {room for room, count in left.items() if count > REPLAY_LIMIT}
        for entry in entries:
            room = self._room(stream, entry.room)
            left[entry.room] -= 1
            self._let_go_first(stream, entry)
            if entry.room in crowded and left[entry.room]:
                room.pass_over(entry)
            else:
                room.offer(entry, time.monotonic())
            if room.held:
                self.holding[stream, entry.room] = room
        self.sent[stream] = max(self.sent.get(stream, 0), entries[-1].seq)
        self.after(stream, entries)

    def _let_go_first(self, stream: int, entry: journal.Entry) -> None:
        """What is held of the same noun goes out before the entry also where another room holds it for the same people, those
        of the meeting: else what was just hidden from somebody would come back, or what is new be overtaken by what was."""
        others = [
            room
            for (of, name), room in self.holding.items()
            if of == stream and name != entry.room and Audience.MEETING in (name, entry.room)
        ]
        if others:
            noun = _noun(entry)
            for room in others:
                if noun in room.held:
                    room.release()

    def _room(self, stream: int, name: str) -> "Room":
        """Its first entry in this process follows nothing: who listens has synced with this process before."""
        room = self.rooms.get((stream, name))
        if room is None:
            room = self.rooms[stream, name] = Room(socket_room(stream, name), 0, self.emit)
        return room

    def _flush_held(self, now: float) -> float:
        """Send what was held long enough; returns seconds until the next is due."""
        self.holding = {key: room for key, room in self.holding.items() if room.held}
        return min([room.flush(now) for room in self.holding.values()], default=TAIL_S)


class Room:
    """One audience of one stream. A fast noun's event is sent at once when none was sent for `hold_ms`, else held, and
    only the newest of each noun is kept. Anything else first sends what is held: the order never changes."""

    def __init__(self, name: str, head: int, emit: Emit) -> None:
        self.name, self.head, self.emit = name, head, emit
        self.held: dict[str, journal.Entry] = {}
        self.due = 0.0  # until then fast nouns are held

    def offer(self, entry: journal.Entry, now: float) -> None:
        hold = EVENTS[entry.name].hold_ms / 1000
        if hold and now < self.due:
            noun = _noun(entry)
            self.held.pop(noun, None)
            self.held[noun] = entry
            return
        self.release()
        self._emit(entry)
        self.due = max(self.due, now + hold)

    def pass_over(self, entry: journal.Entry) -> None:
        """One of very many at once, such as an import: only the last is sent. Who gets it sees that something is missing
        before it, and asks for a snapshot, which is smaller."""
        self.release()
        self.head = entry.seq

    def flush(self, now: float) -> float:
        """Send what is held if its time has come; returns seconds until then."""
        if now < self.due:
            return self.due - now
        hold = max(EVENTS[entry.name].hold_ms for entry in self.held.values()) / 1000
        self.release()
        self.due = now + hold
        return hold

    def release(self) -> None:
        """Send what is held at once."""
        held, self.held = self.held, {}
        for entry in held.values():
            self._emit(entry)

    def _emit(self, entry: journal.Entry) -> None:
        self.emit("event", entry.envelope(self.head), self.name)
        self.head = entry.seq


def _noun(entry: journal.Entry) -> str:
    """Which noun an entry is about: of two fast ones of a noun in one room the later one says everything."""
    body = json.loads(entry.body)
    view = next((value for value in body.values() if isinstance(value, dict)), body)
    return f"{entry.name.partition('.')[0]}:{view.get('id')}"
