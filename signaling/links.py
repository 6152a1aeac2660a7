"""How each point's connection is, as the meeting is told: at once when the link changes, else not too often."""

import secrets
import time

import gevent

from meetroom.access import Actor
from meetroom.conference import rules
from meetroom.conference.rules import Told
from meetroom.http import House

MEDIA = Actor(system="media")
Key = tuple[int, int]  # meeting, point


class Links:
    """`link.report`s of all points of this process."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.now: dict[Key, Told] = {}
        self.known: dict[Key, tuple[Told, float]] = {}  # what was told, and when (monotonic)

    def link(self, meeting_id: int, point_id: int | None) -> str:
        return self.now.get((meeting_id, point_id or 0), Told()).link

    def note(self, meeting_id: int, point_id: int | None, now: Told) -> None:
        """How a point is now. Who is no point is of no interest to the meeting."""
        if point_id is not None:
            self.now[meeting_id, point_id] = now
            self._tell((meeting_id, point_id))

    def sweep(self) -> None:
        """Once a second: what was held back."""
        for key, now in list(self.now.items()):
            self._tell(key)
            if now.link == "absent" and self.known[key][0] == now:
                del self.now[key], self.known[key]

    def _tell(self, key: Key) -> None:
        now, at = self.now[key], time.monotonic()
        known = self.known.get(key)
        if known is None or rules.worth_telling(known[0], now, at - known[1]):
            self.known[key] = now, at
            order = {
                "meeting_id": key[0], "point_id": key[1], "link": now.link, "quality": now.quality, "reason": now.reason,
            }  # fmt: skip
            gevent.spawn(self.house.door.answer, "point.report", order, actor=MEDIA, op_id=secrets.token_hex(8))
