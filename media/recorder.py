"""Records a meeting: a thread of its own takes what the tap's slots carry and writes it, so that a slow disk holds up
nothing but the recording, and a full one ends nothing else."""

import asyncio
import contextlib
import errno
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from media.muxer import Muxer
from meetroom.conference.schema import Chapter, RecordingState, RecordReport

log = logging.getLogger(__name__)

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def path_of(folder: Path, meeting: int, recording: int) -> Path:
    return folder / f"{meeting}-{recording}.webm"


class Recorder:
    """One recording under way. Its methods return at once and are called on the event loop, as `ended` and
    `wants_key_frame` are."""

    STEP = 0.2  # seconds between two looks at what has come
    SYNC = 1.0
    """Seconds between two moments at which everything is on the disk. What comes lies for up to `Reorder.HOLD`, and
    then waits for its cluster to end: together about two seconds."""
    WAITING = 30_000
    """Packets that may wait for a disk that does not answer, a minute or two of them; more are lost."""
    RESERVE = 256 << 20
    """Bytes of the disk that are left to others: votes are written to it too."""

    def __init__(
        self,
        folder: Path,
        meeting: int,
        recording: int,
        slots: tuple[int, Sequence[int]],
        ended: Callable[[RecordReport], None],
        wants_key_frame: Callable[[], None],
        reserve: int = RESERVE,
    ) -> None:
        """`slots`: the tap's for the picture, and those for voices. Needs a running event loop."""
        self.meeting, self.recording = meeting, recording
        self._path = path_of(folder, meeting, recording)
        self._slots, self._reserve = slots, reserve
        self._loop = asyncio.get_running_loop()
        self._ended, self._wants_key_frame = ended, wants_key_frame
        self._orders: queue.SimpleQueue[Callable[[Muxer], None] | None] = queue.SimpleQueue()
        self._start = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"recording {recording}", daemon=True)
        self._thread.start()

    def put(self, slot: int, packet: bytes) -> None:
        """What the engine tapped."""
        at = time.monotonic()
        if self._orders.qsize() < self.WAITING:
            self._orders.put(lambda muxer: muxer.put(slot, packet, at))

    def chapter(self, title: str) -> None:
        at = time.monotonic()
        self._orders.put(lambda muxer: muxer.chapter(title, at))

    def hold(self, slot: int | None) -> None:
        """The slot that carries the floor holder."""
        at = time.monotonic()
        self._orders.put(lambda muxer: muxer.hold(slot, at))

    def stop(self) -> None:
        """`ended` follows when the file is whole."""
        self._orders.put(None)

    def join(self) -> None:
        """Waits for the file, at the end of the process."""
        self.stop()
        self._thread.join()

    # on the thread

    def _run(self) -> None:
        muxer: Muxer | None = None
        problem = ""
        try:
            muxer = Muxer(self._path, *self._slots, self._start)
            self._write(muxer)
        except OSError as error:
            log.exception("recording %d ends early", self.recording)
            problem = "disk_full" if error.errno in FULL else "disk_error"
        except Exception:
            log.exception("a fault of ours")
            problem = "internal"
        report = self._conclude(muxer, problem)
        with contextlib.suppress(RuntimeError):  # the process ends, and nobody listens
            self._loop.call_soon_threadsafe(self._ended, report)

    def _write(self, muxer: Muxer) -> None:
        """Until it is told to stop."""
        self._check_room()
        synced_at = time.monotonic()
        while self._obey(muxer):
            now = time.monotonic()
            muxer.step(now)
            if muxer.wants_key_frame(now):
                self._loop.call_soon_threadsafe(self._wants_key_frame)
            if now - synced_at >= self.SYNC:
                synced_at = now
                muxer.writer.sync()
                self._check_room()

    def _check_room(self) -> None:
        free = os.statvfs(self._path.parent)
        if free.f_bavail * free.f_frsize < self._reserve:
            raise OSError(errno.ENOSPC, "too little room is left")

    def _obey(self, muxer: Muxer) -> bool:
        """Does what has been ordered in the last STEP; whether to go on."""
        time.sleep(self.STEP)
        with contextlib.suppress(queue.Empty):
            while True:
                order = self._orders.get_nowait()
                if order is None:
                    return False
                order(muxer)
        return True

    def _conclude(self, muxer: Muxer | None, problem: str) -> RecordReport:
        """What there is becomes a whole file; a disk without room for its index leaves it without one."""
        state, seconds, size = RecordingState.FAILED, 0.0, 0
        chapters: tuple[Chapter, ...] = ()
        if muxer is not None:
            try:
                if problem:
                    muxer.writer.finish(muxer.marks)  # of what was written
                else:
                    muxer.finish(time.monotonic())
            except OSError as error:
                log.warning("recording %d has no index: %s", self.recording, error)
                problem = problem or ("disk_full" if error.errno in FULL else "disk_error")
            muxer.writer.close()
            seconds, size = muxer.writer.duration / 1000, muxer.writer.size
            if muxer.writer.empty:
                self._path.unlink()
                problem, size = problem or "empty", 0
            else:
                state = RecordingState.READY
                chapters = tuple(Chapter(at=mark.at / 1000, title=mark.title) for mark in muxer.marks)
        return RecordReport(
            meeting_id=self.meeting,
            recording_id=self.recording,
            state=state,
            problem=problem,
            seconds=seconds,
            bytes=size,
            chapters=chapters,
        )
