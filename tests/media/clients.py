"""A participant made of aiortc, which codes and decodes real VP8 and Opus."""

import asyncio
import fractions
import math
from contextlib import suppress

import av
from aiortc import MediaStreamTrack, RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from meetroom.conference.schema import Kind, MediaOffer
from tests.media.driver import MEETING, Driver


class Paced(MediaStreamTrack):
    """One frame every so many seconds, by the clock and not after the last one."""

    def __init__(self, interval: float) -> None:
        super().__init__()
        self._interval, self._count, self._begun = interval, -1, 0.0

    async def tick(self) -> int:
        """The number of the frame that is due now."""
        now = asyncio.get_running_loop().time()
        self._count += 1
        self._begun = self._begun or now
        await asyncio.sleep(max(0.0, self._begun + self._count * self._interval - now))
        return self._count


class Colour(Paced):
    """A picture of one grey (0-255 in its luma), 15 times a second."""

    kind = "video"

    def __init__(self, luma: int) -> None:
        super().__init__(1 / 15)
        self._luma = luma

    async def recv(self) -> av.VideoFrame:
        count = await self.tick()
        frame = av.VideoFrame(320, 180, "yuv420p")
        for plane, value in zip(frame.planes, (self._luma, 128, 128), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = count * 6000, fractions.Fraction(1, 90000)
        return frame


class Tone(Paced):
    kind = "audio"

    def __init__(self, hertz: int) -> None:
        super().__init__(0.02)
        self._hertz = hertz

    async def recv(self) -> av.AudioFrame:
        start = await self.tick() * 960
        samples = (int(20000 * math.sin(2 * math.pi * self._hertz * (start + i) / 48000)) for i in range(960))
        frame = av.AudioFrame("s16", "mono", 960)
        frame.planes[0].update(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, fractions.Fraction(1, 48000)
        return frame


class Client:
    """Sends a grey picture and a tone if given, and watches its slots. `luma` and `sounds` are by mid: the grey last
    seen, and how many loud frames were heard."""

    def __init__(self, driver: Driver, name: str, luma: int | None = None, video: int = 2, audio: int = 2) -> None:
        self.driver, self.name = driver, name
        self.pc = RTCPeerConnection(RTCConfiguration(bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.luma: dict[str, int] = {}
        self.frames: dict[str, int] = {}
        self.sounds: dict[str, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        if luma is not None:
            self.pc.addTransceiver(Tone(300 + luma), "sendonly")
            self.pc.addTransceiver(Colour(luma), "sendonly")
        for kind, count in (("video", video), ("audio", audio)):
            for _ in range(count):
                self.pc.addTransceiver(kind, "recvonly")

    async def join(self) -> None:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        kinds = {"audio": Kind.MIC, "video": Kind.CAMERA}
        sources = {t.mid: kinds[t.kind] for t in self.pc.getTransceivers() if t.direction == "sendonly"}
        sdp = self.pc.localDescription.sdp
        answer = self.driver.node.offer(MediaOffer(meeting_id=MEETING, peer=self.name, sdp=sdp, sources=sources))
        await self.pc.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        for transceiver in self.pc.getTransceivers():
            if transceiver.direction == "recvonly":
                self._tasks.append(asyncio.create_task(self._watch(transceiver.mid, transceiver.receiver.track)))

    async def _watch(self, mid: str, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    middle = frame.planes[0].line_size * (frame.height // 2) + frame.width // 2
                    self.luma[mid] = bytes(frame.planes[0])[middle]
                    self.frames[mid] = self.frames.get(mid, 0) + 1
                elif max(bytes(frame.planes[0])[1::2]) > 8:
                    self.sounds[mid] = self.sounds.get(mid, 0) + 1

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.pc.close()
