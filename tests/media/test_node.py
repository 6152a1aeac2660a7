import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable

import pytest

from media import rtcp, sdp
from media.node import Node
from media.peer import Refused
from media.streams import Source
from meetroom.conference.schema import Kind, Layer, MediaOffer, PeerPlan, Plan
from tests.media.driver import MEETING, Driver, camera, driven, until
from tests.media.engine.endpoint import packet, padding, vp8
from tests.media.scripted import Scripted
from tests.media.test_sdp import CHROMIUM


def run(scene: Callable[[Driver], Awaitable[None]], **timing: float) -> None:
    async def play() -> None:
        async with driven(**timing) as driver:
            await scene(driver)

    asyncio.run(play())


async def joined(driver: Driver, *names: str, **how: int | str) -> list[Scripted]:
    peers = [Scripted(driver, name, **how) for name in names]
    for peer in peers:
        await peer.join()
    await until(lambda: all(driver.reports[name].state == "connected" for name in names))
    return peers


def offer(text: str = CHROMIUM, peer: str = "an", meeting: int = MEETING, **sources: Kind) -> MediaOffer:
    return MediaOffer(meeting_id=meeting, peer=peer, sdp=text, sources=sources)


# who may come in


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (offer(peer="nobody"), "not_planned"),
        (offer(meeting=99), "not_planned"),
        (offer("hello"), "bad_sdp"),
        (offer(CHROMIUM.replace("a=mid:1", "a=mid:0")), "bad_sdp"),
        (MediaOffer(meeting_id=MEETING, peer="an", sdp=CHROMIUM, sources={"0": Kind.CAMERA}), "bad_sdp"),
        (MediaOffer(meeting_id=MEETING, peer="an", sdp=CHROMIUM, sources={"1": Kind.MIC}), "bad_sdp"),
        (MediaOffer(meeting_id=MEETING, peer="an", sdp=CHROMIUM, sources={"1": Kind.CAMERA, "2": Kind.CAMERA}), "bad_sdp"),
    ],
)
def test_offers_refused(bad: MediaOffer, code: str) -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an"), PeerPlan(peer="binh"))
        [binh] = await joined(driver, "binh")
        with pytest.raises(Refused) as refused:
            driver.node.offer(bad)
        assert refused.value.code == code
        assert set(driver.reports) == {"binh"}
        binh.check()
        await until(lambda: binh.listen() or binh.stun_answers > 1)

    run(scene)


def test_a_port_of_both_families_serves_ipv4_too() -> None:
    async def play() -> None:
        async with driven("::") as driver:
            driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="binh"))
            an, binh = await joined(driver, "an", "binh")
            an.send(packet(1, 1, b"voice", kind=111, mid=b"mic"))
            assert [p.payload for p in await binh.heard(1)] == [b"voice"]

    asyncio.run(play())


def test_a_bad_second_offer_changes_nothing() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="binh"))
        an, binh = await joined(driver, "an", "binh")
        with pytest.raises(Refused):
            driver.node.offer(offer(an.offer_text().replace("a=mid:v1", "a=mid:v0")))
        an.send(packet(1, 1, b"voice", kind=111, mid=b"mic"))
        assert [p.payload for p in await binh.heard(1)] == [b"voice"]

    run(scene)


def test_the_answer_says_what_each_section_is() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an"))
        answer = driver.node.offer(
            MediaOffer(meeting_id=MEETING, peer="an", sdp=CHROMIUM, sources={"0": Kind.MIC, "1": Kind.CAMERA})
        ).sdp
        directions = [line for line in answer.split("\r\n") if line[2:] in sdp.DIRECTIONS]
        assert directions == ["a=recvonly", "a=recvonly", "a=inactive", *["a=sendonly"] * 4]
        assert answer.count("a=msid:stage ") == 2  # one for sound, one for the picture
        assert f"127.0.0.1 {driver.engine.port} typ host" in answer

    run(scene)


def test_another_offer_keeps_the_slots_streams() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an"))
        [an] = await joined(driver, "an")
        before = [an.ssrc(mid) for mid, _ in an.slots]
        an.slots.append(("v2", "video"))
        an.offer()
        assert [an.ssrc(mid) for mid, _ in an.slots[:-1]] == before
        an.slots = an.slots[1:]
        an.offer()
        assert [an.ssrc(mid) for mid, _ in an.slots[:-1]] == before[1:]
        assert driver.reports["an"].state == "connected"

    run(scene)


def test_a_source_that_is_offered_anew_is_shown_again() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an"), PeerPlan(peer="hall", stage=camera("an")))
        an, hall = await joined(driver, "an", "hall")
        an.send(packet(1, 1, vp8(1, b"a", key=True), mid=b"cam"))
        assert [p.payload[-1:] for p in await hall.heard(1)] == [b"a"]
        an.rids = "hq"
        an.offer()
        an.send(packet(7, 1, vp8(1, b"b", key=True), mid=b"cam", rid=b"h"))
        assert [p.payload[-1:] for p in await hall.heard(1)] == [b"b"]

    run(scene)


def test_another_browser_takes_the_place_of_the_first() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="binh"))
        old, binh = await joined(driver, "an", "binh")
        old.send(packet(1, 1, b"old", kind=111, mid=b"mic"))
        assert [p.payload for p in await binh.heard(1)] == [b"old"]
        [new] = await joined(driver, "an")
        old.send(packet(1, 2, b"old", kind=111, mid=b"mic"))
        new.send(packet(1, 1, b"new", kind=111, mid=b"mic"))
        assert [p.payload for p in await binh.heard(1)] == [b"new"]
        assert driver.feeds("binh") == {"a0": "an/mic"}

    run(scene)


# plans


def test_a_plan_may_come_before_and_after_the_offer() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an"), PeerPlan(peer="binh", stage=camera("an")))
        await joined(driver, "an", "binh")
        assert driver.feeds("binh") == {"v0": "an/camera"}
        driver.plan(PeerPlan(peer="an", gallery=(camera("binh"),)), PeerPlan(peer="binh"))
        assert (driver.feeds("an"), driver.feeds("binh")) == ({"v1": "binh/camera"}, {})
        assert [shown.mid for shown in driver.shown["binh"]] == ["v0", "v1", "a0", "a1"]

    run(scene)


def test_who_leaves_the_plan_is_hung_up_on() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an", stage=camera("binh")), PeerPlan(peer="binh"))
        an, _ = await joined(driver, "an", "binh")
        driver.plan(PeerPlan(peer="an", stage=camera("binh")))
        assert ("binh", "closed") in driver.states
        assert driver.feeds("an") == {}
        with pytest.raises(Refused):
            driver.node.offer(offer(peer="binh"))
        driver.plan()
        assert ("an", "closed") in driver.states
        with pytest.raises(Refused):
            an.offer()

    run(scene)


def test_an_older_plan_is_passed_over_until_the_server_begins_anew() -> None:
    async def scene(driver: Driver) -> None:
        def plan(revision: int, *peers: str) -> None:
            driver.node.apply(Plan(meeting_id=MEETING, revision=revision, peers=tuple(PeerPlan(peer=p) for p in peers)))

        plan(5, "an", "binh")
        plan(4, "an")
        driver.node.offer(offer(peer="binh"))
        driver.node.greeted()
        plan(1, "an")
        with pytest.raises(Refused):
            driver.node.offer(offer(peer="binh"))

    run(scene)


def test_a_meeting_the_server_forgot_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Node, "UNCONFIRMED", 0.3)

    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="binh"))
        an, binh = await joined(driver, "an", "binh")
        driver.node.greeted()
        an.send(packet(1, 1, b"voice", kind=111, mid=b"mic"))
        assert [p.payload for p in await binh.heard(1)] == [b"voice"]  # everything goes on meanwhile
        await until(lambda: {("an", "closed"), ("binh", "closed")} <= set(driver.states))
        driver.plan(PeerPlan(peer="an"))
        driver.node.greeted()
        driver.plan(PeerPlan(peer="an"))
        await joined(driver, "an")
        await asyncio.sleep(0.5)
        assert driver.states[-1] == ("an", "connected")

    run(scene)


# sound


def test_who_is_not_to_be_heard_is_not_heard() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an"), PeerPlan(peer="binh", heard=True), PeerPlan(peer="chi"), always=("an",))
        an, binh, chi = await joined(driver, "an", "binh", "chi")
        for speaker in (an, binh):
            speaker.send(packet(1, 1, speaker.name.encode(), kind=111, mid=b"mic", audio_level=b"\x00"))
        assert {p.payload for p in await chi.heard(1)} == {b"binh"}
        assert await binh.heard() == []
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="binh"), PeerPlan(peer="chi"))
        for speaker in (an, binh):
            speaker.send(packet(1, 2, speaker.name.encode(), kind=111, mid=b"mic", audio_level=b"\x00"))
        assert {p.payload for p in await chi.heard(1)} == {b"an"}

    run(scene)


def test_the_loudest_get_the_places() -> None:
    async def scene(driver: Driver) -> None:
        speakers = ("an", "binh", "chi")
        driver.plan(*(PeerPlan(peer=name, heard=True) for name in speakers), PeerPlan(peer="hall"))
        *peers, _ = await joined(driver, *speakers, "hall", audio=2)

        async def talk(first: int, loud: set[str]) -> None:
            for i in range(60):
                for peer in peers:
                    level = bytes((20,)) if peer.name in loud else bytes((127,))
                    peer.send(packet(1, first + i, b"voice", kind=111, mid=b"mic", audio_level=level))
                await asyncio.sleep(0.02)

        await talk(0, {"binh", "chi"})
        assert set(driver.feeds("hall").values()) == {"binh/mic", "chi/mic"}
        before = driver.feeds("hall")
        await talk(60, {"an", "chi"})
        after = driver.feeds("hall")
        assert set(after.values()) == {"an/mic", "chi/mic"}
        assert [mid for mid in before if before[mid] == "chi/mic"] == [mid for mid in after if after[mid] == "chi/mic"]

    run(scene)


# pictures


def key(ssrc: int, sequence: int, rid: bytes) -> bytes:
    return packet(ssrc, sequence, vp8(sequence, rid, key=True), mid=b"cam", rid=rid)


def test_the_best_layer_that_is_sent_and_a_key_frame_for_it() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an"), PeerPlan(peer="hall", stage=camera("an", Layer.MID)))
        an, hall = await joined(driver, "an", "hall", rids="fhq")
        an.send(packet(1, 1, vp8(1, b"q"), mid=b"cam", rid=b"q"))
        await until(lambda: rtcp.KeyFrame(1) in an.asked())
        an.send(key(1, 2, b"q"), key(3, 1, b"f"))
        await until(lambda: hall.listen() or hall.rtp)
        assert [p.payload[-1:] for p in await hall.heard()] == [b"q"]  # f is more than is wanted
        an.send(packet(2, 1, vp8(1, b"h"), mid=b"cam", rid=b"h"))
        await until(lambda: rtcp.KeyFrame(2) in an.asked())
        an.send(packet(1, 3, vp8(3, b"q"), mid=b"cam", rid=b"q"), key(2, 2, b"h"), packet(1, 4, vp8(4, b"q")))
        assert [p.payload[-1:] for p in await hall.heard(2)] == [b"q", b"h"]
        assert driver.reports["hall"].state == "connected"

        async def low_only() -> None:
            for i in range(50):
                an.send(key(1, 10 + i, b"q"))
                await asyncio.sleep(0.03)

        await low_only()  # h is no longer sent
        assert (await hall.heard())[-1].payload[-1:] == b"q"

    run(scene)


def test_one_request_for_all_who_wait_and_not_too_often() -> None:
    async def scene(driver: Driver) -> None:
        halls = [PeerPlan(peer=f"hall{i}", stage=camera("an")) for i in range(4)]
        driver.plan(PeerPlan(peer="an"), *halls)
        an, *viewers = await joined(driver, "an", *(hall.peer for hall in halls))
        an.send(packet(1, 1, vp8(1, b"x"), mid=b"cam"))
        await until(lambda: rtcp.KeyFrame(1) in an.asked())
        for viewer in viewers:
            viewer.send_rtcp(rtcp.pli(9, viewer.ssrc("v0")))
        asked = 0
        for i in range(11):  # a little over a second
            await asyncio.sleep(0.1)
            an.send(packet(1, 2 + i, vp8(2 + i, b"x"), mid=b"cam"))
            asked += an.asked().count(rtcp.KeyFrame(1))
        assert 1 <= asked <= 1 + 1.1 / Source.KEY_INTERVAL
        an.send(packet(1, 20, vp8(20, b"x", key=True), mid=b"cam"))
        await asyncio.sleep(2 * Source.KEY_INTERVAL)
        an.asked()
        await asyncio.sleep(2 * Source.KEY_INTERVAL)
        assert an.asked().count(rtcp.KeyFrame(1)) == 0  # everybody has one
        viewers[0].send_rtcp(rtcp.pli(9, viewers[0].ssrc("v0")))
        await until(lambda: rtcp.KeyFrame(1) in an.asked())

    run(scene)


def test_losses_are_asked_for_and_repaired_both_ways() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an"), PeerPlan(peer="hall", stage=camera("an")))
        an, hall = await joined(driver, "an", "hall")
        an.send(packet(1, 2, vp8(2, b"a", key=True), mid=b"cam"), packet(1, 5, vp8(5, b"b"), mid=b"cam"), padding(1, 6))
        await until(lambda: rtcp.Lost(1, (3, 4)) in an.asked())
        an.send(packet(2, 1, b"\x00\x03" + vp8(3, b"c"), kind=97, mid=b"cam"))
        seen = await hall.heard(3)
        first = seen[0].sequence
        assert [(p.payload[-1:], (p.sequence - first) & 0xFFFF) for p in seen] == [(b"a", 0), (b"b", 3), (b"c", 1)]
        hall.send_rtcp(rtcp.nack(9, hall.ssrc("v0"), [first, (first + 2) & 0xFFFF]))
        [again] = await hall.heard(1)
        assert (again.payload_type, again.payload[:2], again.payload[-1:]) == (97, first.to_bytes(2, "big"), b"a")

    run(scene)


# reports


def test_reports_to_senders_and_receivers() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="hall", stage=camera("an")))
        an, hall = await joined(driver, "an", "hall")
        reports: list[rtcp.Reports] = []
        sent: list[rtcp.Reports] = []
        feedback = 0
        for i in range(60):
            transport = i.to_bytes(2, "big")
            if i % 4:  # every fourth is lost
                an.send(packet(1, i, vp8(i, b"x", key=True), mid=b"cam", transport_sequence=transport))
            await asyncio.sleep(0.04)
            an.listen()
            feedback += sum(data[1] == rtcp.RTP_FEEDBACK and data[0] & 31 == rtcp.TRANSPORT for data in an.rtcp)
            reports += [message for message in an.asked() if isinstance(message, rtcp.Reports) and not message.ntp]
            for message in hall.asked():
                if isinstance(message, rtcp.Reports) and message.ntp:
                    sent.append(message)
                    report = rtcp.Report(message.ssrc, 0, 10 * len(sent), 100 * len(sent), 0, rtcp.middle(message.ntp), 0)
                    hall.send_rtcp(rtcp.receiver_report(9, [report]))
        assert feedback > 20
        assert {message.ssrc for message in sent} == {hall.ssrc("v0")}
        [last] = reports[-1].reports
        assert last.ssrc == 1
        assert 0.2 < last.fraction / 256 < 0.3
        await until(lambda: driver.reports["hall"].loss_down_pct == 10)
        told = driver.reports["hall"]
        assert 0 < told.rtt_ms < 500

    run(scene)


def test_figures_of_a_peer() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="hall"))
        an, _ = await joined(driver, "an", "hall")
        numbers = itertools.count()

        def told() -> bool:
            if (i := next(numbers)) % 5:
                an.send(packet(1, i, bytes(200), kind=111, mid=b"mic", audio_level=b"\x10"))
            up, down = driver.reports["an"], driver.reports["hall"]
            assert up.loss_up_pct < 25 and not down.speaking
            return up.loss_up_pct > 15 and up.up_kbps > 30 and up.speaking and down.down_kbps > 30

        await until(told)

    run(scene)


# coming and going


def test_a_peer_that_falls_silent_is_lost_and_comes_back() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="hall", stage=camera("an")))
        an, hall = await joined(driver, "an", "hall")

        async def silence() -> None:
            await until(lambda: an.check() or driver.states[-1] == ("hall", "lost"))

        await silence()
        an.send(packet(1, 1, b"voice", kind=111, mid=b"mic"))
        assert await hall.heard() == []
        hall.check()
        await until(lambda: driver.states[-1] == ("hall", "connected"))
        an.send(packet(1, 2, b"voice", kind=111, mid=b"mic"))
        assert [p.payload for p in await hall.heard(1)] == [b"voice"]
        assert driver.feeds("hall") == {"v0": "an/camera", "a0": "an/mic"}

    run(scene, consent=0.5)


def test_who_never_connects_is_closed() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an"))
        driver.node.offer(offer())
        await until(lambda: driver.states == [("an", "connecting"), ("an", "closed")])

    run(scene, patience=0.2)


def test_a_goodbye_frees_the_slots_that_showed_who_left() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="hall", stage=camera("an")))
        an, _ = await joined(driver, "an", "hall")
        assert driver.feeds("hall") == {"v0": "an/camera", "a0": "an/mic"}
        an.leave()
        await until(lambda: ("an", "closed") in driver.states)
        assert driver.feeds("hall") == {}
        await joined(driver, "an")
        assert driver.feeds("hall") == {"v0": "an/camera", "a0": "an/mic"}

    run(scene)


def test_an_ice_restart_moves_to_another_address_without_a_gap() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="hall"))
        an, hall = await joined(driver, "an", "hall")
        an.send(packet(1, 1, b"one", kind=111, mid=b"mic"))
        assert len(await hall.heard(1)) == 1
        hall.ufrag, hall.password = "next", "n" * 24
        before = hall.answer
        hall.offer()
        assert re.findall("a=ice-ufrag:.*", hall.answer)[0] not in before
        an.send(packet(1, 2, b"two", kind=111, mid=b"mic"))
        assert len(await hall.heard(1)) == 1  # the old way still works
        moved = Scripted(driver, "hall")
        hall.socket, moved.socket = moved.socket, hall.socket
        hall.check()
        await asyncio.sleep(0.02)
        an.send(packet(1, 3, b"three", kind=111, mid=b"mic"))
        assert [p.payload for p in await hall.heard(1)] == [b"three"]
        assert driver.states.count(("hall", "connecting")) == 1

    run(scene)


def test_a_fault_of_ours_ends_one_call_and_not_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = Source.reports

    def fail(self: Source, now: float) -> tuple[list[rtcp.Report], int, int]:
        if self.spec.ssrc == 666:
            raise ZeroDivisionError
        return reports(self, now)

    monkeypatch.setattr(Source, "reports", fail)

    async def scene(driver: Driver) -> None:
        driver.plan(*(PeerPlan(peer=name, heard=True) for name in ("an", "binh", "chi")))
        an, binh = await joined(driver, "an", "binh")
        chi = Scripted(driver, "chi")
        chi.offer_text = lambda: Scripted.offer_text(chi).replace("a=mid:cam", "a=mid:cam\r\na=ssrc:666 cname:x")  # type: ignore[method-assign]
        await chi.join()
        await until(lambda: ("chi", "closed") in driver.states)
        an.send(packet(1, 1, b"voice", kind=111, mid=b"mic"))
        assert [p.payload for p in await binh.heard(1)] == [b"voice"]

    run(scene)
