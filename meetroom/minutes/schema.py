"""What crosses a wire for the minutes: the secretary's quick notes."""

from meetroom.wire import Audience, Event, Id, MeetingOrder, Moment, Text, View


class NoteView(View):
    item_id: Id | None
    text: Text
    by: str
    at: Moment


class AddNote(MeetingOrder):
    text: Text
    item_id: Id | None = None


class OneNote(MeetingOrder):
    note_id: Id


class NoteChanged(Event, name="note.changed", audience=Audience.SECRETARIES):
    note: NoteView


class NoteRemoved(Event, name="note.removed", audience=Audience.SECRETARIES):
    id: Id
