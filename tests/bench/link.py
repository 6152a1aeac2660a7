"""`make bench-link`: what a conference point sees and hears over a bad line, in real Chromium pages.

One page sends camera and microphone over a good line, the other receives over one whose rate, delay and loss change."""

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from meetroom.conference.schema import Layer, PeerPlan, PeerReport, Quality
from tests.bench.figures import Figure, keep
from tests.media.bottleneck import Way
from tests.media.browser import Participant, chromium
from tests.media.driver import camera, driven
from tests.media.rough import GOOD, Rough
from tests.media.test_browser import informing

OUT = Path("build/bench/link.jsonl")
WEAK = Way(rate=300, delay=0.1, queue=0.4, loss=0.1)
LOSSY = Way(rate=2000, delay=0.05, queue=0.3, loss=0.05)


@dataclass
class Sums:
    """Of a page's statistics: samples of sound, pictures and packets since it began."""

    samples: float = 0
    concealed: float = 0
    frames: float = 0
    freezes: float = 0
    frozen: float = 0
    packets: float = 0
    lost: float = 0

    @classmethod
    def of(cls, report: list[dict[str, Any]]) -> "Sums":
        sums = cls()
        for entry in report:
            if entry["type"] != "inbound-rtp":
                continue
            sums.packets += entry.get("packetsReceived", 0)
            sums.lost += entry.get("packetsLost", 0)
            if entry["kind"] == "audio":
                sums.samples += entry.get("totalSamplesReceived", 0)
                sums.concealed += entry.get("concealedSamples", 0) - entry.get("silentConcealedSamples", 0)
            else:
                sums.frames += entry.get("framesDecoded", 0)
                sums.freezes += entry.get("freezeCount", 0)
                sums.frozen += entry.get("totalFreezesDuration", 0)
        return sums

    def since(self, before: "Sums") -> "Sums":
        return Sums(*(getattr(self, name) - getattr(before, name) for name in vars(self)))


@dataclass
class Watch:
    """What the node reports of the page behind the bad line."""

    changes: list[tuple[float, PeerReport]] = field(default_factory=list)

    def __call__(self, report: PeerReport) -> None:
        before = self.changes[-1][1] if self.changes else None
        seen = (report.state, report.quality, report.layer, report.reason)
        if before is None or seen != (before.state, before.quality, before.layer, before.reason):
            self.changes.append((time.monotonic(), report))
            print(f"  {report.state} {report.quality} {report.reason} {report.layer} {report.estimate_kbps}", file=sys.stderr)

    def settled(self, since: float) -> float:
        """Seconds from then until the last step."""
        after = [at for at, report in self.changes if at >= since]
        return after[-1] - since if after else 0.0


async def wait_for(hall: Participant, layer: Layer, seconds: float) -> float:
    """Seconds until the stage has this layer; endless if that takes too long."""
    since = time.monotonic()
    while time.monotonic() - since < seconds:
        if hall.driver.reports[hall.name].layer is layer:
            return time.monotonic() - since
        await asyncio.sleep(0.05)
    return float("inf")


async def moves(hall: Participant, seconds: float) -> tuple[float, float]:
    """Seconds until sound, and until pictures, go on."""
    since, before = time.monotonic(), Sums.of(await hall.report())
    sound = pictures = float("inf")
    while time.monotonic() - since < seconds and float("inf") in (sound, pictures):
        await asyncio.sleep(0.1)
        now = Sums.of(await hall.report())
        heard = (now.samples - now.concealed) - (before.samples - before.concealed)
        if now.packets < before.packets:
            before = Sums()  # another connection
        elif heard > 9600 and now.packets > before.packets + 10:
            sound = min(sound, time.monotonic() - since)
        if now.frames > before.frames + 5:
            pictures = min(pictures, time.monotonic() - since)
    return sound, pictures


async def stay(hall: Participant, name: str, watch: Watch, seconds: float, skip: float) -> list[Figure]:
    """What the page gets in so many seconds, the first ones not counted."""
    since = time.monotonic()
    await asyncio.sleep(skip)
    before = Sums.of(await hall.report())
    await asyncio.sleep(seconds - skip)
    sums = Sums.of(await hall.report()).since(before)
    report = watch.changes[-1][1]
    return [
        Figure(f"link.{name}.step", list(Quality).index(report.quality), "step"),
        Figure(f"link.{name}.settled_s", watch.settled(since), "s"),
        Figure(f"link.{name}.concealed_pct", 100 * sums.concealed / max(1, sums.samples), "%"),
        Figure(f"link.{name}.fps", sums.frames / (seconds - skip), "/s"),
        Figure(f"link.{name}.frozen_pct", 100 * sums.frozen / (seconds - skip), "%"),
        Figure(f"link.{name}.estimate_kbps", hall.driver.reports[hall.name].estimate_kbps, "kbit/s"),
    ]


async def measure(folder: Path) -> list[Figure]:
    figures: list[Figure] = []
    async with driven() as driver, chromium(folder) as context:
        line = Rough(("127.0.0.1", driver.engine.port))
        hall = Participant(driver, await context.new_page(), "hall", await line.open())
        point = Participant(driver, await context.new_page(), "point")
        informing(driver, hall, point)
        watch = Watch()
        driver.on_report = lambda report: watch(report) if report.peer == "hall" else None
        driver.plan(PeerPlan(peer="point", heard=True), PeerPlan(peer="hall", stage=camera("point")), always=("point",))
        await point.join(gum=720)
        await asyncio.sleep(8)
        await hall.join(receiveOnly=True)
        figures.append(Figure("link.good.high_s", await wait_for(hall, Layer.HIGH, 30), "s"))
        figures += await stay(hall, "good", watch, 10, 2)
        for name, way in (("lossy", LOSSY), ("weak", WEAK)):
            print(name, file=sys.stderr)
            line.be(way)
            figures += await stay(hall, name, watch, 45, 15)
            print("good", file=sys.stderr)
            line.be(GOOD)
            figures.append(Figure(f"link.{name}.high_again_s", await wait_for(hall, Layer.HIGH, 40), "s"))
        print("down", file=sys.stderr)
        line.down = True
        await asyncio.sleep(30)
        line.down = False
        print("up", file=sys.stderr)
        sound, pictures = await moves(hall, 30)
        figures += [Figure("link.drop_30s.sound_s", sound, "s"), Figure("link.drop_30s.pictures_s", pictures, "s")]
        figures.append(Figure("link.drop_30s.high_s", await wait_for(hall, Layer.HIGH, 40), "s"))
        line.close()
    return figures


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        keep(asyncio.run(measure(Path(folder))), OUT)
