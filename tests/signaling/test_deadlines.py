"""Speeches and votes that end by the clock, with real waiting of the shortest kind."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gevent
import pytest
from sqlalchemy import select

from meetroom.http import House
from meetroom.store import clock
from signaling.deadlines import Deadlines
from tests.sitting import Sitting


@pytest.fixture
def deadlines(sitting: Sitting, tmp_path: Path) -> Deadlines:
    parts: dict[str, Any] = {"store": sitting.store, "door": sitting.door, "blobs": sitting.blobs}
    following = Deadlines(House(**parts, identify=lambda *_: None, pages=tmp_path, url=""))
    sitting.door.publish = following.follow
    sitting.now = datetime.now(UTC) - timedelta(seconds=59.8)
    sitting.opened()
    return following


def state(sitting: Sitting, id: int) -> str:
    gevent.sleep(0.001)
    return next(one.state for one in sitting.see("hanh").requests if one.id == id)


def until(sitting: Sitting, id: int, wanted: str) -> None:
    with gevent.Timeout(10):
        while state(sitting, id) != wanted:
            gevent.sleep(0.01)


def granted(sitting: Sitting, *, cut: bool = True, seconds: int = 60) -> int:
    sitting.secretary("floor.set", cut=cut)
    id: int = sitting.hanh("floor.request")["id"]
    sitting.chair("floor.grant", request_id=id, seconds=seconds)
    return id


def test_a_speech_ends_with_its_time_and_goes_on_when_that_is_taken_back(sitting: Sitting, deadlines: Deadlines) -> None:
    id = granted(sitting)
    until(sitting, id, "done")
    assert not deadlines.set
    sitting.secretary("meeting.undo")
    assert state(sitting, id) == "speaking" and len(deadlines.set) == 1


def test_what_is_extended_ended_or_allowed_to_run_over_has_no_old_clock(sitting: Sitting, deadlines: Deadlines) -> None:
    granted(sitting)
    sitting.chair("floor.extend", seconds=600)
    [(at, command, order)] = deadlines.set
    assert command == "floor.expire" and ("seconds", 660) in order and at > datetime.now(UTC)
    sitting.chair("floor.end")
    assert not deadlines.set
    granted(sitting, cut=False)
    assert not deadlines.set


def test_what_should_have_ended_while_the_server_was_away_ends_at_the_start(sitting: Sitting, deadlines: Deadlines) -> None:
    sitting.door.publish = lambda *_: None
    id = granted(sitting, seconds=10)
    deadlines.start()
    until(sitting, id, "done")


def due_in(deadlines: Deadlines, seconds: float) -> None:
    """The one deadline is remembered on the monotonic clock, so many seconds away."""
    with deadlines.house.store.read() as session:
        [row] = session.scalars(select(clock.Remembered)).all()
    assert abs(row.due - time.monotonic() - seconds) < 2


def again(deadlines: Deadlines) -> Deadlines:
    """Another process after this one died."""
    for waiting in deadlines.set.values():
        waiting.kill()
    other = Deadlines(deadlines.house)
    other.start()
    return other


@pytest.mark.parametrize("jump", [-3600, 3600])
def test_a_vote_keeps_its_deadline_over_a_restart_and_a_jump_of_the_wall_clock(
    sitting: Sitting, deadlines: Deadlines, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    sitting.now = datetime.now(UTC)
    vote = sitting.vote(seconds=30)
    sitting.secretary("vote.open", vote_id=vote)
    due_in(deadlines, 30)

    class Jumped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Jumped":
            return cls.fromtimestamp(datetime.now(UTC).timestamp() + jump, tz)

    monkeypatch.setattr("signaling.deadlines.datetime", Jumped)
    restarted = again(deadlines)
    due_in(restarted, 30)
    assert [deadline[1] for deadline in restarted.set] == ["vote.expire"]
    assert sitting.see("hanh").votes[0].state == "open"


def test_after_a_start_of_the_machine_the_wall_clock_is_all_there_is(
    sitting: Sitting, deadlines: Deadlines, monkeypatch: pytest.MonkeyPatch
) -> None:
    sitting.now = datetime.now(UTC) - timedelta(seconds=20)
    sitting.secretary("vote.open", vote_id=sitting.vote(seconds=30))
    due_in(deadlines, 10)
    with deadlines.house.store.write() as session:
        for row in session.scalars(select(clock.Remembered)):
            row.due += 1000  # of another machine's start
    monkeypatch.setattr(clock, "boot", lambda: "another start")
    due_in(again(deadlines), 10)


def test_a_vote_that_is_extended_waits_longer_and_forgets_what_was(sitting: Sitting, deadlines: Deadlines) -> None:
    sitting.now = datetime.now(UTC)
    vote = sitting.vote(seconds=30)
    sitting.secretary("vote.open", vote_id=vote)
    sitting.chair("vote.extend", vote_id=vote, seconds=60)
    gevent.sleep(0.001)
    due_in(deadlines, 90)
    sitting.chair("vote.close", vote_id=vote)
    with deadlines.house.store.read() as session:
        assert not session.scalars(select(clock.Remembered)).all() and not deadlines.set


def test_a_point_that_drops_moves_the_deadline(sitting: Sitting, deadlines: Deadlines) -> None:
    sitting.now = datetime.now(UTC)
    bao = next(m.id for m in sitting.see("secretary").members if m.person_id == sitting.people["bao"])
    sitting.secretary("member.update", member_id=bao, role="delegate", votes=True, point_id=sitting.points["tanlap"])
    sitting.secretary("vote.open", vote_id=sitting.vote(seconds=30, policy="extend", extend_seconds=45))
    sitting.media("point.report", point_id=sitting.points["tanlap"], link="lost")
    gevent.sleep(0.001)
    due_in(deadlines, 75)
