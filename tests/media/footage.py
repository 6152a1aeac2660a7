"""Coded pictures and sound as RTP packets, made by real encoders, and what a player finds in a file."""

import fractions
import io
import math
import random
from array import array
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder

from media import rtp
from media.muxer import AUDIO_LEVEL, H264, OPUS, VP8


def picture(luma: int, width: int = 320, height: int = 180) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, value in zip(frame.planes, (luma, 128, 128), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


class Camera:
    """A slot's stream: greys in any size and codec, timestamps of the wall clock."""

    def __init__(self, codec: str = "vp8") -> None:
        self.encoder = Vp8Encoder() if codec == "vp8" else H264Encoder()
        self.kind = VP8 if codec == "vp8" else H264
        self.sequence = 65530

    def shoot(self, at: float, luma: int, width: int = 320, height: int = 180, *, key: bool = False) -> list[bytes]:
        return self._code(picture(luma, width, height), at, key)

    def noise(self, at: float, *, key: bool = False) -> list[bytes]:
        """A picture of several packets."""
        frame = av.VideoFrame(320, 180, "yuv420p")
        for plane in frame.planes:
            plane.update(random.Random(at).randbytes(plane.buffer_size))
        return self._code(frame, at, key)

    def _code(self, frame: av.VideoFrame, at: float, key: bool) -> list[bytes]:
        frame.pts, frame.time_base = int(at * 90000), fractions.Fraction(1, 90000)
        payloads, _ = self.encoder.encode(frame, force_keyframe=key)
        packets = []
        for payload in payloads:
            last = payload is payloads[-1]
            packets.append(rtp.pack(last, self.kind, self.sequence, int(at * 90000), 1, b"", payload))
            self.sequence += 1
        return packets


class Microphone:
    """A tone, or silence, in packets of 20 ms."""

    def __init__(self, hertz: int, *, ssrc: int = 2) -> None:
        self.encoder, self.hertz, self.ssrc, self.sequence = OpusEncoder(), hertz, ssrc, 65500

    def say(self, at: float, loud: bool = True) -> bytes:
        start = round(at * 48000)
        samples = (int(12000 * loud * math.sin(2 * math.pi * self.hertz * (start + i) / 48000)) for i in range(960))
        frame = av.AudioFrame("s16", "mono", 960)
        frame.planes[0].update(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, fractions.Fraction(1, 48000)
        payloads, _ = self.encoder.encode(frame)
        self.sequence += 1
        level = rtp.pack_extensions([(AUDIO_LEVEL, bytes([20 if loud else 127]))])
        return rtp.pack(False, OPUS, self.sequence, start, self.ssrc, level, payloads[0])


class Seen(NamedTuple):
    at: float
    luma: int
    width: int


class Heard(NamedTuple):
    """20 ms of sound; `hertz` is 0 where it is silent."""

    at: float
    hertz: int


class Film:
    """A file as FFmpeg plays it, as far as it goes. `sounds` in the order of the file's tracks, none if it plays `silent`."""

    def __init__(self, source: Path | bytes, *, silent: bool = False) -> None:
        self.pictures: list[Seen] = []
        self.sounds: list[list[Heard]] = []
        with suppress(av.EOFError), av.open(io.BytesIO(source) if isinstance(source, bytes) else str(source)) as container:
            self.duration = container.duration / 1e6 if container.duration else None
            self.chapters = [(float(c["start"] * c["time_base"]), c["metadata"]["title"]) for c in container.chapters()]
            self.codecs = [stream.codec_context.name for stream in container.streams]
            tracks = {stream.index: list[Heard]() for stream in container.streams.audio}
            with suppress(av.FFmpegError):  # the end of a file that was cut off
                for packet in container.demux(*(container.streams.video if silent else container.streams)):
                    for frame in packet.decode():
                        if isinstance(frame, av.VideoFrame):
                            luma = bytes(frame.planes[0])[frame.planes[0].line_size * (frame.height // 2) + frame.width // 2]
                            self.pictures.append(Seen(frame.time, luma, frame.width))
                        elif isinstance(frame, av.AudioFrame):
                            tracks[packet.stream_index] += _listen(frame)
            self.sounds = list(tracks.values())


def _listen(frame: av.AudioFrame) -> Iterator[Heard]:
    samples = array("f", bytes(frame.planes[0])[: 4 * frame.samples])
    for start in range(0, len(samples), 960):
        part = samples[start : start + 960]
        loud = max(map(abs, part)) > 0.05
        crossings = sum(a < 0 <= b for a, b in pairwise(part))
        yield Heard(frame.time + start / 48000, crossings * 48000 // len(part) if loud else 0)
