"""kill -9 while a hall votes: what was acknowledged is there, once.

The victim is a forked process with its own door and database connection, in which the electors' tablets are threads. An
acknowledgement is a line in a pipe; what was never acknowledged is sent again with the same op_id by the next process, and
some of what was acknowledged too, as a tablet does that lost the answer.
"""

import os
import random
import signal
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from meetroom.door import Door
from meetroom.journal import Entry
from meetroom.meetings import service as meetings
from meetroom.store.engine import open_store
from meetroom.voting.tables import Elector, VoteRow
from tests.sitting import Sitting

VOTERS = ("chair", "hanh", "bao", "chau")
CHOICES = ("for", "against", "abstain")
MOST = 0.25  # seconds within which a process is killed


@dataclass
class Ballot:
    persona: str
    op_id: str
    choice: str


@dataclass
class Plan:
    """What the tablets of one vote will send, each person's in this order, and what has been acknowledged."""

    number: int
    ballots: list[Ballot]
    acked: set[str] = field(default_factory=set)
    closed: bool = False


@dataclass
class Count:
    kills: int = 0
    acked: int = 0
    lost: int = 0
    doubled: int = 0


def run(folder: Path, votes: int, *, seed: int) -> Count:
    """So many votes, in each of which processes are killed at random moments. `folder` holds a migrated meetroom.sqlite."""
    chance, count = random.Random(seed), Count()
    url = f"sqlite:///{folder / 'meetroom.sqlite'}"
    sitting = Sitting(open_store(url), folder / "blobs").opened()
    item = sitting.item()
    plans = [_plan(number, chance) for number in range(votes)]
    for plan in plans:
        sitting.store.close()
        while not plan.closed:
            delay = chance.random() ** 2 * MOST if chance.random() < 0.8 else None
            count.kills += _process(sitting, url, item, plan, delay, chance.randrange(1 << 30))
        count.acked += len(plan.acked)
    _look(sitting, url, plans, count)
    return count


def _plan(number: int, chance: random.Random) -> Plan:
    ballots = []
    for persona in VOTERS:
        for change in range(chance.choice((1, 1, 2, 3))):
            ballots.append(Ballot(persona, f"ballot-{number}-{persona}-{change}", chance.choice(CHOICES)))
    return Plan(number, ballots)


def _process(sitting: Sitting, url: str, item: int, plan: Plan, delay: float | None, seed: int) -> int:
    """One life of the server during a vote; returns 1 if it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            _vote(sitting, url, item, plan, writing, random.Random(seed))
        finally:
            os._exit(0)
    os.close(writing)
    if delay is not None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading) as acks:
        lines = [line.strip() for line in acks if line.endswith("\n")]
    os.waitpid(child, 0)
    plan.acked |= set(lines) - {"closed"}
    plan.closed |= "closed" in lines
    return delay is not None


def _vote(sitting: Sitting, url: str, item: int, plan: Plan, acks: int, chance: random.Random) -> None:
    sitting.store = open_store(url)
    sitting.door = Door(sitting.store, roles=meetings.roles, clock=lambda: sitting.now)
    number, mine = plan.number, defaultdict(list)
    order = {"item_id": item, "title": f"Lần {number}", "rule": "council.majority", "seconds": None}
    vote = _again(sitting, "secretary", f"create-{number}", "vote.create", **order)["id"]
    _again(sitting, "secretary", f"open-vote-{number}", "vote.open", vote_id=vote)
    for ballot in plan.ballots:
        if ballot.op_id not in plan.acked or chance.random() < 0.3:
            mine[ballot.persona].append(ballot)

    def tablet(ballots: list[Ballot]) -> None:
        for ballot in ballots:
            _again(sitting, ballot.persona, ballot.op_id, "vote.cast", vote_id=vote, answers=[[ballot.choice]])
            os.write(acks, f"{ballot.op_id}\n".encode())

    with ThreadPoolExecutor(len(VOTERS)) as hall:
        list(hall.map(tablet, mine.values()))
    _again(sitting, "secretary", f"close-vote-{number}", "vote.close", vote_id=vote)
    os.write(acks, b"closed\n")


def _again(sitting: Sitting, persona: str, op_id: str, command: str, **order: object) -> dict[str, int]:
    result: dict[str, int] = sitting.do(persona, command, op_id=op_id, meeting_id=sitting.meeting, **order) or {}
    return result


def _look(sitting: Sitting, url: str, plans: list[Plan], count: Count) -> None:
    """In the database and in the journal, as they are after all of it."""
    sitting.store = store = open_store(url)
    people = sitting.people
    with store.read() as session:
        rows = {row.title: row for row in session.scalars(select(VoteRow))}
        recorded = select(func.count()).select_from(Entry).where(Entry.name == "ballot.recorded")
        told = session.scalar(recorded) or 0
        for plan in plans:
            row = rows[f"Lần {plan.number}"]
            stored = {one.person_id: one.answers for one in session.scalars(select(Elector).where(Elector.vote_id == row.id))}
            last = {ballot.persona: ballot.choice for ballot in plan.ballots}
            count.lost += sum(stored[people[persona]] != [[choice]] for persona, choice in last.items())
            counted = sum((row.results or [{"counts": [0]}])[0]["counts"])
            count.doubled += abs(row.cast - len(last)) + abs(counted - len(last))
    count.doubled += abs(told - sum(len(plan.ballots) for plan in plans))
    store.close()
