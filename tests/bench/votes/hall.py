"""A secret vote of 500 tablets: each ballot is issued, put into the Box over its own connection within three seconds, counted.

What tablets compute on their own (blinding, sealing) is done before the clock starts: there are 500 of them.
"""

import asyncio
import json
import random
import subprocess
import sys
import time
from typing import Any

import aiohttp
from sqlalchemy import select

from meetroom.errors import Refusal
from meetroom.meetings.tables import Member
from meetroom.voting.secret import service
from tests.bench.figures import Figure
from tests.server import Server
from tests.tablets import connect, trusting
from tests.voting.secret.voter import Board, Voter

SIZE = 500
DELAY = 3.0  # seconds, as web/src/voting/secret/ballot.svelte.ts


async def figures(server: Server) -> list[Figure]:
    box = subprocess.Popen([sys.executable, "-m", "meetroom.voting.box"], stdin=subprocess.DEVNULL)
    try:
        return await _vote(server)
    finally:
        box.terminate()
        box.wait(10)


async def _vote(server: Server) -> list[Figure]:
    meeting, _, cookies = server.council(SIZE)
    with server.store.read() as session:
        members = list(session.scalars(select(Member).where(Member.meeting_id == meeting, Member.votes)))
    board, counter = Board(), members[0].person_id
    order = {"item_id": server.item, "title": "Miễn nhiệm", "rule": "council.majority", "seconds": None, "method": "secret"}
    vote = server.perform(server.secretary, "vote.create", meeting_id=meeting, **order)["id"]
    one: dict[str, Any] = {"meeting_id": meeting, "vote_id": vote}
    server.perform(server.secretary, "secret.prepare", board=[member.id for member in members[:3]], **one)
    server.perform(counter, "secret.set_key", key=board.key, shares=board.shares, **one)
    manifest = await _once_there(lambda: server.perform(server.secretary, "secret.issue", **one))
    text = str(manifest["text"])
    voters = [Voter(text) for _ in cookies]
    orders = [voter.order() for voter in voters]
    context = trusting(str(server.settings.ca_certificate))
    tablets = [await connect(server.address, context, cookie) for cookie in cookies]

    began = time.perf_counter()
    asking = [tablet.command("secret.receive", blinded=asked, **one) for tablet, asked in zip(tablets, orders, strict=True)]
    issued = await asyncio.gather(*asking)
    issue_s = time.perf_counter() - began
    chance, tally = random.Random(3), {"for": 0, "against": 0, "abstain": 0}
    bodies = []
    for voter, (signed, _) in zip(voters, issued, strict=True):
        choice = chance.choice(list(tally))
        tally[choice] += 1
        bodies.append(voter.take(signed).cast(voter.envelope([[choice]])))
    server.perform(server.secretary, "vote.open", **one)

    began = time.perf_counter()
    url = f"https://127.0.0.1:{server.settings.box_port}/{voters[0].hash}"
    connector = aiohttp.TCPConnector(ssl=context, force_close=True, limit=0)
    async with aiohttp.ClientSession(connector=connector) as client:
        waits = await asyncio.gather(*(_cast(client, url, body, chance.random() * DELAY) for body in bodies))
    cast_s = time.perf_counter() - began

    began = time.perf_counter()
    server.perform(server.secretary, "vote.close", **one)
    while True:
        with server.store.read() as session:
            row = session.get(service.SecretRow, vote)
            if row is not None and row.closing:
                envelopes = [bytes.fromhex(envelope) for envelope in row.envelopes]
                break
        await asyncio.sleep(0.05)
    ballots, invalid = board.count(text, envelopes, set())
    server.perform(counter, "secret.count", ballots=ballots, invalid=invalid, **one)
    count_s = time.perf_counter() - began
    with server.store.read() as session:
        row = session.get(service.SecretRow, vote)
        assert row is not None and row.result is not None
        assert json.loads(row.result)["results"][0]["counts"] == list(tally.values())
    return [
        Figure("secret.500.issue_s", issue_s, "s"), Figure("secret.500.cast_s", cast_s, "s"),
        Figure("secret.500.receipt_p99_ms", 1000 * sorted(waits)[SIZE * 99 // 100], "ms"),
        Figure("secret.500.count_s", count_s, "s"), Figure("secret.500.total_s", issue_s + cast_s + count_s, "s"),
    ]  # fmt: skip


async def _once_there(do: Any) -> Any:
    """The Box has to say its key first."""
    for _ in range(200):
        try:
            return do()
        except Refusal as no:
            if no.code != "no_box":
                raise
            await asyncio.sleep(0.1)
    raise TimeoutError("the Box is not there")


async def _cast(client: aiohttp.ClientSession, url: str, body: dict[str, str], delay: float) -> float:
    """Seconds from the first sending to the receipt."""
    await asyncio.sleep(delay)
    began = time.perf_counter()
    while True:
        async with client.post(url, data=json.dumps(body)) as answer:
            got = await answer.json()
        if got["ok"]:
            return time.perf_counter() - began
        if got["error"]["code"] not in ("not_open", "rate_limited"):
            raise RuntimeError(got)
        await asyncio.sleep(0.5)


