"""`make bench`: what the server does for a full council hall, against a reference in the same run.

The server is pinned to core 0, the tablets to core 1, as far as there are two.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from meetroom.documents import sample
from meetroom.voting.tables import Elector
from tests.bench.figures import Figure, keep
from tests.server import Server, free_port
from tests.tablets import Tablet, connect, trusting

TABLETS, VOTERS, READERS, ROUNDS = 1000, 500, 50, 20
OUT = Path("build/bench/bench.jsonl")
AT_ONCE = 50  # connections being opened at the same time while the hall fills up; not measured


class Hall:
    """Connected tablets, and the moment the last of them got what was awaited."""

    def __init__(self) -> None:
        self.tablets: list[Tablet] = []
        self.expect(b"", 0)

    def expect(self, mark: bytes, count: int) -> None:
        self.mark, self.left, self.times = mark, count, []
        self.done = asyncio.get_running_loop().create_future()

    def on_event(self, _tablet: Tablet, packet: bytes, at: float) -> None:
        if self.mark and self.mark in packet:
            self.left -= 1
            self.times.append(at)
            if self.left == 0 and not self.done.done():
                self.done.set_result(at)

    async def fill(self, count: int, open_one: Callable[[int], Awaitable[Tablet]]) -> None:
        for start in range(0, count, AT_ONCE):
            self.tablets += await asyncio.gather(*(open_one(n) for n in range(start, min(start + AT_ONCE, count))))


async def fanout_reference(server: Server) -> float:
    port = free_port()
    settings = server.settings
    program = [sys.executable, "-m", "tests.bench.reference", str(port), str(settings.certificate), str(settings.certificate_key)]
    process = subprocess.Popen(["taskset", "-c", str(server.core or 0), *program])
    try:
        hall, context = Hall(), trusting(str(settings.ca_certificate))
        for _ in range(100):
            try:
                await connect(("127.0.0.1", port), context, "")
                break
            except OSError:
                await asyncio.sleep(0.1)
        await hall.fill(TABLETS, lambda n: connect(("127.0.0.1", port), context, "", hall.on_event))
        took = []
        for n in range(ROUNDS):
            hall.expect(f"mark-{n:04d}".encode(), TABLETS)
            start = time.perf_counter()
            await hall.tablets[0].ask("say", {"text": f"mark-{n:04d}" + "x" * 1000})
            took.append((await asyncio.wait_for(hall.done, 60) - start) * 1000)
        for tablet in hall.tablets:
            tablet.transport.abort()
        return statistics.median(took)
    finally:
        process.kill()
        process.wait()


async def run(server: Server) -> list[Figure]:
    reference = await fanout_reference(server)
    meeting, secretary_cookie, cookies = server.council(TABLETS)
    context = trusting(str(server.settings.ca_certificate))
    hall = Hall()

    async def sit_down(n: int) -> Tablet:
        tablet = await connect(server.address, context, cookies[n], hall.on_event)
        await tablet.ask("sync", {"meeting_id": meeting, "since": revision})
        return tablet

    secretary = await connect(server.address, context, secretary_cookie)
    answer, _ = await secretary.ask("sync", {"meeting_id": meeting})
    revision = answer["result"]["revision"]
    await hall.fill(TABLETS, sit_down)

    took = []
    for n in range(ROUNDS):
        title = f"mark-{n:04d}" + "x" * 290
        hall.expect(f"mark-{n:04d}".encode(), TABLETS)
        start = time.perf_counter()
        place = "p" * 80
        update = {"title": title, "body": "b" * 80, "place": place, "starts_at": "2026-12-08T01:00:00Z"}
        await secretary.command("meeting.update", meeting_id=meeting, **update)
        took.append((await asyncio.wait_for(hall.done, 60) - start) * 1000)
    figures = [Figure("fanout.1000.last_ms", statistics.median(took), "ms", "python-socketio ASGI uvicorn", reference)]

    figures.append(Figure("ballots.500.acked_ms", await ballots(server, secretary, hall, meeting), "ms"))
    answer, _ = await secretary.ask("sync", {"meeting_id": meeting})
    revision = answer["result"]["revision"]  # where the tablets are when the network goes
    figures.append(Figure("reconnect.500.live_ms", await reconnect(hall, sit_down), "ms"))
    for tablet in hall.tablets[READERS:]:
        tablet.transport.abort()
    del hall.tablets[READERS:]
    await asyncio.sleep(1)
    first, paper = await papers(server, secretary, hall, meeting, secretary_cookie, cookies)
    figures.append(Figure("papers.first_page.50_ms", first, "ms"))
    figures.append(Figure("follow.50.p99_ms", await follow(secretary, hall, meeting, paper), "ms"))
    return figures


async def ballots(server: Server, secretary: Tablet, hall: Hall, meeting: int) -> float:
    """All at once, until the last is acknowledged, which means: on disk. Each is looked up afterwards."""
    vote, _ = await secretary.command(
        "vote.create", meeting_id=meeting, item_id=server.item, title="Thông qua", rule="council.majority", seconds=None
    )
    await secretary.command("vote.open", meeting_id=meeting, vote_id=vote["id"])
    await asyncio.sleep(0.5)
    start = time.perf_counter()
    order = {"meeting_id": meeting, "vote_id": vote["id"], "answers": [["for"]]}
    answers = await asyncio.gather(*(tablet.command("vote.cast", **order) for tablet in hall.tablets[:VOTERS]))
    took = (max(at for _, at in answers) - start) * 1000
    with server.store.read() as session:
        counted = session.query(Elector).where(Elector.vote_id == vote["id"], Elector.answers.is_not(None)).count()
    assert counted == VOTERS, f"{counted} of {VOTERS} ballots counted"
    return took


async def reconnect(hall: Hall, sit_down: Callable[[int], Awaitable[Tablet]]) -> float:
    """The hall's network comes back for 500 at the same instant, until the last is connected and in sync."""
    gone = hall.tablets[:VOTERS]
    for tablet in gone:
        tablet.transport.abort()
    await asyncio.sleep(1.5)
    start = time.perf_counter()
    hall.tablets[:VOTERS] = await asyncio.gather(*(sit_down(n) for n in range(VOTERS)))
    return (time.perf_counter() - start) * 1000


async def papers(
    server: Server, secretary: Tablet, hall: Hall, meeting: int, secretary_cookie: str, cookies: list[str]
) -> tuple[float, int]:
    """From the first byte of the upload until the last of 50 tablets holds the first page's image."""
    pdf = sample.sample("report", title="Báo cáo kinh tế - xã hội", number="385/BC-UBND", pages=100)
    context = trusting(str(server.settings.ca_certificate))
    base = server.settings.local_url

    def fetch(path: str, cookie: str, data: bytes | None = None) -> bytes:
        headers = {"Cookie": cookie, "Content-Type": "application/octet-stream", "X-Filename": urllib.parse.quote("báo cáo.pdf")}
        request = urllib.request.Request(base + path, data=data, headers=headers)
        with urllib.request.urlopen(request, context=context, timeout=60) as answer:
            body: bytes = answer.read()
            return body

    first_page: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def on_event(_tablet: Tablet, packet: bytes, _at: float) -> None:
        if b'"paper.changed"' in packet:
            import json

            paper = json.loads(packet[2:])[1]["body"]["paper"]
            if paper["first"] and not first_page.done():
                first_page.set_result(paper)
            if paper["state"] == "ready" and not ready.done():
                ready.set_result(paper["id"])

    hall.tablets[0].on_event = on_event
    start = time.perf_counter()
    import json

    upload = json.loads(await asyncio.to_thread(fetch, f"/api/uploads?meeting_id={meeting}", secretary_cookie, pdf))["result"]
    await secretary.command("paper.add", meeting_id=meeting, item_id=server.item, title="Báo cáo", file=upload["sha256"])
    page = (await asyncio.wait_for(first_page, 60))["first"]
    await asyncio.gather(*(asyncio.to_thread(fetch, f"/b/{page['sha256']}", cookie) for cookie in cookies[:READERS]))
    took = (time.perf_counter() - start) * 1000
    return took, await asyncio.wait_for(ready, 120)


async def follow(secretary: Tablet, hall: Hall, meeting: int, paper: int) -> float:
    """A page turn of the presenter, until each follower knows it; the 99th percentile of all."""
    delays = []
    for tablet in hall.tablets:
        tablet.on_event = hall.on_event
    for n in range(100):
        hall.expect(b'"display.changed"', READERS)
        start = time.perf_counter()
        await secretary.command("display.present", meeting_id=meeting, paper_id=paper, page=n % 100 + 1)
        await asyncio.wait_for(hall.done, 60)
        delays += [(at - start) * 1000 for at in hall.times]
        await asyncio.sleep(0.02)
    return statistics.quantiles(delays, n=100)[98]


def main() -> None:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[1]})
    with tempfile.TemporaryDirectory(prefix="meetroom-bench-") as folder, Server(Path(folder), cores[0]) as server:
        keep(asyncio.run(run(server)), OUT)


if __name__ == "__main__":
    main()
