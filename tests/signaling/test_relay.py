"""A meeting on two real nodes: points at a site connect to the site's own, which calls the meeting's; everybody sees and
hears everybody."""

import asyncio
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from meetroom.conference import tables as conference
from meetroom.conference.schema import Kind, MediaAnswer
from tests.media.engine.endpoint import packet, vp8
from tests.media.scripted import Scripted
from tests.server import Server, free_port
from tests.tablets import Tablet, connect, trusting

SITE = "xa-tan-lap"


@contextmanager
def node(server: Server, name: str, *flags: str) -> Iterator[None]:
    """A media node, until it is killed."""
    settings = server.settings
    program = [
        sys.executable, "-m", "media", "--server", settings.local_url, "--name", name,
        "--token-file", settings.media_token_file, "--ca-file", settings.ca_certificate,
        "--udp-host", "127.0.0.1", "--udp-port", str(free_port(socket.SOCK_DGRAM)), *flags,
    ]  # fmt: skip
    process = subprocess.Popen(program, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


class Point(Scripted):
    """A point's machine. What it shows and says is its number."""

    def __init__(self, tablet: Tablet, meeting: int, peer: str, number: int) -> None:
        self.tablet, self.meeting, self.number = tablet, meeting, number
        super().__init__(SimpleNamespace(engine=SimpleNamespace(port=0)), peer, video=4, audio=4)  # type: ignore[arg-type]
        self.count = 0

    async def enter(self) -> None:
        sources = {"mic": Kind.MIC, "cam": Kind.CAMERA}
        order = {"meeting_id": self.meeting, "peer": self.name, "sdp": self.offer_text(), "sources": sources}
        answer = await ask(self.tablet, "media.offer", order)
        self.answer = answer["sdp"]
        [port] = set(re.findall(r"127\.0\.0\.1 (\d+) typ host", self.answer))
        self.port = int(port)
        await self.join()

    def offer(self) -> MediaAnswer:
        return MediaAnswer(sdp=self.answer)

    def show(self) -> None:
        self.count += 1
        self.send(packet(1, self.count, vp8(self.count, bytes((self.number,)), key=True), mid=b"cam"))
        self.send(packet(2, self.count, bytes((self.number,)), kind=111, mid=b"mic", audio_level=b"\x1e"))
        self.listen()

    def perceived(self, kind: int) -> set[int]:
        return {p.payload[-1] for p in self.rtp if p.payload_type == kind}

    async def called(self) -> "Point":
        """Waits to be called to another node, and goes there."""
        await self.tablet.until("moved")
        self.tablet.events.clear()
        again = Point(self.tablet, self.meeting, self.name, self.number)
        await again.enter()
        self.leave()
        return again


async def ask(tablet: Tablet, event: str, order: object) -> dict[str, Any]:
    answer, _ = await tablet.ask(event, order)
    assert answer["ok"], (event, answer)
    return answer["result"]


async def entered(server: Server, meeting: int, cookie: str, number: int) -> Point:
    tablet = await connect(server.address, trusting(str(server.settings.ca_certificate)), cookie)
    await tablet.ask("sync", {"meeting_id": meeting})
    joined = await ask(tablet, "media.join", {"meeting_id": meeting, "gallery": 3})
    await tablet.command("point.mic", meeting_id=meeting, on=True)
    point = Point(tablet, meeting, joined["peer"], number)
    await point.enter()
    return point


async def all_perceive_all(points: list[Point]) -> None:
    """From now on; what came before does not count."""
    for point in points:
        point.listen()
        point.rtp.clear()

    def done() -> bool:
        for point in points:
            point.show()
        numbers = {point.number for point in points}
        return all(point.perceived(kind) == numbers - {point.number} for point in points for kind in (96, 111))

    for _ in range(600):
        if done():
            return
        await asyncio.sleep(0.05)
    raise AssertionError([(point.number, point.perceived(96), point.perceived(111)) for point in points])


async def carrying(secretary: Tablet, meeting: int, **peers: int) -> None:
    """Waits until these nodes, and no others, are there with so many people each."""
    found: dict[str, int] = {}
    for _ in range(600):
        board = await ask(secretary, "media.board", {"meeting_id": meeting})
        found = {one["node"]: one["peers"] for one in board["nodes"]}
        if found == peers:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def evening(server: Server) -> None:
    meeting, cookie, operators = server.conference(4)
    secretary = await connect(server.address, trusting(str(server.settings.ca_certificate)), cookie)
    await secretary.ask("sync", {"meeting_id": meeting})
    with server.store.read() as session:
        ids = list(session.scalars(select(conference.Point.id).where(conference.Point.meeting_id == meeting)))
    for id in ids[2:]:
        server.perform(server.secretary, "point.place", meeting_id=meeting, point_id=id, site=SITE)
    with node(server, "own"):
        with node(server, "site", "--site", SITE):
            await carrying(secretary, meeting, own=0, site=0)
            points = [await entered(server, meeting, cookie, n + 1) for n, (_, cookie) in enumerate(operators)]
            await all_perceive_all(points)
            await carrying(secretary, meeting, own=2, site=2)
        # the site's node is gone: its points are called to the meeting's own, and back when there is one again
        await carrying(secretary, meeting, own=4)
        points = [*points[:2], *[await point.called() for point in points[2:]]]
        await all_perceive_all(points)
        with node(server, "site", "--site", SITE):
            await carrying(secretary, meeting, own=2, site=2)
            points = [*points[:2], *[await point.called() for point in points[2:]]]
            await all_perceive_all(points)
    for point in points:
        point.leave()
    for tablet in (secretary, *(point.tablet for point in points)):
        tablet.transport.abort()


def test_points_at_a_site_and_elsewhere_see_and_hear_each_other(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        asyncio.run(asyncio.wait_for(evening(server), 120))
