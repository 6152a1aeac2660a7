"""From journal to sockets: in order, once, and of very many at once only the last."""

from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from meetroom import journal
from meetroom.meetings import service as meetings
from meetroom.people import importing
from meetroom.people.sheets import Row
from signaling.publish import Publisher, socket_room
from tests.sitting import Sitting

Access = dict[str, Any]
Sent = list[tuple[str, dict[str, Any]]]

MEMBERS: Access = {"kind": "members"}
ALL: Access = {"kind": "all"}


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


def last_seen(sitting: Sitting, sent: Sent, persona: str) -> str:
    """The newest of what one person is told of votes, in the order in which it came, once nothing is held any more."""
    with sitting.store.read() as session:
        rooms = meetings.viewer(session, sitting.actor(persona), sitting.meeting).rooms()
        newest = {seq for seq in journal.heads(session, sitting.meeting, rooms).values() if seq}
    with gevent.Timeout(5):
        while not newest <= {data["seq"] for _, data in sent}:
            gevent.sleep(0.01)
    names = [socket_room(sitting.meeting, room) for room in rooms]
    told: list[str] = [data["name"] for room, data in sent if room in names and data["name"].startswith("vote.")]
    return told[-1]


@pytest.mark.parametrize(
    ("first", "then", "guest", "delegate"),
    [(ALL, MEMBERS, "vote.hidden", "vote.shown"), (MEMBERS, ALL, "vote.changed", "vote.changed")],
)
def test_what_is_held_for_some_does_not_come_after_what_happened_to_it_since(
    sitting: Sitting, sent: Sent, first: Access, then: Access, guest: str, delegate: str
) -> None:
    item, vote = sitting.opened().item(), sitting.vote()
    sitting.secretary("item.restrict", item_id=item, access=first)
    for title in ("Thông qua Nghị quyết", "Thông qua Đề án", "Thông qua Quy chế"):  # faster than they are sent
        sitting.secretary("vote.update", vote_id=vote, title=title, rule="council.majority")
    sitting.secretary("item.restrict", item_id=item, access=then)
    sitting.secretary("vote.open", vote_id=vote)
    assert last_seen(sitting, sent, "guest") == guest
    assert last_seen(sitting, sent, "hanh") == delegate
