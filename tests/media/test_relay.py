"""Two nodes that share a meeting: a site's, which calls, and the meeting's own."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import pytest

from media import rtcp
from media.relay import Uplink
from meetroom.conference import schema
from meetroom.conference.schema import Layer, PeerPlan, Plan, Want
from tests.media.clients import Client
from tests.media.driver import Driver, camera, driven, until
from tests.media.engine.endpoint import packet, vp8
from tests.media.scripted import Scripted
from tests.media.test_call import near
from tests.media.wan import Wan

RELAY = "relay-site"
NUMBERS = count(1)
UPLINKS = (schema.Uplink(node="own", peer=RELAY),)


class Nodes:
    """The site's node, the meeting's own, and the long line between them."""

    def __init__(self, site: Driver, own: Driver) -> None:
        self.site, self.own = site, own
        self.wan = Wan(("127.0.0.1", own.engine.port))
        site.other, own.other = own, site

    async def open(self) -> None:
        port = await self.wan.open()
        self.site.reached = {self.own.engine.port: port}

    def plan(self, site: list[PeerPlan], own: list[PeerPlan], *, up: tuple[Want, ...] = (), back: tuple[Want, ...] = ()) -> None:
        """`up`: what the site's node sends over the line, `back`: what it gets."""
        self.own.plan(*own, PeerPlan(peer=RELAY, relay=back))
        self.site.plan(*site, PeerPlan(peer=RELAY, relay=up), uplinks=UPLINKS)

    async def stand(self) -> None:
        for end in (self.site, self.own):
            await until(lambda end=end: RELAY in end.reports and end.reports[RELAY].state == "connected")


def run(scene: Callable[[Nodes], Awaitable[None]], **timing: float) -> None:
    async def play() -> None:
        async with driven(**timing) as site, driven(**timing) as own:
            nodes = Nodes(site, own)
            await nodes.open()
            try:
                await scene(nodes)
            finally:
                nodes.wan.close()

    asyncio.run(play())


async def joined(driver: Driver, *names: str, **how: Any) -> list[Scripted]:
    peers = [Scripted(driver, name, **how) for name in names]
    for peer in peers:
        await peer.join()
    await until(lambda: all(driver.reports[name].state == "connected" for name in names))
    return peers


async def shown(sender: Scripted, viewer: Scripted) -> None:
    """Waits until a picture of the sender gets through."""
    viewer.listen()
    viewer.rtp.clear()

    def look() -> bool:
        sender.send(packet(5, next(NUMBERS), vp8(1, b"picture", key=True), mid=b"cam"))
        viewer.listen()
        return any(p.payload.endswith(b"picture") for p in viewer.rtp)

    await until(look)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Uplink, "CONSENT", 1.0)


def test_each_sees_and_hears_who_is_at_the_other_node() -> None:
    async def scene(nodes: Nodes) -> None:
        looks = {"stage": camera("district"), "gallery": (camera("commune", Layer.LOW),)}
        screens = [Client(nodes.site, f"screen{i}") for i in range(3)]
        nodes.plan(
            [PeerPlan(peer="commune", heard=True), *(PeerPlan(peer=screen.name, **looks) for screen in screens)],
            [PeerPlan(peer="district", heard=True), PeerPlan(peer="hall", stage=camera("commune"))],
            up=(camera("commune"),),
            back=(camera("district"),),
        )
        district, commune = Client(nodes.own, "district", luma=60), Client(nodes.site, "commune", luma=190)
        hall = Client(nodes.own, "hall")
        for client in (district, commune, hall, *screens):
            await client.join()
        await until(lambda: near(hall.luma.get("0"), 190) and hall.sounds.get("2", 0) > 5)
        for screen in screens:
            await until(lambda screen=screen: near(screen.luma.get("0"), 60) and near(screen.luma.get("1"), 190))
            await until(lambda screen=screen: screen.sounds.get("2", 0) > 5 and screen.sounds.get("3", 0) > 5)
        assert nodes.own.feeds("hall") == {"0": "commune/camera", "2": "commune/mic", "3": "district/mic"}
        assert nodes.site.feeds("screen0") == {
            "0": "district/camera", "1": "commune/camera", "2": "district/mic", "3": "commune/mic",
        }  # fmt: skip
        # nothing comes back to where it is from: a picture and a voice each way
        assert sorted(nodes.own.feeds(RELAY).values()) == ["district/camera", "district/mic"]
        assert sorted(nodes.site.feeds(RELAY).values()) == ["commune/camera", "commune/mic"]
        for direction in ("up", "back"):
            assert len([ssrc for way, ssrc in nodes.wan.packets if way == direction]) == 2
        for client in (district, commune, hall, *screens):
            await client.leave()

    run(scene)


def test_each_packet_crosses_once_however_many_watch() -> None:
    async def scene(nodes: Nodes) -> None:
        names = [f"screen{i}" for i in range(5)]
        looks = {"stage": camera("district"), "gallery": (camera("other", Layer.LOW),)}
        nodes.plan(
            [PeerPlan(peer=name, **looks) for name in names],
            [PeerPlan(peer="district"), PeerPlan(peer="other"), PeerPlan(peer="hall", **looks)],
            back=(camera("district"), camera("other")),
        )
        await nodes.stand()
        [district, other, hall] = await joined(nodes.own, "district", "other", "hall")
        viewers = [hall, *await joined(nodes.site, *names)]
        for number in range(1, 21):
            for camera_of in (district, other):
                camera_of.send(packet(1, number, vp8(number, bytes(500), key=True), mid=b"cam"))
            await asyncio.sleep(0.005)
        for viewer in viewers:
            assert len(await viewer.heard(40)) == 40
        assert sorted(nodes.wan.packets.values()) == [20, 20]

    run(scene)


def test_a_late_viewer_s_key_frame_is_asked_of_the_camera_itself() -> None:
    async def scene(nodes: Nodes) -> None:
        nodes.plan([PeerPlan(peer="screen", stage=camera("district"))], [PeerPlan(peer="district")], back=(camera("district"),))
        await nodes.stand()
        [district] = await joined(nodes.own, "district")
        district.send(packet(1, 1, vp8(1, b"a", key=True), mid=b"cam"))
        await until(lambda: nodes.wan.packets)
        [screen] = await joined(nodes.site, "screen")
        district.send(packet(1, 2, vp8(2, b"b"), mid=b"cam"))
        await until(lambda: any(isinstance(message, rtcp.KeyFrame) and message.ssrc == 1 for message in district.asked()))
        district.send(packet(1, 3, vp8(3, b"c", key=True), mid=b"cam"), packet(1, 4, vp8(4, b"d"), mid=b"cam"))
        assert [p.payload[-1:] for p in await screen.heard(2)] == [b"c", b"d"]

    run(scene)


def test_what_the_line_loses_is_sent_again() -> None:
    async def scene(nodes: Nodes) -> None:
        nodes.plan([PeerPlan(peer="screen", stage=camera("district"))], [PeerPlan(peer="district")], back=(camera("district"),))
        await nodes.stand()
        [district], [screen] = await joined(nodes.own, "district"), await joined(nodes.site, "screen")
        district.send(packet(1, 1, vp8(1, b"\0", key=True), mid=b"cam"))
        assert len(await screen.heard(1)) == 1
        nodes.wan.loses = lambda direction, count: direction == "back" and count % 5 == 0
        for number in range(2, 52):
            district.send(packet(1, number, vp8(number, bytes((number,))), mid=b"cam"))
            await asyncio.sleep(0.002)
        assert {p.payload[-1] for p in await screen.heard(50)} == set(range(2, 52))

    run(scene)


def test_voices_of_both_nodes_rank_together() -> None:
    async def scene(nodes: Nodes) -> None:
        nodes.plan(
            [PeerPlan(peer="screen"), PeerPlan(peer="an", heard=True)],
            [PeerPlan(peer="binh", heard=True), PeerPlan(peer="chi", heard=True), PeerPlan(peer="muted")],
        )
        await nodes.stand()
        [screen, an] = await joined(nodes.site, "screen", "an")
        peers = {"an": an, **{peer.name: peer for peer in await joined(nodes.own, "binh", "chi", "muted")}}
        await until(lambda: sorted(nodes.own.feeds(RELAY).values()) == ["binh/mic", "chi/mic"])
        loud = {"an": 80, "binh": 20, "chi": 30, "muted": 1}  # -dBov
        numbers = iter(range(1, 2000))

        def heard(*voices: str) -> bool:
            """Everybody speaks once; whether these are heard at the site."""
            number = next(numbers)
            for name, level in loud.items():
                level_of_it = {"mid": b"mic", "audio_level": bytes((level,))}
                peers[name].send(packet(1, number, b"voice", kind=111, timestamp=960 * number, **level_of_it))
            return set(nodes.site.feeds("screen").values()) == set(voices)

        await until(lambda: heard("binh/mic", "chi/mic"))
        loud |= {"an": 5, "binh": 100}
        await until(lambda: heard("an/mic", "chi/mic"))
        assert "muted/mic" not in nodes.own.feeds(RELAY).values()

    run(scene)


def test_the_other_node_dies_and_another_comes_in_its_place() -> None:
    """The site's own room goes on meanwhile."""

    async def scene(nodes: Nodes) -> None:
        looks = {"stage": camera("district"), "gallery": (camera("commune"),)}
        site = [PeerPlan(peer="commune", heard=True), PeerPlan(peer="screen", **looks)]
        own = [PeerPlan(peer="district", heard=True)]
        nodes.plan(site, own, up=(camera("commune"),), back=(camera("district"),))
        await nodes.stand()
        [commune, screen], [district] = await joined(nodes.site, "commune", "screen"), await joined(nodes.own, "district")
        district.send(packet(1, 1, vp8(1, b"a", key=True), mid=b"cam"))
        assert [p.payload[-1:] for p in await screen.heard(1)] == [b"a"]
        nodes.own.die()
        nodes.site.other = None
        commune.send(packet(1, 1, vp8(1, b"b", key=True), mid=b"cam"))
        assert [p.payload[-1:] for p in await screen.heard(1)] == [b"b"]
        await until(lambda: (RELAY, "lost") in nodes.site.states)
        commune.send(packet(1, 2, vp8(2, b"c"), mid=b"cam"))
        assert [p.payload[-1:] for p in await screen.heard(1)] == [b"c"]

        async with driven() as returned:
            returned.other, nodes.site.other = nodes.site, returned
            returned.plan(*own, PeerPlan(peer=RELAY, relay=(camera("district"),)))
            [district] = await joined(returned, "district")
            await until(lambda: nodes.site.states[-1] == (RELAY, "connected") and returned.reports[RELAY].state == "connected")
            await until(lambda: "district/camera" in nodes.site.feeds("screen").values())
            await shown(district, screen)

    run(scene)


def test_the_line_is_cut_and_comes_back() -> None:
    async def scene(nodes: Nodes) -> None:
        nodes.plan([PeerPlan(peer="screen", stage=camera("district"))], [PeerPlan(peer="district")], back=(camera("district"),))
        await nodes.stand()
        [district], [screen] = await joined(nodes.own, "district"), await joined(nodes.site, "screen")
        nodes.wan.down = True
        await until(lambda: (RELAY, "lost") in nodes.site.states)
        await until(lambda: nodes.site.states[-1] == (RELAY, "connecting"))
        nodes.wan.down = False
        await nodes.stand()
        await shown(district, screen)

    run(scene)


def test_an_end_that_was_not_told_is_told_again() -> None:
    async def scene(nodes: Nodes) -> None:
        nodes.own.other = None  # the server does not reach the site
        nodes.plan([PeerPlan(peer="screen", stage=camera("district"))], [PeerPlan(peer="district")], back=(camera("district"),))
        await nodes.stand()
        [district], [screen] = await joined(nodes.own, "district"), await joined(nodes.site, "screen")
        assert list(nodes.own.feeds(RELAY).values()) == ["district/camera"]
        assert nodes.site.feeds("screen") == {}
        nodes.own.other = nodes.site
        await shown(district, screen)

    run(scene)


def test_two_nodes_share_two_meetings() -> None:
    """Calls between the same two ports could not be told apart: each has a way of its own."""

    async def scene(nodes: Nodes) -> None:
        nodes.site.reached = {}
        nodes.plan([PeerPlan(peer="screen", stage=camera("district"))], [PeerPlan(peer="district")], back=(camera("district"),))
        await nodes.stand()
        other = PeerPlan(peer="relay-other", relay=(camera("an"),))
        shared = {"meeting_id": 2, "revision": 1}
        nodes.own.node.apply(Plan(**shared, peers=(PeerPlan(peer="an"), other)))
        uplinks = (schema.Uplink(node="own", peer="relay-other"),)
        viewer = PeerPlan(peer="viewer", stage=camera("an"))
        nodes.site.node.apply(Plan(**shared, peers=(viewer, other), uplinks=uplinks))
        for end in (nodes.site, nodes.own):
            await until(lambda end=end: "relay-other" in end.reports and end.reports["relay-other"].state == "connected")
        [district], [screen] = await joined(nodes.own, "district"), await joined(nodes.site, "screen")
        [an], [watching] = await joined(nodes.own, "an", meeting=2), await joined(nodes.site, "viewer", meeting=2)
        await shown(district, screen)
        await shown(an, watching)
        nodes.site.node.apply(Plan(meeting_id=2, revision=2, peers=()))
        await until(lambda: ("relay-other", "closed") in nodes.own.states)
        await shown(district, screen)
        assert nodes.site.reports[RELAY].state == "connected"

    run(scene)


def test_a_relay_ends_when_nobody_wants_it_any_more() -> None:
    async def scene(nodes: Nodes) -> None:
        nodes.plan([PeerPlan(peer="screen")], [PeerPlan(peer="district")])
        await nodes.stand()
        nodes.site.plan(PeerPlan(peer="screen"))
        await until(lambda: (RELAY, "closed") in nodes.site.states and (RELAY, "closed") in nodes.own.states)
        nodes.site.plan(PeerPlan(peer="screen"), PeerPlan(peer=RELAY, relay=()), uplinks=UPLINKS)  # until it is wanted again
        await until(lambda: nodes.site.states[-1] == (RELAY, "connected"))

    run(scene)
