"""A whole call: real VP8 and Opus from two participants through the node to a third, over UDP."""

import asyncio

from meetroom.conference.schema import PeerPlan
from tests.media.clients import Client
from tests.media.driver import camera, driven, until


def near(a: int | None, b: int) -> bool:
    return a is not None and abs(a - b) < 12


def test_two_speak_and_a_third_sees_and_hears_them() -> None:
    async def call() -> None:
        async with driven() as driver:
            speakers = (PeerPlan(peer="dark", heard=True), PeerPlan(peer="bright", heard=True))
            driver.plan(*speakers, PeerPlan(peer="hall", stage=camera("dark"), gallery=(camera("bright"),)))
            dark, bright = Client(driver, "dark", luma=60), Client(driver, "bright", luma=190)
            hall = Client(driver, "hall")
            for client in (dark, bright, hall):
                await client.join()
            await until(lambda: near(hall.luma.get("0"), 60) and near(hall.luma.get("1"), 190))
            await until(lambda: hall.sounds.get("2", 0) > 5 and hall.sounds.get("3", 0) > 5)
            assert driver.feeds("hall") == {"0": "dark/camera", "1": "bright/camera", "2": "dark/mic", "3": "bright/mic"}

            driver.plan(*speakers, PeerPlan(peer="hall", stage=camera("bright"), gallery=(camera("dark"),)))
            await until(lambda: near(hall.luma.get("0"), 190) and near(hall.luma.get("1"), 60))

            for client in (dark, bright, hall):
                await client.leave()
            await until(lambda: all((name, "closed") in driver.states for name in ("dark", "bright", "hall")))

    asyncio.run(call())
