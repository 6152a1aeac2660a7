"""From the packets of a tap's slots to one file. Pure but for the file: time is passed in.

The first track of sound is the recording as browsers play it: whoever speaks is on it, the floor holder before others.
What others say at the same time is on the other tracks, so that all together are everything that was said, each voice
once. As packets lie for a while anyway, it is known who speaks before it is written."""

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

from media import h264, rtp
from media.depacketize import Clock, Frame, Pictures, Reorder
from media.loudness import Loudness
from media.sound import Sound
from media.webm import Mark, Opus, Video, Writer

OPUS, VP8, H264 = 111, 96, 98  # payload types in a tap's slots
AUDIO_LEVEL = 1  # id of that header extension there
CODECS = {VP8: "vp8", H264: "h264"}
UNSAID = 50
"""-dBov of a sender that does not say how loud it is, as some encoders: like someone who speaks softly all the time."""


class Voice:
    """One audio slot."""

    def __init__(self) -> None:
        self.reorder, self.clock = Reorder(), Clock(rtp.CLOCK["opus"])
        self.track: Track | None = None


class Track:
    """One track of sound in the file."""

    def __init__(self, number: int, start: float) -> None:
        self.number, self.sound = number, Sound(start)


class Muxer:
    """One recording. Whatever the disk refuses is an OSError."""

    AHEAD = 0.3
    """Seconds between putting a packet into order and writing it: how far ahead it is known who speaks, and how far apart
    frames of different slots may come out of order."""
    KEY_INTERVAL = 20.0
    """Seconds; each key frame costs everyone who watches the stage about a second's worth of its rate."""
    SLICE = 0.1
    """Seconds written at a time, with one speaker."""

    def __init__(self, path: Path, video: int, audio: Sequence[int], start: float) -> None:
        """The tap's slots by the engine's numbers. Raises FileExistsError, or another OSError."""
        self.writer = Writer(path)
        self.marks: list[Mark] = []
        self._holder: int | None = None
        self._holders: deque[tuple[float, int | None]] = deque()  # from then on
        self._start = self._now = start
        self._video, self._video_packets, self._pictures = video, Reorder(), Pictures()
        self._video_tracks: dict[str, tuple[int, Video]] = {}  # by codec: its number, and with the largest size so far
        self._voices = {slot: Voice() for slot in audio}
        self._tracks: list[Track] = []
        self._loudness, self._ranked = Loudness(), list[str]()
        self._speaker: int | None = None
        self._ripe: list[tuple[float, int, int, Frame]] = []
        self._count = count()
        self._last_picture, self._key_at = -1, start

    def wants_key_frame(self, now: float) -> bool:
        """To go on after a loss, or as a place where playing can begin."""
        return self._pictures.broken or now - self._key_at >= self.KEY_INTERVAL

    def chapter(self, title: str, at: float) -> None:
        if not self.marks or self.marks[-1].title != title:
            self.marks.append(Mark(self._ms(at) if self.marks else 0, title))

    def hold(self, slot: int | None, at: float) -> None:
        """From then on this slot carries the floor holder."""
        self._holders.append((at, slot))

    def put(self, slot: int, packet: bytes, at: float) -> None:
        """A packet as it came. What does not parse is passed over."""
        try:
            parsed = rtp.parse(packet)
        except ValueError:
            return
        if slot == self._video:
            self._video_packets.put(parsed, at)
        elif slot in self._voices:
            self._voices[slot].reorder.put(parsed, at)

    def step(self, now: float) -> None:
        """Writes what is old enough."""
        while self._now < now:
            self._now = min(now, self._now + self.SLICE)
            self._slice(self._now)

    def _slice(self, now: float) -> None:
        self._order(now)
        horizon = now - Reorder.HOLD - self.AHEAD
        while self._holders and self._holders[0][0] <= horizon:
            self._holder = self._holders.popleft()[1]
        self._choose(now - Reorder.HOLD)
        while self._ripe and self._ripe[0][0] <= horizon:
            _, _, slot, frame = heapq.heappop(self._ripe)
            if slot == self._video:
                self._picture(frame)
            else:
                self._sound(slot, frame)
        for track in self._tracks:
            for silence in track.sound.idle(horizon):
                self._write(track.number, silence)

    def finish(self, now: float) -> None:
        """Everything that is here, and the end of the file."""
        self.step(now + Reorder.HOLD + self.AHEAD)
        self.writer.finish(self.marks)

    def _order(self, now: float) -> None:
        for packet, at, follows in self._video_packets.take(now):
            codec = CODECS.get(packet.payload_type)
            picture = self._pictures.take(codec, packet, at, follows) if codec else None
            if picture is not None:
                self._key_at = at if picture.key else self._key_at
                self._push(self._video, picture)
        for slot, voice in self._voices.items():
            for packet, at, _ in voice.reorder.take(now):
                if packet.payload:
                    said = packet.extensions.get(AUDIO_LEVEL)
                    level = said[0] & 127 if said else UNSAID
                    self._loudness.hear(str(slot), level, at)
                    self._push(slot, Frame(voice.clock.place(packet.timestamp, at), packet.payload, True))

    def _push(self, slot: int, frame: Frame) -> None:
        heapq.heappush(self._ripe, (frame.at, next(self._count), slot, frame))

    def _choose(self, at: float) -> None:
        """Who is on the first track from now on; who was takes the other's."""
        self._ranked = self._loudness.rank([str(slot) for slot in self._voices], self._ranked, at)
        loudest = int(self._ranked[0])
        chosen = self._speaker
        if self._holder in self._voices and self._loudness.speaking(str(self._holder), at):
            chosen = self._holder
        elif self._loudness.speaking(self._ranked[0], at):
            chosen = loudest
        if self._speaker is not None and chosen is not None and chosen != self._speaker:
            before, after = self._voices[self._speaker], self._voices[chosen]
            before.track, after.track = after.track, before.track
        self._speaker = chosen

    def _picture(self, frame: Frame) -> None:
        """H.264 has a track of its own beside that of VP8: no picture is lost, though players show only one of them."""
        if frame.size is not None:
            self._describe(frame.codec, frame.size, frame.data)
        if frame.codec in self._video_tracks:
            number, _ = self._video_tracks[frame.codec]
            self._last_picture = max(self._last_picture + 1, self._ms(frame.at))
            self.writer.write(number, self._last_picture, frame.data, frame.key)

    def _describe(self, codec: str, size: tuple[int, int], data: bytes) -> None:
        """A page makes room for the largest picture there is."""
        known = self._video_tracks.get(codec)
        if known is None:
            private = h264.decoder_configuration(data) if codec == "h264" else b""
            video = Video("V_VP8" if codec == "vp8" else "V_MPEG4/ISO/AVC", *size, private)
            self._video_tracks[codec] = self.writer.add_track(video), video
        elif size[0] * size[1] > known[1].width * known[1].height:
            video = replace(known[1], width=size[0], height=size[1])
            self._video_tracks[codec] = known[0], video
            self.writer.replace_track(known[0], video)

    def _sound(self, slot: int, frame: Frame) -> None:
        voice = self._voices[slot]
        if self._speaker is None:
            self._speaker = slot
        if voice.track is None:
            loud = self._tracks and self._loudness.speaking(str(slot), self._now - Reorder.HOLD)
            if slot != self._speaker and not loud:
                return  # there is nothing to hear yet, and the first track is the speaker's
            self._tracks.append(Track(self.writer.add_track(Opus(str(len(self._tracks) + 1))), max(frame.at, self._start)))
            voice.track = self._tracks[-1]
        for part in voice.track.sound.take(frame):
            self._write(voice.track.number, part)

    def _write(self, number: int, frame: Frame) -> None:
        self.writer.write(number, self._ms(frame.at), frame.data, frame.key)

    def _ms(self, at: float) -> int:
        return max(0, round((at - self._start) * 1000))
