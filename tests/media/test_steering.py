"""What a node makes of its decisions: real packets from one peer to another."""

import asyncio
from collections.abc import Callable

import pytest

from media import rtcp
from media.bandwidth import Reported
from media.sending import Sending, Upstream
from media.stage import Speaker
from media.streams import Board
from media.way import Way
from meetroom.conference.schema import Kind, Layer, PeerPlan, Quality, Reason
from tests.media.driver import MEETING, Driver, camera, screen, until
from tests.media.engine.endpoint import packet, vp8
from tests.media.scripted import Narrow, Scripted
from tests.media.test_node import joined, run

KBPS = {"q": 100, "h": 300, "f": 800}


class Camera:
    """Sends three layers as a browser does: at their rates, a key frame when asked, and only as much as it is told to."""

    def __init__(self, peer: Scripted) -> None:
        self.peer = peer
        self.sequence = dict.fromkeys(KBPS, 0)
        self.owed = dict.fromkeys(KBPS, 0.0)
        self.keys = dict.fromkeys(KBPS, True)

    async def film(self, seconds: float = 60.0) -> None:
        for _ in range(int(seconds / 0.02)):
            self.shoot()
            await asyncio.sleep(0.02)

    def shoot(self) -> None:
        told = self.peer.driver.asked.get(self.peer.name, {}).get(Kind.CAMERA)
        for message in self.peer.asked():
            if isinstance(message, rtcp.KeyFrame):
                self.keys["qhf"[message.ssrc - 1]] = True
        for place, (rid, kbps) in enumerate(KBPS.items()):
            if told is None or place > list(Layer).index(told):
                continue
            self.owed[rid] += kbps * 125 * 0.02
            while self.owed[rid] >= 1000:
                self.owed[rid] -= 1000
                self.sequence[rid] += 1
                number = self.sequence[rid]
                picture = vp8(number, rid.encode() + bytes(990), key=self.keys[rid])
                self.keys[rid] = False
                self.peer.send(
                    packet(place + 1, number, picture, timestamp=number * 3000, marker=True, mid=b"cam", rid=rid.encode())
                )


async def look(peer: Scripted, seconds: float = 60.0) -> None:
    """Receives behind its narrow way."""
    for _ in range(int(seconds / 0.05)):
        await asyncio.sleep(0.05)
        peer.listen()
        if peer.narrow is not None and (feedback := peer.narrow.feedback()):
            peer.send_rtcp(feedback)


def test_the_stage_follows_what_the_way_down_carries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sending, "LINGER", 1.0)

    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an"), PeerPlan(peer="hall", stage=camera("an")))
        an, hall = await joined(driver, "an", "hall", rids="fhq")
        assert (driver.reports["hall"].quality, driver.reports["hall"].estimate_kbps) == (Quality.MID, 0)
        hall.narrow = Narrow(3000)
        tasks = [asyncio.create_task(Camera(an).film()), asyncio.create_task(look(hall))]
        await until(lambda: driver.reports["hall"].quality is Quality.HIGH)  # it rose by trying
        await until(lambda: driver.reports["hall"].layer is Layer.HIGH)
        assert driver.reports["hall"].estimate_kbps >= 800
        await until(lambda: driver.reports["an"].up == tuple(Layer))
        hall.narrow.kbps = 250
        await until(lambda: driver.reports["hall"].quality is Quality.LOW)
        await until(lambda: driver.reports["hall"].layer is Layer.LOW)
        assert driver.reports["hall"].reason is Reason.DOWN
        assert driver.reports["hall"].estimate_kbps <= 350
        await until(lambda: driver.asked["an"] == {Kind.MIC: None, Kind.CAMERA: Layer.LOW})  # nobody watches more
        for task in tasks:
            task.cancel()

    run(scene)


def test_what_nobody_watches_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sending, "LINGER", 0.5)

    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an"), PeerPlan(peer="hall"))
        await joined(driver, "an", "hall", rids="fhq")
        assert driver.asked["an"] == {Kind.MIC: None, Kind.CAMERA: None}
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="hall", stage=camera("an", Layer.MID)))
        assert driver.asked["an"] == {Kind.MIC: Layer.LOW, Kind.CAMERA: Layer.MID}  # at once
        driver.plan(PeerPlan(peer="an"), PeerPlan(peer="hall", gallery=(camera("an", Layer.LOW),)))
        assert driver.asked["an"] == {Kind.MIC: Layer.LOW, Kind.CAMERA: Layer.MID}  # not at once
        await until(lambda: driver.asked["an"] == {Kind.MIC: None, Kind.CAMERA: Layer.LOW})
        driver.plan(PeerPlan(peer="an"), PeerPlan(peer="hall"))
        await until(lambda: driver.asked["an"] == {Kind.MIC: None, Kind.CAMERA: None})
        driver.asked.clear()
        driver.node.greeted()
        assert driver.asked["an"] == {Kind.MIC: None, Kind.CAMERA: None}  # another server has to be told

    run(scene)


def test_a_limit_is_kept_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(driver: Driver) -> None:
        def limit(quality: Quality) -> None:
            driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="hall", stage=camera("an"), limit=quality))

        limit(Quality.LOW)
        await joined(driver, "an", "hall", rids="fhq")
        assert driver.feeds("hall") == {"v0": "an/camera", "a0": "an/mic"}
        assert driver.asked["an"][Kind.CAMERA] is Layer.LOW
        limit(Quality.AUDIO)
        assert driver.feeds("hall") == {"a0": "an/mic"}
        assert (driver.reports["hall"].quality, driver.reports["hall"].reason) == (Quality.AUDIO, Reason.LIMIT)  # at once
        limit(Quality.PAGE)
        assert driver.feeds("hall") == {}
        limit(Quality.HIGH)
        assert driver.feeds("hall") == {"v0": "an/camera", "a0": "an/mic"}

    run(scene)


def test_stills_are_key_frames_asked_for_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Board, "STILL_INTERVAL", 0.6)

    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an"), PeerPlan(peer="hall", stage=camera("an"), limit=Quality.STILLS))
        an, hall = await joined(driver, "an", "hall", rids="fhq")
        film = asyncio.create_task(Camera(an).film())
        stills = [seen.payload[5] for seen in await hall.heard(4)]
        film.cancel()
        assert set(stills) == {0}  # key frames
        sent = [seen.sequence for seen in hall.rtp]
        assert sent == sorted(sent)
        assert driver.asked["an"][Kind.CAMERA] is Layer.LOW

    run(scene)


def test_who_says_nothing_of_what_arrives_gets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Way, "DEAF", 0.3)

    async def scene(driver: Driver) -> None:
        names = ("an", "binh", "chi", "dung")
        gallery = tuple(camera(name, Layer.LOW) for name in names[1:])
        driver.plan(*(PeerPlan(peer=name) for name in names), PeerPlan(peer="hall", stage=camera("an"), gallery=gallery))
        await joined(driver, *names, "hall", rids="fhq", video=4)
        await until(lambda: len(driver.feeds("hall")) == 4)
        assert driver.asked["an"][Kind.CAMERA] is Layer.HIGH
        told = driver.reports["hall"]
        assert (told.quality, told.reason, told.estimate_kbps) == (Quality.HIGH, Reason.NONE, 0)

    run(scene)


def test_who_only_reports_receipt_gets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Way, "DEAF", 0.3)
    monkeypatch.setattr(Reported, "INTERVAL", 0.1)

    async def scene(driver: Driver) -> None:
        driver.engine.probe = lambda peer, kbps, seconds: None  # type: ignore[method-assign]  as without RTX
        driver.plan(PeerPlan(peer="an"), PeerPlan(peer="hall", stage=camera("an")))
        an, hall = await joined(driver, "an", "hall", rids="fhq")
        film = asyncio.create_task(Camera(an).film())

        async def report() -> None:
            while True:
                await asyncio.sleep(0.05)
                hall.listen()
                if hall.rtp:
                    seen = rtcp.Report(hall.ssrc("v0"), 0, 0, hall.rtp[-1].sequence, 0, 0, 0)
                    hall.send_rtcp(rtcp.receiver_report(9, [seen]))

        reporting = asyncio.create_task(report())
        way = driver.node._meetings[MEETING].peers["hall"].way
        await until(lambda: way._heard)
        await until(lambda: driver.reports["hall"].layer is Layer.HIGH, 5)
        assert driver.asked["an"][Kind.CAMERA] is Layer.HIGH
        assert driver.reports["hall"].quality is Quality.HIGH
        film.cancel()
        reporting.cancel()

    run(scene)


def test_the_stage_goes_to_who_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Speaker, "TAKE", 0.5)
    monkeypatch.setattr(Speaker, "STAY", 0.5)

    async def scene(driver: Driver) -> None:
        speakers = [PeerPlan(peer=name, heard=True, stage=camera("chi")) for name in ("an", "binh")]
        others = [PeerPlan(peer="chi"), PeerPlan(peer="hall", stage=camera("chi"), gallery=(camera("an", Layer.LOW),))]
        driver.plan(*speakers, *others, PeerPlan(peer="wall", stage=screen("chi")), follow_voice=True)
        an, binh, *_ = await joined(driver, "an", "binh", "chi", "hall", "wall")
        sequence = 0

        async def talk(who: Scripted, done: str) -> None:
            nonlocal sequence
            for _ in range(300):
                sequence += 1
                who.send(packet(1, sequence, b"voice", kind=111, mid=b"mic", audio_level=b"\x14"))
                await asyncio.sleep(0.02)
                if driver.feeds("hall").get("v0") == done:
                    return
            raise AssertionError(driver.feeds("hall"))

        assert driver.feeds("hall") == {"v0": "chi/camera", "v1": "an/camera", "a0": "an/mic", "a1": "binh/mic"}
        await talk(an, "an/camera")
        feeds = driver.feeds("hall")
        assert (feeds["v0"], feeds["v1"], feeds["a0"]) == ("an/camera", "chi/camera", "an/mic")  # they changed places
        assert driver.feeds("an")["v0"] == "chi/camera"  # nobody looks at themselves
        await talk(binh, "binh/camera")
        assert driver.feeds("an")["v0"] == "binh/camera"
        assert driver.feeds("binh")["v0"] == "an/camera"
        assert "v0" not in driver.feeds("wall")  # it waits for a screen
        binh.leave()
        await until(lambda: driver.feeds("hall")["v0"] == "an/camera")

    run(scene)


def test_a_weak_way_up_is_said_and_asked_for_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Upstream, "LOWER", 1.0)
    monkeypatch.setattr(Upstream, "RAISE", 1.0)

    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="hall", stage=camera("an")))
        an, _ = await joined(driver, "an", "hall", rids="fhq")
        sequence = 0

        async def talk(every: int, done: Callable[[], bool]) -> None:
            """Of so many packets one is lost."""
            nonlocal sequence
            for _ in range(600):
                sequence += 1
                if sequence % every:
                    an.send(packet(9, sequence, b"voice", kind=111, mid=b"mic"))
                await asyncio.sleep(0.02)
                if done():
                    return
            raise AssertionError(driver.reports["an"])

        limit = Layer.MID  # by the estimate that is none yet
        assert driver.asked["an"][Kind.CAMERA] is limit
        await talk(5, lambda: driver.reports["an"].reason is Reason.UP)
        await talk(5, lambda: driver.asked["an"][Kind.CAMERA] is Layer.LOW)
        await talk(5, lambda: driver.reports["an"].quality is Quality.HIGH)  # what it gets is all there is
        await talk(
            10_000, lambda: driver.reports["an"].reason is Reason.NONE and driver.asked["an"][Kind.CAMERA] is not Layer.LOW
        )

    run(scene)
