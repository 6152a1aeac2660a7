"""What it costs to bring papers to a hall of tablets.

The server runs as it does in use, its web process pinned to one core; 200 tablets in this process each have a socket and an
HTTPS connection of their own, verify every hash, and take turns for what nobody waits for, as the app does.
"""

import asyncio
import hashlib
import json
import os
import re
import ssl
import statistics
import tempfile
import time
import urllib.parse
from pathlib import Path
from typing import Any

from meetroom.documents import sample
from tests.bench.figures import Figure
from tests.server import Server
from tests.tablets import Tablet, connect, trusting

TABLETS, PAGES, TURNS = 200, 100, 60


class Line:
    """One keep-alive HTTPS connection of a tablet."""

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext, cookie: str) -> None:
        self.address, self.context, self.cookie = address, context, cookie

    async def open(self) -> "Line":
        self.reader, self.writer = await asyncio.open_connection(*self.address, ssl=self.context, server_hostname="127.0.0.1")
        return self

    async def fetch(self, path: str, data: bytes | None = None) -> bytes:
        """The body of a 200 answer; raises RuntimeError for any other."""
        head = f"{'POST' if data is not None else 'GET'} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookie}\r\n"
        if data is not None:
            head += f"X-Filename: {urllib.parse.quote('báo cáo.pdf')}\r\nContent-Length: {len(data)}\r\n"
        self.writer.write(head.encode() + b"\r\n" + (data or b""))
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        size = re.search(r"content-length: (\d+)", answer, re.I)
        body = await self.reader.readexactly(int(size[1]) if size else 0)
        if not answer.startswith("HTTP/1.1 200"):
            raise RuntimeError(answer.splitlines()[0])
        return body

    async def blob(self, sha256: str) -> bytes:
        body = await self.fetch(f"/b/{sha256}")
        if hashlib.sha256(body).hexdigest() != sha256:
            raise RuntimeError("damaged")
        return body


async def run(server: Server) -> list[Figure]:
    meeting, secretary_cookie, cookies = server.council(TABLETS)
    context = trusting(str(server.settings.ca_certificate))
    secretary = await connect(server.address, context, secretary_cookie)
    await secretary.ask("sync", {"meeting_id": meeting, "since": None})
    upload = await Line(server.address, context, secretary_cookie).open()
    tablets: list[Tablet] = []
    lines: list[Line] = []
    for cookie in cookies:
        tablet = await connect(server.address, context, cookie)
        await tablet.ask("sync", {"meeting_id": meeting, "since": None})
        tablets.append(tablet)
        lines.append(await Line(server.address, context, cookie).open())
    idle = memory(server)
    first, paper = await first_pages(server, meeting, secretary, upload, tablets, lines)
    turns = await page_turns(meeting, secretary, tablets, paper["id"])
    seconds, sent = await whole_pack(tablets, lines, paper["manifest"])
    busy = memory(server)
    return [
        Figure("first_page.200.p50_ms", statistics.median(first), "ms"),
        Figure("first_page.200.p99_ms", statistics.quantiles(first, n=100)[98], "ms"),
        Figure("page_turn.200.p99_ms", statistics.quantiles(turns, n=100)[98], "ms"),
        Figure("pack.200.s", seconds, "s"),
        Figure("pack.200.mb_per_tablet", sent / TABLETS / 1e6, "MB"),
        Figure("pack.200.mbit_s", sent * 8 / 1e6 / seconds, "Mbit/s"),
        Figure("memory.web.mb", busy[0], "MB", "before", idle[0]),
        Figure("memory.worker.mb", busy[1], "MB", "before", idle[1]),
    ]


async def first_pages(
    server: Server, meeting: int, secretary: Tablet, upload: Line, tablets: list[Tablet], lines: list[Line]
) -> tuple[list[float], dict[str, Any]]:
    """From the first byte of the upload until each tablet holds page 1; and the paper once all its pages are made."""
    pdf = sample.sample("report", title="Báo cáo kinh tế - xã hội", number="385/BC-UBND", pages=PAGES)
    loop = asyncio.get_running_loop()
    told: list[asyncio.Future[dict[str, Any]]] = [loop.create_future() for _ in tablets]
    ready: asyncio.Future[dict[str, Any]] = loop.create_future()

    def listen(number: int) -> Any:
        def on_event(_tablet: Tablet, packet: bytes, _at: float) -> None:
            if b'"paper.changed"' not in packet or (told[number].done() and (number or ready.done())):
                return
            paper = json.loads(packet[2:])[1]["body"]["paper"]
            if paper["first"] and not told[number].done():
                told[number].set_result(paper)
            if number == 0 and paper["state"] == "ready" and not ready.done():
                ready.set_result(paper)

        return on_event

    for number, tablet in enumerate(tablets):
        tablet.on_event = listen(number)
    start = time.perf_counter()

    async def receive(number: int) -> float:
        paper = await asyncio.wait_for(told[number], 120)
        await lines[number].blob(paper["first"]["sha256"])
        return (time.perf_counter() - start) * 1000

    waiting = [asyncio.ensure_future(receive(number)) for number in range(len(tablets))]
    sha256 = json.loads(await upload.fetch(f"/api/uploads?meeting_id={meeting}", pdf))["result"]["sha256"]
    await secretary.command("paper.add", meeting_id=meeting, item_id=server.item, title="Báo cáo", file=sha256)
    return list(await asyncio.gather(*waiting)), await asyncio.wait_for(ready, 240)


async def page_turns(meeting: int, secretary: Tablet, tablets: list[Tablet], paper: int) -> list[float]:
    """A page turn of the presenter until each follower knows it, of all turns and followers."""
    delays: list[float] = []
    arrived: list[float] = []
    done = asyncio.Event()

    def on_event(_tablet: Tablet, packet: bytes, at: float) -> None:
        if b'"display.changed"' in packet:
            arrived.append(at)
            if len(arrived) == len(tablets):
                done.set()

    for tablet in tablets:
        tablet.on_event = on_event
    for number in range(TURNS):
        arrived.clear()
        done.clear()
        start = time.perf_counter()
        await secretary.command("display.present", meeting_id=meeting, paper_id=paper, page=number % PAGES + 1)
        await asyncio.wait_for(done.wait(), 60)
        delays += [(at - start) * 1000 for at in arrived]
        await asyncio.sleep(0.05)
    return delays


async def whole_pack(tablets: list[Tablet], lines: list[Line], manifest: str) -> tuple[float, int]:
    """All pages on all tablets, in turns; the seconds it took and the bytes that went out."""
    start, sent = time.perf_counter(), 0

    async def take(tablet: Tablet, line: Line) -> None:
        nonlocal sent
        pages = json.loads(await line.blob(manifest))["pages"]
        until = 0.0
        for page in pages:
            while time.perf_counter() >= until:
                answer, _ = await tablet.ask("papers.turn", {})
                given = answer["result"]
                if given["granted"]:
                    until = time.perf_counter() + given["seconds"]
                else:
                    await asyncio.sleep(given["seconds"])
            sent += len(await line.blob(page["image"]["sha256"]))

    await asyncio.gather(*(take(tablet, line) for tablet, line in zip(tablets, lines, strict=True)))
    return time.perf_counter() - start, sent


def memory(server: Server) -> list[float]:
    """Resident memory of web process and papers worker with its children, MB."""
    return [sum(resident(pid) for pid in family(process.pid)) / 1e6 for process in server.processes]


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def figures() -> list[Figure]:
    """Measure with the web process and the worker on the first core, the tablets on the second."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[1]})
    try:
        with tempfile.TemporaryDirectory(prefix="meetroom-bench-") as folder, Server(Path(folder), cores[0]) as server:
            return asyncio.run(run(server))
    finally:
        os.sched_setaffinity(0, set(cores))
