"""The presenter's hand, from socket to sockets: small, never journalled, from nobody else, no faster than all can be told."""

import asyncio
import io
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import gevent
import pytest
from sqlalchemy import select

from meetroom.display.schema import Point
from meetroom.documents.service import remember_upload
from meetroom.documents.tables import Job, PaperVersion
from meetroom.journal import Stream
from meetroom.store.blobs import Blobs
from signaling.pointing import Pointers
from tests.documents.bringing import add, pdf, report
from tests.signaling.conftest import Hall
from tests.sitting import Sitting

Evening = Callable[[Callable[[Hall], Awaitable[None]]], None]


@pytest.fixture(scope="module")
def paper(hall: Hall) -> int:
    """A readable paper of two pages, as the server's worker prepares it."""
    sha256, size = Blobs(hall.server.settings.blobs).put(io.BytesIO(pdf(2)), 10**6)
    with hall.server.store.write() as session:
        remember_upload(session, hall.server.secretary, "a.pdf", sha256, size, datetime.now(UTC))
    order = {"meeting_id": hall.meeting, "item_id": hall.server.item, "title": "Tờ trình", "file": sha256}
    id = hall.server.perform(hall.server.secretary, "paper.add", **order)["id"]
    deadline = time.monotonic() + 30
    while True:
        with hall.server.store.read() as session:
            if session.get_one(PaperVersion, (id, 1)).state == "ready" and not session.scalars(select(Job)).first():
                return id
        assert time.monotonic() < deadline, "the paper is prepared"
        time.sleep(0.05)


def pointed(tablet: Any) -> list[dict[str, Any]]:
    return [data["body"] for kind, data in tablet.events if kind == "signal" and data["name"] == "pointing"]


def test_the_hand_of_who_presents_and_of_nobody_else(evening: Evening, paper: int) -> None:
    async def body(hall: Hall) -> None:
        secretary, one, two = await hall.tablet(None), await hall.tablet(0), await hall.tablet(1)
        place = {"paper_id": paper, "page": 2, "top": 10_000, "left": 10_000, "zoom": 800}
        await secretary.command("display.present", meeting_id=hall.meeting, **place)
        await one.until("display.changed", id=hall.meeting)
        with hall.server.store.read() as session:
            before = session.get(Stream, hall.meeting)
            assert before is not None
            revision = before.revision

        async def move(tablet: Any, x: int | None, **more: Any) -> Any:
            order = {"meeting_id": hall.meeting, **place, "x": x, "y": x, "laser": True, **more}
            return (await tablet.ask("display.point", order))[0]

        for x in range(9_000, 9_040):  # forty as fast as they are answered
            assert (await move(secretary, x))["ok"]
        assert (await move(secretary, None))["ok"]
        while not (pointed(one) and pointed(one)[-1]["x"] is None):  # the last one always arrives
            await asyncio.sleep(0.01)
        seen = pointed(one)
        assert pointed(two)[-1] == seen[-1]
        xs = [body["x"] for body in seen[:-1]]
        assert xs == sorted(xs)
        raw = json.dumps(["signal", {"meeting_id": hall.meeting, "name": "pointing", "body": seen[0]}], separators=(",", ":"))
        assert len(raw) + 2 < 200

        assert (await move(one, 1))["error"]["code"] == "forbidden"
        assert (await move(secretary, 1, page=3))["error"]["code"] == "not_found"
        assert (await move(secretary, 1, extra=1))["error"]["code"] == "invalid"
        assert (await move(secretary, 1, meeting_id=999_999))["error"]["code"] == "not_found"
        member = next(m["id"] for m in one.synced["snapshot"]["members"] if m["full_name"] == "Đại biểu 0")
        with hall.server.store.read() as session:
            after = session.get(Stream, hall.meeting)
            assert after is not None and after.revision == revision  # nothing of it is in the journal
        await secretary.command("display.hand_over", meeting_id=hall.meeting, member_id=member)
        assert (await move(secretary, 2))["error"]["code"] == "forbidden"
        assert (await move(one, 3))["ok"]
        await one.command("display.stop", meeting_id=hall.meeting)
        assert (await move(one, 4))["error"]["code"] == "forbidden"

    evening(body)


def test_of_what_comes_too_fast_only_the_newest(sitting: Sitting) -> None:
    """Five hundred screens are told ten times a second, and the last movement always reaches them."""
    sitting.opened()
    paper = add(sitting)
    report(sitting, paper, 1, 1)
    sitting.chair("display.present", paper_id=paper, page=1)
    sent: list[int] = []
    pointers = Pointers(sitting.store, lambda _, data, room: sent.append(data["body"]["x"]), lambda _: 500)
    socket: Any = SimpleNamespace(actor=sitting.actor("chair"))
    for x in range(5):
        order = {"meeting_id": sitting.meeting, "paper_id": paper, "page": 1, "top": 0, "left": 0, "zoom": 100, "x": x, "y": 0}
        pointers.point(socket, Point.model_validate({**order, "laser": False}))
    assert sent == [0]
    while pointers.streams:
        gevent.sleep(0.01)
    assert sent == [0, 4]
