"""500 named ballots at the same instant, and what counting them costs."""

import asyncio
import statistics
import time
from pathlib import Path

from meetroom.voting import rules
from meetroom.voting.tables import Elector
from tests.bench.figures import Figure
from tests.server import Server
from tests.tablets import Tablet, connect, trusting

VOTERS, ROUNDS, AT_ONCE = 500, 3, 50


async def figures(server: Server) -> list[Figure]:
    meeting, secretary_cookie, cookies = server.council(VOTERS)
    context = trusting(str(server.settings.ca_certificate))
    secretary = await connect(server.address, context, secretary_cookie)
    answer, _ = await secretary.ask("sync", {"meeting_id": meeting})
    revision = answer["result"]["revision"]
    tablets: list[Tablet] = []

    async def sit_down(n: int) -> Tablet:
        tablet = await connect(server.address, context, cookies[n], lambda *_: None)
        await tablet.ask("sync", {"meeting_id": meeting, "since": revision})
        return tablet

    for start in range(0, VOTERS, AT_ONCE):
        tablets += await asyncio.gather(*(sit_down(n) for n in range(start, start + AT_ONCE)))
    before = memory(server)
    acked = [await vote(server, secretary, tablets, meeting) for _ in range(ROUNDS)]
    return [
        Figure("named.500.acked_ms", statistics.median(acked), "ms"),
        Figure("named.500.memory_mb", memory(server) - before, "MB"),
        Figure("named.500.tally_ms", tally(), "ms"),
    ]


async def vote(server: Server, secretary: Tablet, tablets: list[Tablet], meeting: int) -> float:
    """From the instant all send until the last has its acknowledgement, which means: on disk. Each is looked up afterwards."""
    order = {"item_id": server.item, "title": "Thông qua", "rule": "council.majority", "seconds": None}
    made, _ = await secretary.command("vote.create", meeting_id=meeting, **order)
    await secretary.command("vote.open", meeting_id=meeting, vote_id=made["id"])
    await asyncio.sleep(0.5)
    start = time.perf_counter()
    cast = {"meeting_id": meeting, "vote_id": made["id"], "answers": [["for"]]}
    answers = await asyncio.gather(*(tablet.command("vote.cast", **cast) for tablet in tablets))
    took = (max(at for _, at in answers) - start) * 1000
    with server.store.read() as session:
        counted = session.query(Elector).where(Elector.vote_id == made["id"], Elector.answers.is_not(None)).count()
    assert counted == VOTERS, f"{counted} of {VOTERS} ballots are there"
    await secretary.command("vote.close", meeting_id=meeting, vote_id=made["id"])
    return took


def memory(server: Server) -> float:
    """Resident memory of the web process in MB."""
    status = Path(f"/proc/{server.processes[0].pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def tally() -> float:
    """500 ballots on 12 persons in three levels: tally and decide, in ms; the median of 20."""
    questions = [rules.Question("confidence", rules.CODES["confidence"])] * 12
    ballots = [[[("high", "confidence", "low")[(n + q) % 3]] for q in range(12)] for n in range(VOTERS)]
    rule = rules.Rule("cast", "1/2", True, "2/3", dismissal="2/3")
    took = []
    for _ in range(20):
        start = time.perf_counter()
        for question, one in zip(questions, rules.tally(questions, ballots), strict=True):
            rules.decide(rule, question, one, electorate=VOTERS, all_members=VOTERS)
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)
