"""Writes WebM (Matroska, RFC 9559) while a meeting goes on, so that a file cut off at any byte can be played.

The first page of the file holds everything that is not media: the EBML header, and of the segment its seek head, its
duration and its tracks. It is written again as a whole whenever something in it changes. What follows are clusters of
known size, and at the end cues and chapters."""

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

PAGE = 4096
"""Bytes of the first page: one write that no power cut divides."""
UNKNOWN = (1 << 56) - 1
"""The size of a segment that is still being written."""
SCALE = 1_000_000  # nanoseconds in a unit of time; times here are milliseconds
SEEK_PRE_ROLL = 80_000_000  # nanoseconds an Opus decoder needs to find its way in (RFC 7845)


def _size(value: int, width: int = 0) -> bytes:
    width = width or next(n for n in range(1, 9) if value < (1 << 7 * n) - 1)
    return (1 << 7 * width | value).to_bytes(width, "big")


def element(id: int, *body: bytes) -> bytes:
    data = b"".join(body)
    return id.to_bytes((id.bit_length() + 7) // 8, "big") + _size(len(data)) + data


def number(id: int, value: int) -> bytes:
    return element(id, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def real(id: int, value: float) -> bytes:
    return element(id, struct.pack("!d", value))


def text(id: int, value: str) -> bytes:
    return element(id, value.encode())


def _void(size: int) -> bytes:
    """An element of nothing, header included; 9 bytes or more."""
    return b"\xec" + _size(size - 9, 8) + bytes(size - 9)


@dataclass(frozen=True)
class Video:
    """`codec` is V_VP8, or V_MPEG4/ISO/AVC with its decoder configuration record as `private`. Size in pixels."""

    codec: str
    width: int
    height: int
    private: bytes = b""

    def entry(self) -> bytes:
        size = element(0xE0, number(0xB0, self.width), number(0xBA, self.height))
        return number(0x83, 1) + text(0x86, self.codec) + (element(0x63A2, self.private) if self.private else b"") + size


@dataclass(frozen=True)
class Opus:
    """Sound, stereo or mono."""

    name: str

    def entry(self) -> bytes:
        private = b"OpusHead" + struct.pack("<BBHIhB", 1, 2, 0, 48000, 0, 0)
        timing = number(0x56AA, 0) + number(0x56BB, SEEK_PRE_ROLL)
        audio = element(0xE1, real(0xB5, 48000.0), number(0x9F, 2))
        return number(0x83, 2) + text(0x536E, self.name) + text(0x86, "A_OPUS") + element(0x63A2, private) + timing + audio


class Cue(NamedTuple):
    """Where playing can begin: a key frame and the cluster it is in, by its place in the file."""

    at: int
    track: int
    cluster: int


class Mark(NamedTuple):
    """A chapter's beginning in milliseconds."""

    at: int
    title: str


class Writer:
    """One file. Whatever fails is an OSError, after which only `finish` and `close` make sense."""

    CLUSTER = 1000
    """A cluster ends when it is this long, in milliseconds, or before the next key frame. What is not yet in a finished
    cluster is in memory only."""
    SOUND_CUE = 5000  # milliseconds between cues where there is no picture

    def __init__(self, path: Path) -> None:
        """Raises FileExistsError rather than write over anything."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        self._tracks: list[Video | Opus] = []
        self._end = PAGE  # of what is finished in the file
        self._cues: list[Cue] = []
        self._seek: dict[int, int] = {}  # element -> its place in the file
        self._cluster: list[bytes] = []
        self._cluster_at = 0
        self.duration = 0
        """Milliseconds, to the beginning of the last block."""
        self._write_page()

    @property
    def empty(self) -> bool:
        """There is nothing to play."""
        return not self._cues

    @property
    def size(self) -> int:
        """Bytes on their way to the disk."""
        return self._end

    def add_track(self, track: Video | Opus) -> int:
        """The number its blocks carry. Players show the first picture and play the first sound; it may come at any time."""
        self._tracks.append(track)
        self._write_page()
        return len(self._tracks)

    def replace_track(self, number: int, track: Video | Opus) -> None:
        self._tracks[number - 1] = track
        self._write_page()

    def write(self, track: int, at: int, data: bytes, key: bool) -> None:
        """A frame at that millisecond; of all tracks together in order."""
        video = isinstance(self._tracks[track - 1], Video)
        if self._cluster and (at - self._cluster_at >= self.CLUSTER or (video and key)):
            self.flush()
        if not self._cluster:
            self._cluster_at = at
        at = max(at, self._cluster_at - 0x7FFF)  # what fills a hole may come late
        if key and self._wants_cue(video, at):
            self._cues.append(Cue(at, track, self._end))
        self._cluster.append(
            element(0xA3, bytes((0x80 | track,)), struct.pack("!hB", at - self._cluster_at, 0x80 if key else 0), data)
        )
        self.duration = max(self.duration, at)

    def _wants_cue(self, video: bool, at: int) -> bool:
        if video:
            return True
        pictures = any(isinstance(track, Video) for track in self._tracks)
        return not pictures and (not self._cues or at - self._cues[-1].at >= self.SOUND_CUE)

    def flush(self) -> None:
        """Ends the cluster."""
        blocks, self._cluster = self._cluster, []
        if blocks:
            self._append(element(0x1F43B675, number(0xE7, self._cluster_at), *blocks))

    def sync(self) -> None:
        """Everything written is on the disk when this returns."""
        self.flush()
        self._write_page()
        os.fdatasync(self._file)

    def finish(self, chapters: Sequence[Mark]) -> None:
        """Cues, chapters, and the sizes that were not known."""
        self.flush()
        self._cues = [cue for cue in self._cues if cue.cluster < self._end]
        if self._cues:
            self._seek[0x1C53BB6B] = self._append(element(0x1C53BB6B, *(_cue(cue, self._segment) for cue in self._cues)))
        if chapters:
            self._seek[0x1043A770] = self._append(_chapters(chapters, self.duration))
        self._write_page(finished=True)
        os.fdatasync(self._file)

    def close(self) -> None:
        os.close(self._file)

    def _append(self, data: bytes) -> int:
        """Where it stands in the file. What could not be written whole is taken back, which leaves the room it took
        for the cues."""
        at = self._end
        try:
            _put(self._file, data, at)
        except OSError:
            os.ftruncate(self._file, at)
            raise
        self._end += len(data)
        return at

    def _write_page(self, finished: bool = False) -> None:
        """The head of the file as things are now."""
        webm = all(isinstance(track, Opus) or track.codec == "V_VP8" for track in self._tracks)
        ebml = element(
            0x1A45DFA3,
            *(number(id, value) for id, value in ((0x4286, 1), (0x42F7, 1), (0x42F2, 4), (0x42F3, 8))),
            text(0x4282, "webm" if webm else "matroska"),
            number(0x4287, 4),
            number(0x4285, 2),
        )
        self._segment = len(ebml) + 12  # where the segment's own counting begins
        segment = bytes.fromhex("18538067") + _size(self._end - self._segment if finished else UNKNOWN, 8)
        info = element(
            0x1549A966, number(0x2AD7B1, SCALE), real(0x4489, self.duration), text(0x4D80, "meetroom"), text(0x5741, "meetroom")
        )
        tracks = element(0x1654AE6B, *(_entry(i + 1, track) for i, track in enumerate(self._tracks)))
        seek = self._seek_head(len(info))
        page = ebml + segment + seek + info + tracks
        _put(self._file, page + _void(PAGE - len(page)), 0)

    def _seek_head(self, info: int) -> bytes:
        """It names what stands behind it, so that its own length counts: positions are of fixed width."""

        def head(start: int) -> bytes:
            places = {0x1549A966: start, 0x1654AE6B: start + info, **{id: at - self._segment for id, at in self._seek.items()}}
            return element(0x114D9B74, *(_seek(id, place) for id, place in places.items()))

        return head(len(head(0)))


def _seek(id: int, place: int) -> bytes:
    return element(0x4DBB, element(0x53AB, id.to_bytes(4, "big")), element(0x53AC, place.to_bytes(8, "big")))


def _entry(number_: int, track: Video | Opus) -> bytes:
    return element(0xAE, number(0xD7, number_), number(0x73C5, number_), number(0x9C, 0), track.entry())


def _cue(cue: Cue, segment: int) -> bytes:
    return element(0xBB, number(0xB3, cue.at), element(0xB7, number(0xF7, cue.track), number(0xF1, cue.cluster - segment)))


def _chapters(marks: Sequence[Mark], end: int) -> bytes:
    ends = [mark.at for mark in marks[1:]] + [end]
    atoms = [
        element(
            0xB6,
            number(0x73C4, i + 1),
            number(0x91, mark.at * SCALE),
            number(0x92, max(mark.at, until) * SCALE),
            element(0x80, text(0x85, mark.title), text(0x437C, "und")),
        )
        for i, (mark, until) in enumerate(zip(marks, ends, strict=True))
    ]
    return element(0x1043A770, element(0x45B9, *atoms))


def _put(file: int, data: bytes, at: int) -> None:
    """All of it, or an OSError."""
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, at)
        view, at = view[written:], at + written
