"""A conference of 87 points on one ordinary server: all of the product's processes, a tablet and a browser's end of the call
for each point, the stage moving from speaker to speaker."""

import asyncio
import itertools
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from meetroom.operation.server import children
from tests.bench.media import machine
from tests.bench.media.client import Client, Remote, Section
from tests.bench.media.load import Load
from tests.server import Server
from tests.tablets import Tablet, connect, trusting

VERIFYING = 8  # points that decrypt and check everything they get
TALKING = 8  # points with an open microphone beside the speaker's
LOUD, QUIET = 25, 90  # levels in -dBov
TURN = 3.0  # seconds somebody has the floor
SETTLE = 4.0  # seconds after the last has come, before anything is measured
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Result:
    """`*_cores` are CPU seconds per second of that process."""

    setup_s: float
    pictures_s: float
    media_cores: float
    web_cores: float
    load_cores: float
    loss_pct: float
    p50_ms: float
    p99_ms: float
    web_ms: float
    packets_in: float
    packets_out: float
    missing: int
    forged: int
    unheralded: int


def sections(video: int = 9, audio: int = 4) -> list[Section]:
    """What our browser client offers."""
    sources = [Section("0", "audio", "sendonly"), Section("1", "video", "sendonly", rids=("f", "h", "q"))]
    sources.append(Section("2", "video", "sendonly"))
    slots = ["video"] * video + ["audio"] * audio
    return [*sources, *(Section(str(3 + n), kind, "recvonly") for n, kind in enumerate(slots))]


class Point:
    """One point: its operator's tablet, and its call."""

    KINDS = {"0": "mic", "1": "camera", "2": "screen"}

    def __init__(self, tablet: Tablet, member: int, client: Client) -> None:
        self.tablet, self.member, self.client = tablet, member, client
        tablet.on_event = self._event

    async def join(self, meeting: int) -> None:
        joined = await self._ask("media.join", meeting_id=meeting, gallery=8)
        offer = {"meeting_id": meeting, "peer": joined["peer"], "sdp": self.client.offer(), "sources": self.KINDS}
        answer = await self._ask("media.offer", **offer)
        await self.client.connect(Remote.parse(answer["sdp"]))

    async def _ask(self, event: str, **data: object) -> dict[str, str]:
        answer, _ = await self.tablet.ask(event, data)
        if not answer["ok"]:
            raise RuntimeError(f"{event}: {answer['error']}")
        result: dict[str, str] = answer["result"]
        return result

    def speak(self, level: int) -> None:
        self.client.load.level(self.client.streams["0"][""], level)

    def _event(self, _tablet: Tablet, packet: bytes, _at: float) -> None:
        """A browser sends no layer that nobody looks at."""
        if b'"sending"' not in packet:
            return
        name, data = json.loads(packet[2:])
        if (name, data["name"]) == ("signal", "sending"):
            order = ["q", "h", "f"]
            for source in data["body"]["sources"]:
                mid = next(mid for mid, kind in self.KINDS.items() if kind == source["kind"])
                top = -1 if source["layer"] is None else order.index(source["layer"])
                for rid, stream in self.client.streams.get(mid, {}).items():
                    self.client.load.enable(stream, top >= 0 and (not rid or order.index(rid) <= top))


@asynccontextmanager
async def processes(core: int | None) -> AsyncIterator[tuple[Server, int, int]]:
    """The product's processes in a folder of their own; the numbers of the media node's and the web process's."""
    with tempfile.TemporaryDirectory(prefix="meetroom-bench-") as folder, Server(Path(folder), core) as server:
        command = next(child.command for child in children(server.settings) if child.name == "media node")
        said = Path(folder) / "media.log"
        with open(said, "wb") as log:
            node = machine.spawn([word for word in command if word != "--spare"], core, stderr=log)
        server.processes.append(node)
        async with asyncio.timeout(30):
            while "connected to" not in said.read_text():
                await asyncio.sleep(0.1)
        yield server, node.pid, server.processes[0].pid


@asynccontextmanager
async def probing(server: Server, cookie: str, meeting: int) -> AsyncIterator[list[float]]:
    """Milliseconds the web process needed for each answer, as they come."""
    answers: list[float] = []
    host, port = server.address
    command = ["-m", "tests.bench.media.probe", host, str(port), str(server.settings.ca_certificate), cookie, str(meeting)]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)

    async def listen(lines: asyncio.StreamReader) -> None:
        async for line in lines:
            answers.append(float(line))

    assert process.stdout is not None
    listening = asyncio.create_task(listen(process.stdout))
    try:
        yield answers
    finally:
        process.kill()
        await process.wait()
        await listening


async def turns(secretary: Tablet, meeting: int, points: list[Point]) -> None:
    """The floor goes from point to point; beside the speaker some others are loud at times."""
    talkers = points[:TALKING]
    for point in talkers:
        await point.tablet.command("point.mic", meeting_id=meeting, on=True)
    for speaker in itertools.cycle(points[TALKING:]):
        request, _ = await secretary.command("floor.add", meeting_id=meeting, member_id=speaker.member)
        await secretary.command("floor.grant", meeting_id=meeting, request_id=request["id"])
        for point, level in zip(random.sample(talkers, len(talkers)), [LOUD] * 3 + [QUIET] * len(talkers), strict=False):
            point.speak(level)
        speaker.speak(LOUD)
        await asyncio.sleep(TURN)
        speaker.speak(QUIET)


async def hold(size: int, seconds: float, core: int | None, profiles: str) -> Result:
    async with processes(core) as (server, node, web):
        meeting, cookie, operators = server.conference(size)
        context = trusting(str(server.settings.ca_certificate))
        with Load() as load:
            load.pause(False)
            secretary = await connect(server.address, context, cookie)
            points = []
            for number, (member, operator) in enumerate(operators):
                tablet = await connect(server.address, context, operator)
                await tablet.ask("sync", {"meeting_id": meeting})
                verifies = number * VERIFYING // size != (number + 1) * VERIFYING // size
                points.append(Point(tablet, member, Client(load, HOST, sections(), profiles=profiles, verifies=verifies)))
            await asyncio.sleep(1)
            began = time.monotonic()
            await asyncio.gather(*(point.join(meeting) for point in points))
            setup = time.monotonic() - began
            async with asyncio.timeout(20):
                while not all(load.pictures(point.client.peer) for point in points):
                    await asyncio.sleep(0.02)
            pictures = time.monotonic() - began
            async with probing(server, cookie, meeting) as answers:
                talk = asyncio.create_task(turns(secretary, meeting, points))
                await asyncio.sleep(SETTLE)
                load.reset()
                answers.clear()
                before, spent = load.sum(), (machine.cpu(node), machine.cpu(web), time.process_time())
                await asyncio.sleep(seconds)
                after, cpu = load.sum(), (machine.cpu(node), machine.cpu(web), time.process_time())
                cores = [(now - then) / seconds for now, then in zip(cpu, spent, strict=True)]
                if talk.done():
                    talk.result()
                talk.cancel()
            new = {name: after[name] - before[name] for name in after}
            return Result(
                setup_s=setup,
                pictures_s=pictures,
                media_cores=cores[0],
                web_cores=cores[1],
                load_cores=cores[2],
                loss_pct=100 * (new["lost"] / new["expected"] + new["up_lost"] / new["sent"]),
                p50_ms=load.latency(0.5),
                p99_ms=load.latency(0.99),
                web_ms=max(answers),
                packets_in=new["sent"] / seconds,
                packets_out=new["received"] / seconds,
                missing=new["missing"],
                forged=new["forged"],
                unheralded=new["unheralded"],
            )
