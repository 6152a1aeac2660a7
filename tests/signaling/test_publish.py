"""From journal to sockets: in order, once, and of very many at once only the last."""

from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from meetroom import journal
from meetroom.people import importing
from meetroom.people.sheets import Row
from signaling.publish import Publisher
from tests.sitting import Sitting

Sent = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def sent(sitting: Sitting) -> Iterator[Sent]:
    """What went to which socket room, with a publisher listening to the door."""
    sent: Sent = []
    publisher = Publisher(sitting.store, lambda _name, data, room: sent.append((room, data)), lambda *_: None)
    sitting.door.publish = publisher.publish
    running = gevent.spawn(publisher.run)
    gevent.sleep(0)
    yield sent
    running.kill()


def until(sent: Sent, seq: int) -> None:
    with gevent.Timeout(5):
        while not sent or sent[-1][1]["seq"] < seq:
            gevent.sleep(0.01)


def head(sitting: Sitting, stream: int) -> int:
    with sitting.store.read() as session:
        return session.get_one(journal.Stream, stream).revision


def test_every_event_joins_on_to_the_one_before_it_in_its_room(sitting: Sitting, sent: Sent) -> None:
    sitting.opened()
    until(sent, head(sitting, sitting.meeting))
    for room in {room for room, _ in sent}:
        events = [data for name, data in sent if name == room and data["meeting_id"] == sitting.meeting]
        assert all(later["prev"] == earlier["seq"] for earlier, later in zip(events, events[1:], strict=False))
    assert len({data["seq"] for _, data in sent if data["meeting_id"] == sitting.meeting}) == len(
        [data for _, data in sent if data["meeting_id"] == sitting.meeting]
    )


@pytest.mark.parametrize(("people", "events"), [(400, 400), (401, 1)])
def test_of_an_import_too_large_to_replay_only_the_last_event_is_sent(
    sitting: Sitting, sent: Sent, people: int, events: int
) -> None:
    before = head(sitting, journal.HOUSE)
    with sitting.store.write() as session:
        rows = [Row(n, f"Người Thứ {n}") for n in range(people)]
        importing.remember(session, sitting.people["admin"], "a" * 64, rows, sitting.now)
    sitting.do("admin", "person.import", sheet="a" * 64)
    until(sent, before + people)
    told = [data for _, data in sent if data["seq"] > before]
    assert len(told) == events
    assert told[-1]["seq"] == before + people
    # Whoever saw everything before the import joins on, or sees the gap and asks for a snapshot.
    assert (told[0]["prev"] <= before) is (events > 1)
    sitting.do("admin", "person.create", full_name="Sau Cùng")
    until(sent, before + people + 1)
    assert sent[-1][1]["prev"] == before + people
