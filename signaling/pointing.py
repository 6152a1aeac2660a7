"""What a presenter's hand does between two turns of the page, to all who may read it: at once, but no faster than all can be
told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gevent

from meetroom.display import service as display
from meetroom.display.schema import Point
from meetroom.store.engine import Store
from signaling.publish import socket_room
from signaling.sessions import Socket

QUICKEST_S = 0.05  # twenty a second are smooth
EACH_S = 0.0002  # telling one screen costs so much of the one core, and more than half of it shall stay free

Emit = Callable[[str, Any, list[str]], None]  # (event name, data, socket rooms)


@dataclass
class Stream:
    """One meeting's movement, and the rooms of those who may see it. `due` null: nothing is held, the next one goes out at
    once."""

    due: gevent.Greenlet | None = None
    newest: dict[str, Any] | None = None
    rooms: list[str] = field(default_factory=list)


class Pointers:
    """The signal `pointing` of all meetings; of movements that come too fast only the newest is sent. `screens(meeting)`: how
    many are told."""

    def __init__(self, store: Store, emit: Emit, screens: Callable[[int], int]) -> None:
        self.store, self.emit, self.screens = store, emit, screens
        self.streams: dict[int, Stream] = {}

    def point(self, socket: Socket, order: Point) -> None:
        """Whether they present is asked anew each time: a hand-over takes effect at once."""
        with self.store.read() as session:
            body, rooms = display.pointing(session, socket.actor, order)
        stream = self.streams.setdefault(order.meeting_id, Stream())
        stream.newest, stream.rooms = body.model_dump(), [socket_room(order.meeting_id, room) for room in rooms]
        if stream.due is None:
            self._send(order.meeting_id, stream)

    def _send(self, meeting_id: int, stream: Stream) -> None:
        if stream.newest is None:
            del self.streams[meeting_id]
            return
        message = {"meeting_id": meeting_id, "name": "pointing", "body": stream.newest}
        stream.newest = None
        self.emit("signal", message, stream.rooms)
        wait = max(QUICKEST_S, EACH_S * self.screens(meeting_id))
        stream.due = gevent.spawn_later(wait, self._send, meeting_id, stream)
