"""Votes that close by themselves. Waiting is on the monotonic clock, so that setting the wall clock moves no deadline."""

from datetime import UTC, datetime

import gevent

from meetroom.access import Actor
from meetroom.http import House
from meetroom.journal import Entry
from meetroom.voting import service as voting

CLOCK = Actor(system="clock")


class Deadlines:
    def __init__(self, house: House) -> None:
        self.house = house
        self.set: dict[int, gevent.Greenlet] = {}  # by vote

    def start(self) -> None:
        """Take up the votes that are open already, also those whose time ended while the server was away."""
        with self.house.store.read() as session:
            for meeting_id, vote_id, closes_at in voting.open_votes(session):
                self._wait(meeting_id, vote_id, closes_at)

    def follow(self, stream: int, entries: list[Entry]) -> None:
        """A vote was opened or closed: its deadline is set or dropped."""
        if not any(entry.command.startswith("vote.") and entry.command != "vote.cast" for entry in entries):
            return
        with self.house.store.read() as session:
            due = {vote_id: closes_at for meeting_id, vote_id, closes_at in voting.open_votes(session) if meeting_id == stream}
        for vote_id, closes_at in due.items():
            if vote_id not in self.set:
                self._wait(stream, vote_id, closes_at)

    def _wait(self, meeting_id: int, vote_id: int, closes_at: datetime) -> None:
        seconds = max(0.0, (closes_at - datetime.now(UTC)).total_seconds())
        self.set[vote_id] = gevent.spawn_later(seconds, self._expire, meeting_id, vote_id)

    def _expire(self, meeting_id: int, vote_id: int) -> None:
        del self.set[vote_id]
        order = {"meeting_id": meeting_id, "vote_id": vote_id}
        self.house.door.answer("vote.expire", order, actor=CLOCK, op_id=f"vote.expire/{vote_id}")  # closed by hand: refused
