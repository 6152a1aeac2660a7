"""Who a socket is, which meetings it has joined, and who is online."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from meetroom import snapshot
from meetroom.access import Actor, May, Viewer
from meetroom.errors import Refusal
from meetroom.http import House
from meetroom.meetings import service as meetings
from meetroom.people import sessions
from signaling.publish import socket_room

RATE = 40.0  # events a second one socket may send for long
BURST = 120.0


@dataclass
class Socket:
    """One connected browser. `member` by meeting, for presence; `rooms` by meeting, as last seen in the database."""

    sid: str
    actor: Actor
    members: dict[int, int] = field(default_factory=dict)
    rooms: dict[int, set[str]] = field(default_factory=dict)
    allowance: float = BURST
    spent_at: float = field(default_factory=time.monotonic)

    def spend(self) -> None:
        """Count one event against this socket's rate. Raises Refusal `rate_limited`."""
        now = time.monotonic()
        self.allowance = min(BURST, self.allowance + (now - self.spent_at) * RATE) - 1
        self.spent_at = now
        if self.allowance < 0:
            self.allowance = 0
            raise Refusal("rate_limited", {"retry_after": 1})


class Sockets:
    """All connected browsers of this process."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.by_sid: dict[str, Socket] = {}
        self.online: dict[int, Counter[int]] = {}  # meeting -> member -> sockets
        self.changed: set[int] = set()  # meetings whose presence is to be told

    def connect(self, sid: str, token: str | None) -> Socket | None:
        """The socket of a signed-in person, or None."""
        with self.house.store.read() as session:
            actor = self.house.identify(session, token, datetime.now(UTC))
        if actor is None:
            return None
        socket = self.by_sid[sid] = Socket(sid, actor)
        return socket

    def disconnect(self, sid: str) -> None:
        socket = self.by_sid.pop(sid, None)
        for meeting, member in socket.members.items() if socket else ():
            self._count(meeting, member, -1)

    def get(self, sid: str) -> Socket:
        """Raises Refusal `login` for a socket that never was accepted."""
        socket = self.by_sid.get(sid)
        if socket is None:
            raise Refusal("login")
        return socket

    def sync(self, socket: Socket, meeting_id: int, since: int | None, join: Callable[[str], None]) -> snapshot.Sync:
        """Bring a socket up to date. It joins its rooms first, so that nothing falls between the answer and the events."""
        with self.house.store.read() as session:
            viewer = meetings.viewer(session, socket.actor, meeting_id)
            socket.rooms[meeting_id] = rooms = socket_rooms(viewer, meeting_id)
            for room in rooms:
                join(room)
            result = snapshot.sync(session, viewer, meeting_id, since, datetime.now(UTC))
        if presence_room(meeting_id) in rooms:
            self.changed.add(meeting_id)
        if viewer.member_id is not None and meeting_id not in socket.members:
            socket.members[meeting_id] = viewer.member_id
            self._count(meeting_id, viewer.member_id, 1)
        return result

    def refresh(self, session: Session, meeting_id: int, people: set[int]) -> Iterable[tuple[Socket, set[str], set[str]]]:
        """After these people's memberships changed: their sockets whose rooms did, with the rooms to leave and to join."""
        for socket in list(self.by_sid.values()):
            before = socket.rooms.get(meeting_id)
            if before is None or socket.actor.person_id not in people:
                continue
            try:
                after = socket_rooms(meetings.viewer(session, socket.actor, meeting_id), meeting_id)
            except Refusal:  # signed out
                after = set()
            if after != before:
                socket.rooms[meeting_id] = after
                yield socket, before - after, after - before

    def signed_out(self) -> list[str]:
        """The sockets whose session has ended: signed out, switched off, or the meeting of a seat closed."""
        with self.house.store.read() as session:
            alive = sessions.alive(session, datetime.now(UTC))
        return [socket.sid for socket in self.by_sid.values() if socket.actor.session not in alive]

    def present(self, meeting_id: int) -> list[int]:
        """Members with at least one open screen."""
        return sorted(member for member, count in self.online.get(meeting_id, Counter()).items() if count > 0)

    def count(self, meeting_id: int) -> int:
        """Members' open screens in a meeting."""
        return sum(self.online.get(meeting_id, {}).values())

    def _count(self, meeting: int, member: int, step: int) -> None:
        counter = self.online.setdefault(meeting, Counter())
        counter[member] += step
        if counter[member] <= 0:
            del counter[member]
        self.changed.add(meeting)


def socket_rooms(viewer: Viewer, meeting_id: int) -> set[str]:
    """The socket rooms of a viewer in one stream; none: for them it does not exist."""
    rooms = {socket_room(meeting_id, name) for name in snapshot.rooms(viewer, meeting_id)}
    watches = viewer.may(May.RUN_FLOOR) or viewer.may(May.WATCH_RECEIPTS)
    return rooms | {presence_room(meeting_id)} if rooms and watches else rooms


def presence_room(meeting_id: int) -> str:
    """Those who are told who is online: who runs the floor or watches receipts."""
    return f"{meeting_id}/:presence"
