"""Which node records what, and what becomes of a recording whose node is gone."""

import secrets
import time
from datetime import datetime
from typing import Any

import gevent

from meetroom.conference import recording
from meetroom.conference.schema import Record, RecordingState, RecordReport
from meetroom.http import House
from meetroom.journal import Entry
from signaling.links import MEDIA
from signaling.nodes import Node, Nodes

AWAY_S = 30.0  # a node that does not come back within that time has lost what it recorded
LEAST_BYTES = 16_384  # a file below that holds no second of picture or sound


class Recordings:
    """All under way in this process's meetings. A file is begun once: where one exists already and nobody writes it, the
    node that did is lost, and so is the rest."""

    def __init__(self, house: House, nodes: Nodes) -> None:
        self.house, self.nodes = house, nodes
        self.files = recording.Files(house.recordings)
        self.at: dict[int, tuple[int, str]] = {}  # by recording: its meeting and its node
        self.away: dict[str, float] = {}  # nodes that went, and when (monotonic)
        self.ended: set[int] = set()  # what is being reported

    def start(self) -> None:
        with self.house.store.read() as session:
            self.files.remove_all_removed(session)

    def planned(self, meeting_id: int, record: Record | None, own: str) -> Record | None:
        """What the meeting's own node is to record."""
        if record is None or record.recording_id in self.ended:
            return None
        known = self.at.get(record.recording_id)
        if known is not None and known[1] == own:
            return record
        if known is not None:
            if known[1] not in self.nodes.by_name:
                self._lost(meeting_id, record.recording_id)
            return None  # the node it was on completes it, and another recording begins
        if own not in self.nodes.recorders():
            self._report(meeting_id, record.recording_id, RecordingState.FAILED, "no_recorder")
        elif self.files.size(meeting_id, record.recording_id):
            self._lost(meeting_id, record.recording_id)
        else:
            self.at[record.recording_id] = meeting_id, own
            return record
        return None

    def hello(self, node: Node) -> None:
        """A node on a new line: it goes on recording, or it is another process and does not."""
        name = node.hello.node
        self.away.pop(name, None)
        with self.house.store.read() as session:
            unfinished = {row.id: row.meeting_id for row in recording.unfinished(session)}
        for recording_id in node.hello.recordings:
            if recording_id in unfinished:
                self.at[recording_id] = unfinished[recording_id], name
        for recording_id, (meeting_id, at) in list(self.at.items()):
            if at == name and recording_id not in node.hello.recordings:
                self._lost(meeting_id, recording_id)

    def gone(self, node: Node) -> None:
        self.away[node.hello.node] = time.monotonic()

    def recorded(self, sid: str, data: Any) -> None:
        """A node says that a recording has ended."""
        report, node = RecordReport.model_validate(data), self.nodes.by_sid(sid)
        if node is not None and node.hello.records:
            self._tell(report)

    def give_up(self) -> None:
        """Some time after our start: what no node goes on with is lost."""
        with self.house.store.read() as session:
            unfinished = recording.unfinished(session)
        for row in unfinished:
            if row.id not in self.at and (row.ended_at is not None or self.files.size(row.meeting_id, row.id)):
                self._lost(row.meeting_id, row.id)

    def follow(self, stream: int, entries: list[Entry]) -> None:
        """The file of a removed recording goes with it. One that was stopped before any node began it is empty."""
        for entry in entries:
            if entry.name == "recording.removed":
                self.files.remove(stream, recording.removed(entry))
        if any(entry.command == "recording.stop" or entry.command == "meeting.close" for entry in entries):
            with self.house.store.read() as session:
                stopped = [row.id for row in recording.unfinished(session) if row.meeting_id == stream and row.ended_at]
            for recording_id in stopped:
                if recording_id not in self.at and recording_id not in self.ended:
                    self._report(stream, recording_id, RecordingState.FAILED, "empty")

    def sweep(self) -> None:
        overdue = {name for name, since in self.away.items() if time.monotonic() - since > AWAY_S}
        for recording_id, (meeting_id, at) in list(self.at.items()):
            if at in overdue:
                self._lost(meeting_id, recording_id)
        for name in overdue:
            del self.away[name]

    def _lost(self, meeting_id: int, recording_id: int) -> None:
        size = self.files.size(meeting_id, recording_id)
        usable = size >= LEAST_BYTES
        self._report(meeting_id, recording_id, RecordingState.READY if usable else RecordingState.FAILED, "node_lost", size)

    def _report(self, meeting_id: int, recording_id: int, state: RecordingState, problem: str, size: int = 0) -> None:
        began = self._began(meeting_id, recording_id)
        ended = self.files.changed_at(meeting_id, recording_id)
        seconds = max(0.0, (ended - began).total_seconds()) if began and ended else 0.0
        self._tell(
            RecordReport(
                meeting_id=meeting_id, recording_id=recording_id, state=state, problem=problem, seconds=seconds, bytes=size
            )
        )

    def _began(self, meeting_id: int, recording_id: int) -> datetime | None:
        with self.house.store.read() as session:
            return recording.started_at(session, meeting_id, recording_id)

    def _tell(self, report: RecordReport) -> None:
        self.at.pop(report.recording_id, None)
        self.ended.add(report.recording_id)
        order = report.model_dump(mode="json")
        gevent.spawn(self.house.door.answer, "recording.report", order, actor=MEDIA, op_id=secrets.token_hex(8))
