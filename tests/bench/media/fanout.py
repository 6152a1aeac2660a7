"""Few publishers, many subscribers: what one packet costs, how long it takes, and how many there can be."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from tests.bench.media import machine
from tests.bench.media.client import Client, Section
from tests.bench.media.load import Load
from tests.bench.media.sfu import Sfu

VERIFYING = 8
"""Subscribers that decrypt and check everything, spread over the order in which they join."""
LOSS_PCT, P99_MS = 0.1, 50.0  # more of either is too much
PATIENCE = 60.0  # seconds until everybody is sent everything
SETTLE, QUIET, DRAIN = 1.5, 0.4, 0.8  # seconds: of that, before the window, and after it


@dataclass(frozen=True)
class Scenario:
    name: str
    publishers: int
    subscribers: int
    kbps: int
    players: bool = False  # subscribers are, see `Client`


@dataclass(frozen=True)
class Round:
    """One measured window. `server` and `generator` are the shares of their cores that were busy with anything, `own` is
    that of the generator's process."""

    us_per_packet: float
    p50_ms: float
    p99_ms: float
    loss_pct: float
    packets_per_second: float
    kib_per_subscriber: float
    server: float
    generator: float
    own: float
    late_ms: float
    forged: int
    missing: int
    unheralded: int

    def __str__(self) -> str:
        faults = [f"{count} {name}" for name in ("forged", "missing", "unheralded") if (count := getattr(self, name))]
        return (
            f"{self.us_per_packet:6.2f} us {self.packets_per_second:8.0f}/s  p50 {self.p50_ms:6.2f}  p99 {self.p99_ms:7.2f} ms  "
            f"loss {self.loss_pct:.3f} %  {self.kib_per_subscriber:5.0f} KiB  server {self.server:4.0%}  "
            f"load {self.generator:4.0%} own {self.own:4.0%} late {self.late_ms:.0f} ms  {' '.join(faults)}".rstrip()
        )


def median(rounds: list[Round], name: str) -> float:
    return statistics.median(getattr(one, name) for one in rounds)


class Hall:
    """Publishers and subscribers of a scenario, connected."""

    def __init__(self, scenario: Scenario, sfu: Sfu, load: Load, profiles: str, cores: tuple[int, int]) -> None:
        self.scenario, self.sfu, self.load, self.profiles, self.cores = scenario, sfu, load, profiles, cores
        self.publishers: list[Client] = []
        self.subscribers: list[Client] = []
        self.rss = 0.0

    async def fill(self) -> None:
        s = self.scenario
        await self.sfu.expect(s.publishers, s.subscribers)
        for number in range(s.publishers):
            sections = [Section("mic", "audio", "sendonly"), Section("cam", "video", "sendonly", kbps=s.kbps)]
            client = Client(self.load, machine.HOST, sections, profiles=self.profiles)
            await self.sfu.publish(number, client)
            self.publishers.append(client)
        self.load.pause(False)
        await asyncio.sleep(0.7)
        self.rss = machine.rss(*self.sfu.pids)
        self.load.pause(True)  # a server that is asked for more than it can do would let nobody in
        gate = asyncio.Semaphore(self.sfu.at_once)

        async def enter(number: int) -> Client:
            verifies = number * VERIFYING // s.subscribers != (number + 1) * VERIFYING // s.subscribers
            slots = [Section(f"{k[0]}{n}", k, "recvonly") for n in range(s.publishers) for k in ("audio", "video")]
            async with gate:
                client = Client(self.load, machine.HOST, slots, profiles=self.profiles, verifies=verifies, player=s.players)
                await self.sfu.subscribe(number, client)
            return client

        self.subscribers = await asyncio.gather(*(enter(number) for number in range(s.subscribers)))
        self.load.pause(False)
        deadline = time.monotonic() + (PATIENCE if self.sfu.steers else 0)
        while not await self._settled() and time.monotonic() < deadline:
            pass

    async def _settled(self) -> bool:
        """Whether everybody was sent everything for a moment; a server may begin with less than that."""
        load = self.load
        sent, got = load.sum()["sent"], [load.received(client.peer) for client in self.subscribers]
        await asyncio.sleep(SETTLE)
        least = 0.95 * (load.sum()["sent"] - sent)
        return all(load.received(client.peer) - before >= least for client, before in zip(self.subscribers, got, strict=True))

    def rate(self, kbps: int) -> None:
        for client in self.publishers:
            self.load.rate(client.streams["cam"][""], kbps)

    async def window(self, seconds: float) -> Round:
        """Publishers are silent before and after it, so that what was sent in it is exactly what can arrive."""
        load, pids = self.load, self.sfu.pids
        load.pause(True)
        await asyncio.sleep(QUIET)
        load.reset()
        before, spent, own = load.sum(), machine.cpu(*pids), time.process_time()
        server, generator = machine.Busy(self.cores[0]), machine.Busy(self.cores[1])
        load.pause(False)
        await asyncio.sleep(seconds)
        load.pause(True)
        shares = server.share(), generator.share(), (time.process_time() - own) / seconds
        at_end = load.sum()
        await asyncio.sleep(DRAIN)
        after, spent = load.sum(), machine.cpu(*pids) - spent
        new = {name: after[name] - before[name] for name in after}
        count = len(self.subscribers)
        return Round(
            us_per_packet=spent * 1e6 / max(1, new["received"]),
            p50_ms=load.latency(0.5),
            p99_ms=load.latency(0.99),
            loss_pct=100 * (1 - new["received"] / (new["sent"] * count)),
            packets_per_second=(at_end["received"] - before["received"]) / seconds,
            kib_per_subscriber=(machine.rss(*pids) - self.rss) / count,
            server=shares[0],
            generator=shares[1],
            own=shares[2],
            late_ms=at_end["late"] / 1e6,
            forged=new["forged"],
            missing=new["missing"],
            unheralded=new["unheralded"],
        )


@asynccontextmanager
async def filled(
    scenario: Scenario, sfu: AbstractAsyncContextManager[Sfu], profiles: str, cores: tuple[int, int]
) -> AsyncIterator[Hall]:
    async with sfu as running:
        with Load() as load:
            hall = Hall(scenario, running, load, profiles, cores)
            await hall.fill()
            yield hall


async def most(hall: Hall, seconds: float, say: Callable[[Round], None]) -> Round:
    """The round with the most packets per second that were delivered in time, found by raising the publishers' rate."""
    best, kbps, step = await hall.window(seconds), hall.scenario.kbps, 1.4
    while step > 1.04:
        hall.rate(round(kbps * step))
        one = await hall.window(seconds)
        say(one)
        if one.loss_pct <= LOSS_PCT and one.p99_ms <= P99_MS:
            best, kbps = one, round(kbps * step)
        else:
            step = step**0.5
    return best
