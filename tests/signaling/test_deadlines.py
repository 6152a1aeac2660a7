"""Speeches and votes that end by the clock, with real waiting of the shortest kind."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gevent
import pytest

from meetroom.http import House
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
