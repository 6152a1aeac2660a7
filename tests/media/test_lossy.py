"""Calls over lines that lose and delay: real packets, real losses."""

import asyncio
import time
from itertools import count

import pytest

from media import rtcp
from media.engine.feedback import Missing
from meetroom.conference.schema import PeerPlan
from tests.media.bottleneck import Way
from tests.media.driver import Driver, camera, until
from tests.media.engine.endpoint import packet, vp8
from tests.media.rough import Rough
from tests.media.scripted import Scripted
from tests.media.test_node import joined, run

PACKETS = 160


@pytest.mark.parametrize("loss", [0.05, 0.1])
def test_pictures_are_repaired_and_voices_go_on(loss: float) -> None:
    """Both lines lose both ways, with 200 ms for the round trip of each."""

    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="hall", stage=camera("an")))
        an, hall = Scripted(driver, "an"), Scripted(driver, "hall")
        lines = [Rough(("127.0.0.1", driver.engine.port), seed) for seed in (1, 2)]
        for peer, line in zip((an, hall), lines, strict=True):
            peer.port = await line.open()
            await peer.join()
        await until(lambda: all(driver.reports[name].state == "connected" for name in ("an", "hall")))
        an.send(packet(1, 0, vp8(0, b"first", key=True), mid=b"cam"))
        assert await hall.heard(1)
        for line in lines:
            line.be(Way(rate=10_000, delay=0.1, queue=0.5, loss=loss))
        watching = asyncio.create_task(watch(hall))
        repairs = count()
        for number in range(1, 5 * PACKETS):
            an.send(packet(1, number, vp8(number, number.to_bytes(2, "big")), mid=b"cam"))
            if number < PACKETS:
                an.send(packet(5, number, b"voice", kind=111, mid=b"mic"))
            for message in an.asked():
                for lost in message.numbers if isinstance(message, rtcp.Lost) else ():
                    again = lost.to_bytes(2, "big") + vp8(lost, lost.to_bytes(2, "big"))
                    an.send(packet(2, next(repairs), again, kind=97, mid=b"cam"))
            await asyncio.sleep(0.02)
            if watching.done():
                break
        for line in lines:
            line.close()
        voices = await asyncio.wait_for(watching, 1)
        assert voices > PACKETS * ((1 - loss) ** 2 - 0.1)

    run(scene)


async def watch(hall: Scripted) -> int:
    """Asks for what is missing of the pictures until nothing is; returns how many packets of voices came."""
    missing, voices = Missing(), 0
    seen: set[int] = set()
    ssrc = hall.ssrc("v0")
    while not set(range(1, PACKETS)) <= seen:
        await asyncio.sleep(0.01)
        for one in await hall.heard():
            if one.payload_type == 111:
                voices += 1
            elif one.payload_type == 97 and one.payload:
                missing.arrived(int.from_bytes(one.payload[:2], "big"), time.monotonic(), True)
                seen.add(int.from_bytes(one.payload[-2:], "big"))
            elif one.payload:
                missing.arrived(one.sequence, time.monotonic(), False)
                seen.add(int.from_bytes(one.payload[-2:], "big"))
        if numbers := missing.due(time.monotonic(), 0.25):
            hall.send_rtcp(rtcp.nack(9, ssrc, numbers))
    return voices


def test_a_microphone_hears_of_the_losses_of_who_listens() -> None:
    """Or else its encoder adds nothing that repairs them."""

    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="binh"), PeerPlan(peer="chi"))
        an, binh, chi = await joined(driver, "an", "binh", "chi")
        told: list[int] = []
        for i in range(150):
            an.send(packet(1, i, b"voice", kind=111, mid=b"mic"))
            await asyncio.sleep(0.02)
            if i % 10 == 0:
                for peer, lost in ((binh, 26), (chi, 0)):
                    report = rtcp.Report(peer.ssrc("a0"), lost, 0, i, 0, 0, 0)
                    peer.send_rtcp(rtcp.receiver_report(9, [report]))
            told += [r.fraction for m in an.asked() if isinstance(m, rtcp.Reports) for r in m.reports if r.ssrc == 1]
        assert told[-1] == 26

    run(scene)
