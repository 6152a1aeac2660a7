"""Two nodes that share a meeting: a site's, which calls, and the meeting's own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from meetroom.conference.schema import Layer, PeerPlan, Uplink
from tests.media.clients import Client
from tests.media.driver import Driver, camera, driven, until
from tests.media.test_call import near

RELAY = "relay-site"
UPLINKS = (Uplink(node="own", peer=RELAY),)


@asynccontextmanager
async def both() -> AsyncIterator[tuple[Driver, Driver]]:
    """The site's node and the meeting's own."""
    async with driven() as site, driven() as own:
        site.other, own.other = own, site
        yield site, own


def run(scene: Callable[[Driver, Driver], Awaitable[None]]) -> None:
    async def play() -> None:
        async with both() as (site, own):
            await scene(site, own)

    asyncio.run(play())


def test_each_sees_and_hears_who_is_at_the_other_node() -> None:
    async def scene(site: Driver, own: Driver) -> None:
        relay = PeerPlan(peer=RELAY, relay=(camera("commune"),))
        hall = PeerPlan(peer="hall", stage=camera("commune"))
        own.plan(PeerPlan(peer="district", heard=True), hall, PeerPlan(peer=RELAY, relay=(camera("district"),)))
        looks = {"stage": camera("district"), "gallery": (camera("commune", Layer.LOW),)}
        viewers = [PeerPlan(peer=f"screen{i}", **looks) for i in range(2)]
        site.plan(PeerPlan(peer="commune", heard=True), *viewers, relay, uplinks=UPLINKS)
        district, commune = Client(own, "district", luma=60), Client(site, "commune", luma=190)
        seen = Client(own, "hall")
        screens = [Client(site, f"screen{i}") for i in range(2)]
        for client in (district, commune, seen, *screens):
            await client.join()
        await until(lambda: near(seen.luma.get("0"), 190) and seen.sounds.get("2", 0) > 5)
        for screen in screens:
            await until(lambda screen=screen: near(screen.luma.get("0"), 60) and near(screen.luma.get("1"), 190))
            await until(lambda screen=screen: screen.sounds.get("2", 0) > 5 and screen.sounds.get("3", 0) > 5)
        assert own.feeds("hall") == {"0": "commune/camera", "2": "commune/mic", "3": "district/mic"}
        assert site.feeds("screen0") == {"0": "district/camera", "1": "commune/camera", "2": "district/mic", "3": "commune/mic"}
        assert sorted(own.feeds(RELAY).values()) == ["district/camera", "district/mic"]
        assert sorted(site.feeds(RELAY).values()) == ["commune/camera", "commune/mic"]
        for client in (district, commune, seen, *screens):
            await client.leave()

    run(scene)
