"""Encoders and players that are no browsers of ours (WHIP, RFC 9725; WHEP): their offers name no sources and know no
header extensions."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from media import rtcp
from media.peer import Refused
from meetroom.conference.schema import MediaAnswer, MediaOffer, PeerPlan
from tests.media.driver import MEETING, Driver, camera, driven, until
from tests.media.engine.endpoint import packet, vp8
from tests.media.scripted import Scripted

VP8, H264 = "a=rtpmap:96 VP8/90000\r\n", "a=rtpmap:98 H264/90000\r\na=fmtp:98 profile-level-id={};packetization-mode=1\r\n"
BASELINE, CONSTRAINED, HIGH = H264.format("42001f"), H264.format("42c015"), H264.format("640c1f")
SPS = b"\x67\x42\xc0\x15"


class Foreign(Scripted):
    """One section of sound and one of pictures, both in one direction."""

    def __init__(self, driver: Driver, name: str, direction: str, video: str, *, named: bool = False) -> None:
        super().__init__(driver, name)
        self.direction, self.video, self.named = direction, video, named

    def offer_text(self) -> str:
        text = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
        sections = [("0", "audio", "111", "a=rtpmap:111 OPUS/48000/2\r\n"), ("1", "video", "96 98", self.video)]
        for mid, kind, formats, codecs in sections:
            text += f"m={kind} {9 if mid == '0' else 0} UDP/TLS/RTP/SAVPF {formats}\r\na=mid:{mid}\r\na={self.direction}\r\n"
            text += f"a=ice-ufrag:{self.ufrag}{mid}\r\na=ice-pwd:{self.password}\r\na=setup:actpass\r\na=rtcp-mux\r\n"
            text += f"a=fingerprint:sha-256 {self.identity.fingerprint}\r\n" + codecs
            text += "a=bundle-only\r\n" if mid == "1" else ""
            text += f"a=ssrc:{mid}1 cname:encoder\r\n" if self.named else ""
        return text

    def offer(self) -> MediaAnswer:
        answer = self.driver.node.offer(MediaOffer(meeting_id=MEETING, peer=self.name, sdp=self.offer_text()))
        self.answer = answer.sdp
        return answer


def run(scene: Callable[[Driver], Awaitable[None]]) -> None:
    async def play() -> None:
        async with driven() as driver:
            await scene(driver)

    asyncio.run(play())


async def joined(driver: Driver, *peers: Foreign) -> None:
    for peer in peers:
        await peer.join()
    await until(lambda: all(driver.reports[peer.name].state == "connected" for peer in peers))


@pytest.mark.parametrize("direction", ["sendonly", "sendrecv"])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("codec", [VP8, BASELINE, CONSTRAINED])
def test_an_encoder_is_seen_and_heard_by_a_player(direction: str, named: bool, codec: str) -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="encoder", heard=True), PeerPlan(peer="player", stage=camera("encoder")))
        encoder, player = Foreign(driver, "encoder", direction, codec, named=named), Foreign(driver, "player", "recvonly", VP8)
        player.video += CONSTRAINED
        await joined(driver, encoder, player)
        assert encoder.answer.count("a=recvonly") == 2
        assert player.answer.count("a=sendonly") == 2
        await until(lambda: driver.feeds("player") == {"0": "encoder/mic", "1": "encoder/camera"})

        encoder.send(packet(1, 1, b"voice", kind=111))
        kind, delta = (96, vp8(1, b"old")) if codec == VP8 else (98, b"\x41old")
        encoder.send(packet(11, 1, delta, kind=kind))
        await until(lambda: rtcp.KeyFrame(11) in encoder.asked())  # the player has just come
        key = vp8(2, b"picture", key=True) if codec == VP8 else SPS + b"picture"
        encoder.send(packet(11, 2, key, kind=kind))
        assert sorted((p.payload_type, p.payload[-7:]) for p in await player.heard(2)) == [(kind, b"picture"), (111, b"voice")]

    run(scene)


@pytest.mark.parametrize("codec", [HIGH, "a=rtpmap:98 H265/90000\r\n", H264.format("42e01f").replace("mode=1", "mode=0")])
def test_a_codec_we_cannot_pass_on_is_refused_in_words(codec: str) -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="encoder"))
        with pytest.raises(Refused) as refused:
            Foreign(driver, "encoder", "sendonly", codec).offer()
        assert (refused.value.code, "VP8 or H.264" in refused.value.detail) == ("bad_sdp", True)
        assert not driver.reports

    run(scene)


def test_a_player_shows_the_stage_with_its_voice() -> None:
    async def scene(driver: Driver) -> None:
        speakers = [PeerPlan(peer=name, heard=True) for name in ("an", "binh")]
        player = Foreign(driver, "player", "recvonly", VP8)
        for holder in ("binh", "an", "binh"):
            driver.plan(*speakers, PeerPlan(peer="player", stage=camera(holder)), always=(holder,))
            if player.answer == "":
                await joined(driver, player, *(Foreign(driver, name, "sendonly", VP8) for name in ("an", "binh")))
            await until(lambda holder=holder: driver.feeds("player") == {"0": f"{holder}/mic", "1": f"{holder}/camera"})

    run(scene)


def test_nobody_asks_for_pictures_they_cannot_decode() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="encoder"), PeerPlan(peer="player", stage=camera("encoder")))
        encoder, player = Foreign(driver, "encoder", "sendonly", BASELINE), Foreign(driver, "player", "recvonly", VP8)
        await joined(driver, encoder, player)
        await until(lambda: driver.feeds("player") == {"1": "encoder/camera"})
        encoder.send(packet(11, 1, b"\x41old", kind=98))
        await until(lambda: driver.node._board.sources and any(s.watched for s in driver.node._board.sources.values()))
        await asyncio.sleep(0.7)  # longer than between two requests
        assert rtcp.KeyFrame(11) not in encoder.asked()

    run(scene)
