"""Commands about recordings. A node writes the file and reports its end; until then a recording is RECORDING, also while
it is already stopped and its file is being completed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.conference.orders import (
    RecordingChanged,
    RecordingRemoved,
    RecordingView,
    RemoveRecording,
    ReportRecording,
    StartRecording,
    StopRecording,
)
from meetroom.conference.schema import Chapter, RecordingState
from meetroom.conference.service import tell_conference
from meetroom.conference.tables import Recording
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.journal import Entry
from meetroom.meetings import service as meetings
from meetroom.store.tables import all_of, find


@command("recording.start", may=May.RUN_MEETING)
def start(call: Call, order: StartRecording) -> RecordingView:
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    if any(row.state == RecordingState.RECORDING for row in all_of(call.session, Recording, order.meeting_id)):
        raise Refusal("already_recording")  # also while the last one is being completed
    return _begin(call, order.meeting_id)


def _begin(call: Call, meeting_id: int) -> RecordingView:
    row = Recording(
        meeting_id=meeting_id,
        state=RecordingState.RECORDING,
        problem="",
        started_at=call.now,
        seconds=0,
        bytes=0,
        chapters=[],
    )
    call.session.add(row)
    return _tell(call, row)


@command("recording.stop", may=May.RUN_MEETING)
def stop(call: Call, order: StopRecording) -> None:
    row = under_way(call.session, order.meeting_id)
    if row is None:
        raise Refusal("not_recording")
    row.ended_at = call.now
    _tell(call, row)


@command("recording.remove", may=May.RUN_MEETING)
def remove(call: Call, order: RemoveRecording) -> None:
    """Its file goes after the commit, see `signaling.recordings`."""
    row = find(call.session, Recording, order.meeting_id, order.recording_id)
    if row.state == RecordingState.RECORDING:
        raise Refusal("wrong_state", {"state": row.state})
    call.session.delete(row)
    call.tell(RecordingRemoved(id=order.recording_id))


@command("recording.report", may=May.REPORT)
def report(call: Call, order: ReportRecording) -> None:
    """By the media node when a recording has ended. One that was taken for lost may still be completed. What nobody
    stopped and no disk ended goes on in another recording: its node was lost or emptied."""
    row = find(call.session, Recording, order.meeting_id, order.recording_id)
    unstopped = row.state == RecordingState.RECORDING and row.ended_at is None
    row.state, row.problem, row.seconds, row.bytes = order.state, order.problem, order.seconds, order.bytes
    row.chapters = [chapter.model_dump() for chapter in order.chapters]
    row.ended_at = row.ended_at or call.now
    _tell(call, row)
    if unstopped and order.problem in ("", "node_lost") and call.now - row.started_at >= WORTH_RESUMING:
        _begin(call, order.meeting_id)


def _stop_with_meeting(call: Call, meeting_id: int) -> None:
    row = under_way(call.session, meeting_id)
    if row is not None:
        row.ended_at = call.now
        _tell(call, row)


meetings.when_closing.append(_stop_with_meeting)


def _tell(call: Call, row: Recording) -> RecordingView:
    call.session.flush()
    shown = view(row)
    call.tell(RecordingChanged(recording=shown), stream=row.meeting_id)
    tell_conference(call, row.meeting_id)
    return shown


def under_way(session: Session, meeting_id: int) -> Recording | None:
    """The recording that goes on; none once it is stopped."""
    rows = all_of(session, Recording, meeting_id)
    return next((row for row in rows if row.state == RecordingState.RECORDING and row.ended_at is None), None)


def unfinished(session: Session) -> list[Recording]:
    """Recordings anywhere in the house whose end no node has reported."""
    return list(session.scalars(select(Recording).where(Recording.state == RecordingState.RECORDING)))


def started_at(session: Session, meeting_id: int, recording_id: int) -> datetime | None:
    row = session.get(Recording, recording_id)
    return row.started_at if row is not None and row.meeting_id == meeting_id else None


def removed(entry: Entry) -> int:
    """Which recording an entry `recording.removed` is about."""
    return RecordingRemoved.model_validate_json(entry.body).id


def file_name(meeting_id: int, recording_id: int) -> str:
    """In the folder of recordings, the same on the node that writes it."""
    return f"{meeting_id}-{recording_id}.webm"


WORTH_RESUMING = timedelta(seconds=10)  # a node that fails at once would fail for ever


class Files:
    """The folder of recordings as the web process sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, meeting_id: int, recording_id: int) -> Path:
        return self.folder / file_name(meeting_id, recording_id)

    def size(self, meeting_id: int, recording_id: int) -> int:
        """Bytes; 0 when there is no file."""
        try:
            return self.path(meeting_id, recording_id).stat().st_size
        except FileNotFoundError:
            return 0

    def changed_at(self, meeting_id: int, recording_id: int) -> datetime | None:
        """When it was written to last."""
        try:
            return datetime.fromtimestamp(self.path(meeting_id, recording_id).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def remove(self, meeting_id: int, recording_id: int) -> None:
        self.path(meeting_id, recording_id).unlink(missing_ok=True)

    def remove_all_removed(self, session: Session) -> None:
        """Files of recordings that were removed while nobody was there to see it. By the journal, not by what is missing:
        after an old backup was restored, files that no row names are all there is."""
        for entry in session.scalars(select(Entry).where(Entry.name == RecordingRemoved.name)):
            self.remove(entry.stream, removed(entry))


def view(row: Recording) -> RecordingView:
    return RecordingView(
        id=row.id,
        state=RecordingState(row.state),
        problem=row.problem,
        started_at=row.started_at,
        ended_at=row.ended_at,
        seconds=row.seconds,
        bytes=row.bytes,
        chapters=tuple(Chapter.model_validate(chapter) for chapter in row.chapters),
    )


def views(session: Session, meeting_id: int) -> list[RecordingView]:
    return [view(row) for row in all_of(session, Recording, meeting_id)]
