"""What technicians watch, and who may."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from meetroom.conference.orders import Board
from meetroom.meetings.tables import Member
from meetroom.people import sessions
from meetroom.people.tables import Person
from tests.signaling.conftest import Hall
from tests.signaling.process import Process
from tests.sitting import Sitting
from tests.tablets import connect, trusting

FIGURES: dict[str, Any] = {
    "loss_up_pct": 1.25, "loss_down_pct": 0.5, "jitter_up_ms": 12.3, "rtt_ms": 45.6, "up_kbps": 700, "down_kbps": 900,
    "estimate_kbps": 1200, "quality": "mid", "reason": "down",
}  # fmt: skip


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_800_000_000.0]
    monkeypatch.setattr("signaling.board.time.time", lambda: now[0])
    return now


def shown(process: Process, since: float = 0, of: set[int] | None = None) -> Board:
    return process.media.boards.show(process.sitting.meeting, since, draining={"b"}, of=of)


def test_points_and_nodes(sitting: Sitting, clock: list[float]) -> None:
    process = Process(sitting, "a", "b")
    peer = process.join("s1", "tanlap")
    load = {"node": "a", "peers": 1, "cores": 0.25, "lag_ms": 3.5, "packets_in": 10, "packets_out": 20}
    process.media.nodes.report("a", load)
    process.reported(peer, "connected", "a", **FIGURES)
    board = shown(process)
    [point] = board.points
    assert point.point_id == sitting.points["tanlap"] and point.report is not None and point.report.reason == "down"
    [sample] = point.samples
    told = {name: value for name, value in FIGURES.items() if name != "reason"}
    assert sample.model_dump(mode="json") == {"at": clock[0], **told}
    assert [(one.node, one.draining, one.meetings, one.cores) for one in board.nodes] == [
        ("a", False, (sitting.meeting,), 0.25),
        ("b", True, (), 0.0),
    ]
    assert shown(process, of=set()).nodes[0].meetings == ()
    assert shown(process, since=clock[0]).points[0].samples == ()


def test_half_an_hour_is_kept_and_what_is_older_thinned(sitting: Sitting, clock: list[float]) -> None:
    process = Process(sitting)
    peer, wall = process.join("s1", "tanlap"), process.join("s2", "wall")
    start = clock[0]
    for _ in range(1200):
        process.media.report("node", {"meeting_id": sitting.meeting, "peer": peer, "state": "connected", **FIGURES})
        process.media.report("node", {"meeting_id": sitting.meeting, "peer": peer, "state": "connected", **FIGURES})
        process.media.report("node", {"meeting_id": sitting.meeting, "peer": wall, "state": "connected"})
        clock[0] += 2
    [point] = shown(process).points
    times = [sample.at for sample in point.samples]
    assert times == sorted(times) and times[0] >= start + 600 and times[0] < start + 640
    recent = [at for at in times if at >= clock[0] - 120]
    assert len(recent) == 60 and 80 <= len(times) - len(recent) <= 90
    assert sum(len(packed) for packed in next(iter(process.media.boards.samples.values()))) < 40_000
    clock[0] += 1801
    process.media.sweep()
    assert not process.media.boards.samples and not process.media.boards.latest and shown(process).points == ()


def test_figures_that_cannot_be_do_no_harm(sitting: Sitting, clock: list[float]) -> None:
    process = Process(sitting)
    peer = process.join("s1", "tanlap")
    process.reported(peer, "connected", rtt_ms=1e300, up_kbps=-5, down_kbps=10**15)
    [sample] = shown(process).points[0].samples
    assert (sample.rtt_ms, sample.up_kbps, sample.down_kbps) == (1e9, 0, 2**32 - 1)


Evening = Callable[[Callable[[Hall], Awaitable[None]]], None]


def test_who_may_watch(evening: Evening) -> None:
    def cookie(hall: Hall, role: str | None, house_role: str) -> str:
        with hall.server.store.write() as session:
            person = Person(full_name=f"Ai {secrets.token_hex(4)}", house_role=house_role, active=True)
            session.add(person)
            session.flush()
            if role is not None:
                session.add(
                    Member(
                        meeting_id=hall.meeting,
                        person_id=person.id,
                        full_name="Ai đó",
                        position="",
                        unit="",
                        role=role,
                        votes=False,
                    )
                )
            token, _ = sessions.begin(session, person.id, now=datetime.now(UTC), hours=1, device="test")
        return f"meetroom={token}"

    async def body(hall: Hall) -> None:
        context = trusting(str(hall.server.settings.ca_certificate))
        for role, house_role, code in (
            ("technician", "none", None), (None, "technician", None), (None, "admin", None), ("secretary", "none", None),
            ("chair", "none", "forbidden"), ("delegate", "none", "forbidden"), ("wall", "none", "forbidden"),
            (None, "none", "not_found"),
        ):  # fmt: skip
            tablet = await connect(hall.server.address, context, await asyncio.to_thread(cookie, hall, role, house_role))
            hall.open.append(tablet)
            answer, _ = await tablet.ask("media.board", {"meeting_id": hall.meeting})
            assert (answer.get("error") or {}).get("code") == code, (role, house_role, answer)
            if code is None:
                assert answer["result"].keys() == {"nodes", "points"}

    evening(body)
