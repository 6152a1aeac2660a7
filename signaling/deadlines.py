"""What ends by the clock: votes, and speeches where the rules say so. Waiting is on the monotonic clock, also after a restart of
this process, so that setting the wall clock moves no deadline."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import gevent
from sqlalchemy.orm import Session

from meetroom.access import Actor
from meetroom.floor import record as floor
from meetroom.http import House
from meetroom.journal import Entry
from meetroom.store import clock
from meetroom.voting import service as voting

CLOCK = Actor(system="clock")
Order = tuple[tuple[str, int], ...]
Deadline = tuple[datetime, str, Order]  # when, the command that ends it, and its whole order


class Deadlines:
    def __init__(self, house: House) -> None:
        self.house = house
        self.set: dict[Deadline, gevent.Greenlet] = {}

    def start(self) -> None:
        """Take up what is under way already, also what should have ended while the server was away."""
        with self.house.store.read() as session:
            for deadline in due(session):
                self._wait(deadline)

    def follow(self, stream: int, entries: list[Entry]) -> None:
        """A vote or a speech began or ended, or its time changed: its deadline is set or dropped."""
        commands = {entry.command for entry in entries} - {"vote.cast"}
        extended = any(entry.name in ("vote.changed", "vote.listed") for entry in entries if entry.command == "point.report")
        if not extended and not any(command.startswith(("vote.", "floor.", "meeting.")) for command in commands):
            return
        with self.house.store.read() as session:
            wanted = {deadline for deadline in due(session) if ("meeting_id", stream) in deadline[2]}
        here = {deadline for deadline in self.set if ("meeting_id", stream) in deadline[2]}
        for deadline in here - wanted:
            self.set.pop(deadline).kill(block=False)
            self._forget(deadline)
        for deadline in wanted - here:
            self._wait(deadline)

    def _wait(self, deadline: Deadline) -> None:
        with self.house.store.write() as session:
            seconds = clock.left(session, key(deadline))
            if seconds is None:
                seconds = max(0.0, (deadline[0] - datetime.now(UTC)).total_seconds())
                clock.remember(session, key(deadline), seconds)
        self.set[deadline] = gevent.spawn_later(seconds, self._expire, deadline)

    def _forget(self, deadline: Deadline) -> None:
        with self.house.store.write() as session:
            clock.forget(session, key(deadline))

    def _expire(self, deadline: Deadline) -> None:
        """Refused when it was ended by hand in the same moment."""
        self.set.pop(deadline, None)
        _, command, order = deadline
        self.house.door.answer(command, dict(order), actor=CLOCK, op_id=f"{command}/{os.urandom(8).hex()}")
        self._forget(deadline)


def key(deadline: Deadline) -> str:
    """The same deadline has the same name in every process; moved to another time, it is another one."""
    at, command, order = deadline
    return " ".join([command, *(str(value) for _, value in order), at.isoformat()])


def due(session: Session) -> Iterator[Deadline]:
    """Everything that will end by the clock, anywhere in the house."""
    for command, meeting, vote, at in voting.due(session):
        yield at, command, (("meeting_id", meeting), ("vote_id", vote))
    for meeting, request, seconds, at in floor.due(session):
        yield at, "floor.expire", (("meeting_id", meeting), ("request_id", request), ("seconds", seconds))
