"""A sitting for tests, with the demo's personas: read it like minutes. `s.chair("floor.grant", request_id=3)`."""

import itertools
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from meetroom import journal, snapshot
from meetroom.access import Actor
from meetroom.door import Door
from meetroom.meetings import service as meetings
from meetroom.people.tables import Person
from meetroom.store.blobs import Blobs
from meetroom.store.engine import Store

START = datetime(2026, 12, 8, 1, 0, tzinfo=UTC)
PEOPLE = {  # persona -> full name, house role, role in the meeting, votes
    "admin": ("Lê Bá Thành", "admin", None, False),
    "secretary": ("Đỗ Thị Thùy Linh", "secretary", "secretary", False),
    "chair": ("Nguyễn Văn Thái", "none", "chair", True),
    "hanh": ("Nguyễn Thị Hồng Hạnh", "none", "delegate", True),
    "bao": ("Trần Quốc Bảo", "none", "delegate", True),
    "chau": ("Lê Thị Minh Châu", "none", "delegate", True),
    "tanlap": ("Hoàng Văn Bách", "none", "operator", False),
    "anhoa": ("Lò Thị Mây", "none", "operator", False),
    "technician": ("Phùng Gia Huy", "technician", "technician", False),
    "wall": ("Màn hình hội trường", "none", "wall", False),
    "guest": ("Kiều Minh Tuấn", "none", "guest", False),
    "outsider": ("Người Ngoài Cuộc", "none", None, False),
}
SYSTEM = ("worker", "media", "clock", "box")


class Sitting:
    """One meeting in one house; every persona is a function that performs a command in that meeting as that person.

    `published` are all entries in the order they were handed to the publisher; the clock stands still until `pass_time`.
    """

    def __init__(self, store: Store, blobs: Path) -> None:
        self.store, self.blobs = store, Blobs(blobs, reserve=0)
        self.now = START
        self.door = Door(store, roles=meetings.roles, clock=lambda: self.now)
        self.published: list[journal.Entry] = []
        self.door.publish = lambda stream, entries: self.published.extend(entries)
        self.ops = itertools.count(1)
        self.people: dict[str, int] = {}
        with store.write() as session:
            for persona, (name, house_role, _, _) in PEOPLE.items():
                person = Person(full_name=name, house_role=house_role, username=persona, active=True)
                session.add(person)
                session.flush()
                self.people[persona] = person.id
        self.meeting: int = self.do(
            "secretary", "meeting.create", title="Kỳ họp thứ ba", kind="council", starts_at=START.isoformat()
        )["id"]
        self.points = {
            "tanlap": self.secretary("point.add", name="Xã Tân Lập")["id"],
            "anhoa": self.secretary("point.add", name="Xã An Hòa")["id"],
        }
        for persona, (_, _, role, votes) in PEOPLE.items():
            if role is not None and persona != "secretary":
                order = {"role": role, "votes": votes, "point_id": self.points.get(persona)}
                self.secretary("member.invite", person_id=self.people[persona], **order)

    def __getattr__(self, persona: str) -> Any:
        if persona not in PEOPLE and persona not in SYSTEM:
            raise AttributeError(persona)
        return partial(self._in_meeting, persona)

    def _in_meeting(self, persona: str, command: str, **order: Any) -> Any:
        return self.do(persona, command, meeting_id=self.meeting, **order)

    def do(self, persona: str, command: str, *, op_id: str | None = None, **order: Any) -> Any:
        """Perform a command as it would come over a wire; returns its result, raises Refusal."""
        answer = self.door.perform(command, order, actor=self.actor(persona), op_id=op_id or f"test-op-{next(self.ops)}")
        return answer["result"]

    def actor(self, persona: str) -> Actor:
        return Actor(system=persona) if persona in SYSTEM else Actor(self.people[persona])

    def pass_time(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    def see(self, persona: str) -> snapshot.Snapshot:
        """A fresh snapshot as that person may see it."""
        found = self.sync(persona).snapshot
        assert found is not None
        return found

    def sync(self, persona: str, since: int | None = None) -> snapshot.Sync:
        with self.store.read() as session:
            viewer = meetings.viewer(session, self.actor(persona), self.meeting)
            return snapshot.sync(session, viewer, self.meeting, since, self.now)

    def opened(self) -> "Sitting":
        """The sitting is open, an item is in hand, all four voters have come."""
        item = self.secretary("item.add", title="Kế hoạch đầu tư công năm 2027", minutes=45)
        self.secretary("meeting.open")
        self.secretary("item.start", item_id=item["id"])
        for persona in ("chair", "hanh", "bao", "chau"):
            getattr(self, persona)("member.arrive")
        return self

    def item(self) -> int:
        """The item in hand."""
        return next(item.id for item in self.see("secretary").items if item.state == "current")

    def vote(self, **changes: Any) -> int:
        """A draft of a vote on the item in hand."""
        order = {"item_id": self.item(), "title": "Thông qua Nghị quyết", "rule": "council.majority", "seconds": 60, **changes}
        vote: int = self.secretary("vote.create", **order)["id"]
        return vote

    def told(self, name: str) -> list[journal.Entry]:
        """All events of that name so far."""
        return [entry for entry in self.published if entry.name == name]
