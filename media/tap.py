"""Recorders as the node sees them: peers of the plan without a wire, of whose slots everything goes into a file."""

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from media import muxer
from media.engine import Codec, Engine, Extensions, SlotSpec
from media.plan import Bound, Feed, Seat
from media.recorder import Recorder
from media.streams import Board, Slot, Source
from meetroom.conference.schema import Kind, Plan, RecordReport

log = logging.getLogger(__name__)

VIDEO = (Codec("vp8", muxer.VP8), Codec("h264", muxer.H264))
AUDIO = (Codec("opus", muxer.OPUS),)


class Tap:
    """One recorder's slots: one for the stage and some for voices."""

    def __init__(self, engine: Engine, board: Board, voices: int) -> None:
        self._engine, self.id = engine, engine.add_tap()
        engine.set_extensions(self.id, Extensions(), Extensions(audio_level=muxer.AUDIO_LEVEL))
        specs = [SlotSpec("stage", VIDEO, 1), *(SlotSpec(f"voice{i}", AUDIO, 2 + i) for i in range(voices))]
        self._slots = {spec.mid: Slot(engine, board, self.id, spec, video=spec.codecs is VIDEO, cname="") for spec in specs}
        self._bound: dict[str, Bound] = {}

    @property
    def picture(self) -> Slot:
        return self._slots["stage"]

    @property
    def sounds(self) -> list[Slot]:
        return [slot for slot in self._slots.values() if not slot.video]

    @property
    def seat(self) -> Seat:
        video = tuple(mid for mid, slot in self._slots.items() if slot.video)
        audio = tuple(mid for mid, slot in self._slots.items() if not slot.video)
        return Seat(video, audio, bound=self._bound)

    def let_go(self, feeds: Mapping[Feed, Source]) -> None:
        """As `Peer.let_go`."""
        for mid, bound in list(self._bound.items()):
            if self._slots[mid].source is not feeds.get(bound.feed):
                self.show(mid, None, None)

    def show(self, mid: str, bound: Bound | None, source: Source | None) -> None:
        """As `Peer.show`."""
        if bound is None or source is None:
            self._bound.pop(mid, None)
            self._slots[mid].show(None)
        else:
            self._bound[mid] = bound
            self._slots[mid].show(source, bound.layer)

    def voice_of(self, peer: str) -> int | None:
        """The slot that carries this peer's voice."""
        feed = Feed(peer, Kind.MIC)
        return next((self._slots[mid].id for mid, bound in self._bound.items() if bound.feed == feed), None)

    def close(self) -> None:
        for slot in self._slots.values():
            slot.close()
        self._engine.remove_peer(self.id)


class Recording:
    """A tap with its recorder."""

    def __init__(self, tap: Tap, recorder: Recorder) -> None:
        self.tap, self.recorder = tap, recorder


class Recordings:
    """Those of one node. `tell` is called when one has ended."""

    def __init__(self, engine: Engine, board: Board, folder: Path | None, tell: Callable[[RecordReport], None]) -> None:
        """Without a folder nothing is recorded here. Raises OSError if the folder cannot be made."""
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._engine, self._board, self._folder, self._tell = engine, board, folder, tell
        self._by_meeting: dict[int, Recording] = {}
        self._by_slot: dict[int, Recorder] = {}
        self._completing: dict[int, Recorder] = {}
        self._ended: dict[int, RecordReport] = {}

    @property
    def under_way(self) -> tuple[int, ...]:
        """Also those whose files are being completed."""
        return tuple(self._completing) + tuple(one.recorder.recording for one in self._by_meeting.values())

    def tell_again(self) -> None:
        """Everything that has ended, for a server that may have missed it."""
        for report in self._ended.values():
            self._tell(report)

    def follow(self, plan: Plan) -> Tap | None:
        """Begins, goes on or ends as the plan says. The tap that the plan's steps are about."""
        meeting, record = plan.meeting_id, plan.record if self._folder is not None else None
        current = self._by_meeting.get(meeting)
        if current is not None and (record is None or record.recording_id != current.recorder.recording):
            self.stop(meeting)
            current = None
        if record is None or self._folder is None or record.recording_id in {*self._ended, *self._completing}:
            return None
        if current is None:
            tap = Tap(self._engine, self._board, plan.voices)
            slots = tap.picture.id, [slot.id for slot in tap.sounds]
            recorder = Recorder(
                self._folder, meeting, record.recording_id, slots, self._has_ended, lambda: tap.picture.ask_key(time.monotonic())
            )
            current = self._by_meeting[meeting] = Recording(tap, recorder)
            self._by_slot |= dict.fromkeys((slots[0], *slots[1]), recorder)
            log.info("recording %d of meeting %d begins", record.recording_id, meeting)
        current.recorder.chapter(record.chapter)
        return current.tap

    def bound(self, plan: Plan) -> None:
        """After the plan's steps: whose voice is the floor holder's."""
        current = self._by_meeting.get(plan.meeting_id)
        if current is not None:
            current.recorder.hold(current.tap.voice_of(plan.always[0]) if plan.always else None)

    def tapped(self, slot: int, packet: bytes) -> None:
        if slot in self._by_slot:
            self._by_slot[slot].put(slot, packet)

    def stop(self, meeting: int) -> None:
        """The file is completed on its own thread."""
        current = self._by_meeting.pop(meeting, None)
        if current is not None:
            self._completing[current.recorder.recording] = current.recorder
            self._close(current)
            current.recorder.stop()

    def complete(self) -> None:
        """At the end of the process: waits for the files."""
        for meeting in list(self._by_meeting):
            self.stop(meeting)
        for recorder in self._completing.values():
            recorder.join()

    def _close(self, recording: Recording) -> None:
        self._by_slot = {slot: recorder for slot, recorder in self._by_slot.items() if recorder is not recording.recorder}
        recording.tap.close()

    def _has_ended(self, report: RecordReport) -> None:
        log.info("recording %d has ended: %s", report.recording_id, report)
        current = self._by_meeting.get(report.meeting_id)
        if current is not None and current.recorder.recording == report.recording_id:
            del self._by_meeting[report.meeting_id]
            self._close(current)
        self._completing.pop(report.recording_id, None)
        self._ended[report.recording_id] = report
        self._tell(report)
