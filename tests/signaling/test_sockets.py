"""Sockets against a real web process: who gets in, what they are told, what junk does (nothing)."""

import asyncio
import base64
import io
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from meetroom.agenda.tables import Item
from meetroom.documents.tables import Paper, PaperBlob, PaperVersion
from meetroom.store.blobs import Blobs
from meetroom.voting.schema import VoteChanged
from tests.signaling.conftest import Hall
from tests.tablets import connect, trusting

Evening = Callable[[Callable[[Hall], Awaitable[None]]], None]


def test_nobody_gets_in_without_a_session(evening: Evening) -> None:
    async def body(hall: Hall) -> None:
        context = trusting(str(hall.server.settings.ca_certificate))
        for cookie in ("", "meetroom=", "meetroom=nonsense", f"meetroom={'x' * 4000}"):
            with pytest.raises(ConnectionError):
                await connect(hall.server.address, context, cookie)

    evening(body)


def test_the_same_answer_over_the_socket_and_over_http(evening: Evening) -> None:
    async def body(hall: Hall) -> None:
        tablet = await hall.tablet(0)
        for name, order in (
            ("member.leave", {"meeting_id": hall.meeting}),
            ("member.arrive", {"meeting_id": hall.meeting}),
            ("meeting.close", {"meeting_id": hall.meeting}),
            ("vote.cast", {"meeting_id": hall.meeting, "vote_id": 999_999, "answers": [["for"]]}),
            ("vote.cast", {"meeting_id": hall.meeting, "vote_id": "x", "answers": "maybe"}),
            ("nothing.such", {}),
        ):
            over_socket, _ = await tablet.ask("command", {"name": name, "order": order, "op_id": os.urandom(8).hex()})
            over_http = await asyncio.to_thread(post, hall, name, order)
            assert over_socket == over_http, name

    evening(body)


def post(hall: Hall, name: str, order: Any) -> Any:
    request = urllib.request.Request(
        f"{hall.server.settings.local_url}/api/commands/{name}",
        data=json.dumps({"op_id": os.urandom(8).hex(), "order": order}).encode(),
        headers={"Cookie": hall.delegates[0], "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, context=trusting(str(hall.server.settings.ca_certificate)), timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        return json.load(refused)


def test_events_reach_their_audience_in_one_chain(evening: Evening) -> None:
    async def body(hall: Hall) -> None:
        secretary, one, two = await hall.tablet(None), await hall.tablet(1), await hall.tablet(2)
        note, _ = await secretary.command("note.add", meeting_id=hall.meeting, text="Ghi nhanh")
        item, _ = await secretary.command("item.add", meeting_id=hall.meeting, title="Nội dung mới")
        request, _ = await one.command("floor.request", meeting_id=hall.meeting)
        for tablet in (secretary, one, two):
            await tablet.until("request.changed", id=request["id"])
        assert [data for _, data in secretary.events if data["name"] == "note.changed"]
        assert not [data for _, data in (*one.events, *two.events) if data["name"] in ("note.changed", "step.changed")]
        for tablet in (secretary, one, two):
            heads = dict(tablet.synced["heads"])
            for kind, event in tablet.events:
                if kind == "event":
                    assert event["prev"] <= heads[event["room"]] < event["seq"]
                    heads[event["room"]] = event["seq"]
        await one.command("floor.withdraw", meeting_id=hall.meeting)
        await secretary.command("item.remove", meeting_id=hall.meeting, item_id=item["id"])
        await secretary.command("note.remove", meeting_id=hall.meeting, note_id=note["id"])

    evening(body)


def test_ballots_are_counted_quietly(evening: Evening) -> None:
    """Every voter hears of their own ballot; the counts come a few times, the last one right."""

    async def body(hall: Hall) -> None:
        secretary = await hall.tablet(None)
        order = {"item_id": hall.server.item, "title": "Thông qua", "rule": "council.majority", "seconds": 600}
        vote, _ = await secretary.command("vote.create", meeting_id=hall.meeting, **order)
        tablets = [await hall.tablet(n) for n in range(12)]
        await secretary.command("vote.open", meeting_id=hall.meeting, vote_id=vote["id"])
        cast = {"meeting_id": hall.meeting, "vote_id": vote["id"], "answers": [["for"]]}
        started = time.monotonic()
        await asyncio.gather(*(tablet.command("vote.cast", **cast) for tablet in tablets))
        await tablets[0].until("vote.changed", id=vote["id"], cast=12)
        most = 3 + (time.monotonic() - started) / (VoteChanged.hold_ms / 1000)
        own = await tablets[5].until("ballot.recorded", id=vote["id"])
        assert own["room"].startswith("person:")
        told = [
            data for _, data in tablets[3].events if data["name"] == "vote.changed" and data["body"]["vote"]["state"] == "open"
        ]
        assert 2 <= len(told) <= most
        assert not [data for _, data in tablets[3].events if data["room"] == own["room"]]
        await secretary.command("vote.close", meeting_id=hall.meeting, vote_id=vote["id"])
        await tablets[0].until("vote.changed", id=vote["id"], state="closed")

    evening(body)


def test_a_vote_closes_by_the_clock(evening: Evening) -> None:
    async def body(hall: Hall) -> None:
        secretary = await hall.tablet(None)
        order = {"item_id": hall.server.item, "title": "Có hạn", "rule": "council.majority", "seconds": 10}
        vote, _ = await secretary.command("vote.create", meeting_id=hall.meeting, **order)
        await secretary.command("vote.open", meeting_id=hall.meeting, vote_id=vote["id"])
        started = time.monotonic()
        await asyncio.sleep(9)
        closed = await secretary.until("vote.changed", id=vote["id"], state="closed")
        assert time.monotonic() - started >= 9.9
        assert closed["body"]["vote"]["cast"] == 0

    evening(body)


def test_missed_events_are_replayed_and_presence_is_told(evening: Evening) -> None:
    async def body(hall: Hall) -> None:
        secretary, one = await hall.tablet(None), await hall.tablet(1)
        member = one.synced["me"]["member_id"]
        since = one.synced["revision"]
        online = await secretary.until("presence")
        one.transport.abort()
        item, _ = await secretary.command("item.add", meeting_id=hall.meeting, title="Trong lúc mất mạng")
        again = await hall.tablet(1, since=since)
        assert again.synced["snapshot"] is None
        assert "item.changed" in [event["name"] for event in again.synced["events"]]
        assert member is not None and online["body"]["members"] is not None
        await secretary.command("item.remove", meeting_id=hall.meeting, item_id=item["id"])

    evening(body)


def test_signing_out_ends_the_socket(evening: Evening) -> None:
    async def body(hall: Hall) -> None:
        from tests.signaling.sessions import fresh_session, sign_out

        cookie = fresh_session(hall.server, 7)
        tablet = await connect(hall.server.address, trusting(str(hall.server.settings.ca_certificate)), cookie)
        await tablet.ask("sync", {"meeting_id": hall.meeting})
        sign_out(hall.server, cookie)
        answer, _ = await tablet.ask(
            "command", {"name": "member.leave", "order": {"meeting_id": hall.meeting}, "op_id": "after-sign-out"}
        )
        assert answer["error"]["code"] == "login"
        await asyncio.wait_for(tablet.closed, 10)

    evening(body)


JUNK: list[Any] = [
    None,
    1,
    "text",
    [],
    {},
    {"name": None},
    {"name": "vote.cast", "order": "x", "op_id": 7},
    {"name": "vote.cast", "order": [], "op_id": "x" * 20},
    {"name": "\x00", "order": {"meeting_id": 1}, "op_id": "x" * 20},
    {"meeting_id": "x"},
    {"meeting_id": -1},
    {"meeting_id": 2**70},
    {"meeting_id": 1, "since": "yesterday"},
    {"peer": "../../etc", "sdp": "v=0"},
    {"meeting_id": 1, "peer": "1-1-x", "sdp": "x" * 1000},
    {"nested": [[[[[[]]]]]]},
]
PACKETS = [b"42", b"42[", b"42[1]", b"42{}", b"9zz", b"451-[]", b"42/media,[]", b"40/media,{}", b"\x00\x01", b"42" + b"[" * 5000]


def test_junk_events_are_refused_and_disturb_nobody(evening: Evening) -> None:
    async def body(hall: Hall) -> None:
        quiet, loud = await hall.tablet(3), await hall.tablet(4)
        for event in ("command", "sync", "media.join", "media.offer", "media.view", "media.share", "media.board", "media.leave"):
            for junk in JUNK:
                answer, _ = await loud.ask(event, junk)
                assert answer["ok"] is False and answer["error"]["code"] not in ("internal",), (event, junk, answer)
                await asyncio.sleep(0.03)
        assert (await quiet.ask("sync", {"meeting_id": hall.meeting}))[0]["ok"]
        assert not quiet.closed.done()

    evening(body)


@pytest.mark.parametrize("packet", PACKETS)
def test_broken_packets_end_one_connection_at_most(evening: Evening, packet: bytes) -> None:
    async def body(hall: Hall) -> None:
        quiet, broken = await hall.tablet(3), await hall.tablet(4)
        broken._send(packet)
        await asyncio.sleep(0.2)
        assert (await quiet.ask("sync", {"meeting_id": hall.meeting}))[0]["ok"]

    evening(body)


def test_an_event_over_the_limit_ends_the_connection(evening: Evening) -> None:
    async def body(hall: Hall) -> None:
        quiet, big = await hall.tablet(3), await hall.tablet(4)
        with pytest.raises(ConnectionError):
            await big.ask("command", {"name": "note.add", "order": {"text": "x" * 70_000}, "op_id": "too-big-op"})
        assert (await quiet.ask("sync", {"meeting_id": hall.meeting}))[0]["ok"]

    evening(body)


def test_a_flood_is_slowed_down(evening: Evening) -> None:
    async def body(hall: Hall) -> None:
        tablet = await hall.tablet(5)
        answers = await asyncio.gather(*(tablet.ask("media.leave", {"peer": "none"}) for _ in range(400)))
        codes = {answer["error"]["code"] for answer, _ in answers}
        assert codes == {"not_planned", "rate_limited"}

    evening(body)


def test_a_page_comes_in_pieces_over_the_socket_to_whom_it_comes_over_http(evening: Evening) -> None:
    """The same bytes, the same permission; nonsense is refused."""

    async def body(hall: Hall) -> None:
        content = bytes(range(256)) * 300
        sha256, paper = keep_page(hall, content)
        tablet, secretary = await hall.tablet(0), await hall.tablet(None)
        ask = lambda who, data: who.ask("papers.chunk", data)  # noqa: E731
        pieces, size = b"", len(content)
        while len(pieces) < size:
            answer, _ = await ask(tablet, {"sha256": sha256, "offset": len(pieces)})
            pieces += base64.b64decode(answer["result"]["data"])
            assert answer["result"]["size"] == size
        assert pieces == content
        for nonsense in (None, {}, {"sha256": "../../etc/passwd", "offset": 0}, {"sha256": sha256, "offset": -1}):
            assert (await ask(tablet, nonsense))[0]["error"]["code"] == "invalid"
        assert (await ask(tablet, {"sha256": sha256, "offset": 10**9}))[0]["result"]["data"] == ""
        order = {"meeting_id": hall.meeting, "paper_id": paper, "access": {"kind": "people"}, "secrecy": "open"}
        await secretary.command("paper.restrict", **order)
        assert (await ask(tablet, {"sha256": sha256, "offset": 0}))[0]["error"]["code"] == "not_found"
        assert (await ask(secretary, {"sha256": sha256, "offset": 0}))[0]["ok"]
        granted, _ = await tablet.ask("papers.turn", {})
        assert granted["result"]["granted"] is True

    evening(body)


def keep_page(hall: Hall, content: bytes) -> tuple[str, int]:
    """A paper with this page, as the worker would report it; returns the page's hash and the paper."""
    blobs = Blobs(hall.server.settings.blobs, reserve=0)
    sha256, size = blobs.put(io.BytesIO(content), 10**6)
    now = datetime.now(UTC)
    with hall.server.store.write() as session:
        item = session.scalars(select(Item).where(Item.meeting_id == hall.meeting)).first()
        if item is None:
            item = Item(meeting_id=hall.meeting, position=0, title="Mục", kind="speech", minutes=5)
            session.add(item)
            session.flush()
        everybody = {"kind": "all", "roles": [], "member_ids": []}
        place = {"meeting_id": hall.meeting, "item_id": item.id, "position": 0, "title": "Trang"}
        paper = Paper(**place, access=everybody, version=1, added_at=now)
        session.add(paper)
        session.flush()
        file = {"file": "0" * 64, "filename": "a.pdf", "size": 1, "state": "ready"}
        session.add(PaperVersion(paper_id=paper.id, number=1, **file, added_at=now))
        session.flush()
        session.add(PaperBlob(sha256=sha256, paper_id=paper.id, version=1, kind="image", size=size))
        return sha256, paper.id
