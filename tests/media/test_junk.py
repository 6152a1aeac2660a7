"""Junk on the port: silence, and every call goes on."""

import asyncio
import logging
import random
import socket

import pytest

from media import rtcp
from media.engine import Name
from meetroom.conference.schema import PeerPlan
from tests.media import driver as driver_module
from tests.media.driver import camera, driven, until
from tests.media.engine.endpoint import ENGINES, packet, vp8
from tests.media.junk import junk
from tests.media.scripted import Scripted


@pytest.mark.parametrize("engine", ENGINES)
def test_calls_survive_junk_from_strangers_and_in_the_peers_names(
    engine: Name, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_module, "ENGINE", engine)
    chance = random.Random(7)
    faults: list[dict[str, object]] = []

    async def call() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context))
        async with driven() as driver:
            stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            stranger.bind(("127.0.0.1", 0))
            stranger.setblocking(False)
            driver.plan(*(PeerPlan(peer=name, heard=True) for name in ("an", "late")), PeerPlan(peer="hall", stage=camera("an")))
            an, hall, late = (Scripted(driver, name) for name in ("an", "hall", "late"))

            async def attack(rounds: int, *victims: Scripted, hello: bool = True) -> None:
                for _ in range(rounds):
                    for data in junk(chance, hello=hello):
                        stranger.sendto(data, ("127.0.0.1", driver.engine.port))
                        for victim in victims:  # as if from there
                            victim.raw(data)
                    await asyncio.sleep(0.001)

            await an.join()
            await hall.join()
            await attack(100, an, hall)
            an.send(packet(1, 1, b"voice", kind=111, mid=b"mic"), packet(2, 1, vp8(1, b"x", key=True), mid=b"cam"))
            assert {p.payload[-1:] for p in await hall.heard(2)} == {b"e", b"x"}
            hall.send_rtcp(rtcp.nack(1, hall.ssrc("v0"), range(50)))
            hall.send_rtcp(b"\x80\xc8\x00\x00" + bytes(4))  # well protected, but no report
            hall.send_rtcp(b"\x81\xcd\x00\x02" + bytes(8))
            an.send(b"\x90\x6f" + bytes(10) + b"\xbe\xde\x00\x01\x1f\x00\x00\x00")  # an extension beyond its block
            an.send(packet(2, 2, b"\x90", mid=b"cam"), packet(1, 2, b"voice", kind=111))  # half a VP8 descriptor
            assert [p.payload for p in await hall.heard(1)] == [b"voice"]

            attacking = asyncio.create_task(attack(60, an, hall, late, hello=False))
            await late.join()
            await attacking
            await until(lambda: driver.reports["late"].state == "connected")
            late.send(packet(1, 1, b"late", kind=111, mid=b"mic"))
            assert [p.payload for p in await hall.heard(1)] == [b"late"]
            assert all(state in ("connecting", "connected") for _, state in driver.states)
            with pytest.raises(BlockingIOError):
                stranger.recv(100)

    with caplog.at_level(logging.WARNING):
        asyncio.run(call())
    assert caplog.records == []
    assert faults == []
