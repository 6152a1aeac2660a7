"""How busy a node says it is."""

import asyncio
import time

from media.load import Load, Meter
from meetroom.conference.schema import PeerPlan
from tests.media.driver import camera, driven
from tests.media.engine.endpoint import packet, vp8
from tests.media.scripted import Scripted


def test_figures_since_the_last_ones() -> None:
    used = [10.0]
    meter = Meter(100.0, lambda: used[0])
    used[0] += 1.5
    for took in (0.05, 0.17, 0.06):
        meter.waited(0.05, took)
    assert meter.take({1: (500, 0), 2: (0, 4000)}, 105.0) == Load(2, 0.3, 120.0, 100.0, 800.0)
    used[0] += 0.5
    # The first has sent as much again, the second has left, a third began anew with fewer than before.
    assert meter.take({1: (1000, 0)}, 110.0) == Load(1, 0.1, 0.0, 100.0, 0.0)
    assert meter.take({1: (50, 250)}, 115.0) == Load(1, 0.0, 0.0, 0.0, 50.0)


def test_a_node_tells_it() -> None:
    async def scene() -> None:
        async with driven() as driver:
            driver.plan(PeerPlan(peer="an"), PeerPlan(peer="binh", stage=camera("an")))
            an, binh = Scripted(driver, "an"), Scripted(driver, "binh")
            await an.join()
            await binh.join()
            for number in range(40):
                an.send(packet(1, number, vp8(number, b"a", key=True), timestamp=number * 3000, mid=b"cam"))
                await asyncio.sleep(0.01)
            driver.node.tick(time.monotonic() + driver.node.LOAD_INTERVAL)
            [load] = driver.loads
            assert load.peers == 2 and load.packets_in > 0 and load.packets_out > 0
            assert load.cores > 0 and load.lag_ms >= 0

    asyncio.run(scene())
