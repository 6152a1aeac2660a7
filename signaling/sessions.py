"""Who a socket is, which meetings it has joined, and who is online."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from meetroom import snapshot
from meetroom.access import Actor, May
from meetroom.errors import Refusal
from meetroom.http import House
from meetroom.meetings import service as meetings
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

    def sync(self, socket: Socket, meeting_id: int, since: int | None) -> tuple[snapshot.Sync, set[str]]:
        """Bring a socket up to date; returns the answer and the socket rooms it belongs in now."""
        with self.house.store.read() as session:
            result = snapshot.sync(session, socket.actor, meeting_id, since, datetime.now(UTC))
        rooms = {socket_room(meeting_id, name) for name in result.heads}
        if {May.RUN_FLOOR, May.WATCH_RECEIPTS} & set(result.me.grants):
            rooms.add(presence_room(meeting_id))
            self.changed.add(meeting_id)
        if result.me.member_id is not None and meeting_id not in socket.members:
            socket.members[meeting_id] = result.me.member_id
            self._count(meeting_id, result.me.member_id, 1)
        socket.rooms[meeting_id] = rooms
        return result, rooms

    def refresh(self, session: Session, meeting_id: int) -> Iterable[tuple[Socket, set[str], set[str]]]:
        """After memberships changed: the sockets whose rooms did, with the rooms to leave and to join."""
        for socket in list(self.by_sid.values()):
            before = socket.rooms.get(meeting_id)
            if before is None:
                continue
            try:
                viewer = meetings.viewer(session, socket.actor, meeting_id)
            except Refusal:  # signed out
                after: set[str] = set()
            else:
                after = {socket_room(meeting_id, name) for name in snapshot.rooms(viewer, meeting_id)}
                if viewer.may(May.RUN_FLOOR) or viewer.may(May.WATCH_RECEIPTS):
                    after.add(presence_room(meeting_id))
            if after != before:
                socket.rooms[meeting_id] = after
                yield socket, before - after, after - before

    def present(self, meeting_id: int) -> list[int]:
        """Members with at least one open screen."""
        return sorted(member for member, count in self.online.get(meeting_id, Counter()).items() if count > 0)

    def _count(self, meeting: int, member: int, step: int) -> None:
        counter = self.online.setdefault(meeting, Counter())
        counter[member] += step
        if counter[member] <= 0:
            del counter[member]
        self.changed.add(meeting)


def presence_room(meeting_id: int) -> str:
    """Those who are told who is online: who runs the floor or watches receipts."""
    return f"{meeting_id}/:presence"
